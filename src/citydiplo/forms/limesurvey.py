"""The questionnaire as a LimeSurvey survey structure: tab-separated values, to be imported as a new survey.

The format is that of the manual's page « Tab Separated Value survey structure »
(https://manual.limesurvey.org/Tab_Separated_Value_survey_structure): one row a setting of the survey (class S), a text
of the survey in one language (SL), a group (G), a question (Q), a subquestion (SQ) or an answer (A); the whole survey
in the first language, then the same rows in the second. Rows belong to the group and the question that precede them.
Further columns are attributes of the question.

LimeSurvey's own codes are letters and digits: exports of answers name questions by `question_codes` and answers by
`answer_codes`. A subquestion, one answer of a multiple choice, is exported as ``questionCode[A01]``, or
``questionCode_A01`` in an expression.
"""

import csv
import html
import io
from collections.abc import Mapping
from itertools import chain, count

from citydiplo.forms import wording
from citydiplo.forms.canonical import version
from citydiplo.forms.notes import end_note, start_note
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Question, Questionnaire

COLUMNS = (
    *("id", "related_id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation"),
    *("mandatory", "other", "default", "same_default", "min_num_value_n", "num_value_int_only"),
)

LONGEST_CODE = 20
# Names that LimeSurvey keeps for itself.
RESERVED = ("other", "time")

# LimeSurvey's one-letter types: list of radio buttons, multiple choice, number, short text; a long text is T.
TYPES = {"single": "L", "multiple": "M", "integer": "N", "amount": "N", "text": "S"}

# Numbers are not negative.
ATTRIBUTES = {"integer": {"min_num_value_n": "0", "num_value_int_only": "1"}, "amount": {"min_num_value_n": "0"}}

# The decimal mark that respondents type, as LimeSurvey numbers them: 0 is a point, 1 a comma.
NUMBER_FORMATS = {"fr": "1", "en": "0"}

Row = dict[str, str]


def question_codes(questionnaire: Questionnaire) -> dict[str, str]:
    """The code of each question in LimeSurvey: letters and digits, 20 at most, no two alike whatever the case.

    A code is the question's id without its underscores, budget_class → budgetClass, cut where it is too long; if an
    earlier question has it already, its end is a number. The mapping can thus be turned round.

    Returns
    -------
    dict
        question_id → code, in the order of the form.
    """
    taken = {name.lower() for name in RESERVED}
    codes = {}
    for question in questionnaire:
        first, *others = question.id.split("_")
        whole = first + "".join(word.capitalize() for word in others)
        numbered = (f"{whole[: LONGEST_CODE - len(str(number))]}{number}" for number in count(2))
        code = next(code for code in chain([whole[:LONGEST_CODE]], numbered) if code.lower() not in taken)
        taken.add(code.lower())
        codes[question.id] = code
    return codes


def answer_codes(question: Question) -> dict[str, str]:
    """The code of each answer in LimeSurvey, where it has 5 signs at most: A01, A02… by position.

    Returns
    -------
    dict
        Code of the choice → code in LimeSurvey, in the order of the form; empty without choices.
    """
    return {choice.code: f"A{position:02}" for position, choice in enumerate(question.choices, start=1)}


def structure(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> str:
    """The survey structure, ready to be written in UTF-8.

    Parameters
    ----------
    questionnaire : Questionnaire
    languages : mapping
        "fr" and "en" → Language; the first is the language of reference.
    """
    rows = [*_settings(questionnaire, list(languages)), *_texts(questionnaire, languages)]
    for position, language in enumerate(languages.values()):
        rows += _content(questionnaire, language, attributes=position == 0)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\N{BYTE ORDER MARK}" + text.getvalue()


def relevance(question: Question, questionnaire: Questionnaire) -> str:
    """Of whom a question is asked, as an ExpressionScript condition; 1: of all."""
    if question.asked_if is None:
        return "1"
    asked = questionnaire[question.asked_if.question_id]
    name, answers = question_codes(questionnaire)[asked.id], answer_codes(asked)
    form = '{}_{}.NAOK == "Y"' if asked.type == "multiple" else '{}.NAOK == "{}"'
    return " or ".join(form.format(name, answers[code]) for code in question.asked_if.codes)


def _settings(questionnaire: Questionnaire, codes: list[str]) -> list[Row]:
    """Six digits of the questionnaire's version number the survey; LimeSurvey takes another number if it is in use."""
    settings = {
        "sid": str(100_000 + int(version(questionnaire), 16) % 900_000),
        "language": codes[0],
        "additional_languages": " ".join(codes[1:]),
        "format": "G",  # one page a group
        "anonymized": "N",
        "datestamp": "Y",
        "allowprev": "Y",
        "allowsave": "Y",
        "showwelcome": "Y",
    }
    return [{"class": "S", "name": name, "text": value} for name, value in settings.items()]


def _texts(questionnaire: Questionnaire, languages: Mapping[str, Language]) -> list[Row]:
    rows = []
    for code, language in languages.items():
        texts = {
            "surveyls_title": language.text("forms.title"),
            "surveyls_welcometext": start_note(language),
            "surveyls_endtext": end_note(questionnaire, language),
            "surveyls_numberformat": NUMBER_FORMATS[code],
        }
        rows += [{"class": "SL", "name": name, "text": _html(text), "language": code} for name, text in texts.items()]
    return rows


def _content(questionnaire: Questionnaire, language: Language, attributes: bool) -> list[Row]:
    """Groups, questions, subquestions and answers in one language; the ids are the same in each.

    Attributes of questions have no language: they stand in the rows of the first one only.
    """
    codes, ids, rows = question_codes(questionnaire), count(1), []
    for number, (section, questions) in enumerate(questionnaire.sections().items(), start=1):
        title = _html(language.label("survey_section", section))
        rows.append({"id": str(number), "class": "G", "type/scale": f"G{number}", "name": title, "relevance": "1"})
        for question in questions:
            number_of_question = next(ids)
            rows.append(
                {"id": str(number_of_question), "class": "Q", "name": codes[question.id]}
                | {"relevance": relevance(question, questionnaire)}
                | _question(question, language)
                | (ATTRIBUTES.get(question.type, {}) if attributes else {})
            )
            subordinate = {"related_id": str(number_of_question), "type/scale": "0"}
            labels = {choice.code: _html(wording.label(choice, language)) for choice in question.choices}
            for choice, code in answer_codes(question).items():
                row = subordinate | {"name": code, "text": labels[choice]}
                if question.type == "multiple":
                    row |= {"id": str(next(ids)), "class": "SQ", "relevance": "1"}
                else:
                    row |= {"class": "A"}
                rows.append(row)
    return [row | {"language": language.code} for row in rows]


def _question(question: Question, language: Language) -> Row:
    return {
        "type/scale": "T" if wording.in_sentences(question) else TYPES[question.type],
        "text": _html(wording.wording(question, language)),
        "help": _html(wording.guidance(question, language)),
        "mandatory": "Y" if question.required else "N",
        "other": "N",
    }


def _html(text: str) -> str:
    """LimeSurvey reads texts as HTML, and what is in braces as an expression."""
    return html.escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")
