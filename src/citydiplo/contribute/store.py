"""Bring rows in: every table is checked as it would be, then the files are written, all of them or none."""

import getpass
import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from citydiplo import data
from citydiplo.check import check_together, datapackage_text
from citydiplo.contribute.fields import IDS, SAME
from citydiplo.contribute.placement import change, difference, insert
from citydiplo.contribute.proposal import NEW, SAME_ROW, Proposal
from citydiplo.contribute.register import Register, frame, parse
from citydiplo.errors import DataError, UserError
from citydiplo.reports.files import write_atomically
from citydiplo.schemas import table_path

DATAPACKAGE = "datapackage.json"

# Sources first: whatever stops the machine between two files, no row cites what is not there.
ORDER = ("sources", "collectivities", "facts", "partnerships", "memberships")


@dataclass(frozen=True)
class Change:
    """What would be written: the text of each file before and after, by its path in the folder of tables."""

    folder: Path
    before: Mapping[str, str]
    after: Mapping[str, str]

    def diff(self) -> str:
        """A unified diff of the files, nothing but the lines that change."""
        parts = [difference(name, self.before[name], text) for name, text in self.after.items()]
        return "\n".join(filter(None, parts))


def prepare(proposals: Iterable[Proposal], register: Register) -> Change:
    """Put rows in their places and check every table with them; nothing is written.

    Parameters
    ----------
    proposals : iterable of Proposal
        New rows, and those that replace a row that is there.

    Raises
    ------
    DataError
        If the tables would not hold together; no row of a proposal without faults should do that.
    """
    texts = dict(register.texts)
    added: set[str] = set()
    for proposal in proposals:
        if proposal.collectivity and proposal.collectivity["collectivity_id"] not in added:
            texts["collectivities"] = insert("collectivities", texts["collectivities"], proposal.collectivity)
            added.add(proposal.collectivity["collectivity_id"])
        if proposal.state == NEW:
            texts[proposal.table] = insert(proposal.table, texts[proposal.table], proposal.row)
        elif proposal.state != SAME_ROW:
            columns = (IDS[proposal.table],) if proposal.table in IDS else SAME[proposal.table]
            texts[proposal.table] = change(texts[proposal.table], columns, proposal.row)
    changed = [name for name in ORDER if texts[name] != register.texts[name]]
    if not changed:
        return Change(register.folder, {}, {})
    tables = register.tables | {name: data.validate_table(name, frame(name, parse(texts[name]))) for name in changed}
    if problems := check_together(tables):
        raise DataError(problems)
    before = {table_path(name): register.texts[name] for name in changed}
    after = {table_path(name): texts[name] for name in changed}
    path = register.folder / DATAPACKAGE
    described = path.read_bytes().decode("utf-8") if path.is_file() else ""
    if described.replace("\r\n", "\n") != (text := datapackage_text(tables)):
        before, after = before | {DATAPACKAGE: described}, after | {DATAPACKAGE: text}
    return Change(register.folder, before, after)


def write(change: Change) -> None:
    """Write a change; if a file cannot be written, those before it are put back as they were.

    Raises
    ------
    UserError
        If a file is no longer what it was when the change was prepared, or cannot be written.
    """
    with FileLock(_lock_of(change.folder)):
        for name, text in change.before.items():
            path = change.folder / name
            if (path.read_bytes() if path.is_file() else b"") != text.encode():
                raise UserError(f"{name} has changed meanwhile, nothing is written: do it again")
        written: list[str] = []
        try:
            for name, text in change.after.items():
                written.append(name)
                write_atomically(change.folder / name, text)
        except BaseException as error:
            for name in written:
                _put_back(change.folder / name, change.before[name])
            if isinstance(error, OSError):
                raise UserError(f"{written[-1]} cannot be written ({error.strerror}): nothing is changed") from None
            raise


def _lock_of(folder: Path) -> Path:
    """A file of this user for this folder, outside of it: what lies in the folder of tables is data."""
    name = hashlib.sha256(f"{getpass.getuser()} {folder.resolve()}".encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"citydiplo-{name}.lock"


def _put_back(path: Path, text: str) -> None:
    if text:
        if path.read_bytes() != text.encode():
            write_atomically(path, text)
    else:
        path.unlink(missing_ok=True)
