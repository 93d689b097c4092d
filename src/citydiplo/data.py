"""
The tables: read, checked, and loaded once.

Every other module takes the frames that this one loads.
"""

import csv
import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
import shapely
from shapely.geometry.base import BaseGeometry

from citydiplo.errors import DataError, Problem, UserError
from citydiplo.folders import REPOSITORY, accounts_folder, data_folder, waves_folder
from citydiplo.schemas import IMPORTED as ACCOUNT_TABLES
from citydiplo.schemas import TABLES, table_path

Tables = dict[str, pd.DataFrame]

SCHEMAS = TABLES | ACCOUNT_TABLES

# Where imports are written, and what the kit's own table of partnerships is called beside them.
IMPORTED = REPOSITORY / "imported"
REGISTER = "register"

# Where the answers to the survey are kept, one folder a wave; never in the repository.


def read_table(path: Path) -> pd.DataFrame:
    """Read a CSV file as text, empty cells as missing.

    Raises
    ------
    DataError
        If the file is missing, not UTF-8, or a row has too few or too many cells.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader]
    except FileNotFoundError:
        raise DataError([Problem(path.name, None, None, "no such file", f"the table {path.stem}")]) from None
    except UnicodeDecodeError as error:
        raise DataError([_encoding_problem(path.name, error)]) from None
    except csv.Error as error:
        row = reader.line_num
        raise DataError([Problem(path.name, row, None, f"not readable as CSV ({error})", "quotes in pairs")]) from None
    (_, header), *rows = lines or [(1, [])]
    problems = [
        Problem(path.name, line, None, f"{len(cells)} cells", f"{len(header)} cells on one line, separated by commas")
        for row, (line, cells) in enumerate(rows, start=2)
        if len(cells) != len(header) or line != row
    ]
    if problems:
        raise DataError(problems)
    frame = pd.DataFrame([cells for _, cells in rows], columns=header, dtype="str")
    return frame.mask(frame == "")


def _encoding_problem(file: str, error: UnicodeDecodeError) -> Problem:
    """Say in which row and column the first byte stands that is not UTF-8."""
    text = error.object.decode("latin-1")
    row = text.count("\n", 0, error.start) + 1
    start = text.rfind("\n", 0, error.start) + 1
    header = next(csv.reader([text.split("\n", 1)[0].strip()]))
    position = len(next(csv.reader([text[start : error.start]]), [""])) - 1
    column = header[position] if 0 <= position < len(header) else None
    found = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
    return Problem(file, row, column, found, "a file saved as « CSV UTF-8 »")


def validate_table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Convert a frame of text to the types of its schema.

    Raises
    ------
    DataError
        Listing every cell that does not follow the schema.
    """
    try:
        return SCHEMAS[name].validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        raise DataError(list(_schema_problems(name, frame, errors.failure_cases))) from None


def _schema_problems(name: str, frame: pd.DataFrame, failures: pd.DataFrame) -> Iterator[Problem]:
    """Put pandera's failure cases into words."""
    file = f"{name}.csv"
    schema = SCHEMAS[name].to_schema()
    declared = list(schema.columns)
    if list(frame.columns) != declared:
        yield Problem(file, 1, None, f"the columns {', '.join(map(str, frame.columns))}", ", ".join(declared))
        return
    # A cell that is not of its type also fails its dtype check, and the comparisons of its whole column.
    consequence = failures["check"].astype(str).str.startswith("dtype(") | failures["index"].isna()
    for failure in failures[~consequence].drop_duplicates(["column", "index", "check"]).itertuples():
        row = int(failure.index) + 2
        column = failure.column if failure.column in declared else None
        found = f"{failure.failure_case!r}" if pd.notna(failure.failure_case) else "an empty cell"
        yield Problem(file, row, column, found, _expectation(str(failure.check)))


def _expectation(check: str) -> str:
    """Say in plain words what a pandera check expects."""
    words = {
        "not_nullable": "a value",
        "field_uniqueness": "a value that no other row has",
        "multiple_fields_uniqueness": "a combination that no other row has",
        "str_matches": "text of the form",
        "coerce_dtype": "a value of type",
        "dtype": "a value of type",
        "greater_than_or_equal_to": "at least",
        "less_than_or_equal_to": "at most",
    }
    kind, _, argument = check.partition("(")
    return f"{words.get(kind, kind)} {argument.rstrip(')')}".strip()


@lru_cache
def _load_table(name: str, folder: Path) -> pd.DataFrame:
    return validate_table(name, read_table(folder / table_path(name)))


def load_table(name: str) -> pd.DataFrame:
    """Load and validate one table.

    Parameters
    ----------
    name : str
        A key of `citydiplo.schemas.TABLES`, say ``"partnerships"``.

    Returns
    -------
    DataFrame
        With the columns, types and units that its schema declares.

    Raises
    ------
    DataError
        Listing every cell that does not follow the schema.
    """
    return _load_table(name, data_folder()).copy()


def load_tables() -> Tables:
    """Load and validate every table, by name."""
    return {name: load_table(name) for name in TABLES}


def load_partnerships(source: str = REGISTER) -> pd.DataFrame:
    """Load the partnerships of the register, or those of an import.

    Parameters
    ----------
    source : str
        ``"register"``, the name of a folder in ``imported/``, or the path of a folder that an import wrote.

    Returns
    -------
    DataFrame
        With the columns of partnerships.csv.

    Raises
    ------
    UserError
        If there is no such import.
    DataError
        If its partnerships do not follow the schema.
    """
    if source == REGISTER:
        return load_table("partnerships")
    path = IMPORTED / source / "partnerships.csv"
    if not path.is_file():
        have = sorted(folder.parent.name for folder in IMPORTED.glob("*/partnerships.csv"))
        raise UserError(f"no import « {source} »: choose {', '.join([REGISTER, *have])}, or run « citydiplo import »")
    return validate_table("partnerships", read_table(path))


def load_accounts() -> Tables:
    """Load what ``citydiplo import accounts`` has kept: accounts, account_totals and subsidies.

    Returns
    -------
    dict of DataFrame
        With the columns that their schemas declare; without rows where nothing was imported.

    Raises
    ------
    DataError
        If a table does not follow its schema.
    """
    paths = {name: accounts_folder() / f"{name}.csv" for name in ACCOUNT_TABLES}
    return {name: _load_imported(name, path, _version(path)).copy() for name, path in paths.items()}


@lru_cache(maxsize=len(ACCOUNT_TABLES))
def _load_imported(name: str, path: Path, version: tuple[int, ...]) -> pd.DataFrame:
    """One table of accounts, read again where its file has another version."""
    columns = list(ACCOUNT_TABLES[name].to_schema().columns)
    return validate_table(name, read_table(path) if version else pd.DataFrame(columns=columns, dtype="str"))


def _version(path: Path) -> tuple[int, ...]:
    """What changes whenever a file is written; empty without a file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def read_answers(wave: str) -> pd.DataFrame:
    """Read the answers of a wave that count, as text: `citydiplo.survey.answer_schema.typed` gives them their types.

    Raises
    ------
    UserError
        If no answers were imported for the wave.
    """
    return read_table(_wave_file(wave, "answers.csv"))


def read_members(wave: str) -> list[str]:
    """Read the ids (INSEE code or SIREN) of those who were asked for their answers to a wave.

    Raises
    ------
    UserError
        If no answers were imported for the wave.
    """
    return read_table(_wave_file(wave, "members.csv"))["collectivity_id"].tolist()


def _wave_file(wave: str, name: str) -> Path:
    waves = waves_folder()
    path = waves / wave / name
    if not path.is_file():
        have = ", ".join(sorted(folder.parent.name for folder in waves.glob(f"*/{name}"))) or "none"
        raise UserError(f"no wave « {wave} » (there are: {have}): run « citydiplo survey import FILE --wave {wave} »")
    return path


TURN = np.array([360, 0])


def _cut_at_180(shape: BaseGeometry) -> BaseGeometry:
    """Cut in two each polygon that TopoJSON drew across the 180th meridian, as a band around the globe."""
    parts = []
    for part in shapely.get_parts(shape):
        west, south, east, _ = part.bounds
        if east - west < 350 or south < -80:  # Antarctica does go round
            parts.append(part)
            continue
        # Go on eastward past 180°, then bring the part beyond it back to the west.
        whole = shapely.transform(part, lambda xy: np.where(xy < [0, -90], xy + TURN, xy)).buffer(0)
        parts.append(whole.intersection(shapely.box(0, -90, 180, 90)))
        parts.append(shapely.transform(whole.intersection(shapely.box(180, -90, 360, 90)), lambda xy: xy - TURN))
    return shapely.union_all(shapely.make_valid(np.array(parts)))


@lru_cache
def _load_boundaries(scale: str, folder: Path) -> gpd.GeoDataFrame:
    shapes = gpd.read_file(folder / "geo" / f"countries-{scale}.json", layer="countries", engine="pyogrio")
    shapes = shapes.set_crs(4326, allow_override=True)
    shapes["geometry"] = shapes.geometry.map(_cut_at_180)
    numeric = _load_table("countries", folder).dropna(subset="iso_numeric").set_index("iso_numeric")["iso3"]
    shapes["iso3"] = shapes["id"].map(numeric)
    return shapes[["iso3", "name", "geometry"]]


def load_boundaries(scale: str) -> gpd.GeoDataFrame:
    """Load the boundaries of the world's countries.

    Parameters
    ----------
    scale : {"110m", "50m"}
        Natural Earth's scale.

    Returns
    -------
    GeoDataFrame
        Columns iso3 (missing for Kosovo, Northern Cyprus and Somaliland), name (English) and geometry, in WGS 84.
    """
    return _load_boundaries(scale, data_folder()).copy()
