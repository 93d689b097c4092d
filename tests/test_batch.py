"""The batch: what fails, dies, hangs or is killed; on small notebooks, so that each report takes a moment."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import collectivities, data, folders
from citydiplo.collectivities import Collectivity
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.reports.attempt import METHOD, Job, Limits, attempt
from citydiplo.reports.batch import Task, run, slug
from citydiplo.reports.files import write_atomically
from citydiplo.reports.journal import Record, opened, unchanged
from citydiplo.reports.layout import ACCESSIBILITY, INDEX, RUN_PAGE
from citydiplo.reports.outcome import Kind, Outcome
from citydiplo.reports.production import Means, make_site

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")

NAMES = ("Rennes", "Nantes", "Brest", "Angers", "Tours", "Caen")
TITLE = """
from IPython.display import HTML
HTML(f"<h1>{collectivity}</h1>" + "<p>...</p>" * 1_000)
"""
LIMITS = Limits(seconds=60)


def notebook(path: Path, *sources: str) -> Path:
    """Write a report notebook: parameters, a title, and some cells."""
    parameters = nbformat.v4.new_code_cell('collectivity, lang, wave = "", "fr", ""', metadata={"tags": ["parameters"]})
    cells = [parameters, *(nbformat.v4.new_code_cell(source) for source in (TITLE, *sources))]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The report notebook of the commands, here a small one."""
    path = notebook(tmp_path / "template.ipynb", "fails = False", 'if fails and collectivity == "35238":\n    1 / 0')
    monkeypatch.setenv("CITYDIPLO_TEMPLATE", str(path))
    return path


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Outcome]:
    """Make a report of a notebook with some cells."""

    def _make(*sources: str, limits: Limits = LIMITS, method: str = METHOD) -> Outcome:
        path = notebook(tmp_path / "cells.ipynb", *sources)
        return attempt(Job(path, {"collectivity": "13055", "lang": "fr"}), limits, method)

    return _make


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    language = Language.of("fr", tables)
    return [Task(collectivities.find(everyone, name), language, "a key") for name in NAMES]


def batch(tasks: Sequence[Task], folder: Path, force: bool = False) -> list[Record]:
    with opened(folder) as journal, ThreadPoolExecutor(2) as executor:
        return list(run(tasks, folder, journal, executor, 2, LIMITS, force))


def whole(folder: Path) -> list[str]:
    """The pages of a folder, each checked to be whole."""
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        assert page.read_text(encoding="utf-8").rstrip().endswith("</html>"), page
    return [page.stem for page in pages]


def states(records: Sequence[Record]) -> list[str]:
    return sorted(record["state"] for record in records)


# One report


@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_a_report_in_a_process_of_its_own(make: Callable[..., Outcome], method: str) -> None:
    if method == "forkserver" and method != METHOD:
        pytest.skip("this system has no safe fork")
    outcome = make("import os\nos.environ['LEFT'] = 'behind'", "HTML(f'<p>{os.getpid()}</p>')", method=method)
    assert outcome.failure is None and outcome.page and outcome.attempts == 1
    assert "<h1>13055</h1>" in outcome.page
    found = re.search(r"<p>(\d+)</p>", outcome.page)
    assert found and int(found[1]) != os.getpid()
    again = make("import os", "HTML(os.environ.get('LEFT', 'nothing'))", method=method)
    assert again.page and "nothing" in again.page


def test_outputs_are_those_of_a_kernel(make: Callable[..., Outcome]) -> None:
    cells = (
        "from IPython.display import display, HTML\nshown = display(HTML('<p>first</p>'), display_id=True)",
        "shown.update(HTML('<p>second</p>'))",
        "import asyncio\nawait asyncio.sleep(0)\nHTML('waited')",
        "%%capture\nprint('unseen words')",
        "lines = !echo from the shell\nHTML(lines[0])",
    )
    outcome = make(*cells)
    assert outcome.page and outcome.failure is None
    assert "<p>second</p>" in outcome.page and "<p>first</p>" not in outcome.page
    assert "waited" in outcome.page and "unseen words" not in outcome.page and "from the shell" in outcome.page


def test_an_error_of_the_notebook_is_told_once_with_what_ran(make: Callable[..., Outcome]) -> None:
    outcome = make("before = 1\nprint('so far')", "1 / 0", "after = 2")
    assert outcome.failure and outcome.failure.kind is Kind.error and outcome.attempts == 1
    assert outcome.failure.message == "ZeroDivisionError: division by zero"
    assert "1 / 0" in outcome.failure.details
    cells = outcome.notebook["cells"]
    assert outcome.failure.cell is not None and cells[outcome.failure.cell]["source"] == "1 / 0"
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4, 5, None]
    assert cells[3]["outputs"][0]["text"] == "so far\n"


@pytest.mark.parametrize(
    ("source", "kind", "message", "attempts"),
    [
        ("import sys\nsys.exit('enough')", Kind.error, "SystemExit: enough", 1),
        ("import sys\nsys.exit(0)", Kind.error, "SystemExit", 1),
        ("import os\nos._exit(0)", Kind.death, "ended with code 0", 2),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", Kind.death, "killed by SIGKILL", 2),
        ("import ctypes\nctypes.string_at(0)", Kind.death, "killed by SIGSEGV", 2),
        ("big = bytearray(5 * 10**9)", Kind.error, "MemoryError", 1),
        ("HTML('<h1>another</h1>')", Kind.check, "2 h1 instead of one", 1),
        ('HTML(\'<img alt="a" src="https://example.org/x.png">\')', Kind.check, "https://example.org", 1),
    ],
)
@posix
def test_what_ends_a_report(make: Callable[..., Outcome], source: str, kind: Kind, message: str, attempts: int) -> None:
    outcome = make(source, "print('never')", limits=Limits(60, 3 * 2**30))
    assert outcome.failure and outcome.page is None
    assert (outcome.failure.kind, outcome.attempts) == (kind, attempts)
    assert message in outcome.failure.message + outcome.failure.details
    if "SIGSEGV" in message:
        assert "Segmentation fault" in outcome.failure.details
    if kind is Kind.death:
        assert outcome.failure.cell == 3
    assert outcome.notebook["cells"][2]["outputs"]


DEAF = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""
LOCKED = "import re\nre.match('(a*)*$', 'a' * 40 + 'b')"  # one call of C code that never gives the lock back
CHILDREN = "import subprocess, time\nsubprocess.Popen(['sleep', '4321'])\ntime.sleep(1000)"
THREADS = "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()"


@pytest.mark.parametrize("source", [DEAF, LOCKED, CHILDREN])
@posix
def test_the_watchdog_stops_what_never_ends(make: Callable[..., Outcome], source: str) -> None:
    outcome = make("print('so far')", source, limits=Limits(seconds=8))
    assert outcome.failure and outcome.failure.kind is Kind.timeout and outcome.attempts == 1
    assert outcome.failure.message == "stopped after 8 s"
    assert outcome.failure.cell == 4
    assert 8 <= outcome.seconds < 20
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "4321"]]


def test_a_report_that_is_made_but_does_not_end_is_not_lost(make: Callable[..., Outcome]) -> None:
    outcome = make(THREADS)
    assert outcome.failure is None and outcome.page
    assert outcome.seconds < 30


@posix
def test_a_process_that_dies_once_is_begun_again(make: Callable[..., Outcome], tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    begun = f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\n"
    outcome = make(f"{begun}if not mark.exists():\n    mark.touch()\n    os.abort()")
    assert outcome.failure is None and outcome.page and outcome.attempts == 2


def test_a_notebook_that_is_not_there(tmp_path: Path) -> None:
    outcome = attempt(Job(tmp_path / "none.ipynb", {"lang": "fr"}), LIMITS)
    assert outcome.failure and outcome.failure.kind is Kind.error and "none.ipynb" in outcome.failure.message


# Many reports


def test_a_failure_leaves_an_error_page_and_does_not_stop_the_others(
    template: Path, tmp_path: Path, tasks: list[Task]
) -> None:
    out = tmp_path / "reports"
    assert states(batch(tasks, out)) == ["done"] * 6
    good = (out / tasks[0].path).read_text(encoding="utf-8")
    template.write_text(template.read_text().replace("fails = False", "fails = True"))
    records = {record["path"]: record for record in batch(tasks, out, force=True)}
    assert states(list(records.values())) == ["done"] * 5 + ["failed"]
    record = records["fr/rennes-35238.html"]
    assert (record["kind"], record["error"]) == ("error", "ZeroDivisionError: division by zero")
    page = (out / record["path"]).read_text(encoding="utf-8")
    assert "ZeroDivisionError" in page and page != good and str(tmp_path) not in page
    partial = nbformat.read(out / "failed" / "fr" / "rennes-35238.ipynb", as_version=4)
    assert "<h1>35238</h1>" in partial.cells[2].outputs[0].data["text/html"]
    assert "../failed/fr/rennes-35238.ipynb" in page
    assert "index.html" not in page  # these reports are of no site
    assert str(tmp_path) not in (out / "failed" / "fr" / "rennes-35238.ipynb").read_text(encoding="utf-8")
    # Mended, it takes the place of the error page; what was made is left alone.
    template.write_text(template.read_text().replace("fails = True", "fails = False"))
    assert states(batch(tasks, out)) == ["done"] + ["skipped"] * 5
    assert (out / tasks[0].path).read_text(encoding="utf-8") == good
    assert not (out / "failed" / "fr" / "rennes-35238.ipynb").exists()


def test_only_what_changed_is_made_again(template: Path, tmp_path: Path, tasks: list[Task]) -> None:
    out = tmp_path / "reports"
    batch(tasks, out)
    assert states(batch(tasks, out)) == ["skipped"] * 6
    (out / tasks[1].path).write_text("an editor’s change")
    (out / tasks[2].path).unlink()
    other = Task(tasks[3].city, tasks[3].language, "another key")
    records = batch([*tasks[:3], other, *tasks[4:]], out)
    made = sorted(record["path"] for record in records if record["state"] == "done")
    assert made == sorted(task.path for task in tasks[1:4])
    assert len(whole(out)) == 6


def test_a_site_is_unchanged_only_if_all_its_files_are_there(template: Path, tmp_path: Path, tasks: list[Task]) -> None:
    out = tmp_path / "reports"
    batch(tasks, out)
    (out / "index.html").write_text("")
    with opened(out) as journal:
        assert not unchanged(out, journal, "a state")
        journal.finish("a state", [task.path for task in tasks], ["index.html"])
        assert unchanged(out, journal, "a state")
        assert not unchanged(out, journal, "another state")
    for name in (tasks[0].path, "index.html"):
        content = (out / name).read_bytes()
        (out / name).unlink()
        with opened(out) as journal:
            assert not unchanged(out, journal, "a state")
        (out / name).write_bytes(content)
    with opened(out) as journal:
        assert unchanged(out, journal, "a state")


def test_a_site_of_which_a_report_was_made_again_of_other_data_is_not_unchanged(
    template: Path, tmp_path: Path, tasks: list[Task]
) -> None:
    out = tmp_path / "reports"
    batch(tasks, out)
    with opened(out) as journal:
        journal.finish("a state", [task.path for task in tasks], [])
    batch([replace(tasks[0], key="of other data")], out)
    with opened(out) as journal:
        assert not unchanged(out, journal, "a state")


def test_a_site_that_was_begun_is_not_unchanged(template: Path, tmp_path: Path, tasks: list[Task]) -> None:
    """Some of its reports may be of other data, whole though they are."""
    out = tmp_path / "reports"
    batch(tasks, out)
    paths = [task.path for task in tasks]
    with opened(out) as journal:
        journal.finish("a state", paths[:4], ["index.html", "index.en.html"])
        journal.begin(paths[3:], ["index.html"])
    (out / "index.html").write_text("")
    (out / "index.en.html").write_text("")
    with opened(out) as journal:
        assert not unchanged(out, journal, "a state")
        assert journal.site["paths"] == sorted(paths)  # of the last one or of this one
        assert journal.site["files"] == ["index.en.html", "index.html"]
        journal.finish("a state", paths[3:], ["index.html"])
        assert unchanged(out, journal, "a state")


def test_a_smaller_site_leaves_nothing_of_a_larger_one(template: Path, tmp_path: Path, tasks: list[Task]) -> None:
    template.write_text(template.read_text().replace("fails = False", "fails = True"))
    out, means = tmp_path / "site", Means(2, LIMITS, False)
    rennes, nantes, brest = (task.city for task in tasks[:3])

    def pages() -> set[str]:
        found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
        return {name for name in found if not name.startswith(".citydiplo")} - {"index.json", "summary.csv"}

    with opened(out) as journal:
        *_, removed = make_site([rennes, nantes], ["fr", "en"], False, out, journal, means, "large")
        batch_of_one = run(tasks[2:3], out, journal, ThreadPoolExecutor(1), 1, LIMITS)
        assert states(list(batch_of_one)) == ["done"]  # asked for by itself
    assert removed == 0
    (out / "en" / "by-hand.html").write_text("")
    both = {f"{lang}/{slug(city)}" for city in (rennes, nantes) for lang in ("fr", "en")}
    around_both = {*INDEX.values(), *RUN_PAGE.values(), *ACCESSIBILITY.values()}
    others = {f"fr/{slug(brest)}.html", "en/by-hand.html"}
    failed = {f"failed/{lang}/{slug(rennes)}.ipynb" for lang in ("fr", "en")}
    assert pages() == {f"{name}.html" for name in both} | around_both | others | failed
    assert 'href="../index.en.html"' in (out / "en" / f"{slug(rennes)}.html").read_text(encoding="utf-8")
    with opened(out) as journal:
        tasks_left, _, removed = make_site([nantes], ["fr"], False, out, journal, means, "small")
        assert [task.path for task in tasks_left] == journal.site["paths"] == [f"fr/{slug(nantes)}.html"]
    assert removed == 3
    assert pages() == {f"fr/{slug(nantes)}.html", "index.html", "run.html", "accessibility.html"} | others
    assert "index.en.html" not in (out / "index.html").read_text(encoding="utf-8")


def test_a_site_that_cannot_be_written(template: Path, tmp_path: Path, tasks: list[Task]) -> None:
    (tmp_path / "site" / "index.html").mkdir(parents=True)
    with opened(tmp_path / "site") as journal:
        with pytest.raises(UserError, match=r"index\.html\b.*run the command again"):
            make_site([tasks[0].city], ["fr"], False, tmp_path / "site", journal, Means(1, LIMITS, False), "a state")
        assert not unchanged(tmp_path / "site", journal, "a state")
    assert whole(tmp_path / "site" / "fr") == [slug(tasks[0].city)]


def test_two_batches_in_one_folder(tmp_path: Path) -> None:
    with (
        opened(tmp_path),
        pytest.raises(UserError, match=f"another batch writes into {re.escape(str(tmp_path))}"),
        opened(tmp_path),
    ):
        pass


def test_a_journal_whose_last_line_was_cut_short(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.write({"path": "fr/a.html", "state": "done", "key": "é"})
    path = tmp_path / ".citydiplo" / "journal.jsonl"
    path.write_bytes(path.read_bytes() + b'\n{"path": "fr/a.html", "state": "fai')
    with opened(tmp_path) as journal:
        assert journal.last["fr/a.html"]["state"] == "done"
        journal.write({"path": "fr/b.html", "state": "queued"})
    with opened(tmp_path) as journal:
        assert {path: record["state"] for path, record in journal.last.items()} == {
            "fr/a.html": "done",
            "fr/b.html": "queued",
        }


def test_a_long_journal_is_cut_to_what_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        for n in range(50):
            journal.write({"path": "fr/é.html", "state": "queued", "n": n}, sync=False)
    with opened(tmp_path) as journal:
        assert journal.last["fr/é.html"]["n"] == 49
        journal.write({"path": "fr/b.html", "state": "done"})
    with opened(tmp_path) as journal:
        assert {path: record["state"] for path, record in journal.last.items()} == {
            "fr/é.html": "queued",
            "fr/b.html": "done",
        }
    assert len((tmp_path / ".citydiplo" / "journal.jsonl").read_text(encoding="utf-8").splitlines()) == 2


DRIVER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from citydiplo import collectivities, data
from citydiplo.language import Language
from citydiplo.reports import attempt
from citydiplo.reports.batch import Task, run
from citydiplo.reports.journal import opened

attempt.PRELOAD = ["citydiplo.reports.engine", "citydiplo.reports.page", "citydiplo.reports.page_check"]
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    language = Language.of("fr", {name: data.load_table(name) for name in ("labels", "countries")})
    numbers = map(str, range(int(sys.argv[2])))
    cities = [collectivities.Collectivity(n, f"City {n}", "", "commune", *[None] * 9, False) for n in numbers]
    tasks = [Task(city, language, "a key") for city in cities]
    with opened(folder) as journal, ThreadPoolExecutor(2) as executor:
        print("begun", flush=True)
        for record in run(tasks, folder, journal, executor, 2, attempt.Limits(60), False):
            print(record["state"], flush=True)
"""


def drive(folder: Path, count: int, environment: dict[str, str]) -> subprocess.Popen[str]:
    driver = folder.parent / "driver.py"
    driver.write_text(DRIVER)
    command = [sys.executable, str(driver), str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment, text=True)  # noqa: S603


@posix
def test_a_batch_killed_fifty_times_loses_nothing(template: Path, tmp_path: Path) -> None:
    out, count, chance = tmp_path / "reports", 60, random.Random(2026)  # noqa: S311
    mark = {"CITYDIPLO_TEST": str(tmp_path)}
    made = 0
    for _ in range(50):
        process = drive(out, count, mark)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        time.sleep(chance.random() * 3)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert len(whole(out)) >= made
        made = len(whole(out))
    process = drive(out, count, mark)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert said.split()[1:].count("skipped") in (made, made - 1, made - 2)  # a page may be written and not yet noted
    assert len(whole(out)) == count
    assert not list(out.rglob("*.tmp"))
    deadline = time.monotonic() + 10
    while left := running(tmp_path):
        assert time.monotonic() < deadline, left
        time.sleep(0.2)


def running(folder: Path) -> list[psutil.Process]:
    """The processes that a test left behind."""

    def marked(process: psutil.Process) -> bool:
        try:
            return process.environ().get("CITYDIPLO_TEST") == str(folder)
        except psutil.Error:
            return False

    return [process for process in psutil.process_iter() if marked(process)]


@posix
def test_workers_killed_at_random_are_begun_again(template: Path, tmp_path: Path) -> None:
    out, chance = tmp_path / "reports", random.Random(7)  # noqa: S311
    notebook(template, "import time\ntime.sleep(0.3)")
    process = drive(out, 12, {"CITYDIPLO_TEST": str(tmp_path)})
    kills = 0
    while process.poll() is None:
        time.sleep(0.5 + chance.random())
        workers = [p for p in running(tmp_path) if p.pid != process.pid and p.ppid() != process.pid]
        if workers and kills < 6:
            chance.choice(workers).kill()
            kills += 1
    process.communicate()
    records = [json.loads(line) for line in (out / ".citydiplo" / "journal.jsonl").read_text().splitlines()]
    ended = [record for record in records if record["state"] in ("done", "failed")]
    assert kills == 6 and len(ended) == 12
    assert all(record["state"] == "done" or record["attempts"] == 2 for record in ended)
    assert any(record["attempts"] == 2 for record in ended)


# Disks


FULL = """
import sys
from pathlib import Path
sys.argv[1:] = ["report", "Rennes", "Nantes", "Brest", "Angers", "--out", sys.argv[1]]
from citydiplo.cli import app
if __name__ == "__main__":
    app()
"""


@posix
def test_a_full_disk(template: Path, tmp_path: Path) -> None:
    """On a disk of 160 kB, with pages of some 60 kB."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(small)], check=False).returncode:  # noqa: S603, S607
        pytest.skip("no right to mount a small disk here")
    try:
        notebook(template, "HTML('<p>' + 'x' * 50_000 + '</p>')")
        (tmp_path / "full.py").write_text(FULL)
        command = [sys.executable, str(tmp_path / "full.py"), str(small)]
        told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        assert told.returncode == 2
        assert "No space left on device" in told.stderr and "run the command again" in " ".join(told.stderr.split())
        assert "Traceback" not in told.stderr
        assert 1 <= len(whole(small)) < 4
        assert not list(small.rglob("*.tmp"))
        subprocess.run(["mount", "-o", "remount,size=4m", str(small)], check=True)  # noqa: S603, S607
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
        assert len(whole(small)) == 4
        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)  # noqa: S603, S607
        told = subprocess.run([*command], capture_output=True, text=True, check=False)  # noqa: S603
        assert told.returncode == 2 and "Read-only file system" in told.stderr
        assert len(whole(small)) == 4
    finally:
        subprocess.run(["umount", str(small)], check=True)  # noqa: S603, S607


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"), opened(tmp_path / "file"):
        pass


def test_a_table_that_has_vanished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    shutil.copytree(folders.data_folder(), folder)
    (folder / "partnerships.csv").unlink()
    monkeypatch.setenv("CITYDIPLO_DATA", str(folder))
    outcome = attempt(Job(None, {"collectivity": "13055", "lang": "fr", "wave": ""}), LIMITS)
    assert outcome.failure and outcome.failure.kind is Kind.error
    assert "partnerships.csv: no such file" in outcome.failure.message


# Files


WRITER = """
import sys
from pathlib import Path
from citydiplo.reports.files import write_atomically
print("ready", flush=True)
for n in range(10**6):
    write_atomically(Path(sys.argv[1]), str(n % 10) * 5_000_000)
"""


def test_a_write_killed_at_any_moment_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path, pauses = tmp_path / "page.html", random.Random(2026)  # noqa: S311
    for _ in range(6):
        command = [sys.executable, "-c", WRITER, str(path)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(pauses.random() / 10)
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        if path.exists():
            text = path.read_text(encoding="utf-8")
            assert len(text) == 5_000_000
            assert len(set(text)) == 1
    assert path.exists()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "new \udc80")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@given(st.text(), st.sampled_from(["13055", "2A004", "200054807", "dep-62"]))
def test_slugs_are_never_paths(name: str, code: str) -> None:
    city = Collectivity(code, name, name, "commune", None, "93", None, None, None, None, None, None, None, False)
    made = slug(city)
    assert made.endswith(code.lower())
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_slugs_are_unique(everyone: pd.DataFrame) -> None:
    slugs = [slug(collectivities.get(everyone, code)) for code in everyone.index[::50]]
    assert len(set(slugs)) == len(slugs)
