"""The tables as they are in their files now: texts for placing a row, and frames for checking it."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from citydiplo import data
from citydiplo.collectivities import directory
from citydiplo.contribute.fields import IDS, columns
from citydiplo.data import Tables
from citydiplo.folders import data_folder
from citydiplo.schemas import table_path

Row = dict[str, str]  # column → text; empty where the table has nothing

OPEN = (*IDS, "memberships")  # the tables that a contribution may change


@dataclass(frozen=True)
class Register:
    """Every table, and the text of those that are open to contributions.

    Attributes
    ----------
    folder : Path
    texts : dict of str
        What the files of the open tables hold.
    tables : dict of DataFrame
    proposed : dict of list
        Rows that are to come in together: a fact may cite a source that comes with it.
    """

    folder: Path
    texts: Mapping[str, str]
    tables: Tables
    proposed: Mapping[str, list[Row]]

    @classmethod
    def load(cls) -> "Register":
        """Read the open tables from their files, whatever was read before; the others are loaded once.

        Raises
        ------
        DataError
            If a table does not follow its schema.
        """
        folder = data_folder()
        texts = {}
        tables = data.load_tables()
        for name in OPEN:
            path = folder / table_path(name)
            tables[name] = data.validate_table(name, data.read_table(path))
            texts[name] = path.read_bytes().decode("utf-8")
        return cls(folder, texts, tables, {name: [] for name in OPEN})

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        """The rows of the open tables, as texts, in the order of the file."""
        return {name: parse(text) for name, text in self.texts.items()}

    @cached_property
    def everyone(self) -> pd.DataFrame:
        """Every collectivity of France: see `collectivities.directory`."""
        return directory(self.tables)

    @cached_property
    def ids(self) -> dict[str, set[str]]:
        """The ids that are taken, those of proposed rows too."""
        every = {name: [*self.rows[name], *self.proposed[name]] for name in OPEN}
        return {name: {row[IDS[name]] for row in every[name]} for name in IDS}

    def with_rows(self, table: str, rows: Iterable[Row]) -> "Register":
        """The same register, with rows that are to come in."""
        more = {**self.proposed, table: [*self.proposed[table], *rows]}
        known = replace(self, proposed=more)
        # What rows of this register do not change need not be computed again.
        known.__dict__.update({name: self.__dict__[name] for name in ("rows", "everyone") if name in self.__dict__})
        return known


def parse(text: str) -> list[Row]:
    """The rows of a CSV text."""
    return [dict(row) for row in csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"), newline=""))]


def frame(table: str, rows: list[Row]) -> pd.DataFrame:
    """Rows as a frame of text in the columns of a table, empty cells as missing."""
    made = pd.DataFrame(rows, columns=list(columns(table)), dtype="str")
    return made.mask(made == "")
