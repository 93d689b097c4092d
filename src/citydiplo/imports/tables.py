"""Read delimited or JSON files of any origin as text, each row with its number in the file."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from citydiplo.errors import DataError, Problem
from citydiplo.spreadsheet import FORMULA, bare_cell

SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons"}

# A longer cell is a mistake (a quote that is never closed), or an attack.
LONGEST_CELL = 10_000
MOST_PROBLEMS = 20

# SPARQL 1.1 Query Results TSV: "text"@en, "1946"^^<type>, <address>.
TERM = re.compile(r'"(.*)"(?:@[\w-]+|\^\^\S+)?|<(.*)>', re.DOTALL)
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}

# A separator in quotes separates nothing.
QUOTED = re.compile(r'"[^"]*(?:"|$)')

Record = tuple[int, list[str]]


def read(path: Path) -> pd.DataFrame:
    """Read a file as text.

    Parameters
    ----------
    path : Path
        UTF-8, with or without byte order mark: comma-, semicolon- or tab-separated with a header (from a spreadsheet,
        or SPARQL results as TSV), SPARQL results as JSON, or a JSON list of objects.

    Returns
    -------
    DataFrame
        Text, empty cells as missing; indexed by row: the line of the file on which the row begins (the header is on
        line 1), in a JSON file the number of the record, from 1.

    Raises
    ------
    DataError
        Saying in which row and column the file is not as expected.
    """
    text = _text(path)
    frame = _json(path.name, text) if text.lstrip()[0] in "{[" else delimited(path.name, text)
    if frame.empty:
        raise _error(path.name, None, None, "no rows", "a header and rows, or records")
    return frame


def _error(file: str, row: int | None, column: str | None, found: str, expected: str) -> DataError:
    return DataError([Problem(file, row, column, found, expected)])


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _error(path.name, None, None, f"not readable ({error.strerror})", "a CSV, TSV or JSON file") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _error(path.name, *_first_bad_byte(error), "a file saved as UTF-8 (« CSV UTF-8 »)") from None
    if not text.strip():
        raise _error(path.name, None, None, "an empty file", "a CSV, TSV or JSON file")
    return text


def _first_bad_byte(error: UnicodeDecodeError) -> tuple[int, str | None, str]:
    """Say in which row and column the first byte stands that is not UTF-8."""
    text = error.object.decode("latin-1")
    row = text.count("\n", 0, error.start) + 1
    header = text.split("\n", 1)[0].strip()
    separator = max(SEPARATORS, key=header.count)
    before = text[text.rfind("\n", 0, error.start) + 1 : error.start]
    position = QUOTED.sub("", before).count(separator)
    columns = header.split(separator)
    column = columns[position].strip('"') if row > 1 and position < len(columns) else None
    return row, column, f"the byte 0x{error.object[error.start]:02x} is not UTF-8"


def delimited(file: str, text: str) -> pd.DataFrame:
    """Read a text separated by commas, semicolons or tabs, whichever its header has most: see `read`."""
    first = QUOTED.sub("", text.split("\n", 1)[0].strip())
    counts = sorted(((first.count(separator), separator) for separator in SEPARATORS), reverse=True)
    (most, separator), (next_most, _), _ = counts
    if most == 0 or most == next_most:
        names = "commas, semicolons or tabs"
        header_line = text.strip().split("\n", 1)[0].strip()
        raise _error(file, 1, None, f"the header « {header_line[:80]} »", f"names of columns separated by {names}")
    results = separator == "\t" and all(name.startswith("?") for name in first.split("\t"))
    records = _checked(file, _sparql_records(text) if results else _records(file, text, separator), separator)
    header = [name.removeprefix("?").strip() for name in next(records)[1]]
    rows = list(records)
    index = pd.Index([line for line, _ in rows], name="row")
    return to_frame(file, header, [cells for _, cells in rows], index)


def _records(file: str, text: str, separator: str) -> Iterator[Record]:
    """The records of a delimited text, blank lines left out, each with the line on which it begins."""
    limit = csv.field_size_limit(len(text) + 1)  # a long cell is reported by `_checked`
    made_safe = any(f"'{start}" in text for start in FORMULA)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        line = 1
        for cells in reader:
            if cells:
                yield line, [bare_cell(cell) for cell in cells] if made_safe else cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _error(file, line, None, f"not readable ({error})", "quotes in pairs around a cell") from None
    finally:
        csv.field_size_limit(limit)


def _sparql_records(text: str) -> Iterator[Record]:
    for line, row in enumerate(text.splitlines(), start=1):
        if row:
            yield line, [_term(cell) for cell in row.split("\t")]


def _term(cell: str) -> str:
    found = TERM.fullmatch(cell)
    if not found:
        return cell
    inside = found[1] if found[1] is not None else found[2]
    return re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[0]), inside)


def _checked(file: str, records: Iterator[Record], separator: str) -> Iterator[Record]:
    """The same records, refused together if some have too few, too many or too long cells."""
    problems: list[Problem] = []
    header: list[str] = []
    for line, cells in records:
        header = header or cells
        if len(cells) != len(header):
            expected = f"{len(header)} cells separated by {SEPARATORS[separator]}, as in the header"
            problems.append(Problem(file, line, None, f"{len(cells)} cells", expected))
        if len(max(cells, key=len)) > LONGEST_CELL:
            column, cell = max(zip(header, cells, strict=False), key=lambda named: len(named[1]))
            problems.append(too_long(file, line, column, cell))
        if len(problems) >= MOST_PROBLEMS:
            break
        if not problems:
            yield line, cells
    if problems:
        raise DataError(problems)


def too_long(file: str, line: int, column: str, cell: str) -> Problem:
    """Say that a cell is longer than any answer or name."""
    expected = f"at most {LONGEST_CELL}: is a quote or a line break missing?"
    return Problem(file, line, column[:80], f"a cell of {len(cell)} characters", expected)


def _json(file: str, text: str) -> pd.DataFrame:
    try:
        # Numbers stay as they are written.
        content = json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        row = getattr(error, "lineno", None)
        reason = getattr(error, "msg", type(error).__name__)
        raise _error(file, row, None, f"not readable as JSON ({reason})", "a complete JSON file") from None
    records, cell, order = _json_records(file, content)
    names = dict.fromkeys(order)
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise _error(file, number, None, f"the record {str(record)[:80]}", "an object with named values")
        names |= dict.fromkeys(record)
    rows = [[cell(file, number, name, record.get(name)) for name in names] for number, record in enumerate(records, 1)]
    return to_frame(file, list(names), rows, pd.RangeIndex(1, len(rows) + 1, name="row"))


def _json_records(file: str, content: Any) -> tuple[list[Any], Callable[[str, int, str, Any], str], list[str]]:
    """The records of a JSON file, the function that reads one of their values, and names that come first."""
    if isinstance(content, list):
        return content, _value, []
    head, results = content.get("head"), content.get("results")
    if isinstance(results, dict) and isinstance(results.get("bindings"), list):
        variables = head.get("vars") if isinstance(head, dict) else None
        return results["bindings"], _binding, [str(name) for name in variables] if isinstance(variables, list) else []
    expected = "SPARQL results (results, bindings) or a list of objects"
    raise _error(file, None, None, f"an object with {', '.join(content)[:80] or 'nothing'}", expected)


def _value(file: str, number: int, name: str, value: Any) -> str:
    if isinstance(value, dict | list):
        raise _error(file, number, name[:80], f"a nested value, {str(value)[:80]}", "a text or a number")
    # A text in JSON may hold half a character, which no file can.
    text = "" if value is None else str(value).encode("utf-8", "replace").decode("utf-8")
    if len(text) > LONGEST_CELL:
        raise DataError([too_long(file, number, name, text)])
    return text


def _binding(file: str, number: int, name: str, term: Any) -> str:
    """The value of an RDF term; a blank node stands for a value that is not known."""
    if term is None:
        return ""
    if not isinstance(term, dict) or "value" not in term:
        raise _error(file, number, name[:80], f"the term {str(term)[:80]}", "an object with a type and a value")
    return "" if term.get("type") == "bnode" else _value(file, number, name, term["value"])


def to_frame(file: str, header: list[str], rows: list[list[str]], index: pd.Index) -> pd.DataFrame:
    """Make a frame of rows of text, empty cells as missing; each column must have a name of its own."""
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise _error(file, 1, twice[0], "a name that two columns have", "one name a column")
    frame = pd.DataFrame(rows, columns=header, index=index, dtype="str")
    return frame.mask(frame.apply(lambda column: column.str.strip()) == "")
