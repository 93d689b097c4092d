"""Find a commune, an EPCI or another collectivity by name or code; its stratum and its peers."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from citydiplo.data import Tables
from citydiplo.errors import UserError

# The size classes of the study's survey (source france-urbaine-inet-2021, l. 2069-2116), lower bound included.
COMMUNE_STRATA = {
    0: "under_100000",
    100_000: "from_100000_to_200000",
    200_000: "from_200000_to_400000",
    400_000: "from_400000",
}
EPCI_STRATA = {
    0: "under_200000",
    200_000: "from_200000_to_400000",
    400_000: "from_400000_to_500000",
    500_000: "from_500000_to_1000000",
    1_000_000: "from_1000000",
}
EPCI_KINDS = ("metropole", "communaute_urbaine", "communaute_agglomeration", "communaute_communes")


@dataclass(frozen=True)
class Collectivity:
    """A French collectivity and what the official reference says of it.

    Attributes
    ----------
    id : str
        INSEE code of a commune, SIREN of an EPCI, dep-CODE or reg-CODE.
    name, official_name : str
        Usual name, and the name of the official reference.
    kind : str
        A code of the vocabulary collectivity_kind.
    siren, region_code, department_code, epci_id : str or None
    population, population_year : int or None
        Municipal population and its reference year.
    latitude, longitude : float or None
        WGS 84; of an EPCI, the point of its most populous commune.
    stratum : str or None
        Size class of the study for communes and EPCI: a code of commune_stratum or epci_stratum.
    in_study : bool
        Whether the 2021 study interviewed or surveyed it.
    """

    id: str
    name: str
    official_name: str
    kind: str
    siren: str | None
    region_code: str
    department_code: str | None
    epci_id: str | None
    population: int | None
    population_year: int | None
    latitude: float | None
    longitude: float | None
    stratum: str | None
    in_study: bool

    @property
    def strata(self) -> str | None:
        """The vocabulary of its stratum; None for a département or a region."""
        if self.kind == "commune":
            return "commune_stratum"
        return "epci_stratum" if self.kind in EPCI_KINDS else None


class UnknownCollectivityError(UserError):
    """No collectivity has this name or code."""


class AmbiguousCollectivityError(UserError):
    """Several collectivities have this name."""


@cache
def fold(name: str) -> str:
    """Reduce a name to what identifies it: no accents, case, punctuation or « St » for « Saint »."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def by_name(names: pd.Series) -> pd.Series:
    """A key to sort names as a French reader expects: accents and case do not count."""
    return names.map(fold)


def stratum(population: pd.Series, bounds: dict[int, str]) -> pd.Series:
    """Class populations by the lower bounds of the strata; a missing population has none."""
    cut = pd.cut(population.astype("Float64"), [*bounds, float("inf")], labels=list(bounds.values()), right=False)
    return cut.astype("str").where(population.notna())


def directory(tables: Tables) -> pd.DataFrame:
    """List every collectivity that can be reported on.

    Returns
    -------
    DataFrame
        One row a collectivity, indexed by id, with the attributes of `Collectivity` as columns: every commune and
        EPCI of the official reference, and the départements and regions of collectivities.csv.
    """
    communes = tables["communes"].rename(columns={"insee": "id", "epci_siren": "epci_id"})
    communes = communes.assign(kind="commune", stratum=stratum(communes["population"], COMMUNE_STRATA))
    points = communes.set_index("id")[["latitude", "longitude", "department_code"]]
    epci = tables["epci"].assign(id=tables["epci"]["siren"])
    epci = epci.join(points, on="main_commune").assign(stratum=stratum(epci["population"], EPCI_STRATA))
    listed = tables["collectivities"].rename(columns={"collectivity_id": "id"})
    official = pd.concat([communes, epci])
    others = listed[~listed["id"].isin(official["id"])]
    everyone = pd.concat([official, others]).set_index("id")
    usual = listed.set_index("id")
    everyone = everyone.rename(columns={"name": "official_name"})
    everyone["name"] = usual["name"].reindex(everyone.index).fillna(everyone["official_name"])
    everyone["in_study"] = usual["study_role"].notna().reindex(everyone.index, fill_value=False)
    columns = [field for field in Collectivity.__dataclass_fields__ if field != "id"]
    return everyone[columns]


def get(everyone: pd.DataFrame, collectivity_id: str) -> Collectivity:
    """The collectivity with this id in a `directory`."""
    row: dict[str, Any] = {
        field: None if pd.isna(value) else value for field, value in everyone.loc[collectivity_id].items()
    }
    for field in ("population", "population_year"):
        row[field] = None if row[field] is None else int(row[field])
    return Collectivity(id=collectivity_id, **row)


def search(everyone: pd.DataFrame, words: str) -> pd.DataFrame:
    """Select the collectivities in whose name every word of ``words`` begins a word, the most populous first."""
    wanted = fold(words).split()
    names = " " + everyone["name"].map(fold) + " " + everyone["official_name"].map(fold)
    found = names.map(lambda name: all(f" {word}" in name for word in wanted))
    return everyone[found].sort_values("population", ascending=False, kind="stable")


def find(everyone: pd.DataFrame, query: str) -> Collectivity:
    """Find one collectivity.

    Parameters
    ----------
    everyone : DataFrame
        From `directory`.
    query : str
        A name ("St Etienne", "saint-étienne"), a name with its département ("Montreuil (93)"), an INSEE code, a
        SIREN or an id.

    Raises
    ------
    UnknownCollectivityError
        With the nearest names.
    AmbiguousCollectivityError
        With the candidates and their codes.
    """
    found = _by_code(everyone, re.sub(r"\s", "", query))
    if found.empty:
        found = _by_name(everyone, query)
    if len(found) == 1:
        return get(everyone, found.index[0])
    if len(found) > 1:
        raise AmbiguousCollectivityError(
            f"« {query} » names {len(found)} collectivities, give a code:\n{_listing(found)}"
        )
    near = _nearest(everyone, fold(query))
    hint = f"did you mean:\n{_listing(near)}" if len(near) else "try « citydiplo cities » with a part of the name"
    raise UnknownCollectivityError(f"no collectivity « {query} »; {hint}")


def _by_code(everyone: pd.DataFrame, code: str) -> pd.DataFrame:
    return everyone[everyone.index.isin([code.upper(), code.lower()]) | (everyone["siren"] == code)]


def _by_name(everyone: pd.DataFrame, query: str) -> pd.DataFrame:
    """The collectivities with this usual or official name, in the département given in brackets if any."""
    name, _, department = query.partition("(")
    wanted = fold(name)
    named = (everyone["name"].map(fold) == wanted) | (everyone["official_name"].map(fold) == wanted)
    found = everyone[named] if wanted else everyone.iloc[:0]
    return found[found["department_code"] == department.strip(" )").upper()] if department else found


def _nearest(everyone: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """The collectivities with the nearest names: those that contain it first, then those spelled alike."""
    if not wanted:
        return everyone.iloc[:0]
    names = everyone["name"].map(fold)
    containing = everyone[names.str.contains(wanted, regex=False)].nlargest(3, "population")
    alike = difflib.get_close_matches(wanted, names.unique().tolist(), n=3, cutoff=0.75)
    nearest = pd.concat([containing, everyone[names.isin(alike)].nlargest(5, "population")])
    return nearest[~nearest.index.duplicated()].head(6)


def _listing(found: pd.DataFrame) -> str:
    """One line a collectivity, the most populous first."""
    lines = []
    for row in found.sort_values("population", ascending=False).itertuples():
        people = (
            "population unknown" if pd.isna(row.population) else f"{row.population:,} inhabitants".replace(",", " ")
        )
        place = row.region_code if pd.isna(row.department_code) else row.department_code
        lines.append(f"  {row.Index}  {row.name} ({place}, {row.kind}, {people})")
    return "\n".join(lines)


def peers(everyone: pd.DataFrame, city: Collectivity) -> pd.DataFrame:
    """The study's collectivities of the same sort (communes, or EPCI of any kind) and stratum, without itself.

    Returns
    -------
    DataFrame
        Rows of ``everyone``, by name; empty for a collectivity without stratum.
    """
    same = everyone["kind"].isin(EPCI_KINDS) if city.kind in EPCI_KINDS else everyone["kind"] == city.kind
    alike = everyone[same & everyone["in_study"] & (everyone["stratum"] == city.stratum)]
    return alike.drop(index=city.id, errors="ignore").sort_values("name", key=by_name)
