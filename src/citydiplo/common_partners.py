"""Partners in common: which collectivities work with the same places, the same countries, on the same domains.

The study recommends to look for them (recommendation 10). Only what is documented can be shared: that two have
nothing in common here does not say that they have nothing in common.
"""

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.geography import places

# What two collectivities can share, the most telling first.
SHARED = ["places", "countries", "domains"]

# Partners that are a place with which others can work too; a country counts as a country.
PLACES = ("city", "region")

# The residual code of the vocabulary domain: two collectivities that have it need not do the same.
OTHER = "other"


def partners_in_common(partnerships: pd.DataFrame, collectivity_id: str) -> pd.DataFrame:
    """Rank the other collectivities by what they share with one.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv.
    collectivity_id : str

    Returns
    -------
    DataFrame
        One row a collectivity that shares something: collectivity_id, collectivity; places (usual English names),
        countries (ISO 3166-1 alpha-3, those of the places too) and domains (codes), each a sorted list;
        partnership_ids, a list: its partnerships that are the evidence, for places first, then countries, then domains.
        Those that share most places come first, then most countries, then most domains, then by name.
    """
    links = _links(partnerships.reset_index(drop=True))
    own = links.loc[links["collectivity_id"] == collectivity_id, ["what", "value"]].drop_duplicates()
    shared = links[links["collectivity_id"] != collectivity_id].merge(own, on=["what", "value"])
    rows = [
        {"collectivity_id": other, "collectivity": name}
        | {what: sorted(set(group.loc[group["what"] == what, "name"])) for what in SHARED}
        | {"partnership_ids": list(dict.fromkeys(group["partnership_id"]))}
        for (other, name), group in shared.groupby(["collectivity_id", "collectivity"])
    ]
    rows.sort(
        key=lambda row: [*(-len(row[what]) for what in SHARED), fold(row["collectivity"]), row["collectivity_id"]]
    )
    return pd.DataFrame(rows, columns=["collectivity_id", "collectivity", *SHARED, "partnership_ids"])


def _links(partnerships: pd.DataFrame) -> pd.DataFrame:
    """One row a place, country or domain of a partnership, in this order: by which value it is known, and its name."""
    rows = partnerships[["collectivity_id", "collectivity", "partnership_id"]]
    place = places(partnerships).where(partnerships["partner_kind"].isin(PLACES))
    domain = partnerships["domains"].str.split(";").explode()
    parts = [
        rows.assign(what="places", value=place, name=partnerships["place"]),
        rows.assign(what="countries", value=partnerships["country"], name=partnerships["country"]),
        rows.join(domain[domain != OTHER].rename("value")).assign(what="domains", name=lambda frame: frame["value"]),
    ]
    return pd.concat(parts).dropna(subset="value")


def pairs_in_common(partnerships: pd.DataFrame) -> pd.DataFrame:
    """List the collectivities that share places, two by two.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv.

    Returns
    -------
    DataFrame
        One row a pair that shares a place: collectivity, other (names, in alphabetical order) and places, a sorted list
        of usual English names. The pairs that share most come first, then by name.
    """
    rows = partnerships[partnerships["partner_kind"].isin(PLACES)]
    links = rows[["collectivity_id", "collectivity", "place"]].assign(value=places(rows))
    links = links.drop_duplicates(["collectivity_id", "value"])
    both = links.merge(
        links.drop(columns="place").rename(columns={"collectivity": "other"}), on="value", suffixes=("", "_other")
    )
    order, other = ([fold(name) for name in both[column]] for column in ("collectivity", "other"))
    both = both.assign(order=order, order_other=other)
    key = ["order", "collectivity_id"]
    both = both[
        [tuple(row[:2]) < tuple(row[2:]) for row in both[[*key, "order_other", "collectivity_id_other"]].to_numpy()]
    ]
    found = both.groupby(["collectivity_id", "collectivity_id_other", "order", "order_other", "collectivity", "other"])
    table = found["place"].agg(sorted).rename("places").reset_index()
    table = table.assign(rank=-table["places"].map(len)).sort_values(
        ["rank", "order", "order_other"], ignore_index=True
    )
    return table[["collectivity", "other", "places"]]
