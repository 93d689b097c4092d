"""What a machine says, made fit for others to read: without the colours of a terminal and without folders."""

import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from citydiplo.folders import REPOSITORY

# What a terminal shows as colour.
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# What looks like a path but is none: an address of the web, data written into a page.
ADDRESS = r"""(?P<address>\b(?!file:)[A-Za-z][\w+.-]+://[^\s"'<>]+|\bdata:[^\s"'<>]+)"""

# Where a path may begin: not inside a relative path, a fraction, or what is already hidden.
START = r"(?<![\w/\\.…-])"

# A disk of Windows; the root of a disk or a server, with strokes either way; a person's home.
ROOT = (
    r"(?:(?:file:/+)?(?:\\\\+[?.]\\+)?[A-Za-z]:[\\/]+"
    r"|(?:file:/+|\\\\+(?![?.]\\)|//?)(?![\s/\\])"
    r"|~(?:[A-Za-z][\w.-]*)?[\\/]+(?!\s))"
)
SEPARATOR = r"[\\/]+"

# The folder in which each person has one, which is hidden even where the path ends with it.
HOMES = rf"(?:home|Users|Documents[ ]and[ ]Settings){SEPARATOR}"

# Quotes tell where a path ends, so that names in them may be of several words.
QUOTED = r"""(?:(?!(?P=quote))[^\s<>|:\\/](?:(?:(?!(?P=quote))[^\r\n<>|:\\/])*(?<!\s))?)"""

# Without quotes, a name of several words, of which only the last may be that of a file, is taken for one below the
# homes and before a backslash; elsewhere, a stroke after several words is rather one of the sentence.
NAME = r"""[^\s"'`<>|:,;()\\/]+"""
NAMES = rf"""{NAME}(?:(?<!\.\w)(?<!\.\w\w)(?<!\.\w\w\w)(?<!\.\w\w\w\w)[ ][^\s"'`<>|:,;\\/]+){{0,3}}"""

PATH = re.compile(
    rf"""{ADDRESS}
    | (?P<quote>["'`])
        (?: {ROOT} {HOMES} {QUOTED} (?P<home>(?=(?P=quote)))
          | {ROOT} (?:{QUOTED} {SEPARATOR})+ (?=(?:{QUOTED})?(?P=quote)) )
    | {START} {ROOT}
        (?: {HOMES} (?: {NAMES} {SEPARATOR} (?:{NAMES} {SEPARATOR})* | {NAME} (?P<person>) )
          | (?: {NAME} {SEPARATOR} | {NAMES} \\+ )+ )""",
    re.VERBOSE,
)


def without_paths(text: str) -> str:
    """Replace folders with « … » and take colours away, for what others read.

    Folders are those of this machine, and any in a path from a root: of a disk, of a server, of a person's home, with
    strokes either way. File names, relative paths and addresses of the web stay; so does what follows the folder of the
    kit, for it says where in the kit something is.
    """
    text = _places().sub(lambda found: found["address"] or "…", COLOUR.sub("", text))
    return PATH.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    whole = found["home"] is not None or found["person"] is not None
    return found["address"] or (found["quote"] or "") + ("…" if whole else "…/")


@cache
def _places() -> re.Pattern[str]:
    """What names the folders of this machine, as a system or a program writes them."""
    places = {Path.home(), Path(tempfile.gettempdir()), REPOSITORY}
    places |= {place.resolve() for place in places}
    names = {name for place in places for name in (str(place), repr(str(place))[1:-1], place.as_posix())}
    known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name.strip("/\\"))
    return re.compile(rf"{ADDRESS}|{START}(?:file:(?://)?)?(?:{known})(?![\w-]|\.\w)")


def published(notebook: dict[str, Any]) -> dict[str, Any]:
    """A notebook of which what it printed, its errors and its metadata are `without_paths`.

    Its sources stay, and so do its figures and its HTML, which the kit writes itself.
    """
    cells = [
        cell
        | {"metadata": _cleaned(cell["metadata"])}
        | ({"outputs": [_output(output) for output in cell["outputs"]]} if "outputs" in cell else {})
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells, "metadata": _cleaned(notebook["metadata"])}


def _output(output: dict[str, Any]) -> dict[str, Any]:
    if "data" not in output:
        return _cleaned(output)
    return output | {"data": output["data"] | _cleaned({k: v for k, v in output["data"].items() if k == "text/plain"})}


def _cleaned(value: Any) -> Any:
    """All texts of a value that JSON can write, `without_paths`."""
    if isinstance(value, str):
        return without_paths(value)
    if isinstance(value, dict):
        return {name: _cleaned(each) for name, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value
