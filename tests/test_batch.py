"""The batch: failures, kills, file names; on a small template, so that each report takes a second."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import collectivities
from citydiplo.collectivities import Collectivity
from citydiplo.reports.files import slug, write_atomically

pytestmark = pytest.mark.slow

NAMES = ("Rennes", "Nantes", "Brest", "Angers", "Tours", "Caen")
CELL = """
import time
from IPython.display import HTML
time.sleep(0.2)
if collectivity == "35238" and fails:
    raise ValueError("no ink left")
HTML(f"<h1>{collectivity}</h1>" + "<p>...</p>" * 20_000)
"""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small report template; with ``fails = True`` in its first cell, the report on Rennes fails."""
    parameters = nbformat.v4.new_code_cell('collectivity, lang = "", "fr"', metadata={"tags": ["parameters"]})
    cells = [parameters, nbformat.v4.new_code_cell("fails = False"), nbformat.v4.new_code_cell(CELL)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "template.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    monkeypatch.setenv("CITYDIPLO_TEMPLATE", str(path))
    return path


def start(out: Path) -> subprocess.Popen[str]:
    """Start a batch on `NAMES`."""
    command = [sys.executable, "-m", "citydiplo", "report", *NAMES, "--jobs", "2", "--out", str(out)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603


def whole(folder: Path) -> list[Path]:
    """The reports of a folder, each checked to be whole."""
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        assert page.read_text(encoding="utf-8").rstrip().endswith("</html>"), page
    return pages


def test_one_failure_does_not_stop_the_others(template: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    assert start(out).wait(120) == 0
    assert len(whole(out)) == len(NAMES)
    notebook = nbformat.read(template, as_version=4)
    notebook.cells[1].source = "fails = True"
    nbformat.write(notebook, template)
    batch = start(out)
    _, errors = batch.communicate(timeout=120)
    assert batch.returncode == 1
    assert "Rennes (35238, fr): ValueError: no ink left" in errors
    assert "Traceback" not in errors
    made = [page.stem for page in whole(out)]
    assert made == ["angers-49007", "brest-29019", "caen-14118", "nantes-44109", "tours-37261"]


def test_a_killed_batch_leaves_whole_reports_and_runs_again(template: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    batch = start(out)
    deadline = time.monotonic() + 60
    while not list(out.rglob("*.html")) and time.monotonic() < deadline:
        time.sleep(0.02)
    batch.send_signal(signal.SIGKILL)
    batch.wait(10)
    assert 0 < len(whole(out)) < len(NAMES)
    assert start(out).wait(120) == 0
    assert len(whole(out)) == len(NAMES)
    assert not [path for path in out.rglob("*") if path.suffix == ".tmp"]


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


@given(st.text(), st.sampled_from(["13055", "2A004", "200054807", "dep-62"]))
def test_slugs_are_never_paths(name: str, code: str) -> None:
    city = Collectivity(code, name, name, "commune", None, "93", None, None, None, None, None, None, None, False)
    made = slug(city)
    assert made.endswith(code.lower())
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_slugs_are_unique(everyone: pd.DataFrame) -> None:
    slugs = [slug(collectivities.get(everyone, code)) for code in everyone.index[::50]]
    assert len(set(slugs)) == len(slugs)
