"""
What the printed figures leave open of two questions together: the Fréchet bounds of each pair of answers.

The study prints no cross-table but activity by size. Of two answers it says only how many gave each, and of how many:
how many gave both lies between two bounds, which no file of synthetic respondents can narrow. Questions that not all
answered need not have the same respondents. Where nothing ties two questions the bounds are Fréchet's; where a printed
figure does (22 of the 27 respondents with twinnings are communes), or a question is asked of some only, an integer
program over the sorts of respondents finds them.

References
----------
M. Fréchet, "Sur les tableaux de corrélation dont les marges sont données", Annales de l'Université de Lyon, section A
(9), 14, 1951.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, milp

from citydiplo.survey.claims import ACTIVITY, Claim, bases, claims, holds
from citydiplo.survey.questionnaire import Questionnaire

# Questions with printed figures that tie them to one another, or asked of the same respondents.
TIED = {
    "kind": "kind",
    "form": "action",
    "domain": "action",
    "transversality": "transversality",
    "assistance": "assistance",
    "assistance_satisfied": "assistance",
    "assistance_complex": "assistance",
}
NO_TICK = "no_answer_that_matters"


@dataclass(frozen=True)
class Margin:
    """What is printed of one answer.

    Attributes
    ----------
    column, code : str
        The question and the answer.
    low, high : int
        The least and the greatest number of respondents that the printed figures leave to it.
    exclusive : bool
        Whether who gives it gives no other answer to the question.
    """

    column: str
    code: str
    low: int
    high: int
    exclusive: bool


def margins(figures: pd.DataFrame, asked: Questionnaire) -> list[Margin]:
    """The answers of which the study prints a number, in every order of reading that the register allows.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    asked : Questionnaire
    """
    possible = figures.loc[figures["assignment"] == "ambiguous"].set_index("figure_id")["possible"]
    several = {question.id for question in asked if question.type == "multiple"}
    sure: dict[tuple[str, str], list[tuple[int, int]]] = {}
    alternatives: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for claim in claims(figures, asked):
        if claim.weight or len(claim.counted) != 1 or not set(claim.among) <= set(claim.counted):
            continue
        ((column, codes),) = claim.counted.items()
        if column in ("kind", "staff_class") or (column in {question.id for question in asked if question.choices}):
            order = possible.get(claim.figure_id)
            for code in order.split(";") if order else codes if len(codes) == 1 else ():
                (alternatives if order else sure).setdefault((column, code), []).append(_counts(claim))
    for answer, ends in alternatives.items():
        sure.setdefault(answer, []).append((min(low for low, _ in ends), max(high for _, high in ends)))
    for level in asked["activity"].codes:
        sure["activity", level] = [_activity(figures, level)]
    return [
        Margin(column, code, max(low for low, _ in ends), min(high for _, high in ends), column not in several)
        for (column, code), ends in sure.items()
        if (column, code) != ("kind", "epci")  # who is not a commune
    ]


def _counts(claim: Claim) -> tuple[int, int]:
    """The least and the greatest count that a claim allows."""
    unit = 100 / claim.base if claim.percent and claim.base else 1
    most = claim.base or math.inf
    return math.ceil(claim.low / unit - 1e-9), int(min(math.floor(min(claim.high, 1e9) / unit + 1e-9), most))


def _activity(figures: pd.DataFrame, level: str) -> tuple[int, int]:
    """The least and the greatest number of respondents of one level of activity, in all orders of the two charts."""
    ends = []
    for sign in (1, -1):
        total = 0
        for topic in ACTIVITY:
            rows = figures[figures["topic"] == topic]
            cells = sorted(set(rows["possible"].str.split(";").explode()))
            allowed = np.array([[cell in codes.split(";") for cell in cells] for codes in rows["possible"]])
            value = rows["value"].to_numpy(int)
            cost = np.outer(sign * value, [cell.endswith(f"_{level}") for cell in cells]).ravel()
            each = np.kron(np.eye(len(rows)), np.ones(len(cells)))
            once = np.kron(np.ones(len(rows)), np.eye(len(cells)))
            limits = [LinearConstraint(each, 1, 1), LinearConstraint(once, 0, 1)]
            found = milp(cost, constraints=limits, integrality=1, bounds=(0, allowed.ravel().astype(int)))
            total += round(found.fun)
        ends.append(sign * total)
    return ends[0], ends[1]


def frechet_bounds(figures: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """How many respondents may have given both of two answers, by all that the study prints.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    asked : Questionnaire

    Returns
    -------
    DataFrame
        One row a pair of answers to different questions, or to one with several answers: ``question``, ``code``,
        ``other_question``, ``other_code``, ``least`` and ``most`` (respondents), ``tied`` (whether a printed figure or
        the order of asking ties the two questions).
    """
    known = bases(figures)
    everybody = known["respondents"]
    every_claim = _distinct(claims(figures, asked))
    rows = []
    for one, other in combinations(margins(figures, asked), 2):
        columns = {one.column, other.column}
        if (len(columns) == 1 and one.exclusive) or columns == {"kind", "activity"}:
            continue  # answers that exclude each other, and the two that the charts of activity cross
        groups = {TIED.get(margin.column, margin.column) for margin in (one, other)}
        tied = groups <= set(TIED.values()) and groups != {"action"}
        if tied:
            least, most = _tied(one, other, every_claim, everybody)
        else:
            same = next(iter(groups)) if len(groups) == 1 else "respondents"
            least, most = free_bounds(one, other, known["form" if same == "action" else same])
        rows.append((one.column, one.code, other.column, other.code, least, most, tied))
    names = ["question", "code", "other_question", "other_code", "least", "most", "tied"]
    return pd.DataFrame(rows, columns=names)


def free_bounds(one: Margin, other: Margin, base: int) -> tuple[int, int]:
    """The bounds of Fréchet for two answers that nothing ties.

    Parameters
    ----------
    one, other : Margin
    base : int
        Number of those who answered both questions where the same did; else of all respondents, since who answered one
        question need not have answered the other.
    """
    return max(0, one.low + other.low - base), min(one.high, other.high)


def _distinct(every_claim: Sequence[Claim]) -> list[Claim]:
    """The claims without those that say the same as another: charts and text often do."""
    return list({repr(replace(claim, figure_id="", closest=False)): claim for claim in every_claim}.values())


def _tied(one: Margin, other: Margin, every_claim: Sequence[Claim], everybody: int) -> tuple[int, int]:
    """The bounds where printed figures tie the questions: how many respondents of each sort there may be."""
    sorts = _sorts([one, other])
    ticked = _ticked([one, other])
    limits = [LinearConstraint(np.ones(len(sorts)), everybody, everybody)]
    for claim in every_claim:
        conditions = {**claim.among, **claim.counted}
        told = all(column not in ("form", "domain") or set(v) <= ticked[column] for column, v in conditions.items())
        if told and set(conditions) <= set(sorts.columns):
            limits += _limits(claim, sorts)
    both = holds(sorts, {one.column: (one.code,)}) & holds(sorts, {other.column: (other.code,)})
    ends = [milp(sign * both.astype(int), constraints=limits, integrality=1) for sign in (1, -1)]
    return round(ends[0].fun), -round(ends[1].fun)


def _limits(claim: Claim, sorts: pd.DataFrame) -> Iterator[LinearConstraint]:
    among = holds(sorts, claim.among)
    if claim.base is not None:
        yield LinearConstraint(among.astype(int), claim.base, claim.base)
    yield LinearConstraint((among & holds(sorts, claim.counted)).astype(int), *_counts(claim))


def _sorts(pair: Sequence[Margin]) -> pd.DataFrame:
    """Every sort of respondent, by the answers that matter to a pair: one row each, written as answers."""
    groups = dict.fromkeys(["kind", *(TIED[margin.column] for margin in pair)])
    states = [list(_states(group, pair)) for group in groups]
    rows = [{column: cell for state in row for column, cell in state.items()} for row in product(*states)]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return pd.DataFrame(rows, columns=columns)


def _states(group: str, pair: Sequence[Margin]) -> Iterator[dict[str, str]]:
    """What a respondent may say to the questions of a group; nothing: he does not answer them."""
    if group == "kind":
        yield {"kind": "epci", "strata": "epci_stratum", "stratum": "under_200000"}
        for stratum in ("under_100000", "from_200000_to_400000"):
            yield {"kind": "commune", "strata": "commune_stratum", "stratum": stratum}
        return
    yield {}
    if group == "transversality":
        yield from ({"transversality": code} for code in ("yes", "no"))
    elif group == "assistance":
        helped = ({"assistance": "yes", "assistance_satisfied": code} for code in ("yes", "no"))
        for state, schemes in product([{"assistance": "no"}, *helped], ("yes", "no")):
            yield {**state, "assistance_complex": schemes}
    else:
        wanted = _ticked(pair)
        for forms, domains in product(_subsets(wanted["form"]), _subsets(wanted["domain"])):
            yield {"form": ";".join(forms) or NO_TICK, "domain": ";".join(domains) or NO_TICK}


def _ticked(pair: Sequence[Margin]) -> dict[str, set[str]]:
    """The forms and domains that matter to a pair: its own, and twinnings, which are counted by kind."""
    found: dict[str, set[str]] = {"form": {"twinning"}, "domain": set()}
    for margin in pair:
        found.setdefault(margin.column, set()).add(margin.code)
    return found


def _subsets(codes: set[str]) -> Iterator[tuple[str, ...]]:
    ordered = sorted(codes)
    for size in range(len(ordered) + 1):
        yield from combinations(ordered, size)
