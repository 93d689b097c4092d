"""Published tables: nothing withheld can be worked out, and what is shown is true."""

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from citydiplo.data import Tables
from citydiplo.language import Language
from citydiplo.survey import disclosure, estimates, questionnaire, tabulation
from citydiplo.survey.disclosure import Published, publish, summarised
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.suppression import THRESHOLD, WIDTH
from citydiplo.survey.tabulation import EPCI_SIZES, EVERYONE, PLACES

STRATA = [
    ("commune", "under_100000"),
    ("commune", "from_400000"),
    ("metropole", "from_400000_to_500000"),
    ("metropole", "from_1000000"),
]


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return tabulation.derived(questionnaire.load(tables), tables["labels"])


def answers_of(rows: list[tuple], *names: str) -> pd.DataFrame:
    """One row a respondent: its place in `STRATA`, then its answers."""
    cells = [(*STRATA[place], *answers) for place, *answers in rows]
    return pd.DataFrame(cells, columns=["kind", "stratum", *names], dtype="str")


def expand(counts: Mapping[tuple, int]) -> list[tuple]:
    return [row for row, count in counts.items() for _ in range(count)]


# A reader who knows of every kind of respondent that there can be, and looks for how many of each there are.


def in_place(respondent: Mapping[str, object], by: str, group: str) -> bool:
    kind, stratum = respondent["place"]  # type: ignore[misc]
    if by == "place_kind":
        return group == ("commune" if kind == "commune" else "epci")
    own = EPCI_SIZES.get(stratum) if by == "epci_size" else stratum
    return (kind == "commune") == (by == "commune_stratum") and group in (own, EVERYONE)


def counted_in(row: pd.Series, part: str, respondent: Mapping[str, object]) -> float:
    """How often a respondent is in a published number."""
    given = respondent[row["question"]]
    if given is None:
        return 0
    if "by" in row:
        by, group = row["by"], EVERYONE if part == "total" else row["group"]
        if by in PLACES:
            if not (by == "place_kind" and group == EVERYONE) and not in_place(respondent, by, group):
                return 0
        elif respondent[by] is None or (group != EVERYONE and group not in respondent[by]):  # type: ignore[operator]
            return 0
    if part == "answers":
        return len(given)  # type: ignore[arg-type]
    return part == "base" or row["category"] in given  # type: ignore[operator]


def sets_of(question_id: str, asked: Questionnaire) -> list[frozenset[str] | None]:
    question = asked[question_id]
    if question.type == "single":
        return [None, *(frozenset([code]) for code in question.codes)]
    return [
        None,
        *(
            frozenset(c for c, t in zip(question.codes, ticks, strict=True) if t)
            for ticks in product([0, 1], repeat=len(question.codes))
        ),
    ]


def attack(published: Published, asked: Questionnaire, *names: str) -> pd.DataFrame:
    """All withheld numbers, with the least and the greatest that agree with all that is published."""
    respondents = [
        {"place": place, **dict(zip(names, given, strict=True))}
        for place in STRATA
        for given in product(*(sets_of(name, asked) for name in names))
    ]
    if "assistance_satisfied" in names:
        respondents = [
            r for r in respondents if r["assistance_satisfied"] is None or r["assistance"] == frozenset(["yes"])
        ]
    sums, totals, secrets = [], [], []
    for name, table in published.tables.items():
        for at, row in table.iterrows():
            for part in {"count", "base", "total", "answers"} & set(table):
                members = np.array([counted_in(row, part, r) for r in respondents], dtype=float)
                if pd.notna(row[part]):
                    sums.append(members)
                    totals.append(row[part])
                else:
                    secrets.append((name, at, part, members))
    constraint = LinearConstraint(np.array(sums), totals, totals)
    ends: dict[bytes, tuple[int, int]] = {}  # the same number is in several tables
    found = []
    for name, at, part, members in secrets:
        if members.tobytes() not in ends:
            solved = [
                milp(goal, constraints=constraint, bounds=Bounds(0, 200), integrality=1) for goal in (members, -members)
            ]
            ends[members.tobytes()] = (round(solved[0].fun), round(-solved[1].fun))
        found.append((name, at, part, *ends[members.tobytes()]))
    return pd.DataFrame(found, columns=["table", "row", "part", "least", "most"])


def assert_safe(published: Published, asked: Questionnaire, *names: str) -> None:
    found = attack(published, asked, *names)
    for cell in found.itertuples():
        row = published.review[cell.table].loc[cell.row]
        assert cell.least <= row[cell.part] <= cell.most
        assert cell.most > cell.least, cell
        if row[cell.part] < THRESHOLD:
            assert cell.most - cell.least >= min(WIDTH, row["base"]), cell


def linked(answers: pd.DataFrame, asked: Questionnaire, question_id: str, *others: str) -> dict[str, pd.DataFrame]:
    """A question as a report shows it: alone, by every place, and crossed with others."""
    question = asked[question_id]
    tables = {question_id: tabulation.counted(answers, question)}
    tables |= {f"{question_id}-{by}": tabulation.crossed(answers, question, by) for by in PLACES}
    return tables | {f"{question_id}-{other}": tabulation.crossed(answers, question, asked[other]) for other in others}


def respondents(*choices: list[str | None]) -> st.SearchStrategy[list[tuple]]:
    row = st.tuples(st.integers(0, len(STRATA) - 1), *(st.sampled_from(options) for options in choices))
    return st.lists(st.tuples(row, st.integers(1, 7)), min_size=1, max_size=12).map(
        lambda groups: [each for each, count in groups for _ in range(count)]
    )


@settings(deadline=None, max_examples=8)
@given(rows=respondents(["increase", "stable", "decrease", None]))
def test_linked_tables_by_place_are_safe(rows: list[tuple], asked: Questionnaire) -> None:
    answers = answers_of(rows, "budget_trend")
    assert_safe(publish(linked(answers, asked, "budget_trend"), asked), asked, "budget_trend")


@settings(deadline=None, max_examples=5)
@given(rows=respondents(["staff", "staff;other", "funding;exchange_network", "", None]))
def test_tables_of_several_answers_are_safe(rows: list[tuple], asked: Questionnaire) -> None:
    answers = answers_of(rows, "need")
    assert_safe(publish(linked(answers, asked, "need"), asked), asked, "need")


@settings(deadline=None, max_examples=5)
@given(rows=respondents(["yes", "no", None], ["low", "fair", "high", None]))
def test_crossed_questions_are_safe(rows: list[tuple], asked: Questionnaire) -> None:
    answers = answers_of(rows, "transversality", "activity")
    pair = [asked["transversality"], asked["activity"]]
    tables = {question.id: tabulation.single(answers, question) for question in pair}
    tables |= {f"{one.id} by {two.id}": tabulation.crossed(answers, one, two) for one, two in (pair, pair[::-1])}
    found = attack(publish(tables, asked), asked, "transversality", "activity")
    assert (found["most"] > found["least"]).all()


@settings(deadline=None, max_examples=5)
@given(rows=respondents(["yes", "no", None], ["yes", "no", None]))
def test_the_base_of_a_conditional_question_is_an_answer(rows: list[tuple], asked: Questionnaire) -> None:
    answers = answers_of(rows, "assistance", "assistance_satisfied")
    answers["assistance_satisfied"] = answers["assistance_satisfied"].where(answers["assistance"] == "yes")
    tables = linked(answers, asked, "assistance") | linked(answers, asked, "assistance_satisfied")
    assert_safe(publish(tables, asked), asked, "assistance", "assistance_satisfied")


def test_an_open_question_crossed_with_a_confidential_one(asked: Questionnaire) -> None:
    rows = expand({(0, "yes", "low"): 4, (0, "no", "low"): 1, (2, "yes", "high"): 5, (2, "no", None): 4})
    answers = answers_of(rows, "sdg_followup", "activity")
    tables = linked(answers, asked, "sdg_followup", "activity") | linked(answers, asked, "activity", "sdg_followup")
    published = publish(tables, asked)
    assert (published.tables["sdg_followup"]["mark"] == "shown").all()
    assert (published.tables["sdg_followup-activity"]["mark"] == "secret").any()
    # That one respondent said « no » and told the activity is open: which activity is not.
    found = attack(published, asked, "sdg_followup", "activity")
    assert (found["most"] > found["least"]).all()


def test_what_a_single_table_withholds(asked: Questionnaire) -> None:
    counts = {"increase": 9, "stable": 20, "decrease": 1}
    answers = answers_of(expand({(0, code): count for code, count in counts.items()}), "budget_trend")
    table = tabulation.single(answers, asked["budget_trend"])
    before = table.copy()
    published = publish({"trend": table}, asked)
    shown = published.tables["trend"].set_index("category")
    assert shown["count"].isna().to_dict() == {"increase": True, "stable": False, "decrease": True}
    assert shown["share"].isna().equals(shown["count"].isna())
    assert (shown["base"] == 30).all()
    assert shown["mark"].tolist() == ["secret", "shown", "secret"]
    assert published.review["trend"]["mark"].tolist() == ["secondary", "shown", "primary"]
    assert table.equals(before)


def test_intervals_go_with_their_count(asked: Questionnaire, everyone: pd.DataFrame) -> None:
    answers = answers_of(expand({(0, "increase"): 9, (2, "stable"): 20, (0, "decrease"): 1}), "budget_trend")
    members = everyone[everyone["in_study"]]
    table = estimates.with_intervals(tabulation.single(answers, asked["budget_trend"]), asked["budget_trend"], members)
    shown = publish({"trend": table}, asked).tables["trend"]
    hidden = shown["mark"] == "secret"
    assert hidden.sum() == 2
    for column in ("share", "low", "high", "least", "most"):
        assert shown[column].isna().equals(hidden)
    assert (shown["population"] == 57).all()


def test_boxes_that_almost_all_tick(asked: Questionnaire) -> None:
    # Who did not tick is as few as one: its count is the base less the one shown.
    rows = expand({(0, "staff;funding"): 8, (0, "funding"): 1, (0, "staff;funding;other;exchange_network"): 5})
    published = publish({"need": tabulation.multiple(answers_of(rows, "need"), asked["need"])}, asked)
    shown = published.tables["need"].set_index("category")
    assert shown["mark"].to_dict() == {
        "exchange_network": "shown", "staff": "secret", "funding": "secret", "other": "shown",
    }  # fmt: skip
    # All ticks less those shown would leave the sum of the two, which can be shared out in more than one way.
    assert_safe(published, asked, "need")


def test_all_of_a_group_saying_the_same_is_a_secret(asked: Questionnaire) -> None:
    rows = expand({(0, "yes"): 5, (1, "yes"): 6, (1, "no"): 7, (2, "yes"): 4, (2, "no"): 8})
    shown = publish(linked(answers_of(rows, "transversality"), asked, "transversality"), asked)
    table = shown.tables["transversality-commune_stratum"].set_index(["group", "category"])["mark"]
    assert table["under_100000"].tolist() == ["secret", "secret"]
    # Nobody of this stratum has answered: nothing to protect.
    assert table["from_100000_to_200000"].tolist() == ["shown", "shown"]


@settings(deadline=None, max_examples=10)
@given(counts=st.lists(st.integers(THRESHOLD, 9), min_size=12, max_size=12))
def test_nothing_is_withheld_where_all_counts_are_large_enough(counts: list[int], asked: Questionnaire) -> None:
    cells = product(range(len(STRATA)), ["increase", "stable", "decrease"])
    answers = answers_of(expand(dict(zip(cells, counts, strict=True))), "budget_trend")
    tables = linked(answers, asked, "budget_trend")
    published = publish(tables, asked)
    for name, table in published.tables.items():
        assert (table["mark"] == "shown").all()
        assert table["count"].tolist() == tables[name]["count"].tolist()


def test_open_questions_are_shown_whole(asked: Questionnaire) -> None:
    answers = answers_of(expand({(0, "yes"): 1, (3, "no"): 2}), "sdg_followup")
    published = publish(linked(answers, asked, "sdg_followup"), asked)
    assert all((table["mark"] == "shown").all() for table in published.tables.values())


def test_the_order_of_rows_and_tables_does_not_matter(asked: Questionnaire) -> None:
    rows = expand({(0, "yes"): 2, (1, "yes"): 6, (1, "no"): 4, (2, "yes"): 4, (2, "no"): 1, (3, "no"): 5})
    tables = linked(answers_of(rows, "transversality"), asked, "transversality")
    first = publish(tables, asked).review
    turned = {name: tables[name].iloc[::-1] for name in reversed(tables)}
    again = publish(turned, asked).review
    assert all(again[name].sort_index().equals(first[name]) for name in tables)
    assert any((table["mark"] == "secondary").any() for table in first.values())


def test_what_cannot_be_published_together(asked: Questionnaire) -> None:
    one = answers_of([(0, "yes"), (1, "no")], "transversality")
    tables = {
        "all": tabulation.single(one, asked["transversality"]),
        "part": tabulation.single(one.iloc[:1], asked["transversality"]),
    }
    with pytest.raises(ValueError, match="tables of different answers"):
        publish(tables, asked)
    contact = tables["all"].assign(question="respondent_email")
    with pytest.raises(ValueError, match="never leave"):
        publish({"contact": contact}, asked)


def test_summaries_do_not_tell_what_one_answered(asked: Questionnaire) -> None:
    numbers = pd.DataFrame({"staff_count": pd.array(range(12), "Int64")})
    question = asked["staff_count"]
    full = tabulation.numeric(numbers, question)
    told = summarised(full, question)
    assert math.isnan(told.least)
    assert math.isnan(told.most)
    assert (told.mean, told.lower_quartile, told.median) == (full.mean, full.lower_quartile, full.median)
    few = summarised(tabulation.numeric(numbers.iloc[:11], question), question)
    assert math.isnan(few.upper_quartile)
    assert few.median == 5
    assert math.isnan(summarised(tabulation.numeric(numbers.iloc[:2], question), question).mean)
    networks = tabulation.numeric(numbers.rename(columns={"staff_count": "network_count"}), asked["network_count"])
    assert summarised(networks, asked["network_count"]) == networks


def test_readers_are_told_why(asked: Questionnaire, language: Language) -> None:
    answers = answers_of(expand({(0, "yes"): 5, (0, "no"): 1}), "transversality")
    published = publish({"one": tabulation.single(answers, asked["transversality"])}, asked)
    assert "3" in disclosure.note(published, language)
    whole = answers_of(expand({(0, "yes"): 5, (0, "no"): 3}), "transversality")
    assert disclosure.note(publish({"one": tabulation.single(whole, asked["transversality"])}, asked), language) == ""
