"""Git in a clone of the kit: clean notebooks in commits, nbdime to compare and merge them."""

import shutil
import subprocess
import sys
from pathlib import Path


def drivers() -> dict[str, str]:
    """
    The drivers that ``.gitattributes`` names, with their commands.

    They name this very Python, so that git finds them in any terminal; the double quotes hold in ``sh`` and, where
    nbdime calls the filter on Windows, in ``cmd``. The file on the disk is compared as a commit would take it.
    """
    python = f'"{Path(sys.executable).as_posix()}"'
    return {
        "filter.citydiplo.clean": f"{python} -m citydiplo.lab.clean",
        "diff.jupyternotebook.command": f"{python} -m nbdime.vcs.git.diffdriver diff --use-filter",
        "merge.jupyternotebook.name": "nbdime",
        "merge.jupyternotebook.driver": f"{python} -m nbdime.vcs.git.mergedriver merge %O %A %B %L %P",
    }


def configure(repository: Path) -> bool:
    """Tell git of the drivers in ``.git/config`` of a repository.

    Returns
    -------
    bool
        Whether anything changed: not without git, outside of a clone (a ZIP file of the kit), or the second time.
    """
    git = shutil.which("git")
    if git is None or not (repository / ".git").exists():
        return False
    missing = {name: command for name, command in drivers().items() if _setting(git, repository, name) != command}
    for name, command in missing.items():
        subprocess.run([git, "config", "--local", name, command], cwd=repository, check=True)  # noqa: S603
    return bool(missing)


def _setting(git: str, repository: Path, name: str) -> str:
    found = subprocess.run(  # noqa: S603
        [git, "config", "--local", "--get", name], cwd=repository, capture_output=True, text=True, encoding="utf-8"
    )
    return found.stdout.rstrip("\n")
