"""Kernels that do not race for ports when many start at once."""

import os
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager


class PrivateKernelManager(AsyncKernelManager):
    """A kernel on sockets in a private folder instead of TCP ports (which race: papermill issue 511).

    Where the system has no Unix sockets (Windows), TCP is kept.
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        if os.name == "posix":
            self._folder = tempfile.TemporaryDirectory(prefix="citydiplo-")
            self.transport = "ipc"
            self.ip = str(Path(self._folder.name) / "kernel")
