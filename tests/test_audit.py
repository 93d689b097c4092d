"""The arithmetic of the audit, on the study's own numbers."""

from itertools import permutations
from statistics import mean, median, median_grouped

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo.survey.audit import (
    INFINITY,
    Bracket,
    counts_behind,
    grouped_median,
    joint_bases,
    mean_bounds,
    mean_is_possible,
    median_bounds,
)

FORMS = {90: 35, 85: 33, 79: 31, 74: 29, 69: 27, 62: 24, 26: 10, 10: 4}
STAFF = [Bracket(0, 2, 14), Bracket(3, 6, 11), Bracket(7, 10, 5), Bracket(11, INFINITY, 4, (18, 19, 19, 30))]
ORDERS = list(permutations((12, 7, 11)))


def budgets(first: int, second: int, third: int) -> list[Bracket]:
    """The budget classes in thousands of euros, with 4 above a million."""
    return [
        Bracket(0, 100, first), Bracket(100, 300, second), Bracket(300, 1000, third), Bracket(1000, INFINITY, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(("percentage", "count"), FORMS.items())
def test_forms_of_action_on_39_respondents(percentage: int, count: int) -> None:
    assert counts_behind(percentage, 39) == [count]


def test_trend_of_budgets_on_34_respondents() -> None:
    assert [counts_behind(percentage, 34) for percentage in (50, 35, 15)] == [[17], [12], [5]]
    assert 34 in joint_bases([50, 35, 15], 45, exclusive=True)


def test_both_rounding_conventions_at_one_half() -> None:
    assert counts_behind(12, 8) == counts_behind(13, 8) == [1]  # 12.5 %


@given(st.integers(1, 200), st.data())
def test_a_count_is_behind_its_own_percentage(base: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, base))
    assert count in counts_behind(round(100 * count / base), base)
    assert all(
        abs(100 * k / base - round(100 * count / base)) <= 0.5 + 1e-9
        for k in counts_behind(round(100 * count / base), base)
    )


def test_impossible_percentage() -> None:
    assert counts_behind(19, 51) == []  # of the study's 51 member EPCI: 9 are 18 %, 10 are 20 %
    assert counts_behind(50, 3) == []


@pytest.mark.parametrize(
    ("printed", "base", "possible"), [("5.19", 28, False), ("5.18", 28, True), ("6", 34, True), ("0.5", 3, False)]
)
def test_grim_on_means(printed: str, base: int, possible: bool) -> None:
    assert mean_is_possible(printed, base) is possible  # 5.19 on 28 is the example of Brown and Heathers


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_grim_accepts_every_true_mean(values: list[int]) -> None:
    assert mean_is_possible(f"{mean(values):.2f}", len(values))


def test_joint_bases() -> None:
    assert joint_bases([33, 67], 6, exclusive=True) == [3, 6]
    assert 39 in joint_bases(list(FORMS), 45)
    assert 38 not in joint_bases(list(FORMS), 45)


def test_mean_of_staff() -> None:
    least, most = mean_bounds(STAFF)
    assert (round(least, 2), round(most, 2)) == (4.53, 6.76)


def test_open_bracket_has_no_greatest_mean() -> None:
    assert mean_bounds([Bracket(0, 2, 1), Bracket(3, INFINITY, 1)]) == (1.5, INFINITY)


def test_median_of_budgets_under_every_order() -> None:
    medians = [grouped_median(budgets(*order)) for order in ORDERS]
    assert (round(min(medians), 1), round(max(medians), 1)) == (190.9, 281.8)
    assert all(median_bounds(budgets(*order)) == (100, 300) for order in ORDERS)


def test_median_in_an_open_bracket() -> None:
    with pytest.raises(ValueError, match="open bracket"):
        grouped_median([Bracket(0, 1, 1), Bracket(1, INFINITY, 5)])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_bounds_hold_for_every_sample(values: list[float]) -> None:
    edges = [(0, 10), (10, 35), (35, 60), (60, 100)]
    members = [[v for v in values if low <= v < high or (high == 100 and v == 100)] for low, high in edges]
    brackets = [Bracket(low, high, len(inside)) for (low, high), inside in zip(edges, members, strict=True)]
    for bounds, true in ((mean_bounds(brackets), mean(values)), (median_bounds(brackets), median(values))):
        assert bounds[0] - 1e-9 <= true <= bounds[1] + 1e-9


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 50))
def test_grouped_median_of_equal_brackets_is_the_standard_one(counts: list[int], width: int) -> None:
    brackets = [Bracket(n * width, (n + 1) * width, count) for n, count in enumerate(counts)]
    midpoints = [bracket.low + width / 2 for bracket in brackets for _ in range(bracket.count)]
    assert grouped_median(brackets) == pytest.approx(median_grouped(midpoints, width))
