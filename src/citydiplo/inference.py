"""Shares in a finite population: exact intervals, and bounds that hold whatever the silent would have said.

The survey is a sample of the members of an association, drawn without replacement and answered by some: the number of
"yes" among its answers is hypergeometric, and the population is small enough to count. Intervals for infinite
populations (Wald, Wilson) ignore that half of the members have answered.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import hypergeom


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
    possible = np.arange(least, most + 1)
    tail = (1 - level) / 2
    as_few = hypergeom.cdf(count, population, possible, base)
    as_many = hypergeom.sf(count - 1, population, possible, base)
    kept = possible[(as_few > tail) & (as_many > tail)]
    return Share(count, base, population, int(kept.min()), int(kept.max()), least, most)
