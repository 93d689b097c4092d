"""The codebook: what each variable of the answers is, its codes, who was asked, what it feeds, who may see it."""

from typing import Any

import pandas as pd

from citydiplo.captions import Caption, source_line, tabulate
from citydiplo.data import Tables
from citydiplo.forms import wording
from citydiplo.forms.canonical import version
from citydiplo.forms.limesurvey import answer_codes, question_codes
from citydiplo.forms.pages import page
from citydiplo.language import Language
from citydiplo.survey.questionnaire import Question, Questionnaire


def codebook(questionnaire: Questionnaire, tables: Tables, language: Language) -> str:
    """The codebook in one language, as a page."""
    sections = {
        language.label("survey_section", section): [
            _variable(question, questionnaire, tables, language) for question in questions
        ]
        for section, questions in questionnaire.sections().items()
    }
    return page(
        "codebook.html.j2",
        "style.css",
        language,
        summary=_summary(questionnaire, tables, language),
        sections=sections,
        version=version(questionnaire),
    )


def _summary(questionnaire: Questionnaire, tables: Tables, language: Language) -> str:
    """All the variables in one table."""
    t, label = language.text, language.label
    table = pd.DataFrame(
        {
            t("codebook.variable"): [question.id for question in questionnaire],
            t("codebook.type"): [label("question_type", question.type) for question in questionnaire],
            t("codebook.feeds"): [_feeds(question, language) for question in questionnaire],
            t("codebook.origin"): [label("question_origin", question.origin) for question in questionnaire],
            t("codebook.confidentiality"): [label("confidentiality", q.confidentiality) for q in questionnaire],
        }
    )
    example = next((question for question in questionnaire if question.feeds), questionnaire.questions[0])
    documented = [question for question in questionnaire if question.origin != "added"]
    cited = pd.DataFrame({"source_id": [q.source_id for q in documented], "locator": [q.locator for q in documented]})
    caption = Caption(
        t("codebook.reading", variable=example.id, feeds=_feeds(example, language)),
        t("codebook.scope", count=len(table), documented=len(documented)),
        source_line(language, tables["sources"], cited),
    )
    return str(tabulate(table, t("codebook.summary"), caption, language).data)


def _variable(question: Question, questionnaire: Questionnaire, tables: Tables, language: Language) -> dict[str, Any]:
    t, label = language.text, language.label
    sources = tables["sources"].set_index("source_id")["short"]
    facts = {
        t("codebook.type"): label("question_type", question.type),
        t("codebook.hint"): wording.hint(question, language),
        t("codebook.asked_of"): wording.asked_of(question, questionnaire, language),
        t("codebook.required"): label("yes_no", "yes" if question.required else "no"),
        t("codebook.feeds"): _feeds(question, language),
        t("codebook.base"): label("base_label", question.base_label) if question.base_label else "",
        t("codebook.origin"): wording.origin(question, language),
        t("codebook.passage"): language.typeset(f"{sources[question.source_id]}, {question.locator}"),
        t("codebook.confidentiality"): label("confidentiality", question.confidentiality),
        t("codebook.limesurvey"): question_codes(questionnaire)[question.id],
    }
    codes = answer_codes(question)
    return {
        "id": question.id,
        "wording": wording.wording(question, language),
        "facts": {name: words for name, words in facts.items() if words},
        "choices": [
            (choice.code, language.typeset(wording.label(choice, language)), codes[choice.code])
            for choice in question.choices
        ],
    }


def _feeds(question: Question, language: Language) -> str:
    return language.label("figure_topic", question.feeds) if question.feeds else language.text("codebook.no_table")
