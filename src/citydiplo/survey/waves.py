"""Two waves of the survey side by side: what changed, by how much, and where nobody can tell.

The first wave may be printed figures, of which the answers were never published, or answers like the second. A
difference is told apart from chance by the intervals of `citydiplo.survey.change`; it is told apart from a change of
those who answer by comparing again, with communes and EPCI at their weight among the members (poststratified), and
among those who answered both times (panel). Counts are not suppressed here: see `citydiplo.survey.disclosure`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from citydiplo.survey.change import Change, Sample, Strata, between, net_change, simultaneous, verdict
from citydiplo.survey.questionnaire import Question
from citydiplo.survey.samples import Answered, Printed, answered_sample, answered_strata, given_by, printed_sample

# How each view reckons its interval.
METHODS = {"all": "two_intervals", "poststratified": "strata", "panel": "net_change"}

# What a wave has of an answer, and why it cannot serve.
Side = tuple[Sample | Strata | None, str | None]


@dataclass(frozen=True)
class Comparison:
    """One answer in two waves.

    Attributes
    ----------
    question : Question
    category, view, method : str
        Codes; see wave_view and wave_method in labels.csv.
    overlap : int or None
        The collectivities that answered the question both times; None if it is not known who answered.
    first, second : Sample, Strata or None
        None: nothing to compare.
    change : callable or None
        The difference at a level; None if the two cannot be compared.
    reason : str or None
        Why not: a code of wave_reason.
    """

    question: Question
    category: str
    view: str
    method: str
    overlap: int | None
    first: Sample | Strata | None = None
    second: Sample | Strata | None = None
    change: Callable[[float], Change] | None = None
    reason: str | None = None

    @property
    def topic(self) -> str:
        """The topic of published_figures that the question measures, else the question."""
        return self.question.feeds or self.question.id


def compare(first: Printed | Answered, second: Answered, level: float = 0.95) -> pd.DataFrame:
    """Compare every answer of the questions of the second wave with the first.

    Parameters
    ----------
    first : Printed or Answered
    second : Answered
    level : float
        Confidence level of each interval, and of all those of a topic together.

    Returns
    -------
    DataFrame
        One row an answer and view (all who answered; poststratified; panel, between two waves of answers):

        - topic, question_id, category, view, method;
        - for each wave: ``first_counts`` (tuple: all that a printed figure can stand for), ``first_base``,
          ``first_least`` and ``first_most`` (shares), the same for ``second``; of printed figures, only the second
          wave is poststratified;
        - ``least`` and ``most`` (the difference of the shares, second minus first), ``low`` and ``high`` (its interval
          among all members, or in the panel among those who were members both times), ``verdict``;
        - ``comparisons`` (rows of the topic and view that could be compared), ``family_low``, ``family_high`` and
          ``family_verdict``: the same with intervals that all hold together with probability ``level`` at least
          (Bonferroni);
        - ``reason`` of a ``verdict`` of cannot_tell: a code of wave_reason; missing if one can tell;
        - ``overlap``: collectivities that answered both times; missing if it is not known.
    """
    pairs = _with_printed(first, second) if isinstance(first, Printed) else _with_answers(first, second)
    return tabulate(list(pairs), level)


def tabulate(comparisons: Sequence[Comparison], level: float) -> pd.DataFrame:
    """Work out the comparisons: see `compare`."""
    done = pd.Series([(c.topic, c.view) for c in comparisons if c.change], dtype="object").value_counts()
    rows = [_row(c, level, int(done.get((c.topic, c.view), 0))) for c in comparisons]
    return pd.DataFrame(rows).astype({"overlap": "Int64", "first_base": "Int64", "second_base": "Int64"})


def _row(comparison: Comparison, level: float, size: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "topic": comparison.topic,
        "question_id": comparison.question.id,
        "category": comparison.category,
        "view": comparison.view,
        "method": comparison.method,
    }
    for name in ("first", "second"):
        side = getattr(comparison, name)
        least, most = side.shares if side else (None, None)
        row |= {
            f"{name}_counts": side.counts if side else (),
            f"{name}_base": side.base if side else None,
            f"{name}_least": least,
            f"{name}_most": most,
        }
    none = Change(*[float("nan")] * 4)
    plain = comparison.change(level) if comparison.change else none
    family = comparison.change(simultaneous(level, size)) if comparison.change else none
    told = verdict(plain.low, plain.high)
    return row | {
        "least": plain.least,
        "most": plain.most,
        "low": plain.low,
        "high": plain.high,
        "verdict": told,
        "comparisons": size,
        "family_low": family.low,
        "family_high": family.high,
        "family_verdict": verdict(family.low, family.high),
        "reason": (comparison.reason or "interval") if told == "cannot_tell" else None,
        "overlap": comparison.overlap,
    }


def _with_printed(first: Printed, second: Answered) -> Iterator[Comparison]:
    for question in _with_choices(second):
        if question.feeds is None:
            continue
        given = given_by(second.answers, question)
        for category in given:
            before = printed_sample(first, question, category)
            yield _pair(question, category, "all", None, before, answered_sample(second, given[category]))
            yield _pair(question, category, "poststratified", None, before, answered_strata(second, given[category]))


def _with_answers(first: Answered, second: Answered) -> Iterator[Comparison]:
    before = {question.id: question for question in first.questionnaire}
    both = len(first.members.index.intersection(second.members.index))
    for question in _with_choices(second):
        new = given_by(second.answers, question)
        if question.id not in before or _asked(before[question.id]) != _asked(question):
            for category in new:
                nothing = (None, "question_differs")
                yield _pair(question, category, "all", None, nothing, answered_sample(second, new[category]))
            continue
        old = given_by(first.answers, question)
        twice = old.index.intersection(new.index)
        for category in new:
            was, now = old[category], new[category]
            for view, sides in (("all", answered_sample), ("poststratified", answered_strata)):
                yield _pair(question, category, view, len(twice), sides(first, was), sides(second, now))
            yield _panel(question, category, was[twice], now[twice], both)


def _with_choices(wave: Answered) -> list[Question]:
    return [question for question in wave.questionnaire if question.choices]


def _asked(question: Question) -> tuple[object, ...]:
    """What must be the same in two waves: the words, the answers, and of whom they are asked."""
    return question.type, question.wording_fr, question.codes, question.asked_if


def _pair(question: Question, category: str, view: str, overlap: int | None, first: Side, second: Side) -> Comparison:
    reason = "members_unknown" if question.asked_if else first[1] or second[1]
    change = partial(between, first[0], second[0]) if first[0] and second[0] and not reason else None
    return Comparison(question, category, view, METHODS[view], overlap, first[0], second[0], change, reason)


def _panel(question: Question, category: str, old: pd.Series, new: pd.Series, members: int) -> Comparison:
    """An answer among those who answered the question both times, of the members of both waves."""
    build = partial(Comparison, question, category, "panel", METHODS["panel"], len(old))
    if old.empty:
        return build(reason="no_answer")
    first, second = (Sample((int(wave.sum()),), len(old), members) for wave in (old, new))
    if question.asked_if:
        return build(first, second, reason="members_unknown")
    gained, lost = int((new & ~old).sum()), int((old & ~new).sum())
    return build(first, second, partial(net_change, gained, lost, len(old), members))
