"""Two waves side by side: intervals that hold what they promise, and rows that say when nobody can tell."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import hypergeom, multivariate_hypergeom

from citydiplo.collectivities import EPCI_KINDS
from citydiplo.data import Tables
from citydiplo.inference import share
from citydiplo.survey.change import Change, Sample, between, net_change, simultaneous, verdict
from citydiplo.survey.questionnaire import Questionnaire, load
from citydiplo.survey.register import of_wave
from citydiplo.survey.samples import Answered, Printed
from citydiplo.survey.tabulation import derived
from citydiplo.survey.waves import compare

ROUNDING = 1e-9


def sample(count: int, base: int, members: int) -> Sample:
    return Sample((count,), base, members)


def holds(found: Change, truth: float) -> bool:
    return found.low - ROUNDING <= truth <= found.high + ROUNDING


# The intervals.


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    members = draw(st.integers(1, 120))
    base = draw(st.integers(1, members))
    counts = draw(st.sets(st.integers(0, base), min_size=1, max_size=3))
    return Sample(tuple(sorted(counts)), base, members)


@st.composite
def panels(draw: st.DrawFn) -> tuple[int, int, int, int]:
    members = draw(st.integers(1, 60))
    base = draw(st.integers(1, members))
    gained = draw(st.integers(0, base))
    return gained, draw(st.integers(0, base - gained)), base, members


levels = st.sampled_from([0.8, 0.9, 0.95, 0.99, 0.999])


def test_two_waves_of_the_survey() -> None:
    # At 97.5 %, 35 of 39 answers say that 80 to 100 of 104 members would answer so, 40 of 60 that 57 to 82 of 106.
    before, after = share(35, 39, 104, 0.975), share(40, 60, 106, 0.975)
    found = between(sample(35, 39, 104), sample(40, 60, 106))
    assert found.least == found.most == pytest.approx(40 / 60 - 35 / 39)
    assert (found.low, found.high) == pytest.approx(
        (after.low / 106 - before.high / 104, after.high / 106 - before.low / 104)
    )
    assert verdict(found.low, found.high) == "lower"


def test_what_an_interval_lets_one_say() -> None:
    assert [verdict(*ends) for ends in [(0.01, 0.2), (-0.2, -0.01), (-0.1, 0.1), (0, 0.3), (-0.3, 0), (0, 0)]] == [
        "higher", "lower", "cannot_tell", "cannot_tell", "cannot_tell", "cannot_tell",
    ]  # fmt: skip
    assert verdict(float("nan"), float("nan")) == "cannot_tell"


@given(samples(), samples(), levels)
def test_difference_is_symmetric_and_holds_the_samples(first: Sample, second: Sample, level: float) -> None:
    found, swapped = between(first, second, level), between(second, first, level)
    assert (swapped.least, swapped.most) == (-found.most, -found.least)
    assert (swapped.low, swapped.high) == (-found.high, -found.low)
    assert -1 <= found.low <= found.least + ROUNDING
    assert found.most - ROUNDING <= found.high <= 1


@given(samples(), samples(), levels, levels)
def test_difference_is_wider_at_a_higher_level(first: Sample, second: Sample, one: float, other: float) -> None:
    narrow, wide = between(first, second, min(one, other)), between(first, second, max(one, other))
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


@given(samples(), samples(), levels)
def test_several_readings_are_all_held(first: Sample, second: Sample, level: float) -> None:
    found = between(first, second, level)
    parts = [between(replace(first, counts=(count,)), second, level) for count in first.counts]
    assert found.low == min(part.low for part in parts)
    assert found.high == max(part.high for part in parts)


@given(st.integers(1, 200), st.integers(1, 200), st.data(), levels)
def test_two_censuses_leave_no_doubt(one: int, other: int, data: st.DataObject, level: float) -> None:
    first, second = data.draw(st.integers(0, one)), data.draw(st.integers(0, other))
    found = between(sample(first, one, one), sample(second, other, other), level)
    assert found.low == found.high == found.least == second / other - first / one


def test_a_census_leaves_the_whole_risk_to_the_sample() -> None:
    found, plain = between(sample(30, 104, 104), sample(40, 60, 106)), share(40, 60, 106)
    assert (found.low, found.high) == (plain.low / 106 - 30 / 104, plain.high / 106 - 30 / 104)


@given(panels(), levels, levels)
def test_net_change_is_symmetric_holds_the_panel_and_grows_with_the_level(
    panel: tuple[int, int, int, int], one: float, other: float
) -> None:
    gained, lost, base, members = panel
    found, swapped = net_change(*panel, min(one, other)), net_change(lost, gained, base, members, min(one, other))
    assert (swapped.low, swapped.high) == (-found.high, -found.low)
    assert -1 <= found.low <= found.least == found.most <= found.high <= 1
    wide = net_change(*panel, max(one, other))
    assert wide.low <= found.low
    assert found.high <= wide.high


@given(st.integers(1, 200), st.data())
def test_a_panel_of_everybody_leaves_no_doubt(members: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, members))
    lost = data.draw(st.integers(0, members - gained))
    found = net_change(gained, lost, members, members)
    assert found.low == found.high == (gained - lost) / members


def test_a_panel_is_shorter_where_few_change() -> None:
    # 30 of 39, then 34 of 39; in one panel of 39, four came to the answer and nobody left it.
    apart, panel = between(sample(30, 39, 104), sample(34, 39, 104)), net_change(4, 0, 39, 104)
    assert panel.least == pytest.approx(apart.least)
    assert panel.high - panel.low < 0.6 * (apart.high - apart.low)


@pytest.mark.parametrize("panel", [(-1, 0, 3, 5), (2, 2, 3, 5), (0, 0, 0, 5), (1, 0, 6, 5)])
def test_impossible_panels_are_refused(panel: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="not a panel"):
        net_change(*panel)


# Their coverage, exactly: every population, every dependence.


def worst_coverage(members: tuple[int, int], bases: tuple[int, int], level: float) -> float:
    """The least coverage over all populations and all joint laws of the two samples, each drawn at random.

    The worst law for a population is the solution of a transport problem.
    """
    pairs = list(product(*(range(base + 1) for base in bases)))
    found = [between(*map(sample, pair, bases, members), level) for pair in pairs]
    ends = [(side, count) for side in (0, 1) for count in range(bases[side] + 1)]
    rows = [[float(pair[side] == count) for pair in pairs] for side, count in ends]
    least = 1.0
    for truths in product(*(range(size + 1) for size in members)):
        held = [float(holds(one, truths[1] / members[1] - truths[0] / members[0])) for one in found]
        chances = [hypergeom.pmf(count, members[side], truths[side], bases[side]) for side, count in ends]
        least = min(least, float(linprog(held, A_eq=rows, b_eq=chances).fun))
    return least


def worst_everywhere(most: int, level: float) -> float:
    return min(
        worst_coverage(members, bases, level)
        for members in product(range(1, most + 1), repeat=2)
        if members[0] <= members[1]
        for bases in product(*(range(1, size + 1) for size in members))
    )


def test_difference_covers_every_small_population_whatever_the_dependence() -> None:
    assert worst_everywhere(3, 0.7) >= 0.7 - ROUNDING


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.6, 0.8])
def test_difference_covers_every_population_of_five_whatever_the_dependence(level: float) -> None:
    assert worst_everywhere(5, level) >= level - ROUNDING


@pytest.mark.slow
@pytest.mark.parametrize(("members", "bases"), [((20, 22), (8, 12)), ((16, 16), (5, 13))])
def test_difference_covers_larger_populations_whatever_the_dependence(
    members: tuple[int, int], bases: tuple[int, int]
) -> None:
    assert worst_coverage(members, bases, 0.95) >= 0.95 - ROUNDING


def between_independent(members: tuple[int, int], bases: tuple[int, int], level: float) -> float:
    """The least coverage over all populations where the two samples are independent, by enumeration."""
    counts = [np.arange(base + 1) for base in bases]
    found = [[between(*map(sample, (one, two), bases, members), level) for two in counts[1]] for one in counts[0]]
    low, high = (np.array([[getattr(one, end) for one in row] for row in found]) for end in ("low", "high"))
    chances = [
        hypergeom.pmf(counts[side], members[side], np.arange(members[side] + 1)[:, None], bases[side])
        for side in (0, 1)
    ]
    least = 1.0
    for yes, chance in enumerate(chances[0]):
        truths = (np.arange(members[1] + 1) / members[1] - yes / members[0])[:, None, None]
        held = (low - ROUNDING <= truths) & (truths <= high + ROUNDING)
        least = min(least, float(np.einsum("i,kij,kj->k", chance, held, chances[1]).min()))
    return least


@pytest.mark.slow
@pytest.mark.parametrize(("first", "second"), [(39, 60), (34, 45), (3, 2)])
def test_difference_covers_every_population_of_the_survey(first: int, second: int) -> None:
    assert between_independent((104, 106), (first, second), 0.95) >= 0.95


def panel_coverage(base: int, members: int, level: float) -> float:
    """The least coverage of the net change over all populations, by enumeration."""
    seen = [(gained, lost) for gained in range(base + 1) for lost in range(base + 1 - gained)]
    found = [net_change(*pair, base, members, level) for pair in seen]
    low, high = (np.array([getattr(one, end) for one in found]) for end in ("low", "high"))
    cells = np.array([(gained, lost, base - gained - lost) for gained, lost in seen])
    least = 1.0
    for gains in range(members + 1):
        for losses in range(members + 1 - gains):
            truth = (gains - losses) / members
            held = (low - ROUNDING <= truth) & (truth <= high + ROUNDING)
            chances = multivariate_hypergeom.pmf(cells, [gains, losses, members - gains - losses], base)
            least = min(least, float(chances[held].sum()))
    return least


@pytest.mark.parametrize("level", [0.7, 0.95])
def test_net_change_covers_every_small_population(level: float) -> None:
    assert min(panel_coverage(base, size, level) for size in range(1, 7) for base in range(1, size + 1)) >= level


@pytest.mark.slow
@pytest.mark.parametrize(("base", "members"), [(6, 12), (10, 30), (30, 40), (20, 98)])
def test_net_change_covers_every_population(base: int, members: int) -> None:
    assert panel_coverage(base, members, 0.95) >= 0.95


# Their coverage, by simulation: populations that change, members who come and go, respondents who answer again.

WAVES = [
    ((39, 104), (60, 106), 98),
    ((3, 104), (2, 106), 98),
    ((104, 104), (106, 106), 98),
    ((52, 104), (52, 104), 104),
]
SHARES = [(0.5, 0.5), (0.9, 0.65), (0.05, 0.05), (0.3, 0.5)]
TIES = ["none", "half", "all"]


def population(shares: tuple[float, float], tie: float, members: tuple[int, int], common: int) -> np.ndarray:
    """Both answers of everybody: those who leave, the common members, those who come.

    ``tie`` is the part of the way to the strongest positive (1) or negative (-1) link between the two answers.
    """
    everybody = sum(members) - common
    firsts, seconds = (round(part * everybody) for part in shares)
    free = firsts * seconds / everybody
    bound = min(firsts, seconds) if tie > 0 else max(0, firsts + seconds - everybody)
    both = round(free + abs(tie) * (bound - free))
    answers = np.zeros((everybody, 2), dtype=bool)
    answers[:firsts, 0] = True
    answers[firsts - both : firsts - both + seconds, 1] = True
    return answers


def draw(order: np.ndarray, other: np.ndarray, tie: str, bases: tuple[int, int], frames: np.ndarray) -> np.ndarray:
    """Who answers in each wave: the first of an order, at random in each wave, that the tie carries to the second."""
    second = {"all": order, "none": -order, "half": other}[tie]
    keys = np.stack([order, second], axis=2)
    keys[:, ~frames] = np.inf
    return np.argsort(np.argsort(keys, axis=1), axis=1) < np.array(bases)


def simulated(
    waves: tuple[tuple[int, int], tuple[int, int], int],
    shares: tuple[float, float],
    tie: float,
    overlap: str,
    runs: int,
) -> tuple[float, float]:
    """How often the two intervals hold the truth: of all respondents, and of those in common."""
    (base1, size1), (base2, size2), common = waves
    rng = np.random.default_rng([base1, base2, round(100 * tie) + 100, TIES.index(overlap), round(100 * shares[0])])
    answers = rng.permutation(population(shares, tie, (size1, size2), common))
    places = np.arange(len(answers))
    frames = np.stack([places < size1, places >= size1 - common], axis=1)
    drawn = draw(*rng.random((2, runs, len(answers))), overlap, (base1, base2), frames)
    counts = (drawn & answers).sum(axis=1)
    truths = (answers & frames).sum(axis=0)
    truth = truths[1] / size2 - truths[0] / size1
    whole = part_held(counts, lambda one, two: between(sample(one, base1, size1), sample(two, base2, size2)), truth)
    moved = answers[:, 1].astype(int) - answers[:, 0]
    net = moved[frames.all(axis=1)].sum() / common
    twice = drawn.all(axis=2)
    seen = np.stack([(twice & kept).sum(axis=1) for kept in (moved == 1, moved == -1, moved < 2)], axis=1)
    return whole, part_held(seen[seen[:, 2] > 0], partial(of_panel, common), net)


@cache
def of_panel(members: int, gained: int, lost: int, base: int) -> Change:
    return net_change(gained, lost, base, members)


def part_held(rows: np.ndarray, interval: Callable[..., Change], truth: float) -> float:
    """How often the interval of a row holds the truth; always, of no rows."""
    different, times = np.unique(rows, axis=0, return_counts=True)
    held = [holds(interval(*map(int, row)), truth) for row in different]
    return float(np.average(held, weights=times)) if held else 1.0


def test_simulation_knows_its_populations() -> None:
    answers = population((0.5, 0.5), 1, (104, 106), 98)
    assert answers.sum(axis=0).tolist() == [56, 56]
    assert (answers[:, 0] == answers[:, 1]).all()
    assert not (population((0.5, 0.5), -1, (104, 106), 98).all(axis=1)).any()
    places = np.arange(112)
    frames = np.stack([places < 104, places >= 6], axis=1)
    numbers = np.random.default_rng(1).random((2, 50, 112))
    overlaps = {}
    for tie in TIES:
        drawn = draw(*numbers, tie, (39, 60), frames)
        assert (drawn.sum(axis=1) == [39, 60]).all()
        assert not drawn[:, ~frames].any()
        overlaps[tie] = drawn.all(axis=2).sum(axis=1).mean()
    assert overlaps["none"] < 2
    assert 15 < overlaps["half"] < 25
    assert overlaps["all"] > 32


@pytest.mark.parametrize("overlap", TIES)
def test_coverage_of_the_two_waves_of_the_survey(overlap: str) -> None:
    assert min(simulated(WAVES[0], (0.9, 0.65), 0.5, overlap, 300)) >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("waves", WAVES, ids=lambda waves: f"{waves[0][0]}-{waves[1][0]}-{waves[2]}")
@pytest.mark.parametrize("overlap", TIES)
def test_coverage_over_a_grid(waves: tuple[tuple[int, int], tuple[int, int], int], overlap: str) -> None:
    held = [simulated(waves, shares, tie, overlap, 150) for shares, tie in product(SHARES, (-1, 0, 1))]
    assert np.min(held) >= 0.92
    assert np.mean(held, axis=0).min() >= 0.95


# The rows.


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return derived(load(tables), tables["labels"])


@pytest.fixture(scope="module")
def members(everyone: pd.DataFrame) -> pd.DataFrame:
    """Fifty communes and fifty EPCI, the largest."""
    largest = everyone.sort_values("population", ascending=False)
    communes, epci = largest[largest["kind"] == "commune"], largest[largest["kind"].isin(EPCI_KINDS)]
    return pd.concat([communes.head(50), epci.head(50)])


@pytest.fixture(scope="module")
def printed(tables: Tables) -> Printed:
    return Printed(of_wave(tables["published_figures"], tables["sources"], "2021"), 104)


def wave(asked: Questionnaire, members: pd.DataFrame, communes: int, epci: int, **said: object) -> Answered:
    """Answers of the first communes and EPCI of the members: each the same, or one for each, or to no question."""
    answers = members.iloc[[*range(communes), *range(50, 50 + epci)]][["kind", "stratum"]]
    answers = answers.rename_axis("collectivity_id").reset_index()
    columns = {question.id: said.get(question.id) for question in asked}
    return Answered(asked, answers.assign(**columns), members)


def row(table: pd.DataFrame, question: str, category: str, view: str = "all") -> pd.Series:
    found = table[(table["question_id"] == question) & (table["category"] == category) & (table["view"] == view)]
    assert len(found) == 1
    return found.iloc[0]


def test_printed_figures_beside_a_new_wave(asked: Questionnaire, members: pd.DataFrame, printed: Printed) -> None:
    new = wave(
        asked, members, 30, 30, form="twinning;cross_border", budget_class="under_100000", citizens_place="absent"
    )
    table = compare(printed, new)

    found = row(table, "form", "cross_border")
    before, after = share(10, 39, 104, 0.975), share(60, 60, 100, 0.975)
    assert (found["first_counts"], found["first_base"], found["second_counts"]) == ((10,), 39, (60,))
    assert (found["low"], found["high"]) == (after.low / 100 - before.high / 104, after.high / 100 - before.low / 104)
    assert (found["least"], found["verdict"], found["family_verdict"]) == (pytest.approx(29 / 39), "higher", "higher")
    assert found["comparisons"] == 9
    strict = between(sample(10, 39, 104), sample(60, 60, 100), simultaneous(0.95, 9))
    assert (found["family_low"], found["family_high"]) == (strict.low, strict.high)
    assert found[["reason", "overlap"]].isna().all()

    # 27 of 39 then 60 of 60: higher; 4 of 39 then none: nobody can tell.
    assert row(table, "form", "twinning")["verdict"] == "higher"
    assert row(table, "form", "other")[["verdict", "reason"]].tolist() == ["cannot_tell", "interval"]
    # The order of the bars is lost: 7, 11 or 12 of 34.
    found = row(table, "budget_class", "under_100000")
    assert (found["first_counts"], found["first_base"]) == ((7, 11, 12), 34)
    assert (found["least"], found["most"]) == (pytest.approx(22 / 34), pytest.approx(27 / 34))
    # 10 % of 38 is impossible: 3 or 4; or it is 24 %.
    assert row(table, "citizens_place", "absent")["first_counts"] == (3, 4, 9)


def test_nobody_can_tell_and_why(asked: Questionnaire, members: pd.DataFrame, printed: Printed) -> None:
    said = {"leadership": "both", "transversality": "yes", "need": "staff", "activity": "high", "assistance": "yes"}
    new = wave(asked, members, 30, 30, **said, assistance_satisfied="no", staff_class="over_10")
    other = replace(printed, figures=printed.figures.replace({"base_label": {"respondents_staff": "members"}}))
    table = compare(other, new)
    reasons = {
        ("leadership", "both"): "base_unknown",
        ("transversality", "yes"): "base_unknown",
        ("need", "exchange_network"): "base_unknown",
        ("need", "staff"): "not_printed",
        ("activity", "high"): "not_printed",
        ("assistance_satisfied", "yes"): "members_unknown",
        ("staff_class", "over_10"): "base_differs",
        ("form", "twinning"): "no_answer",
    }
    for (question, category), reason in reasons.items():
        found = row(table, question, category)
        assert (found["verdict"], found["family_verdict"], found["reason"]) == ("cannot_tell", "cannot_tell", reason)
        assert found[["low", "high", "least"]].isna().all()
    assert row(table, "assistance", "yes")["verdict"] == "higher"  # 27 of 37, then all
    assert row(table, "assistance", "yes")["comparisons"] == 1
    assert table.loc[table["question_id"] == "training"].empty


def test_only_new_answers_are_poststratified_beside_printed_ones(
    asked: Questionnaire, members: pd.DataFrame, printed: Printed
) -> None:
    new = wave(asked, members, 40, 10, carrier=["city"] * 40 + ["epci"] * 10)
    table = compare(printed, new)
    plain, weighted = (row(table, "carrier", "city", view) for view in ("all", "poststratified"))
    assert plain["second_least"] == 0.8
    assert weighted["second_least"] == pytest.approx(0.5)
    assert plain["first_least"] == weighted["first_least"] == 16 / 39
    assert weighted["method"] == "strata"
    alone = compare(printed, wave(asked, members, 40, 0, carrier="city"))
    assert row(alone, "carrier", "city")["verdict"] == "higher"
    assert row(alone, "carrier", "city", "poststratified")["reason"] == "no_answer"


def test_other_respondents_are_not_another_practice(asked: Questionnaire, members: pd.DataFrame) -> None:
    # Every commune says yes and every EPCI no, both times; communes answer first, EPCI later.
    first = wave(asked, members, 45, 15, training=["yes"] * 45 + ["no"] * 15)
    second = wave(asked, members, 15, 45, training=["yes"] * 15 + ["no"] * 45)
    table = compare(first, second)
    plain, weighted, panel = (row(table, "training", "yes", view) for view in ("all", "poststratified", "panel"))
    assert (plain["least"], plain["verdict"], plain["overlap"]) == (-0.5, "lower", 30)
    assert weighted["least"] == pytest.approx(0)
    assert weighted["verdict"] == "cannot_tell"
    assert (panel["least"], panel["verdict"], panel["first_counts"], panel["first_base"]) == (
        0,
        "cannot_tell",
        (15,),
        30,
    )


def test_respondents_in_common_tell_a_change_of_practice(asked: Questionnaire, members: pd.DataFrame) -> None:
    first = wave(asked, members, 20, 20, training=["yes", "no"] * 20)
    second = wave(asked, members, 20, 20, training=["yes", "no", "yes", "yes"] * 10)
    table = compare(first, second)
    plain, panel = row(table, "training", "yes"), row(table, "training", "yes", "panel")
    assert plain["least"] == panel["least"] == 0.25
    assert (plain["verdict"], panel["verdict"], panel["method"]) == ("cannot_tell", "higher", "net_change")
    found = net_change(10, 0, 40, 100)
    assert (panel["low"], panel["high"]) == (found.low, found.high)


def test_members_of_one_wave_only_are_not_in_the_panel(asked: Questionnaire, members: pd.DataFrame) -> None:
    first = wave(asked, members, 20, 20, training="yes")
    second = wave(asked, members, 20, 20, training="no")
    second = replace(second, members=members.drop(members.index[40:50]))
    found = row(compare(first, second), "training", "yes", "panel")
    expected = net_change(0, 40, 40, 90)
    assert (found["low"], found["high"]) == (expected.low, expected.high)


def test_another_wording_is_another_question(asked: Questionnaire, members: pd.DataFrame) -> None:
    first = wave(asked, members, 20, 20, training="yes", sdg_followup="yes")
    words = [replace(q, wording_fr="Autre question ?") if q.id == "training" else q for q in asked]
    table = compare(replace(first, questionnaire=Questionnaire(tuple(words))), first)
    found = row(table, "training", "yes")
    assert (found["verdict"], found["reason"]) == ("cannot_tell", "question_differs")
    assert found["second_least"] == 1
    assert pd.isna(found["first_least"])
    same = row(table, "sdg_followup", "yes", "panel")
    assert (same["reason"], same["overlap"]) == ("interval", 40)


def test_waves_that_swap_swap_every_difference(asked: Questionnaire, members: pd.DataFrame) -> None:
    first = wave(asked, members, 20, 15, form="twinning;networks", domain="poverty", assistance="no")
    second = wave(asked, members, 10, 25, form="twinning", domain="", assistance=["yes", "no"] * 17 + ["yes"])
    there, back = compare(first, second), compare(second, first)
    for end, other in (("low", "high"), ("least", "most"), ("family_low", "family_high")):
        pd.testing.assert_series_equal(there[end], -back[other], check_names=False)
    turned = {"higher": "lower", "lower": "higher", "cannot_tell": "cannot_tell"}
    assert there["verdict"].tolist() == back["verdict"].map(turned).tolist()
    assert set(there["verdict"]) == set(turned)


def test_every_code_has_a_label(asked: Questionnaire, members: pd.DataFrame, printed: Printed, tables: Tables) -> None:
    new = wave(asked, members, 20, 20, form="twinning", training="yes")
    table = pd.concat([compare(printed, new), compare(new, new)])
    labels = tables["labels"].groupby("vocabulary")["code"].agg(set)
    for column in ("verdict", "view", "method", "reason"):
        assert set(table[column].dropna()) <= labels[f"wave_{column}"]
    assert (table["low"].isna() | (table["low"] <= table["high"])).all()


def test_answers_from_others_than_the_members_are_refused(asked: Questionnaire, members: pd.DataFrame) -> None:
    new = wave(asked, members, 3, 0)
    with pytest.raises(ValueError, match=members.index[1]):
        replace(new, members=members.drop(members.index[1]))
    with pytest.raises(ValueError, match=members.index[0]):
        replace(new, answers=pd.concat([new.answers, new.answers.head(1)]))
