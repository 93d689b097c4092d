"""Reports on a Dask cluster of two worker processes, one of which is killed."""

import os
from collections.abc import Iterator
from pathlib import Path

import dask
import nbformat
import pytest
from distributed import Client, LocalCluster

from citydiplo import collectivities, data, folders
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.reports.attempt import METHOD, Limits
from citydiplo.reports.batch import Task, run
from citydiplo.reports.cluster import cluster
from citydiplo.reports.journal import opened

pytestmark = [pytest.mark.slow, pytest.mark.skipif(METHOD != "forkserver", reason="as on a Linux cluster")]

SHOWS = """
import os, time
from IPython.display import HTML
from citydiplo import folders
time.sleep(0.5)
HTML(f"<h1>{collectivity}</h1><p>{folders.data_folder()}</p><p>worker {os.getppid()}</p>" + "<p>...</p>" * 1_000)
"""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[LocalCluster]:
    """Two worker processes that may start others."""
    options = {"distributed.worker.daemon": False, "temporary-directory": str(tmp_path / "dask")}
    with (
        dask.config.set(options),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as local,
    ):
        yield local


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = nbformat.v4.new_code_cell('collectivity, lang, wave = "", "fr", ""', metadata={"tags": ["parameters"]})
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [parameters, nbformat.v4.new_code_cell(SHOWS)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), tmp_path / "template.ipynb")
    monkeypatch.setenv("CITYDIPLO_TEMPLATE", str(tmp_path / "template.ipynb"))


def tasks(count: int) -> list[Task]:
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    language = Language.of("fr", tables)
    listed = tables["collectivities"]["collectivity_id"].head(count)
    return [Task(collectivities.get(everyone, code), language, "a key") for code in listed]


def test_a_killed_worker_loses_nothing(template: None, scheduler: LocalCluster, tmp_path: Path) -> None:
    out = tmp_path / "reports"
    with Client(scheduler.scheduler_address) as client:
        workers = client.run(os.getpid)
    assert len(set(workers.values())) == 2
    ended = []
    with opened(out) as journal, cluster(scheduler.scheduler_address) as (executor, width):
        assert width == 4
        for record in run(tasks(16), out, journal, executor, width, Limits(60), False):
            ended.append(record)
            if len(ended) == 6:
                os.kill(next(iter(workers.values())), 9)
    assert [record["state"] for record in ended] == ["done"] * 16
    pages = [(out / record["path"]).read_text(encoding="utf-8") for record in ended]
    # Each worker has its own copy of the tables, and not the folder of this machine.
    assert all("citydiplo-" in page and str(folders.data_folder()) not in page for page in pages)
    assert all(page.rstrip().endswith("</html>") for page in pages)


def test_no_cluster_and_no_worker(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no Dask scheduler at tcp://127"), cluster("tcp://127.0.0.1:9"):
        pass
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as local,
        pytest.raises(UserError, match="has no worker"),
        cluster(local.scheduler_address),
    ):
        pass


def test_workers_that_may_not_start_processes(template: None, tmp_path: Path) -> None:
    with (
        dask.config.set({"temporary-directory": str(tmp_path / "dask")}),
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as local,
        pytest.raises(UserError, match="DASK_DISTRIBUTED__WORKER__DAEMON=False"),
        cluster(local.scheduler_address),
    ):
        pass
