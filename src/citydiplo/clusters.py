"""Groups of alike profiles, found in the data, and how far a reader may trust them.

Profiles say which items each collectivity has: rows collectivities, columns items, cells true or false. Nothing here
knows what the items are: answers to a survey, or what sources document.

The groups come from agglomerative clustering with average linkage on Jaccard distances. Rows and columns are first put
in an order that depends on their content and names alone, so that ties are settled alike however a table is sorted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import pdist, squareform


@dataclass(frozen=True)
class Tree:
    """A hierarchy of groups.

    Attributes
    ----------
    names : Index
        The profiles, in the order that ``merges`` numbers them.
    distances : ndarray
        Between them, condensed as scipy does.
    merges : ndarray
        The linkage matrix of scipy.
    """

    names: pd.Index
    distances: np.ndarray
    merges: np.ndarray

    @property
    def cophenetic(self) -> float:
        """Cophenetic correlation: how well the heights of the tree keep the distances, at most 1; missing if all
        distances are equal.

        References
        ----------
        R. R. Sokal and F. J. Rohlf, "The Comparison of Dendrograms by Objective Methods", Taxon 11 (2), 1962.
        """
        if np.ptp(self.distances) == 0:
            return float("nan")
        return float(cophenet(self.merges, self.distances)[0])

    def cut(self, groups: int) -> pd.Series:
        """The group of each profile, numbered from 1, the largest first.

        Groups that form at the same height are not parted, nor are identical profiles: there may be fewer groups than
        asked.
        """
        (members,) = _cuts(self.merges, [groups])
        return pd.Series(members.argmax(axis=0) + 1, index=self.names, name="group")


def tree(profiles: pd.DataFrame) -> Tree:
    """Group profiles step by step, the nearest first.

    Parameters
    ----------
    profiles : DataFrame of bool
        At least two rows. Two empty profiles are alike (distance 0); an empty one and any other have nothing in
        common (distance 1).

    References
    ----------
    R. R. Sokal and C. D. Michener, "A statistical method for evaluating systematic relationships", University of
    Kansas Science Bulletin 38, 1958 (average linkage); P. Jaccard, "The distribution of the flora in the alpine zone",
    New Phytologist 11 (2), 1912.
    """
    columns = profiles.astype(bool).sort_index(axis="columns")
    ordered = columns.iloc[np.lexsort(~columns.to_numpy().T[::-1])]
    distances = pdist(ordered.to_numpy(), "jaccard")
    return Tree(ordered.index, distances, linkage(distances, "average"))


def _cuts(merges: np.ndarray, groups: Sequence[int]) -> list[np.ndarray]:
    """For each number of groups: one row a group, the largest first, one column a profile, whether it is in it."""
    size = len(merges) + 1
    apart = squareform(cophenet(merges))
    cuts = []
    for number in groups:
        together = apart <= (merges[size - number - 1, 2] if number < size else 0)
        firsts = np.unique(together.argmax(axis=1))
        cuts.append(together[firsts[np.argsort(-together[firsts].sum(axis=1), kind="stable")]])
    return cuts


def stability(profiles: pd.DataFrame, groups: Sequence[int], draws: int = 200, seed: int = 1) -> pd.DataFrame:
    """How well the groups come back when only some of the profiles are there.

    Profiles are drawn with replacement; those drawn once or more are grouped again, and each group is compared with
    the new group most like it, by the Jaccard similarity of their members among those drawn. The mean over the draws is
    the group's stability; draws without any of its members do not count.

    C. Hennig reads the mean so (help of clusterboot, R package fpc): up to 0.5 the group is dissolved, up to 0.6 not to
    be trusted, up to 0.75 a pattern whose members are doubtful, above it stable. With few profiles, random ones may
    reach as much: see `null`.

    Parameters
    ----------
    profiles : DataFrame of bool
    groups : sequence of int
        Numbers of groups to try.
    draws : int
    seed : int

    Returns
    -------
    DataFrame
        Columns groups (the number asked), group (as `Tree.cut` numbers it), size and stability (0 to 1).

    References
    ----------
    C. Hennig, "Cluster-wise assessment of cluster stability", Computational Statistics and Data Analysis 52 (1), 2007.
    """
    whole = tree(profiles)
    distances = squareform(whole.distances)
    cuts = _cuts(whole.merges, groups)
    similar, counted = ([np.zeros(len(members)) for members in cuts] for _ in range(2))
    generator = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = np.unique(generator.integers(len(distances), size=len(distances)))
        if len(drawn) < 2:
            continue
        merges = linkage(squareform(distances[np.ix_(drawn, drawn)], checks=False), "average")
        for place, again in enumerate(_cuts(merges, groups)):
            before = cuts[place][:, drawn]
            similar[place] += _best(before, again)
            counted[place] += before.any(axis=1)
    parts = [
        pd.DataFrame({"group": range(1, len(members) + 1), "size": members.sum(axis=1), "stability": total / count})
        for members, total, count in zip(cuts, similar, counted, strict=True)
    ]
    return pd.concat(parts, keys=groups, names=["groups"]).reset_index("groups").reset_index(drop=True)


def _best(before: np.ndarray, again: np.ndarray) -> np.ndarray:
    """For each group, its Jaccard similarity to the new group most like it; 0 where it has no members."""
    one, other = before.astype(float), again.astype(float)
    common = one @ other.T
    either = one.sum(axis=1)[:, None] + other.sum(axis=1) - common
    return (common / either).max(axis=1)


def overall(stabilities: pd.DataFrame) -> pd.Series:
    """The mean, over the profiles, of the stability of their group, for each number of groups.

    Parameters
    ----------
    stabilities : DataFrame
        From `stability`.
    """
    weighted = stabilities.assign(sum=stabilities["stability"] * stabilities["size"]).groupby("groups")
    return (weighted["sum"].sum() / weighted["size"].sum()).rename("stability")


def shuffled(profiles: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """Random profiles with the same number of items in each row and of rows with each item.

    Two rows drawn at random trade the items that only one of them has, again and again.

    References
    ----------
    G. Strona et al., "A fast and unbiased procedure to randomize ecological binary matrices with fixed row and column
    totals", Nature Communications 5, 2014 (the curveball algorithm).
    """
    cells = profiles.to_numpy(dtype=bool).copy()
    for _ in range(20 * len(cells)):
        one, other = generator.choice(len(cells), 2, replace=False)
        traded = generator.permutation(np.flatnonzero(cells[one] != cells[other]))
        kept = cells[one, traded].sum()
        cells[one, traded] = np.arange(len(traded)) < kept
        cells[other, traded] = np.arange(len(traded)) >= kept
    return pd.DataFrame(cells, index=profiles.index, columns=profiles.columns)


def null(
    profiles: pd.DataFrame, groups: Sequence[int], repeats: int = 99, draws: int = 50, seed: int = 1
) -> pd.DataFrame:
    """The stability of random profiles with the same margins: what it is where there is nothing to find.

    Returns
    -------
    DataFrame
        One row a random table, one column a number of groups: see `overall`.
    """
    generator = np.random.default_rng(seed)
    tables = [shuffled(profiles, generator) for _ in range(repeats)]
    return pd.DataFrame([overall(stability(table, groups, draws, seed)) for table in tables]).reset_index(drop=True)


def compare(observed: pd.Series, random: pd.DataFrame) -> pd.DataFrame:
    """How far the stability of each number of groups is above that of random profiles.

    Stability alone would favour many groups: a profile alone in its group is always found again.

    Parameters
    ----------
    observed : Series
        From `overall`.
    random : DataFrame
        From `null`.

    Returns
    -------
    DataFrame
        Indexed by the number of groups: stability, ``low`` and ``high`` (nine tenths of the random ones lie between
        them) and ``excess`` (over the mean of the random ones).
    """
    limits = {"low": random.quantile(0.05), "high": random.quantile(0.95), "excess": observed - random.mean()}
    return pd.DataFrame({"stability": observed, **limits})


def chance(observed: pd.Series, random: pd.DataFrame) -> float:
    """How often random profiles do as well: the share of tables, the observed one counted among them, whose largest
    excess over all numbers of groups is at least the observed one.

    Taking the largest excess of each random table allows for the choice of the number of groups.

    References
    ----------
    P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, Wiley, 1993.
    """
    largest = (random - random.mean()).max(axis="columns")
    as_good = int((largest >= (observed - random.mean()).max()).sum())
    return (1 + as_good) / (1 + len(random))
