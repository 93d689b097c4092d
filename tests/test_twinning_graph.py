"""Statistics of a graph, against published values of well-known graphs."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo.twinning_graph import build, gini, statistics


def pairs(*ends: tuple[str, str]) -> pd.DataFrame:
    latitude = {"a": 0.0, "b": 0.0, "c": 0.0, "d": 90.0, "e": np.nan}
    longitude = {"a": 0.0, "b": 1.0, "c": 2.0, "d": 0.0, "e": np.nan}
    frame = pd.DataFrame(ends, columns=["origin", "partner"])
    for end in ("origin", "partner"):
        frame[f"{end}_latitude"], frame[f"{end}_longitude"] = frame[end].map(latitude), frame[end].map(longitude)
    return frame


def test_the_karate_club() -> None:
    found = statistics(nx.karate_club_graph())
    assert (found.nodes, found.edges, found.components, found.largest_component) == (34, 78, 1, 34)
    assert found.clustering == pytest.approx(0.570638, abs=5e-7)
    assert found.transitivity == pytest.approx(0.255682, abs=5e-7)
    assert found.assortativity == pytest.approx(-0.475613, abs=5e-7)
    assert found.mean_degree == pytest.approx(4.588235, abs=5e-7)
    assert math.isnan(found.mean_km)


def test_the_florentine_families() -> None:
    found = statistics(nx.florentine_families_graph())
    assert (found.nodes, found.edges) == (15, 20)
    assert found.transitivity == pytest.approx(9 / 47)
    assert found.clustering == pytest.approx(0.16)
    assert found.assortativity == pytest.approx(-0.374838, abs=5e-7)


def test_a_pair_told_twice_is_one_edge() -> None:
    graph = build(pairs(("a", "b"), ("b", "a"), ("a", "b"), ("c", "c"), ("a", "d"), ("a", "e")))
    found = statistics(graph)
    assert (found.nodes, found.edges, found.components, found.largest_component) == (5, 3, 2, 4)
    # A degree on the equator, and from the equator to the pole; e has no point.
    assert found.mean_km == pytest.approx((111.3195 + 10_001.9657) / 2, abs=1e-3)
    assert found.gini == pytest.approx(0.4)  # degrees 3, 1, 1, 1, 0


def test_a_star_and_a_ring() -> None:
    star, ring = statistics(nx.star_graph(5)), statistics(nx.cycle_graph(5))
    assert star.assortativity == pytest.approx(-1)
    assert math.isnan(ring.assortativity)
    assert ring.gini == pytest.approx(0, abs=1e-12)


def test_no_edge() -> None:
    with pytest.raises(ValueError, match="without edges"):
        statistics(build(pairs(("a", "a"))))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_gini_is_half_the_relative_mean_difference(values: list[int]) -> None:
    if not sum(values):
        assert math.isnan(gini(values))
        return
    differences = np.abs(np.subtract.outer(values, values)).mean()
    assert gini(values) == pytest.approx(differences / (2 * np.mean(values)), abs=1e-9)


@given(st.permutations([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]))
def test_the_order_of_the_pairs_does_not_matter(ends: list[tuple[str, str]]) -> None:
    found = statistics(build(pairs(*ends)))
    assert (found.clustering, found.transitivity) == pytest.approx((7 / 12, 0.6))
    assert found.mean_km == pytest.approx(statistics(build(pairs(*sorted(ends)))).mean_km)
