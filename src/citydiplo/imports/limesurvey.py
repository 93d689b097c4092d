"""
Exports of answers from LimeSurvey.

What is relied on, as its export writers have it (``application/helpers/admin/export`` of
https://github.com/LimeSurvey/LimeSurvey: Writer, CsvWriter, ExcelWriter, SurveyObj):

- CSV is UTF-8 with a byte order mark, separated by ``,`` or ``;``, every cell in quotes, with a blank line at the end;
  a cell that begins with ``=`` is given a quote.
- Headings are the code of the question (``form``), its text, or both (« form. Quelles formes… »); of a multiple choice,
  one column an answer, ``form[A01]`` or « Quelles formes… [Réseaux] ». Spaces may have become ``_``, and ``?`` a ``-``.
- Answers are codes or full texts. A tick is Y, « Oui » or « Yes »; without one the cell is empty, N, « Non » or « No »,
  and « N/A » where the question was not shown.
- ``id`` identifies the answer; ``submitdate`` is empty until it is sent (1980-01-01 if the survey keeps no dates); then
  ``lastpage``, ``startlanguage``, ``seed`` and others.

The codes of questions and answers are those of the kit's own LimeSurvey form: `citydiplo.forms.limesurvey`.
"""

import re

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.forms.limesurvey import answer_codes, question_codes
from citydiplo.imports.headings import Headings
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.responses import Column, folded

WITH_ANSWER = re.compile(r"(?P<question>.+?)[\s_]*\[(?P<answer>[^\[\]]*)\]\s*", re.DOTALL)
WITH_CODE = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9]*)(?:\[[A-Za-z0-9]+\])?\W(?P<text>.+)", re.DOTALL)

# Columns that LimeSurvey adds, by code and by text in both languages, folded: their target, if any.
META = {
    "id": "response_id",
    "response id": "response_id",
    "id de la reponse": "response_id",
    "submitdate": "submitted_at",
    "date submitted": "submitted_at",
    "date de soumission": "submitted_at",
}
META |= dict.fromkeys(
    (
        *("lastpage", "last page", "derniere page", "startlanguage", "start language", "langue de depart"),
        *("seed", "tete de serie", "startdate", "date started", "date de lancement", "datestamp"),
        *("date last action", "date de la derniere action", "ipaddr", "ip address", "adresse ip", "refurl"),
        *("referrer url", "url de reference", "token", "access code", "code d acces"),
    ),
    "",
)


def columns(frame: pd.DataFrame, questionnaire: Questionnaire) -> list[Column]:
    """The columns that LimeSurvey's headings name; without a target, those that it adds itself.

    Parameters
    ----------
    frame : DataFrame
        From `citydiplo.imports.sheets.read`.
    questionnaire : Questionnaire
    """
    names = _Names(questionnaire)
    found: list[Column] = []
    for name in frame.columns:
        if fold(name) in META:
            found.append(Column(name, META[fold(name)]))
        elif column := names.column(name):
            found.append(column)
    return found


def words(questionnaire: Questionnaire) -> dict[str, dict[str, str]]:
    """question_id → LimeSurvey's code of each answer (folded) → the code of the questionnaire."""
    return {
        question.id: folded({short: code for code, short in answer_codes(question).items()})
        for question in questionnaire
        if question.choices
    }


class _Names:
    """The questions and answers by LimeSurvey's code or by text."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.headings = Headings(questionnaire)
        self.codes = {code.lower(): question_id for question_id, code in question_codes(questionnaire).items()}
        self.answers = words(questionnaire)

    def column(self, name: str) -> Column | None:
        if question := self._question(name):
            return Column(name, question)
        if both := WITH_ANSWER.fullmatch(name):
            question = self._question(both["question"])
            choice = question and self._answer(question, both["answer"])
            if question and choice:
                return Column(name, question, choice)
        if both := WITH_CODE.fullmatch(name):
            # « form[A01]. Quelles formes… [Réseaux] »: the text must be the code's (« comment » is a French word).
            column = self.column(both["text"])
            if column and column.target == self.codes.get(both["code"].lower()):
                return Column(name, column.target, column.choice)
        return None

    def _question(self, heading: str) -> str | None:
        return self.codes.get(heading.strip().lower()) or self.headings.question(heading)

    def _answer(self, question_id: str, heading: str) -> str | None:
        short = self.answers.get(question_id, {}).get(fold(heading))
        return short or self.headings.choice(question_id, heading)
