"""
The commands ``citydiplo report`` and ``citydiplo reports``.

What takes long to import is imported when there is something to make.
"""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from citydiplo import folders
from citydiplo.reports import fingerprint
from citydiplo.reports.attempt import Limits
from citydiplo.reports.journal import Record, opened, unchanged

if TYPE_CHECKING:
    from citydiplo.reports.batch import Task

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
Resume = Annotated[
    bool, typer.Option("--resume/--force", help="Leave reports alone that have not changed, or make all again.")
]


app = typer.Typer()


@app.command()
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
    from citydiplo import data
    from citydiplo.reports import planning, production

    if wave:
        data.read_answers(wave)  # says which waves there are
    folder = out or (folders.waves_folder() / wave / "copies" if wave else folders.REPOSITORY / "reports")
    chosen = planning.profiles(production.named(names))
    tasks = planning.plan(chosen, [code.value for code in lang], wave, pdf)
    with opened(folder) as journal:
        means = production.Means(jobs, Limits(timeout, int(memory * GIGABYTE)), not resume)
        records = production.make(tasks, folder, journal, means)
    _conclude(tasks, records, folder)
    for task in tasks:
        console.print(folder / task.path, highlight=False, soft_wrap=True)


@app.command()
def reports(
    everything: Annotated[
        bool, typer.Option("--all", help="Every collectivity that a source names, not only those of the study.")
    ] = False,
    lang: Langs = [Lang.fr, Lang.en],  # noqa: B006
    out: Annotated[Path, typer.Option(help="Folder of the reports.")] = folders.REPOSITORY / "reports",
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
    languages = [code.value for code in dict.fromkeys(lang)]
    options = {"all": everything, "languages": languages, "pdf": pdf}
    tasks, records = list["Task"](), dict[str, Record]()
    with opened(out) as journal:
        state = fingerprint.of_values(fingerprint.everything(), options)
        if resume and unchanged(out, journal, state):
            _say(f"{len(journal.site['paths'])} reports in {out}, none of which has changed")
        else:
            from citydiplo.reports import production

            cities = production.listed(everything)
            means = production.Means(jobs, Limits(timeout, int(memory * GIGABYTE)), not resume, scheduler)
            tasks, records, removed = production.make_site(cities, languages, pdf, out, journal, means, state)
            states = [record["state"] for record in records.values()]
            _say(f"{len(states)} reports in {out}: {states.count('done')} made, {states.count('skipped')} unchanged")
            if removed:
                _say(f"{removed} reports of the former site, which are not of this one, were removed")
    if archive:
        from citydiplo.reports.archive import zip_site

        zip_site(out, archive)
        _say(f"the site as one file: {archive}")
    _conclude(tasks, records, out)


def _say(text: str) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _conclude(tasks: Sequence["Task"], records: dict[str, Record], folder: Path) -> None:
    """List the reports that failed and exit with 1 if there are any."""
    failed = [task for task in tasks if records[task.path]["state"] == "failed"]
    for task in failed:
        message = f"{task.city.name} ({task.city.id}, {task.language.code}): {records[task.path]['error']}"
        errors.print(escape(message), style="red", highlight=False, soft_wrap=True)
    if failed:
        made = len(tasks) - len(failed)
        errors.print(f"{len(failed)} of {len(tasks)} reports failed; the other {made} are in {folder}", highlight=False)
        raise typer.Exit(1)
