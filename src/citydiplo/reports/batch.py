"""Many reports in parallel processes: a failing one is reported and does not stop the others."""

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from citydiplo.collectivities import Collectivity
from citydiplo.reports import engine
from citydiplo.reports.files import slug, write_atomically


@dataclass(frozen=True)
class Task:
    """One report to make.

    Attributes
    ----------
    city : Collectivity
    lang : {"fr", "en"}
    folder : Path
        Where reports go; each language has a folder of its own in it.
    wave : str
        A wave of the survey of which the collectivity's own answers are shown; empty in reports that are published.
    """

    city: Collectivity
    lang: str
    folder: Path
    wave: str = ""

    @property
    def path(self) -> Path:
        return self.folder / self.lang / f"{slug(self.city)}.html"


def make(task: Task) -> Path:
    """Make one report and write it."""
    write_atomically(task.path, engine.render(task.city.id, task.lang, task.wave))
    return task.path


def run(tasks: Iterable[Task], jobs: int) -> Iterator[tuple[Task, Exception | None]]:
    """Make reports in ``jobs`` processes and yield each task as it ends, with its error if it failed.

    The old report of a task that fails is removed: it would look current.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        running = {pool.submit(make, task): task for task in tasks}
        for future in as_completed(running):
            task, error = running[future], future.exception()
            if error is not None:
                task.path.unlink(missing_ok=True)
            if isinstance(error, Exception | None):
                yield task, error
            else:
                raise error
