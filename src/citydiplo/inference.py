"""Shares in a finite population: exact intervals, and bounds that hold whatever the silent would have said.

The survey is a sample of the members of an association, drawn without replacement and answered by some: the number of
"yes" among its answers is hypergeometric, and the population is small enough to count. Intervals for infinite
populations (Wald, Wilson) ignore that almost half of the members have answered, and Wald's does not hold what it
promises with so few answers: `coverage` shows by how much.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest, hypergeom, norm


@dataclass(frozen=True)
class Share:
    """A share of a finite population, as a sample tells it.

    Attributes
    ----------
    count, base, population : int
        "Yes" answers, answers, members.
    low, high : int
        Confidence interval for the number of "yes" in the population.
    least, most : int
        That number if every silent member would say "no", or "yes".
    """

    count: int
    base: int
    population: int
    low: int
    high: int
    least: int
    most: int


def share(count: int, base: int, population: int, level: float = 0.95) -> Share:
    """Infer how many of a finite population would answer like ``count`` of ``base`` respondents.

    The interval holds the population counts K that neither tail test rejects at ``(1 - level) / 2``: under K, a sample
    with as few, or with as many, "yes" is not that rare. It covers the true count with probability ``level`` at least,
    for a sample drawn at random; ``least`` and ``most`` hold without that assumption.

    Parameters
    ----------
    count, base, population : int
        ``0 <= count <= base <= population``, ``base`` at least 1.
    level : float
        Confidence level, between 0 and 1.

    Raises
    ------
    ValueError
        If the numbers are not so ordered.

    References
    ----------
    W. G. Cochran, Sampling Techniques, 3rd ed., Wiley, 1977, chapter 3: exact limits for a proportion of a finite
    population, by inverting the hypergeometric tests.
    """
    if not (0 <= count <= base <= population and base >= 1):
        raise ValueError(f"not a sample: {count} of {base} answers, {population} members")
    least, most = count, population - (base - count)
    possible, tail = range(least, most + 1), (1 - level) / 2
    # The more "yes" there are, the rarer is a sample with as few, and the likelier one with as many.
    low = bisect_right(possible, tail, key=lambda total: hypergeom.sf(count - 1, population, total, base))
    high = bisect_left(possible, -tail, key=lambda total: -hypergeom.cdf(count, population, total, base)) - 1
    return Share(count, base, population, least + low, least + high, least, most)


def wald(count: int, base: int, level: float = 0.95) -> tuple[float, float]:
    """Wald's interval of a proportion, between 0 and 1: the normal approximation of the textbooks.

    Shown for comparison only: it has no width at 0 and at 1, and covers the truth less often than it says
    (L. D. Brown, T. T. Cai and A. DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16
    (2), 2001).
    """
    proportion = count / base
    margin = norm.ppf((1 + level) / 2) * (proportion * (1 - proportion) / base) ** 0.5
    return max(0.0, proportion - margin), min(1.0, proportion + margin)


def wilson(count: int, base: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion, between 0 and 1, for a sample of an infinite population."""
    interval = binomtest(count, base).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def coverage(intervals: Sequence[tuple[float, float]], base: int, population: int) -> pd.Series:
    """How often a random sample's interval holds the true share, for each true share.

    Parameters
    ----------
    intervals : sequence of (low, high)
        For each number of "yes" answers from 0 to ``base``: the interval of the share in the population, 0 to 1.
    base, population : int
        Answers, members.

    Returns
    -------
    Series
        Probability, indexed by the true number of "yes" in the population; exact, by enumeration.
    """
    low, high = np.array(intervals).T
    counts, truths = np.arange(base + 1), np.arange(population + 1)
    chances = hypergeom.pmf(counts, population, truths[:, None], base)
    held = (low <= truths[:, None] / population) & (truths[:, None] / population <= high)
    return pd.Series((chances * held).sum(axis=1), index=truths)


@dataclass(frozen=True)
class StratifiedShare:
    """A share of a population whose strata are known.

    Attributes
    ----------
    share : float
        Estimate, between 0 and 1: each stratum counts as its part of the population.
    low, high : int
        Bounds of the number of "yes" in the population.
    design_effect : float
        Kish's: how many times more answers than a sample without weights the weighted one needs for the same
        precision.
    """

    share: float
    low: int
    high: int
    design_effect: float


def response_weights(strata: pd.DataFrame) -> pd.Series:
    """How many members one answer stands for, stratum by stratum: columns base and population."""
    return strata["population"] / strata["base"]


def design_effect(strata: pd.DataFrame) -> float:
    """Kish's design effect of weighting by stratum: n Σw² / (Σw)², 1 when all weights are equal.

    Parameters
    ----------
    strata : DataFrame
        One row a stratum, columns base and population.

    References
    ----------
    L. Kish, Survey Sampling, Wiley, 1965, section 11.7.
    """
    weights = response_weights(strata)
    size = strata["base"]
    return float(size.sum() * (size * weights**2).sum() / (size * weights).sum() ** 2)


def poststratify(strata: pd.DataFrame, level: float = 0.95) -> StratifiedShare:
    """Estimate a share from strata of known size that did not answer equally.

    The bounds add up the exact ones of the strata (see `share`), each at the level ``level ** (1 / strata)`` so that
    all hold together with probability ``level`` at least: wide, but guaranteed.

    Parameters
    ----------
    strata : DataFrame
        One row a stratum, columns count ("yes" answers), base (answers) and population (members).
    level : float

    References
    ----------
    W. G. Cochran, Sampling Techniques, 3rd ed., Wiley, 1977, section 5A.9 (post-stratification).
    """
    each = level ** (1 / len(strata))
    shares = [
        share(int(count), int(base), int(population), each)
        for count, base, population in strata[["count", "base", "population"]].to_numpy()
    ]
    estimate = (strata["count"] / strata["base"] * strata["population"]).sum() / strata["population"].sum()
    return StratifiedShare(
        float(estimate),
        sum(part.low for part in shares),
        sum(part.high for part in shares),
        design_effect(strata),
    )
