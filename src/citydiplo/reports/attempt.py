"""One report in a process of its own, which may fail, die, hang or eat memory without any harm to the others.

The process is forked from one that has already imported the libraries and read the tables (multiprocessing's fork
server) where that is safe, on Linux; elsewhere a new interpreter starts, which is slower. The code is the same.
"""

import faulthandler
import functools
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from citydiplo.reports.files import template
from citydiplo.reports.outcome import Failure, Kind, Outcome

METHOD = "forkserver" if sys.platform == "linux" else "spawn"

# What the process that reports are forked from imports.
PRELOAD = ["citydiplo.reports.warm"]

# How much is kept of what a process said that died or hung: faulthandler begins with what happened.
MOST_WORDS = 5_000

ENDING = 5.0  # seconds that a process has to end once its report is made


@dataclass(frozen=True)
class Job:
    """A notebook to run and what to make of it.

    Attributes
    ----------
    notebook : Path or None
        The report notebook of the machine that makes it (see `files.template`) if None.
    parameters : dict
        Values of its first cell; ``lang`` is the language of the page.
    pdf : bool
        Whether a PDF is made as well.
    """

    notebook: Path | None
    parameters: dict[str, Any]
    pdf: bool = False


@dataclass(frozen=True)
class Limits:
    """What a report may use.

    Attributes
    ----------
    seconds : float
        From the start of its process to its end.
    memory : int
        Bytes of address space, where the system can limit it.
    """

    seconds: float = 300.0
    memory: int = 4 * 2**30


@functools.cache
def context(method: str) -> ForkServerContext | SpawnContext:
    """How processes start; a fork server starts with the first of them."""
    found = multiprocessing.get_context(method)
    if isinstance(found, ForkServerContext):
        found.set_forkserver_preload(PRELOAD)
        return found
    return multiprocessing.get_context("spawn")


def attempt(job: Job, limits: Limits = Limits(), method: str = METHOD) -> Outcome:
    """Make a report; once again if its process died, for that may pass.

    Parameters
    ----------
    job : Job
    limits : Limits
    method : {"forkserver", "spawn"}
    """
    outcome = _once(job, limits, method)
    if outcome.failure and outcome.failure.kind is Kind.death:
        outcome = replace(_once(job, limits, method), attempts=2)
    return outcome


def _once(job: Job, limits: Limits, method: str) -> Outcome:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="citydiplo-") as folder:
        said = Path(folder, "said.txt")
        receiver, sender = context(method).Pipe(duplex=False)
        process = context(method).Process(target=_child, args=(job, limits, sender, said, dict(os.environ)))
        process.start()
        sender.close()
        late = threading.Event()
        watchdog = threading.Timer(limits.seconds, _kill, (process, late))
        watchdog.start()
        try:
            outcome, notebook = _listen(receiver)
            process.join(ENDING if outcome else None)
        finally:
            watchdog.cancel()
            _kill(process)
            process.join()
            receiver.close()
        if outcome is None:
            outcome = Outcome(failure=_ended(process.exitcode or 0, late.is_set(), limits, notebook, said))
        process.close()
    return replace(outcome, notebook=notebook if outcome.failure else {}, seconds=time.monotonic() - began)


def _listen(receiver: Connection) -> tuple[Outcome | None, dict[str, Any]]:
    """What a process sends until it ends: the outcome, if any, and the notebook with the cells that have run."""
    notebook: dict[str, Any] = {}
    with suppress(EOFError, OSError):
        while True:
            index, told = receiver.recv()
            if isinstance(told, Outcome):
                return told, notebook
            if index is None:
                notebook = told
            else:
                notebook["cells"][index] = told
    return None, notebook


def _kill(process: BaseProcess, late: threading.Event | None = None) -> None:
    """Kill a process and those that it started; say so first if it is late."""
    if late:
        late.set()
    if sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()


def _ended(exit_code: int, late: bool, limits: Limits, notebook: dict[str, Any], said: Path) -> Failure:
    """Why a process ended without a report."""
    words = said.read_text(encoding="utf-8", errors="replace")[:MOST_WORDS] if said.exists() else ""
    cells = enumerate(notebook.get("cells", []))
    cell = next((n for n, cell in cells if cell["cell_type"] == "code" and cell["execution_count"] is None), None)
    if late:
        return Failure(Kind.timeout, f"stopped after {limits.seconds:g} s", cell, words)
    how = f"was killed by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"ended with code {exit_code}"
    return Failure(Kind.death, f"its process {how}", cell, words)


def _child(job: Job, limits: Limits, sender: Connection, said: Path, environment: dict[str, str]) -> None:
    """Make a report in this process and send it."""
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _confine(limits)
    with said.open("w", encoding="utf-8") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
        faulthandler.enable(file)
        try:
            outcome = _made(job, lambda index, node: sender.send((index, node)))
        except Exception as error:
            details = "".join(traceback.format_exception(error))
            outcome = Outcome(failure=Failure(Kind.error, f"{type(error).__name__}: {error}", None, details))
        sender.send((None, outcome))


def _end_with_parent() -> None:
    """End when the process that waits for the report has ended."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _confine(limits: Limits) -> None:
    """A group of processes of its own, and a limit of memory."""
    if sys.platform != "win32":
        resource = importlib.import_module("resource")
        os.setsid()
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        least = limits.memory if most == resource.RLIM_INFINITY else min(limits.memory, most)
        resource.setrlimit(resource.RLIMIT_AS, (least, most))


def _made(job: Job, told: Callable[[int | None, Any], None]) -> Outcome:
    from citydiplo.reports import engine, page_check
    from citydiplo.reports.page import to_page

    executed = engine.execute(job.notebook or template(), job.parameters, told)
    if isinstance(executed, Failure):
        return Outcome(failure=executed)
    lang = job.parameters["lang"]
    page = to_page(executed, lang)
    if wrong := page_check.problems(page, lang, page_check.declared(executed)):
        return Outcome(failure=Failure(Kind.check, wrong[0], None, "\n".join(wrong)))
    pdf = None
    if job.pdf:
        from citydiplo.language import Language
        from citydiplo.reports.pdf import to_pdf

        pdf = to_pdf(page, Language(lang, {}, {}))
    return Outcome(page, pdf, figures=page_check.figures(page))
