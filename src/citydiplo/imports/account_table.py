"""
Any table of amounts of no verified format, told which column is which field.

A mapping says ``COLUMN=FIELD``; ``:VALUE=FIELD`` gives every row the same value. What such a table declares (official
development assistance, the ministry's atlas of decentralised cooperation) is no line of an account: it is kept apart by
its document_kind, ``declared`` unless the table or the mapping says otherwise, and its format, ``table``; and beside
function 04 only if the table or the mapping says the function.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from citydiplo import collectivities, data
from citydiplo.collectivities import Collectivity, fold
from citydiplo.errors import DataError, Problem, UserError
from citydiplo.imports import amounts, functions, sheets
from citydiplo.imports.account_document import Reading, frame
from citydiplo.imports.refusals import bounded

# One unit an amount: official development assistance is declared in thousands of euros.
UNITS = {"amount": 1, "amount_thousands": 1e3, "amount_millions": 1e6}
TOTALS = ("operating_expenditure", "operating_receipts")
IDENTITY = ("siren", "insee", "name")

# Fields that have a vocabulary, and what a table that does not have them means.
CODED = {
    "document_kind": ("account_document", "declared"),
    "budget": ("account_budget", "main"),
    "direction": ("account_direction", "expenditure"),
    "operation": ("account_operation", "real"),
    "section": ("account_section", ""),
}
FIELDS = (*IDENTITY, "year", *UNITS, "function", "nature", "nomenclature", *CODED, *TOTALS, "population")

CONSTANT = ":"
# What a table that names no chart of accounts has for one.
NO_CHART = "–"

SIREN, YEAR, NATURE = re.compile("[0-9]{9}"), re.compile("(?:19|20)[0-9]{2}"), re.compile("[0-9]{1,10}")
PERSONS = re.compile("[0-9]{1,9}")
SECTIONS = {"6": "operating", "7": "operating", "1": "investment", "2": "investment", "4": "investment"}

Cells = dict[str, str]
Find = Callable[[str], Collectivity]


def parse_mapping(options: Sequence[str]) -> dict[str, str]:
    """Read the options ``COLUMN=FIELD`` or ``:VALUE=FIELD`` of the command line.

    Raises
    ------
    UserError
        If one is not of this form, names no field, or names a field again.
    """
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, field = option.rpartition("=")
        if not equals or not column or field not in FIELDS:
            raise UserError(
                f"« {option} »: expected COLUMN=FIELD, or :VALUE=FIELD for all rows; a field is one of "
                f"{', '.join(FIELDS)}"
            )
        if field in mapping.values() or column in mapping:
            raise UserError(f"« {option} »: one column or one value a field")
        mapping[column] = field
    return mapping


def read(path: Path, name: str | None = None, *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Read a table.

    Parameters
    ----------
    path : Path
        Delimited text or .xlsx workbook, as `citydiplo.imports.sheets.read` reads them.
    name : str, optional
        What it is called in reports.
    mapping : mapping, optional
        From `parse_mapping`; a column that has the name of a field needs none.

    Returns
    -------
    Reading
        A line a row of function 04; totals, if the table has operating_expenditure, operating_receipts or population.
    """
    file = name or path.name
    try:
        table, _ = sheets.read(path)
        cells = _fields(file, table, mapping or {})
    except DataError as error:
        return Reading(problems=error.problems)
    source = {"format": "table"}
    zeros = functions.zeros_kept(cells["function"])
    by_function = "yes" if "function" in _mapped(table, mapping or {}) else "no"
    problems: list[Problem] = []
    accounts: list[dict[str, object]] = []
    totals: dict[tuple[object, ...], dict[str, object]] = {}
    known = _vocabularies()
    for line, row in zip(cells.index, cells.to_dict("records"), strict=True):
        try:
            document, where = _document(row, known), source | {"locator": f"l. {line}"}
            account = _account(row, known, zeros)
            _add_total(totals, document, row, where | {"by_function": by_function})
            accounts += [document | account | where] if account else []
        except _WrongCellError as wrong:
            problems.append(Problem(file, int(line), wrong.column, wrong.found, wrong.expected))
    return Reading(
        frame("accounts", accounts),
        frame("account_totals", list(totals.values())),
        problems=bounded(file, problems),
    )


class _WrongCellError(Exception):
    def __init__(self, column: str | None, cell: str, expected: str):
        self.column, self.expected = column, expected
        self.found = f"« {cell[:80]} »" if cell else "an empty cell"
        super().__init__(self.found)


def _mapped(table: pd.DataFrame, mapping: Mapping[str, str]) -> dict[str, str]:
    """Field → column of the table."""
    told = {field: column for column, field in mapping.items() if not column.startswith(CONSTANT)}
    usual = {column.strip().lower(): column for column in table.columns}
    own = {field: usual[field] for field in FIELDS if field in usual and field not in mapping.values()}
    return own | told


def _fields(file: str, table: pd.DataFrame, mapping: Mapping[str, str]) -> pd.DataFrame:
    """The table in the columns of `FIELDS`, as text without blanks around; empty where it has none."""
    columns = _mapped(table, mapping)
    constants = {field: column.removeprefix(CONSTANT) for column, field in mapping.items() if column[:1] == CONSTANT}
    found = f"the columns {', '.join(table.columns)[:300]}"
    problems = [
        Problem(file, 1, column, "no such column", found) for column in columns.values() if column not in table.columns
    ]
    have = {*columns, *constants}
    for needed in (IDENTITY, ("year",), tuple(UNITS), ("function",), ("nature", "section")):
        if not have & set(needed):
            told = f"a column for {' or '.join(needed)}: --map COLUMN={needed[0]}, or --map :VALUE={needed[0]}"
            problems.append(Problem(file, 1, None, found, told))
    if len(have & set(UNITS)) > 1:
        problems.append(Problem(file, 1, None, f"{' and '.join(sorted(have & set(UNITS)))}", "one column of amounts"))
    if problems:
        raise DataError(problems)
    cells = pd.DataFrame({field: table[column] for field, column in columns.items()}, index=table.index)
    cells = cells.assign(**constants).reindex(columns=list(FIELDS)).astype("str").fillna("")
    return cells.apply(lambda column: column.str.strip())


def _vocabularies() -> dict[str, dict[str, str]]:
    """Field → folded code or label → code."""
    labels = data.load_table("labels")
    words: dict[str, dict[str, str]] = {}
    for field, (vocabulary, _) in CODED.items():
        rows = labels[labels["vocabulary"] == vocabulary]
        words[field] = {
            fold(cell): row.code for row in rows.itertuples() for cell in (row.label_fr, row.label_en, row.code)
        }
    return words


@cache
def _directory() -> pd.DataFrame:
    return collectivities.directory(data.load_tables())


def _identity(row: Cells) -> tuple[str, str]:
    """SIREN and name: by the SIREN if there is one, else by the INSEE code, else by the name."""
    if siren := row["siren"].replace(" ", ""):
        if not SIREN.fullmatch(siren):
            raise _WrongCellError("siren", row["siren"], "a SIREN: nine digits")
        return siren, row["name"] or siren
    column = "insee" if row["insee"] else "name"
    if not row[column]:
        raise _WrongCellError(None, "", "a SIREN, an INSEE code or a name")
    try:
        found = collectivities.find(_directory(), row[column])
    except UserError as error:
        hint = " ".join(str(error).split())[:300]
        raise _WrongCellError(column, row[column], f"a collectivity of the reference ({hint})") from None
    if not found.siren:
        raise _WrongCellError(column, row[column], "a collectivity whose SIREN is known: give it")
    return found.siren, row["name"] or found.name


def _code(row: Cells, field: str, known: Mapping[str, dict[str, str]]) -> str:
    cell = row[field] or CODED[field][1]
    if fold(cell) not in known[field]:
        codes = ", ".join(dict.fromkeys(known[field].values()))
        raise _WrongCellError(field, row[field], f"one of {codes}")
    return known[field][fold(cell)]


def _document(row: Cells, known: Mapping[str, dict[str, str]]) -> dict[str, object]:
    siren, name = _identity(row)
    if not YEAR.fullmatch(row["year"]):
        raise _WrongCellError("year", row["year"], "a year")
    return {
        "siren": siren,
        "name": name,
        "year": int(row["year"]),
        "document_kind": _code(row, "document_kind", known),
        "budget": _code(row, "budget", known),
        "nomenclature": row["nomenclature"] or NO_CHART,
    }


def _account(row: Cells, known: Mapping[str, dict[str, str]], zeros: bool) -> dict[str, object] | None:
    """What a row says as a line of function 04; None if it is of another function."""
    function = functions.canonical(row["function"], zeros)
    if function.ambiguous or not row["function"]:
        raise _WrongCellError("function", row["function"], functions.EXPECTED)
    if not function.code:
        return None
    nature = row["nature"]
    if nature and not NATURE.fullmatch(nature):
        raise _WrongCellError("nature", nature, "an account: digits")
    section = function.section or SECTIONS.get(nature[:1]) or _code(row, "section", known)
    return {
        "function": function.code,
        "function_printed": row["function"],
        "nature": nature or None,
        "section": section,
        "direction": _code(row, "direction", known),
        "operation": _code(row, "operation", known),
        "amount": _amount(row, next(unit for unit in UNITS if row[unit] or unit == list(UNITS)[-1])),
    }


def _amount(row: Cells, field: str) -> float:
    amount = amounts.euros(row[field], UNITS.get(field, 1))
    if amount is None:
        raise _WrongCellError(field, row[field], amounts.EXPECTED)
    return amount


def _add_total(
    totals: dict[tuple[object, ...], dict[str, object]],
    document: dict[str, object],
    row: Cells,
    common: Mapping[str, object],
) -> None:
    """Keep the totals that a row gives of its document; the rows of one must agree."""
    given: dict[str, object] = {field: _amount(row, field) for field in TOTALS if row[field]}
    if population := row["population"].replace(" ", ""):
        if not PERSONS.fullmatch(population):
            raise _WrongCellError("population", population, "a number of inhabitants")
        given["population"] = int(population)
    if not given:
        return
    key = tuple(document[field] for field in ("siren", "year", "document_kind", "budget"))
    total = totals.setdefault(key, {**document, **common})
    for field, value in given.items():
        if total.setdefault(field, value) != value:
            raise _WrongCellError(field, row[field], f"{total[field]}, as in the other rows of the document")
