"""A running ``citydiplo lab`` on a small copy of the kit, and a network between it and its readers that can be cut."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat

from citydiplo import folders


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_of_the_kit(folder: Path) -> Path:
    """The code and the first notebook: all that ``citydiplo lab`` needs."""
    shutil.copytree(folders.REPOSITORY / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "notebooks").mkdir()
    shutil.copy(folders.REPOSITORY / "notebooks" / "00_start_here.ipynb", folder / "notebooks")
    shutil.copy(folders.REPOSITORY / ".gitattributes", folder)
    return folder


class Lab:
    """``citydiplo lab`` as a process.

    Attributes
    ----------
    kit : Path
        The copy of the kit that it serves.
    port : int
    log : Path
        All that it writes.
    """

    def __init__(self, kit: Path, *options: str, answers: str = "", **environment: str) -> None:
        self.kit, self.port, self.log = kit, free_port(), kit / "lab.log"
        self._home = kit / "home"
        self._options, self._answers = options, answers
        self._environment = {"LC_ALL": "fr_FR.UTF-8", **environment}

    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "LC_", "LANG"))}
        own = {"HOME": str(self._home), "PYTHONPATH": str(self.kit / "src"), "PYTHONUNBUFFERED": "1"}
        places = {f"JUPYTER_{name}_DIR": str(self._home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        return {**kept, **own, **places, **self._environment}

    def start(self) -> None:
        self._home.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "citydiplo", "lab", *self._options]
        command += [] if "--" in command else ["--"]
        command += ["--allow-root", "--no-browser", f"--port={self.port}", "--ServerApp.port_retries=0"]
        self.process = subprocess.Popen(  # noqa: S603
            command,
            cwd=self.kit,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=self.log.open("a", encoding="utf-8"),
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdin
        self.process.stdin.write(self._answers)
        self.process.stdin.close()
        deadline = time.monotonic() + 60
        while not self._answers_on_its_port():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)

    def _answers_on_its_port(self) -> bool:
        with socket.socket() as probe:
            return bool(self._state_files()) and probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _state_files(self) -> list[Path]:
        return list((self._home / "runtime").glob(f"jpserver-{self.process.pid}.json"))

    @property
    def token(self) -> str:
        (file,) = self._state_files()
        return json.loads(file.read_text(encoding="utf-8"))["token"]

    def kill(self) -> None:
        """Stop it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> "Lab":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Cable:
    """A TCP relay to a port of this machine, to be cut: ``context.set_offline`` leaves open web sockets as they are."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._cut = False
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._cut = True
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                if self._cut:
                    near.close()
                    continue
                try:
                    far = socket.create_connection(("127.0.0.1", self._to))
                except OSError:
                    near.close()
                    continue
                self._ends |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._relay, args=ends, daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            self._ends.discard(end)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def cable(to: int) -> Iterator[Cable]:
    laid = Cable(to)
    try:
        yield laid
    finally:
        laid.close()


def write_notebook(path: Path, sources: dict[str, str]) -> None:
    """Write a notebook of code cells: id → source."""
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in sources.items()]
    kernel = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
