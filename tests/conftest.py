"""Fixtures: the real tables, and copies of them to break."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, sync_playwright

from citydiplo import collectivities, data, folders
from citydiplo.contribute.store import ORDER
from citydiplo.data import Tables
from citydiplo.language import Language
from citydiplo.profile import Profile, build

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

SOURCES = folders.REPOSITORY.parent / "shared" / "sources"

SOURCE_FILES = {
    "marseille-international": "000_ce437a0aa9fdc12a.txt",
    "marseille-bilan-2025": "001_1e70e54324360ba2.txt",
    "cnfpt-angers-2012": "002_d04f65d3c23628ed.txt",
    "france-urbaine-inet-2021": "003_8c5190ea7ea397c7.txt",
    "afccre-cuf-aimf-2025": "004_3b0c216b1ac2e351.txt",
}


def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: a quarter of the time, tests wait for a browser or for other processes."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def tables() -> Tables:
    return data.load_tables()


@pytest.fixture(scope="session")
def everyone(tables: Tables) -> pd.DataFrame:
    return collectivities.directory(tables)


@pytest.fixture(scope="session", params=["fr", "en"])
def language(request: pytest.FixtureRequest, tables: Tables) -> Language:
    return Language.of(request.param, tables)


@pytest.fixture(scope="session")
def profile_of(tables: Tables, everyone: pd.DataFrame) -> Callable[[str], Profile]:
    return lambda query: build(collectivities.find(everyone, query), everyone, tables, data.load_accounts())


@pytest.fixture(scope="session")
def source_lines() -> dict[str, list[str]]:
    """The lines of the source documents, where these are at hand."""
    if not SOURCES.is_dir():
        pytest.skip("the source documents are not beside the repository")
    return {
        source_id: (SOURCES / file).read_text(encoding="utf-8").split("\n") for source_id, file in SOURCE_FILES.items()
    }


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``data/`` that a test may break; citydiplo reads it until the test ends."""
    folder = tmp_path / "data"
    shutil.copytree(folders.REPOSITORY / "data", folder)
    monkeypatch.setenv("CITYDIPLO_DATA", str(folder))
    return folder


@pytest.fixture(scope="module")
def one_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of ``data/`` for the tests of a module: tables that none of them changes are read once."""
    folder = tmp_path_factory.mktemp("contribute") / "data"
    shutil.copytree(folders.REPOSITORY / "data", folder)
    return folder


@pytest.fixture
def fresh_copy(one_copy: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That copy, with the tables that contributions change as they are in the repository; citydiplo reads it."""
    for name in [*(f"{table}.csv" for table in ORDER), "datapackage.json"]:
        shutil.copyfile(folders.REPOSITORY / "data" / name, one_copy / name)
    monkeypatch.setenv("CITYDIPLO_DATA", str(one_copy))
    return one_copy


def contents(folder: Path) -> dict[str, bytes]:
    """What each file below a folder holds."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def edit(folder: Path, table: str, row_id: str, **cells: str) -> int:
    """Change cells of the row whose first column is ``row_id`` and return its line in the file."""
    frame = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    (row,) = frame.index[frame.iloc[:, 0] == row_id]
    frame.loc[row, list(cells)] = list(cells.values())
    frame.to_csv(folder / f"{table}.csv", index=False)
    return row + 2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium here")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
