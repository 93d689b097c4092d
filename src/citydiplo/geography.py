"""
Where partners are: distances, groups of countries, concentration over countries.

The rows are those of partnerships.csv, whether from the register or imported. Three steps prepare them: `measure` adds
what is known of the collectivity, `once` keeps one row a pair, `pairs` gives the points that null models and graphs
use. Distances are those of the shortest way on the WGS 84 ellipsoid.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from citydiplo.collectivities import EPCI_KINDS
from citydiplo.places import distance_km

NEAR_KM = 1000

# Codes of country_group for a country that no group of the list has, and for a partner without country.
NOT_LISTED, UNKNOWN = "none", "unknown"


def select(
    partnerships: pd.DataFrame,
    collectivity_ids: Collection[str] = (),
    kinds: Collection[str] = (),
    years: Sequence[int] = (),
) -> pd.DataFrame:
    """Keep the partnerships of some collectivities, of some kinds, and from some years; an empty choice keeps all.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv.
    collectivity_ids, kinds : collection of str
    years : (first, last)
        Of start_year, both included; a partnership without start_year is then left out.
    """
    kept = pd.Series(True, index=partnerships.index)
    if collectivity_ids:
        kept &= partnerships["collectivity_id"].isin(collectivity_ids)
    if kinds:
        kept &= partnerships["kind"].isin(kinds)
    if years:
        first, last = years
        kept &= partnerships["start_year"].between(first, last).fillna(False).astype(bool)
    return partnerships[kept]


def measure(partnerships: pd.DataFrame, everyone: pd.DataFrame) -> pd.DataFrame:
    """Add to each partnership what is known of its collectivity, its decade and its distance.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv.
    everyone : DataFrame
        From `collectivities.directory`.

    Returns
    -------
    DataFrame
        The same rows, with home_latitude and home_longitude (degrees), population, strata and stratum (the vocabulary
        and the code of the size class; missing for départements and regions), decade (of the first year) and
        distance_km; missing where a point or a year is.
    """
    home = everyone.reindex(partnerships["collectivity_id"]).set_index(partnerships.index)
    strata = home["kind"].isin(EPCI_KINDS).map({True: "epci_stratum", False: "commune_stratum"})
    distance = distance_km(home["latitude"], home["longitude"], partnerships["latitude"], partnerships["longitude"])
    return partnerships.assign(
        home_latitude=home["latitude"],
        home_longitude=home["longitude"],
        population=home["population"],
        strata=strata.where(home["stratum"].notna()),
        stratum=home["stratum"],
        decade=partnerships["start_year"] // 10 * 10,
        distance_km=distance,
    )


def places(partnerships: pd.DataFrame) -> pd.Series:
    """Identify the place of each partnership, so that the same has one name and homonyms have two.

    Parameters
    ----------
    partnerships : DataFrame
        With place, country and geonames_id.

    Returns
    -------
    Series
        « Bamako (MLI) »; where rows of one name and country have several geonames_id, with that number. A row without
        geonames_id is the place of that name and country; rows of one geonames_id have one name, the first of theirs.
    """
    names = partnerships["place"] + " (" + partnerships["country"].fillna(UNKNOWN) + ")"
    entries = partnerships["geonames_id"]
    known = pd.DataFrame({"name": names, "entry": entries})[entries.notna()].sort_values("name")
    first = known.drop_duplicates("entry").set_index("entry")["name"]
    names = entries.map(first).astype(names.dtype).fillna(names)
    per_name = known["entry"].drop_duplicates().map(first).value_counts()
    ambiguous = names.isin(per_name.index[per_name > 1])
    return names.where(~ambiguous | entries.isna(), names + " " + entries.astype("string"))


def once(partnerships: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Keep one row a pair of collectivity and place, so that several sources or kinds do not count twice.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv, with any further columns.
    *columns : str
        Columns in which a pair may have several values that all count, say ``"kind"``.

    Returns
    -------
    DataFrame
        Of each pair the row with the earliest start_year, of equals that of the first partnership_id; in the order of
        the rows.
    """
    keys = ["collectivity_id", "start_year", "partnership_id", *columns]
    earliest = partnerships[keys].assign(place=places(partnerships)).sort_values(["start_year", "partnership_id"])
    kept = earliest.drop_duplicates(["collectivity_id", "place", *columns]).index
    return partnerships[partnerships.index.isin(kept)]


def pairs(measured: pd.DataFrame) -> pd.DataFrame:
    """List each located pair of a collectivity and a place once.

    Parameters
    ----------
    measured : DataFrame
        From `measure`.

    Returns
    -------
    DataFrame
        Columns origin (collectivity_id), partner (from `places`), origin_latitude, origin_longitude, partner_latitude
        and partner_longitude (degrees). A place whose rows give several points has one of them, always the same.
    """
    located = once(measured[measured["distance_km"].notna()])
    partner = places(located)
    points = located[["latitude", "longitude"]].assign(partner=partner).sort_values(["latitude", "longitude"])
    points = points.drop_duplicates("partner").set_index("partner")
    return pd.DataFrame(
        {
            "origin": located["collectivity_id"],
            "partner": partner,
            "origin_latitude": located["home_latitude"],
            "origin_longitude": located["home_longitude"],
            "partner_latitude": partner.map(points["latitude"]),
            "partner_longitude": partner.map(points["longitude"]),
        }
    ).reset_index(drop=True)


@dataclass(frozen=True)
class Distribution:
    """A summary of distances; all but the counts are missing (NaN) where nothing is located.

    Attributes
    ----------
    links, located : int
        All, and those with a distance.
    mean_km, first_quartile_km, median_km, third_quartile_km : float
        Of the located; quartiles by linear interpolation.
    near : int
        Those under `NEAR_KM`.
    near_share : float
        Their share of the located, 0 to 1.
    """

    links: int
    located: int
    mean_km: float
    first_quartile_km: float
    median_km: float
    third_quartile_km: float
    near: int
    near_share: float


def distribution(distances: pd.Series) -> Distribution:
    """Summarise distances in kilometres, missing for what is not located."""
    known = distances.dropna()
    first, median, third = known.quantile([0.25, 0.5, 0.75])
    near = int((known < NEAR_KM).sum())
    share = near / len(known) if len(known) else math.nan
    return Distribution(len(distances), len(known), float(known.mean()), first, median, third, near, share)


@dataclass(frozen=True)
class Concentration:
    """How far links concentrate on few countries; missing (NaN) where no country is known.

    With shares p of the links whose country is known. With few links all four measures are biased towards
    concentration: compare groups of like numbers.

    Attributes
    ----------
    links, unknown : int
        With a country, and without.
    countries : int
    hhi : float
        The Herfindahl–Hirschman index, the sum of p², from 1 / countries to 1 (Hirschman, The paternity of an index,
        American Economic Review 54, 1964).
    entropy : float
        Shannon's, minus the sum of p ln p, in nats (A mathematical theory of communication, Bell System Technical
        Journal 27, 1948).
    effective_shannon, effective_simpson : float
        exp(entropy) and 1 / hhi: how many countries of equal shares would give the same value. Hill's numbers of order
        1 and 2 (Diversity and evenness, Ecology 54, 1973).
    """

    links: int
    unknown: int
    countries: int
    hhi: float
    entropy: float
    effective_shannon: float
    effective_simpson: float


def concentration(countries: pd.Series) -> Concentration:
    """Measure the concentration over countries: one a link, missing where not settled."""
    shares = countries.value_counts(normalize=True).to_numpy(dtype=float)
    hhi = float((shares**2).sum()) if len(shares) else math.nan
    entropy = max(0.0, -float((shares * np.log(shares)).sum())) if len(shares) else math.nan
    known = int(countries.notna().sum())
    return Concentration(known, len(countries) - known, len(shares), hhi, entropy, math.exp(entropy), 1 / hhi)


def distributions(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Summarise distances class by class.

    Parameters
    ----------
    frame : DataFrame
        From `measure`, with the columns of classes.
    by : sequence of str
        The columns whose values make the classes: ``["kind"]``, ``["decade"]``, ``["strata", "stratum"]``…

    Returns
    -------
    DataFrame
        One row a class in sorted order, a missing value last: the columns ``by`` and those of `Distribution`.
    """
    return _each(frame, by, lambda group: distribution(group["distance_km"]))


def concentrations(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Measure concentration over countries class by class: as `distributions`, with the columns of `Concentration`."""
    return _each(frame, by, lambda group: concentration(group["country"]))


def _each(frame: pd.DataFrame, by: Sequence[str], summary: Callable[[pd.DataFrame], Any]) -> pd.DataFrame:
    groups = frame.groupby(list(by), dropna=False)
    rows = [dict(zip(by, classes, strict=True)) | asdict(summary(group)) for classes, group in groups]
    return pd.DataFrame(rows)


def classify(countries: pd.Series, groups: pd.DataFrame, scheme: str) -> pd.Series:
    """Place countries in the groups of an official list.

    Parameters
    ----------
    countries : Series
        ISO 3166-1 alpha-3, missing where not settled.
    groups : DataFrame
        The table country_groups.
    scheme : str
        A code of the vocabulary country_scheme.

    Returns
    -------
    Series
        Codes of country_group: `NOT_LISTED` for a country that the list does not have (for a continent or region, that
        the standard leaves unplaced), `UNKNOWN` where the country is missing.

    Raises
    ------
    ValueError
        If the table has no such list.
    """
    listed = groups[groups["scheme"] == scheme].set_index("iso3")["group"]
    if listed.empty:
        raise ValueError(f"no list {scheme!r} in country_groups.csv")
    return countries.map(listed).fillna(NOT_LISTED).mask(countries.isna(), UNKNOWN)


def with_eras(partnerships: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Add the eras of city diplomacy that each partnership is a mark of.

    An era is a way of working, not a span of years: see the typology era in typology_rules.csv.

    Parameters
    ----------
    partnerships : DataFrame
        With partnership_id.
    placed : DataFrame
        From `typologies.placements`.

    Returns
    -------
    DataFrame
        The same rows with era, missing where no rule places it; a partnership in several eras has a row for each.
    """
    marks = placed[(placed["typology"] == "era") & (placed["table"] == "partnerships")]
    eras = marks.rename(columns={"evidence": "partnership_id", "category": "era"})[["partnership_id", "era"]]
    return partnerships.merge(eras.drop_duplicates(), on="partnership_id", how="left")
