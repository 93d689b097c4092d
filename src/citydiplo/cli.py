"""The command line."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from citydiplo import collectivities, data, profile
from citydiplo.check import check as check_tables
from citydiplo.check import datapackage_text
from citydiplo.collectivities import Collectivity
from citydiplo.errors import UserError
from citydiplo.imports import account_commands
from citydiplo.imports.commands import fetch_app, import_app
from citydiplo.language import Language
from citydiplo.reports.batch import Task, run
from citydiplo.reports.site import write_index
from citydiplo.survey.findings import audited
from citydiplo.survey_commands import survey_app

# A file or a pipe has no width of its own: give it room for a table.
console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)


class Commands(typer.core.TyperGroup):
    """Print a user's mistake as one message, without a traceback, and exit with 2."""

    def invoke(self, context: Any) -> Any:
        try:
            return super().invoke(context)
        except UserError as error:
            errors.print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
            raise typer.Exit(2) from None


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
account_commands.register(import_app, fetch_app)
app.add_typer(import_app, name="import")
app.add_typer(fetch_app, name="fetch")
app.add_typer(survey_app, name="survey")


class Lang(StrEnum):
    fr = "fr"
    en = "en"


Out = Annotated[Path, typer.Option(help="Folder of the reports.")]
CORES = os.cpu_count() or 1
Jobs = Annotated[int, typer.Option(min=1, help="Processes at once.")]


@app.command()
def cities(search: Annotated[str, typer.Argument(help="Words of the name.")] = "") -> None:
    """List the collectivities of the study, or all those of France whose name has words that begin like SEARCH."""
    everyone = collectivities.directory(data.load_tables())
    studied = everyone[everyone["in_study"]].sort_values("name", key=collectivities.by_name)
    found = collectivities.search(everyone, search) if search else studied
    if found.empty:
        raise UserError(f"no collectivity has « {search} » in its name")
    table = Table("Code", "Name", "Kind", "Dép.", "Population", box=None)
    for row in found.itertuples():
        population = "" if pd.isna(row.population) else f"{row.population:,}".replace(",", " ")
        department = "" if pd.isna(row.department_code) else row.department_code
        table.add_row(row.Index, escape(row.name), row.kind, department, population)
    console.print(table)


@app.command()
def report(
    names: Annotated[list[str], typer.Argument(metavar="NAME|INSEE|SIREN…")],
    lang: Annotated[list[Lang], typer.Option(help="Language; may be repeated.")] = [Lang.fr],  # noqa: B006
    out: Annotated[
        Path | None, typer.Option(help="Folder; default: reports, or waves/WAVE/copies.", show_default=False)
    ] = None,
    jobs: Jobs = 1,
    wave: Annotated[
        str, typer.Option(help="Add the collectivity’s own answers to a wave: a copy for itself, not to publish.")
    ] = "",
) -> None:
    """Write the report of the collectivities named."""
    everyone = collectivities.directory(data.load_tables())
    chosen = [collectivities.find(everyone, name) for name in names]
    if wave:
        data.read_answers(wave)  # says which waves there are
    folder = out or (data.WAVES / wave / "copies" if wave else data.REPOSITORY / "reports")
    results = _make(chosen, lang, folder, jobs, wave)
    _conclude(results, folder)
    for task in results:
        console.print(task.path, highlight=False, soft_wrap=True)


@app.command()
def reports(
    everything: Annotated[
        bool, typer.Option("--all", help="Every collectivity that a source names, not only those of the study.")
    ] = False,
    lang: Annotated[list[Lang], typer.Option(help="Language; may be repeated.")] = [Lang.fr, Lang.en],  # noqa: B006
    out: Out = data.REPOSITORY / "reports",
    jobs: Jobs = CORES,
) -> None:
    """Write the report of each collectivity of the study, and the index."""
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    listed = tables["collectivities"]
    ids = listed["collectivity_id"] if everything else listed.loc[listed["study_role"].notna(), "collectivity_id"]
    chosen = [collectivities.get(everyone, code) for code in ids]
    results = _make(chosen, lang, out, jobs)
    failed = {task.city for task, error in results.items() if error}
    profiles = [profile.build(city, everyone, tables) for city in chosen if city not in failed]
    write_index(out, profiles, [code.value for code in lang], tables, data.load_boundaries("50m"))
    _conclude(results, out)
    console.print(f"{len(results)} reports in {out}", highlight=False, soft_wrap=True)


def _make(
    chosen: list[Collectivity], lang: list[Lang], out: Path, jobs: int, wave: str = ""
) -> dict[Task, Exception | None]:
    """Run a batch with a progress bar; return the error of each report, None where it was made."""
    tasks = [Task(city, code.value, out, wave) for city in dict.fromkeys(chosen) for code in dict.fromkeys(lang)]
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    results: dict[Task, Exception | None] = {}
    with Progress(*columns, console=errors) as progress:
        bar = progress.add_task("reports", total=len(tasks))
        for task, error in run(tasks, jobs):
            results[task] = error
            progress.advance(bar)
    return {task: results[task] for task in tasks}


def _conclude(results: dict[Task, Exception | None], out: Path) -> None:
    """List the reports that failed and exit with 1 if there are any."""
    failed = {task: error for task, error in results.items() if error}
    for task, error in failed.items():
        reason = error if isinstance(error, UserError) else repr(error)
        message = f"{task.city.name} ({task.city.id}, {task.lang}): {reason}"
        errors.print(escape(message), style="red", highlight=False, soft_wrap=True)
    if failed:
        errors.print(f"{len(failed)} of {len(results)} reports failed; the others are in {out}", highlight=False)
        raise typer.Exit(1)


@app.command()
def audit(lang: Annotated[Lang, typer.Option(help="Language.")] = Lang.fr) -> None:
    """Print where the printed numbers of the 2021 study do not agree, and what would explain it."""
    tables = data.load_tables()
    language = Language.of(lang, tables)
    findings = audited(tables, collectivities.directory(tables))
    for number, (_, row) in enumerate(findings.iterrows(), start=1):
        lines = [f"{number}. [bold]{escape(language.pick(row, 'statement'))}[/bold]"]
        parts = {
            "computed": language.typeset(row["computed"]),
            "explanation": language.pick(row, "explanation"),
            "where": language.typeset(row["where"]),
            "severity": language.label("severity", row["severity"]),
        }
        for part, words in parts.items():
            if words:
                lines.append(f"   {language.text(f'audit.{part}')}{language.text('colon')}{escape(words)}")
        console.print("\n".join(lines), "", highlight=False, soft_wrap=True, sep="\n")
    console.print(language.text("audit.count", count=len(findings)), highlight=False)


@app.command()
def check(
    write: Annotated[bool, typer.Option("--write", help="Rewrite datapackage.json from the schemas first.")] = False,
) -> None:
    """Check every table: types, keys, vocabularies, references, codes, years, points."""
    folder = data.data_folder()
    if write:
        (folder / "datapackage.json").write_text(datapackage_text(data.load_tables()), encoding="utf-8")
    problems = check_tables()
    for problem in problems:
        errors.print(escape(str(problem)), style="red", highlight=False, soft_wrap=True)
    if problems:
        errors.print(f"{len(problems)} problems in {folder}", highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    console.print(f"{folder}: all tables follow their schemas", highlight=False, soft_wrap=True)
