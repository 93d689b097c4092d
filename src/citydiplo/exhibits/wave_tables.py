"""The tables and charts of one wave: each question with its shares, beside the wave before and by groups."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, wave_charts
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.html import render
from citydiplo.inference import Share
from citydiplo.sections import note
from citydiplo.survey import disclosure, tabulation
from citydiplo.survey.questionnaire import Question
from citydiplo.wave_charts import Bar
from citydiplo.wave_report import WaveReport

# The divisions of the collectivities by size.
SIZES = ("commune_stratum", "epci_stratum", "epci_size")
BY = {
    "place_kind": "wave.by_place_kind",
    "commune_stratum": "wave.by_commune_stratum",
    "epci_stratum": "wave.by_epci_stratum",
    "epci_size": "wave.by_epci_size",
}


def respondents(wave: WaveReport) -> HTML:
    """Who answered, among those who were asked, by kind and size."""
    t = wave.language.text
    rows = []
    for vocabulary in ("commune_stratum", "epci_stratum"):
        asked, answered = (tabulation.places(frame, vocabulary) for frame in (wave.members, wave.answers))
        sort = t("partners.commune") if vocabulary == "commune_stratum" else t("partners.epci")
        for position, code in enumerate(asked.codes):
            size = wave.language.label(vocabulary, code)
            members, base = int(asked.ticked[:, position].sum()), int(answered.ticked[:, position].sum())
            if members:
                rows.append((t("partners.size", sort=sort, size=size), base, members))
    notes = [t("wave.of", count=base, base=members) for _, base, members in rows]
    label, base, members = rows[0]
    caption = Caption(
        t("wave.respondents_reading", label=label, count=base, members=members),
        t("wave.respondents_scope", count=len(wave.answers), members=len(wave.members)),
        wave.cite(),
    )
    labels, bases, sizes = (list(column) for column in zip(*rows, strict=True))
    alt = t("wave.alt", rows=t("separator").join(f"{name}, {said}" for name, said in zip(labels, notes, strict=True)))
    return illustrate(charts.answered(labels, bases, sizes, notes), alt, caption, wave.language)


def shares(wave: WaveReport, question_id: str) -> HTML:
    """One question: the share of each answer with its interval, beside the wave before, then the same in a table."""
    question = wave.asked[question_id]
    table = wave.published.tables[question_id]
    return HTML(_figure(wave, question, table).data + _table(wave, question, table).data)


def _known(row: pd.Series) -> Share | None:
    """The share of a row of a published table; None where it may not be told, or nobody answered."""
    if row["mark"] == "secret" or pd.isna(row["share"]) or pd.isna(row["population"]):
        return None
    return Share(*(int(row[name]) for name in ("count", "base", "population", "low", "high", "least", "most")))


def _figure(wave: WaveReport, question: Question, table: pd.DataFrame) -> HTML:
    t = wave.language.text
    bars = []
    for _, row in table.iterrows():
        said = t("wave.secret") if row["mark"] == "secret" else t("wave.of", count=row["count"], base=row["base"])
        before = wave.shares_before(question, row["category"])
        share = None if pd.isna(row["share"]) else 100 * row["share"]
        bars.append(Bar(wave.label(question, row["category"]), _known(row), before, said, share))
    shown = next((bar for bar in bars if bar.estimate), None)
    reading = (
        t(
            "wave.reading",
            label=shown.label,
            note=shown.note,
            low=shown.estimate.low,
            high=shown.estimate.high,
            level=round(100 * wave.level),
        )
        if shown and shown.estimate
        else t("wave.reading_none")
    )
    caption = Caption(reading, scope(wave, question, table), wave.cite_beside(question.feeds))
    rows = [t("wave.alt_row", label=bar.label, note=bar.note) for bar in bars]
    names = (wave.label_of_wave, t("wave.interval", level=round(100 * wave.level)), wave.label_of_before)
    return illustrate(
        wave_charts.waves(bars, names, t("wave.axis")),
        t("wave.alt", rows=t("separator").join(rows)),
        caption,
        wave.language,
    )


def scope(wave: WaveReport, question: Question, table: pd.DataFrame) -> str:
    """Of whom a table tells, and what it withholds."""
    everyone = table[table["group"] == tabulation.EVERYONE] if "group" in table else table
    known = everyone["base"].iloc[0]
    base = wave.language.text("wave.some") if pd.isna(known) else wave.language.number(int(known))
    several = wave.language.text("wave.several") if question.type == "multiple" else ""
    hidden = disclosure.note(wave.published, wave.language) if (table["mark"] == "secret").any() else ""
    said = wave.language.text("wave.scope", base=base, question=wave.wording(question))
    return " ".join(filter(None, [said, several, hidden]))


def _table(wave: WaveReport, question: Question, table: pd.DataFrame) -> HTML:
    t, several = wave.language.text, question.type == "multiple"
    rows = []
    for _, row in table.iterrows():
        estimate = _known(row)
        said = wave.change(question, row["category"], "all")
        before = sorted({round(share) for share in wave.shares_before(question, row["category"])})
        counted = {
            t("wave.answer"): wave.label(question, row["category"]),
            t("wave.count"): t("wave.secret") if row["mark"] == "secret" else wave.language.number(int(row["count"])),
            t("wave.share"): _percent(wave, row["share"]),
        }
        parts = {t("wave.share_of_answers"): _percent(wave, row["share_of_answers"])} if several else {}
        beside = {
            t("wave.members"): t("chance.from_to", low=estimate.low, high=estimate.high) if estimate else "",
            t("wave.before", wave=wave.label_of_before): t("percent", value=wave.language.alternatives(before))
            if before
            else "",
            t("wave.verdict"): "" if said is None else _verdict(wave, said),
        }
        rows.append(counted | parts | beside)
    first = next((row for row in rows if row[t("wave.share")]), None)
    example = t("wave.table_example", label=first[t("wave.answer")], share=first[t("wave.share")]) if first else ""
    answers = t("wave.answers_reading") if several else ""
    reading = " ".join(filter(None, [example, answers, t("wave.table_reading")]))
    caption = Caption(reading, scope(wave, question, table), wave.cite_beside(question.feeds))
    return tabulate(pd.DataFrame(rows), wave.wording(question), caption, wave.language)


def _percent(wave: WaveReport, share: float) -> str:
    """A share of a published table, empty where it is missing: what is withheld is."""
    return "" if pd.isna(share) else wave.language.text("percent", value=round(100 * share))


def _verdict(wave: WaveReport, said: pd.Series) -> str:
    """Whether an answer changed, and why nobody can tell where it is not for chance alone."""
    verdict = wave.language.label("wave_verdict", said["family_verdict"])
    if pd.isna(said["reason"]) or said["reason"] == "interval":
        return verdict
    return wave.language.text(
        "wave.because", verdict=verdict, reason=wave.language.label("wave_reason", said["reason"])
    )


def crossed(wave: WaveReport, question_id: str, by: str) -> HTML:
    """One question crossed with groups of collectivities: counts, shares and intervals of each group."""
    t, question = wave.language.text, wave.asked[question_id]
    table = wave.published.tables[f"{question_id} {by}"]
    columns: dict[str, list[str]] = {t("wave.answer"): [wave.label(question, code) for code in question.codes]}
    for group, rows in table.groupby("group", sort=False):
        base = rows["base"].iloc[0]
        name = t("wave.everyone") if group == tabulation.EVERYONE else wave.language.label(by, str(group))
        size = t("wave.secret") if pd.isna(base) else wave.language.number(int(base))
        columns[t("wave.group", name=name, base=size)] = [_interval(wave, row) for _, row in rows.iterrows()]
    caption = Caption(t("wave.crossed_reading"), scope(wave, question, table), wave.cite())
    return tabulate(pd.DataFrame(columns), t(BY[by]), caption, wave.language)


def sizes(wave: WaveReport, question_id: str, unfolded: bool) -> HTML:
    """One question crossed with each division by size, folded away or not."""
    tables = [_crossed_or_said(wave, question_id, by) for by in SIZES]
    if unfolded:
        return HTML("\n".join(table.data for table in tables))
    return folded(wave.language.text("wave.sizes"), tables)


def _crossed_or_said(wave: WaveReport, question_id: str, by: str) -> HTML:
    """The crossed table; a sentence in its place where all of its groups are withheld."""
    table = wave.published.tables[f"{question_id} {by}"]
    groups = table[(table["group"] != tabulation.EVERYONE) & (table["base"] != 0)]
    if (groups["mark"] == "secret").all():
        t = wave.language.text
        return note(t("wave.all_secret", table=t(BY[by])))
    return crossed(wave, question_id, by)


def folded(summary: str, parts: Sequence[HTML]) -> HTML:
    """Exhibits that a reader opens."""
    return render("folded.html.j2", summary=summary, parts=parts)


def cell(wave: WaveReport, row: pd.Series) -> str:
    """Count and share of a row of a published table: the count alone if it is not told of how many."""
    if row["mark"] == "secret":
        return wave.language.text("wave.secret")
    if pd.isna(row["base"]):
        return wave.language.number(int(row["count"]))
    if pd.isna(row["share"]):
        return ""
    share = wave.language.text("percent", value=round(100 * row["share"]))
    return wave.language.text("partners.count_note", count=int(row["count"]), share=share)


def _interval(wave: WaveReport, row: pd.Series) -> str:
    estimate, said = _known(row), cell(wave, row)
    if estimate is None:
        return said
    return wave.language.text("wave.cell", cell=said, low=estimate.low, high=estimate.high)
