"""The report of one wave of the survey, section by section; a respondent's own copy."""

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, tabulate
from citydiplo.collectivities import Collectivity
from citydiplo.exhibits.wave_numbers import levels, median, numbers
from citydiplo.exhibits.wave_tables import cell, crossed, respondents, shares, sizes
from citydiplo.exhibits.wave_views import views
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.sections import note
from citydiplo.survey import disclosure
from citydiplo.survey.questionnaire import Question
from citydiplo.wave_report import WaveReport

# What the notebooks show.
__all__ = ["WaveReport", "crossed", "numbers", "own_answers", "respondents", "section", "shares", "title"]

LEVEL = 0.95  # of intervals, where no parameter says it

# The question that the study crosses with size.
BY_SIZE = "activity"


def title(wave: WaveReport) -> HTML:
    """The head of the report: what it is, of whom, by which plan."""
    t = wave.language.text
    said = [t("wave.head", answers=len(wave.answers), members=len(wave.members), hash=wave.plan_hash)]
    if wave.before:
        said.append(t("wave.twice", count=wave.answered_twice, before=wave.before.label_of_wave, wave=wave.name))
    if wave.synthetic:
        said.append(t("wave.nobody"))
    return render("wave_title.html.j2", title=t("wave.title", wave=wave.label_of_wave), notes=said)


def section(wave: WaveReport, code: str) -> HTML:
    """Every question of a section that is no text, with its heading."""
    parts: list[HTML] = []
    for question in wave.asked.sections()[code]:
        if question.type == "text" or not wave.answers[question.id].notna().any():
            continue
        shown = _counted(wave, question) if question.choices else [numbers(wave, question.id), *levels(wave, question)]
        parts.append(render("wave_question.html.j2", heading=_heading(wave, question), parts=shown))
    if not parts:
        return note(wave.language.text("wave.no_answer"))
    return HTML("\n".join(part.data for part in parts))


def _heading(wave: WaveReport, question: Question) -> str:
    wording = wave.wording(question)
    # Derived from a number that has a heading of its own.
    return wave.language.text("wave.in_classes", question=wording) if question.id == "staff_class" else wording


def _counted(wave: WaveReport, question: Question) -> list[HTML]:
    """All that the analysis plan promises of a question that is counted, and whether it holds."""
    return [
        shares(wave, question.id),
        *median(wave, question),
        crossed(wave, question.id, "place_kind"),
        sizes(wave, question.id, unfolded=question.id == BY_SIZE),
        views(wave, question.id),
    ]


def own_answers(wave: str, city: Collectivity, language: Language) -> HTML:
    """A respondent's own answers beside what may be told of all and of its size.

    For the collectivity itself: what it answered in confidence is shown to nobody else.
    """
    report = WaveReport.load(wave, language.code, LEVEL)
    t = language.text
    heading = render("heading.html.j2", text=t("own.heading", wave=wave))
    rows = report.answers[report.answers["collectivity_id"] == city.id]
    if rows.empty:
        return HTML(heading.data + note(t("own.none", wave=wave)).data)
    table = pd.DataFrame([line for question in report.questions for line in _own(report, question, rows.iloc[0])])
    first = table.iloc[0]
    caption = Caption(
        t("own.reading", answer=first.iloc[1], share=first.iloc[2]),
        t("own.scope", count=len(report.answers), note=disclosure.note(report.published, language)),
        report.cite(),
    )
    shown = tabulate(table, t("own.title", wave=wave), caption, language)
    return HTML(heading.data + note(t("own.confidential")).data + shown.data)


def _own(wave: WaveReport, question: Question, answer: pd.Series) -> list[dict[str, str]]:
    """The answers of one respondent to a question, each with its share among all and among those of its size."""
    given = answer[question.id]
    if question.confidentiality == "contact" or pd.isna(given):
        return []
    t = wave.language.text
    everyone = wave.published.tables[question.id].set_index("category")
    alike = wave.published.tables[f"{question.id} {answer['strata']}"]
    alike = alike[alike["group"] == answer["stratum"]].set_index("category")
    return [
        {
            t("asked.question"): wave.wording(question),
            t("own.answer"): wave.label(question, code),
            t("own.all"): cell(wave, everyone.loc[code]),
            t("own.alike"): cell(wave, alike.loc[code]) if code in alike.index else "",
        }
        for code in filter(None, given.split(";"))
    ]
