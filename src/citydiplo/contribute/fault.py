"""What is wrong with a proposed row, in words for the person who proposes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pandera.api.pandas.components import Column

from citydiplo import schemas
from citydiplo.contribute.fields import LISTS, columns, title
from citydiplo.language import Language

MOST_CHOICES = 8  # named in a message: longer lists are seen in the form and in the workbook

STATEMENTS = frozenset(["statement_fr", "statement_en"])

WHOLE = frozenset(["Int64", "int64"])


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one field: what is there, what was expected, what to do. All in the reader's language."""

    field: str
    title: str
    found: str
    expected: str
    todo: str


def fault(table: str, field: str, found: str, expected: str, todo: str, language: Language) -> Fault:
    """A fault whose words are there; an empty cell is said to be empty."""
    shown = language.text("fault.quoted", text=found[:80]) if found else language.text("fault.empty")
    return Fault(field, title(table, field, language), shown, expected, todo)


def empty(table: str, field: str, language: Language) -> Fault:
    """A field that must be filled in."""
    todo = language.text("fault.translate" if field in STATEMENTS else "fault.fill_in")
    return fault(table, field, "", language.text("fault.a_value"), todo, language)


def unknown_choice(table: str, field: str, found: str, labels: Sequence[str], language: Language) -> Fault:
    """A word that is none of the choices."""
    some = ", ".join(labels[:MOST_CHOICES]) + ("…" if len(labels) > MOST_CHOICES else "")
    expected = language.text("fault.a_choice", choices=some)
    todo = language.text("fault.choose_several" if field in LISTS else "fault.choose")
    return fault(table, field, found, expected, todo, language)


def against_schema(table: str, field: str, found: str, language: Language) -> Fault:
    """A cell that the schema of the table refuses."""
    if not found:
        return empty(table, field, language)
    expected, todo = _expectation(columns(table)[field], language)
    return fault(table, field, found, expected, todo, language)


def _expectation(column: Column, language: Language) -> tuple[str, str]:
    """What a column takes, and what to do about a cell that it does not take."""
    bounds: dict[str, Any] = {}
    pattern = ""
    for check in column.checks:
        bounds |= {name: value for name, value in check.statistics.items() if name in {"min_value", "max_value"}}
        pattern = str(check.statistics.get("pattern", pattern))
    correct = language.text("fault.correct")
    if bounds:
        key = "fault.a_whole_number" if str(column.dtype) in WHOLE else "fault.a_number"
        low, high = (str(int(bounds[name])).replace("-", "\N{MINUS SIGN}") for name in ("min_value", "max_value"))
        return language.text(key, low=low, high=high), correct
    known = {
        schemas.SLUG: ("fault.a_slug", "fault.leave_empty"),
        schemas.DATE: ("fault.a_date", "fault.correct"),
        r"^https?://\S+$": ("fault.an_address", "fault.copy_address"),
        r"^[a-z]{2}$": ("fault.a_language", "fault.correct"),
    }
    if pattern in known:
        expected, todo = known[pattern]
        return language.text(expected), language.text(todo)
    if column.name == "recommendations":
        return language.text("fault.recommendations"), correct
    return language.text("fault.other_form"), correct
