"""By how much a share changed between two waves of a survey: intervals for finite populations.

Each wave asks the members of an association, some of whom answer. Joining, leaving and answering again tie the two
samples to each other in ways that printed figures do not tell; the intervals here hold whatever that tie, or use it
where it is known, from the respondents in common. They suppose, like `citydiplo.inference`, that those who answered
are a random draw without replacement; what this leaves out, `inference.Share.least` and ``most`` say.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from citydiplo.inference import poststratify, share

# The part of the risk of error spent on how many changed their answer either way, before comparing the two numbers.
SPENT_ON_CHANGERS = 0.1


@dataclass(frozen=True)
class Sample:
    """An answer as one wave has it.

    Attributes
    ----------
    counts : tuple of int
        How many gave it: one number, or all that a printed figure can stand for.
    base : int
        Those who answered the question, at least 1.
    population : int
        The members asked.
    """

    counts: tuple[int, ...]
    base: int
    population: int

    @property
    def shares(self) -> tuple[float, float]:
        """The least and the greatest share of the base."""
        return min(self.counts) / self.base, max(self.counts) / self.base

    @property
    def census(self) -> bool:
        """Whether every member answered."""
        return self.base == self.population

    def limits(self, level: float) -> tuple[float, float]:
        """The interval of the share among all members: see `inference.share`; of several readings, all together."""
        found = [share(count, self.base, self.population, level) for count in self.counts]
        return min(part.low for part in found) / self.population, max(part.high for part in found) / self.population


@dataclass(frozen=True)
class Strata:
    """An answer as one wave has it, stratum by stratum.

    Attributes
    ----------
    parts : DataFrame
        One row a stratum of the members: count, base (at least 1) and population.
    """

    parts: pd.DataFrame

    @property
    def counts(self) -> tuple[int]:
        """How many gave it."""
        return (int(self.parts["count"].sum()),)

    @property
    def base(self) -> int:
        """Those who answered the question."""
        return int(self.parts["base"].sum())

    @property
    def shares(self) -> tuple[float, float]:
        """The share where each stratum counts as its part of the members, twice."""
        estimate = poststratify(self.parts).share
        return estimate, estimate

    @property
    def census(self) -> bool:
        """Whether every member answered."""
        return bool((self.parts["base"] == self.parts["population"]).all())

    def limits(self, level: float) -> tuple[float, float]:
        """The interval of the share among all members: see `inference.poststratify`."""
        found, size = poststratify(self.parts, level), int(self.parts["population"].sum())
        return found.low / size, found.high / size


@dataclass(frozen=True)
class Change:
    """A difference of two shares, the second minus the first.

    Attributes
    ----------
    least, most : float
        Between the samples; equal unless a printed figure can stand for several counts.
    low, high : float
        Confidence interval of the difference between the populations.
    """

    least: float
    most: float
    low: float
    high: float


def between(first: Sample | Strata, second: Sample | Strata, level: float = 0.95) -> Change:
    """Compare two waves, whatever ties their samples to each other.

    Each wave has its exact interval, at a level that shares the risk of error between them (Bonferroni): both hold
    together with probability ``level`` at least, for any dependence between who answers in one wave and in the other,
    and between what they answer. So does the difference taken from the ends of the intervals. A census of the members
    takes no part of the risk.

    Parameters
    ----------
    first, second : Sample or Strata
    level : float
        Confidence level, between 0 and 1.
    """
    samples = 2 - first.census - second.census
    each = 1 - (1 - level) / max(samples, 1)
    (low1, high1), (low2, high2) = first.limits(each), second.limits(each)
    (least1, most1), (least2, most2) = first.shares, second.shares
    return Change(least2 - most1, most2 - least1, low2 - high1, high2 - low1)


def net_change(gained: int, lost: int, base: int, population: int, level: float = 0.95) -> Change:
    """Compare two waves by the members who answered in both.

    Only those who changed their answer make a difference: K₊ members who came to it and K₋ who left it, seen in the
    sample as ``gained`` and ``lost``. The interval of (K₊ − K₋) / N holds the pairs (K₊, K₋) that lie in the exact
    intervals of both numbers, and under which a net change as low, or as high, as the observed one is not that rare;
    the probability is exact (multivariate hypergeometric), and the risks add up to ``1 - level``. Those who answered
    both times are taken for a random draw of the members of both waves; how the waves were drawn otherwise, and how
    the first answer goes with the second, is of no matter.

    Parameters
    ----------
    gained, lost : int
        Of those who answered both times: who gave the answer only in the second wave, only in the first.
    base, population : int
        Those who answered both times, at least 1; the members of both waves.
    level : float

    Raises
    ------
    ValueError
        If the numbers are not those of a sample.

    References
    ----------
    R. L. Berger and D. D. Boos, "P Values Maximized Over a Confidence Set for the Nuisance Parameter", Journal of the
    American Statistical Association 89 (427), 1994: why the restriction to an interval costs no more than its risk.
    """
    if not (min(gained, lost) >= 0 and 1 <= base <= population and gained + lost <= base):
        raise ValueError(f"not a panel: {gained} and {lost} of {base} answers, {population} members")
    point = (gained - lost) / base
    low = _least_net(gained, lost, base, population, level) / population
    high = -_least_net(lost, gained, base, population, level) / population
    return Change(point, point, low, high)


def _least_net(gained: int, lost: int, base: int, population: int, level: float) -> int:
    """The least K₊ − K₋ that is not rejected.

    The more members come to the answer, and the fewer leave it, the higher the net change of a sample: the least K₊ of
    each K₋ grows with K₋, so one walk along the border finds them all.
    """
    risk = 1 - level
    spent = risk * SPENT_ON_CHANGERS
    tail = (risk - spent) / 2
    gains, losses = (share(count, base, population, 1 - spent / 2) for count in (gained, lost))
    rooms = population - (base - gained - lost)
    found = []
    to = gains.low
    for leaving in range(losses.low, losses.high + 1):
        most = min(gains.high, rooms - leaving)
        while to <= most and _chance_of_net(gained - lost, to, leaving, base, population) <= tail:
            to += 1
        if to > most:
            break
        found.append(to - leaving)
    return min(found)


def _chance_of_net(net: int, gains: int, losses: int, base: int, population: int) -> float:
    """The probability that a sample has a net change of ``net`` at least."""
    seen = np.arange(max(0, base + losses - population), min(losses, base) + 1)
    lost = hypergeom.pmf(seen, population, losses, base)
    gained = hypergeom.sf(net + seen - 1, population - losses, gains, base - seen)
    return float(lost @ gained)


def simultaneous(level: float, comparisons: int) -> float:
    """The level of each of several intervals that hold together with probability ``level`` at least (Bonferroni)."""
    return 1 - (1 - level) / comparisons


def verdict(low: float, high: float) -> str:
    """What an interval of a difference lets one say: a code of wave_verdict."""
    return "higher" if low > 0 else "lower" if high < 0 else "cannot_tell"
