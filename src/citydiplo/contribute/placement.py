"""Put a row where it belongs in the text of a table, and leave every other line as it is."""

import csv
import difflib
import io
from collections.abc import Sequence

from citydiplo.collectivities import fold
from citydiplo.contribute.register import Row, parse

# Rows of one group stand together; a row comes after the last row of the first of these groups that has one.
GROUPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "facts": (("source_id", "collectivity_id"), ("source_id",)),
    "partnerships": (("collectivity_id",),),
    "memberships": (("collectivity_id",),),
}

BOM = "\N{BYTE ORDER MARK}"


def line(cells: Sequence[str]) -> str:
    """A row as the tables write it: commas, quotes only where they are needed; without its line end."""
    target = io.StringIO()
    csv.writer(target, lineterminator="").writerow(cells)
    return target.getvalue()


def insert(table: str, text: str, row: Row) -> str:
    """The text of a table with one more row.

    Parameters
    ----------
    table : str
    text : str
        Of the file: a header, one row on one line.
    row : dict
        The cell of each column.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text, end)
    lines.insert(1 + position(table, parse(text), row), line([row[name] for name in _header(text)]))
    return end.join(lines) + end


def change(text: str, columns: Sequence[str], row: Row) -> str:
    """The text of a table with other cells in the one row that has these cells in these columns."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text, end)
    rows = enumerate(parse(text), start=1)
    (place,) = [n for n, known in rows if all(known[name] == row[name] for name in columns)]
    lines[place] = line([row[name] for name in _header(text)])
    return end.join(lines) + end


def _lines(text: str, end: str) -> list[str]:
    return text.removesuffix(end).split(end)


def _header(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


def position(table: str, rows: list[Row], row: Row) -> int:
    """How many rows come before a new one.

    A fact follows the last of the same source and collectivity, else of the same source; a membership the last of its
    collectivity. A partnership goes among those
    of its collectivity, by place; the first of a collectivity goes where the end of the table, which is sorted by
    collectivity, has its name. Anything else goes to the end.
    """
    for columns in GROUPS.get(table, ()):
        same = [n for n, known in enumerate(rows) if all(known[name] == row[name] for name in columns)]
        if same:
            return _within(rows, same, row) if table == "partnerships" else same[-1] + 1
    return _by_collectivity(rows, row) if table == "partnerships" else len(rows)


def _within(rows: list[Row], same: list[int], row: Row) -> int:
    """Among the last rows that stand together, before the first whose place comes later."""
    first = same[-1]
    while first - 1 in same:
        first -= 1
    run = range(first, same[-1] + 1)
    later = (n for n in run if fold(rows[n]["place"]) > fold(row["place"]))
    return next(later, same[-1] + 1)


def _by_collectivity(rows: list[Row], row: Row) -> int:
    keys = [fold(known["collectivity"]) for known in rows]
    start = len(keys)
    while start > 1 and keys[start - 2] <= keys[start - 1]:
        start -= 1
    after = (n for n in range(max(start - 1, 0), len(keys)) if keys[n] > fold(row["collectivity"]))
    return next(after, len(keys))


def difference(name: str, before: str, after: str) -> str:
    """A unified diff of a file, without context: only what changes."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"a/data/{name}", f"b/data/{name}", n=0, lineterm=""
    )
    return "\n".join(lines)
