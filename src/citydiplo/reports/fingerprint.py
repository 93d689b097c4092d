"""What a report depends on, as one hash: as long as it is the same, the report need not be made again."""

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from citydiplo import folders
from citydiplo.reports.files import template

LOCK = folders.REPOSITORY / "requirements.lock"


def of_files(paths: Iterable[Path], base: Path) -> str:
    """SHA-256 of files and of their names below ``base``."""
    return of_values(
        [(path.relative_to(base).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()) for path in sorted(paths)]
    )


@cache
def package() -> str:
    """Of the package: code, texts and templates."""
    root = Path(str(resources.files("citydiplo")))
    return of_files((path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"), root)


@cache
def versions() -> dict[str, str]:
    """The versions of Python, of the package and of the libraries that it names."""
    needed = [line.split(";") for line in metadata.requires("citydiplo") or []]
    names = sorted({part[0].split(">")[0].split("[")[0].strip() for part in needed if len(part) == 1})
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in ["citydiplo", *names]}


@cache
def libraries() -> str:
    """Of the libraries: those that are installed, and the lock."""
    lock = LOCK.read_text(encoding="utf-8") if LOCK.exists() else ""
    return of_values(versions(), lock)


def of_values(*values: Any) -> str:
    """SHA-256 of values that JSON can write."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def of_data() -> str:
    """Of all tables, outlines and imported accounts."""
    both = [folders.data_folder(), folders.accounts_folder()]
    return of_values(*(of_files((path for path in folder.rglob("*") if path.is_file()), folder) for folder in both))


def of_notebook() -> str:
    """Of the report notebook: the source of its cells, not what it showed last."""
    notebook = json.loads(template().read_text(encoding="utf-8"))
    return of_values([(cell["cell_type"], cell["metadata"], cell["source"]) for cell in notebook["cells"]])


def program() -> str:
    """Of all that makes a report: the package, the libraries, the notebook."""
    return of_values(package(), libraries(), of_notebook())


def of_outlines() -> str:
    """Of the outlines that maps draw."""
    folder = folders.data_folder() / "geo"
    return of_files(folder.iterdir(), folder)


def everything() -> str:
    """Of all that any report depends on."""
    return of_values(program(), of_data())


def parts() -> tuple[str, str, str]:
    """Of the data, of the notebook and of the libraries."""
    return of_data(), of_notebook(), libraries()
