"""How every form words a question in one language: what is asked, of whom, what helps, who sees the answer."""

from collections.abc import Mapping

from citydiplo.language import Language
from citydiplo.survey.questionnaire import Choice, Question, Questionnaire


def wording(question: Question, language: Language) -> str:
    """The question itself."""
    return language.typeset(question.wording_fr if language.code == "fr" else question.wording_en)


def label(choice: Choice, language: Language) -> str:
    """The label of an answer, with ordinary spaces: exports give labels back, and they must be found again."""
    return choice.label_fr if language.code == "fr" else choice.label_en


def hint(question: Question, language: Language) -> str:
    """What helps to answer; may be empty."""
    return language.typeset(question.hint_fr if language.code == "fr" else question.hint_en)


def guidance(question: Question, language: Language) -> str:
    """What stands under a question: its hint, and who may see the answer unless it is only shown in totals."""
    if question.confidentiality == "aggregate":
        return hint(question, language)
    seen_by = language.text("forms.seen_by", label=language.label("confidentiality", question.confidentiality))
    return f"{hint(question, language)} {seen_by}".strip()


def origin(question: Question, language: Language) -> str:
    """Whether the study printed the question, its results show it, or it is added; with the remark on it, if any."""
    remark = language.typeset(question.derivation_fr if language.code == "fr" else question.derivation)
    known = language.label("question_origin", question.origin)
    return f"{known}. {remark}" if remark else known


def condition(
    question: Question, questionnaire: Questionnaire, language: Language, numbers: Mapping[str, int] | None = None
) -> str:
    """« If you answered … »: what goes before a question that not everybody is asked; empty if everybody is.

    Parameters
    ----------
    question : Question
    questionnaire : Questionnaire
    language : Language
    numbers : mapping, optional
        Number of each question on paper; without it the earlier question is quoted.
    """
    if question.asked_if is None:
        return ""
    return language.text("forms.if_answered", **_answered(question, questionnaire, language, numbers))


def asked_of(question: Question, questionnaire: Questionnaire, language: Language) -> str:
    """Of whom a question is asked."""
    if question.asked_if is None:
        return language.text("forms.asked_of_all")
    return language.text("forms.asked_of", **_answered(question, questionnaire, language, None))


def _answered(
    question: Question, questionnaire: Questionnaire, language: Language, numbers: Mapping[str, int] | None
) -> dict[str, str]:
    if question.asked_if is None:
        raise ValueError(f"{question.id} is asked of everybody")
    before = questionnaire[question.asked_if.question_id]
    labels = {choice.code: label(choice, language) for choice in before.choices}
    answers = [language.text("forms.quoted", text=labels[code]) for code in question.asked_if.codes]
    name = str(numbers[before.id]) if numbers else language.text("forms.quoted", text=wording(before, language))
    return {"answers": language.either(answers), "question": name}


def in_sentences(question: Question) -> bool:
    """Whether a text is told in sentences: the others, which identify the respondent, fit in a line."""
    return question.type == "text" and question.section != "identity"
