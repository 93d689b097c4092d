"""
Tables that can be published: no answer of a few respondents shows, or can be computed from what shows.

Who answered is known, and what each answered is confidential, unless the question is open. So:

- A count under 3 is withheld, and nought with it: where the members of a group are known, « none of them » is an answer
  of each of them. (A nought in a group of which nobody answered is no answer of anybody, and is shown.) Of a box in a
  multiple question, those who did not tick it are a count too.
- Other counts are withheld so that sums give none of these back: of the table, and of all tables published with it
  (`citydiplo.survey.suppression`). Publish all tables of a wave in one call: what two calls show can be subtracted.
- A share or an interval tells its count, and goes with it.
- Readers are not told which counts are small and which protect them: three withheld counts that are known to be small
  and to sum to 6 are known. That is in `Published.review`, which stays with the answers.
- How many answered a question is always shown, unless that itself is an answer (to a question that it depends on, or
  with which it is crossed).

What is not checked: a question crossed with places in one table and with a second question in another tells something
of the three together, which no sum of the two holds; it can narrow the range of a small count.

Nothing here hides an answer from those who know the others in their own group: two of three can subtract themselves.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from citydiplo.language import Language
from citydiplo.survey.estimates import BOUNDS
from citydiplo.survey.questionnaire import Question
from citydiplo.survey.suppression import THRESHOLD, System, withhold
from citydiplo.survey.tabulation import EPCI_SIZES, EVERYONE, PLACES, Summary

# What identifies a count: the respondents for whom all these (question or groups, code) hold.
Key = tuple[tuple[str, str], ...]

ANSWERED, TICKS, UNTICKED, ELSEWHERE = "*", "#", "!", "?"

# The groups that some groups are a part of.
WITHIN = {"commune_stratum": "commune", "epci_stratum": "epci", "epci_size": "epci"}


@dataclass(frozen=True)
class Published:
    """Tables that can be shown.

    Attributes
    ----------
    tables : dict of DataFrame
        By name, the tables given, their cells that may not be told missing; mark is shown or secret.
    review : dict of DataFrame
        Not to be published: the same tables whole; mark is shown, primary (under 3) or secondary (withheld to protect
        another one).
    """

    tables: dict[str, pd.DataFrame]
    review: dict[str, pd.DataFrame]


def publish(tables: Mapping[str, pd.DataFrame], questions: Iterable[Question]) -> Published:
    """Withhold what may not be told of tables that are published together.

    Parameters
    ----------
    tables : mapping
        By name: tables of `tabulation.single`, `multiple` or `crossed`, with intervals or not; all of the same
        answers. They are not changed.
    questions : iterable of Question
        At least those that the tables show.

    Raises
    ------
    ValueError
        If a table shows a question whose answers never leave the file of answers.
    """
    asked = {question.id: question for question in questions}
    counts = _Counts(asked)
    for table in tables.values():
        counts.read(table)
    system, keys = counts.system()
    pattern = withhold(system)
    hidden = {key for key, withheld in zip(keys, pattern, strict=True) if withheld}
    small = {key for key, few in zip(keys, system.small, strict=True) if few}
    shown, review = {}, {}
    for name, table in tables.items():
        own = [_key(row, "count") for row in table.to_dict("records")]
        marks = ["primary" if key in small else "secondary" if key in hidden else "shown" for key in own]
        review[name] = table.assign(mark=marks)
        shown[name] = _shown(table, hidden)
    return Published(shown, review)


def _key(row: Mapping[str, object], part: str) -> Key:
    """What a row of a table counts: its category, its base, its total or all its ticks."""
    code = {"base": ANSWERED, "answers": TICKS}.get(part, row["category"])
    group = EVERYONE if part == "total" else row.get("group", EVERYONE)
    return _together((str(row["question"]), str(code)), *_group(row.get("by"), group))


def _group(by: object, group: object) -> list[tuple[str, str]]:
    """The condition that a group is; for everyone, what all the groups are a part of."""
    if by is None or (by == "place_kind" and group == EVERYONE):
        return []
    if group != EVERYONE:
        return [(str(by), str(group))]
    return [("place_kind", WITHIN[str(by)])] if by in WITHIN else [(str(by), ANSWERED)]


def _together(*conditions: tuple[str, str]) -> Key:
    return tuple(sorted(conditions))


def _weight(key: Key) -> float:
    """What withholding a count costs a reader: totals matter more than their parts, a number of ticks hardly."""
    if TICKS in dict(key).values():
        return 0.5
    if len(key) == 1:
        return 4.0
    return 2.0 if "place_kind" in dict(key) else 1.0


def _shown(table: pd.DataFrame, hidden: set[Key]) -> pd.DataFrame:
    """The table without what may not be told."""
    rows = table.to_dict("records")
    secret = {
        part: np.array([_key(row, part) in hidden for row in rows], dtype=bool)
        for part in ("count", "base", "total", "answers")
        if part in table
    }
    count = secret["count"]
    away = secret | dict.fromkeys(["share", *BOUNDS[1:]], count | secret["base"])
    for share, whole in (("share_of_total", "total"), ("share_of_answers", "answers")):
        if whole in table:
            away[share] = count | secret[whole]
    published = table.copy()
    for column, missing in away.items():
        if column in published:
            kind = "Int64" if pd.api.types.is_integer_dtype(published[column]) else published[column].dtype
            published[column] = published[column].astype(kind).mask(missing)
    return published.assign(mark=np.where(count, "secret", "shown"))


class _Counts:
    """The counts of tables that are published together, and the sums that tie them."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self.questions = questions
        self.values: dict[Key, int] = {}
        self.hidden: set[Key] = set()
        self.sums: list[tuple[Key, list[Key]]] = []

    def read(self, table: pd.DataFrame) -> None:
        """Add the counts that a table shows."""
        for row in table.to_dict("records"):
            question = self.questions[row["question"]]
            if question.confidentiality == "contact":
                raise ValueError(f"{question.id}: its answers never leave the file of answers")
            for part in ("count", "base", "total", "answers"):
                if part in row:
                    key, value = _key(row, part), int(row[part])
                    if self.values.setdefault(key, value) != value:
                        raise ValueError(f"tables of different answers: {value} and {self.values[key]} for {key}")

    def system(self) -> tuple[System, list[Key]]:
        """The system that a reader can solve, in an order that depends on the counts alone."""
        for key in sorted(self.values):
            self._tie_kinds(key)
        for key in sorted(self.values):
            self._tie(key)
        keys = sorted(self.values)
        at = {key: column for column, key in enumerate(keys)}
        entries = [
            (row, at[key], sign)
            for row, (whole, parts) in enumerate(sorted(self.sums))
            for key, sign in [(whole, -1), *((part, 1) for part in parts)]
        ]
        row, column, sign = np.array(entries, dtype=int).reshape(-1, 3).T
        equations = csr_matrix((sign.astype(float), (row, column)), shape=(len(self.sums), len(keys)))
        return System(self._cells(keys), equations), keys

    def _cells(self, keys: Sequence[Key]) -> pd.DataFrame:
        values = np.array([self.values[key] for key in keys])
        cells = pd.DataFrame(
            {
                "value": values,
                "secret": [self._secret(key) for key in keys],
                "hidden": [key in self.hidden for key in keys],
            }
        )
        # As few as can be, and of as many the smaller ones.
        cost = np.array([_weight(key) for key in keys]) + values / (1 + values.sum())
        ticks = np.array([TICKS in dict(key).values() and self._confidential(key) for key in keys], dtype=bool)
        optional = cells["secret"] | ticks
        return cells.assign(cost=np.where(optional, cost, np.inf))

    def _confidential(self, key: Key) -> bool:
        """Whether a question that is not open is among the conditions."""
        return any(name not in PLACES and self.questions[name].confidentiality != "open" for name, _ in key)

    def _secret(self, key: Key) -> bool:
        """Whether a count tells what some answered, and somebody could have."""
        if any(code[0] in TICKS + ELSEWHERE for _, code in key):
            return False
        for name, code in key:
            if name in PLACES:
                continue
            before = self.questions[name].asked_if
            told = self.questions[name] if code != ANSWERED else before and self.questions[before.question_id]
            if told and told.confidentiality != "open":
                return self._answerable(key)
        return False

    def _answerable(self, key: Key) -> bool:
        """Whether anybody has answered: if not, its nought says nothing of anybody."""
        base = _together(*((name, code if name in PLACES else ANSWERED) for name, code in key))
        return self.values.get(base, 1) > 0

    def _tie(self, key: Key) -> None:
        """Add the sums in which a count is a whole, or a part of a count that is not crossed."""
        for condition in key:
            name, code = condition
            rest = [other for other in key if other != condition]
            if code == TICKS:
                self._sum(key, [_together((name, choice), *rest) for choice in self.questions[name].codes])
            elif name in PLACES:
                self._tie_strata(key, name, code, rest)
            elif code == ANSWERED:
                self._tie_answers(key, self.questions[name], rest)

    def _tie_kinds(self, key: Key) -> None:
        """All collectivities are communes and EPCI: where only one kind is shown, the other is computed."""
        if any(name in PLACES for name, _ in key):
            return
        kinds = [_together(("place_kind", kind), *key) for kind in PLACES["place_kind"]]
        shown = [part for part in kinds if part in self.values]
        if shown:
            self._sum(key, shown, *(part for part in kinds if part not in shown))

    def _tie_strata(self, key: Key, name: str, code: str, rest: list[tuple[str, str]]) -> None:
        """A kind of collectivities is the sum of its strata, a size of EPCI that of one stratum or more."""
        for by, kind in WITHIN.items():
            if name == "place_kind" and kind == code:
                self._sum(key, [_together((by, group), *rest) for group in PLACES[by]])
        if name == "epci_size":
            self._sum(key, [_together(("epci_stratum", s), *rest) for s, size in EPCI_SIZES.items() if size == code])

    def _tie_answers(self, key: Key, question: Question, rest: list[tuple[str, str]]) -> None:
        """Those who answered: each with one choice, or having ticked a box or not; a part of those asked."""
        choices = [_together((question.id, code), *rest) for code in question.codes]
        if question.type == "single":
            self._sum(key, choices)
        else:
            for code, ticked in zip(question.codes, choices, strict=True):
                self._sum(key, [ticked], _together((question.id, UNTICKED + code), *rest))
        if rest:
            self._sum(_together(*rest), [key], _together((question.id, ELSEWHERE), *rest))
        before = question.asked_if
        if before and before.question_id not in dict(rest):
            asked = _together((question.id, ELSEWHERE + "asked"), *rest)
            parts = [_together((before.question_id, code), *rest) for code in before.codes]
            if all(part in self.values for part in parts):
                self._hide(asked, sum(self.values[part] for part in parts))
                self._sum(asked, parts)
                self._sum(asked, [key], _together((question.id, ELSEWHERE + "silent"), *rest))

    def _sum(self, whole: Key, parts: Sequence[Key], *others: Key) -> None:
        """Tie counts that are all known; ``others``, one at most, is the hidden count that makes up the whole."""
        if whole not in self.values or not all(part in self.values for part in parts):
            return
        for other in others:
            self._hide(other, self.values[whole] - sum(self.values[part] for part in parts))
        self.sums.append((whole, [*parts, *others]))

    def _hide(self, key: Key, value: int) -> None:
        self.values[key] = value
        self.hidden.add(key)


def summarised(summary: Summary, question: Question) -> Summary:
    """Withhold what may not be told of the numbers that respondents gave.

    Unless the question is open, the least and the greatest number, each the answer of one, are missing; a mean needs
    answers of `THRESHOLD` respondents, a quartile as many on each side of it.
    """
    if question.confidentiality == "open":
        return summary
    needed = {"mean": 1, "median": 2, "lower_quartile": 4, "upper_quartile": 4}
    withheld = ["least", "most", *(part for part, times in needed.items() if summary.count < times * THRESHOLD)]
    missing: dict[str, Any] = dict.fromkeys(withheld, math.nan)
    return replace(summary, **missing)


def note(published: Published, language: Language) -> str:
    """Tell readers why cells are missing; an empty text if none is."""
    if not any((table["mark"] == "secret").any() for table in published.tables.values()):
        return ""
    return language.text("disclosure.note", threshold=THRESHOLD)
