"""
Time of the batch of reports, for ``make bench``.

Side by side in one run, taking turns, the same reports on two processes: a plain papermill loop with nbconvert (= 1);
two such loops; ours; and the floor, the notebook's code as a plain function in forked processes that have everything in
memory. All of them make the whole page, whose figures are counted.
"""

import ast
import multiprocessing
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat

from citydiplo.reports.attempt import Job, attempt, context
from citydiplo.reports.files import template

CITIES = ("13055", "35238", "59350", "68224", "44109", "38185")
REPORTS = [(city, lang) for city in CITIES for lang in ("fr", "en")]
ROUNDS = 3
STUDY = 114  # the reports of the study's collectivities in both languages

Report = tuple[str, str]


def figures(page: str) -> int:
    """The figures of a page."""
    return page.count("<figure")


def plain(reports: list[Report]) -> int:
    """Papermill as its manual shows it, then nbconvert; return the number of figures."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import papermill

    from citydiplo.reports.page import to_page

    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for city, lang in reports:
            path = Path(folder, f"{city}-{lang}.ipynb")
            parameters = {"collectivity": city, "lang": lang}
            papermill.execute_notebook(template(), path, parameters, progress_bar=False, cwd=template().parent)
            count += figures(to_page(nbformat.read(path, as_version=4), lang))
    return count


def two_loops(reports: list[Report]) -> int:
    """Two plain loops at once."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        return sum(pool.map(plain, [reports[::2], reports[1::2]]))


def ours(reports: list[Report]) -> int:
    """As ``citydiplo reports --jobs 2``."""
    jobs = [Job(None, {"collectivity": city, "lang": lang, "wave": ""}) for city, lang in reports]
    with ThreadPoolExecutor(2) as executor:
        outcomes = list(executor.map(attempt, jobs))
    failed = [outcome.failure for outcome in outcomes if outcome.failure]
    if failed:
        raise SystemExit(f"not made: {failed[0]}")
    return sum(outcome.figures for outcome in outcomes)


def floor(reports: list[Report]) -> int:
    """The code of the notebook's cells in a forked process each, without kernel or messages."""
    with ThreadPoolExecutor(2) as executor:
        return sum(executor.map(forked, reports))


def forked(report: Report) -> int:
    """The figures of a report made in a process of its own."""
    receiver, sender = context("forkserver").Pipe(duplex=False)
    process = context("forkserver").Process(target=bare, args=(report, sender))
    process.start()
    sender.close()
    count = receiver.recv()
    process.join()
    return count


def bare(report: Report, sender: Any) -> None:
    """Run the cells, and put what they show on a page."""
    shown: list[str] = []
    names = {"display": lambda shows: shown.append(shows.data)}
    values = dict(zip(("collectivity", "lang"), report, strict=True))
    for cell in nbformat.read(template(), as_version=4).cells:
        if cell.cell_type == "code":
            *body, last = ast.parse(cell.source).body
            if isinstance(last, ast.Expr):
                exec(compile(ast.Module(body, []), "cell", "exec"), names)  # noqa: S102
                result = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
                shown.append(getattr(result, "data", ""))
            else:
                exec(compile(ast.Module([*body, last], []), "cell", "exec"), names)  # noqa: S102
        if "parameters" in cell.metadata.get("tags", []):
            names |= values
    sender.send(figures(f"<!DOCTYPE html><html lang='{report[1]}'>{''.join(shown)}</html>"))


def main() -> None:
    """Measure and print."""
    start = perf_counter()
    ours(REPORTS[:1])
    begun = perf_counter() - start
    ways: list[Callable[[list[Report]], int]] = [plain, two_loops, ours, floor]
    times: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for turn in range(ROUNDS):
        part = REPORTS[turn::ROUNDS]
        counts = set()
        for way in ways:
            start = perf_counter()
            counts.add(way(part))
            times[way.__name__].append(perf_counter() - start)
        if len(counts) != 1:
            raise SystemExit(f"the ways do not draw the same figures: {counts}")
    each = {name: sum(taken) / len(REPORTS) for name, taken in times.items()}
    begun -= each["ours"] * 2
    print(f"a plain loop of papermill: {each['plain']:.2f} s a report (= 1)")
    print(f"two plain loops: {each['plain'] / each['two_loops']:.1f}")
    print(f"ours: {each['plain'] / each['ours']:.1f} (at least 4.5, aim 6), begun in {begun:.1f} s; ", end="")
    study = STUDY * each["plain"] / (begun + STUDY * each["ours"])
    print(f"with that, for {STUDY} reports: {study:.1f}")
    print(f"floor: {each['plain'] / each['floor']:.1f}; share of it reached: {each['floor'] / each['ours']:.0%}")


if __name__ == "__main__":
    main()
