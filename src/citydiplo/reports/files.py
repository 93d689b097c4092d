"""Files: the report notebook, and writing: never half a file."""

import os
from pathlib import Path

from citydiplo.folders import REPOSITORY


def template() -> Path:
    """The report notebook: ``CITYDIPLO_TEMPLATE`` if set, else ``notebooks/city_report.ipynb`` of the repository."""
    return Path(os.environ.get("CITYDIPLO_TEMPLATE") or REPOSITORY / "notebooks" / "city_report.ipynb")


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file, text in UTF-8, whole or not at all: a temporary neighbour, synced, then renamed over the target."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # what there is room for on a full disk
        raise
