"""What changed in the tables since a git revision, as Markdown for those who read a pull request."""

import csv
import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from citydiplo.check import check
from citydiplo.data import load_table
from citydiplo.errors import UserError
from citydiplo.folders import data_folder
from citydiplo.language import Language
from citydiplo.schemas import TABLES, table_path

MOST_ROWS = 40  # of one table: a reviewer reads the diff of a longer one
MOST_PROBLEMS = 50
LONGEST = 120

Cells = dict[str, str]


@dataclass(frozen=True)
class Difference:
    """What differs between two versions of a table: rows by their key, with their cells before and after."""

    table: str
    added: dict[str, Cells] = field(default_factory=dict)
    removed: dict[str, Cells] = field(default_factory=dict)
    changed: dict[str, tuple[Cells, Cells]] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)  # that only one version has
    unreadable: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.columns or self.unreadable)

    @property
    def rows(self) -> Iterator[Cells]:
        """Every row concerned, as it is now or was."""
        yield from self.added.values()
        yield from self.removed.values()
        for before, after in self.changed.values():
            yield from (before, after)


def summary(base: str, lang: str) -> tuple[str, bool]:
    """Compare the tables with those of a git revision.

    Parameters
    ----------
    base : str
        A revision: a branch, a tag, a commit.
    lang : {"fr", "en"}

    Returns
    -------
    text : str
        Markdown; every text of the data stands in a code span, where it can do nothing.
    sound : bool
        Whether the tables pass `citydiplo.check`.

    Raises
    ------
    UserError
        If there is no such revision, or the tables are in no git repository.
    """
    folder = data_folder()
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}").strip()
    if not commit:
        raise UserError(f"no revision « {base} » in the repository of {folder}: fetch it first (git fetch)")
    language = Language.of(lang, {name: load_table(name) for name in ("labels", "countries")})
    found = [compare(name, _then(folder, commit, table_path(name)), _now(folder / table_path(name))) for name in TABLES]
    problems = [str(problem) for problem in check()]
    return markdown([difference for difference in found if difference], problems, language), not problems


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise UserError("git is not installed: the tables cannot be compared with a revision") from None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _then(folder: Path, commit: str, path: str) -> str:
    return _git(folder, "show", f"{commit}:./{path}")


def _now(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""


def compare(table: str, before: str, after: str) -> Difference:
    """Compare two texts of a table by its key; a text may be empty.

    Rows that share a key, as a broken table may have, are told apart by their number.
    """
    if before == after:
        return Difference(table)
    try:
        (old_columns, old), (new_columns, new) = (_rows(table, text) for text in (before, after))
    except csv.Error:
        return Difference(table, unreadable=True)
    both = [key for key in new if key in old]
    return Difference(
        table,
        {key: row for key, row in new.items() if key not in old},
        {key: row for key, row in old.items() if key not in new},
        {key: (old[key], new[key]) for key in both if old[key] != new[key]},
        sorted(set(old_columns) ^ set(new_columns)) if before and after else [],
    )


def _rows(table: str, text: str) -> tuple[list[str], dict[str, Cells]]:
    header, *lines = list(csv.reader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}"), newline=""))) or [[]]
    schema = TABLES[table].to_schema()
    unique = schema.unique or [name for name, column in schema.columns.items() if column.unique] or header
    rows: dict[str, Cells] = {}
    for line in lines:
        cells = dict(zip(header, line, strict=False))
        key = " + ".join(cells.get(name, "") for name in unique)
        number = 2
        while (free := key if number == 2 and key not in rows else f"{key} ({number})") in rows:
            number += 1
        rows[free] = cells
    return header, rows


def markdown(differences: list[Difference], problems: list[str], language: Language) -> str:
    """Write what differs and what the check says."""
    t = language.text
    lines = [f"## {t('changes.title')}", ""]
    if not differences:
        lines += [t("changes.none"), ""]
    else:
        lines += [f"| {t('changes.table')} | {t('changes.added')} | {t('changes.removed')} | {t('changes.changed')} |"]
        lines += ["|:--|--:|--:|--:|"]
        for found in differences:
            counts = [str(len(rows)) for rows in (found.added, found.removed, found.changed)]
            lines.append(f"| {code(table_path(found.table))} | {' | '.join(counts)} |")
        lines.append("")
    for found in differences:
        lines += [f"### {code(table_path(found.table))}", "", *_rows_of(found, language), ""]
    cited = sorted({row["source_id"] for found in differences for row in found.rows if row.get("source_id")})
    if cited:
        lines += [f"### {t('changes.sources')}", "", *(f"- {code(source)}" for source in cited[:MOST_ROWS])]
        lines += [*_more(len(cited), language), ""]
    lines += [f"### {t('changes.check')}", ""]
    lines += [t("changes.sound")] if not problems else [t("changes.problems", count=len(problems)), ""]
    lines += [f"- {code(problem, longest=400)}" for problem in problems[:MOST_PROBLEMS]]
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows_of(found: Difference, language: Language) -> list[str]:
    t = language.text
    if found.unreadable:
        return [t("changes.unreadable")]
    lines = [t("changes.columns", names=", ".join(map(code, found.columns)))] if found.columns else []
    for key, row in found.added.items():
        lines.append(f"- {t('changes.one_added')} {code(key)}{t('colon')}{_said(row)}")
    for key, row in found.removed.items():
        lines.append(f"- {t('changes.one_removed')} {code(key)}{t('colon')}{_said(row)}")
    for key, (before, after) in found.changed.items():
        names = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
        cells = "; ".join(f"{code(name)} {code(before.get(name, ''))} → {code(after.get(name, ''))}" for name in names)
        lines.append(f"- {t('changes.one_changed')} {code(key)}{t('colon')}{cells}")
    return lines[:MOST_ROWS] + _more(len(lines), language)


def _more(count: int, language: Language) -> list[str]:
    return [f"- {language.text('changes.more', count=count - MOST_ROWS)}"] if count > MOST_ROWS else []


def _said(row: Cells) -> str:
    """The cells of a row that tell most to a reviewer."""
    wanted = ("collectivity", "partner", "kind", "indicator", "value", "year", "start_year", "title", "name")
    shown = [row[name] for name in (*wanted, "source_id", "locator") if row.get(name)]
    return ", ".join(code(cell) for cell in shown or list(row.values())[:6])


def code(text: str, longest: int = LONGEST) -> str:
    """A text as a code span: no markup, link, mention or HTML in it is anything but text (CommonMark, 6.1).

    Its fence is longer than any run of backticks in it; a bar is escaped for tables of GitHub and GitLab.
    """
    plain = re.sub(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+", " ", text).strip() or "–"
    plain = plain if len(plain) <= longest else plain[: longest - 1] + "…"
    fence = "`" * (1 + max(map(len, re.findall("`+", plain)), default=0))
    edge = " " if "`" in plain else ""
    return f"{fence}{edge}{plain.replace('|', chr(92) + '|')}{edge}{fence}"
