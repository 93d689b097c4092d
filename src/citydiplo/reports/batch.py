"""Many reports: those that have not changed are left alone, a failing one does not stop the others, none is lost."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citydiplo.collectivities import Collectivity, fold
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.reports.attempt import Job, Limits, attempt
from citydiplo.reports.error_page import error_page
from citydiplo.reports.files import write_atomically
from citydiplo.reports.journal import Journal, Record, whole
from citydiplo.reports.layout import partial, pdf_of
from citydiplo.reports.machine_paths import published
from citydiplo.reports.outcome import Failure, Kind, Outcome


def slug(city: Collectivity) -> str:
    """A file name for a collectivity: its folded name and its code, letters, digits and hyphens only."""
    name = fold(city.name).replace(" ", "-")
    return re.sub(r"[^a-z0-9-]", "", f"{name}-{city.id}".lower())


@dataclass(frozen=True)
class Task:
    """One report to make.

    Attributes
    ----------
    city : Collectivity
    language : Language
    key : str
        What the report depends on: as long as it is the same, the report is.
    wave : str
        A wave of the survey of which the collectivity's own answers are shown; empty in reports that are published.
    pdf : bool
        Whether a PDF is made as well.
    """

    city: Collectivity
    language: Language
    key: str
    wave: str = ""
    pdf: bool = False

    @property
    def path(self) -> str:
        """Where the page goes, in the folder of the reports."""
        return f"{self.language.code}/{slug(self.city)}.html"

    @property
    def job(self) -> Job:
        parameters = {"collectivity": self.city.id, "lang": self.language.code, "wave": self.wave}
        return Job(None, parameters, self.pdf)


def run(
    tasks: Sequence[Task],
    folder: Path,
    journal: Journal,
    executor: Executor,
    width: int,
    limits: Limits,
    force: bool = False,
) -> Iterator[Record]:
    """Make reports and yield the record of each as it ends.

    Parameters
    ----------
    tasks : list of Task
    folder : Path
    journal : Journal
        Of the folder.
    executor : concurrent.futures.Executor
        Makes ``width`` reports at once, here or on other machines.
    limits : Limits
        Of each report.
    force : bool
        Make those that have not changed, too.

    Raises
    ------
    UserError
        If a file cannot be written; what was made before is whole.
    """
    with writing(folder):
        waiting = []
        for task in tasks:
            made = None if force else _made(task, folder, journal)
            if made:
                yield journal.write(made | {"state": "skipped"}, sync=False)
            else:
                journal.write({"path": task.path, "state": "queued"}, sync=False)
                waiting.append(task)
        for task, outcome in _outcomes(waiting, journal, executor, width, limits):
            yield _conclude(task, outcome, folder, journal)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say what to do if a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{error.filename or folder}: {error.strerror}: the reports made before are whole; mend it and run the "
            "command again, which goes on from there"
        ) from None


def _outcomes(
    tasks: Sequence[Task], journal: Journal, executor: Executor, width: int, limits: Limits
) -> Iterator[tuple[Task, Outcome]]:
    """What becomes of each task, as it ends; no more are begun than there is room for, so that memory stays flat."""
    waiting, running = list(reversed(tasks)), dict[Future[Outcome], Task]()
    try:
        while waiting or running:
            while waiting and len(running) < width:
                task = waiting.pop()
                journal.write({"path": task.path, "state": "running"})
                running[executor.submit(attempt, task.job, limits)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                error = future.exception()
                died = Failure(Kind.death, f"{type(error).__name__}: {error}")
                yield running.pop(future), Outcome(failure=died) if error else future.result()
    finally:
        for future in running:
            future.cancel()


def _made(task: Task, folder: Path, journal: Journal) -> Record | None:
    """The record of a report that is as it was made, from what it depends on today."""
    record = journal.last.get(task.path)
    same = record is not None and record.get("key") == task.key and bool(record["pdf"]) >= task.pdf
    return record if same and whole(record, folder) else None


def _conclude(task: Task, outcome: Outcome, folder: Path, journal: Journal) -> Record:
    """Write what became of a report."""
    record: Record = {"path": task.path, "attempts": outcome.attempts, "seconds": round(outcome.seconds, 2)}
    if outcome.failure:
        _fail(task, outcome.failure, outcome.notebook, folder, task.path in journal.site["paths"])
        return journal.write(
            record | {"state": "failed", "kind": outcome.failure.kind.value, "error": outcome.failure.message}
        )
    page = (outcome.page or "").encode()
    record |= {"state": "done", "key": task.key, "figures": outcome.figures, "bytes": len(page), "pdf": None}
    write_atomically(folder / task.path, page)
    record["sha256"] = hashlib.sha256(page).hexdigest()
    pdf = pdf_of(task.path)
    if outcome.pdf:
        write_atomically(folder / pdf, outcome.pdf)
        record |= {"pdf": pdf, "pdf_sha256": hashlib.sha256(outcome.pdf).hexdigest()}
    else:
        (folder / pdf).unlink(missing_ok=True)
    (folder / partial(task.path)).unlink(missing_ok=True)
    return journal.write(record)


def _fail(task: Task, failure: Failure, notebook: dict[str, Any], folder: Path, site: bool) -> None:
    """Put an error page in the place of a report, so that no old one looks current, and its notebook beside."""
    if notebook:
        write_atomically(folder / partial(task.path), json.dumps(published(notebook), ensure_ascii=False, indent=1))
    link = f"../{partial(task.path)}" if notebook else ""
    write_atomically(folder / task.path, error_page(task.city, task.language, failure, link, site))
    (folder / pdf_of(task.path)).unlink(missing_ok=True)
