"""Read a file that contributors filled in: the workbook of `citydiplo template`, a CSV file with the same columns, or
the form of a report.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.contribute.fields import FIELDS, title
from citydiplo.errors import DataError, Problem
from citydiplo.imports import sheets
from citydiplo.language import Language

ORDER = ("sources", "facts", "partnerships", "memberships")  # what is cited comes first

DECISION = "decision"
KEEP, REPLACE = "keep", "replace"

PREFILLED = frozenset(["collectivity"])  # a row that has nothing else says nothing


@dataclass(frozen=True)
class Typed:
    """One row as people typed it.

    Attributes
    ----------
    table : str
    place : str
        The sheet, if the file has several.
    row : int
        As a spreadsheet shows it.
    cells : dict
        Field → text.
    decision : str
        What the row says of a conflict: keep, replace, or nothing.
    """

    table: str
    place: str
    row: int
    cells: dict[str, str]
    decision: str


def sheet_title(table: str, language: Language) -> str:
    """The title of the sheet to fill in for a table."""
    return language.text(f"sheet.{table}")


def read(path: Path, languages: list[Language]) -> tuple[list[Typed], pd.DataFrame | None]:
    """Read a file.

    Parameters
    ----------
    path : Path
    languages : list of Language
        Whose words titles of sheets and columns may have.

    Returns
    -------
    rows : list of Typed
        Sources first.
    form : DataFrame or None
        If the file is the form of a report: its rows, to be turned by `citydiplo.contribute.form`.

    Raises
    ------
    DataError
        If the file is no such file, or says in which row and column it is not as expected.
    """
    titles = {fold(sheet_title(table, language)): table for language in languages for table in ORDER}
    found = sheets.read_sheets(path, lambda name: fold(name) in titles)
    rows = [row for name, frame in found.items() for row in _rows(path, name, titles[fold(name)], frame, languages)]
    if found:
        return sorted(rows, key=lambda row: ORDER.index(row.table)), None
    frame, _ = sheets.read(path)
    if _is_form(frame, languages):
        return [], frame
    return list(_rows(path, "", _table_of(path, frame, languages), frame, languages)), None


def form_columns(frame: pd.DataFrame, languages: list[Language]) -> dict[str, str]:
    """The columns of the form of a report: its own name → key."""
    keys = ["code", "name", "item", "question", "answer_form", "answer", "translation", "year"]
    keys += ["title", "publisher", "address", "page", "comment"]
    known = {
        fold(name): key
        for language in languages
        for name, key in zip(language.text("missing.columns").split(";"), keys, strict=True)
    }
    return {name: known[fold(name)] for name in frame.columns if fold(name) in known}


def _is_form(frame: pd.DataFrame, languages: list[Language]) -> bool:
    return {"code", "item", "answer"} <= set(form_columns(frame, languages).values())


def _names(table: str, languages: list[Language]) -> dict[str, str]:
    """The folded titles and names of the fields of a table → field."""
    names = {fold(title(table, field, language)): field for language in languages for field in FIELDS[table]}
    names |= {fold(field): field for field in FIELDS[table]}
    names |= {fold(language.text("sheet.decision")): DECISION for language in languages}
    return names | ({} if table == "sources" else {"collectivity id": "collectivity"})


def _table_of(path: Path, frame: pd.DataFrame, languages: list[Language]) -> str:
    """The table that has most of the columns of a file."""
    counts = {table: sum(fold(name) in _names(table, languages) for name in frame.columns) for table in ORDER}
    best = max(counts, key=lambda table: counts[table])
    if counts[best] < len(frame.columns) / 2 or counts[best] < 3:
        found = f"the columns {', '.join(map(str, frame.columns))}"[:200]
        expected = "the columns of a table of « citydiplo template », or the form of a report"
        raise DataError([Problem(path.name, 1, None, found, expected)])
    return best


def _rows(path: Path, place: str, table: str, frame: pd.DataFrame, languages: list[Language]) -> Iterator[Typed]:
    names = _names(table, languages)
    fields = {column: names.get(fold(column)) for column in frame.columns}
    if frame[[column for column, field in fields.items() if field is None]].notna().any(axis=None):
        unknown = next(column for column, field in fields.items() if field is None and frame[column].notna().any())
        file = f"{path.name} ({place})" if place else path.name
        expected = ", ".join(title(table, field, languages[0]) for field in FIELDS[table])
        raise DataError([Problem(file, 1, unknown[:80], "a column that the table does not have", expected)])
    words = {fold(language.text(key)): word for language in languages for key, word in _DECISIONS.items()}
    for number, cells in frame.iterrows():
        said = {field: str(cells[column]) for column, field in fields.items() if field and pd.notna(cells[column])}
        decision = said.pop(DECISION, "")
        if set(said) <= PREFILLED:
            continue
        yield Typed(table, place, int(str(number)), said, words.get(fold(decision), decision))


_DECISIONS = {"sheet.keep": KEEP, "sheet.replace": REPLACE}
