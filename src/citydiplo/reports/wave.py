"""The command ``citydiplo survey report``: a wave of the survey as one page a language."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.language import LANGUAGES
from citydiplo.reports.attempt import Job, attempt
from citydiplo.reports.files import write_atomically
from citydiplo.schemas import SLUG
from citydiplo.wave_report import PRINTED, require

NOTEBOOK = folders.REPOSITORY / "notebooks" / "wave_report.ipynb"

console = Console()


def register(survey_app: typer.Typer) -> None:
    """Add the command to ``citydiplo survey``."""
    survey_app.command("report")(write_report)


def write_report(
    wave: Annotated[str, typer.Option(help="The wave: its folder in waves/, or demonstration.")],
    before: Annotated[
        str, typer.Option(help="The wave to put beside it: its folder in waves/, or 2021, the printed study.")
    ] = PRINTED,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into; default: waves/WAVE.", show_default=False)
    ] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Confidence level.")] = 0.95,
) -> None:
    """Write the report of a wave, in French and in English: every question, beside the wave before."""
    for name in (wave, before):
        if not re.match(SLUG, name):
            raise UserError(f"« {name} » cannot name a wave: small letters, digits and hyphens, as 2026")
    require(wave, before)  # before a kernel starts
    folder = out or folders.waves_folder() / wave
    for lang in LANGUAGES:
        path = folder / f"report-{lang}.html"
        outcome = attempt(Job(NOTEBOOK, {"wave": wave, "before": before, "lang": lang, "level": level}))
        if outcome.page is None:
            raise UserError(outcome.failure.message if outcome.failure else "")
        write_atomically(path, outcome.page)
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)
