"""
Unpack a ZIP of accounts without trusting it.

No name of a member is ever a path on this machine, no size that it announces is believed, and a member that cannot be
read does not keep the others from being read.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from citydiplo.errors import Problem

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")

# The national balances of a year are one file of a gigabyte, 12 times as large as its ZIP; budgets in XML are many
# small files, at most some 50 times as large as their ZIP. What goes far beyond is made to fill a disk.
MOST_MEMBERS = 20_000
LARGEST = 6_000_000_000
HIGHEST_RATIO = 200
SMALL = 10_000_000

PART = 1 << 20
ENCRYPTED = 0x1
# What macOS adds to an archive.
ADDED = "__MACOSX/"

# Files of an office are ZIPs too, with a list of their parts.
WORKBOOK, DOCUMENT = "[Content_Types].xml", "META-INF/manifest.xml"


def package(path: Path) -> str | None:
    """Whether a ZIP is one file of an office: `WORKBOOK` (Office Open XML), `DOCUMENT` (OpenDocument), or neither."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        return None
    return next((part for part in (WORKBOOK, DOCUMENT) if part in parts), None)


def unpack(path: Path, name: str, folder: Path) -> Iterator[tuple[str, Path | Problem]]:
    """Unpack the files of a ZIP one after the other.

    Parameters
    ----------
    path : Path
        The ZIP.
    name : str
        What it is called in reports.
    folder : Path
        Where to write: under names of our own; a file is removed when the next one is asked for.

    Yields
    ------
    name : str
        ``ZIP/member``.
    file : Path or Problem
        Where the member was written, or why it was not.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _members(archive, name, folder)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        yield name, Problem(name, None, None, f"a ZIP that is cut off or damaged ({error})", "a whole ZIP")


def _members(archive: zipfile.ZipFile, name: str, folder: Path) -> Iterator[tuple[str, Path | Problem]]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    members = [member for member in members if not member.filename.startswith(ADDED)]
    if not members:
        yield name, Problem(name, None, None, "a ZIP without any file", "files of accounts")
    if len(members) > MOST_MEMBERS:
        found = f"a ZIP of {len(members)} files"
        yield name, Problem(name, None, None, found, f"at most {MOST_MEMBERS}: unpack it, and import the folder")
        return
    left = min(LARGEST, max(SMALL, HIGHEST_RATIO * Path(archive.filename or "").stat().st_size))
    target = folder / "member"
    for member in members:
        shown = f"{name}/{member.filename}"
        try:
            found = _copy(archive, member, target, left)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
            found = f"a file of a ZIP that is cut off or damaged ({error})"
        except (NotImplementedError, RuntimeError, ValueError) as error:
            found = f"a file packed in a way that cannot be read ({error})"
        left -= target.stat().st_size if target.exists() else 0
        yield shown, Problem(shown, None, None, found, "a whole file of accounts, not encrypted") if found else target
        target.unlink(missing_ok=True)


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> str:
    """Write a member into a file, counting what really comes; say what is wrong with it, or nothing."""
    if member.flag_bits & ENCRYPTED:
        return "a file that is encrypted, with a password"
    size = 0
    with archive.open(member) as packed, target.open("wb") as file:
        while part := packed.read(PART):
            size += len(part)
            if size > left:
                return f"a file that unpacks to more than {size} bytes, too many for this ZIP"
            file.write(part)
    return ""
