"""What became of each report of a folder, written down at once, so that it survives a kill."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from citydiplo.errors import UserError
from citydiplo.reports.files import write_atomically

FOLDER = ".citydiplo"
SITE = "."

# Lines a report, from which on only the last of each is kept.
MOST_LINES = 20

Record = dict[str, Any]


class Journal:
    """The journal of a folder of reports: a line of JSON a change of state, of which the last counts.

    Attributes
    ----------
    last : dict
        The last record of each report, by its path in the folder. A record has the report's path, its state (queued,
        running, done, failed or skipped) and when it was made; that of a report that is done also has its key and
        the SHA-256 of its files.
    """

    def __init__(self, path: Path):
        self._path = path
        self.last: dict[str, Record] = {}
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for line in lines:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue  # the write was cut short by a kill
            self.last[record["path"]] = record
        if len(lines) > MOST_LINES * len(self.last):
            write_atomically(path, "\n".join(json.dumps(record, ensure_ascii=False) for record in self.last.values()))

    def write(self, record: Record, sync: bool = True) -> Record:
        """Write down the new state of a report; it is on the disk when this returns, if ``sync``."""
        record = {"ended": datetime.now(UTC).isoformat(timespec="seconds")} | record
        with self._path.open("a", encoding="utf-8") as file:
            # A write that was cut short has no end of line.
            file.write(("\n" if file.tell() else "") + json.dumps(record, ensure_ascii=False))
            if sync:
                file.flush()
                os.fsync(file.fileno())
        self.last[record["path"]] = record
        return record

    @property
    def site(self) -> Record:
        """The record of the site: its key (None until it is finished), the paths of its reports, its other files."""
        return {"key": None, "paths": [], "files": []} | self.last.get(SITE, {})

    def begin(self, paths: Sequence[str], files: Sequence[str]) -> None:
        """Write down what a site will have; until it is finished, what the last one had is of it as well."""
        former = self.site
        both = {"paths": sorted({*former["paths"], *paths}), "files": sorted({*former["files"], *files})}
        self.write({"path": SITE, "state": "running", "key": None} | both)

    def finish(self, key: str, paths: Sequence[str], files: Sequence[str]) -> None:
        """Write down that the site around some reports was written, and the files it has beside them."""
        keys = [self.last[path].get("key") for path in paths]
        record = {"key": key, "paths": list(paths), "keys": keys, "files": list(files)}
        self.write({"path": SITE, "state": "done"} | record)


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    """The journal of a folder, which nobody else may write to meanwhile.

    Raises
    ------
    UserError
        If another batch is at work in the folder, or the folder cannot be written.
    """
    lock = FileLock(folder / FOLDER / "lock", timeout=0)
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        lock.acquire()
        journal = Journal(folder / FOLDER / "journal.jsonl")
    except Timeout:
        raise UserError(f"another batch writes into {folder}: wait until it ends, or choose another --out") from None
    except OSError as error:
        raise UserError(f"{error.filename or folder}: {error.strerror}: choose another --out") from None
    try:
        yield journal
    finally:
        lock.release()


def whole(record: Record | None, folder: Path) -> bool:
    """Whether the files of a report are as they were made."""
    if not record or record["state"] not in {"done", "skipped"}:
        return False
    files = {record["path"]: record["sha256"]} | ({record["pdf"]: record["pdf_sha256"]} if record["pdf"] else {})
    return all(_sha256(folder / name) == digest for name, digest in files.items())


def unchanged(folder: Path, journal: Journal, key: str) -> bool:
    """Whether the site was finished with the same key, its files are there, and all its reports as they were made."""
    site = journal.site
    there = site["key"] == key and all((folder / name).is_file() for name in site["files"])
    if not there:
        return False
    # A report may have been made again by itself since, of other data.
    reports = [(journal.last[path], made) for path, made in zip(site["paths"], site["keys"], strict=True)]
    return all(whole(record, folder) and record["key"] == made for record, made in reports)


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
