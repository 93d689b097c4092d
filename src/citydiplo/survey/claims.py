"""What each printed figure says of the respondents: how many gave which answers, out of how many.

The reconstruction takes its constraints from these claims, and the account of it takes its verdicts.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from citydiplo.collectivities import COMMUNE_STRATA
from citydiplo.survey.evidence import nearest_counts
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.register import base_of, bounds
from citydiplo.survey.tabulation import EPCI_SIZES, PLACES

# Column → the values of which a row has one; no value: the row has an answer.
Conditions = Mapping[str, Collection[Any]]
ANSWERED: Collection[Any] = ()

# The charts of activity by size: their strata, and the size classes of the questionnaire that each of theirs joins.
ACTIVITY: Mapping[str, tuple[str, Mapping[str, tuple[str, ...]]]] = {
    "commune_activity": ("commune_stratum", {code: (code,) for code in COMMUNE_STRATA.values()}),
    "epci_activity": (
        "epci_stratum",
        {size: tuple(code for code, wider in EPCI_SIZES.items() if wider == size) for size in PLACES["epci_size"]},
    ),
}
SMALL_COMMUNES: Conditions = {
    "kind": ("commune",),
    "strata": ("commune_stratum",),
    "stratum": ("under_100000", "from_100000_to_200000"),
}

# Where the study gives no base, that of the questions beside it is taken: see reconstruction_notes.csv.
BASES_TAKEN = {
    "leadership": "staff_class",
    "attachment": "staff_class",
    "transversality": "staff_class",
    "need": "respondents",
    "expectation": "respondents",
}

# Topics of the register on which a respondent has a say, besides those that the questions feed.
MORE_TOPICS = ("epci_activity", "staff_level", "staff_few", "twinning_cities", "citizens_associations")

# Shares that no count gives on their base, says the audit: the nearest count is taken, or none where it contradicts the
# other shares of the chart.
NEAREST = ("citizens-10-chart",)
UNMET = ("citizens-absent-text",)


@dataclass(frozen=True)
class Claim:
    """What a printed figure says of the respondents.

    Attributes
    ----------
    figure_id : str
    counted, among : mapping
        Conditions on the answers of those who are counted, and of those who make up the base.
    low, high : float
        The least and the greatest number of counted rows, or percentage of the base where ``percent``, or mean of
        ``weight`` over the base.
    percent : bool
    weight : str or None
        The column of numbers of which the figure is the mean.
    base : int or None
        Size of the base, where known or taken.
    closest : bool
        A percentage « more than » or « nearly » so much: the reconstruction keeps within one respondent of it.
    """

    figure_id: str
    counted: Conditions
    among: Conditions
    low: float
    high: float
    percent: bool = False
    weight: str | None = None
    base: int | None = None
    closest: bool = False


def in_scope(figures: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """The printed figures on which the answers of respondents have a say."""
    topics = {question.feeds for question in asked if question.feeds} | set(MORE_TOPICS)
    return figures[figures["topic"].isin(topics)]


def bases(figures: pd.DataFrame) -> dict[str, int]:
    """The number of answers to the question of each topic: printed, inferred, or taken from another topic."""
    known = base_of(figures).groupby(figures["topic"]).first().dropna().astype(int).to_dict()
    known["respondents"] = int(figures.set_index("figure_id").loc["respondents-all", "value"])
    return known | {topic: known[other] for topic, other in BASES_TAKEN.items()}


def reading_order(figures: pd.DataFrame, topic: str) -> dict[str, str]:
    """Give the ambiguous numbers of a chart the first categories left, both in the order of reading.

    Returns
    -------
    dict
        figure_id → category.
    """
    rows = figures[(figures["topic"] == topic) & (figures["assignment"] == "ambiguous")]
    allowed = rows["possible"].str.split(";")
    order = next(codes for codes in product(*allowed) if len(set(codes)) == len(codes))
    return dict(zip(rows["figure_id"], order, strict=True))


def activity_cell(topic: str, category: str) -> Conditions:
    """The answers that a cell of a chart of activity counts."""
    strata, classes = ACTIVITY[topic]
    size, _, level = category.rpartition("_")
    return {"strata": (strata,), "stratum": classes[size], "activity": (level,)}


def activity_order(figures: pd.DataFrame, topic: str, answers: pd.DataFrame) -> dict[str, str]:
    """Find which cell of a chart of activity has each of its numbers.

    Raises
    ------
    ValueError
        If the answers do not give back the numbers of the chart in any order that the register allows.
    """
    rows = figures[figures["topic"] == topic]
    allowed = rows["possible"].str.split(";").tolist()
    cells = list(dict.fromkeys(code for codes in allowed for code in codes))
    counts = [int(holds(answers, activity_cell(topic, cell)).sum()) for cell in cells]
    wrong = np.array(
        [
            [cell not in codes or count != value for cell, count in zip(cells, counts, strict=True)]
            for codes, value in zip(allowed, rows["value"], strict=True)
        ]
    )
    numbers, places = linear_sum_assignment(wrong)
    if wrong[numbers, places].any() or sum(counts) != rows["value"].sum():
        raise ValueError(f"{topic}: {counts} are not the numbers of the chart")
    return {rows["figure_id"].iloc[number]: cells[place] for number, place in zip(numbers, places, strict=True)}


def claims(figures: pd.DataFrame, asked: Questionnaire) -> list[Claim]:
    """What the register says of the respondents, but for the charts of activity, whose cells are not known.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    asked : Questionnaire

    Returns
    -------
    list of Claim
        A figure has several where one sentence does not say it, none where no answer of a respondent can.
    """
    known = bases(figures)
    found: list[Claim] = []
    for figure in in_scope(figures, asked).itertuples():
        if figure.topic in STATISTICS:
            found += STATISTICS[figure.topic](figure, figures)
        elif (conditions := _conditions(figure, figures, asked)) is not None:
            found.append(_claim(figure, *conditions, _base(figure, conditions[1], asked, known)))
    return found


def holds(answers: pd.DataFrame, conditions: Conditions) -> pd.Series:
    """Which rows have an answer, or one of some answers, to each of some questions."""
    kept = pd.Series(True, index=answers.index)
    for column, values in conditions.items():
        cells = answers[column]
        kept &= cells.map(lambda cell, values=values: _has(cell, values)) if values else cells.notna()
    return kept


def _has(cell: Any, values: Collection[Any]) -> bool:
    """Whether a cell, which may hold several codes, has one of some values."""
    if pd.isna(cell):
        return False
    return any(code in values for code in (cell.split(";") if isinstance(cell, str) else [cell]))


def measure(claim: Claim, answers: pd.DataFrame) -> tuple[int, int, bool]:
    """How many rows a claim counts (or the total of its weight), among how many, and whether it then holds."""
    among = holds(answers, claim.among)
    counted = among & holds(answers, claim.counted)
    count, base = int(counted.sum()), int(among.sum())
    if claim.weight:
        count = int(answers.loc[counted, claim.weight].sum())
    number = count / base if claim.weight else 100 * count / base if claim.percent else count
    return count, base, claim.low <= number <= claim.high and claim.base in (None, base)


def _conditions(figure: Any, figures: pd.DataFrame, asked: Questionnaire) -> tuple[Conditions, Conditions] | None:
    """Whom a figure counts, among whom; None if the answers of respondents do not say it."""
    if figure.topic in ACTIVITY or figure.figure_id in UNMET:
        return None
    for named in (figure.figure_id, (figure.topic, figure.category)):
        if named in SPECIAL:
            return SPECIAL[named]
    category = figure.category
    if figure.assignment == "ambiguous":
        category = reading_order(figures, figure.topic)[figure.figure_id]
    if figure.topic == "staff_class":
        return {"staff_class": (category,)}, {"staff_class": ANSWERED}
    for question in asked:
        if question.feeds == figure.topic and category in question.codes:
            return {question.id: (category,)}, {question.id: ANSWERED}
    return None


def _base(figure: Any, among: Conditions, asked: Questionnaire, known: Mapping[str, int]) -> int | None:
    """The base of a figure: its own, else that of the question of which it is a share."""
    own = [int(base) for base in (figure.base, figure.inferred_base) if pd.notna(base)]
    topics = [question.feeds for question in asked if question.id in among and question.feeds]
    return next(iter([*own, *(known[topic] for topic in topics)]), None) if among else None


def _claim(figure: Any, counted: Conditions, among: Conditions, base: int | None) -> Claim:
    percent = figure.unit == "percent"
    low, high = bounds(figure)
    if figure.figure_id in NEAREST and base:
        nearest = min(nearest_counts(int(figure.value), base), key=lambda count: abs(100 * count / base - figure.value))
        low, high = 100 * nearest / base - 0.5, 100 * nearest / base + 0.5
    closest = percent and figure.qualifier in ("more_than", "nearly")
    return Claim(figure.figure_id, counted, among, low, high, percent, base=base, closest=closest)


def _staff_level(figure: Any, figures: pd.DataFrame) -> Iterator[Claim]:
    """A mean, or the staff of a team: how many respondents have just this number."""
    among, base = {"staff_count": ANSWERED}, int(base_of(figures)[figures["topic"] == "staff_class"].iloc[0])
    if figure.category == "mean":
        low, high = figure.value - 0.5, figure.value + 0.5
        yield Claim(figure.figure_id, {}, among, low, high, weight="staff_count", base=base)
        return
    teams = figures[(figures["topic"] == "staff_level") & ~figures["category"].isin(["mean", "most"])]
    alike = int((teams["value"] == figure.value).sum())
    yield Claim(figure.figure_id, {"staff_count": (int(figure.value),)}, among, alike, alike, base=base)


def _budget_level(figure: Any, figures: pd.DataFrame) -> Iterator[Claim]:
    """The median: the two middle budgets have it. The largest: some respondent is in the highest class."""
    base = int(base_of(figures)[figures["topic"] == "budget_class"].iloc[0])
    among = {"budget_amount": ANSWERED}
    if figure.category == "largest":
        yield Claim(figure.figure_id, {"budget_class": ("over_1000000",)}, among, 1, math.inf, base=base)
    if figure.category == "median":
        value = int(figure.value)
        for up_to, low, high in ((value, base // 2 + 1, math.inf), (value - 1, 0, base // 2 - 1)):
            yield Claim(figure.figure_id, {"budget_amount": range(up_to + 1)}, among, low, high, base=base)


STATISTICS = {"staff_level": _staff_level, "budget_level": _budget_level}

# Figures that count something else than one answer: whom they count, among whom.
SPECIAL: Mapping[Any, tuple[Conditions, Conditions]] = {
    ("respondents", "all"): ({}, {}),
    ("respondents", "communes"): ({"kind": ("commune",)}, {}),
    ("respondents", "epci"): ({"kind": ("epci",)}, {}),
    ("respondents", "shared_service"): ({"answered_for": ("shared_service",)}, {}),
    ("citizens_place", "absent_or_rather_absent"): (
        {"citizens_place": ("rather_absent", "absent")},
        {"citizens_place": ANSWERED},
    ),
    "staff-few": ({"staff_class": ("from_0_to_2",)}, {"staff_class": ANSWERED}),
    "twinning-cities": ({"form": ("twinning",), "kind": ("commune",)}, {"form": ("twinning",)}),
    "transversality-organisation": ({"transversality": ("yes",)}, {"transversality": ANSWERED}),
    "transversality-domains": ({"transversality": ("yes",), "form": ANSWERED}, {"form": ANSWERED}),
    ("assistance", "received"): ({"assistance": ("yes",)}, {"assistance": ANSWERED}),
    ("assistance", "satisfied"): ({"assistance_satisfied": ("yes",)}, {"assistance_satisfied": ANSWERED}),
    ("assistance", "complex"): ({"assistance_complex": ("yes",)}, {"assistance_complex": ANSWERED}),
    ("assistance", "none_small_communes"): ({"assistance": ("no",), **SMALL_COMMUNES}, {"assistance": ("no",)}),
}
