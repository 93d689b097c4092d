"""
Synthetic respondents whose tables give back what the 2021 study printed.

The answers of 2021 were never published. One mixed-integer program holds a binary variable for each answer that each of
the 45 respondents may give, and one for whether he answers each question at all; the printed figures (see
`citydiplo.survey.claims`) are its constraints. Very many sets of answers satisfy them: random costs, drawn with a seed,
pick one. No association between two questions is sought, and none that is found means anything, but where the study
prints one: see `citydiplo.survey.frechet` for what the printed figures leave open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from citydiplo.survey.audit import INFINITY
from citydiplo.survey.claims import ACTIVITY, Claim, Conditions, activity_cell, bases, claims
from citydiplo.survey.evidence import nearest_counts
from citydiplo.survey.program import Expression, Program, add
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.resources import BUDGET_CLASSES, STAFF_CLASSES

KINDS = ("commune", "epci")
SEED = 2021

# Percentages are kept this far inside their rounding interval, in hundredths of a respondent: no tie is left to the
# convention of rounding.
INSIDE = 0.5


@dataclass(frozen=True)
class Block:
    """Answers given together: those of one question, or of several that depend on one another.

    Attributes
    ----------
    options : list of mapping
        Column → value of each thing that a respondent may say.
    exclusive : bool
        Whether he says one of them, or any number.
    answers : str or None
        Whether a respondent answers is the same variable for all blocks of this name; None: everybody answers.
    base : int
        How many answer.
    """

    options: list[dict[str, Any]]
    exclusive: bool
    answers: str | None
    base: int


def blocks(figures: pd.DataFrame, asked: Questionnaire) -> list[Block]:
    """What respondents may say, question by question; texts and added questions are not invented."""
    known = bases(figures)
    everybody = known["respondents"]
    levels = asked["activity"].codes
    sizes = [
        {"strata": strata, "stratum": stratum, "activity": level}
        for strata, classes in ACTIVITY.values()
        for stratum in (code for codes in classes.values() for code in codes)
        for level in levels
    ]
    whom = [{"answered_for": code} for code in asked["answered_for"].codes]
    helped = [{"assistance": "yes", "assistance_satisfied": code} for code in asked["assistance_satisfied"].codes]
    found = [
        Block(sizes, True, None, everybody),
        Block(whom, True, None, everybody),
        Block(_budgets(figures), True, "budget", known["budget_class"]),
        Block(_teams(figures), True, "staff", known["staff_class"]),
        Block([*helped, {"assistance": "no"}], True, "respondents_assistance", known["assistance"]),
    ]
    done = {column for block in found for option in block.options for column in option}
    for question in asked:
        if question.choices and question.origin != "added" and question.id not in done and question.feeds:
            options = [{question.id: code} for code in question.codes]
            # One published base for several questions: the same respondents.
            shared = question.base_label if question.base_label != "respondents" else question.id
            found.append(Block(options, question.type == "single", shared, known[question.feeds]))
    return found


def _budgets(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """Five amounts spread over each class, and the printed median where it is at the edge of one."""
    median = int(figures.set_index("figure_id").loc["budget-median", "value"])
    options = []
    for code, (low, high) in BUDGET_CLASSES.items():
        width = low if high == INFINITY else high - low
        amounts = {int(low + (2 * step + 1) * width / 10) for step in range(5)} | {median} & {low, high}
        options += [{"budget_class": code, "budget_amount": amount} for amount in sorted(amounts)]
    return options


def _teams(figures: pd.DataFrame) -> list[dict[str, Any]]:
    """Every number of the closed classes; in the open one, those that the study prints."""
    printed = figures.loc[(figures["topic"] == "staff_level") & (figures["category"] != "mean"), "value"]
    return [
        {"staff_class": code, "staff_count": count}
        for code, (low, high) in STAFF_CLASSES.items()
        for count in (sorted(set(printed.astype(int))) if high == INFINITY else range(low, int(high) + 1))
    ]


def reconstruct(figures: pd.DataFrame, asked: Questionnaire, seed: int = SEED) -> pd.DataFrame:
    """Make the synthetic respondents.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    asked : Questionnaire
    seed : int
        Of the random costs.

    Returns
    -------
    DataFrame
        The table reconstructed_2021: the same seed gives the same rows.

    Raises
    ------
    ValueError
        If no set of answers gives back the figures.
    """
    respondents = constrained(figures, asked, seed)
    values = respondents.program.solve()
    told = {column for block in respondents.parts for option in block.options for column in option}
    columns = [question.id for question in asked if question.id in told]
    rows = pd.DataFrame(respondents.told(values)).reindex(columns=["strata", "stratum", *columns])
    rows[["budget_amount", "staff_count"]] = rows[["budget_amount", "staff_count"]].astype("Int64")
    names = [f"synthetic-{number:02}" for number in range(1, len(rows) + 1)]
    first = pd.DataFrame({"response_id": names, "synthetic": "yes", "kind": respondents.kinds})
    return pd.concat([first, rows], axis="columns")


def constrained(figures: pd.DataFrame, asked: Questionnaire, seed: int = SEED) -> "Respondents":
    """The respondents as variables, with every printed figure as a requirement and random costs."""
    kinds = [kind for kind in KINDS for _ in range(_respondents(figures, kind))]
    respondents = Respondents(Program(), blocks(figures, asked), kinds, np.random.default_rng(seed))
    _sizes(respondents, figures)
    for claim in claims(figures, asked):
        respondents.keep(claim)
    return respondents


def _respondents(figures: pd.DataFrame, kind: str) -> int:
    figure = {"commune": "respondents-communes", "epci": "respondents-epci"}[kind]
    return int(figures.set_index("figure_id").loc[figure, "value"])


class Respondents:
    """The variables of the program, respondent by respondent."""

    def __init__(
        self, program: Program, parts: Sequence[Block], kinds: Sequence[str], chance: np.random.Generator
    ) -> None:
        self.program, self.parts, self.kinds = program, parts, kinds
        costs = [chance.uniform(-1, 1, (len(kinds), len(block.options))) for block in parts]
        self.said = [[[program.variable(cost) for cost in row] for row in block] for block in costs]
        self.answered: dict[str, list[int]] = {}
        for block, said in zip(parts, self.said, strict=True):
            if block.answers and block.answers not in self.answered:
                self.answered[block.answers] = [program.variable() for _ in kinds]
                program.require(dict.fromkeys(self.answered[block.answers], 1), block.base, block.base)
            for who, row in enumerate(said):
                self._answer(block, who, row)

    def _answer(self, block: Block, who: int, row: list[int]) -> None:
        """One answer, or at least one, from those who answer; none from the others."""
        if block.answers is None:
            self.program.require(dict.fromkeys(row, 1), 1, 1)
            return
        answered = {self.answered[block.answers][who]: -1.0}
        most = 0 if block.exclusive else INFINITY
        self.program.require(add(dict.fromkeys(row, 1.0), answered), 0, most)
        if not block.exclusive:
            for variable in row:
                self.program.require(add({variable: 1.0}, answered), -INFINITY, 0)

    def who(self, conditions: Conditions) -> Iterator[tuple[int, Expression]]:
        """Each respondent who may satisfy some conditions, and the sum of variables that is 1 if he does."""
        for who, kind in enumerate(self.kinds):
            if kind not in conditions.get("kind", KINDS):
                continue
            sums = [
                found
                for block, said in zip(self.parts, self.said, strict=True)
                if (found := self._sum(block, said[who], who, conditions)) is not None
            ]
            whole = sums[0]
            for other in sums[1:]:
                whole = {self.program.both(whole, other): 1.0}
            yield who, whole

    def _sum(self, block: Block, said: list[int], who: int, conditions: Conditions) -> Expression | None:
        """The variables of one block that satisfy the conditions on its columns; None if there are none."""
        wanted = {column: conditions[column] for column in conditions if any(column in o for o in block.options)}
        if not wanted:
            return None
        if not block.exclusive and not any(wanted.values()) and block.answers:
            return {self.answered[block.answers][who]: 1.0}
        return {
            variable: 1.0
            for variable, option in zip(said, block.options, strict=True)
            if all(column in option and (not v or option[column] in v) for column, v in wanted.items())
        }

    def total(self, conditions: Conditions) -> Expression:
        """The number of respondents who satisfy some conditions."""
        return {key: x for _, sums in self.who(conditions) for key, x in sums.items()}

    def keep(self, claim: Claim) -> None:
        """Make a claim hold; those on the number of respondents do already."""
        if claim.weight:
            self._mean(claim)
            return
        if not set(claim.counted) - {"kind"}:
            return
        counted = self.total({**claim.among, **claim.counted})
        if claim.base is not None:
            self.program.require(self.total(claim.among), claim.base, claim.base)
        if not claim.percent:
            self.program.require(counted, claim.low, claim.high)
            return
        base = claim.base or len(self.kinds)
        low, high = claim.low * base + INSIDE, claim.high * base - INSIDE
        if claim.closest:
            low, high = (low, low + 100) if high == INFINITY else (high - 100, high)
        self.program.require(dict.fromkeys(counted, 100.0), low, high)

    def _mean(self, claim: Claim) -> None:
        """The mean of a column of numbers: each respondent counts as many times as his number."""
        column = str(claim.weight)
        sums: dict[str, Expression] = {"low": {}, "high": {}}
        for block, said in zip(self.parts, self.said, strict=True):
            for row in said:
                for variable, option in zip(row, block.options, strict=True):
                    if column in option:
                        sums["low"][variable] = option[column] - claim.low
                        sums["high"][variable] = option[column] - claim.high
        self.program.require(sums["low"], INSIDE, INFINITY)
        self.program.require(sums["high"], -INFINITY, -INSIDE)

    def told(self, values: np.ndarray) -> list[dict[str, Any]]:
        """The cells of each respondent."""
        rows: list[dict[str, Any]] = [{} for _ in self.kinds]
        for block, said in zip(self.parts, self.said, strict=True):
            for row, variables in zip(rows, said, strict=True):
                chosen = [option for option, key in zip(block.options, variables, strict=True) if values[key]]
                for column in dict.fromkeys(column for option in chosen for column in option):
                    cells = [option[column] for option in chosen]
                    row[column] = cells[0] if block.exclusive else ";".join(cells)
        return rows


def _sizes(respondents: Respondents, figures: pd.DataFrame) -> None:
    """Kinds, strata and activity: each printed number in a cell of its own, no more answers than members.

    The charts of activity count one commune more and one EPCI less than answered: one EPCI of a shared service is
    counted with the communes.
    """
    program = respondents.program
    for kind, (strata, _) in zip(KINDS, ACTIVITY.values(), strict=True):
        own = {"kind": (kind,)}
        other = {"commune": "epci", "epci": "commune"}[kind]
        program.require(respondents.total({**own, "answered_for": (other,)}), 0, 0)
        for stratum, most in _members(figures, strata).items():
            program.require(respondents.total({**own, "strata": (strata,), "stratum": (stratum,)}), 0, most)
    program.require(respondents.total({"kind": ("commune",), "strata": ("epci_stratum",)}), 0, 0)
    shared = dict(respondents.who({"answered_for": ("shared_service",)}))
    for who, sums in respondents.who({"kind": ("epci",), "strata": ("commune_stratum",)}):
        program.require(add(sums, shared[who], -1), -INFINITY, 0)
    for topic in ACTIVITY:
        _activity(respondents, figures[figures["topic"] == topic], topic)


def _members(figures: pd.DataFrame, strata: str) -> Mapping[str, int]:
    """The most members that each size class may have, by the printed shares of members."""
    most: dict[str, int] = {}
    for row in figures[figures["topic"] == strata].itertuples():
        count = max(nearest_counts(int(row.value), int(row.base)))
        for code in (row.possible if pd.isna(row.category) else row.category).split(";"):
            most[code] = max(count, most.get(code, 0))
    return most


def _activity(respondents: Respondents, rows: pd.DataFrame, topic: str) -> None:
    """Give each number of a chart a cell of its own, and each cell as many respondents."""
    program = respondents.program
    cells: dict[str, Expression] = {}
    for row in rows.itertuples():
        places = {code: program.variable() for code in row.possible.split(";")}
        program.require(dict.fromkeys(places.values(), 1.0), 1, 1)
        for code, place in places.items():
            cells.setdefault(code, {})[place] = row.value
    for code, numbers in cells.items():
        program.require(dict.fromkeys(numbers, 1.0), 0, 1)
        program.require(add(respondents.total(activity_cell(topic, code)), numbers, -1), 0, 0)
