"""The questionnaire on paper: an HTML page laid out for A4, with boxes to tick and lines to fill."""

from citydiplo.forms import wording
from citydiplo.forms.canonical import version
from citydiplo.forms.notes import end_note, start_note
from citydiplo.forms.pages import page
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Question, Questionnaire

# Lines left for an answer.
LINES = {"integer": 1, "amount": 1, "text": 1}
LINES_IN_SENTENCES = 3


def form(questionnaire: Questionnaire, language: Language) -> str:
    """The form in one language; questions are numbered, and « If … » goes before those that some skip."""
    numbers = {question.id: number for number, question in enumerate(questionnaire, start=1)}
    sections = {
        language.label("survey_section", section): [
            {
                "number": numbers[question.id],
                "wording": wording.wording(question, language),
                "condition": wording.condition(question, questionnaire, language, numbers),
                "instruction": _instruction(question, language),
                "hint": wording.guidance(question, language),
                "required": question.required,
                "choices": [language.typeset(wording.label(choice, language)) for choice in question.choices],
                "lines": LINES_IN_SENTENCES if wording.in_sentences(question) else LINES.get(question.type, 0),
                "type": question.type,
            }
            for question in questions
        ]
        for section, questions in questionnaire.sections().items()
    }
    return page(
        "form.html.j2",
        "form.css",
        language,
        start=start_note(language),
        sections=sections,
        end=end_note(questionnaire, language),
        version=version(questionnaire),
    )


def _instruction(question: Question, language: Language) -> str:
    """What sort of answer is expected; a text needs no telling."""
    return "" if question.type == "text" else language.label("question_type", question.type)
