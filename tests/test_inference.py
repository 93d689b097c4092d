"""Exact intervals for a finite population."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from citydiplo.inference import coverage, design_effect, poststratify, response_weights, share, wald, wilson


@pytest.mark.parametrize(
    ("count", "base", "low", "high"),
    [
        (35, 39, 82, 99), (33, 39, 76, 96), (31, 39, 70, 92), (27, 39, 58, 83), (24, 39, 50, 76), (10, 39, 16, 40),
        (4, 39, 5, 22), (0, 39, 0, 7), (17, 34, 37, 67), (5, 34, 7, 29),
    ],
)  # fmt: skip
def test_survey_of_104_members(count: int, base: int, low: int, high: int) -> None:
    found = share(count, base, 104)
    assert (found.low, found.high) == (low, high)
    assert (found.least, found.most) == (count, 104 - base + count)


@pytest.mark.parametrize(("base", "population"), [(1, 1), (3, 10), (8, 20), (20, 20), (34, 104), (39, 104), (45, 104)])
def test_interval_covers_every_true_count(base: int, population: int) -> None:
    found = {count: share(count, base, population) for count in range(base + 1)}
    for truth in range(population + 1):
        counts = np.arange(max(0, base + truth - population), min(base, truth) + 1)
        covering = [count for count in counts if found[count].low <= truth <= found[count].high]
        assert hypergeom.pmf(covering, population, truth, base).sum() >= 0.95 - 1e-12


@st.composite
def samples(draw: st.DrawFn) -> tuple[int, int, int]:
    population = draw(st.integers(1, 200))
    base = draw(st.integers(1, population))
    return draw(st.integers(0, base)), base, population


@given(samples())
def test_interval_lies_between_the_worst_cases_and_grows_with_the_count(sample: tuple[int, int, int]) -> None:
    count, base, population = sample
    found = share(count, base, population)
    assert found.least <= found.low <= found.high <= found.most
    if count < base:
        more = share(count + 1, base, population)
        assert more.low >= found.low
        assert more.high >= found.high
    wider = share(count, base, population, level=0.99)
    assert wider.low <= found.low
    assert wider.high >= found.high


@given(samples(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_interval_holds_the_counts_that_neither_tail_rejects(sample: tuple[int, int, int], level: float) -> None:
    count, base, population = sample
    found = share(count, base, population, level)
    totals = np.arange(found.least, found.most + 1)
    as_few = hypergeom.cdf(count, population, totals, base)
    as_many = hypergeom.sf(count - 1, population, totals, base)
    kept = totals[(as_few > (1 - level) / 2) & (as_many > (1 - level) / 2)]
    assert list(range(found.low, found.high + 1)) == kept.tolist()


@given(st.integers(1, 300), st.data())
def test_a_full_census_leaves_no_doubt(population: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, population))
    found = share(count, population, population)
    assert (found.low, found.high) == (found.least, found.most) == (count, count)


@pytest.mark.parametrize("sample", [(5, 4, 10), (-1, 4, 10), (2, 11, 10), (0, 0, 10)])
def test_impossible_samples_are_refused(sample: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        share(*sample)


def test_wald_and_wilson_side_by_side() -> None:
    # Brown, Cai and DasGupta (2001) and any textbook: 10 of 39.
    assert wald(10, 39) == pytest.approx((0.1194, 0.3934), abs=1e-4)
    assert wilson(10, 39) == pytest.approx((0.1457, 0.4108), abs=1e-4)
    assert wald(0, 39) == (0, 0)
    assert wilson(0, 39) == pytest.approx((0, 0.0897), abs=1e-4)


def test_coverage_of_the_three_intervals() -> None:
    exact = [(found.low / 104, found.high / 104) for found in (share(count, 39, 104) for count in range(40))]
    covered = coverage(exact, 39, 104)
    assert covered.index.tolist() == list(range(105))
    assert covered.min() >= 0.95
    assert coverage([wald(count, 39) for count in range(40)], 39, 104).min() < 0.5
    wide = coverage([wilson(count, 39) for count in range(40)], 39, 104)
    assert 0.95 < wide.median() < 1


def test_weights_of_the_survey() -> None:
    strata = pd.DataFrame({"base": [25, 20], "population": [53, 51]}, index=["communes", "epci"])
    assert response_weights(strata).to_dict() == {"communes": 53 / 25, "epci": 51 / 20}
    assert design_effect(strata) == pytest.approx(1.0085, abs=1e-4)


def test_poststratified_share() -> None:
    strata = pd.DataFrame({"count": [22, 5], "base": [25, 20], "population": [53, 51]})
    found = poststratify(strata)
    assert found.share == pytest.approx((22 / 25 * 53 + 5 / 20 * 51) / 104)
    assert found.low < found.share * 104 < found.high


def test_poststratified_bounds_cover_the_truth() -> None:
    truths, sizes, bases = (9, 3), (12, 10), (6, 4)
    chance = 0.0
    for first in range(bases[0] + 1):
        for second in range(bases[1] + 1):
            weight = hypergeom.pmf(first, sizes[0], truths[0], bases[0])
            weight *= hypergeom.pmf(second, sizes[1], truths[1], bases[1])
            strata = pd.DataFrame({"count": [first, second], "base": bases, "population": sizes})
            if weight and (found := poststratify(strata)).low <= sum(truths) <= found.high:
                chance += weight
    assert chance >= 0.95


@given(samples())
def test_one_stratum_is_no_stratification(sample: tuple[int, int, int]) -> None:
    strata = pd.DataFrame([sample], columns=["count", "base", "population"])
    found, plain = poststratify(strata), share(*sample)
    assert (found.low, found.high) == (plain.low, plain.high)
    assert found.design_effect == pytest.approx(1)
    assert found.share == pytest.approx(sample[0] / sample[1])
