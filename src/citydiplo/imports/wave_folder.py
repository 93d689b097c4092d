"""
The folder of a wave: the files as they were received, and what all of them together give.

A file is added by reading every file of the wave again, in the order of their SHA-256: the result does not depend on
the order of import, and importing a file twice changes nothing.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from citydiplo.errors import UserError

SETTINGS = "import.json"
RAW = "raw"
# So many signs of a SHA-256 tell the files of a wave apart.
SHORT = 12


@dataclass(frozen=True)
class Settings:
    """What a wave was imported from.

    Attributes
    ----------
    files : dict
        SHA-256 of each file → its name.
    mappings : dict
        SHA-256 of a file → name of its mapping, where it has one.
    members : str
        Name of the list of those who were asked; empty: the collectivities of the study.
    test_codes : tuple of str
        Words that mark a test, sorted.
    """

    files: dict[str, str] = field(default_factory=dict)
    mappings: dict[str, str] = field(default_factory=dict)
    members: str = ""
    test_codes: tuple[str, ...] = ()

    def raw(self, sha256: str) -> str:
        """Where a file is kept in the folder of the wave."""
        return f"{RAW}/{sha256[:SHORT]}-{self.files[sha256]}"

    def raw_mapping(self, sha256: str) -> str:
        """Where its mapping is kept."""
        return f"{RAW}/{sha256[:SHORT]}-mapping{Path(self.mappings[sha256]).suffix}"

    def raw_members(self) -> str:
        """Where the list of those who were asked is kept."""
        return f"{RAW}/members{Path(self.members).suffix}"

    def shown(self, sha256: str) -> str:
        """What a file is called in reports: its name, with the beginning of its SHA-256 if two have the same."""
        name = self.files[sha256]
        return name if list(self.files.values()).count(name) == 1 else f"{sha256[:SHORT]}-{name}"

    def text(self) -> str:
        """The file `SETTINGS`."""
        content = {"files": self.files, "mappings": self.mappings, "members": self.members}
        content |= {"test_codes": list(self.test_codes)}
        return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def load(folder: Path) -> Settings:
    """Read the settings of a wave; those of an empty one if there is none yet.

    Raises
    ------
    UserError
        If a file was changed since it was imported, or the settings cannot be read.
    """
    path = folder / SETTINGS
    if not path.is_file():
        return Settings()
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        settings = Settings(
            dict(sorted(content["files"].items())),
            dict(sorted(content["mappings"].items())),
            str(content["members"]),
            tuple(content["test_codes"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path} is not as the import wrote it: remove the folder and import the files again") from None
    for sha256 in settings.files:
        raw = folder / settings.raw(sha256)
        if not raw.is_file() or hashlib.sha256(raw.read_bytes()).hexdigest() != sha256:
            raise UserError(f"{raw} was changed or removed since it was imported: put the original file back")
    return settings


def add(
    folder: Path,
    file: Path,
    mapping: Path | None,
    members: Path | None,
    test_codes: list[str],
    make: Callable[[Settings, Callable[[str], Path]], dict[str, str]],
) -> None:
    """Add a file to a wave and write what all its files give: everything, or nothing.

    Parameters
    ----------
    folder : Path
        Of the wave; made if need be.
    file : Path
        Kept as it is.
    mapping, members : Path, optional
        Kept too; without ``members``, those given before hold.
    test_codes : list of str
        Added to those given before.
    make : callable
        From the settings, and where a kept file is, to the texts to write by name.
    """
    settings = load(folder)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    settings = replace(
        settings,
        files=dict(sorted(({sha256: file.name} | settings.files).items())),
        mappings=dict(sorted((settings.mappings | ({sha256: mapping.name} if mapping else {})).items())),
        members=members.name if members else settings.members,
        test_codes=tuple(sorted({*settings.test_codes, *test_codes})),
    )
    kept = {settings.raw(sha256): file}
    if mapping:
        kept[settings.raw_mapping(sha256)] = mapping
    if members:
        kept[settings.raw_members()] = members
    texts = make(settings, lambda name: kept.get(name, folder / name)) | {SETTINGS: settings.text()}
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".import-", dir=folder))
    try:
        (draft / RAW).mkdir()
        for name, source in kept.items():
            shutil.copyfile(source, draft / name)
        for name, text in texts.items():
            (draft / name).write_text(text, encoding="utf-8", newline="")
        _swap(draft, folder, [*kept, *texts])
    finally:
        shutil.rmtree(draft)


def _swap(draft: Path, folder: Path, names: list[str]) -> None:
    """Put the files of a draft into their place; if one cannot be, put back those that were there."""
    before = draft / "before"
    (before / RAW).mkdir(parents=True)
    (folder / RAW).mkdir(exist_ok=True)
    moved: list[str] = []
    try:
        for name in names:
            if (folder / name).exists():
                (folder / name).replace(before / name)
            moved.append(name)
            (draft / name).replace(folder / name)
    except OSError as error:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (before / name).exists():
                (before / name).replace(folder / name)
        raise UserError(
            f"{error.filename}: {error.strerror}. Is it open in a spreadsheet? Nothing was changed"
        ) from None
