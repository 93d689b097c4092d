"""
Any table of answers, told by a file which column is which question.

The mapping is a CSV file with the columns ``column`` and ``question_id``, and where they help ``answer_in_file`` and
``code``:

- one row a column of the table: ``question_id`` is a question, ``response_id`` (what identifies an answer) or
  ``submitted_at`` (when it was sent; empty if it was not);
- further rows for answers that are neither codes nor labels: ``answer_in_file`` is the answer as it stands in the
  column, ``code`` what it means;
- of a multiple choice with one column an answer, ``code`` alone says which one the column ticks.
"""

from pathlib import Path

import pandas as pd

from citydiplo.errors import DataError, Problem
from citydiplo.imports import sheets
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.responses import META, Column, folded

REQUIRED = ("column", "question_id")
FIELDS = (*REQUIRED, "answer_in_file", "code")


def read(path: Path) -> pd.DataFrame:
    """Read a mapping: text in the columns of `FIELDS`, missing cells empty, indexed by row.

    Raises
    ------
    DataError
        If it lacks ``column`` or ``question_id``, as a column or in a row.
    """
    frame, _ = sheets.read(path)
    lacking = [name for name in REQUIRED if name not in frame.columns]
    if lacking:
        have = f"the columns {', '.join(frame.columns)[:200]}"
        raise DataError([Problem(path.name, 1, None, have, f"a column {name}") for name in lacking])
    mapping = frame.reindex(columns=pd.Index(FIELDS)).astype("str").fillna("").apply(lambda column: column.str.strip())
    empty = [(row, name) for row, cells in mapping.iterrows() for name in REQUIRED if not cells[name]]
    if empty:
        raise DataError([Problem(path.name, row, name, "an empty cell", f"a {name}") for row, name in empty])
    return mapping


def columns(
    file: str, frame: pd.DataFrame, mapping: pd.DataFrame, questionnaire: Questionnaire
) -> tuple[list[Column], dict[str, dict[str, str]]]:
    """The columns that a mapping names, and the answers that it explains.

    Parameters
    ----------
    file : str
        Name of the mapping's file, for messages.
    frame : DataFrame
        The table, from `citydiplo.imports.sheets.read`.
    mapping : DataFrame
        From `read`.
    questionnaire : Questionnaire

    Returns
    -------
    columns : list of Column
    words : dict
        question_id → answer in the file (folded) → code.

    Raises
    ------
    DataError
        Listing every column that the table lacks, every question and every code that the questionnaire lacks.
    """
    codes = {question.id: question.codes for question in questionnaire} | dict.fromkeys(META, ())
    problems: list[Problem] = []
    found: dict[Column, None] = {}
    words: dict[str, dict[str, str]] = {}
    for row in mapping.itertuples():
        if row.column not in frame.columns:
            have = f"one of {', '.join(frame.columns)[:400]}"
            problems.append(Problem(file, row.Index, "column", f"« {row.column} », not in the table", have))
        if row.question_id not in codes:
            problems.append(Problem(file, row.Index, "question_id", row.question_id, f"one of {', '.join(codes)}"))
        elif row.code and row.code not in codes[row.question_id]:
            known = ", ".join(codes[row.question_id]) or "no code: this question has none"
            problems.append(Problem(file, row.Index, "code", row.code, f"one of {known}"))
        if row.answer_in_file:
            words.setdefault(row.question_id, {})[row.answer_in_file] = row.code
        found[Column(row.column, row.question_id, "" if row.answer_in_file else row.code)] = None
    if problems:
        raise DataError(problems)
    return list(found), {question_id: folded(answers) for question_id, answers in words.items()}
