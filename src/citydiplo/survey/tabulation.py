"""
Tables of the answers to a survey: one question, or a question crossed with the place or with another question.

Every table counts those who answered the question, among those of whom it was asked; where it crosses two, those who
answered both. It is in long form and says which question it shows, so that tables can be put end to end, given
intervals (`citydiplo.survey.estimates`) and made safe to publish (`citydiplo.survey.disclosure`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from citydiplo.collectivities import COMMUNE_STRATA, EPCI_KINDS, EPCI_STRATA, stratum
from citydiplo.survey.questionnaire import Choice, Question, Questionnaire
from citydiplo.survey.resources import BUDGET_CLASSES, STAFF_CLASSES

# The row of a crossed table that counts all its groups together.
EVERYONE = "everyone"

# Groups of collectivities that the study crosses its questions with: each name is a vocabulary. Its chart of active
# EPCI (source france-urbaine-inet-2021, l. 2221-2238) has three sizes of EPCI, made of the five strata.
PLACES = {
    "place_kind": ("commune", "epci"),
    "commune_stratum": tuple(COMMUNE_STRATA.values()),
    "epci_stratum": tuple(EPCI_STRATA.values()),
    "epci_size": ("under_200000", "from_200000_to_500000", "from_500000"),
}
EPCI_SIZES = {
    "under_200000": "under_200000",
    "from_200000_to_400000": "from_200000_to_500000",
    "from_400000_to_500000": "from_200000_to_500000",
    "from_500000_to_1000000": "from_500000",
    "from_1000000": "from_500000",
}

# Numbers that the study shows in classes.
CLASSES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "staff_count": STAFF_CLASSES,
    "budget_amount": BUDGET_CLASSES,
}


@dataclass(frozen=True)
class Ticks:
    """Which categories each row of a frame is in.

    Attributes
    ----------
    codes : tuple of str
        The categories, in order.
    ticked : array of bool
        Rows × categories.
    known : array of bool
        The rows that count: those who answered, or that the groups are about.
    """

    codes: tuple[str, ...]
    ticked: np.ndarray
    known: np.ndarray


def ticks(answers: pd.DataFrame, question: Question) -> Ticks:
    """Who ticked what, of those who answered a single or multiple question and of whom it was asked.

    An empty text answers a multiple question with no box ticked; a missing cell does not answer.

    Raises
    ------
    ValueError
        If the question has no choices, or an answer is none of them.
    """
    if not question.choices:
        raise ValueError(f"{question.id}: a question of type {question.type} has no choices to count")
    found = _ticked(answers[question.id], question.codes)
    known = found.known & asked(answers, question)
    return replace(found, ticked=found.ticked & known[:, None], known=known)


def _ticked(values: pd.Series, codes: Sequence[str]) -> Ticks:
    """Split lists of codes separated by ``;``: each distinct list once."""
    row, lists = pd.factorize(values)
    sets = [set(filter(None, each.split(";"))) for each in lists]
    if unknown := set().union(*sets) - set(codes):
        raise ValueError(f"{values.name}: no such answer: {', '.join(sorted(unknown))}")
    table = np.array([[code in ticked for code in codes] for ticked in [*sets, set()]], dtype=bool)
    return Ticks(tuple(codes), table[row], row >= 0)  # a missing cell is row -1: the empty set


def asked(answers: pd.DataFrame, question: Question) -> np.ndarray:
    """Of whom the question was asked: those who gave one of the answers that it depends on, or everybody."""
    if question.asked_if is None:
        return np.ones(len(answers), dtype=bool)
    row, lists = pd.factorize(answers[question.asked_if.question_id])
    wanted = set(question.asked_if.codes)
    return np.array([*(bool(wanted & set(each.split(";"))) for each in lists), False], dtype=bool)[row]


def places(frame: pd.DataFrame, by: str) -> Ticks:
    """Group collectivities.

    Parameters
    ----------
    frame : DataFrame
        Answers, or rows of `collectivities.directory`: columns kind and stratum.
    by : str
        A name of `PLACES`.
    """
    epci = frame["kind"].isin(EPCI_KINDS)
    groups = {
        "place_kind": frame["kind"].mask(epci, "epci").where(epci | (frame["kind"] == "commune")),
        "commune_stratum": frame["stratum"].where(frame["kind"] == "commune"),
        "epci_stratum": frame["stratum"].where(epci),
        "epci_size": frame["stratum"].where(epci).map(EPCI_SIZES),
    }
    return _ticked(groups[by], PLACES[by])


def single(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Count the answers to a question with one answer.

    Parameters
    ----------
    answers : DataFrame
        One row a respondent; the column of the question has one code.
    question : Question

    Returns
    -------
    DataFrame
        One row a choice, in the order of the questionnaire, those nobody gave included: question, category, count,
        base (those who answered) and share (between 0 and 1; missing where nobody answered).
    """
    return _counted(question.id, ticks(answers, question))


def multiple(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Count the boxes ticked in a question with several answers.

    Returns
    -------
    DataFrame
        As `single`, where share is the percentage of cases; then answers (all boxes ticked by all) and
        share_of_answers.
    """
    table = _counted(question.id, ticks(answers, question))
    answers_given = table["count"].sum()
    return table.assign(answers=answers_given, share_of_answers=_part(table["count"], answers_given))


def counted(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """The table of a question by its type: `single` or `multiple`."""
    return (multiple if question.type == "multiple" else single)(answers, question)


def _counted(question_id: str, found: Ticks) -> pd.DataFrame:
    base = int(found.known.sum())
    table = pd.DataFrame(
        {"question": question_id, "category": list(found.codes), "count": found.ticked.sum(axis=0), "base": base}
    )
    return table.assign(share=_part(table["count"], table["base"]))


def _part(count: pd.Series, whole: pd.Series | int) -> pd.Series:
    """A share; missing of nothing."""
    return count / pd.Series(whole, index=count.index, dtype="float64").replace(0, np.nan)


def crossed(answers: pd.DataFrame, question: Question, by: Question | str) -> pd.DataFrame:
    """Cross a question with groups of collectivities, or with another question: the study's pivot tables.

    Parameters
    ----------
    answers : DataFrame
    question : Question
        With choices.
    by : Question or str
        Another question with choices, or a name of `PLACES`.

    Returns
    -------
    DataFrame
        One row a group and a choice, groups and choices in their order, then the groups together (`EVERYONE`):
        question, by, group, category, count, base (those of the group who answered), share (of the group), total
        (those of all groups who gave the answer) and share_of_total.
    """
    cells = ticks(answers, question)
    groups = places(answers, by) if isinstance(by, str) else ticks(answers, by)
    return cross(question.id, cells, by if isinstance(by, str) else by.id, groups)


def cross(question: str, cells: Ticks, by: str, groups: Ticks) -> pd.DataFrame:
    """`crossed`, from categories and groups that are already known: to cross many questions, read each once."""
    known = cells.known & groups.known
    everyone = np.column_stack([groups.ticked, np.ones(len(known), dtype=bool)])[known].astype(float)
    # Floats multiply much faster than integers, and hold counts exactly.
    counts = (everyone.T @ cells.ticked[known]).astype(int)
    bases = everyone.sum(axis=0).astype(int)
    size = len(cells.codes)
    table = pd.DataFrame(
        {
            "question": question,
            "by": by,
            "group": np.repeat(np.array([*groups.codes, EVERYONE], dtype=object), size),
            "category": np.tile(np.array(cells.codes, dtype=object), len(bases)),
            "count": counts.ravel(),
            "base": np.repeat(bases, size),
            "total": np.tile(counts[-1], len(bases)),
        }
    ).astype({"group": "str", "category": "str"})
    table.insert(6, "share", _part(table["count"], table["base"]))
    return table.assign(share_of_total=_part(table["count"], table["total"]))


@dataclass(frozen=True)
class Summary:
    """A number asked of the respondents, in its unit (people, euros…).

    Attributes
    ----------
    question : str
    count : int
        Those who gave it.
    mean, least, lower_quartile, median, upper_quartile, most : float
        NaN where nobody did. Quartiles are interpolated between the two nearest numbers.
    """

    question: str
    count: int
    mean: float
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    most: float


def numeric(answers: pd.DataFrame, question: Question) -> Summary:
    """Summarise the answers to a question of type integer or amount."""
    numbers = _numbers(answers, question)
    least, lower, median, upper, most = numbers.quantile([0, 0.25, 0.5, 0.75, 1])
    return Summary(question.id, len(numbers), float(numbers.mean()), least, lower, median, upper, most)


def _numbers(answers: pd.DataFrame, question: Question) -> pd.Series:
    if question.type not in ("integer", "amount"):
        raise ValueError(f"{question.id}: a question of type {question.type} is no number")
    return answers.loc[asked(answers, question), question.id].dropna().astype(float)


def classes(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Count the numbers given in the study's classes (see `classed`): a table as `single` gives it.

    Raises
    ------
    KeyError
        If the study has no classes for this question (see `CLASSES`).
    """
    return _counted(
        question.id, _ticked(classed(_numbers(answers, question), question.id), tuple(CLASSES[question.id]))
    )


def classed(numbers: pd.Series, question_id: str) -> pd.Series:
    """The class of each number: codes of the study, missing where the number is.

    Where one class ends on the bound on which the next begins, the number at the bound is in the upper class, but for
    the open one.
    """
    classes = CLASSES[question_id]
    found = stratum(numbers, {int(low): code for code, (low, _) in classes.items()})
    # As the study words them: 100 000 € are no « moins de 100 000 € », and 1 000 000 € no « plus de 1 000 000 € ». Of
    # « de 100 000 à 300 000 € » and « de 300 000 à 1 000 000 € », either could have 300 000 €: as with 100 000 €, the
    # upper one.
    last_closed, end = [(code, high) for code, (_, high) in classes.items()][-2]
    return found.mask(numbers.eq(end).fillna(False).astype(bool), last_closed)


def derive(answers: pd.DataFrame) -> pd.DataFrame:
    """Add the column staff_class, which the questionnaire does not ask, to a copy of the answers."""
    return answers.assign(staff_class=classed(answers["staff_count"], "staff_count"))


def derived(questionnaire: Questionnaire, labels: pd.DataFrame) -> Questionnaire:
    """Add the question staff_class, which `derive` answers, to the questionnaire, next to staff_count.

    Parameters
    ----------
    questionnaire : Questionnaire
    labels : DataFrame
        The table labels.
    """
    rows = labels[labels["vocabulary"] == "staff_class"]
    choices = tuple(Choice(row.code, row.label_fr, row.label_en) for row in rows.itertuples())
    asked_for = questionnaire["staff_count"]
    made = replace(asked_for, id="staff_class", type="single", choices=choices, list_name="staff_class", required=False)
    at = questionnaire.questions.index(asked_for) + 1
    return Questionnaire((*questionnaire.questions[:at], made, *questionnaire.questions[at:]))
