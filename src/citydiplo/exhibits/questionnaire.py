"""The exhibits on the questionnaire, and on what its synthetic respondents can and cannot tell."""

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, source_line, tabulate
from citydiplo.exhibits.wave import WaveReport
from citydiplo.survey import questionnaire
from citydiplo.survey.frechet import frechet_bounds
from citydiplo.survey.reproduction import account


def questions(wave: WaveReport) -> HTML:
    """Every question: where it comes from, and which published table it measures again."""
    t, label = wave.language.text, wave.language.label
    asked = questionnaire.load(wave.tables)
    rows = wave.tables["questionnaire"]
    table = pd.DataFrame(
        {
            t("asked.question"): [wave.wording(question) for question in asked],
            t("asked.type"): [label("question_type", question.type) for question in asked],
            t("asked.origin"): [label("question_origin", question.origin) for question in asked],
            t("asked.feeds"): [label("figure_topic", question.feeds) if question.feeds else "" for question in asked],
            t("asked.confidentiality"): [label("confidentiality", question.confidentiality) for question in asked],
            t("asked.passage"): [question.locator for question in asked],
        }
    )
    first = next(question for question in asked if question.feeds)
    caption = Caption(
        t("asked.reading", question=wave.wording(first), topic=label("figure_topic", str(first.feeds))),
        t("asked.scope", count=len(table)),
        source_line(wave.language, wave.tables["sources"], rows),
    )
    return tabulate(table, t("asked.title"), caption, wave.language)


def _cite(wave: WaveReport) -> str:
    """The synthetic respondents and the study, whichever wave is looked at."""
    published = source_line(wave.language, wave.tables["sources"], wave.tables["published_figures"])
    return wave.language.text("separator").join([wave.language.text("wave.synthetic_source"), published])


def _accounted(wave: WaveReport) -> pd.DataFrame:
    tables = wave.tables
    asked = questionnaire.load(tables)
    return account(tables["reconstructed_2021"], tables["published_figures"], asked, tables["reconstruction_notes"])


def reproduced(wave: WaveReport) -> HTML:
    """How many published figures the synthetic respondents give back, topic by topic."""
    t, label = wave.language.text, wave.language.label
    found = _accounted(wave)
    counts = pd.crosstab(found["topic"], found["outcome"])
    outcomes = [code for code in ("exact", "chosen", "relaxed") if code in counts]
    table = pd.DataFrame({t("asked.topic"): [label("figure_topic", topic) for topic in counts.index]})
    for code in outcomes:
        table[label("reconstruction_outcome", code)] = counts[code].array
    first = table.iloc[0]
    caption = Caption(
        t("asked.reproduced_reading", topic=first.iloc[0], count=int(first.iloc[1])),
        t("asked.reproduced_scope", count=len(found)),
        _cite(wave),
    )
    return tabulate(table, t("asked.reproduced_title"), caption, wave.language)


def relaxed(wave: WaveReport) -> HTML:
    """Each choice and each figure that could not be given back, with the reason."""
    t, label = wave.language.text, wave.language.label
    notes = wave.tables["reconstruction_notes"]
    topics = wave.tables["published_figures"].set_index("figure_id")["topic"]
    concerned = [dict.fromkeys(topics[figures.split(";")]) for figures in notes["figures"]]
    table = pd.DataFrame(
        {
            t("asked.topic"): [", ".join(label("figure_topic", topic) for topic in found) for found in concerned],
            t("asked.what"): [wave.language.pick(row, "what") for _, row in notes.iterrows()],
            t("asked.outcome"): [label("reconstruction_outcome", code) for code in notes["outcome"]],
            t("asked.why"): [wave.language.pick(row, "why") for _, row in notes.iterrows()],
        }
    )
    caption = Caption(
        t("asked.relaxed_reading", outcome=table.iloc[0, 2]),
        t("asked.relaxed_scope", count=len(table)),
        _cite(wave),
    )
    return tabulate(table, t("asked.relaxed_title"), caption, wave.language)


def open_pairs(wave: WaveReport, one: str, other: str) -> HTML:
    """How many respondents may have given both of two answers, by all that was published."""
    t = wave.language.text
    found = frechet_bounds(wave.tables["published_figures"], questionnaire.load(wave.tables))
    turned = {"question": "other_question", "code": "other_code", "other_question": "question", "other_code": "code"}
    found = pd.concat([found, found.rename(columns=turned)])
    pairs = found[(found["question"] == one) & (found["other_question"] == other)]
    rows, columns = wave.asked[one], wave.asked[other]
    cells = pairs.set_index(["code", "other_code"])
    table = pd.DataFrame({wave.wording(rows): [wave.label(rows, code) for code in rows.codes]})
    for code in columns.codes:
        table[wave.label(columns, code)] = [
            t("chance.from_to", low=int(cells.loc[(row, code), "least"]), high=int(cells.loc[(row, code), "most"]))
            for row in rows.codes
        ]
    caption = Caption(
        t("asked.open_reading", one=table.iloc[0, 0], other=table.columns[1], bounds=table.iloc[0, 1]),
        t("asked.open_scope"),
        source_line(wave.language, wave.tables["sources"], wave.tables["published_figures"]),
    )
    return tabulate(table, t("asked.open_title"), caption, wave.language)
