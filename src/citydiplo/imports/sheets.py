"""
Read a table that people saved: delimited text in the encodings that spreadsheets write, or an .xlsx workbook.

Workbooks are read with openpyxl, read-only, by the values that are in them: no formula is ever computed, and a cell
that has one is refused. An encrypted workbook is an OLE compound file with a stream « EncryptedPackage »
([MS-OFFCRYPTO]).
"""

import datetime
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from citydiplo.errors import DataError, Problem, UserError
from citydiplo.imports import tables
from citydiplo.imports.tables import LONGEST_CELL, MOST_PROBLEMS

EXPECTED = "a CSV file or an .xlsx workbook"

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"  # the first file of the archive, not compressed
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Excel for Windows in French and other Western languages; its five unused bytes are read as Latin-1 does.
WESTERN = ("cp1252", "latin-1")

# A survey of thousands has a few megabytes: beyond, a small file unfolds into one that fills the memory.
LARGEST_WORKBOOK = 300_000_000


def read(path: Path) -> tuple[pd.DataFrame, str]:
    """Read a table as text.

    Parameters
    ----------
    path : Path
        Separated by commas, semicolons or tabs, in UTF-8, UTF-16 or cp1252; or an .xlsx workbook, of which the first
        sheet is read.

    Returns
    -------
    frame : DataFrame
        Text, empty cells as missing, indexed by row as `citydiplo.imports.tables.read` does; rows without any cell are
        left out.
    read_as : str
        The encoding, or the name of the sheet.

    Raises
    ------
    DataError
        Saying in which row and column the file is not as expected.
    """
    content = _content(path)
    frame, read_as = _workbook(path.name, content) if content.startswith(ZIP) else _text(path, content)
    frame = frame.dropna(how="all")
    if frame.empty:
        raise _refused(path, "no rows", "a header and rows")
    return frame, read_as


def read_sheets(path: Path, wanted: Callable[[str], bool]) -> dict[str, pd.DataFrame]:
    """Read sheets of a workbook as text; without rows where a sheet has a header only.

    Parameters
    ----------
    path : Path
    wanted : function
        Whether to read the sheet of this title.

    Returns
    -------
    dict of DataFrame
        By title of the sheet, as `read` gives them; empty for a file that is no workbook.

    Raises
    ------
    DataError
        Saying in which row and column a sheet is not as expected.
    """
    content = _content(path)
    return _sheets(path.name, content, wanted) if content.startswith(ZIP) else {}


def _content(path: Path) -> bytes:
    """The bytes of a file that is no workbook of another sort."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refused(path, f"not readable ({error.strerror})", EXPECTED) from None
    if content.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _refused(path, "a workbook protected by a password", "the same workbook saved without a password")
        raise _refused(path, "a workbook of the old .xls format", "the same workbook saved as .xlsx")
    if content.startswith(ZIP) and OPEN_DOCUMENT in content[:100]:
        raise _refused(path, "a workbook of LibreOffice's own format (.ods)", "the same workbook saved as .xlsx")
    return content


def _refused(path: Path, found: str, expected: str) -> DataError:
    return DataError([Problem(path.name, None, None, found, expected)])


def _text(path: Path, content: bytes) -> tuple[pd.DataFrame, str]:
    text, encoding = decode(content)
    if not text.strip():
        raise _refused(path, "an empty file", EXPECTED)
    return tables.delimited(path.name, text), encoding


def decode(content: bytes) -> tuple[str, str]:
    """The text of a file, and its encoding: UTF-16 if it says so or has its zeros, else UTF-8 if it can be, else
    cp1252.
    """
    if content.startswith(UTF_16) and len(content) % 2 == 0:
        return content.decode("utf-16", "replace"), "UTF-16"
    start = content[:1000]
    if len(content) % 2 == 0 and start[1::2].count(0) > len(start) // 4 and not start[::2].count(0):
        return content.decode("utf-16-le", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(WESTERN[0]), WESTERN[0]
    except UnicodeDecodeError:
        return content.decode(WESTERN[1]), WESTERN[1]


def _workbook(file: str, content: bytes) -> tuple[pd.DataFrame, str]:
    ((title, frame),) = _sheets(file, content, None).items()
    return frame, f"sheet {title}"


def _sheets(file: str, content: bytes, wanted: Callable[[str], bool] | None) -> dict[str, pd.DataFrame]:
    """The sheets that are wanted; the first one if nothing says which."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise UserError(f"{file}: workbooks cannot be read: pip install 'citydiplo[survey]'") from None
    try:
        size = sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())
        if size > LARGEST_WORKBOOK:
            raise DataError([Problem(file, None, None, f"{size} bytes once unfolded", f"at most {LARGEST_WORKBOOK}")])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        frames = {}
        sheets = [sheet for sheet in book.worksheets if wanted(sheet.title)] if wanted else book.worksheets[:1]
        for sheet in sheets:
            # Some writers declare a size that the sheet does not have.
            sheet.reset_dimensions()
            rows = [(number, cells) for number, cells in enumerate(sheet.iter_rows(), start=1) if cells]
            frames[sheet.title] = _sheet(file, rows)
        return frames
    except UserError:
        raise
    except Exception as error:  # a broken archive or XML fails in ways that openpyxl does not list
        found, expected = f"not readable ({type(error).__name__})", "an .xlsx workbook that Excel or LibreOffice opens"
        raise DataError([Problem(file, None, None, found, expected)]) from None


def _sheet(file: str, rows: list[tuple[int, Any]]) -> pd.DataFrame:
    """A frame of the cells of a sheet; the first row that has one is the header."""
    texts = [(number, [_cell(cell.value) for cell in cells]) for number, cells in rows]
    texts = [(number, values) for number, values in texts if any(values)]
    width = max((len(values) for _, values in texts), default=0)
    (_, header), *answers = texts or [(1, [])]
    header = [name.strip() or f"no. {place}" for place, name in enumerate(_wide(header, width), start=1)]
    problems = [
        problem
        for number, cells in rows
        for cell, name in zip(cells, header, strict=False)
        for problem in _problem(file, number, name, cell)
    ]
    if problems:
        raise DataError(problems[:MOST_PROBLEMS])
    index = pd.Index([number for number, _ in answers], name="row")
    return tables.to_frame(file, header, [_wide(values, width) for _, values in answers], index)


def _wide(values: list[str], width: int) -> list[str]:
    return values + [""] * (width - len(values))


def _problem(file: str, number: int, name: str, cell: Any) -> Iterator[Problem]:
    """What keeps a cell from being read."""
    if cell.data_type == "f":
        expected = "a value (copy the column, then « Paste special », « Values »)"
        yield Problem(file, number, name[:80], "a formula", expected)
    elif isinstance(cell.value, str) and len(cell.value) > LONGEST_CELL:
        yield tables.too_long(file, number, name, cell.value)


def _cell(value: object) -> str:
    """A cell as it would be typed: whole numbers without decimals, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return str(value)
