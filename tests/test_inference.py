"""Exact intervals for a finite population."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from citydiplo.inference import share


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


@given(st.integers(1, 300), st.data())
def test_a_full_census_leaves_no_doubt(population: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, population))
    found = share(count, population, population)
    assert (found.low, found.high) == (found.least, found.most) == (count, count)


@pytest.mark.parametrize("sample", [(5, 4, 10), (-1, 4, 10), (2, 11, 10), (0, 0, 10)])
def test_impossible_samples_are_refused(sample: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a sample"):
        share(*sample)
