"""Withheld counts cannot be computed back, and no more is withheld than needed."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from citydiplo.survey.suppression import THRESHOLD, WIDTH, System, ranges, withhold

small_tables = st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
    lambda shape: st.lists(st.integers(0, 6), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells).reshape(shape)
    )
)


def two_way(table: np.ndarray) -> System:
    """A table with the totals of its rows, always shown, and those of its columns, which are counts like its cells."""
    rows, columns = table.shape
    values = [*table.ravel(), *table.sum(axis=1), *table.sum(axis=0)]
    equations = np.zeros((rows + columns, len(values)))
    for row, column in product(range(rows), range(columns)):
        equations[[row, rows + column], row * columns + column] = 1
    equations[:, table.size :] = -np.eye(rows + columns)
    place = np.arange(len(values))
    is_base = (place >= table.size) & (place < table.size + rows)
    cost = np.where(is_base, np.inf, 1 + np.array(values) / (1 + sum(values)))
    cells = pd.DataFrame({"value": values, "secret": ~is_base, "hidden": False, "cost": cost})
    return System(cells, csr_matrix(equations))


def tables_that_agree(table: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    """Every table of whole numbers with what is shown, by trying them all: cells, then rows, then columns."""
    columns = table.shape[1]
    bases = table.sum(axis=1)
    shown = np.array([*table.ravel(), *bases, *table.sum(axis=0)])
    choices = []
    for row, base in enumerate(bases):
        own = range(row * columns, (row + 1) * columns)
        cells = [range(base + 1) if pattern[cell] else [shown[cell]] for cell in own]
        choices.append([numbers for numbers in product(*cells) if sum(numbers) == base])
    found = []
    for chosen in product(*choices):
        cells = np.array(chosen)
        everything = np.array([*cells.ravel(), *cells.sum(axis=1), *cells.sum(axis=0)])
        if (everything[~pattern] == shown[~pattern]).all():
            found.append(everything)
    return np.array(found)


@settings(deadline=None, max_examples=20)
@given(small_tables)
def test_no_withheld_count_can_be_computed_back(table: np.ndarray) -> None:
    system = two_way(table)
    pattern = withhold(system)
    values = system.cells["value"].to_numpy()
    small = system.cells["secret"].to_numpy() & (values < THRESHOLD)
    assert pattern[small].all()
    assert not pattern[table.size : table.size + table.shape[0]].any()
    found = tables_that_agree(table, pattern)
    width = found.max(axis=0) - found.min(axis=0)
    # A row of one respondent leaves each of its cells nought or one.
    base = np.array(
        [*np.repeat(table.sum(axis=1), table.shape[1]), *table.sum(axis=1), *[table.sum()] * table.shape[1]]
    )
    assert (width[small] >= np.minimum(WIDTH, base[small])).all()
    assert (width[pattern & (base > 0)] >= 1).all()
    by_program = ranges(system, pattern)
    assert by_program["least"].tolist() == found.min(axis=0).tolist()
    assert by_program["most"].tolist() == found.max(axis=0).tolist()


@settings(deadline=None, max_examples=10)
@given(small_tables)
def test_nothing_is_withheld_without_need(table: np.ndarray) -> None:
    assert not withhold(two_way(table + THRESHOLD)).any()


def safe(system: System, pattern: np.ndarray) -> bool:
    found = ranges(system, pattern)
    return bool((found["most"] - found["least"] >= WIDTH)[system.small].all())


@pytest.mark.parametrize(
    "table",
    [
        [[1, 5, 7], [6, 8, 9], [7, 9, 4]],
        [[1, 5, 7], [6, 2, 9], [7, 9, 4]],
        [[0, 4, 4], [9, 9, 9], [5, 3, 8]],
        [[2, 9, 9], [9, 2, 9], [9, 9, 2]],
    ],
)
def test_as_few_as_can_be_are_withheld(table: list[list[int]]) -> None:
    system = two_way(np.array(table))
    pattern = withhold(system)
    assert safe(system, pattern)
    others = np.flatnonzero(system.optional)
    for fewer in range(pattern.sum() - system.small.sum()):
        for chosen in combinations(others, fewer):
            trial = system.small.copy()
            trial[list(chosen)] = True
            assert not safe(system, trial)


def test_the_textbook_square() -> None:
    # One small cell needs another in its row, another in its column, and the one that closes the square.
    pattern = withhold(two_way(np.array([[1, 20, 30], [40, 50, 60], [70, 80, 90]])))
    assert pattern[:9].reshape(3, 3).tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_a_small_total_that_only_one_other_could_give_back() -> None:
    table = np.array([[1, 9], [1, 9], [0, 9]])  # a column of 2: the rows' totals tell the other column's share of each
    pattern = withhold(two_way(table))
    assert pattern[:6].all()
    assert pattern[-2:].all()


def test_whole_respondents_where_fractions_would_hide() -> None:
    # Three counts tied in pairs to odd sums of hidden ones: halves fit, whole numbers leave nothing to choose.
    values = np.array([1, 1, 1, 2, 2, 2, 5, 5])
    equations = csr_matrix(
        [
            [1, 1, 0, -1, 0, 0, 0, 0],
            [0, 1, 1, 0, -1, 0, 0, 0],
            [1, 0, 1, 0, 0, -1, 0, 0],
            [0, 0, 0, 0, 0, 0, 1, -1],
        ],
        dtype=float,
    )
    cells = pd.DataFrame({"value": values, "secret": [True] * 3 + [False] * 5, "hidden": False, "cost": 1.0})
    pattern = withhold(System(cells, equations))
    assert not pattern[6:].any()  # nothing to do with them
    assert safe(System(cells, equations), pattern)
