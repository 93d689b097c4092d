"""The analysis plan, declared before the first answer: table by table, who is counted, how, and what is not shown.

The plan is a plain value made from the questionnaire alone. Results quote its SHA-256: a table that the plan does not
hold, or a method chosen afterwards, would show.
"""

import dataclasses
from typing import Any

from citydiplo.forms.canonical import canonical, sha256
from citydiplo.survey.questionnaire import Question, Questionnaire
from citydiplo.survey.resources import BUDGET_CLASSES, INFINITY, STAFF_CLASSES
from citydiplo.survey.suppression import THRESHOLD
from citydiplo.survey.tabulation import PLACES

LEVEL = 0.95
REFERENCE_WAVE = "2021"

Plan = dict[str, Any]

# Published topics whose answers are classes of a number.
CLASSES = {"budget_class": BUDGET_CLASSES, "staff_class": STAFF_CLASSES}

# The members that the respondents of a base stand for, where they are not all the members.
POPULATIONS = {"respondents_communes": "member_communes", "respondents_epci": "member_epci"}

SHARES = {"single": ["share"], "multiple": ["share_of_cases", "share_of_answers"]}


def build(questionnaire: Questionnaire) -> Plan:
    """The plan of a questionnaire.

    Returns
    -------
    dict
        Ready for JSON. ``tables`` has one entry a question that is counted, in the order of the form: ``question``,
        ``topic`` (of published_figures, None if the study published no such table), ``base`` (``label``, ``rule`` and,
        for a question that only some are asked, ``asked_if``), ``population`` (None if nobody knows how many members
        are concerned), ``categories``, ``classes`` (bounds, the upper one None if open), ``methods``, ``crossed_by``
        (of `tabulation.PLACES`), ``comparison`` (None without a published table) and ``disclosure``.
        ``not_tabulated`` lists the texts.
    """
    return {
        "format": 1,
        "questionnaire": sha256(dataclasses.asdict(questionnaire)),
        "reference_wave": REFERENCE_WAVE,
        "level": LEVEL,
        "disclosure": {"smallest_cell": THRESHOLD, "secondary": True},
        "tables": [_table(question) for question in questionnaire if question.type != "text"],
        "not_tabulated": [question.id for question in questionnaire if question.type == "text"],
    }


def plan_hash(plan: Plan) -> str:
    """The SHA-256 of the plan, which is also that of the file that `written` gives."""
    return sha256(plan)


def written(plan: Plan) -> str:
    """The plan as JSON, for machines."""
    return canonical(plan)


def _table(question: Question) -> Plan:
    base: Plan = {"label": question.base_label, "rule": "answered"}
    if question.asked_if is not None:
        base["asked_if"] = {"question": question.asked_if.question_id, "codes": list(question.asked_if.codes)}
    classes = CLASSES.get(question.feeds or "", {})
    return {
        "question": question.id,
        "topic": question.feeds,
        "base": base,
        "population": None if question.asked_if else POPULATIONS.get(question.base_label or "", "members"),
        "categories": list(question.codes or classes),
        "classes": {code: [low, None if high == INFINITY else high] for code, (low, high) in classes.items()},
        "methods": _methods(question, bool(classes)),
        "crossed_by": list(PLACES),
        "comparison": _comparison(question),
        "disclosure": "none" if question.confidentiality == "open" else "suppress",
    }


def _methods(question: Question, classed: bool) -> list[str]:
    """Shares go with an interval and bounds, unless they are of a part of the members that nobody has counted."""
    counts = SHARES.get(question.type, ["share"] if classed else [])
    inferred = ["interval", "bounds"] if counts and question.asked_if is None else []
    if question.type in ("integer", "amount"):
        # The least and the greatest number are each the answer of one collectivity.
        levels = ["mean", "median", "quartiles", *(["range"] if question.confidentiality == "open" else [])]
    else:
        levels = ["grouped_median"] if classed else []
    return [*counts, *inferred, *levels]


def _comparison(question: Question) -> Plan | None:
    """How the result stands beside the wave of reference: a difference has an interval where both shares have one."""
    if question.feeds is None:
        return None
    inferred = question.asked_if is None and (bool(question.choices) or question.feeds in CLASSES)
    return {"wave": REFERENCE_WAVE, "method": "difference" if inferred else "side_by_side"}
