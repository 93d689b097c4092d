"""
A thousand reports in one batch, for ``make soak``: none lost, none partial, memory flat.

Communes and EPCI of all France, in both languages; most of them have little that is documented, as it is.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import psutil

from citydiplo import collectivities, data
from citydiplo.language import LANGUAGES, Language
from citydiplo.reports.attempt import Limits
from citydiplo.reports.batch import Task, run
from citydiplo.reports.journal import opened

REPORTS = 1_000
EVERY = 100


def memory() -> float:
    """Memory of this process and of those it started, in MB: what is shared counts once."""
    own = psutil.Process()
    return sum(process.memory_full_info().pss for process in [own, *own.children(recursive=True)]) / 1e6


def main() -> None:
    """Make the reports and print."""
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    languages = [Language.of(code, tables) for code in LANGUAGES]
    studied = everyone.sort_values("in_study", ascending=False, kind="stable").index
    cities = [collectivities.get(everyone, code) for code in studied[: REPORTS // len(languages)]]
    tasks = [Task(city, language, "soak") for city in cities for language in languages]
    start, sizes, states = perf_counter(), [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder)) as journal,
        ThreadPoolExecutor(2) as executor,
    ):
        for record in run(tasks, Path(folder), journal, executor, 2, Limits(), False):
            states.append(record["state"])
            if len(states) % EVERY == 0:
                sizes.append(memory())
                print(f"{len(states)} reports, {perf_counter() - start:.0f} s, {sizes[-1]:.0f} MB", flush=True)
        pages = list(Path(folder).glob("*/*.html"))
        whole = sum(page.read_text(encoding="utf-8").rstrip().endswith("</html>") for page in pages)
        left = list(Path(folder).rglob("*.tmp"))
    print(f"made {states.count('done')}, failed {states.count('failed')}, lost {REPORTS - len(states)}; ", end="")
    print(f"pages {len(pages)}, whole {whole}, left over {len(left)}; ", end="")
    print(f"memory at the end over after the first {EVERY}: {sizes[-1] / sizes[0]:.2f}")


if __name__ == "__main__":
    main()
