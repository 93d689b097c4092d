"""What every reader of budgets and accounts gives: rows of the tables of accounts, and what became of the others."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from citydiplo.errors import Problem
from citydiplo.schemas import IMPORTED

COLUMNS = {name: list(schema.to_schema().columns) for name, schema in IMPORTED.items()}


def frame(table: str, rows: Sequence[dict[str, object]] = ()) -> pd.DataFrame:
    """Rows of one of the tables of accounts, in its columns; a column that no row has is missing."""
    return pd.DataFrame(list(rows), columns=COLUMNS[table])


@dataclass(frozen=True)
class Reading:
    """One file, read.

    Attributes
    ----------
    accounts, account_totals, subsidies : DataFrame
        In the columns of their schemas, not yet validated; the name and hash of the file are yet to come.
    problems : list of Problem
        Each row that was refused, or the whole file.
    notes : list of (locator, sentence)
        What was kept and is worth a look.
    """

    accounts: pd.DataFrame = field(default_factory=lambda: frame("accounts"))
    account_totals: pd.DataFrame = field(default_factory=lambda: frame("account_totals"))
    subsidies: pd.DataFrame = field(default_factory=lambda: frame("subsidies"))
    problems: list[Problem] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
