"""Any table of two places a row: which column is which field.

The two sides are named ``origin`` and ``partner``; either may be the French one (see `citydiplo.reconcile`).
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.errors import DataError, Problem, UserError

SIDES = ("origin", "partner")

# What is told of a place: its name, its usual name (place), INSEE code or SIREN, country, point, and its entries in
# GeoNames and Wikidata.
SIDE_FIELDS = ("", "_place", "_code", "_country", "_latitude", "_longitude", "_point", "_geonames_id", "_item")

# What is told of the link: told_by is origin or partner, whichever of the two tells it. The fields from as_of on are
# kept as they are, if they fit the table of partnerships.
LINK_FIELDS = ("kind", "status", "start", "end", "told_by")
KEPT_FIELDS = ("as_of", "domains", "note_fr", "note_en", "source_id", "locator", "derivation", "derivation_fr")

FIELDS = (*(f"{side}{field}" for side in SIDES for field in SIDE_FIELDS), *LINK_FIELDS, *KEPT_FIELDS)

# Names of columns that are understood without being told, folded: those of partnerships.csv, and usual ones.
USUAL_NAMES = {
    "collectivity": "origin",
    "collectivity_id": "origin_code",
    "place": "partner_place",
    "country": "partner_country",
    "latitude": "partner_latitude",
    "longitude": "partner_longitude",
    "geonames_id": "partner_geonames_id",
    "start_year": "start",
    "end_year": "end",
    "commune": "origin",
    "ville": "origin",
    "collectivite": "origin",
    "insee": "origin_code",
    "code insee": "origin_code",
    "siren": "origin_code",
    "partenaire": "partner",
    "ville partenaire": "partner",
    "pays": "partner_country",
    "type": "kind",
    "nature": "kind",
    "statut": "status",
    "debut": "start",
    "annee": "start",
    "fin": "end",
}


def parse_mapping(options: Sequence[str]) -> dict[str, str]:
    """Read the options ``column=field`` of the command line.

    Raises
    ------
    UserError
        If one is not of this form, or names no field.
    """
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, field = option.rpartition("=")
        if not equals or field not in FIELDS:
            raise UserError(f"« {option} »: expected column=field, where field is one of {', '.join(FIELDS)}")
        mapping[column] = field
    return mapping


def fields(file: str, frame: pd.DataFrame, mapping: Mapping[str, str], usual: Mapping[str, str]) -> pd.DataFrame:
    """Name the columns of a file by the field they hold.

    Parameters
    ----------
    file : str
        Its name, for messages.
    frame : DataFrame
        From `citydiplo.imports.tables.read`.
    mapping : dict
        Column → field, as a user wrote it.
    usual : dict
        Folded name of a column → field, for the columns that are not in ``mapping``; the names of the fields
        themselves are always understood.

    Returns
    -------
    DataFrame
        The same rows, with every one of `FIELDS` as a column; missing where the file has none.

    Raises
    ------
    DataError
        If a column of ``mapping`` is not in the file, if two columns hold one field, or if the two places are not
        named.
    """
    absent = [column for column in mapping if column not in frame.columns]
    if absent:
        raise DataError([Problem(file, 1, column, "no such column", _listing(frame)) for column in absent])
    known = {_key(name): field for name, field in usual.items()} | {_key(field): field for field in FIELDS}
    found = {column: known[_key(column)] for column in frame.columns if _key(column) in known}
    # What the user says of a field goes before what its name says.
    found = {column: field for column, field in found.items() if field not in mapping.values()} | dict(mapping)
    twice = [column for column, field in found.items() if list(found.values()).count(field) > 1]
    if twice:
        expected = "one column a field: say which with --map column=field"
        raise DataError([Problem(file, 1, column, f"also read as {found[column]}", expected) for column in twice])
    renamed = frame[list(found)].rename(columns=found).reindex(columns=pd.Index(FIELDS), fill_value=None)
    for side in SIDES:
        if not {side, f"{side}_code", f"{side}_geonames_id"} & set(found.values()):
            expected = f"a column for {side}; say which with --map column={side}"
            raise DataError([Problem(file, 1, None, _listing(frame), expected)])
    return renamed.astype("str")


def _key(name: str) -> str:
    return fold(name.replace("_", " "))


def _listing(frame: pd.DataFrame) -> str:
    return f"the columns {', '.join(frame.columns)[:400]}"
