"""
Read a balance of accounts line by line: which ones are wrong, where they are and why; the others are copied.

It takes ten times as long as `citydiplo.imports.balance_scan`, which calls it for the few files that need it.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citydiplo.errors import Problem
from citydiplo.imports import functions
from citydiplo.imports.functions import Function
from citydiplo.imports.refusals import MOST_REFUSED
from citydiplo.imports.sheets import decode
from citydiplo.imports.tables import SEPARATORS
from citydiplo.imports.totem import FUNCTIONAL
from citydiplo.schemas import EUROS

AMOUNTS = ("obnetdeb", "obnetcre", "oobdeb", "oobcre")
TEXTS = ("exer", "ident", "siren", "lbudg", "cbudg", "nomen", "compte")
FUNCTION = "fonction"

# What tells one budget from another.
BUDGET = ("exer", "siren", "ident", "cbudg")

EXPECTED = "a balance of accounts (DGFiP): CSV, with a header"

SIREN, YEAR = "[0-9]{9}", "(?:19|20)[0-9]{2}"
NATURE = re.compile("[0-9]{1,10}")
AMOUNT = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")
CENT = 0.01

FUNCTIONAL_CHARTS = tuple(sorted(FUNCTIONAL))
SECTIONS = {"6": "operating", "7": "operating", "1": "investment", "2": "investment", "4": "investment"}

# Which column is wrong, what was found there and what was expected.
Wrong = tuple[str, str, str]


@dataclass(frozen=True)
class Shape:
    """The names of the columns of a file, in lower case, and what separates its cells."""

    header: list[str]
    separator: str


SIFTED = Shape([*TEXTS, *AMOUNTS, FUNCTION, "end"], ";")


@dataclass
class Sifted:
    """What was refused of a file.

    Attributes
    ----------
    path : Path
        A copy of the other lines, of the shape `SIFTED`.
    zeros : bool
        Whether the functions of the file have their leading zeros.
    problems : list of Problem
        In the order of the file, the first `MOST_REFUSED`; `others` is the number of the others.
    incomplete : set of (exer, ident)
        Budgets that miss a line.
    unknown : set of (exer, ident)
        Budgets that miss a line that may be of function 04.
    """

    path: Path = Path()
    zeros: bool = False
    problems: list[Problem] = field(default_factory=list)
    others: int = 0
    incomplete: set[tuple[str, str]] = field(default_factory=set)
    unknown: set[tuple[str, str]] = field(default_factory=set)

    def refuse(self, file: str, line: int, wrong: tuple[str | None, str, str]) -> None:
        """Note a problem."""
        if len(self.problems) < MOST_REFUSED:
            self.problems.append(Problem(file, line, *wrong))
        else:
            self.others += 1

    def lose(self, row: dict[str, Any]) -> None:
        """Note that nothing is known of a row but the budget that misses it."""
        budget = row.get("exer", ""), row.get("ident", "")
        self.incomplete.add(budget)
        self.unknown.add(budget)


def transcoded(path: Path, copy: Path) -> Path:
    """Copy a file in UTF-8 without byte order mark."""
    with copy.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(text for _, text in _lines(path))
    return copy


def sift(path: Path, file: str, shape: Shape, copy: Path) -> Sifted:
    """Read a file line by line; a cell may not have a line break.

    Parameters
    ----------
    path : Path
        In UTF-8 or Latin-1.
    file : str
        Its name, for messages.
    shape : Shape
    copy : Path
        Where to write the lines that are not refused.
    """
    sifted = Sifted(copy)
    if FUNCTION in shape.header:
        place = shape.header.index(FUNCTION)
        sifted.zeros = functions.zeros_kept(cells[place] for _, cells in _rows(path, shape) if len(cells) > place)
    with copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, SIFTED.header, "", "ignore", delimiter=SIFTED.separator)
        writer.writeheader()
        nobody = set()
        for line, cells in _rows(path, shape):
            row = dict(zip(shape.header, cells, strict=False))
            if len(cells) != len(shape.header):
                expected = f"{len(shape.header)} cells separated by {SEPARATORS[shape.separator]}, as in the header"
                sifted.refuse(file, line, (None, f"{len(cells)} cells", expected))
                sifted.lose(row)
            elif wrong := wrong_budget(row["exer"], row["siren"], row["ident"]):
                budget = tuple(row[name] for name in BUDGET)
                if budget not in nobody:
                    sifted.refuse(file, line, wrong)
                nobody.add(budget)
            elif _sift_row(sifted, file, line, row):
                writer.writerow(row | {"end": "."})
    return sifted


def _sift_row(sifted: Sifted, file: str, line: int, row: dict[str, Any]) -> bool:
    """Whether a row belongs to the sums of its budget; its amounts become numbers."""
    amounts = {name: _number(row[name]) for name in AMOUNTS}
    for name, amount in amounts.items():
        if amount is None and row[name]:
            sifted.refuse(file, line, (name, f"« {row[name][:80]} »", "an amount with a decimal comma or point"))
            sifted.lose(row)
            return False
    row |= amounts
    printed = row.get(FUNCTION, "")
    functional = row["nomen"].startswith(FUNCTIONAL_CHARTS)
    function = functions.canonical(printed, sifted.zeros) if functional else Function()
    maybe = bool(functions.PARTS.fullmatch(printed.strip()))
    impossible = wrong_amount(amounts) if maybe or "6" <= row["compte"] < "8" else None
    wrong = wrong_line(function, printed, row["compte"], any(amounts.values()))
    if impossible and not function.ambiguous:
        wrong = impossible
    if wrong:
        sifted.refuse(file, line, wrong)
        if function.ambiguous or function.code:
            sifted.unknown.add((row["exer"], row["ident"]))
    if impossible:
        sifted.incomplete.add((row["exer"], row["ident"]))
    return not impossible


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file and their numbers: each is UTF-8 or Latin-1."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                text = line.decode()
            except UnicodeDecodeError:
                text = decode(line)[0]
            yield number, text.removeprefix("\ufeff") if number == 1 else text


def _rows(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """The cells of the lines that have any, without the header; none if a line cannot be cut into cells."""
    for number, text in _lines(path):
        bare = text.rstrip("\r\n")
        if number == 1 or not bare:
            continue
        if '"' not in bare:
            yield number, bare.split(shape.separator)
            continue
        try:
            yield number, next(csv.reader(io.StringIO(bare, newline=""), delimiter=shape.separator), [])
        except csv.Error:
            yield number, []


def _number(cell: str) -> float | None:
    return float(cell.replace(",", ".")) if AMOUNT.fullmatch(cell) else None


def wrong_budget(year: str, siren: str, siret: str) -> Wrong | None:
    """What keeps the lines of a budget from being anyone's."""
    if not re.fullmatch(YEAR, year):
        return "exer", f"« {year[:80]} »", "a year"
    if not re.fullmatch(SIREN, siren or siret[:9]):
        return "siren", f"« {siren[:80]} »", "a SIREN: nine digits"
    return None


def wrong_amount(amounts: dict[str, float | None]) -> Wrong | None:
    """What cannot be among the amounts of a line."""
    for column, amount in amounts.items():
        if amount is None or not 0 <= amount <= EUROS:
            found = "an empty cell" if amount is None else f"{amount:.15g}"
            return column, found, f"euros, from 0 to {EUROS:.0e}: a balance has nothing less than 0"
    for order, net in (("oobdeb", "obnetdeb"), ("oobcre", "obnetcre")):
        if amounts[order] > amounts[net] + CENT:  # type: ignore[operator]
            found = f"{amounts[order]:.15g}, more than {net.upper()}"
            return order, found, "at most the net amount, of which order entries are a part"
    return None


def wrong_line(function: Function, printed: str, nature: str | None, moved: bool) -> Wrong | None:
    """What keeps a line from being one of function 04; None if it is one, or of another function.

    An account that did not move may be of any class.
    """
    if function.ambiguous:
        return FUNCTION, f"« {printed[:80]} »", functions.EXPECTED
    nature = nature or ""
    if function.code and (not NATURE.fullmatch(nature) or (moved and nature[0] not in SECTIONS)):
        return "compte", f"« {nature[:80]} »", "an account of class 1, 2, 4, 6 or 7"
    return None
