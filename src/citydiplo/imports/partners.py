"""The foreign side of a pair: which place it is, by its GeoNames entry, its point, or its name and country."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from citydiplo.check import points_outside
from citydiplo.places import Gazetteer, country_codes, distance_km, spellings

# How far a source's point may be from the place of that name, and from that of a GeoNames entry that it gives.
NEAR_KM, ENTRY_KM = 25, 60

# Two homonyms of which one is nearer by less than this are not told apart, unless they are this near to one another:
# then they are one place, listed twice.
CLEAR_KM, ONE_PLACE_KM = 2, 5

# How many of the homonyms are listed to the person who has to choose, the most populous first.
MOST_LISTED = 8

REGION = re.compile(
    r"\b(?:county|comte|district|department|departement|province|provincia|region|cercle|oblast|raion|voivodeship"
    r"|canton|prefecture|governorate|gouvernorat|landkreis|comarca|territory)\b"
)


def resolve_partners(
    partners: pd.DataFrame, countries: pd.DataFrame, boundaries: gpd.GeoDataFrame, gazetteer: Gazetteer
) -> pd.DataFrame:
    """Find the place of each partner.

    Parameters
    ----------
    partners : DataFrame
        Columns name, place (its usual name, where the source has one too), country (ISO 3166-1 alpha-3), latitude,
        longitude and geonames_id; any but the name may be missing.
    countries : DataFrame
        The table of this name.
    boundaries : GeoDataFrame
        From `citydiplo.data.load_boundaries`.
    gazetteer : Gazetteer

    Returns
    -------
    DataFrame
        Indexed like ``partners``: way (gazetteer; own_point: the source's name and point; no_point), place,
        geonames_id, latitude, longitude, country (the source's, else the gazetteer's), listed (the gazetteer's),
        partner_kind; and where it is not resolved, reason (a code of the vocabulary import_reason) and detail. Two
        partners that are one place have the same place and point.
    """
    iso3 = countries.set_index("iso2")["iso3"]
    shapes = boundaries.dropna(subset="iso3").dissolve("iso3").geometry
    by_entry = _by_entry(partners, gazetteer)
    rest = partners.drop(by_entry.index)
    matches = _matches(rest, gazetteer, iso3)
    by_name = pd.concat([_nearest(matches[matches["km"].notna()]), _only(matches[matches["km"].isna()])])
    rest = rest.drop(by_name.index)
    found = pd.concat([by_entry, by_name, _own(rest, countries)]).reindex(partners.index)
    found["listed"] = found["iso2"].map(iso3)
    known = partners["country"].fillna(found["listed"]).fillna(found["itself"])
    found["country"] = known.fillna(_country_at(partners, shapes))
    wrong = _outside(partners, found, shapes)
    found.loc[wrong.index, ["reason", "detail"]] = wrong
    found.loc[found["country"].isna() & found["reason"].isna(), "reason"] = "no_country"
    return _one_point_a_place(found).drop(columns=["iso2", "itself"])


def _by_entry(partners: pd.DataFrame, gazetteer: Gazetteer) -> pd.DataFrame:
    """The partners that come with a GeoNames entry: the gazetteer's place, or their own where it lacks the entry."""
    given = partners[partners["geonames_id"].notna()]
    numbers = pd.to_numeric(given["geonames_id"].str.replace(r"\.0$", "", regex=True), errors="coerce")
    listed = gazetteer.places.set_index("geonames_id").reindex(numbers).set_index(given.index)
    known = listed["iso2"].notna()
    km = distance_km(given["latitude"], given["longitude"], listed["latitude"], listed["longitude"])
    found = listed[["place", "iso2", "latitude", "longitude"]].astype({"place": "str", "iso2": "str"})
    found = found.assign(geonames_id=numbers.astype("Float64"), partner_kind="city", way="gazetteer", reason=None)
    own = given.loc[~known, ["latitude", "longitude"]]
    found.loc[~known, ["latitude", "longitude"]] = own
    found.loc[~known, "place"] = given["place"].fillna(given["name"])
    found.loc[~known, "way"] = "own_point"
    wrong = numbers.isna() | (numbers % 1 != 0) | ~numbers.between(1, 99_999_999)
    found.loc[wrong, "reason"] = "unknown_code"
    far = pd.Series(km > ENTRY_KM, index=given.index)
    found.loc[far, "reason"] = "code_far_from_point"
    found["detail"] = given["geonames_id"].where(wrong | far)
    return found


def _matches(partners: pd.DataFrame, gazetteer: Gazetteer, iso3: pd.Series) -> pd.DataFrame:
    """The places of the gazetteer under the name of each partner, near its point or, without one, in its country.

    Columns of `Gazetteer.match`, and query, km (to the source's point) and abroad (not in the country it states).
    """
    found = gazetteer.match(spellings(partners["name"]))
    given = partners.loc[found["query"], ["country", "latitude", "longitude"]].reset_index(drop=True)
    km = distance_km(given["latitude"], given["longitude"], found["latitude"], found["longitude"])
    abroad = given["country"].notna() & (given["country"] != found["iso2"].map(iso3))
    found = found.assign(km=km, abroad=abroad)
    return found[np.where(given["latitude"].notna(), found["km"] <= NEAR_KM, ~found["abroad"])]


def _nearest(matches: pd.DataFrame) -> pd.DataFrame:
    """With a point: the nearest place, those of the stated country first, then those of the name as it is written."""
    first = ["abroad", "form", "other"]
    ranked = matches.assign(other=~matches["usual"]).sort_values(["query", *first, "km", "geonames_id"])
    ranked = ranked.drop_duplicates(["query", "geonames_id"])
    best = ranked.drop_duplicates("query").set_index("query").loc[ranked["query"]].set_index(ranked.index)
    alike = (ranked[first] == best[first]).all(axis=1) & (ranked["km"] < best["km"] + CLEAR_KM)
    apart = distance_km(ranked["latitude"], ranked["longitude"], best["latitude"], best["longitude"]) > ONE_PLACE_KM
    doubtful = ranked["query"].isin(ranked.loc[alike & apart, "query"])
    chosen = ranked[alike & ~doubtful]
    chosen = chosen.sort_values(["query", "population", "geonames_id"], ascending=[True, False, True])
    return _placed(chosen.drop_duplicates("query"), ranked[doubtful & alike])


def _only(matches: pd.DataFrame) -> pd.DataFrame:
    """Without a point: the only place of the name, or the largest where the others are parts of it or beside it."""
    matches = matches[matches["form"] == matches.groupby("query")["form"].transform("min")]
    ranked = matches.sort_values(["query", "population", "geonames_id"], ascending=[True, False, True])
    ranked = ranked.drop_duplicates(["query", "geonames_id"])
    largest = ranked.drop_duplicates("query").set_index("query")
    centre = largest.loc[ranked["query"], ["latitude", "longitude"]]
    km = distance_km(ranked["latitude"], ranked["longitude"], centre["latitude"], centre["longitude"])
    apart = ranked.loc[km > NEAR_KM, "query"]
    doubtful = ranked["query"].isin(apart)
    return _placed(largest[~largest.index.isin(apart)].reset_index(), ranked[doubtful])


def _placed(chosen: pd.DataFrame, doubtful: pd.DataFrame) -> pd.DataFrame:
    """The places chosen, and for the others the homonyms among which a person has to choose."""
    columns = ["place", "geonames_id", "iso2", "latitude", "longitude"]
    found = chosen.set_index("query")[columns].assign(partner_kind="city", way="gazetteer", reason=None, detail=None)
    found["geonames_id"] = found["geonames_id"].astype("Float64")
    doubtful = doubtful.sort_values(["query", "population", "geonames_id"], ascending=[True, False, True])
    listing = doubtful["geonames_id"].astype("str") + " " + doubtful["place"] + " (" + doubtful["iso2"] + ")"
    listing = listing.mask(doubtful.groupby("query").cumcount() >= MOST_LISTED).dropna()
    detail = listing.groupby(doubtful["query"]).agg("; ".join)
    detail += (doubtful.groupby("query").size() > MOST_LISTED).map({True: "; …", False: ""})
    return pd.concat([found, pd.DataFrame({"reason": "ambiguous_partner", "detail": detail})])


def _own(partners: pd.DataFrame, countries: pd.DataFrame) -> pd.DataFrame:
    """The partners that the gazetteer lacks: countries, places with a point, and those that stay unknown."""
    keys = partners["name"].str.lower()
    itself = country_codes(partners["name"], countries)
    is_country = itself.notna() & (partners["country"].isna() | (itself == partners["country"]))
    located = partners["latitude"].notna() & ~is_country
    found = partners[["latitude", "longitude"]].where(located)
    found = found.assign(place=partners["place"].fillna(partners["name"]), partner_kind="city", reason=None)
    found["itself"] = itself.where(is_country)
    found["way"] = np.where(located, "own_point", "no_point")
    regions = pd.Series([bool(REGION.search(key)) for key in keys], index=partners.index, dtype=bool)
    found.loc[regions, "partner_kind"] = "region"
    found.loc[is_country, "partner_kind"] = "country"
    found.loc[~located & ~is_country, "reason"] = "unknown_partner"
    return found


def _points(partners: pd.DataFrame) -> gpd.GeoDataFrame:
    located = partners[partners["latitude"].notna()]
    points = gpd.GeoSeries.from_xy(located["longitude"], located["latitude"], index=located.index, crs=4326)
    return gpd.GeoDataFrame(geometry=points)


def _country_at(partners: pd.DataFrame, shapes: gpd.GeoSeries) -> pd.Series:
    """The country in which each point lies; missing at sea."""
    areas = gpd.GeoDataFrame({"at": shapes.index}, geometry=shapes.to_numpy(), crs=4326)
    joined = gpd.sjoin(_points(partners), areas, predicate="within")
    return joined["at"].groupby(level=0).min().reindex(partners.index)


def _outside(partners: pd.DataFrame, found: pd.DataFrame, shapes: gpd.GeoSeries) -> pd.DataFrame:
    """Reason and detail of the points that are not in the country they are said to be in.

    A point near the place that the gazetteer has under that name in that country needs no boundary.
    """
    unsure = (found["listed"] != found["country"]).fillna(True) & found["reason"].isna()
    told = partners.loc[unsure & partners["latitude"].notna(), ["latitude", "longitude"]]
    told["country"] = found.loc[told.index, "country"]
    outside = points_outside(told.dropna(subset="country"), shapes)
    turned = outside.rename(columns={"latitude": "longitude", "longitude": "latitude"})
    turned = turned[turned["latitude"].abs() <= 90]
    swapped = turned.index.difference(points_outside(turned, shapes).index)
    at = _country_at(outside, shapes).fillna("?")
    detail = outside["country"] + ": " + outside["latitude"].astype("str") + ", " + outside["longitude"].astype("str")
    reason = np.where(outside.index.isin(swapped), "swapped_point", "outside_country")
    return pd.DataFrame({"reason": reason, "detail": detail + " (" + at + ")"}, index=outside.index)


def _one_point_a_place(found: pd.DataFrame) -> pd.DataFrame:
    """Give the partners that are one place, and not in the gazetteer, one name and one point.

    One place: the same country and name (but for a qualifier), in steps of at most `NEAR_KM`.
    """
    own = found[found["way"].eq("own_point") & found["geonames_id"].isna() & found["reason"].isna()]
    own = own[["country", "place", "latitude", "longitude"]]
    if own.empty:
        return found
    keys = spellings(own["place"]).sort_values("form").drop_duplicates("query", keep="last").set_index("query")["key"]
    own = own.assign(key=keys.reindex(own.index).fillna(own["place"]), number=np.arange(len(own)))
    pairs = own.merge(own, on=["country", "key"], suffixes=("", "_other"))
    km = distance_km(pairs["latitude"], pairs["longitude"], pairs["latitude_other"], pairs["longitude_other"])
    pairs = pairs[km <= NEAR_KM]
    links = coo_array((np.ones(len(pairs)), (pairs["number"], pairs["number_other"])), shape=(len(own), len(own)))
    own["group"] = connected_components(links)[1]
    shown = own.sort_values(["latitude", "longitude", "place"]).groupby("group")[["place", "latitude", "longitude"]]
    first = shown.first().loc[own["group"]].set_index(own.index)
    found.loc[own.index, ["place", "latitude", "longitude"]] = first
    return found
