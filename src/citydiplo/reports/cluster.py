"""Reports on an existing Dask cluster: the same tasks through the same interface, that of concurrent.futures.

A worker needs citydiplo itself, of the same state; the tables and the notebook are shipped to it once. What a lost
worker was making is made by another: Dask sees to it.
"""

import io
import multiprocessing
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import Client, WorkerPlugin

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.reports import fingerprint
from citydiplo.reports.files import template

# A worker gets its next task while it sends the last one.
AHEAD = 2

DAEMON = "its workers may not start processes: start them with DASK_DISTRIBUTED__WORKER__DAEMON=False"


class Kit(WorkerPlugin):
    """Ships the tables and the notebook to each worker, also to those that join later.

    Parameters
    ----------
    content : bytes
        A ZIP of the folders data and accounts and of the notebook.
    package : str
        The hash of the package that made it.
    """

    def __init__(self, content: bytes, package: str):
        self.content, self.package = content, package
        self.name = f"citydiplo-{fingerprint.of_values(content.hex())[:16]}"

    def setup(self, worker: Any) -> None:
        """Unpack, and say where."""
        if multiprocessing.current_process().daemon:
            raise UserError(DAEMON)
        if fingerprint.package() != self.package:
            raise UserError(f"{worker.address} has another state of citydiplo: install the same on every worker")
        folder = Path(worker.local_directory, self.name)
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            archive.extractall(folder)
        for variable, name in PLACES.items():
            os.environ[variable] = str(folder / name)


PLACES = {"CITYDIPLO_DATA": "data", "CITYDIPLO_ACCOUNTS": "accounts", "CITYDIPLO_TEMPLATE": "notebook/report.ipynb"}


def packed() -> bytes:
    """The tables, the imported accounts and the report notebook of this machine, as a ZIP."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for folder, name in ((folders.data_folder(), "data"), (folders.accounts_folder(), "accounts")):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}")
        archive.write(template(), PLACES["CITYDIPLO_TEMPLATE"])
    return content.getvalue()


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """The workers of a cluster as an executor, and how many tasks to give them at once.

    Parameters
    ----------
    address : str
        Of the scheduler, say ``tcp://10.0.0.1:8786``.

    Raises
    ------
    UserError
        If there is no cluster, it has no worker, or its workers cannot make reports.
    """
    try:
        client = Client(address, timeout="20s")
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler at {address} ({error})") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UserError(f"the cluster at {address} has no worker")
        client.register_plugin(Kit(packed(), fingerprint.package()))
        yield client.get_executor(pure=False), AHEAD * threads
