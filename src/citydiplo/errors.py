"""Errors for people: what is wrong, where, what was expected, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one cell of one table (``row`` and ``column`` are None for a whole file or row).

    ``row`` is the line of the file as an editor or a spreadsheet shows it: the header is 1.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.found}; expected {self.expected}"


class UserError(Exception):
    """A mistake that its message lets a user mend; the command line prints it without a traceback."""


class DataError(UserError):
    """A table that does not follow its schema."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))
