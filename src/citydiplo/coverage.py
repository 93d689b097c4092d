"""How far the sources cover the partnerships: several sources compared city by city, and what they may all miss.

Capture–recapture takes each source for an independent catch of the same whole. Two things are otherwise, and readers
are told. Lists of twin towns copy one another: they overlap more than independent ones would, so that the estimate is a
lower bound (`WARNING`). And a source that was only sought where others were silent, as many of the register's were,
overlaps less: the estimate is then too high, and only lists that mean to be whole should be compared (`LISTS_ONLY`).
"""

import math
from dataclasses import asdict, dataclass, fields
from itertools import combinations

import pandas as pd

from citydiplo.geography import places

WARNING = "coverage.lower_bound"
LISTS_ONLY = "coverage.lists_only"

PAIR = ["collectivity_id", "place"]
NORMAL_95 = 1.959964


def stated(partnerships: pd.DataFrame, sources: pd.DataFrame, by: str = "publisher_kind") -> pd.DataFrame:
    """List which sort of source states which pair.

    Parameters
    ----------
    partnerships : DataFrame
        Rows of partnerships.csv.
    sources : DataFrame
        The table of this name.
    by : str
        The column of sources that makes the sorts.

    Returns
    -------
    DataFrame
        Columns collectivity_id, place (from `geography.places`) and source (a value of ``by``), each row once.
    """
    sorts = sources.set_index("source_id")[by]
    rows = partnerships[["collectivity_id"]].assign(
        place=places(partnerships), source=partnerships["source_id"].map(sorts)
    )
    return rows.drop_duplicates(ignore_index=True)


def by_city(statements: pd.DataFrame) -> pd.DataFrame:
    """Count the pairs of each collectivity that each source states.

    Parameters
    ----------
    statements : DataFrame
        Columns collectivity_id, place and source: from `stated`, or several lists put together.

    Returns
    -------
    DataFrame
        By collectivity_id: one column a source (number of places), then places (stated by any) and shared (stated by
        two sources or more).
    """
    distinct = statements.drop_duplicates([*PAIR, "source"])
    table = pd.crosstab(distinct["collectivity_id"], distinct["source"])
    told = distinct.groupby(PAIR).size()
    table["places"] = told.groupby("collectivity_id").size()
    table["shared"] = (told > 1).groupby("collectivity_id").sum()
    return table.rename_axis(columns=None).reset_index()


@dataclass(frozen=True)
class Estimate:
    """How many pairs there are, estimated from two lists.

    Attributes
    ----------
    total, variance : float
    low, high : float
        95 % interval.
    """

    total: float
    variance: float
    low: float
    high: float


def chapman(first: int, second: int, both: int) -> Estimate:
    """Estimate a total from two lists that overlap.

    Chapman's estimator (Some properties of the hypergeometric distribution with applications to zoological sample
    censuses, University of California Publications in Statistics 1, 1951) with the variance of Seber (The Estimation of
    Animal Abundance, 2nd edition 1982, p. 60). The interval is log-normal in the number that both lists miss (Chao,
    Estimating the population size for capture-recapture data with unequal catchability, Biometrics 43, 1987): it does
    not go below what is listed.

    Parameters
    ----------
    first, second, both : int
        Lengths of the lists, and how many entries they share.

    Raises
    ------
    ValueError
        If the lists cannot share so many.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"lists of {first} and {second} cannot share {both}")
    total = (first + 1) * (second + 1) / (both + 1) - 1
    left = (first - both) * (second - both)
    variance = (first + 1) * (second + 1) * left / ((both + 1) ** 2 * (both + 2))
    listed = first + second - both
    missed = total - listed
    if missed <= 0:
        return Estimate(total, variance, total, total)
    factor = math.exp(NORMAL_95 * math.sqrt(math.log(1 + variance / missed**2)))
    return Estimate(total, variance, listed + missed / factor, listed + missed * factor)


def estimates(statements: pd.DataFrame, source: str, other: str) -> pd.DataFrame:
    """Compare two sources city by city.

    Parameters
    ----------
    statements : DataFrame
        Columns collectivity_id, place and source: from `stated`, or several lists put together.
    source, other : str

    Returns
    -------
    DataFrame
        One row a collectivity on which both say something: collectivity_id; first, second, both and either (numbers of
        places); jaccard (both / either); total, variance, low and high (see `chapman`, `WARNING` and `LISTS_ONLY`).
    """
    counts = _counts(statements, source, other)
    return pd.concat([counts.reset_index(drop=True), _estimated(counts)], axis="columns")


def overlaps(statements: pd.DataFrame) -> pd.DataFrame:
    """Compare the sources two by two, over the collectivities on which both say something.

    Parameters
    ----------
    statements : DataFrame
        As for `estimates`.

    Returns
    -------
    DataFrame
        One row a pair of sources, in alphabetical order: source, other, collectivities (how many both tell of), and the
        columns of `estimates` with pairs in place of places; pairs of sources that tell of no common collectivity are
        left out.
    """
    rows = []
    for source, other in combinations(sorted(statements["source"].dropna().unique()), 2):
        counts = _counts(statements, source, other)
        if len(counts):
            sums = counts[["first", "second", "both"]].sum().to_dict()
            rows.append({"source": source, "other": other, "collectivities": len(counts)} | sums)
    table = pd.DataFrame(rows, columns=["source", "other", "collectivities", "first", "second", "both"])
    return pd.concat([table, _estimated(table)], axis="columns")


def _counts(statements: pd.DataFrame, source: str, other: str) -> pd.DataFrame:
    """The lengths of the two lists of each collectivity on which both sources say something, and what they share."""
    lists = [statements.loc[statements["source"] == name, PAIR].drop_duplicates() for name in (source, other)]
    first, second = (rows.groupby("collectivity_id").size() for rows in lists)
    both = lists[0].merge(lists[1], on=PAIR).groupby("collectivity_id").size()
    counts = pd.DataFrame({"first": first, "second": second}).dropna()
    counts = counts.assign(both=both.reindex(counts.index, fill_value=0)).astype(int)
    return counts.rename_axis("collectivity_id").reset_index()


def _estimated(counts: pd.DataFrame) -> pd.DataFrame:
    either = counts["first"] + counts["second"] - counts["both"]
    rows = [asdict(chapman(*row)) for row in counts[["first", "second", "both"]].itertuples(index=False)]
    columns = [field.name for field in fields(Estimate)]
    found = pd.DataFrame(rows, columns=columns)
    return pd.concat([either.rename("either"), (counts["both"] / either).rename("jaccard"), found], axis="columns")
