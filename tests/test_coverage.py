"""Sources compared city by city; capture–recapture against its theory."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from citydiplo import coverage
from citydiplo.coverage import chapman
from citydiplo.data import Tables
from citydiplo.language import Language

ROWS = [("a", place, "own") for place in "uvw"] + [("a", place, "press") for place in "uvxx"]
ROWS += [("b", "u", "own"), ("c", "u", "press"), ("a", "u", "state")]
STATEMENTS = pd.DataFrame(ROWS, columns=["collectivity_id", "place", "source"])


@pytest.mark.parametrize(("total", "first", "second"), [(20, 12, 10), (50, 30, 30), (9, 9, 4)])
def test_the_estimator_and_its_variance_are_unbiased(total: int, first: int, second: int) -> None:
    # Exactly so where the two lists together could cover all (Chapman 1951; Seber 1982).
    shared = hypergeom(total, first, second)
    numbers = [n for n in range(second + 1) if shared.pmf(n) > 0]
    weights = [shared.pmf(n) for n in numbers]
    found = [chapman(first, second, n) for n in numbers]
    mean = sum(weight * one.total for weight, one in zip(weights, found, strict=True))
    variance = sum(weight * (one.total - total) ** 2 for weight, one in zip(weights, found, strict=True))
    estimated = sum(weight * one.variance for weight, one in zip(weights, found, strict=True))
    assert mean == pytest.approx(total)
    assert estimated == pytest.approx(variance)


def test_a_worked_example() -> None:
    found = chapman(200, 100, 40)
    assert found.total == pytest.approx(201 * 101 / 41 - 1)
    assert found.variance == pytest.approx(201 * 101 * 160 * 60 / (41**2 * 42))
    missed = found.total - 260
    assert (found.low - 260) * (found.high - 260) == pytest.approx(missed**2)
    assert found.high / found.low == pytest.approx(1.5099, abs=1e-3)


@given(st.integers(0, 60), st.integers(0, 60), st.data())
def test_the_interval_holds_the_estimate_and_what_is_listed(first: int, second: int, data: st.DataObject) -> None:
    both = data.draw(st.integers(0, min(first, second)))
    found = chapman(first, second, both)
    assert first + second - both - 1e-9 <= found.low <= found.total + 1e-9 <= found.high + 2e-9


def test_lists_that_are_one() -> None:
    found = chapman(7, 7, 7)
    assert (found.total, found.variance, found.low, found.high) == (7, 0, 7, 7)


@pytest.mark.parametrize("numbers", [(3, 2, 3), (3, 2, -1)])
def test_lists_that_cannot_be(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        chapman(*numbers)


def test_by_city() -> None:
    table = coverage.by_city(STATEMENTS).set_index("collectivity_id")
    assert table.loc["a"].to_dict() == {"own": 3, "press": 3, "state": 1, "places": 4, "shared": 2}
    assert table.loc["b"].to_dict() == {"own": 1, "press": 0, "state": 0, "places": 1, "shared": 0}


def test_overlaps_are_over_cities_of_which_both_tell() -> None:
    table = coverage.overlaps(STATEMENTS).set_index(["source", "other"])
    assert table.index.tolist() == [("own", "press"), ("own", "state"), ("press", "state")]
    row = table.loc[("own", "press")]
    assert row[["collectivities", "first", "second", "both", "either"]].tolist() == [1, 3, 3, 2, 4]
    assert row["jaccard"] == 0.5
    assert row["total"] == pytest.approx(16 / 3 - 1)


def test_estimates_city_by_city() -> None:
    table = coverage.estimates(STATEMENTS, "own", "press")
    assert table[["collectivity_id", "first", "second", "both"]].to_numpy().tolist() == [["a", 3, 3, 2]]
    assert coverage.estimates(STATEMENTS, "own", "nobody").empty


def test_one_source_has_no_overlap() -> None:
    assert coverage.overlaps(STATEMENTS[STATEMENTS["source"] == "own"]).empty


def test_the_order_of_the_rows_does_not_matter() -> None:
    shuffled = STATEMENTS.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(coverage.overlaps(shuffled), coverage.overlaps(STATEMENTS))
    pd.testing.assert_frame_equal(coverage.by_city(shuffled), coverage.by_city(STATEMENTS))


def test_the_register_s_sources(tables: Tables) -> None:
    told = coverage.stated(tables["partnerships"], tables["sources"])
    assert not told.duplicated().any()
    assert set(told["source"]) <= set(tables["sources"]["publisher_kind"])
    counts = coverage.by_city(told).set_index("collectivity_id")
    assert counts.loc["13055", "collectivity"] >= 4  # Naples, Yerevan, Odesa, Haifa


def test_readers_are_warned(language: Language) -> None:
    bound = {"fr": "borne inférieure", "en": "lower bound"}[language.code]
    assert bound in language.text(coverage.WARNING)
    assert language.text(coverage.LISTS_ONLY)
