"""File names and writing: never half a file, never a path made of data."""

import os
import re
from pathlib import Path

from citydiplo.collectivities import Collectivity, fold


def slug(city: Collectivity) -> str:
    """A file name for a collectivity: its folded name and its code, letters, digits and hyphens only."""
    name = fold(city.name).replace(" ", "-")
    return re.sub(r"[^a-z0-9-]", "", f"{name}-{city.id}".lower())


def write_atomically(path: Path, text: str) -> None:
    """Write a text file whole or not at all: a temporary neighbour, synced, then renamed over the target."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
