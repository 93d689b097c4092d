"""Where a collectivity's links abroad stand among those of its peers: a description, not a ranking.

What is counted is what is documented: it depends on how complete the list of each collectivity is.
"""

from dataclasses import dataclass

import pandas as pd
from scipy.stats import percentileofscore

from citydiplo.geography import NEAR_KM, classify

# What is compared, in reading order.
INDICATORS = ("links", "countries", "median_km", "near_share", "eu_share", "oda_share", "first_year")

# Among fewer peers no position is given: it would say little.
FEWEST_PEERS = 3


def indicators(partnerships: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Sum up the links of each collectivity.

    Parameters
    ----------
    partnerships : DataFrame
        From `geography.measure`, one row a place (`geography.once`).
    groups : DataFrame
        The table country_groups.

    Returns
    -------
    DataFrame
        One row a collectivity, indexed by its id: links; located, near, near_share and median_km (see
        `geography.Distribution`); countries (how many) and settled (links whose country is known), with those in the
        European Union (eu) and in a recipient of official development assistance (oda), and their shares of the
        settled, 0 to 1 (eu_share, oda_share); first_year, the earliest documented. Missing where nothing is located,
        settled or dated.
    """
    union = classify(partnerships["country"], groups, "european_union") == "eu_member"
    recipient = classify(partnerships["country"], groups, "oda") == "oda_recipient"
    marked = partnerships.assign(eu=union, oda=recipient, near=partnerships["distance_km"] < NEAR_KM)
    of_each = marked.groupby("collectivity_id")
    counted = pd.DataFrame(
        {
            "links": of_each.size(),
            "countries": of_each["country"].nunique(),
            "median_km": of_each["distance_km"].median(),
            "first_year": of_each["start_year"].min().astype("Int64"),
            "located": of_each["distance_km"].count(),
            "settled": of_each["country"].count(),
            **{what: of_each[what].sum() for what in ("near", "eu", "oda")},
        }
    )
    shares = {"near_share": ("near", "located"), "eu_share": ("eu", "settled"), "oda_share": ("oda", "settled")}
    counted = counted.assign(**{share: counted[part] / counted[base] for share, (part, base) in shares.items()})
    return counted[[*INDICATORS, "located", "near", "settled", "eu", "oda"]]


@dataclass(frozen=True)
class Position:
    """Where the value of a collectivity stands among those of its peers.

    Attributes
    ----------
    value : float
    percentile : float
        See `percentile`.
    peers : tuple of float
        Their values in ascending order, without its own.
    first_quartile, median, third_quartile : float
        Of the peers, by linear interpolation.
    """

    value: float
    percentile: float
    peers: tuple[float, ...]
    first_quartile: float
    median: float
    third_quartile: float


def percentile(value: float, peers: pd.Series) -> float:
    """The percentile rank of a value among its peers and itself.

    Of n values, its own included, it is 100 × (those smaller + half of those equal, itself included) / n. So equal
    values share a rank: it is 100 × (mid-rank - 1/2) / n, the empirical form of Parzen's mid-distribution function
    (Quantile probability and statistical data modeling, Statistical Science 19, 2004) and scipy's « mean ».

    Parameters
    ----------
    value : float
    peers : Series
        Values of the peers, none missing.

    Returns
    -------
    float
        Above 0 and under 100; 50 if all are equal.
    """
    return float(percentileofscore([*peers, value], value, kind="mean"))


def positions(measured: pd.DataFrame, collectivity_id: str) -> dict[str, Position]:
    """Place a collectivity among its peers, indicator by indicator.

    Parameters
    ----------
    measured : DataFrame
        From `indicators`: it and its peers.
    collectivity_id : str

    Returns
    -------
    dict
        Indicator → Position, in the order of `INDICATORS`; without those that it has no value of, or
        fewer than `FEWEST_PEERS` of its peers.
    """
    found = {}
    others = measured.drop(index=collectivity_id)
    for indicator in INDICATORS:
        value = measured.loc[collectivity_id, indicator]
        peers = others[indicator].dropna().astype(float).sort_values()
        if pd.notna(value) and len(peers) >= FEWEST_PEERS:
            found[indicator] = Position(
                float(value), percentile(float(value), peers), tuple(peers), *peers.quantile([0.25, 0.5, 0.75])
            )
    return found
