"""Reports and the site around them, made in a folder whose journal is open."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from citydiplo import collectivities, data
from citydiplo.collectivities import Collectivity
from citydiplo.errors import UserError
from citydiplo.reports import fingerprint
from citydiplo.reports.attempt import METHOD, Limits
from citydiplo.reports.batch import Task, run, writing
from citydiplo.reports.journal import Journal, Record
from citydiplo.reports.layout import around, remove
from citydiplo.reports.planning import plan, profiles
from citydiplo.reports.site import Run, write_site

errors = Console(stderr=True)

# What the site tells of a report.
COLUMNS = ["collectivity_id", "name", "lang", "path", "pdf", "state", "kind", "error", "seconds", "attempts", "figures",
           "bytes", "key", "sha256", "ended"]  # fmt: skip


@dataclass(frozen=True)
class Means:
    """How reports are made.

    Attributes
    ----------
    jobs : int
        Reports at once, on this machine.
    limits : Limits
        Of each report.
    force : bool
        Make those that have not changed, too.
    scheduler : str
        Address of the scheduler of a Dask cluster that makes them; empty for this machine.
    """

    jobs: int
    limits: Limits
    force: bool
    scheduler: str = ""


def named(names: Sequence[str]) -> list[Collectivity]:
    """The collectivities that have these names or codes.

    Raises
    ------
    UserError
        See `collectivities.find`.
    """
    everyone = collectivities.directory(data.load_tables())
    return [collectivities.find(everyone, name) for name in names]


def listed(everything: bool) -> list[Collectivity]:
    """The collectivities of the study, or all that a source names."""
    tables = data.load_tables()
    everyone, rows = collectivities.directory(tables), tables["collectivities"]
    ids = rows["collectivity_id"] if everything else rows.loc[rows["study_role"].notna(), "collectivity_id"]
    return [collectivities.get(everyone, code) for code in ids]


def make(tasks: Sequence[Task], folder: Path, journal: Journal, means: Means) -> dict[str, Record]:
    """Make reports; return the record of each, by its path."""
    with _workers(means) as (executor, width):
        return _followed(tasks, run(tasks, folder, journal, executor, width, means.limits, means.force))


def make_site(
    cities: Sequence[Collectivity],
    languages: Sequence[str],
    pdf: bool,
    folder: Path,
    journal: Journal,
    means: Means,
    key: str,
) -> tuple[list[Task], dict[str, Record], int]:
    """Make the reports of collectivities and the site around them, and remove those that only a former site had.

    Return the tasks, the record of each report, and how many reports were removed. ``key`` is written into the
    journal once all is there: see `journal.unchanged`.
    """
    started, chosen = now(), profiles(cities)
    tasks = plan(chosen, languages, pdf=pdf)
    paths, files = [task.path for task in tasks], around(languages)
    with writing(folder):
        journal.begin(paths, files)
    with _workers(means) as (executor, width):
        records = _followed(tasks, run(tasks, folder, journal, executor, width, means.limits, means.force))
    mode = "cluster" if means.scheduler else METHOD
    about = Run(started, now(), fingerprint.versions(), *fingerprint.parts(), mode, width)
    rows = [
        {"collectivity_id": task.city.id, "name": task.city.name, "lang": task.language.code, **records[task.path]}
        for task in tasks
    ]
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    with writing(folder):
        write_site(folder, chosen, table, about, languages, data.load_tables(), data.load_boundaries("50m"))
        former = journal.site
        removed = remove(folder, set(former["paths"]).difference(paths), set(former["files"]).difference(files))
        journal.finish(key, paths, files)
    return tasks, records, removed


def now() -> str:
    """The moment, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _workers(means: Means) -> Iterator[tuple[Executor, int]]:
    """What makes reports, here or on a cluster, and how many at once."""
    if means.scheduler:
        try:
            from citydiplo.reports.cluster import cluster
        except ImportError:
            raise UserError("a cluster needs Dask: pip install 'citydiplo[cluster]'") from None
        with cluster(means.scheduler) as (executor, width):
            yield executor, width
    else:
        with ThreadPoolExecutor(means.jobs) as executor:
            yield executor, means.jobs


def _followed(tasks: Sequence[Task], ended: Iterator[Record]) -> dict[str, Record]:
    """Follow a batch with a progress bar; the record of each report, by its path."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    records = {}
    with Progress(*columns, console=errors) as progress:
        bar = progress.add_task("reports", total=len(tasks))
        for record in ended:
            records[record["path"]] = record
            progress.advance(bar)
    return {task.path: records[task.path] for task in tasks}
