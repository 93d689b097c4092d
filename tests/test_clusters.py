"""Groups of alike profiles: what must not depend on how a table is sorted, and what chance alone would give."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from citydiplo.clusters import chance, compare, null, overall, shuffled, stability, tree

TABLES = hnp.arrays(bool, st.tuples(st.integers(3, 9), st.integers(1, 6)))


def frame(cells: np.ndarray) -> pd.DataFrame:
    rows, columns = cells.shape
    return pd.DataFrame(cells, [f"row {n}" for n in range(rows)], [f"item {n}" for n in range(columns)])


def planted(noise: float, seed: int = 0) -> pd.DataFrame:
    """Three groups of eight rows, each with six items of its own; each cell is changed with a probability."""
    blocks = np.kron(np.eye(3, dtype=bool), np.ones((8, 6), dtype=bool))
    return frame(blocks ^ (np.random.default_rng(seed).random(blocks.shape) < noise))


PLANTED = pd.Series(np.repeat([1, 2, 3], 8))


def same_partition(one: pd.Series, other: pd.Series) -> bool:
    return len(set(zip(one, other, strict=True))) == one.nunique() == other.nunique()


def test_distances_of_two_profiles() -> None:
    cells = frame(np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=bool))
    found = tree(cells)
    pairs = [(found.names[i], found.names[j]) for i in range(4) for j in range(i + 1, 4)]
    apart = {frozenset(pair): distance for pair, distance in zip(pairs, found.distances, strict=True)}
    assert apart[frozenset(["row 0", "row 1"])] == pytest.approx(2 / 3)
    assert apart[frozenset(["row 2", "row 3"])] == 0  # two empty profiles are alike
    assert apart[frozenset(["row 0", "row 2"])] == 1  # nothing in common with an empty one


def test_empty_profiles_form_a_group() -> None:
    cells = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]], dtype=bool)
    assert tree(frame(cells)).cut(2).sort_index().tolist() == [2, 2, 1, 1, 1]


@settings(max_examples=60, deadline=None)
@given(cells=TABLES, groups=st.integers(1, 6), data=st.data())
def test_the_order_of_rows_and_columns_does_not_matter(cells: np.ndarray, groups: int, data: st.DataObject) -> None:
    profiles = frame(cells)
    rows = data.draw(st.permutations(profiles.index.tolist()))
    columns = data.draw(st.permutations(profiles.columns.tolist()))
    moved = profiles.loc[rows, columns]
    pd.testing.assert_series_equal(tree(profiles).cut(groups).sort_index(), tree(moved).cut(groups).sort_index())
    pd.testing.assert_frame_equal(stability(profiles, [groups], 5), stability(moved, [groups], 5))


@settings(deadline=None)
@given(cells=TABLES, groups=st.integers(1, 9))
def test_identical_profiles_stay_together(cells: np.ndarray, groups: int) -> None:
    profiles = frame(np.vstack([cells, cells[:1], cells[:1]]))
    found = tree(profiles).cut(groups)
    alike = profiles.apply(tuple, axis="columns")
    assert set(found[alike.index[alike == alike.iloc[0]]]) == {found[profiles.index[0]]}
    assert found.nunique() <= min(groups, alike.nunique())
    sizes = found.value_counts().sort_index()
    assert sizes.index.tolist() == list(range(1, len(sizes) + 1))
    assert sizes.is_monotonic_decreasing


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found_and_stable(seed: int) -> None:
    profiles = planted(0.05, seed)
    assert same_partition(tree(profiles).cut(3)[profiles.index].reset_index(drop=True), PLANTED)
    found = stability(profiles, range(2, 6), draws=50)
    assert found.query("groups == 3")["stability"].min() > 0.95
    random = null(profiles, range(2, 6), repeats=19, draws=20)
    assert compare(overall(found), random)["excess"].idxmax() == 3
    assert chance(overall(found), random) == 1 / 20


def test_without_noise_planted_groups_always_come_back() -> None:
    assert stability(planted(0), [3], draws=30)["stability"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_less_stable_than_planted_groups(seed: int) -> None:
    noise = frame(np.random.default_rng(seed).random((24, 18)) < 0.4)
    assert overall(stability(noise, [3], 50))[3] < 0.8 < overall(stability(planted(0.05, seed), [3], 50))[3]


def test_noise_is_within_what_random_profiles_give() -> None:
    chances = []
    for seed in range(8):
        noise = frame(np.random.default_rng(seed).random((14, 10)) < 0.4)
        random = null(noise, range(2, 5), repeats=19, draws=20)
        chances.append(chance(overall(stability(noise, range(2, 5), 20)), random))
    assert np.median(chances) > 0.2


@settings(max_examples=60)
@given(cells=TABLES, seed=st.integers(0, 99))
def test_shuffling_keeps_both_margins(cells: np.ndarray, seed: int) -> None:
    profiles = frame(cells)
    mixed = shuffled(profiles, np.random.default_rng(seed))
    pd.testing.assert_series_equal(mixed.sum(), profiles.sum())
    pd.testing.assert_series_equal(mixed.sum(axis="columns"), profiles.sum(axis="columns"))


def test_shuffling_reaches_every_table_of_its_margins_alike() -> None:
    start = frame(np.eye(3, dtype=bool))
    generator = np.random.default_rng(1)
    tables = pd.Series([tuple(shuffled(start, generator).to_numpy().ravel()) for _ in range(600)]).value_counts()
    assert len(tables) == 6  # the permutations
    assert tables.min() > 70


def test_the_same_seed_gives_the_same_result() -> None:
    profiles = planted(0.2)
    pd.testing.assert_frame_equal(stability(profiles, [2, 3], 20, seed=7), stability(profiles, [2, 3], 20, seed=7))
    pd.testing.assert_frame_equal(null(profiles, [2, 3], 3, 5), null(profiles, [2, 3], 3, 5))


def test_cophenetic_correlation() -> None:
    nested = frame(np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 1]], dtype=bool))
    assert tree(nested).cophenetic == pytest.approx(1)  # three points are a tree if two distances are equal
    assert np.isnan(tree(frame(np.eye(4, dtype=bool))).cophenetic)


def test_overall_weighs_groups_by_their_members() -> None:
    found = pd.DataFrame({"groups": [2, 2], "group": [1, 2], "size": [9, 1], "stability": [1.0, 0.5]})
    assert overall(found)[2] == pytest.approx(0.95)


def test_chance_allows_for_the_choice_of_the_number_of_groups() -> None:
    random = pd.DataFrame({2: [0.5, 0.7, 0.5, 0.7], 3: [0.9, 0.9, 0.5, 0.5]})
    # Means 0.6 and 0.7: the largest excesses are 0.2, 0.2, -0.1 and 0.1.
    assert chance(pd.Series({2: 0.65, 3: 0.85}), random) == 3 / 5
    assert chance(pd.Series({2: 0.95, 3: 0.7}), random) == 1 / 5
    assert chance(pd.Series({2: 0.3, 3: 0.3}), random) == 1
