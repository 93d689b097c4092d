"""Results of the Wikidata Query Service on twinned administrative bodies (property P190)."""

from collections.abc import Mapping

import pandas as pd

from citydiplo.imports.pairs import SIDES, fields

# Names of columns, in any case: those of the query in fetch.py, and of others that people have published.
USUAL_NAMES = {
    "originLabel": "origin",
    "originItem": "origin_item",
    "originCode": "origin_code",
    "originPoint": "origin_point",
    "originLat": "origin_latitude",
    "originLong": "origin_longitude",
    "originLon": "origin_longitude",
    "originCountry": "origin_country",
    "originCountryLabel": "origin_country",
    "originCityLabel": "origin",
    "originCityItem": "origin_item",
    "partnerLabel": "partner",
    "partnerItem": "partner_item",
    "partnerPoint": "partner_point",
    "partnerCountry": "partner_country",
    "partnerGeonames": "partner_geonames_id",
    "sisterCityLabel": "partner",
    "sisterCityItem": "partner_item",
    "destinationLabel": "partner",
    "destinationItem": "partner_item",
    "destinationLat": "partner_latitude",
    "destinationLong": "partner_longitude",
    "destinationLon": "partner_longitude",
    "destination_country": "partner_country",
    "destination_countryLabel": "partner_country",
    "kindLabel": "kind",
    "saidBy": "told_by",
}


def pairs(file: str, frame: pd.DataFrame, mapping: Mapping[str, str]) -> pd.DataFrame:
    """The pairs of places of a file: see `citydiplo.imports.pairs.fields`.

    Addresses of items become their identifiers; a value that Wikidata marks as unknown is missing.
    """
    # Where a query gives an item and its label, « city » and « cityLabel », the first holds the item.
    columns = {name.lower() for name in frame.columns}
    labelled = {name for name in frame.columns if f"{name.lower()}label" in columns}
    items = {name: f"{name}Item" for name in labelled.difference(mapping)}
    found = fields(file, frame.rename(columns=items), mapping, USUAL_NAMES)
    found = found.mask(found.apply(lambda column: column.str.contains("/.well-known/genid/", regex=False, na=False)))
    for side in SIDES:
        found[f"{side}_item"] = found[f"{side}_item"].str.extract(r"(?:^|/entity/)(Q\d+)$")[0]
    return found.assign(locator=found["locator"].fillna(_locator(found)))


def _locator(found: pd.DataFrame) -> pd.Series:
    """Where in Wikidata: the two items, by what the file has of them."""
    ends = []
    for side in SIDES:
        item = found[f"{side}_item"]
        name = found[side].fillna(found[f"{side}_code"]).fillna("?")
        ends.append(name.where(item.isna(), name + " (" + item.fillna("") + ")"))
    return "P190: " + ends[0] + " – " + ends[1]
