"""The questionnaire: complete, answerable, and tied to the study's passages and tables."""

import pandas as pd
import pytest

from citydiplo.data import Tables
from citydiplo.survey import questionnaire
from citydiplo.survey.questionnaire import Condition, Questionnaire


@pytest.fixture(scope="module")
def asked(tables: Tables) -> Questionnaire:
    return questionnaire.load(tables)


def test_what_the_study_asked_is_asked_again(asked: Questionnaire) -> None:
    feeds = {question.feeds for question in asked if question.origin != "added"}
    assert feeds >= {
        *("respondents", "carrier", "commune_activity", "budget_class", "budget_trend", "staff_class", "attachment"),
        *("transversality", "leadership", "form", "domain", "partner", "citizens_place", "assistance", "need"),
        "expectation",
    }


def test_every_answer_that_the_study_counts_can_be_given(asked: Questionnaire, tables: Tables) -> None:
    figures = tables["published_figures"]
    for question in asked:
        if question.choices and question.feeds == question.list_name:
            counted = set(figures.loc[figures["topic"] == question.feeds, "category"].dropna())
            sums = {"absent_or_rather_absent"}  # of two answers
            assert counted - sums <= set(question.codes), question.id


def test_added_questions_are_optional_but_for_the_code(asked: Questionnaire) -> None:
    added = [question.id for question in asked if question.origin == "added" and question.required]
    assert added == ["collectivity_code"]


def test_passages_are_those_of_the_figures(asked: Questionnaire, tables: Tables) -> None:
    figures = tables["published_figures"].groupby("topic")["locator"].agg(set)
    charts = {q.id: q.locator for q in asked if q.feeds in {"form", "domain", "budget_class", "budget_trend"}}
    assert all(locator in figures[asked[name].feeds] for name, locator in charts.items())


def test_conditions_and_sections(asked: Questionnaire) -> None:
    assert asked["assistance_satisfied"].asked_if == Condition("assistance", ("yes",))
    assert asked["citizens_place"].codes == ("driving", "stakeholders", "rather_absent", "absent")
    assert [question.id for section in asked.sections().values() for question in section] == [q.id for q in asked]


def changed(tables: Tables, **cells: str | None) -> Tables:
    """The tables with other cells in the row of the question assistance_satisfied."""
    rows = tables["questionnaire"].copy()
    rows.loc[rows["question_id"] == "assistance_satisfied", list(cells)] = list(cells.values())
    return tables | {"questionnaire": rows}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"asked_if": "assistance=maybe"}, "which no earlier question allows"),
        ({"asked_if": "expectation=other"}, "which no earlier question allows"),
        ({"vocabulary": None}, "a vocabulary goes with a choice"),
        ({"type": "integer"}, "a vocabulary goes with a choice"),
        ({"codes": "yes;perhaps"}, "perhaps not in yes_no"),
    ],
)
def test_what_cannot_be_asked(tables: Tables, cells: dict[str, str | None], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        questionnaire.load(changed(tables, **cells))


def test_wordings_are_our_own_in_both_languages(asked: Questionnaire) -> None:
    for question in asked:
        assert question.wording_fr != question.wording_en
        assert bool(question.hint_fr) == bool(question.hint_en)
        assert all(pd.notna(choice.label_fr) and choice.label_en for choice in question.choices)
