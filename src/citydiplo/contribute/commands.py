"""The commands for contributors: ``citydiplo template``, ``citydiplo merge`` and ``citydiplo changes``."""

import sys
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from citydiplo import collectivities
from citydiplo.contribute import changes as changed
from citydiplo.contribute import form, merging, sheets
from citydiplo.contribute.fields import FIELDS, row_id, title, vocabulary
from citydiplo.contribute.register import Register
from citydiplo.contribute.sheets import Typed
from citydiplo.contribute.store import prepare, write
from citydiplo.contribute.workbook import workbook
from citydiplo.errors import UserError
from citydiplo.language import LANGUAGES, Language
from citydiplo.reports.commands import Lang
from citydiplo.reports.files import write_atomically

console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)

app = typer.Typer()


class OpenTable(StrEnum):
    """A table that contributors fill in."""

    facts = "facts"
    partnerships = "partnerships"
    memberships = "memberships"
    sources = "sources"


class Conflicts(StrEnum):
    """What becomes of rows that differ from the tables and say nothing themselves."""

    STOP = "stop"
    KEEP = "keep"
    REPLACE = "replace"


def _say(text: str, console: Console = console, **options: object) -> None:
    console.print(escape(text), highlight=False, soft_wrap=True, **options)  # type: ignore[arg-type]


@app.command()
def template(
    table: Annotated[OpenTable, typer.Argument(help="What to fill in.")],
    city: Annotated[str, typer.Option(help="Name or code of the collectivity whose rows are shown beside.")] = "",
    out: Annotated[Path | None, typer.Option(help="The workbook to write.")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the workbook.")] = Lang.fr,
) -> None:
    """Write an Excel workbook to fill in, with choices, help and what is known already; merge reads it."""
    register = Register.load()
    language = Language.of(lang, register.tables)
    about = collectivities.find(register.everyone, city) if city else None
    path = out or Path("-".join(filter(None, [table.value, about.id if about else ""])) + ".xlsx")
    if path.exists():
        raise UserError(f"{path} exists already: move it away, or give another name with --out")
    write_atomically(path, workbook([table], register, language, about))
    rows = [row for row in register.rows[table] if about is None or row.get("collectivity_id", about.id) == about.id]
    _say(language.text("merge.template", file=str(path), rows=len(rows)))


@app.command()
def merge(
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx) or CSV file that was filled in.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False,
    conflicts: Annotated[
        Conflicts, typer.Option(help="Rows that differ from the tables: stop, keep the tables', or replace them.")
    ] = Conflicts.STOP,
    complete: Annotated[
        Path | None, typer.Option(help="Write the rows into a workbook to be completed, instead of merging.")
    ] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the messages.")] = Lang.fr,
) -> None:
    """Bring the rows of a file into the tables: all or none, checked as a whole, nothing overwritten silently."""
    register = Register.load()
    language = Language.of(lang, register.tables)
    languages = [language, *(Language.of(code, register.tables) for code in LANGUAGES if code != lang)]
    rows, filled_form = sheets.read(file, languages)
    if filled_form is not None:
        rows = form.typed_rows(filled_form, register, languages)
    if not rows:
        _say(language.text("merge.empty"))
        return
    if complete:
        _complete(rows, complete, register, language)
        return
    made = merging.outcomes(rows, register, language, conflicts)
    _show(made, language)
    if not merging.complete(made):
        refused = any(outcome.becomes == merging.REFUSED for outcome in made)
        _say(language.text("merge.how_refused" if refused else "merge.how_conflict"), errors)
        if filled_form is not None:
            _say(language.text("merge.how_form", file=str(file)), errors)
        raise typer.Exit(1)
    change = prepare(merging.changes(made), register)
    if not change.after:
        _say(language.text("merge.nothing", count=len(made)))
        return
    if not dry_run:
        write(change)
    _say(language.text("merge.dry_run" if dry_run else "merge.written"))
    _say(change.diff())


def _complete(rows: list[Typed], path: Path, register: Register, language: Language) -> None:
    """Write rows as typed into a workbook."""
    if path.exists():
        raise UserError(f"{path} exists already: move it away, or give another name with --complete")
    filled: dict[str, list[dict[str, str]]] = {table: [] for table in FIELDS}
    for row in rows:
        keys = {field: (str(vocabulary(row.table, field)), cell) for field, cell in row.cells.items()}
        filled[row.table].append({field: language.labels.get(key, key[1]) for field, key in keys.items()})
    filled = {table: cells for table, cells in filled.items() if cells}
    write_atomically(path, workbook(list(filled), register, language, filled=filled))
    _say(language.text("merge.completed", file=str(path)))


def _place(typed: Typed, language: Language) -> str:
    return ", ".join(filter(None, [typed.place, language.text("merge.row", row=str(typed.row))]))


def _show(made: list[merging.Outcome], language: Language) -> None:
    """Say of each row what a person must know: what is wrong, what is to be checked, what is in conflict."""
    for outcome in made:
        place = _place(outcome.typed, language)
        if outcome.becomes == merging.REFUSED:
            for wrong in outcome.proposal.faults:
                words = {"title": wrong.title, "found": wrong.found, "expected": wrong.expected, "todo": wrong.todo}
                _say(f"{place}{language.text('colon')}{language.text('fault.line', **words)}", errors, style="red")
            if outcome.typed.decision not in {"", sheets.KEEP, sheets.REPLACE}:
                both = {name: language.text(f"sheet.{name}") for name in ("keep", "replace")}
                _say(language.text("merge.unknown_decision", decision=outcome.typed.decision, **both), errors)
        for text in outcome.proposal.warnings:
            _say(language.text("merge.warning", place=place, text=text), style="yellow")
        if outcome.becomes in {merging.UNDECIDED, sheets.REPLACE}:
            _side_by_side(outcome, place, language)
    counts = Counter(outcome.becomes for outcome in made)
    kinds = ("add", "replace", "skip", "keep", "undecided", "refused")
    _say(language.text("merge.count", **{kind: counts[kind] for kind in kinds}))


def _side_by_side(outcome: merging.Outcome, place: str, language: Language) -> None:
    """A conflict, column by column: what the kit has, what the file says."""
    proposal = outcome.proposal
    _say(language.text("merge.conflict", place=place, id=row_id(proposal.table, proposal.row)))
    table = Table(*(language.text(key) for key in ("merge.column", "merge.ours", "merge.yours")), box=None)
    for name in proposal.differs:
        shown = title(proposal.table, name, language) if name in FIELDS[proposal.table] else name
        table.add_row(*(escape(cell or "–") for cell in (shown, proposal.ours[name], proposal.row[name])))
    console.print(table)


@app.command()
def changes(
    base: Annotated[str, typer.Argument(help="A git revision: what the tables are compared with.")],
    out: Annotated[Path | None, typer.Option(help="Write the summary into this file instead.")] = None,
    lang: Annotated[Lang, typer.Option(help="Language of the summary.")] = Lang.fr,
) -> None:
    """Summarise, as Markdown, what changed in the tables since a git revision, and whether they pass the check."""
    summary, sound = changed.summary(base, lang)
    if out:
        write_atomically(out, summary)
    else:
        typer.echo(summary, nl=False)
    if not sound:
        raise typer.Exit(1)
