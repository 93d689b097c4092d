"""Execute the notebooks that make reports: the only module that knows papermill.

The cells run in a kernel inside this process (ipykernel's in-process kernel), through papermill's own seam for engines:
no sockets, no ports, no process to wait for. The process is to be one that may die: `citydiplo.reports.attempt` makes
one for each report.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

# JupyterLab's dependencies bring rfc3987-syntax; importing it builds a grammar for two seconds in every process that
# imports nbformat (jsonschema issue 1428). Nothing here validates IRIs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import papermill  # noqa: E402
from ipykernel.inprocess.blocking import BlockingInProcessKernelClient  # noqa: E402
from ipykernel.inprocess.manager import InProcessKernelManager  # noqa: E402
from nbclient.exceptions import CellExecutionComplete  # noqa: E402
from nbconvert.filters import strip_ansi  # noqa: E402
from nbformat import NotebookNode  # noqa: E402
from papermill.clientwrap import PapermillNotebookClient  # noqa: E402
from papermill.engines import Engine, papermill_engines  # noqa: E402
from papermill.exceptions import PapermillExecutionError  # noqa: E402

from citydiplo.reports.outcome import Failure, Kind  # noqa: E402

# Called with None and the notebook before it runs, then with the position of each cell that has run, and the cell.
Told = Callable[[int | None, NotebookNode], None]


class Client(BlockingInProcessKernelClient):
    """A client whose kernel may run an event loop of its own.

    ipykernel's starts a loop for each message, in which cells with a top-level await cannot start theirs (7.4).
    """

    def _dispatch_to_kernel(self, message: dict[str, Any]) -> None:
        kernel: Any = self.kernel
        self.session.send(kernel.shell_stream, message)
        with suppress(StopIteration):
            # Handled to its end: nothing waits in it.
            kernel.dispatch_shell(kernel.shell_stream.recv_multipart()).send(None)
        _, reply = self.session.recv(kernel.shell_stream, copy=False)
        self.shell_channel.call_handlers_later(reply)


class InProcess(Engine):
    """An engine of papermill that runs the cells in this process."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, told: Told, **_: Any) -> None:
        """Run the cells in order, up to the first that fails."""
        asyncio.set_event_loop(asyncio.new_event_loop())  # which ipykernel looks for
        manager: Any = InProcessKernelManager()
        manager.start_kernel()
        client = Client(kernel=manager.kernel, session=manager.kernel.session)
        client.start_channels()
        # nbclient's own reading of the kernel's messages, so that outputs are those of any other front end.
        reader = PapermillNotebookClient(nb_man, record_timing=False)
        reader.reset_execution_trackers()
        told(None, nb_man.nb)
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type == "code" and cell.source.strip():
                nb_man.cell_start(cell, index)
                client.execute(cell.source)
                content = client.get_shell_msg(timeout=0)["content"]
                cell.execution_count = content.get("execution_count")
                manager.kernel.stdout.flush()  # waits until every message was sent
                _read(client, reader, cell, index)
                told(index, cell)
                if content["status"] != "ok":
                    nb_man.cell_exception(cell, index)
                    return
                nb_man.cell_complete(cell, index)


def _read(client: Any, reader: PapermillNotebookClient, cell: NotebookNode, index: int) -> None:
    """Put the messages of a cell that has run into its outputs."""
    reader.clear_before_next_output = False
    while client.iopub_channel.msg_ready():
        with suppress(CellExecutionComplete):
            reader.process_message(client.get_iopub_msg(block=False), cell, index)


papermill_engines.register("citydiplo", InProcess)


def execute(notebook: Path, parameters: dict[str, Any], told: Told) -> NotebookNode | Failure:
    """Run a notebook in this process.

    Parameters
    ----------
    notebook : Path
    parameters : dict
        Values of its first cell.
    told : callable
        See `Told`.

    Returns
    -------
    NotebookNode or Failure
        With its outputs; or the notebook's own error.
    """
    try:
        executed = papermill.execute_notebook(
            notebook,
            None,
            parameters,
            engine_name="citydiplo",
            kernel_name="python3",
            progress_bar=False,
            cwd=notebook.parent,
            told=told,
        )
    except PapermillExecutionError as error:
        message, details = map(strip_ansi, (f"{error.ename}: {error.evalue}", "\n".join(error.traceback)))
        return Failure(Kind.error, message, error.cell_index, details)
    if executed.metadata.papermill.exception:  # papermill takes sys.exit(0) for a success
        return Failure(Kind.error, "SystemExit: the notebook ended itself")
    return executed
