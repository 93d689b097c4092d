"""The French side of a pair: which of today's collectivities it is.

A code decides. Else the name does, with the distance to the point that the source gives. Where that leaves several
collectivities, or none, the place is not resolved: nothing is guessed.
"""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from citydiplo.data import Tables
from citydiplo.places import Gazetteer, distance_km, fold_all

# How far a source's point may be from the commune of that name, from the only commune of that name, and from a commune
# that was renamed; and by how much the nearest of several must be the nearer.
NEAR_KM, LONE_KM, RENAMED_KM, CLEAR_KM = 20, 60, 10, 5

# The table of communes has no point for many small ones: their distance is that to the nearest commune of their EPCI,
# and no nearer than the first of these; in an EPCI without any point, it is the second if one of the nearest communes
# is of their département.
UNLOCATED_KM, UNLOCATED_EPCI_KM, NEAREST = 5, 15, 5

# Since 2019 the city and the département of Paris are one collectivity, the commune in these tables.
NOT_APART = {"dep-75": "75056"}

# GeoNames' codes of France and of its territories.
FRENCH_ISO2 = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC")

ABBREVIATIONS = {"CA": "communauté d’agglomération", "CC": "communauté de communes", "CU": "communauté urbaine"}
OF = r"(?:de la |de l |des |de |du |d |la |l )?"
KINDS = {
    "departement": re.compile(rf"^(?:departement|conseil departemental|conseil general) {OF}"),
    "region": re.compile(rf"^(?:region|conseil regional) {OF}"),
    "commune": re.compile(r"^(?:ville|commune|mairie) (?:de |d |du |des )?"),
}

# What a source calls a place may be its name of today, a former commune, the beginning of a longer name of today
# (Carentan, Carentan-les-Marais), or a foreign name of the place (Dunkirk).
WAYS = ("name", "former", "foreign", "renamed")

COLUMNS = ("collectivity_id", "way", "listed", "reason", "detail")


def reference(tables: Tables) -> pd.DataFrame:
    """List the names of today's collectivities and of former communes.

    Returns
    -------
    DataFrame
        One row a name and collectivity: key (the folded name), listed (the name), collectivity_id, kind, way (name or
        former), latitude, longitude, epci, department_code, region_code.
    """
    communes = tables["communes"].rename(columns={"epci_siren": "epci", "insee": "collectivity_id"})
    communes = communes.assign(listed=communes["name"], kind="commune", way="name")
    columns = ["latitude", "longitude", "epci", "department_code", "region_code", "collectivity_id", "kind"]
    today = communes.set_index("collectivity_id", drop=False)[columns]
    former = tables["former_communes"].rename(columns={"name": "listed"})[["listed", "commune"]]
    former = former.join(today, on="commune").assign(way="former")
    groups = _epci_names(tables).join(tables["epci"].set_index("siren")["main_commune"], on="collectivity_id")
    groups = groups.join(today.drop(columns=["collectivity_id", "kind"]), on="main_commune").assign(way="name")
    departments = tables["departments"].assign(kind="departement", way="name", listed=tables["departments"]["name"])
    departments["collectivity_id"] = "dep-" + departments["department_code"]
    regions = tables["regions"].assign(kind="region", way="name", listed=tables["regions"]["name"])
    regions["collectivity_id"] = "reg-" + regions["region_code"]
    everything = pd.concat([communes, former, groups, departments, regions], ignore_index=True)
    everything = everything.assign(key=fold_all(everything["listed"].tolist()))
    everything = everything[["key", "listed", "way", *columns]]
    # A short form of an EPCI's name that is also a commune's (« CA de La Rochelle ») is the commune's.
    of_communes = everything.loc[everything["kind"] == "commune", "key"]
    short = everything["kind"].eq("epci") & everything["key"].isin(of_communes)
    left_out = short | everything["collectivity_id"].isin(NOT_APART)
    return everything[~left_out].drop_duplicates(["key", "collectivity_id"])


def _epci_names(tables: Tables) -> pd.DataFrame:
    """The official name of each EPCI, without its abbreviation, with it written out, and its usual name."""
    names = tables["epci"].set_index("siren")["name"]
    bare = names.str.replace(r"^C[ACU] (?:de la |de l’|des |de |du |d’)?", "", regex=True)
    full = names
    for short, words in ABBREVIATIONS.items():
        full = full.str.replace(f"^{short} ", f"{words} ", regex=True)
    listed = tables["collectivities"].set_index("collectivity_id")
    usual = listed.loc[listed.index.isin(names.index), "name"]
    table = pd.concat([names, bare, full, usual]).rename("listed").rename_axis("collectivity_id").reset_index()
    return table.assign(kind="epci").drop_duplicates()


def resolve_origins(places: pd.DataFrame, tables: Tables, gazetteer: Gazetteer) -> pd.DataFrame:
    """Find the collectivity of each French place.

    Parameters
    ----------
    places : DataFrame
        Columns name, code, latitude, longitude; any may be missing.
    tables : dict
        communes, former_communes, epci, departments, regions, collectivities.
    gazetteer : Gazetteer
        For foreign names of communes.

    Returns
    -------
    DataFrame
        Indexed like ``places``: collectivity_id; way (one of `WAYS`, or code) and listed (the name found) where it is
        known; else reason (a code of the vocabulary import_reason) and detail.
    """
    known = reference(tables)
    found = _by_code(places, tables, known)
    left = found["collectivity_id"].isna() & found["reason"].isna()
    named = places[left & places["name"].notna()]
    if len(named):
        found.update(_by_name(named, known, tables, gazetteer))
    missing = found["collectivity_id"].isna() & found["reason"].isna()
    found.loc[missing, "reason"] = "unknown_origin"
    return found


def _by_code(places: pd.DataFrame, tables: Tables, known: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(index=places.index, columns=COLUMNS, dtype="str")
    coded = places["code"].notna()
    if not coded.any():
        return found
    communes = tables["communes"]
    former = tables["former_communes"].set_index("insee")["commune"].to_dict()
    sirens = communes.dropna(subset="siren").set_index("siren")["insee"].to_dict()
    today = {code.upper(): code for code in known["collectivity_id"]}
    merged = {code.upper(): commune for code, commune in NOT_APART.items()}
    codes = places["code"].str.replace(r"\s", "", regex=True).str.upper()
    # A spreadsheet drops the nought at the beginning of the first nine départements.
    codes = codes.where(codes.isna() | ~codes.str.fullmatch(r"\d{4}", na=False), "0" + codes)
    ids = codes.map({**former, **sirens, **merged, **today})
    found.loc[coded, "collectivity_id"] = ids[coded]
    found.loc[coded, "way"] = "code"
    unknown = coded & ids.isna()
    found.loc[unknown, "reason"] = "unknown_code"
    found.loc[unknown, "detail"] = codes[unknown]
    points = communes.set_index("insee")[["latitude", "longitude"]].reindex(ids)
    km = distance_km(places["latitude"], places["longitude"], points["latitude"], points["longitude"])
    far = pd.Series(km > LONE_KM, index=places.index)
    found.loc[far, "reason"] = "code_far_from_point"
    found.loc[far, "detail"] = [f"{km:.0f} km" for km in km[far]]
    found.loc[far, "collectivity_id"] = None
    return found


def _by_name(places: pd.DataFrame, known: pd.DataFrame, tables: Tables, gazetteer: Gazetteer) -> pd.DataFrame:
    """Try the ways in turn; a place that one of them resolves, or finds ambiguous, is not tried again."""
    queries = _queries(places, tables)
    settled = pd.DataFrame(columns=COLUMNS, dtype="str")
    astray: list[pd.DataFrame] = []
    for way in ("name", "foreign", "renamed"):
        left = queries[~queries["query"].isin(settled.index)]
        if way == "name":
            names = known
        else:
            names = _foreign(left, known, tables, gazetteer) if way == "foreign" else _beginnings(left, known)
        candidates = _candidates(left, names, places, known)
        settled = pd.concat([settled, _choose(candidates, way)])
        astray.append(candidates[~candidates["query"].isin(settled.index)])
    return pd.concat([settled, _too_far(pd.concat(astray), settled.index)])


def _too_far(candidates: pd.DataFrame, settled: pd.Index) -> pd.DataFrame:
    """Why the other candidates were not taken: far from the point, or near it once its coordinates are turned round."""
    far = candidates[candidates["km"].notna() & ~candidates["query"].isin(settled)]
    possible = far["at_longitude"].where(far["at_longitude"].abs() <= 90)
    turned = distance_km(possible, far["at_latitude"], far["latitude"], far["longitude"]) <= NEAR_KM
    rank = far["way"].map({way: n for n, way in enumerate(WAYS)})
    far = far.assign(turned=turned, rank=rank).sort_values(
        ["query", "turned", "rank", "km", "collectivity_id"], ascending=[True, False, True, True, True]
    )
    far = far.drop_duplicates("query").set_index("query")
    shown = far["km"].map(lambda km: f": {km:.0f} km" if np.isfinite(km) else "")
    detail = far["collectivity_id"] + " " + far["listed"] + shown
    reason = np.where(far["turned"], "swapped_point", "origin_far")
    return pd.DataFrame({"reason": reason, "detail": detail}, index=far.index)


def _queries(places: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """The folded forms of each name: whole; without what a comma or a bracket adds, or « Ville de », « Région »…

    Columns query, form, key, kind (of a form that says it) and department_code (where the addition names one).
    """
    names = places["name"]
    parts = names.str.extract(r"^([^,(]*)[,(]([^)]*)")
    departments = tables["departments"]["department_code"]
    codes = dict(zip(fold_all(tables["departments"]["name"].tolist()), departments, strict=True))
    codes |= {code.lower(): code for code in departments}
    added = parts[1].dropna()
    department = pd.Series(fold_all(added.tolist()), index=added.index, dtype="str").map(codes)
    whole = pd.DataFrame({"query": names.index, "form": 0, "key": fold_all(names.tolist())})
    bare = pd.DataFrame({"query": added.index, "form": 1, "key": fold_all(parts.loc[added.index, 0].tolist())})
    bare["department_code"] = department.to_numpy()
    said = []
    for kind, words in KINDS.items():
        keys = whole["key"].str.replace(words, "", regex=True)
        said.append(whole.assign(key=keys, form=1, kind=kind)[keys != whole["key"]])
    queries = pd.concat([whole, bare, *said], ignore_index=True)
    return queries[queries["key"] != ""]


def _foreign(queries: pd.DataFrame, known: pd.DataFrame, tables: Tables, gazetteer: Gazetteer) -> pd.DataFrame:
    """The communes that the gazetteer knows under one of these names."""
    keys = queries[["key"]].drop_duplicates()
    places = gazetteer.match(keys[~keys["key"].isin(known["key"])])
    places = places.loc[places["iso2"].isin(FRENCH_ISO2), ["key", "geonames_id"]]
    communes = tables["communes"].dropna(subset="geonames_id").set_index("geonames_id")["insee"]
    ids = places["geonames_id"].map(communes)
    found = places.assign(collectivity_id=ids)[ids.notna()].drop_duplicates(["key", "collectivity_id"])
    today = known[(known["kind"] == "commune") & (known["way"] == "name")].drop(columns="key")
    return found.merge(today, on="collectivity_id").assign(way="foreign")


def _beginnings(queries: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The communes of today whose name goes on after one of these names, with a new word."""
    today = known[(known["kind"] == "commune") & (known["way"] == "name")]
    first_word = r"^(\S+)"
    wanted = queries["key"].str.extract(first_word, expand=False)
    today = today[today["key"].str.extract(first_word, expand=False).isin(wanted)]
    words = today["key"].str.split(" ")
    beginnings = words.map(lambda parts: [" ".join(parts[:n]) for n in range(1, len(parts))])
    return today.assign(key=beginnings, way="renamed").explode("key").dropna(subset="key")


def _candidates(queries: pd.DataFrame, names: pd.DataFrame, places: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The collectivities of each name, with their distance in km to the source's point (missing if it gives none)."""
    found = queries.merge(names, on="key", suffixes=("_said", ""))
    if found.empty:
        return found.assign(at_latitude=np.nan, at_longitude=np.nan, km=np.nan)
    right_kind = found["kind_said"].isna() | (found["kind_said"] == found["kind"])
    department = found["department_code_said"]
    found = found[right_kind & (department.isna() | (department == found["department_code"]))].reset_index(drop=True)
    points = places.loc[found["query"], ["latitude", "longitude"]].reset_index(drop=True)
    km = distance_km(points["latitude"], points["longitude"], found["latitude"], found["longitude"])
    found = found.assign(at_latitude=points["latitude"], at_longitude=points["longitude"], km=km)
    given = points["latitude"].notna()
    areas = given & found["kind"].isin(["departement", "region"])
    found.loc[areas, "km"] = np.where(_inside(found[areas], known, 1), NEAR_KM, np.inf)
    unlocated = given & ~areas & found["latitude"].isna()
    found.loc[unlocated, "km"] = _km_to_neighbours(found[unlocated], known)
    return found


def _located(known: pd.DataFrame) -> pd.DataFrame:
    today = (known["kind"] == "commune") & (known["way"] == "name") & known["latitude"].notna()
    return known[today]


def _inside(found: pd.DataFrame, known: pd.DataFrame, nearest: int) -> np.ndarray:
    """Whether one of the communes nearest to the point is of the same département (for a region: of the region)."""
    communes = _located(known)
    tree = cKDTree(_on_sphere(communes["latitude"], communes["longitude"]))
    near = tree.query(_on_sphere(found["at_latitude"], found["at_longitude"]), k=range(1, nearest + 1))[1]
    department, region = (
        (communes[column].to_numpy()[near] == found[column].to_numpy()[:, None]).any(axis=1)
        for column in ("department_code", "region_code")
    )
    return np.where(found["kind"] == "region", region, department)


def _on_sphere(latitude: Iterable[float], longitude: Iterable[float]) -> np.ndarray:
    phi, theta = np.radians(np.asarray(latitude, dtype=float)), np.radians(np.asarray(longitude, dtype=float))
    return np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])


def _km_to_neighbours(found: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """For communes without a point: the distance to the nearest commune of their EPCI that has one."""
    rows = found[["epci", "at_latitude", "at_longitude"]].dropna(subset="epci").rename_axis("row").reset_index()
    near = rows.merge(_located(known)[["epci", "latitude", "longitude"]], on="epci")
    near["km"] = distance_km(near["at_latitude"], near["at_longitude"], near["latitude"], near["longitude"])
    km = near.groupby("row")["km"].min().clip(lower=UNLOCATED_KM).reindex(found.index)
    alone = ~found["epci"].isin(_located(known)["epci"])
    km[alone] = np.where(_inside(found[alone], known, NEAREST), UNLOCATED_EPCI_KM, np.inf)
    return km.fillna(np.inf)


def _choose(candidates: pd.DataFrame, way: str) -> pd.DataFrame:
    """Keep for each query the one candidate, or the nearest by far; several that are as near are ambiguous."""
    if candidates.empty:
        return pd.DataFrame(columns=COLUMNS)
    alone = candidates.groupby("query")["collectivity_id"].transform("nunique") == 1
    limit = np.where(alone & (way == "name"), LONE_KM, NEAR_KM) if way != "renamed" else RENAMED_KM
    # A longer name of today is not looked for without a point: half of all communes begin like another.
    near = candidates[(candidates["km"] <= limit) | (candidates["km"].isna() & (way != "renamed"))]
    near = near[near["form"] == near.groupby("query")["form"].transform("min")]
    rank = near["way"].map({way: n for n, way in enumerate(WAYS)})
    near = near.assign(rank=rank).sort_values(["query", "km", "rank", "collectivity_id"])
    near = near.drop_duplicates(["query", "collectivity_id"])
    nearest = near.groupby("query")["km"].transform("min")
    near = near[near["km"].isna() | (near["km"] < nearest + CLEAR_KM)]
    several = near.groupby("query")["collectivity_id"].transform("size") > 1
    chosen = near[~several].set_index("query")[["collectivity_id", "way", "listed"]]
    doubtful = near[several]
    listed = doubtful["collectivity_id"] + " " + doubtful["listed"]
    detail = listed.groupby(doubtful["query"]).agg("; ".join)
    ambiguous = pd.DataFrame({"reason": "ambiguous_origin", "detail": detail})
    return pd.concat([chosen, ambiguous]).reindex(columns=COLUMNS)
