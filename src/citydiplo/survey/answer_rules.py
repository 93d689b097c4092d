"""
What is made of the answers to a form once each cell is read: questions that were not asked, choices with nothing
ticked, budgets.

Each rule changes the frame of values that it is given, and writes down what it did.
"""

import pandas as pd

from citydiplo.survey.account import Account
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.resources import BUDGET_CLASSES
from citydiplo.survey.tabulation import classed


def answered(values: pd.Series) -> pd.Series:
    """Whether a question has an answer; a multiple choice with nothing ticked has none."""
    return values.notna() & values.ne("").fillna(True).astype(bool)


def drop_not_asked(values: pd.DataFrame, questionnaire: Questionnaire, account: Account) -> None:
    """Drop the answers to questions that those who answered were not asked."""
    for question in questionnaire:
        if question.asked_if:
            given = values[question.asked_if.question_id].fillna("")
            codes = set(question.asked_if.codes)
            asked = given.map(lambda cell, codes=codes: not codes.isdisjoint(cell.split(";")))
            wrong = answered(values[question.id]) & ~asked.astype(bool)
            dropped = values.loc[wrong, question.id].astype("str")
            account.tell(dropped, "", question.id, "not_asked", "dropped_not_asked")
            account.note(dropped, "", question.id, "dropped_not_asked")
            values[question.id] = values[question.id].mask(wrong)


def empty_or_missing(values: pd.DataFrame, questionnaire: Questionnaire, account: Account) -> None:
    """Of a choice with nothing ticked: an answer if another question of its section has one, else missing."""
    given = values[[question.id for question in questionnaire]].apply(answered)
    for questions in questionnaire.sections().values():
        names = [question.id for question in questions]
        for question in questions:
            if question.type == "multiple":
                others = given[[name for name in names if name != question.id]].any(axis=1)
                none = ~given[question.id]
                empty = none & others & values[question.id].notna()
                values[question.id] = values[question.id].mask(none & ~others)
                account.note(values.loc[empty, question.id], "", question.id, "nothing_ticked")


def derive_budget_class(values: pd.DataFrame, account: Account) -> None:
    """The class of an amount, where no class is ticked; an amount outside its class is a problem."""
    amount = values["budget_amount"]
    classes = classed(amount, "budget_amount")
    missing = classes.notna() & values["budget_class"].isna()
    amounts = amount[missing].astype("str")
    account.note(amounts, classes[missing].to_numpy(), "budget_class", "class_from_amount")
    values["budget_class"] = values["budget_class"].mask(missing, classes).astype("str")
    differ = classes.notna() & (values["budget_class"] != classes)
    # At a bound, both classes are right.
    at_bound = amount.isin([low for low, _ in BUDGET_CLASSES.values()])
    shown = amount[differ & ~at_bound].astype("str")
    account.tell(shown, "", "budget_amount", "amount_outside_class", "kept_as_it_is")


def tell_required(values: pd.DataFrame, questionnaire: Questionnaire, targets: set[str], account: Account) -> None:
    """List the required questions without an answer, among those that the file has (``targets``)."""
    for question in questionnaire:
        if question.required and question.id in targets:
            lacking = values.loc[values[question.id].isna(), question.id].astype("str")
            account.tell(lacking, "", question.id, "required", "kept_as_it_is")
