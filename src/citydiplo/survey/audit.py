"""Is a printed figure possible, and do printed figures agree? Arithmetic on percentages, means and brackets.

All percentages here are whole numbers, as the study prints them; both rounding conventions at .5 are accepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

INFINITY = float("inf")


def counts_behind(percentage: int, base: int) -> list[int]:
    """All counts that round to a printed percentage of a base.

    Parameters
    ----------
    percentage : int
        As printed.
    base : int
        Number of units, at least 1.

    Returns
    -------
    list of int
        Empty if the percentage is impossible on this base: the GRIM test.

    References
    ----------
    N. J. L. Brown and J. A. J. Heathers, "The GRIM Test: A Simple Technique Detects Numerous Anomalies in the Reporting
    of Results in Psychology", Social Psychological and Personality Science 8 (4), 2017.
    """
    return [count for count in range(base + 1) if abs(200 * count - 2 * percentage * base) <= base]


def mean_is_possible(mean: str, base: int) -> bool:
    """Whether a printed mean of whole numbers is possible on a base (the GRIM test, see `counts_behind`).

    Parameters
    ----------
    mean : str
        As printed, with a decimal point: its number of decimals is its precision.
    base : int
        Number of units, at least 1.
    """
    printed = Fraction(mean)
    half = Fraction(1, 2 * 10 ** len(mean.partition(".")[2]))
    first = int((printed - half) * base)
    return any(abs(Fraction(total, base) - printed) <= half for total in (first, first + 1))


def joint_bases(percentages: Sequence[int], bound: int, exclusive: bool = False) -> list[int]:
    """The bases up to ``bound`` on which all the percentages are possible together.

    Parameters
    ----------
    percentages : sequence of int
        Printed for the same respondents.
    bound : int
        Largest base to try.
    exclusive : bool
        Whether each respondent is in exactly one category: some choice of the counts must then sum to the base.
    """
    bases = []
    for base in range(1, bound + 1):
        counts = [counts_behind(percentage, base) for percentage in percentages]
        if all(counts) and (not exclusive or base in _sums(counts)):
            bases.append(base)
    return bases


def _sums(choices: Iterable[Sequence[int]]) -> set[int]:
    """Every sum of one number from each sequence."""
    sums = {0}
    for numbers in choices:
        sums = {total + number for total in sums for number in numbers}
    return sums


@dataclass(frozen=True)
class Bracket:
    """A class of a distribution: how many units have a value from ``low`` to ``high``.

    Attributes
    ----------
    low, high : float
        Bounds of the values, ``high`` infinite for an open class.
    count : int
        Number of units.
    known : tuple of float
        The values of those units that are known one by one.
    """

    low: float
    high: float
    count: int
    known: tuple[float, ...] = ()

    def values_at(self, bound: float) -> list[float]:
        """The values of its units if all that are not known lie at one of its bounds."""
        return [*self.known, *[bound] * (self.count - len(self.known))]


def mean_bounds(brackets: Sequence[Bracket]) -> tuple[float, float]:
    """The least and the greatest mean that the brackets allow; infinite if an open one has unknown values."""
    size = sum(bracket.count for bracket in brackets)
    least = sum(sum(bracket.values_at(bracket.low)) for bracket in brackets)
    most = sum(sum(bracket.values_at(bracket.high)) for bracket in brackets)
    return least / size, most / size


def median_bounds(brackets: Sequence[Bracket]) -> tuple[float, float]:
    """The least and the greatest median that the brackets allow.

    The median grows with each value: it is least when every unknown value lies at the lower bound of its bracket, and
    greatest when it lies at the upper bound.
    """
    return (
        _median([value for bracket in brackets for value in bracket.values_at(bracket.low)]),
        _median([value for bracket in brackets for value in bracket.values_at(bracket.high)]),
    )


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def grouped_median(brackets: Sequence[Bracket]) -> float:
    """The median of values spread evenly within brackets of any widths (linear interpolation).

    `statistics.median_grouped` assumes brackets of one width, which the study's are not.

    Parameters
    ----------
    brackets : sequence of Bracket
        Contiguous and in order; the one that holds the median must be closed.

    Raises
    ------
    ValueError
        If the median lies in an open bracket.
    """
    half = sum(bracket.count for bracket in brackets) / 2
    reached = accumulate(bracket.count for bracket in brackets)
    bracket, total = next((b, t) for b, t in zip(brackets, reached, strict=True) if t >= half)
    if bracket.high == INFINITY:
        raise ValueError("the median lies in an open bracket")
    below = total - bracket.count
    return bracket.low + (half - below) / bracket.count * (bracket.high - bracket.low)
