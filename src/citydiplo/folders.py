"""Where the kit is, its tables, the imported accounts and the waves of the survey."""

import os
from pathlib import Path

from citydiplo.errors import UserError

REPOSITORY = Path(__file__).resolve().parents[2]


def accounts_folder() -> Path:
    """The folder of imported accounts: ``CITYDIPLO_ACCOUNTS`` if set, else ``accounts/`` of the repository."""
    return Path(os.environ.get("CITYDIPLO_ACCOUNTS") or REPOSITORY / "accounts")


def waves_folder() -> Path:
    """The folder of the waves: ``CITYDIPLO_WAVES`` if set, else ``waves/`` of the repository."""
    return Path(os.environ.get("CITYDIPLO_WAVES") or REPOSITORY / "waves")


def data_folder() -> Path:
    """The folder of the tables: ``CITYDIPLO_DATA`` if set, else ``data/`` of the repository."""
    folder = Path(os.environ.get("CITYDIPLO_DATA") or REPOSITORY / "data")
    if not (folder / "sources.csv").is_file():
        raise UserError(
            f"no citydiplo tables in {folder}: install the kit from its repository (pip install -e .), "
            "or set CITYDIPLO_DATA to the folder that holds sources.csv"
        )
    return folder
