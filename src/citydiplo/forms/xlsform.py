"""The questionnaire as an XLSForm, the workbook that KoboToolbox and ODK read.

Reference: https://xlsform.org/en/ (sheets survey, choices and settings, one column a language).
"""

import datetime
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from citydiplo.errors import UserError
from citydiplo.forms import wording
from citydiplo.forms.canonical import version
from citydiplo.forms.notes import end_note, start_note
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Question, Questionnaire

# Names of the languages as XLSForm wants them; the first is the default one.
LANGUAGES = {"fr": "Français (fr)", "en": "English (en)"}

TYPES = {"integer": "integer", "amount": "decimal", "text": "text"}

# The workbook must not tell when it was made: the first date that a ZIP archive knows.
UNDATED = datetime.datetime(1980, 1, 1)

Row = dict[str, str]


def workbook(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> bytes:
    """The XLSForm, as the bytes of an .xlsx file: the same for the same questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    languages : mapping
        "fr" and "en" → Language.

    Raises
    ------
    UserError
        If the extra that writes workbooks is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise UserError("workbooks cannot be written: pip install 'citydiplo[survey]'") from None
    book = Workbook()
    book.remove(book.active)
    sheets = {
        "survey": survey_rows(questionnaire, languages),
        "choices": choice_rows(questionnaire, languages),
        "settings": [settings_row(questionnaire, languages)],
    }
    for name, rows in sheets.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        sheet = book.create_sheet(name)
        sheet.append(columns)
        for row in rows:
            sheet.append([row.get(column) or None for column in columns])
        for row_of_cells in sheet.iter_rows():
            for cell in row_of_cells:
                cell.data_type = "s"  # a text that begins with = is no formula
        sheet.freeze_panes = "A2"
    return _undated(book)


def survey_rows(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> list[Row]:
    """The sheet survey: a note, one group a section on a page of its own, a note.

    The names of groups and notes have a hyphen, which no question has.
    """
    rows = [_note("note-start", {code: start_note(language) for code, language in languages.items()})]
    for section, questions in questionnaire.sections().items():
        title = {code: language.label("survey_section", section) for code, language in languages.items()}
        opening = {"type": "begin_group", "name": f"section-{section}"}
        rows.append(opening | _said("label", title) | {"appearance": "field-list"})
        rows += [_question_row(question, questionnaire, languages) for question in questions]
        rows.append({"type": "end_group"})
    end = {code: end_note(questionnaire, language) for code, language in languages.items()}
    return [*rows, _note("note-end", end)]


def choice_rows(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> list[Row]:
    """The sheet choices: each list once."""
    lists = {question.list_name: question.choices for question in questionnaire if question.choices}
    return [
        {"list_name": name, "name": choice.code}
        | _said("label", {code: wording.label(choice, language) for code, language in languages.items()})
        for name, choices in lists.items()
        for choice in choices
    ]


def settings_row(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> Row:
    """The sheet settings: its version is that of the questionnaire, not a date."""
    return {
        "form_title": languages["fr"].text("forms.title"),
        "form_id": "citydiplo",
        "version": version(questionnaire),
        "default_language": LANGUAGES["fr"],
        "style": "pages",
    }


def relevant(question: Question, questionnaire: Questionnaire) -> str:
    """Of whom a question is asked, as an XPath condition; empty: of all."""
    if question.asked_if is None:
        return ""
    asked = questionnaire[question.asked_if.question_id]
    form = "selected(${{{}}}, '{}')" if asked.type == "multiple" else "${{{}}} = '{}'"
    return " or ".join(form.format(asked.id, code) for code in question.asked_if.codes)


def _question_row(question: Question, questionnaire: Questionnaire, languages: Mapping[str, Language]) -> Row:
    select = f"select_{'one' if question.type == 'single' else 'multiple'} {question.list_name}"
    row = {"type": TYPES.get(question.type, select), "name": question.id}
    row |= _said("label", {code: wording.wording(question, language) for code, language in languages.items()})
    row |= _said("hint", {code: wording.guidance(question, language) for code, language in languages.items()})
    if question.required:
        message = {code: language.text("forms.required") for code, language in languages.items()}
        row |= {"required": "yes"} | _said("required_message", message)
    row["relevant"] = relevant(question, questionnaire)
    if question.type in ("integer", "amount"):
        message = {code: language.text("forms.not_negative") for code, language in languages.items()}
        row |= {"constraint": ". >= 0"} | _said("constraint_message", message)
    if wording.in_sentences(question):
        row["appearance"] = "multiline"
    return row


def _note(name: str, words: Mapping[str, str]) -> Row:
    return {"type": "note", "name": name} | _said("label", words)


def _said(column: str, words: Mapping[str, str]) -> Row:
    return {f"{column}::{LANGUAGES[code]}": text for code, text in words.items()}


def _undated(book: Any) -> bytes:
    """Save a workbook without the time of day that openpyxl and ZIP write into it."""
    from openpyxl.xml.constants import ARC_CORE
    from openpyxl.xml.functions import tostring

    saved, undated = io.BytesIO(), io.BytesIO()
    book.save(saved)
    book.properties.created = book.properties.modified = UNDATED
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(undated, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = tostring(book.properties.to_tree()) if name == ARC_CORE else old.read(name)
            entry = zipfile.ZipInfo(name, UNDATED.timetuple()[:6])
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return undated.getvalue()
