"""What a wave of the survey has of each answer: counts that were printed, or those of the answers."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from citydiplo.survey.change import Sample, Strata
from citydiplo.survey.evidence import nearest_counts
from citydiplo.survey.questionnaire import Question, Questionnaire
from citydiplo.survey.register import base_of, bounds
from citydiplo.survey.tabulation import places, ticks

# What the study calls the « yes » to a question; it prints two shares of transversality without a name.
YES = {
    "assistance": "received",
    "assistance_satisfied": "satisfied",
    "assistance_complex": "complex",
    "transversality": "",
}


@dataclass(frozen=True)
class Printed:
    """A wave of which only figures were published.

    Attributes
    ----------
    figures : DataFrame
        Its rows of published_figures: see `register.of_wave`.
    members : int
        The members asked.
    """

    figures: pd.DataFrame
    members: int


@dataclass(frozen=True)
class Answered:
    """A wave of which the answers are known.

    Attributes
    ----------
    questionnaire : Questionnaire
        As it was asked; with the questions that were derived: see `tabulation.derived`.
    answers : DataFrame
        One row a collectivity: collectivity_id, and a column for each question with choices.
    members : DataFrame
        Rows of `collectivities.directory`: all to whom the questionnaire was sent.

    Raises
    ------
    ValueError
        If an answer comes from none of the members, or two from one.
    """

    questionnaire: Questionnaire
    answers: pd.DataFrame
    members: pd.DataFrame

    def __post_init__(self) -> None:
        ids = self.answers["collectivity_id"]
        if wrong := sorted(set(ids[ids.duplicated() | ~ids.isin(self.members.index)])):
            raise ValueError(f"not one answer from a member asked: {', '.join(wrong)}")


def given_by(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Who gave which answer: one row a collectivity that answered the question, a column an answer, true or false.

    Of a question answered by yes or no, only the yes.
    """
    found = ticks(answers, question)
    table = pd.DataFrame(found.ticked, index=answers["collectivity_id"], columns=list(found.codes))[found.known]
    return table[["yes"]] if set(found.codes) == {"yes", "no"} else table


def printed_sample(wave: Printed, question: Question, category: str) -> tuple[Sample | None, str | None]:
    """What was printed of an answer, and why it cannot serve (a code of wave_reason)."""
    printed = wave.figures[wave.figures["topic"] == question.feeds]
    printed = printed[printed["place"] == ("chart" if (printed["place"] == "chart").any() else "text")]
    placed = printed["category"].fillna(printed["possible"]).fillna("").str.split(";")
    rows = printed[[YES.get(question.id, category) in codes for codes in placed]]
    if rows.empty:
        return None, "not_printed"
    if pd.isna(base_of(rows).iloc[0]):
        return None, "base_unknown"
    base = int(base_of(rows).iloc[0])
    counts = sorted({count for figure in rows.itertuples() for count in _readings(figure, base)})
    same = (rows["base_label"] == question.base_label).all()
    return Sample(tuple(counts), base, wave.members), None if same else "base_differs"


def _readings(figure: Any, base: int) -> list[int]:
    """The counts that a printed figure can stand for; the two nearest where none gives it."""
    low, high = bounds(figure)
    whole = 100 if figure.unit == "percent" else base
    counts = [count for count in range(base + 1) if low * base <= whole * count <= high * base]
    return counts or nearest_counts(int(figure.value), base)


def answered_sample(wave: Answered, given: pd.Series) -> tuple[Sample | None, str | None]:
    """How many gave an answer, and why it cannot serve."""
    if given.empty:
        return None, "no_answer"
    return Sample((int(given.sum()),), len(given), len(wave.members)), None


def answered_strata(wave: Answered, given: pd.Series) -> tuple[Strata | None, str | None]:
    """How many communes and how many EPCI gave an answer, and why it cannot serve."""
    kinds = places(wave.members, "place_kind")
    groups = pd.DataFrame(kinds.ticked, index=wave.members.index, columns=list(kinds.codes))
    answered = groups.loc[given.index]
    parts = pd.DataFrame({"count": answered[given].sum(), "base": answered.sum(), "population": groups.sum()})
    parts = parts[parts["population"] > 0]
    return (Strata(parts), None) if (parts["base"] > 0).all() else (None, "no_answer")
