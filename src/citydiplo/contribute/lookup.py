"""Look a partner place up in the gazetteer, and fill in what only one place can mean."""

from functools import cache

import pandas as pd

from citydiplo.contribute.register import Register, Row
from citydiplo.errors import UserError
from citydiplo.places import Place, gazetteer

MOST_PLACES = 12


@cache
def has_gazetteer() -> bool:
    """Whether the extra ``gazetteer`` is installed."""
    try:
        gazetteer()
    except UserError:
        return False
    return True


def candidates(row: Row, register: Register) -> list[Place]:
    """The places that a partnership may mean, the most likely first; none without gazetteer or without a match.

    Parameters
    ----------
    row : dict
        place (else partner), country and geonames_id count; a GeoNames number alone decides.
    """
    if not has_gazetteer():
        return []
    known = gazetteer().places
    if row["geonames_id"].isdigit():
        found = known[known["geonames_id"] == int(row["geonames_id"])]
        columns = ["geonames_id", "place", "iso2", "latitude", "longitude", "population"]
        return [Place(*values) for values in found[columns].itertuples(index=False)]
    name = row["place"] or row["partner"]
    countries = register.tables["countries"].set_index("iso3")["iso2"]
    iso2 = countries.get(row["country"])
    return gazetteer().resolve(name, iso2)[:MOST_PLACES] if name and iso2 else []


def with_place(row: Row, place: Place) -> Row:
    """The row with the name, the point and the number of a place; a name that is there stays."""
    return row | {
        "place": row["place"] or place.name,
        "geonames_id": str(place.geonames_id),
        "latitude": f"{place.latitude:.5f}",
        "longitude": f"{place.longitude:.5f}",
    }


def located(row: Row, register: Register) -> tuple[Row, list[Place]]:
    """Fill a partnership's place in where it has no point and only one place of the country has this name.

    A place that the register already has in this country keeps the name and the point it has there.

    Returns
    -------
    row : dict
    several : list of Place
        The places of this name, if there are several and nothing tells which.
    """
    if row["latitude"] or row["longitude"] or row["partner_kind"] not in {"", "city"}:
        return row, []
    same = _registered(row, register.tables["partnerships"])
    if same is not None:
        return row | same, []
    found = candidates(row, register)
    return (with_place(row, found[0]), []) if len(found) == 1 else (row, found)


def _registered(row: Row, partnerships: pd.DataFrame) -> Row | None:
    """The place, the point and the number under which the register has this partner, if it has one only."""
    called = {row["partner"], row["place"]} - {""}
    rows = partnerships[(partnerships["country"] == row["country"]) & partnerships["geonames_id"].notna()]
    rows = rows[rows["partner"].isin(called) | rows["place"].isin(called)].drop_duplicates("geonames_id")
    if len(rows) != 1 or row["geonames_id"] not in {"", str(rows["geonames_id"].iloc[0])}:
        return None
    known = rows.iloc[0]
    point = {name: f"{known[name]:.5f}" for name in ("latitude", "longitude")}
    return {"place": row["place"] or str(known["place"]), "geonames_id": str(known["geonames_id"])} | point
