"""The tables and charts of one wave of the survey, safe to publish, beside the wave before."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, collectivities, data, wave_charts
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.collectivities import Collectivity
from citydiplo.data import Tables
from citydiplo.forms import plan
from citydiplo.html import render
from citydiplo.inference import Share
from citydiplo.language import Language
from citydiplo.sections import note
from citydiplo.survey import (
    answer_schema,
    demonstration,
    disclosure,
    estimates,
    questionnaire,
    register,
    tabulation,
    waves,
)
from citydiplo.survey.disclosure import Published
from citydiplo.survey.questionnaire import Question, Questionnaire
from citydiplo.survey.samples import Answered, Printed
from citydiplo.wave_charts import Bar

BEFORE = "2021"
LEVEL = 0.95  # of intervals, where no parameter says it

# The questions that the study crosses with size.
BY_SIZE = {"activity": ("commune_stratum", "epci_stratum")}

# Of a number, what the study publishes: the rest of the synthetic respondents' numbers is drawn.
PUBLISHED_NUMBERS: dict[str, tuple[str, ...]] = {"budget_amount": ("median",), "staff_count": ("mean",)}

# Groups of collectivities that questions are crossed with.
GROUPS = ("place_kind", "commune_stratum", "epci_stratum")


@dataclass(frozen=True)
class WaveReport:
    """One wave, with what may be told of it.

    Attributes
    ----------
    name : str
        Of its folder in ``waves/``; `demonstration.NAME` for the synthetic respondents.
    answers : DataFrame
        See `citydiplo.survey.answer_schema`, with what is derived.
    asked : Questionnaire
        With the questions derived.
    members : DataFrame
        Rows of `collectivities.directory`: those to whom the questionnaire was sent.
    tables : dict
        From `data.load_tables`.
    language : Language
    level : float
        Confidence level.
    plan_hash : str
        Of the analysis plan, made from the questionnaire before anything is derived.
    """

    name: str
    answers: pd.DataFrame
    asked: Questionnaire
    members: pd.DataFrame
    tables: Tables
    language: Language
    level: float
    plan_hash: str

    @classmethod
    def load(cls, wave: str, lang: str, level: float) -> "WaveReport":
        """Load a wave that was imported.

        Raises
        ------
        UserError
            If there is no such wave, or language.
        DataError
            If its answers do not follow the questionnaire.
        """
        tables = data.load_tables()
        asked = questionnaire.load(tables)
        if wave == demonstration.NAME:
            respondents = tables["reconstructed_2021"]
            answers = demonstration.answers(respondents, asked)
            members = demonstration.members(respondents, tables["published_figures"])
        else:
            answers = answer_schema.typed(data.read_answers(wave), asked)
            members = collectivities.directory(tables).loc[data.read_members(wave)]
        return cls(
            wave,
            tabulation.derive(answers),
            tabulation.derived(asked, tables["labels"]),
            members,
            tables,
            Language.of(lang, tables),
            level,
            plan.plan_hash(plan.build(asked)),
        )

    @cached_property
    def questions(self) -> list[Question]:
        """The questions that are counted."""
        return [question for question in self.asked if question.choices]

    @cached_property
    def published(self) -> Published:
        """Every table of the wave, by the id of its question, or that and the groups: published together."""
        tables = {}
        for question in self.questions:
            for by in (None, *GROUPS):
                table = (
                    tabulation.crossed(self.answers, question, by) if by else tabulation.counted(self.answers, question)
                )
                name = f"{question.id} {by}" if by else question.id
                tables[name] = estimates.with_intervals(table, question, self.members, self.level)
        return disclosure.publish(tables, self.questions)

    @cached_property
    def compared(self) -> pd.DataFrame:
        """Each answer beside the wave before: see `waves.compare`."""
        figures = register.of_wave(self.tables["published_figures"], self.tables["sources"], BEFORE)
        members = int(figures.set_index("figure_id").loc["members-all-2020", "value"])
        before = Printed(figures, members)
        return waves.compare(before, Answered(self.asked, self.answers, self.members), self.level)

    def label(self, question: Question, code: str) -> str:
        """The words of an answer."""
        choice = next(choice for choice in question.choices if choice.code == code)
        return self.language.typeset(choice.label_fr if self.language.code == "fr" else choice.label_en)

    def wording(self, question: Question) -> str:
        """The words of a question."""
        return self.language.typeset(question.wording_fr if self.language.code == "fr" else question.wording_en)

    @property
    def synthetic(self) -> bool:
        """Whether nobody gave these answers."""
        return self.name == demonstration.NAME

    @property
    def label_of_wave(self) -> str:
        """What the wave is called in charts."""
        return self.language.text("wave.synthetic") if self.synthetic else self.name

    def cite(self, *frames: pd.DataFrame) -> str:
        """The wave itself, then the sources of the rows shown beside it."""
        key = "wave.synthetic_source" if self.synthetic else "wave.source"
        own = self.language.text(key, wave=self.name)
        return self.language.text("separator").join(
            [own, *(source_line(self.language, self.tables["sources"], f) for f in frames)]
        )


def title(wave: WaveReport) -> HTML:
    """The head of the report: what it is, of whom, by which plan."""
    t = wave.language.text
    said = [t("wave.head", answers=len(wave.answers), members=len(wave.members), hash=wave.plan_hash)]
    if wave.synthetic:
        said.append(t("wave.nobody"))
    return render("wave_title.html.j2", title=t("wave.title", wave=wave.label_of_wave), notes=said)


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
    before = wave.compared[(wave.compared["question_id"] == question_id) & (wave.compared["view"] == "all")]
    return HTML(_figure(wave, question, table, before).data + _table(wave, question, table, before).data)


def _known(row: pd.Series) -> Share | None:
    """The share of a row of a published table; None where it may not be told, or nobody answered."""
    if row["mark"] == "secret" or pd.isna(row["share"]) or pd.isna(row["population"]):
        return None
    return Share(*(int(row[name]) for name in ("count", "base", "population", "low", "high", "least", "most")))


def _before(before: pd.DataFrame, category: str) -> tuple[float, ...]:
    """The shares that the wave before may have given to an answer, in per cent."""
    rows = before[before["category"] == category]
    if rows.empty or pd.isna(rows["first_base"].iloc[0]):
        return ()
    return tuple(100 * count / rows["first_base"].iloc[0] for count in rows["first_counts"].iloc[0])


def _figure(wave: WaveReport, question: Question, table: pd.DataFrame, before: pd.DataFrame) -> HTML:
    t = wave.language.text
    bars = []
    for _, row in table.iterrows():
        estimate = _known(row)
        said = t("wave.secret") if row["mark"] == "secret" else t("wave.of", count=row["count"], base=row["base"])
        bars.append(Bar(wave.label(question, row["category"]), estimate, _before(before, row["category"]), said))
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
    figures = wave.tables["published_figures"]
    cited = figures[figures["topic"] == question.feeds]
    caption = Caption(reading, _scope(wave, question, table), wave.cite(cited) if len(cited) else wave.cite())
    rows = [t("wave.alt_row", label=bar.label, note=bar.note) for bar in bars]
    names = (wave.label_of_wave, t("wave.interval", level=round(100 * wave.level)), BEFORE)
    return illustrate(
        wave_charts.waves(bars, names, t("wave.axis")),
        t("wave.alt", rows=t("separator").join(rows)),
        caption,
        wave.language,
    )


def _scope(wave: WaveReport, question: Question, table: pd.DataFrame) -> str:
    everyone = table[table["group"] == tabulation.EVERYONE] if "group" in table else table
    known = everyone["base"].iloc[0]
    base = wave.language.text("wave.some") if pd.isna(known) else wave.language.number(int(known))
    several = wave.language.text("wave.several") if question.type == "multiple" else ""
    hidden = disclosure.note(wave.published, wave.language) if (table["mark"] == "secret").any() else ""
    said = wave.language.text("wave.scope", base=base, question=wave.wording(question))
    return " ".join(filter(None, [said, several, hidden]))


def _table(wave: WaveReport, question: Question, table: pd.DataFrame, before: pd.DataFrame) -> HTML:
    t = wave.language.text
    verdicts = before.set_index("category")
    rows = []
    for _, row in table.iterrows():
        secret = row["mark"] == "secret"
        estimate = _known(row)
        said = verdicts.loc[row["category"]] if row["category"] in verdicts.index else None
        shares_before = sorted({round(share) for share in _before(before, row["category"])})
        rows.append(
            {
                t("wave.answer"): wave.label(question, row["category"]),
                t("wave.count"): t("wave.secret") if secret else wave.language.number(int(row["count"])),
                t("wave.share"): ""
                if secret or pd.isna(row["share"])
                else t("percent", value=round(100 * row["share"])),
                t("wave.members"): t("chance.from_to", low=estimate.low, high=estimate.high) if estimate else "",
                t("wave.before", wave=BEFORE): t("percent", value=wave.language.alternatives(shares_before))
                if shares_before
                else "",
                t("wave.verdict"): "" if said is None or secret else _verdict(wave, said),
            }
        )
    shown = pd.DataFrame(rows)
    first = next((row for row in rows if row[t("wave.share")]), None)
    example = t("wave.table_example", label=first[t("wave.answer")], share=first[t("wave.share")]) if first else ""
    reading = " ".join(filter(None, [example, t("wave.table_reading")]))
    caption = Caption(reading, _scope(wave, question, table), wave.cite())
    return tabulate(shown, wave.wording(question), caption, wave.language)


def _verdict(wave: WaveReport, said: pd.Series) -> str:
    """Whether an answer changed, and why nobody can tell where it is not for chance alone."""
    verdict = wave.language.label("wave_verdict", said["family_verdict"])
    if pd.isna(said["reason"]) or said["reason"] == "interval":
        return verdict
    return wave.language.text(
        "wave.because", verdict=verdict, reason=wave.language.label("wave_reason", said["reason"])
    )


def crossed(wave: WaveReport, question_id: str, by: str) -> HTML:
    """One question crossed with groups of collectivities: counts and shares of each group."""
    t, question = wave.language.text, wave.asked[question_id]
    table = wave.published.tables[f"{question_id} {by}"]
    columns: dict[str, list[str]] = {t("wave.answer"): [wave.label(question, code) for code in question.codes]}
    for group, rows in table.groupby("group", sort=False):
        base = rows["base"].iloc[0]
        name = t("wave.everyone") if group == tabulation.EVERYONE else wave.language.label(by, str(group))
        size = t("wave.secret") if pd.isna(base) else wave.language.number(int(base))
        columns[t("wave.group", name=name, base=size)] = [_cell(wave, row) for _, row in rows.iterrows()]
    caption = Caption(t("wave.crossed_reading"), _scope(wave, question, table), wave.cite())
    return tabulate(pd.DataFrame(columns), wave.wording(question), caption, wave.language)


def _cell(wave: WaveReport, row: pd.Series) -> str:
    if row["mark"] == "secret":
        return wave.language.text("wave.secret")
    if pd.isna(row["share"]):
        return ""
    share = wave.language.text("percent", value=round(100 * row["share"]))
    return wave.language.text("partners.count_note", count=int(row["count"]), share=share)


def numbers(wave: WaveReport, question_id: str) -> HTML:
    """A number asked of the respondents: how many gave it, its mean and its quartiles, as far as they may be told."""
    t, question = wave.language.text, wave.asked[question_id]
    found = disclosure.summarised(tabulation.numeric(wave.answers, question), question)
    parts: tuple[str, ...] = ("mean", "least", "lower_quartile", "median", "upper_quartile", "most")
    if wave.synthetic:  # only these come from what was published
        parts = PUBLISHED_NUMBERS[question_id]
    table = pd.DataFrame(
        {
            t("wave.number"): [t(f"wave.{part}") for part in parts],
            t("wave.value"): [
                None if pd.isna(getattr(found, part)) else round(getattr(found, part), 1) for part in parts
            ],
        }
    )
    caption = Caption(
        t("wave.numbers_reading", count=found.count),
        t("wave.scope", base=found.count, question=wave.wording(question)),
        wave.cite(),
    )
    return tabulate(table, wave.wording(question), caption, wave.language)


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
            t("own.all"): _cell(wave, everyone.loc[code]),
            t("own.alike"): _cell(wave, alike.loc[code]) if code in alike.index else "",
        }
        for code in filter(None, given.split(";"))
    ]


def section(wave: WaveReport, code: str) -> HTML:
    """Every question of a section that is counted, with its heading: all respondents, then communes and EPCI."""
    parts: list[HTML] = []
    for question in wave.asked.sections()[code]:
        if question.type == "text" or not wave.answers[question.id].notna().any():
            continue
        parts.append(render("heading.html.j2", text=wave.wording(question)))
        if question.choices:
            groups = ["place_kind", *BY_SIZE.get(question.id, ())]
            parts += [shares(wave, question.id), *(crossed(wave, question.id, by) for by in groups)]
        else:
            parts.append(numbers(wave, question.id))
    if not parts:
        return note(wave.language.text("wave.no_answer"))
    return HTML("\n".join(part.data for part in parts))
