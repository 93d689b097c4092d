"""
The frame of answers that every table of the survey is made from: its columns, generated from the questionnaire.

Of a multiple choice, ``""`` is a question that was answered with nothing ticked, and a missing cell one that was not;
in ``answers.csv``, where both would be empty, the first is written `NOTHING_TICKED`.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa

from citydiplo.collectivities import COMMUNE_STRATA, EPCI_KINDS, EPCI_STRATA
from citydiplo.errors import DataError, Problem
from citydiplo.schemas import COMMUNE, SIREN
from citydiplo.spreadsheet import bare_cell
from citydiplo.survey.questionnaire import Question, Questionnaire

NOTHING_TICKED = "none"

# Who answers: the vocabularies of the size classes, by kind.
STRATA = {"commune": "commune_stratum"} | dict.fromkeys(EPCI_KINDS, "epci_stratum")


def columns(questionnaire: Questionnaire) -> dict[str, pa.Column]:
    """The columns of the answers, in order, with their types and what they may hold."""
    respondent = {
        "response_id": pa.Column("str", unique=True, description="Identifier of the answer in the survey tool"),
        "collectivity_id": pa.Column(
            "str", pa.Check.str_matches(f"^(?:{COMMUNE}|{SIREN})$"), unique=True, description="INSEE code or SIREN"
        ),
        "collectivity": pa.Column("str", description="Its name in the reference"),
        "kind": pa.Column("str", pa.Check.isin(list(STRATA)), description="Code of collectivity_kind"),
        "strata": pa.Column("str", pa.Check.isin(sorted(set(STRATA.values()))), description="Vocabulary of stratum"),
        "stratum": pa.Column(
            "str",
            pa.Check.isin([*COMMUNE_STRATA.values(), *EPCI_STRATA.values()]),
            nullable=True,
            description="Size class, as in collectivities.directory",
        ),
        "complete": pa.Column("bool", description="Whether the respondent reached the end"),
    }
    return respondent | {question.id: _column(question) for question in questionnaire}


def _column(question: Question) -> pa.Column:
    described: dict[str, Any] = {"nullable": True, "description": question.wording_en}
    if question.type == "single":
        return pa.Column("str", pa.Check.isin(list(question.codes)), **described)
    if question.type == "multiple":
        return pa.Column("str", pa.Check(_ticked(question), element_wise=True, name="codes"), **described)
    if question.type == "text":
        return pa.Column("str", **described)
    return pa.Column("Int64" if question.type == "integer" else "Float64", pa.Check.ge(0), **described)


def _ticked(question: Question) -> Callable[[str], bool]:
    """Whether a cell has codes of the question, in its order, each once."""
    place = {code: number for number, code in enumerate(question.codes)}

    def check(cell: str) -> bool:
        places = [place.get(code, -1) for code in cell.split(";")] if cell else []
        return -1 not in places and places == sorted(set(places))

    return check


def schema(questionnaire: Questionnaire) -> pa.DataFrameSchema:
    """The pandera schema of the answers: no other column, in this order."""
    return pa.DataFrameSchema(columns(questionnaire), strict=True, ordered=True, coerce=True, name="answers")


def to_text(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """The answers as they are written to ``answers.csv``."""
    multiple = [question.id for question in questionnaire if question.type == "multiple"]
    return answers.assign(**{name: answers[name].replace("", NOTHING_TICKED) for name in multiple})


def typed(text: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Read the text of ``answers.csv`` (see `citydiplo.data.read_answers`) into the frame of answers.

    Raises
    ------
    DataError
        Listing every cell that does not follow the schema.
    """
    frame = text.apply(lambda column: column.map(bare_cell, na_action="ignore").astype("str"))
    for question in questionnaire:
        if question.id in frame and question.type == "multiple":
            frame[question.id] = frame[question.id].replace(NOTHING_TICKED, "")
    if "complete" in frame:
        known = frame["complete"].map({"True": True, "False": False})
        frame["complete"] = known.astype("bool") if known.notna().all() else frame["complete"]
    return validated(frame, questionnaire)


def validated(frame: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Check a frame of answers against `schema`.

    Raises
    ------
    DataError
        Listing every cell that does not follow the schema.
    """
    try:
        return schema(questionnaire).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        failures = errors.failure_cases
    problems = [
        Problem(
            "answers.csv",
            None if pd.isna(case.index) else int(case.index) + 2,
            None if pd.isna(case.column) else str(case.column),
            str(case.failure_case),
            str(case.check),
        )
        for case in failures.itertuples()
    ]
    raise DataError(problems)
