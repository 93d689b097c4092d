"""The command ``citydiplo survey forms``."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from citydiplo import data, folders
from citydiplo.check import check_questionnaire
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.forms import limesurvey, xlsform
from citydiplo.forms.codebook import codebook
from citydiplo.forms.ddi import document
from citydiplo.forms.plan import build, plan_hash, written
from citydiplo.forms.plan_page import plan_page
from citydiplo.forms.printable import form
from citydiplo.language import LANGUAGES, Language
from citydiplo.survey import questionnaire as questions

console = Console()

# What each file is, by the text that says it.
FILES = {
    "xlsform.xlsx": "forms.file_xlsform",
    "limesurvey.txt": "forms.file_limesurvey",
    "form.fr.html": "forms.file_form",
    "form.en.html": "forms.file_form",
    "codebook.fr.html": "forms.file_codebook",
    "codebook.en.html": "forms.file_codebook",
    "ddi.xml": "forms.file_ddi",
    "analysis_plan.fr.html": "forms.file_plan",
    "analysis_plan.en.html": "forms.file_plan",
    "analysis_plan.json": "forms.file_plan_json",
}


def register(survey_app: typer.Typer) -> None:
    """Add the command to ``citydiplo survey``."""
    survey_app.command("forms")(write_forms)


def write_forms(
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = folders.REPOSITORY / "forms",
    lang: Annotated[str, typer.Option(help="Language of what is printed: fr or en.")] = "fr",
) -> None:
    """Write the questionnaire for KoboToolbox, LimeSurvey and paper, its codebook, DDI and analysis plan."""
    tables = data.load_tables()
    language = Language.of(lang, tables)
    if problems := check_questionnaire(tables):
        raise DataError(problems)
    files = contents(tables)
    write_all(out, files)
    digest = plan_hash(build(questions.load(tables)))
    lines = [language.text("forms.written", count=len(files), folder=out)]
    lines += [f"  {name:<22} {language.text(FILES[name], hash=digest)}" for name in files]
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def contents(tables: Tables) -> dict[str, bytes]:
    """Every form, by the name of its file: the same bytes for the same tables."""
    questionnaire = questions.load(tables)
    languages = {code: Language.of(code, tables) for code in LANGUAGES}
    texts = {
        "limesurvey.txt": limesurvey.structure(questionnaire, languages),
        "analysis_plan.json": written(build(questionnaire)),
    }
    for code, language in languages.items():
        texts[f"form.{code}.html"] = form(questionnaire, language)
        texts[f"codebook.{code}.html"] = codebook(questionnaire, tables, language)
        texts[f"analysis_plan.{code}.html"] = plan_page(questionnaire, tables, language)
    files = {name: text.encode("utf-8") for name, text in texts.items()}
    files["xlsform.xlsx"] = xlsform.workbook(questionnaire, languages)
    files["ddi.xml"] = document(questionnaire, tables, languages)
    return {name: files[name] for name in FILES}


def write_all(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder: all of them, or none.

    Raises
    ------
    UserError
        If the folder is that of the kit's own tables, or cannot be written into.
    """
    if folder.resolve() == folders.data_folder().resolve():
        raise UserError(f"{folder} holds the kit's own tables: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".forms-", dir=folder))
        try:
            for name, content in files.items():
                (draft / name).write_bytes(content)
            for name in files:
                (draft / name).replace(folder / name)
        finally:
            shutil.rmtree(draft)
    except OSError as error:
        raise UserError(f"{folder} cannot be written into: {error.strerror or error}") from None
