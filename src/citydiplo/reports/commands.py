"""The commands ``citydiplo report`` and ``citydiplo reports``."""

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from citydiplo import collectivities, data
from citydiplo.collectivities import Collectivity
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.reports import fingerprint
from citydiplo.reports.archive import zip_site
from citydiplo.reports.attempt import METHOD, Limits
from citydiplo.reports.batch import Task, run, unchanged
from citydiplo.reports.journal import Record, opened
from citydiplo.reports.planning import plan, profiles
from citydiplo.reports.site import Run, write_site

console = Console(width=None if sys.stdout.isatty() else 120)
errors = Console(stderr=True)


class Lang(StrEnum):
    fr = "fr"
    en = "en"


Langs = Annotated[list[Lang], typer.Option(help="Language; may be repeated.")]
CORES = os.cpu_count() or 1
Jobs = Annotated[int, typer.Option(min=1, help="Reports at once.")]
Seconds = Annotated[float, typer.Option(min=1, help="What a report may take, in seconds.")]
Memory = Annotated[float, typer.Option(min=0.5, help="What a report may use of memory, in GB (not on Windows).")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Write each report as a PDF, too.")]
GIGABYTE = 2**30
# What the site tells of a report.
COLUMNS = ["collectivity_id", "name", "lang", "path", "pdf", "state", "kind", "error", "seconds", "attempts", "figures",
           "bytes", "key", "sha256", "ended"]  # fmt: skip
Resume = Annotated[
    bool, typer.Option("--resume/--force", help="Leave reports alone that have not changed, or make all again.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(report)
    app.command()(reports)


def report(
    names: Annotated[list[str], typer.Argument(metavar="NAME|INSEE|SIREN…")],
    lang: Langs = [Lang.fr],  # noqa: B006
    out: Annotated[
        Path | None, typer.Option(help="Folder; default: reports, or waves/WAVE/copies.", show_default=False)
    ] = None,
    jobs: Jobs = 1,
    wave: Annotated[
        str, typer.Option(help="Add the collectivity’s own answers to a wave: a copy for itself, not to publish.")
    ] = "",
    pdf: Pdf = False,
    resume: Resume = True,
    timeout: Seconds = Limits.seconds,
    memory: Memory = Limits.memory / GIGABYTE,
) -> None:
    """Write the report of the collectivities named."""
    everyone = collectivities.directory(data.load_tables())
    chosen = [collectivities.find(everyone, name) for name in names]
    if wave:
        data.read_answers(wave)  # says which waves there are
    folder = out or (data.WAVES / wave / "copies" if wave else data.REPOSITORY / "reports")
    tasks = plan(profiles(chosen), [code.value for code in lang], wave, pdf)
    with opened(folder) as journal, _workers(jobs) as (executor, width):
        limits = Limits(timeout, int(memory * GIGABYTE))
        records = _make(tasks, run(tasks, folder, journal, executor, width, limits, not resume))
    _conclude(tasks, records, folder)
    for task in tasks:
        console.print(folder / task.path, highlight=False, soft_wrap=True)


def reports(
    everything: Annotated[
        bool, typer.Option("--all", help="Every collectivity that a source names, not only those of the study.")
    ] = False,
    lang: Langs = [Lang.fr, Lang.en],  # noqa: B006
    out: Annotated[Path, typer.Option(help="Folder of the reports.")] = data.REPOSITORY / "reports",
    jobs: Jobs = CORES,
    scheduler: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Make them on a Dask cluster: address of its scheduler.")
    ] = "",
    pdf: Pdf = False,
    archive: Annotated[
        Path | None, typer.Option("--zip", help="Write the whole site as a ZIP, too.", show_default=False)
    ] = None,
    resume: Resume = True,
    timeout: Seconds = Limits.seconds,
    memory: Memory = Limits.memory / GIGABYTE,
) -> None:
    """Write the report of each collectivity of the study, and the site around them."""
    started, languages = _now(), [code.value for code in dict.fromkeys(lang)]
    options = {"all": everything, "languages": languages, "pdf": pdf}
    tasks, records = list[Task](), dict[str, Record]()
    with opened(out) as journal:
        state = fingerprint.of_values(fingerprint.everything(), options)
        if resume and unchanged(out, journal, state):
            _say(f"{len(journal.site['paths'])} reports in {out}, none of which has changed")
        else:
            tables = data.load_tables()
            chosen = profiles(_chosen(everything, tables))
            tasks = plan(chosen, languages, pdf=pdf)
            with _workers(jobs, scheduler) as (executor, width):
                limits = Limits(timeout, int(memory * GIGABYTE))
                records = _make(tasks, run(tasks, out, journal, executor, width, limits, not resume))
            mode = "cluster" if scheduler else METHOD
            about = Run(started, _now(), fingerprint.versions(), *fingerprint.parts(), mode, width)
            outlines = data.load_boundaries("50m")
            files = write_site(out, chosen, _table(tasks, records), about, languages, tables, outlines)
            journal.finish(state, [task.path for task in tasks], files)
            states = [record["state"] for record in records.values()]
            _say(f"{len(states)} reports in {out}: {states.count('done')} made, {states.count('skipped')} unchanged")
    if archive:
        zip_site(out, archive)
        _say(f"the site as one file: {archive}")
    _conclude(tasks, records, out)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _chosen(everything: bool, tables: Tables) -> list[Collectivity]:
    """The collectivities of the study, or all that a source names."""
    everyone, listed = collectivities.directory(tables), tables["collectivities"]
    ids = listed["collectivity_id"] if everything else listed.loc[listed["study_role"].notna(), "collectivity_id"]
    return [collectivities.get(everyone, code) for code in ids]


@contextmanager
def _workers(jobs: int, scheduler: str = "") -> Iterator[tuple[Executor, int]]:
    """What makes reports, here or on a cluster, and how many at once."""
    if scheduler:
        try:
            from citydiplo.reports.cluster import cluster
        except ImportError:
            raise UserError("a cluster needs Dask: pip install 'citydiplo[cluster]'") from None
        with cluster(scheduler) as (executor, width):
            yield executor, width
    else:
        with ThreadPoolExecutor(jobs) as executor:
            yield executor, jobs


def _make(tasks: Sequence[Task], ended: Iterator[Record]) -> dict[str, Record]:
    """Follow a batch with a progress bar; the record of each report, by its path."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    records = {}
    with Progress(*columns, console=errors) as progress:
        bar = progress.add_task("reports", total=len(tasks))
        for record in ended:
            records[record["path"]] = record
            progress.advance(bar)
    return {task.path: records[task.path] for task in tasks}


def _table(tasks: Sequence[Task], records: dict[str, Record]) -> pd.DataFrame:
    """A row a report, as the site shows it."""
    rows = [
        {"collectivity_id": task.city.id, "name": task.city.name, "lang": task.language.code, **records[task.path]}
        for task in tasks
    ]
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def _conclude(tasks: Sequence[Task], records: dict[str, Record], folder: Path) -> None:
    """List the reports that failed and exit with 1 if there are any."""
    failed = [task for task in tasks if records[task.path]["state"] == "failed"]
    for task in failed:
        message = f"{task.city.name} ({task.city.id}, {task.language.code}): {records[task.path]['error']}"
        errors.print(escape(message), style="red", highlight=False, soft_wrap=True)
    if failed:
        made = len(tasks) - len(failed)
        errors.print(f"{len(failed)} of {len(tasks)} reports failed; the other {made} are in {folder}", highlight=False)
        raise typer.Exit(1)
