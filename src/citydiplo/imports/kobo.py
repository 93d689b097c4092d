"""
Exports of KoboToolbox (and of ODK, whose headings are alike).

What is relied on, as its exporter formpack has it (``reporting/export.py`` and ``schema/fields.py`` of
https://github.com/kobotoolbox/formpack):

- CSV is separated by ``;``, every cell in quotes; a workbook has the answers on its first sheet.
- Headings are XML names or labels in one language; with « include groups », the groups come first, separated by ``/``.
- A multiple choice is one column with codes or labels separated by spaces (« summary »), one column a choice headed
  ``question/choice`` with 1 or 0, empty where it was not asked (« details »), or both, the summary first. Older exports
  write True, False and « n/a ».
- Names beginning with ``_`` are added by the server: ``_id``, ``_uuid``, ``_submission_time`` (universal time)…;
  ``start`` and ``end`` are asked for in the form. Only an answer that was sent gets there.
"""

import pandas as pd

from citydiplo.imports.headings import Headings
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.responses import Column

SEPARATOR = "/"

# Columns that tell of the answer itself, the best first; the others of the server are understood and of no use.
IDENTIFIERS = ("_id", "_uuid", "meta/instanceID")
DATES = ("end", "_submission_time")
OTHERS = (*("start", "today", "username", "deviceid", "formhub/uuid", "meta/rootUuid"), *IDENTIFIERS, *DATES)


def columns(frame: pd.DataFrame, questionnaire: Questionnaire) -> list[Column]:
    """The columns that KoboToolbox's headings name; without a target, those that it adds itself.

    Parameters
    ----------
    frame : DataFrame
        From `citydiplo.imports.sheets.read`.
    questionnaire : Questionnaire
    """
    headings = Headings(questionnaire)
    identifier = next((name for name in IDENTIFIERS if name in frame.columns), None)
    date = next((name for name in DATES if name in frame.columns), None)
    meta = {identifier: "response_id", date: "submitted_at"}
    added = {name: name.startswith("_") or name in OTHERS for name in frame.columns}
    found = [Column(name, meta.get(name, "")) if added[name] else _column(name, headings) for name in frame.columns]
    return [column for column in found if column]


def _column(name: str, headings: Headings) -> Column | None:
    """What a heading names once its groups are left out, one after the other."""
    parts = name.split(SEPARATOR)
    for start in range(len(parts)):
        if question := headings.question(SEPARATOR.join(parts[start:])):
            return Column(name, question)
        for end in range(start + 1, len(parts)):
            question = headings.question(SEPARATOR.join(parts[start:end]))
            choice = question and headings.choice(question, SEPARATOR.join(parts[end:]))
            if question and choice:
                return Column(name, question, choice)
    return None
