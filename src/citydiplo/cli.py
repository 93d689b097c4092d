"""The command line."""

import sys
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from citydiplo import collectivities, data
from citydiplo.check import check as check_tables
from citydiplo.check import datapackage_text
from citydiplo.errors import UserError
from citydiplo.imports import account_commands
from citydiplo.imports.commands import fetch_app, import_app
from citydiplo.language import Language
from citydiplo.reports import commands as report_commands
from citydiplo.reports.commands import Lang
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
report_commands.register(app)
account_commands.register(import_app, fetch_app)
app.add_typer(import_app, name="import")
app.add_typer(fetch_app, name="fetch")
app.add_typer(survey_app, name="survey")


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
