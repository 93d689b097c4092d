"""
The folder of imported accounts: three tables that hold each document once, whatever was imported, how often, in which
order of rows.

A document is what one collectivity voted or spent in one year on one budget, told in one format. It replaces the one
that was there before.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from citydiplo import data
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.imports.account_document import COLUMNS
from citydiplo.imports.account_file import AccountFile, none
from citydiplo.reports.files import write_atomically
from citydiplo.spreadsheet import bare_cell, to_csv

LOCK, DRAFT = ".lock", ".import-"

# What is voted several times in a year: the date of the vote tells one from the other.
REPEATED = ("amending_decision", "supplementary_budget")

# What tells documents apart, beside the SIRET, or the SIREN if there is none.
IDENTITY = ["year", "document_kind", "budget", "format"]


@dataclass(frozen=True)
class Merged:
    """The tables after an import, and what it changed.

    Attributes
    ----------
    tables : dict of DataFrame
    replaced : DataFrame
        The documents that gave way to a newer one: siren, name, year, document_kind, budget, source (the file that they
        were of) and by (the file that has the one in their place).
    held : DataFrame
        The same columns: documents without functions that were left out because one with functions, of the file ``by``,
        was there already.
    """

    tables: Tables
    replaced: pd.DataFrame
    held: pd.DataFrame


def load(folder: Path) -> Tables:
    """Read the tables of a folder; those of an empty one if there are none yet.

    Raises
    ------
    UserError
        If they are not as the import wrote them.
    """
    there = [table for table in COLUMNS if (folder / f"{table}.csv").exists()]
    if there and len(there) < len(COLUMNS):
        missing = ", ".join(f"{table}.csv" for table in COLUMNS if table not in there)
        raise UserError(f"{folder} has no {missing}: put it back, or remove the other tables and import again")
    if not there:
        return {table: none(table) for table in COLUMNS}
    tables = {}
    for table in COLUMNS:
        try:
            rows = data.read_table(folder / f"{table}.csv").map(bare_cell, na_action="ignore")
            tables[table] = data.validate_table(table, rows)
        except (DataError, OSError) as error:
            raise UserError(f"{folder} is not as the import wrote it. Nothing was changed.\n{error}") from None
    return tables


def merge(before: Tables, files: Sequence[AccountFile]) -> Merged:
    """Add what files have to the tables: each document replaces the one that has its identity.

    A document without functions does not replace one of the same accounts that has them: nothing would be left of
    function 04.

    Parameters
    ----------
    before : dict of DataFrame
        From `load`.
    files : sequence of AccountFile
        In the order in which they count: the last one wins.
    """
    new = {file.sha256 for file in files if file.kept}
    kept = {table: rows[~rows["source_hash"].isin(new)] for table, rows in before.items()}
    readings = [{table: getattr(file.reading, table) for table in COLUMNS} for file in files if file.kept]
    documents = pd.concat([_documents(tables, order) for order, tables in enumerate([kept, *readings])])
    best = documents.sort_values(["by_function", "order"], kind="stable").drop_duplicates("key", keep="last")
    documents = documents.merge(best[["key", "order", "source"]], on="key", suffixes=("", "_best"))
    lost = documents[documents["order"] != documents["order_best"]].rename(columns={"source_best": "by"})
    tables = {
        table: pd.concat([kept[table], *(reading[table] for reading in readings)], ignore_index=True)
        for table in COLUMNS
    }
    won = documents[documents["order"] == documents["order_best"]]
    tables = {table: _sorted(_without(table, rows, lost, won)) for table, rows in tables.items()}
    shown = ["siren", "name", "year", "document_kind", "budget", "source", "by"]
    older = lost["order"] < lost["order_best"]
    return Merged(tables, lost.loc[older, shown], lost.loc[~older, shown])


def _documents(tables: Tables, order: int) -> pd.DataFrame:
    """One row a document and file: its ``key``, what it is called, whether its lines have functions (yes, no)."""
    rows = pd.concat([tables["account_totals"], tables["accounts"].assign(by_function="yes")], ignore_index=True)
    rows = rows.assign(key=_key(rows, IDENTITY), file_key=_file_key(rows), order=order)
    return rows.drop_duplicates(["key", "source_hash"])


def _key(rows: pd.DataFrame, identity: Sequence[str]) -> pd.Series:
    """What identifies the document of each row, as one text."""
    decided = rows["decided"].where(rows["document_kind"].isin(REPEATED)).fillna("")
    key = rows["siret"].fillna(rows["siren"]) + "|" + decided
    for column in identity:
        key = key + "|" + rows[column].astype("str")
    return key


def _file_key(rows: pd.DataFrame) -> pd.Series:
    """The document of each row, whatever its budget, and its file: a subsidy does not say of which budget it is."""
    return _key(rows, ["year", "document_kind", "format", "source_hash"])


def _without(table: str, rows: pd.DataFrame, lost: pd.DataFrame, won: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table without those of documents that lost their place."""
    if table == "subsidies":
        return rows[~_file_key(rows).isin(set(lost["file_key"]) - set(won["file_key"]))]
    return rows[~(_key(rows, IDENTITY) + rows["source_hash"]).isin(lost["key"] + lost["source_hash"])]


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(list(rows.columns), kind="stable", ignore_index=True)


def texts(tables: Tables) -> dict[str, str]:
    """The files of the tables, by name."""
    return {f"{table}.csv": to_csv(rows, ",") for table, rows in tables.items()}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Have the folder to oneself: another import waits until this one is done, or dead.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOCK).open("ab")
    except OSError as error:
        raise UserError(f"{error.filename}: {error.strerror}. Nothing was changed") from None
    with file:
        _wait_for(file)
        yield


def _wait_for(file: BinaryIO) -> None:
    """Lock a file until it is closed; the system does so if the program dies."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write the files of the folder: all of them, or none.

    Raises
    ------
    UserError
        If one cannot be written; those that were there are there still.
    """
    _remove_drafts(folder)  # of an import that was killed
    try:
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
        for name, text in files.items():
            write_atomically(draft / name, text)
        _swap(draft, folder, list(files))
    except OSError as error:
        raise UserError(
            f"{error.filename}: {error.strerror}. Is it open in a spreadsheet? Nothing was changed"
        ) from None
    finally:
        _remove_drafts(folder)


def _remove_drafts(folder: Path) -> None:
    for draft in folder.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)


def _swap(draft: Path, folder: Path, names: list[str]) -> None:
    """Put the files of a draft into their place; if one cannot be, put back those that were there."""
    before = draft / "before"
    before.mkdir()
    moved: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                shutil.copyfile(folder / name, before / name)
            moved.append(name)
            (draft / name).replace(folder / name)
    except BaseException:
        for name in moved:
            if (before / name).exists():
                (before / name).replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        raise
