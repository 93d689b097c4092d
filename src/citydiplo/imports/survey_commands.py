"""The command ``citydiplo survey import``."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from citydiplo import collectivities, data, folders
from citydiplo.errors import UserError
from citydiplo.imports import answers, answers_report, wave_folder
from citydiplo.imports.wave_folder import Settings
from citydiplo.language import Language
from citydiplo.schemas import SLUG
from citydiplo.survey import questionnaire as survey_questionnaire
from citydiplo.survey import responses
from citydiplo.survey.decisions import Wave, decide
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.respondents import Reference

console = Console()


def register(survey_app: typer.Typer) -> None:
    """Add the command to ``citydiplo survey``."""
    survey_app.command("import")(import_answers)


def import_answers(
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx file of answers.", show_default=False)],
    wave: Annotated[str, typer.Option(help="Year of the survey, which names the folder in waves/.")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="CSV file: column, question_id, answer_in_file, code.")
    ] = None,
    members: Annotated[
        Path | None, typer.Option("--frame", help="List of those who were asked; default: the study’s collectivities.")
    ] = None,
    test_code: Annotated[list[str], typer.Option(help="Word that marks a test answer; may be repeated.")] = [],  # noqa: B006
    lang: Annotated[str, typer.Option(help="Language of the report: fr or en.")] = "fr",
) -> None:
    """Read a file of answers from KoboToolbox, LimeSurvey or any spreadsheet, and add it to a wave."""
    if not re.match(SLUG, wave):
        raise UserError(f"« {wave} » cannot name a wave: small letters, digits and hyphens, as 2026")
    for path in (file, mapping, members):
        if path is not None and not path.is_file():
            raise UserError(f"{path}: no such file")
    tables = data.load_tables()
    language = Language.of(lang, tables)
    asked = survey_questionnaire.load(tables)
    reference = Reference(collectivities.directory(tables), tables["former_communes"])
    # A file that cannot be read is told by the name that the user gave it.
    answers.read(file, file.name, asked, mapping)
    made: list[Wave] = []

    def make(settings: Settings, where: Callable[[str], Path]) -> dict[str, str]:
        made.append(read_wave(settings, where, asked, reference))
        return answers_report.files(made[0], wave, asked, language)

    folder = folders.waves_folder() / wave
    wave_folder.add(folder, file, mapping, members, test_code, make)
    console.print(answers_report.summary(made[0], wave, language), markup=False, highlight=False, soft_wrap=True)
    console.print(language.text("answers.written", folder=folder), markup=False, highlight=False, soft_wrap=True)


def read_wave(settings: Settings, where: Callable[[str], Path], asked: Questionnaire, reference: Reference) -> Wave:
    """Read every file of a wave and decide which answers count.

    Parameters
    ----------
    settings : Settings
    where : callable
        Name of a kept file → its path.
    asked : Questionnaire
    reference : Reference
    """
    exports = [
        answers.read(
            where(settings.raw(sha256)),
            settings.shown(sha256),
            asked,
            where(settings.raw_mapping(sha256)) if sha256 in settings.mappings else None,
        )
        for sha256 in settings.files
    ]
    everyone = reference.everyone
    members = (
        answers.read_frame(where(settings.raw_members()), reference)
        if settings.members
        else everyone.index[everyone["in_study"]].tolist()
    )
    return decide([responses.read(export, asked) for export in exports], asked, reference, members, settings.test_codes)
