"""
Read consolidated accounts (OFGL) of communes and EPCI: their operating expenditure and receipts, their population.

They are in long format, a row an aggregate; they say nothing of functions.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.errors import DataError, Problem
from citydiplo.imports import amounts
from citydiplo.imports.account_document import Reading, frame
from citydiplo.imports.refusals import bounded
from citydiplo.imports.sheets import decode

EXPECTED = "consolidated accounts (OFGL): CSV separated by semicolons, with a header"

# Column of the file, folded → our name of it.
COLUMNS = {
    "exercice": "year",
    "code siren collectivite": "siren",
    "libelle budget": "name",
    "agregat": "aggregate",
    "montant bp": "main",
    "montant": "all",
    "population totale": "population",
}
AGGREGATES = {
    "depenses de fonctionnement": "operating_expenditure",
    "recettes de fonctionnement": "operating_receipts",
}
BUDGETS = ("main", "all")

SIREN, YEAR, PERSONS = re.compile("[0-9]{9}"), re.compile("(?:19|20)[0-9]{2}"), re.compile(r"([0-9]{1,9})(?:[.,]0*)?")

# Rows read at once of a file that may be all of France, every year.
PART = 200_000
START = 1_000_000


def read(path: Path, name: str | None = None) -> Reading:
    """Read a file.

    Parameters
    ----------
    path : Path
        CSV, in UTF-8 (with or without byte order mark) or Latin-1.
    name : str, optional
        What it is called in reports.

    Returns
    -------
    Reading
        Totals only: for each collectivity and year one row of the main budget (« Montant BP ») and one of all its
        budgets (« Montant »).
    """
    file = name or path.name
    try:
        rows = pd.concat(_parts(path, file))
    except DataError as error:
        return Reading(problems=error.problems)
    except OSError as error:
        return Reading(problems=[Problem(file, None, None, f"not readable ({error.strerror})", EXPECTED)])
    if rows.empty:
        return Reading(problems=[Problem(file, None, None, "no rows", EXPECTED)])
    problems: list[Problem] = []
    notes: list[tuple[str, str]] = []
    source = {"format": "ofgl"}
    identified = _identified(rows, file, problems)
    totals = [
        total | source
        for _, document in identified.groupby(["siren", "year"], sort=False)
        for total in _totals(document, file, problems, notes)
    ]
    return Reading(account_totals=frame("account_totals", totals), problems=bounded(file, problems), notes=notes)


def _parts(path: Path, file: str) -> Iterator[pd.DataFrame]:
    """The rows that matter, as text, indexed by line."""
    with path.open("rb") as start:
        content = start.read(START)
    text, encoding = decode(content[: content.rfind(b"\n") + 1] or content)
    header = text.split("\n", 1)[0].strip().split(";")
    names = {column.strip('"'): COLUMNS.get(fold(column)) for column in header}
    names = {column: ours for column, ours in names.items() if ours}
    lacking = [column for column, ours in COLUMNS.items() if list(names.values()).count(ours) != 1]
    if lacking:
        found = f"the columns {', '.join(header)[:300]}"
        raise DataError([Problem(file, 1, None, found, f"one column « {column} »") for column in lacking])
    encoding = "utf-8-sig" if encoding == "UTF-8" else "latin-1"
    try:
        parts = pd.read_csv(
            path,
            sep=";",
            usecols=list(names),
            dtype="str",
            encoding=encoding,
            chunksize=PART,
            skip_blank_lines=False,
            keep_default_na=False,
        )
        for part in parts:
            rows = part.rename(columns=names).fillna("")
            rows.index = rows.index + 2  # the header is line 1
            kinds = rows["aggregate"].drop_duplicates()
            rows["aggregate"] = rows["aggregate"].map(dict(zip(kinds, kinds.map(fold).map(AGGREGATES), strict=True)))
            # The other aggregates say only the population, the same on every row.
            kept = rows["aggregate"].notna() | ~rows.duplicated(["siren", "year", "population"])
            yield rows[kept & (rows["siren"] + rows["year"] != "")]
    except (pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError([Problem(file, None, None, f"not readable ({error})", EXPECTED)]) from None


def _identified(rows: pd.DataFrame, file: str, problems: list[Problem]) -> pd.DataFrame:
    """The rows that say whose they are, and of which year."""
    rows = rows.assign(siren=rows["siren"].str.strip(), year=rows["year"].str.strip())
    good = pd.Series(True, index=rows.index)
    for column, pattern, expected in (("siren", SIREN, "a SIREN: nine digits"), ("year", YEAR, "a year")):
        wrong = good & ~rows[column].map(lambda cell, pattern=pattern: bool(pattern.fullmatch(cell))).astype(bool)
        problems += [
            Problem(file, line, column, f"« {rows.loc[line, column][:80]} »", expected) for line in rows[wrong].index
        ]
        good &= ~wrong
    return rows[good]


def _totals(
    document: pd.DataFrame, file: str, problems: list[Problem], notes: list[tuple[str, str]]
) -> Iterator[dict[str, object]]:
    """The totals of one collectivity and year."""
    first, last = document.index[0], document.index[-1]
    row = document.iloc[0]
    locator = f"l. {first}" if first == last else f"l. {first}-{last}"
    common = {
        "siren": row["siren"],
        "name": row["name"].strip() or row["siren"],
        "year": int(row["year"]),
        "document_kind": "consolidated_account",
        "by_function": "no",
        "population": _population(document, locator, notes),
        "locator": locator,
    }
    for budget in BUDGETS:
        sums = {total: _sum(document, total, budget, file, problems) for total in AGGREGATES.values()}
        yield common | sums | {"budget": budget}


def _population(document: pd.DataFrame, locator: str, notes: list[tuple[str, str]]) -> int | None:
    told = sorted(set(document["population"].str.strip()) - {""})
    found = PERSONS.fullmatch(told[0]) if len(told) == 1 else None
    if not found:
        collectivity = f"{document['siren'].iloc[0]}, {document['year'].iloc[0]}"
        saying = f"rows that say {', '.join(told)[:80]}" if told else "no row that says it"
        notes.append((locator, f"{collectivity}: the population is left out, {saying}"))
        return None
    return int(found[1])


def _sum(document: pd.DataFrame, total: str, budget: str, file: str, problems: list[Problem]) -> float | None:
    """An aggregate; None if the file does not have it, or has it in several ways."""
    cells = document.loc[document["aggregate"] == total, budget]
    read: dict[float, int] = {}
    for line, cell in cells.items():
        amount = amounts.euros(cell)
        if amount is None:
            problems.append(Problem(file, line, _printed(budget), f"« {cell[:80]} »", amounts.EXPECTED))
            return None
        read.setdefault(amount, line)
    if len(read) > 1:
        found = f"{' and '.join(f'{amount:.2f}' for amount in read)} for one aggregate"
        problems.append(Problem(file, max(read.values()), _printed(budget), found, "one amount"))
        return None
    return next(iter(read), None)


def _printed(budget: str) -> str:
    return {"main": "Montant BP", "all": "Montant"}[budget]
