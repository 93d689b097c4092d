"""The commands on the kit's own tables: ``citydiplo cities``, ``citydiplo audit`` and ``citydiplo check``."""

import sys
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from citydiplo import collectivities, data, folders
from citydiplo.check import check as check_tables
from citydiplo.check import datapackage_text
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.reports.commands import Lang
from citydiplo.survey.findings import audited

# A file or a pipe has no width of its own: give it room for a table.
console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)

app = typer.Typer()


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
    folder = folders.data_folder()
    if write:
        (folder / "datapackage.json").write_text(datapackage_text(data.load_tables()), encoding="utf-8")
    problems = check_tables()
    for problem in problems:
        errors.print(escape(str(problem)), style="red", highlight=False, soft_wrap=True)
    if problems:
        errors.print(f"{len(problems)} problems in {folder}", highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    console.print(f"{folder}: all tables follow their schemas", highlight=False, soft_wrap=True)
