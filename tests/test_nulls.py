"""Null models: what each keeps, that draws are fair and repeat, and the comparison with the observed."""

import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import geography, nulls
from citydiplo.data import Tables
from citydiplo.nulls import Links
from citydiplo.places import gazetteer

POINTS = np.column_stack([np.linspace(-60, 60, 8), np.linspace(-170, 170, 8)])


def pairs(edges: list[tuple[int, int]]) -> pd.DataFrame:
    """Pairs of numbered places: origins on one line of points, partners on another."""
    rows = [(f"o{a}", f"p{b}", *POINTS[a], *-POINTS[b]) for a, b in edges]
    ends = [f"{end}_{field}" for end in ("origin", "partner") for field in ("latitude", "longitude")]
    return pd.DataFrame(rows, columns=["origin", "partner", *ends])


edges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30)


def degrees(links: Links, partners: np.ndarray) -> tuple[list[int], list[int]]:
    return np.bincount(links.origins).tolist(), np.bincount(partners).tolist()


@given(edges, st.integers(0, 9))
def test_a_permutation_keeps_the_degrees(found: list[tuple[int, int]], seed: int) -> None:
    links = Links.of(pairs(found))
    for partners in nulls.permutations(links, 3, np.random.default_rng(seed)):
        assert degrees(links, partners) == degrees(links, links.partners)


@settings(deadline=None)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=40), st.integers(0, 9))
def test_rewiring_keeps_the_degrees_and_doubles_no_pair(found: set[tuple[int, int]], seed: int) -> None:
    links = Links.of(pairs(sorted(found)))
    for partners in nulls.rewirings(links, 3, np.random.default_rng(seed)):
        assert degrees(links, partners) == degrees(links, links.partners)
        assert len(set(links.keys(partners))) == len(found)


def test_rewiring_draws_every_graph_as_often() -> None:
    # Row sums and column sums 2, 1, 1: five graphs.
    links = Links.of(pairs([(0, 0), (0, 1), (1, 0), (2, 2)]))
    draws = 3000
    keys = (
        tuple(sorted(links.keys(partners).tolist()))
        for partners in nulls.rewirings(links, draws, np.random.default_rng(1))
    )
    counts = Counter(keys)
    assert len(counts) == 5
    chi_square = sum((count - draws / 5) ** 2 / (draws / 5) for count in counts.values())
    assert chi_square < 18.47  # 0.1 % with 4 degrees of freedom


def test_rewiring_refuses_a_pair_that_comes_twice() -> None:
    with pytest.raises(ValueError, match="distinct"):
        nulls.simulate(pairs([(0, 0), (0, 0)]), "rewiring", draws=2, seed=1)


CLOSE = pairs([(n, 7 - n) for n in range(8)])  # partner 7 - n is where origin n is


def test_the_two_ways_to_measure_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = nulls.simulate(CLOSE, "endpoint_permutation", draws=20, seed=3)
    monkeypatch.setattr(nulls, "CELLS", 0)
    measured = nulls.simulate(CLOSE, "endpoint_permutation", draws=20, seed=3)
    pd.testing.assert_frame_equal(kept.values, measured.values)


@pytest.mark.parametrize("model", nulls.MODELS)
def test_the_seed_decides(model: str) -> None:
    candidates = pd.DataFrame({"latitude": [10.0, 20, 30], "longitude": [1.0, 2, 3], "population": [5, 6, 7]})
    once, again, other = (
        nulls.simulate(CLOSE.sample(frac=1, random_state=n), model, draws=20, seed=seed, candidates=candidates)
        for n, seed in enumerate((5, 5, 6))
    )
    pd.testing.assert_frame_equal(once.values, again.values)  # though the rows are in another order
    assert not once.values.equals(other.values)
    assert (once.model, once.draws, once.seed, len(once.values)) == (model, 20, 5, 20)


def test_neighbours_are_nearer_than_chance() -> None:
    observed = nulls.observe(CLOSE)
    assert observed["mean_km"] == pytest.approx(0, abs=1e-6)
    assert observed["near_share"] == 1
    table = nulls.compare(observed, nulls.simulate(CLOSE, "endpoint_permutation", draws=99, seed=1))
    mean = table.set_index("statistic").loc["mean_km"]
    assert mean["z"] < -3
    assert mean["p"] == 0.01
    assert mean["null_low"] > 0


def test_the_null_decides_how_near_the_register_s_partners_are(tables: Tables, everyone: pd.DataFrame) -> None:
    pairs = geography.pairs(geography.measure(tables["partnerships"], everyone))
    candidates = gazetteer().places.query("iso2 != 'FR'")
    observed = nulls.observe(pairs)
    shuffled, drawn = (
        nulls.compare(observed, nulls.simulate(pairs, model, draws=100, seed=1, candidates=candidates))
        for model in ("endpoint_permutation", "population")
    )
    ratios = [table.loc[0, "observed"] / table.loc[0, "null_mean"] for table in (shuffled, drawn)]
    assert 0.95 < ratios[0] < 1  # a little nearer than the same partners shuffled
    assert 0.4 < ratios[1] < 0.7  # far nearer than people are
    assert max(shuffled.loc[0, "z"], drawn.loc[0, "z"]) < -2


def test_population_draws_where_people_are() -> None:
    candidates = pd.DataFrame({"latitude": [0.0, 0, 80], "longitude": [0.0, 90, 0], "population": [3_000, 1_000, 0]})
    home = CLOSE.assign(origin_latitude=0.0, origin_longitude=0.0)
    many = pd.concat([home] * 50)
    null = nulls.simulate(many, "population", draws=50, seed=2, candidates=candidates)
    assert null.values["near_share"].mean() == pytest.approx(0.75, abs=0.02)
    # The others are all a quarter of the equator away; nobody is drawn where nobody lives.
    quarter = null.values["mean_km"] / (1 - null.values["near_share"])
    assert quarter.to_numpy() == pytest.approx(10_018.754, abs=0.01)


def test_comparison() -> None:
    values = pd.DataFrame({"mean_km": [1.0, 2, 3, 4, 5], "near_share": [0.5] * 5})
    null = nulls.Null("endpoint_permutation", 5, 9, values)
    table = nulls.compare(pd.Series({"mean_km": 1.5, "near_share": 0.5}), null).set_index("statistic")
    mean, share = table.loc["mean_km"], table.loc["near_share"]
    assert (mean["null_mean"], mean["null_low"], mean["null_high"]) == pytest.approx((3, 1.1, 4.9))
    assert mean["z"] == pytest.approx(-1.5 / math.sqrt(2.5))
    assert mean["p"] == pytest.approx((1 + 2) / (1 + 5))  # 1 and 5 are farther from 3 than 1.5 is
    assert (share["p"], math.isnan(share["z"])) == (1, True)
    assert (mean["model"], mean["draws"], mean["seed"]) == ("endpoint_permutation", 5, 9)


@pytest.mark.parametrize(
    ("model", "found", "message"),
    [
        ("chance", CLOSE, "no null model 'chance'"),
        ("population", CLOSE, "candidates with people"),
        ("endpoint_permutation", CLOSE.iloc[:0], "both points"),
        ("endpoint_permutation", CLOSE.assign(partner_latitude=np.nan), "both points"),
        ("endpoint_permutation", CLOSE.assign(partner=None), "without partner"),
    ],
)
def test_what_cannot_be_drawn(model: str, found: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nulls.simulate(found, model, draws=2, seed=1)
