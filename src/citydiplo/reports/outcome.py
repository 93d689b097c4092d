"""What became of a report: the page and its PDF, or why there is none."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Why a report failed, a code of failure_kind."""

    error = "error"  # the notebook's own error
    death = "death"  # its process died
    timeout = "timeout"  # it took too long
    check = "check"  # the page is not what a report must be


@dataclass(frozen=True)
class Failure:
    """Why a report could not be made.

    Attributes
    ----------
    kind : Kind
    message : str
        The error in one line, or what killed the process, or what is wrong with the page.
    cell : int or None
        Position of the cell that was running, from 0.
    details : str
        The traceback, or the last words of the process; may be empty.
    """

    kind: Kind
    message: str
    cell: int | None = None
    details: str = ""


@dataclass(frozen=True)
class Outcome:
    """One report, made or not.

    Attributes
    ----------
    page : str or None
        HTML; None if the report failed.
    pdf : bytes or None
        None if it was not asked for, or the report failed.
    failure : Failure or None
    notebook : dict
        As far as it was executed, in the notebook format, if the report failed.
    figures : int
        How many figures the page has.
    attempts : int
        How often it was begun.
    seconds : float
        Of the last attempt.
    """

    page: str | None = None
    pdf: bytes | None = None
    failure: Failure | None = None
    notebook: dict[str, Any] = field(default_factory=dict)
    figures: int = 0
    attempts: int = 1
    seconds: float = 0.0
