"""Partners in common: which collectivities work with the same places, the same countries, on the same domains.

The study recommends to look for them (recommendation 10). Only what is documented can be shared: that two have
nothing in common here does not say that they have nothing in common.
"""

from typing import Any

import numpy as np
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
    mine = (partnerships["collectivity_id"] == collectivity_id).tolist()
    whose = [*zip(partnerships["collectivity_id"], partnerships["collectivity"], strict=True)]
    ids = partnerships["partnership_id"].tolist()
    found: dict[tuple[str, str], dict[str, dict[str, None]]] = {}
    for what, links in _links(partnerships).items():
        own = {value for row, value, _ in links if mine[row]}
        for row, value, name in links:
            if value in own and not mine[row]:
                parts = found.setdefault(whose[row], {part: {} for part in (*SHARED, "partnership_ids")})
                parts[what][name] = None
                parts["partnership_ids"][ids[row]] = None
    rows: list[dict[str, Any]] = [
        {"collectivity_id": other, "collectivity": name}
        | {what: sorted(parts[what]) for what in SHARED}
        | {"partnership_ids": [*parts["partnership_ids"]]}
        for (other, name), parts in found.items()
    ]
    rows.sort(
        key=lambda row: [*(-len(row[what]) for what in SHARED), fold(row["collectivity"]), row["collectivity_id"]]
    )
    return pd.DataFrame(rows, columns=["collectivity_id", "collectivity", *SHARED, "partnership_ids"])


# What a partnership links with: the number of its row, by which value this is known, its name.
Link = tuple[int, str, str]


def _links(partnerships: pd.DataFrame) -> dict[str, list[Link]]:
    """The places, countries and domains of partnerships, in the order of the rows."""
    place = places(partnerships).where(partnerships["partner_kind"].isin(PLACES))
    return {
        "places": _known(place, partnerships["place"]),
        "countries": _known(partnerships["country"], partnerships["country"]),
        "domains": [
            (row, code, code)
            for row, codes, _ in _known(partnerships["domains"], partnerships["domains"])
            for code in codes.split(";")
            if code != OTHER
        ],
    }


def _known(values: pd.Series, names: pd.Series) -> list[Link]:
    """The rows that have a value."""
    known = values.notna()
    return [*zip(np.flatnonzero(known).tolist(), values[known], names[known], strict=True)]


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
