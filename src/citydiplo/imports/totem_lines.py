"""Read the lines of a budget document: function, nature, section, direction, operation and amount of each."""

import math
import re
from dataclasses import dataclass

from citydiplo.imports import functions
from citydiplo.imports.budget_xml import Group
from citydiplo.schemas import EUROS

DIRECTIONS = {"D": "expenditure", "R": "receipt"}
# T is a total. An empty one is real, the default of the format.
OPERATIONS = {"": "real", "0": "real", "1": "order", "T": "total"}

OPERATING, INVESTMENT = "operating", "investment"
SECTIONS = {"F": OPERATING, "I": INVESTMENT}

# By the first digit of an account, or of a chapter by nature.
BY_CLASS = {"6": OPERATING, "7": OPERATING} | dict.fromkeys("12345", INVESTMENT)
OPERATING_CHAPTERS = {"011", "012", "013", "014"}

BLANK = re.compile(r"\s+")
EURO_AMOUNT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a budget, read; ``problem`` says in which element what was found and expected."""

    group: Group
    printed: str
    function: functions.Function
    nature: str
    section: str | None
    direction: str | None
    operation: str | None
    column: str
    amount: float | None
    problem: tuple[str, str, str] | None

    @property
    def international(self) -> bool:
        return self.function.code is not None or self.function.ambiguous


def in_one_line(value: str) -> str:
    """The same with one space where it had any blanks."""
    return BLANK.sub(" ", value).strip()


def without_blanks(value: str) -> str:
    """The same without its spaces, of whatever width."""
    return BLANK.sub("", value)


def read_lines(groups: list[Group], column: str, zeros: bool) -> list[Line] | None:
    """Read the lines of a budget.

    Parameters
    ----------
    groups : list of Group
        Its groups « LigneBudget ».
    column : str
        The amount to read: ``MtReal`` or ``MtPrev``; a line where it is nil may lack it.
    zeros : bool
        Whether the functions of the file have their zeros (`citydiplo.imports.functions.zeros_kept`).

    Returns
    -------
    list of Line or None
        None if no line has this amount.
    """
    if not any(group.values.get(column, "").strip() for group in groups):
        return None
    return [_line(group, column, zeros) for group in groups]


def _line(group: Group, column: str, zeros: bool) -> Line:
    values = {name: without_blanks(value) for name, value in group.values.items()}
    function = functions.canonical(values.get("Fonction", ""), zeros)
    nature = values.get("Nature", "")
    direction = DIRECTIONS.get(values.get("CodRD", ""))
    operation = "total" if group.computed else OPERATIONS.get(values.get("OpBudg", ""))
    amount = euros(values.get(column) or "0")
    checks = (
        ("CodRD", direction, "D (expenditure) or R (receipt)"),
        ("OpBudg", operation, "0 (real) or 1 (order)"),
        (column, amount is not None, "an amount in euros"),
    )
    wrong = [(name, f"« {values.get(name, '')[:80]} »", expected) for name, right, expected in checks if not right]
    problem = wrong[0] if wrong else None
    section = _section(values, nature, function)
    return Line(
        group=group,
        printed=values.get("Fonction", ""),
        function=function,
        nature=nature,
        section=section,
        direction=direction,
        operation=operation,
        column=column,
        amount=amount,
        problem=problem,
    )


def _section(values: dict[str, str], nature: str, function: functions.Function) -> str | None:
    """The section: what the line says, or its nature, or the prefix of its function, or its chapter."""
    chapter = values.get("ContNat", "")
    return (
        SECTIONS.get(values.get("CaracSup/Section", "").upper())
        or BY_CLASS.get(nature[:1])
        or function.section
        or BY_CLASS.get(chapter[:1])
        or (OPERATING if chapter in OPERATING_CHAPTERS else None)
    )


def euros(value: str) -> float | None:
    """An amount, however its decimals and thousands are written; None if it is not one, or beyond `EUROS`."""
    bare = without_blanks(value).removesuffix("€").replace("\N{MINUS SIGN}", "-")
    decimal = max(",.", key=bare.rfind)
    if "," in bare:
        thousands = "." if decimal == "," else ","
        bare = bare.replace(thousands, "").replace(",", ".")
    if not EURO_AMOUNT.fullmatch(bare):
        return None
    amount = float(bare)
    return amount if abs(amount) <= EUROS else None


def operating_total(lines: list[Line], unusable: set[Line], direction: str) -> float | None:
    """Add up the real operations of the operating section; None if a line that may belong to it cannot be used."""

    def may_belong(line: Line) -> bool:
        # Accounts of class 0 are results of past years and balances between sections, no operations of the year.
        return (
            line.direction in {direction, None}
            and line.operation in {"real", None}
            and line.section in {OPERATING, None}
            and not line.nature.startswith("0")
        )

    chosen = [line for line in lines if may_belong(line)]
    if any(line in unusable or (line.section is None and line.amount) for line in chosen):
        return None
    return round(math.fsum(line.amount or 0 for line in chosen), 2)
