"""Read files of budgets and accounts, many at once: what format each has, and what its reader gives."""

import codecs
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import pandas as pd

from citydiplo import data
from citydiplo.collectivities import fold
from citydiplo.errors import DataError, Problem, UserError
from citydiplo.imports import account_table, archive, dgfip, ofgl, sheets, totem
from citydiplo.imports.account_document import COLUMNS, Reading, frame, sha256
from citydiplo.imports.values import SPACES

Reader = Callable[[Path, str], Reading]

# As much of a file as tells its format.
START = 100_000

# Columns that tables of a format have, folded: one with most of them is of the format, and its reader says what lacks.
KNOWN = {
    "dgfip": {"exer", "ident", "lbudg", "cbudg", "nomen", "compte", "obnetdeb", "obnetcre"},
    "ofgl": {"exercice", "libelle budget", "agregat", "montant bp", "montant", "population totale"},
}
# A table with one column of each of these groups says itself what its columns are.
OWN = [set(account_table.IDENTITY), {"year"}, set(map(fold, account_table.UNITS))]

FORMATS = (
    "a budget document (TOTEM, XML), a balance of accounts (DGFiP, CSV), consolidated accounts (OFGL, CSV), "
    "or another table with --map COLUMN=FIELD"
)


@dataclass(frozen=True)
class AccountFile:
    """A file, or a member of a ZIP, and what was read of it.

    Attributes
    ----------
    name : str
        The name of the file; of a member, ``ZIP/member``.
    reading : Reading
        Its rows follow the schemas.
    format : str or None
        A code of account_format; None if it was not recognised.
    sha256 : str
        Empty if it could not be read.
    twin : str
        The name of a file with the same bytes that was read before it, and stands for it; else empty.
    """

    name: str
    reading: Reading
    format: str | None = None
    sha256: str = ""
    twin: str = ""

    @property
    def kept(self) -> int:
        """How many rows were kept."""
        return sum(len(getattr(self.reading, table)) for table in COLUMNS)

    @property
    def refused(self) -> bool:
        """Whether nothing of it was kept, for a reason."""
        return not self.kept and bool(self.reading.problems)


def read(paths: Sequence[Path], mapping: Mapping[str, str]) -> Iterator[AccountFile]:
    """Read files, folders of files, and ZIPs of files, one after the other.

    Parameters
    ----------
    paths : sequence of Path
        Of a folder, every file below it that is not hidden.
    mapping : mapping
        Column → field, for tables of no known format.

    Yields
    ------
    AccountFile
        One a file: it never raises for bad input. The same bytes are read once.
    """
    seen: dict[str, str] = {}
    names: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="citydiplo-") as folder:
        for name, path in _files(paths, Path(folder)):
            names[name] += 1
            name = name if names[name] == 1 else f"{name} ({names[name]})"
            file = _refused(name, path) if isinstance(path, Problem) else _read(path, name, mapping, seen)
            if file.sha256:
                seen.setdefault(file.sha256, file.name)
            yield file


def _files(paths: Sequence[Path], folder: Path) -> Iterator[tuple[str, Path | Problem]]:
    """Every file to read and its name, those of folders and ZIPs too; or why there is none."""
    for path in paths:
        found = [path]
        if path.is_dir():
            found = sorted(file for file in path.rglob("[!.]*") if file.is_file())
            if not found:
                yield _shown(path.name), Problem(_shown(path.name), None, None, "a folder without any file", "files")
        for file in found:
            name = _shown(str(file.relative_to(path.parent)) if path.is_dir() else file.name)
            if not file.is_file():
                yield name, Problem(name, None, None, "no such file", "a file, a folder or a ZIP")
            elif _start(file).startswith(archive.MAGIC) and not archive.package(file):
                for member, unpacked in archive.unpack(file, name, folder):
                    yield _shown(member), unpacked
            else:
                yield name, file


def _shown(name: str) -> str:
    """A name that can be written anywhere."""
    return SPACES.sub(" ", name.encode("utf-8", "replace").decode("utf-8")).strip() or "?"


def _start(path: Path) -> bytes:
    """The first bytes of a file; none if it cannot be opened, which its reading will tell."""
    try:
        with path.open("rb") as file:
            return file.read(START)
    except OSError:
        return b""


def _refused(name: str, problem: Problem) -> AccountFile:
    return AccountFile(name, Reading(problems=[problem]))


def _read(path: Path, name: str, mapping: Mapping[str, str], seen: Mapping[str, str]) -> AccountFile:
    try:
        digest = sha256(path)
        if digest in seen:
            return AccountFile(name, Reading(), None, digest, seen[digest])
        format = recognise(path, name, bool(mapping))
        reading = _readers(mapping)[format](path, name)
        return AccountFile(name, checked(stamped(reading, name, digest), name), format, digest)
    except DataError as error:
        return AccountFile(name, Reading(problems=error.problems))
    except UserError as error:
        return _refused(name, Problem(name, None, None, str(error), FORMATS))
    except Exception as error:  # one file must never keep the others from being read
        return _refused(name, Problem(name, None, None, f"not readable ({type(error).__name__}: {error})", FORMATS))


def _readers(mapping: Mapping[str, str]) -> dict[str, Reader]:
    return {
        "totem": totem.read,
        "dgfip": dgfip.read,
        "ofgl": ofgl.read,
        "table": partial(account_table.read, mapping=mapping),
    }


def recognise(path: Path, name: str, mapped: bool) -> str:
    """The format of a file, by what is in it: a code of account_format.

    Parameters
    ----------
    path : Path
    name : str
        For messages.
    mapped : bool
        Whether the user has said which column of a table is which field.

    Raises
    ------
    DataError
        If it has none.
    """
    start = _start(path)
    if start.startswith(archive.MAGIC):
        if archive.package(path) == archive.WORKBOOK:
            return "table"
        kind = "a ZIP within a ZIP" if archive.package(path) is None else "an OpenDocument file"
        raise DataError([Problem(name, None, None, kind, f"its files one by one, tables as CSV: {FORMATS}")])
    text = sheets.decode(_whole(start))[0].lstrip("\ufeff \t\r\n")
    if text[:14].lower().startswith(("<!doctype html", "<html")):
        raise DataError([Problem(name, None, None, "a page of the web (HTML)", FORMATS)])
    if text.startswith("<"):
        return "totem"
    header = text.split("\n", 1)[0].strip()
    columns = {fold(cell) for separator in ";,\t" for cell in header.split(separator)}
    for format, known in KNOWN.items():
        if 2 * len(known & columns) > len(known):
            return format
    if mapped or all(group & columns for group in OWN):
        return "table"
    shown = re.sub(r"[;,\t] *", ", ", header)[:200]
    found = f"the first line « {shown} »" if shown and shown.isprintable() else "no text"
    raise DataError([Problem(name, None, None, found, FORMATS)])


def _whole(start: bytes) -> bytes:
    """The same bytes without the part of a letter on which UTF-8 may have been cut."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(start).encode()
    except UnicodeDecodeError:
        return start


def stamped(reading: Reading, name: str, digest: str) -> Reading:
    """The same rows with their source: the name of the file and its SHA-256."""
    source = {"source": name, "source_hash": digest}
    return replace(reading, **{table: getattr(reading, table).assign(**source) for table in COLUMNS})


def checked(reading: Reading, name: str) -> Reading:
    """The same rows in the types of their schemas, each text on one line; or none of them, and why.

    Parameters
    ----------
    reading : Reading
        From a reader.
    name : str
        Of the file.
    """
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    for table in COLUMNS:
        rows = getattr(reading, table).reset_index(drop=True)
        for column in rows.select_dtypes(["object", "string"]):
            texts = {cell: _one_line(cell) for cell in rows[column].unique()}
            rows[column] = rows[column].map(texts)
        try:
            tables[table] = data.validate_table(table, rows) if len(rows) else none(table)
        except DataError as error:
            problems += [replace(problem, file=name, row=None) for problem in error.problems]
    if problems:
        return replace(reading, **{table: none(table) for table in COLUMNS}, problems=[*reading.problems, *problems])
    return replace(reading, **tables)


@cache
def none(table: str) -> pd.DataFrame:
    """No row of a table, in the types of its schema."""
    return data.validate_table(table, frame(table))


def _one_line(cell: object) -> object:
    return SPACES.sub(" ", cell).strip() or None if isinstance(cell, str) else cell
