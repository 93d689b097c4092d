"""
The cells of an export → typed answers, with every problem and everything that was done to a cell.

Pure: frames in, frames out. Which answers count is decided afterwards, by `citydiplo.survey.decisions`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.survey import cells
from citydiplo.survey.account import LOG_COLUMNS, PROBLEM_COLUMNS, Account, together
from citydiplo.survey.answer_rules import derive_budget_class, drop_not_asked, empty_or_missing, tell_required
from citydiplo.survey.cells import Reading
from citydiplo.survey.questionnaire import Question, Questionnaire

# What is known of an answer besides the questions: its name in the survey tool, and when it was sent; an answer that
# was not sent has no such date.
META = ("response_id", "submitted_at")


@dataclass(frozen=True)
class Column:
    """What a column of an export holds.

    Attributes
    ----------
    name : str
        Its heading in the file.
    target : str
        A question_id, or one of `META`.
    choice : str
        The answer that the column ticks, where each answer has a column of its own; else empty.
    """

    name: str
    target: str
    choice: str = ""


@dataclass(frozen=True)
class Export:
    """A file of answers, its columns understood.

    Attributes
    ----------
    file, sha256 : str
        Its name, and the SHA-256 of its bytes.
    format : str
        A code of answer_format.
    read_as : str
        Encoding of a text, or sheet of a workbook.
    frame : DataFrame
        Text as it is in the file, empty cells as missing; indexed by row.
    columns : tuple of Column
    words : dict
        question_id → the file's own answers (folded) → code.
    """

    file: str
    sha256: str
    format: str
    read_as: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """The typed answers of one export, a row for each of its rows.

    Attributes
    ----------
    export : Export
    values : DataFrame
        Indexed by row: response_id (missing if the file has none), submitted_at (ISO text), complete (whether the end
        was reached), then the questions, typed as in `citydiplo.survey.answer_schema`.
    problems, log : DataFrame
        See `citydiplo.survey.account`.
    """

    export: Export
    values: pd.DataFrame
    problems: pd.DataFrame
    log: pd.DataFrame


def read(export: Export, questionnaire: Questionnaire) -> Answers:
    """Read every cell of an export.

    Parameters
    ----------
    export : Export
    questionnaire : Questionnaire

    Returns
    -------
    Answers
        A cell that cannot be read is left empty and listed; none stops the others from being read.
    """
    account = Account(export.file)
    values = pd.DataFrame(index=export.frame.index)
    values["response_id"] = _read_plain(export, "response_id", cells.read_text, account)
    values["submitted_at"] = _read_plain(export, "submitted_at", cells.read_date, account)
    answers = {question.id: _question(export, question, account) for question in questionnaire}
    values = values.join(pd.DataFrame(answers))
    values.insert(2, "complete", _complete(export, values, questionnaire))
    _tell_columns(export, questionnaire, account)
    drop_not_asked(values, questionnaire, account)
    empty_or_missing(values, questionnaire, account)
    derive_budget_class(values, account)
    tell_required(values, questionnaire, {column.target for column in export.columns}, account)
    problems = together(account.problems, PROBLEM_COLUMNS)
    headings = {column.target: column.name for column in reversed(export.columns)}
    problems["column"] = problems["column"].mask(problems["column"] == "", problems["question_id"].map(headings))
    return Answers(export, values, problems, together(account.log, LOG_COLUMNS))


def _complete(export: Export, values: pd.DataFrame, questionnaire: Questionnaire) -> pd.Series:
    """Whether each answer was sent; in a file that does not say, whether each required question is answered."""
    for column in export.columns:
        if column.target == "submitted_at":
            words = export.frame[column.name].map(fold, na_action="ignore")
            return words.notna() & ~words.isin(cells.NOTHING)
    return values[[question.id for question in questionnaire if question.required]].notna().all(axis=1)


def _question(export: Export, question: Question, account: Account) -> pd.Series:
    words = cells.words_of(question, export.words.get(question.id, {}))
    if question.type == "multiple":
        return _read_multiple(export, question, words, account)
    if question.type == "single":
        return _read_plain(export, question.id, lambda cell: cells.read_choice(cell, words), account)
    if question.type == "text":
        return _read_plain(export, question.id, cells.read_text, account)
    numbers = _read_plain(export, question.id, lambda cell: cells.read_number(cell, question.type), account)
    return pd.to_numeric(numbers).astype("Int64" if question.type == "integer" else "Float64")


def _read_plain(export: Export, target: str, reader: Callable[[str], Reading], account: Account) -> pd.Series:
    """Read the column of a question that has one; missing where the file has none."""
    name = next((column.name for column in export.columns if column.target == target), None)
    if name is None:
        return pd.Series(None, index=export.frame.index, dtype="str")
    given = export.frame[name].dropna()
    readings = {cell: reader(cell) for cell in given.unique()}
    _account(given, readings, name, target, account)
    values = given.map({cell: reading.value for cell, reading in readings.items()})
    numbers = values.map(lambda value: isinstance(value, int | float)).any()
    return values.astype(object if numbers else "str").reindex(export.frame.index)


def _account(given: pd.Series, readings: Mapping[str, Reading], name: str, target: str, account: Account) -> None:
    """Write down the problems of a column, and what was done to its cells."""
    rules = given.map({cell: reading.rule for cell, reading in readings.items()})
    problems = given.map({cell: reading.problem for cell, reading in readings.items()})
    wrong, changed = problems.ne(""), rules.ne("")
    account.tell(given[wrong], name, target, problems[wrong].to_numpy(), rules[wrong].to_numpy())
    after = given.map({cell: _written(reading.value) for cell, reading in readings.items()})
    account.note(given[changed], after[changed].to_numpy(), target, rules[changed].to_numpy())


def _written(value: object) -> str:
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    return "" if value is None else str(value)


def _read_multiple(export: Export, question: Question, words: Mapping[str, str], account: Account) -> pd.Series:
    """The codes ticked, in the order of the questionnaire; ``""`` if none is; missing if the file has no column.

    A file may have one column with all the answers, one a choice, or both: then all that either ticks counts.
    """
    columns = [column for column in export.columns if column.target == question.id]
    rows = export.frame.index
    listed = pd.DataFrame(False, index=rows, columns=list(question.codes))
    ticked = listed.copy()
    seen = pd.DataFrame(False, index=rows, columns=["listed", "ticked"])
    for column in columns:
        given = export.frame[column.name].dropna()
        if column.choice:
            own = frozenset(word for word, code in words.items() if code == column.choice)
            readings = {cell: cells.read_tick(cell, own) for cell in given.unique()}
            ticks = given.map({cell: reading.value is True for cell, reading in readings.items()})
            ticked.loc[given.index, column.choice] |= ticks.astype(bool)
            known = given.map({cell: reading.value is not None for cell, reading in readings.items()})
            seen.loc[given.index, "ticked"] |= known.astype(bool)
        else:
            readings = {cell: cells.read_choices(cell, words) for cell in given.unique()}
            for code in question.codes:
                has = {cell: code in (reading.value or ()) for cell, reading in readings.items()}
                listed.loc[given.index, code] = given.map(has).astype(bool)
            seen.loc[given.index, "listed"] = True
        _account(given, readings, column.name, question.id, account)
    differ = seen.all(axis=1) & (listed != ticked).any(axis=1)
    either = listed | ticked
    joined = _joined(either)
    if differ.any():
        account.tell(joined[differ], columns[0].name, question.id, "ticks_differ", "all_ticks_kept")
    return joined if columns else joined.mask(joined == "").astype("str")


def _joined(ticked: pd.DataFrame) -> pd.Series:
    """The names of the columns that are true, in their order, separated by ``;``."""
    text = pd.Series("", index=ticked.index, dtype=object)
    for code in ticked.columns:
        text = text + np.where(ticked[code], f"{code};", "")
    return text.str.removesuffix(";").astype("str")


def _tell_columns(export: Export, questionnaire: Questionnaire, account: Account) -> None:
    """Columns with cells that are no question, and questions without a column."""
    known = {column.name for column in export.columns}
    for name in export.frame.columns:
        if name not in known and export.frame[name].notna().any():
            account.tell(pd.Series([name], index=[1]), name, "", "unknown_column", "column_ignored")
    targets = {column.target for column in export.columns}
    for question in questionnaire:
        if question.id not in targets:
            account.tell(pd.Series([None], index=[1]), "", question.id, "no_column", "left_empty")


def folded(words: Mapping[str, str]) -> dict[str, str]:
    """Answers of a file → code, ready for `Export.words`."""
    return {fold(word): code for word, code in words.items()}
