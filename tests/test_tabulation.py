"""Tables of answers: counts, bases, shares; what they say of all members."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import inference
from citydiplo.data import Tables
from citydiplo.survey import estimates, questionnaire, register, tabulation
from citydiplo.survey.audit import counts_behind
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.tabulation import EVERYONE, PLACES

PLACE = {"commune": ("commune", "from_200000_to_400000"), "epci": ("metropole", "from_400000_to_500000")}


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return tabulation.derived(questionnaire.load(tables), tables["labels"])


def answers_of(kinds: Sequence[str], **columns: Sequence[object]) -> pd.DataFrame:
    """Answers of collectivities of the middle strata, to a few questions."""
    places = pd.DataFrame([PLACE[kind] for kind in kinds], columns=["kind", "stratum"], dtype="str")
    return places.assign(**{name: pd.Series(cells) for name, cells in columns.items()})


def repeated(counts: Mapping[str, int]) -> list[str | None]:
    """One answer a respondent from the count of each; the key "" stands for those who did not answer."""
    return [code or None for code, count in counts.items() for _ in range(count)]


def row_of(table: pd.DataFrame, **cells: str) -> pd.Series:
    ((_, row),) = table[(table[list(cells)] == pd.Series(cells)).all(axis=1)].iterrows()
    return row


@pytest.mark.parametrize("topic", ["carrier", "budget_trend"])
def test_printed_percentages_come_back(topic: str, tables: Tables, asked: Questionnaire) -> None:
    printed = register.chart(tables["published_figures"], topic, asked[topic].codes)
    assert printed["category"].tolist() == list(asked[topic].codes)
    base = int(printed["base"].iloc[0])
    percentages = printed.set_index("category")["values"].map(lambda values: int(values[0]))
    counts = {code: counts_behind(value, base)[0] for code, value in percentages.items()}
    rest = {"": 45 - sum(counts.values())}
    assert sum(counts.values()) == base
    answers = answers_of(["commune"] * 25 + ["epci"] * 20, **{topic: repeated(counts | rest)})
    table = tabulation.single(answers, asked[topic]).set_index("category")
    assert (table["base"] == base).all()
    assert all(abs(100 * table.loc[code, "share"] - value) <= 0.5 for code, value in percentages.items())


def test_39_respondents_and_who_carries_the_action(asked: Questionnaire) -> None:
    counts = {"city": 16, "both_complementary": 16, "epci": 5, "both_similar": 2, "": 6}
    answers = answers_of(["commune"] * 45, carrier=repeated(counts))
    table = tabulation.single(answers, asked["carrier"])
    assert table["category"].tolist() == list(asked["carrier"].codes)
    assert table["count"].tolist() == [16, 5, 16, 2]
    assert [round(100 * share) for share in table["share"]] == [41, 13, 41, 5]


def test_several_answers(asked: Questionnaire) -> None:
    answers = answers_of(["commune"] * 5, need=["staff;funding", "staff", "", None, "staff;other"])
    table = tabulation.multiple(answers, asked["need"]).set_index("category")
    assert (table["base"] == 4).all()  # the empty text answers, the missing one does not
    assert table["count"].to_dict() == {"exchange_network": 0, "staff": 3, "funding": 1, "other": 1}
    assert table.loc["staff", "share"] == 0.75
    assert (table["answers"] == 5).all()
    assert table.loc["staff", "share_of_answers"] == 0.6
    assert tabulation.counted(answers, asked["need"]).equals(tabulation.multiple(answers, asked["need"]))


def test_nobody_answered(asked: Questionnaire) -> None:
    answers = answers_of(["commune"] * 2, need=[None, None], carrier=[None, None])
    for table in (tabulation.multiple(answers, asked["need"]), tabulation.single(answers, asked["carrier"])):
        assert (table[["count", "base"]] == 0).all(axis=None)
        assert table["share"].isna().all()
    empty = tabulation.crossed(answers.iloc[:0], asked["carrier"], "place_kind")
    assert (empty["count"] == 0).all()


def test_a_conditional_question_counts_those_asked(asked: Questionnaire) -> None:
    answers = answers_of(
        ["commune"] * 6,
        assistance=["yes", "yes", "yes", "no", "no", None],
        assistance_satisfied=["yes", "no", None, "yes", None, "no"],
    )
    table = tabulation.single(answers, asked["assistance_satisfied"]).set_index("category")
    assert table["count"].to_dict() == {"yes": 1, "no": 1}
    assert (table["base"] == 2).all()
    assert (
        tabulation.crossed(answers, asked["assistance_satisfied"], asked["assistance"])["base"]
        == [2] * 2 + [0] * 2 + [2] * 2
    ).all()


def test_numbers_and_their_classes(asked: Questionnaire) -> None:
    answers = answers_of(
        ["commune"] * 6,
        staff_count=pd.array([0, 2, 3, 6, 31, None], "Int64"),
        budget_amount=pd.array([99_999, 100_000, 300_000, 999_999.5, 1_000_000, None], "Float64"),
    )
    found = tabulation.numeric(answers, asked["staff_count"])
    assert (found.count, found.mean, found.least, found.most) == (5, 8.4, 0, 31)
    assert (found.lower_quartile, found.median, found.upper_quartile) == (2, 3, 6)
    assert tabulation.classes(answers, asked["staff_count"])["count"].tolist() == [2, 2, 0, 1]
    assert tabulation.classes(answers, asked["budget_amount"])["count"].tolist() == [1, 1, 3, 0]
    derived = tabulation.derive(answers)
    assert derived["staff_class"].dropna().tolist() == ["from_0_to_2"] * 2 + ["from_3_to_6"] * 2 + ["over_10"]
    assert tabulation.single(derived, asked["staff_class"])["count"].tolist() == [2, 2, 0, 1]
    assert "staff_class" not in answers
    silent = tabulation.numeric(answers.iloc[5:], asked["staff_count"])
    assert silent.count == 0
    assert math.isnan(silent.mean)


@pytest.mark.parametrize(
    ("question", "numbers", "codes"),
    [
        (
            "budget_amount",
            [0, 99_999.99, 100_000, 299_999.99, 300_000, 999_999.99, 1_000_000, 1_000_000.01],
            ["under_100000"] * 2 + ["from_100000_to_300000"] * 2 + ["from_300000_to_1000000"] * 3 + ["over_1000000"],
        ),
        (
            "staff_count",
            [0, 2, 3, 6, 7, 10, 11, 200],
            ["from_0_to_2"] * 2 + ["from_3_to_6"] * 2 + ["from_7_to_10"] * 2 + ["over_10"] * 2,
        ),
    ],
)
def test_classes_at_their_bounds(question: str, numbers: list[float], codes: list[str]) -> None:
    for kind in ("float64", "Float64"):
        assert tabulation.classed(pd.Series(numbers, dtype=kind), question).tolist() == codes
    assert tabulation.classed(pd.Series([None], dtype="Float64"), question).isna().all()


def test_what_cannot_be_counted(asked: Questionnaire) -> None:
    answers = answers_of(["commune"], staff_count=[3], carrier=["nobody"], comment=["x"])
    with pytest.raises(ValueError, match="no choices"):
        tabulation.single(answers, asked["comment"])
    with pytest.raises(ValueError, match="no such answer: nobody"):
        tabulation.single(answers, asked["carrier"])
    with pytest.raises(ValueError, match="is no number"):
        tabulation.numeric(answers, asked["carrier"])


def test_crossed_with_places(asked: Questionnaire) -> None:
    answers = answers_of(["commune"] * 3 + ["epci"] * 2, transversality=["yes", "yes", "no", "yes", None])
    table = tabulation.crossed(answers, asked["transversality"], "place_kind")
    assert table["group"].tolist() == ["commune"] * 2 + ["epci"] * 2 + [EVERYONE] * 2
    communes = row_of(table, group="commune", category="yes")
    assert (communes["count"], communes["base"], communes["total"]) == (2, 3, 3)
    assert communes["share"] == communes["share_of_total"] == pytest.approx(2 / 3)
    whole = table[table["group"] == EVERYONE]
    assert whole["count"].tolist() == tabulation.single(answers, asked["transversality"])["count"].tolist()


def test_the_charts_of_sizes_have_their_classes(asked: Questionnaire) -> None:
    strata = [("commune", "from_400000"), ("metropole", "from_400000_to_500000"), ("metropole", "from_1000000")]
    answers = pd.DataFrame(strata, columns=["kind", "stratum"], dtype="str").assign(activity=["low", "fair", "high"])
    found = {
        by: table.loc[(table["count"] == 1) & (table["group"] != EVERYONE), "group"].tolist()
        for by in PLACES
        for table in [tabulation.crossed(answers, asked["activity"], by)]
    }
    assert found == {
        "place_kind": ["commune", "epci", "epci"],
        "commune_stratum": ["from_400000"],
        "epci_stratum": ["from_400000_to_500000", "from_1000000"],
        "epci_size": ["from_200000_to_500000", "from_500000"],
    }


def test_every_group_has_a_label(tables: Tables) -> None:
    labels = set(zip(tables["labels"]["vocabulary"], tables["labels"]["code"], strict=True))
    assert {(by, group) for by, groups in PLACES.items() for group in groups} <= labels


codes = {
    "carrier": ["city", "epci", None],
    "transversality": ["yes", "no", None],
    "need": ["staff", "staff;other", "", None],
}
respondents = st.lists(
    st.tuples(st.sampled_from(["commune", "epci"]), *(st.sampled_from(values) for values in codes.values())), min_size=1
)


@settings(deadline=None, max_examples=25)
@given(rows=respondents, seed=st.integers(0, 100))
def test_margins_agree_with_cells_in_any_order(rows: list[tuple], seed: int, asked: Questionnaire) -> None:
    answers = answers_of(
        [row[0] for row in rows], **{name: [row[i + 1] for row in rows] for i, name in enumerate(codes)}
    )
    for name in codes:
        for by in ("place_kind", asked["transversality"]):
            table = tabulation.crossed(answers, asked[name], by)
            groups, whole = table[table["group"] != EVERYONE], table[table["group"] == EVERYONE]
            assert groups.groupby("category", sort=False)["count"].sum().tolist() == whole["count"].tolist()
            assert (table["count"] <= table["base"]).all()
            if asked[name].type == "single":
                assert (table.groupby("group")["count"].sum() == table.groupby("group")["base"].first()).all()
            shuffled = answers.sample(frac=1, random_state=seed)
            assert tabulation.crossed(shuffled, asked[name], by).equals(table)


# What the tables say of all members.


@pytest.fixture(scope="module")
def members(everyone: pd.DataFrame) -> pd.DataFrame:
    return everyone[everyone["in_study"]]


def test_intervals_of_a_question(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = answers_of(["commune"] * 20 + ["epci"] * 19, transversality=["yes"] * 27 + ["no"] * 12)
    table = tabulation.single(answers, asked["transversality"])
    row = estimates.with_intervals(table, asked["transversality"], members).iloc[0]
    expected = inference.share(27, 39, 57)
    assert [row[name] for name in estimates.BOUNDS] == [57, expected.low, expected.high, expected.least, expected.most]


def test_intervals_by_place_and_by_question(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = answers_of(
        ["commune"] * 5 + ["epci"] * 4,
        transversality=["yes"] * 4 + ["no"] * 2 + ["yes"] * 3,
        assistance=["yes", "yes", "no", "no", None] * 2,
    )
    question = asked["transversality"]
    table = estimates.with_intervals(tabulation.crossed(answers, question, "place_kind"), question, members)
    assert table["population"].tolist() == [31, 31, 26, 26, 57, 57]
    assert row_of(table, group="commune", category="yes")["low"] == inference.share(4, 5, 31).low
    table = estimates.with_intervals(tabulation.crossed(answers, question, asked["assistance"]), question, members)
    cell = row_of(table, group="yes", category="yes")
    # A cell of two questions is a part of all members: the bound counts those of whom both answers are known.
    assert (cell["count"], cell["population"], cell["most"]) == (3, 57, 57 - (8 - 3))


def test_no_interval_where_the_population_is_not_known(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = answers_of(["commune"] * 3, assistance=["yes"] * 3, assistance_satisfied=["yes", "no", "no"])
    question = asked["assistance_satisfied"]
    table = estimates.with_intervals(tabulation.single(answers, question), question, members)
    assert table[estimates.BOUNDS].isna().all(axis=None)
    with pytest.raises(ValueError, match="not known"):
        estimates.poststratified(answers, question, members)


def test_a_group_without_answers_may_be_anything(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = answers_of(["commune"] * 3, transversality=["yes"] * 3)
    question = asked["transversality"]
    table = estimates.with_intervals(tabulation.crossed(answers, question, "place_kind"), question, members)
    assert row_of(table, group="epci", category="no")[["low", "high", "least", "most"]].tolist() == [0, 26, 0, 26]


def test_more_answers_than_members(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = answers_of(["commune"] * 60, transversality=["yes"] * 60)
    with pytest.raises(ValueError, match="not a sample"):
        estimates.with_intervals(tabulation.single(answers, asked["transversality"]), asked["transversality"], members)


def stratified(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "stratum", "transversality"], dtype="str")


def test_poststratified_shares_collapse_empty_strata(asked: Questionnaire) -> None:
    communes = ["under_100000"] * 10 + ["from_100000_to_200000"] * 6 + ["from_400000"] * 2
    members = pd.DataFrame(
        {"kind": ["commune"] * 18 + ["metropole"] * 4, "stratum": [*communes, *["from_200000_to_400000"] * 4]}
    )
    answers = stratified(
        [
            ("commune", "from_100000_to_200000", "yes"),
            ("commune", "from_100000_to_200000", "no"),
            ("metropole", "from_200000_to_400000", "no"),
        ]
    )
    found = estimates.poststratified(answers, asked["transversality"], members)
    strata = found.strata.set_index(["strata", "stratum"])["counted_with"]
    assert strata["commune_stratum"].unique().tolist() == ["from_100000_to_200000"]
    yes = found.table.set_index("category").loc["yes"]
    assert yes["share"] == pytest.approx((18 * 1 / 2 + 0) / 22)
    assert yes["population"] == 22
    assert yes["low"] <= 9 <= yes["high"]
    with pytest.raises(ValueError, match="epci_stratum: members, but no respondent"):
        estimates.poststratified(answers.iloc[:2], asked["transversality"], members)


def test_an_empty_stratum_joins_the_next_smaller_one(asked: Questionnaire) -> None:
    names = list(PLACES["commune_stratum"])
    members = pd.DataFrame({"kind": "commune", "stratum": [name for name in names for _ in range(3)]})
    answers = stratified([("commune", names[1], "yes"), ("commune", names[3], "no")])
    found = estimates.poststratified(answers, asked["transversality"], members)
    own = found.strata[found.strata["strata"] == "commune_stratum"]
    assert own["counted_with"].tolist() == [names[1], names[1], names[1], names[3]]
    assert found.table["share"].tolist() == [pytest.approx(9 / 12), pytest.approx(3 / 12)]


def test_poststratified_shares_with_a_full_census_are_the_shares(asked: Questionnaire, members: pd.DataFrame) -> None:
    answers = members.assign(transversality=["yes", "no", "yes"] * 19)
    found = estimates.poststratified(answers, asked["transversality"], members).table.set_index("category")
    yes = int((answers["transversality"] == "yes").sum())
    assert found.loc["yes", "share"] == pytest.approx(yes / 57)
    assert found.loc["yes", ["low", "high"]].tolist() == [yes, yes]
    assert found.loc["yes", "design_effect"] == pytest.approx(1)
