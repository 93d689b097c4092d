"""
Time of whole batches, for ``make bench``.

The command run again with nothing changed, over its first run; and what two workers of a Dask cluster make in the time
in which one makes one, both on this machine, taking turns.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import dask
from distributed import LocalCluster

from citydiplo.reports.attempt import Limits
from citydiplo.reports.batch import run
from citydiplo.reports.cluster import cluster
from citydiplo.reports.journal import opened
from citydiplo.reports.planning import plan, profiles
from citydiplo.reports.production import listed

AGAIN = 3
ROUNDS = 2
CITIES = 10
COMMAND = [sys.executable, "-m", "citydiplo", "reports", "--lang", "fr", "--out"]


def command(folder: str) -> float:
    """Seconds of the whole command: the reports of the study in French, and the site."""
    start = perf_counter()
    subprocess.run([*COMMAND, folder], check=True, capture_output=True)  # noqa: S603
    return perf_counter() - start


def unchanged() -> None:
    """Print the share of the first run that a run with nothing to do takes."""
    with tempfile.TemporaryDirectory() as folder:
        first = command(folder)
        again = sum(command(folder) for _ in range(AGAIN)) / AGAIN
    print(f"57 reports: {first:.1f} s; nothing changed, over that: {again / first:.1%} (under 5 %)", flush=True)


def on_workers(count: int) -> float:
    """Seconds of a batch on so many workers, which have made reports before."""
    tasks = plan(profiles(listed(False)[:CITIES]), ["fr", "en"])
    with (
        tempfile.TemporaryDirectory() as folder,
        dask.config.set({"distributed.worker.daemon": False, "temporary-directory": folder}),
        LocalCluster(n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None) as local,
        opened(Path(folder)) as journal,
        cluster(local.scheduler_address) as (executor, width),
    ):
        list(run(tasks[: 2 * width], Path(folder), journal, executor, width, Limits(), True))
        start = perf_counter()
        made = list(run(tasks, Path(folder), journal, executor, width, Limits(), True))
        taken = perf_counter() - start
    if any(record["state"] != "done" for record in made):
        raise SystemExit(f"not made: {made}")
    return taken


def main() -> None:
    """Measure and print."""
    unchanged()
    taken = dict.fromkeys((1, 2), 0.0)
    for _ in range(ROUNDS):
        for count in taken:
            taken[count] += on_workers(count)
    print(f"two Dask workers over one: {taken[1] / taken[2]:.2f} times as many reports")


if __name__ == "__main__":
    main()
