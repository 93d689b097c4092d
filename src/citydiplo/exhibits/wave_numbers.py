"""The numbers asked of the respondents: means, medians and quartiles, as far as they may be told."""

import pandas as pd
from IPython.display import HTML

from citydiplo.captions import Caption, tabulate
from citydiplo.exhibits.wave_tables import folded
from citydiplo.language import Language
from citydiplo.sections import note
from citydiplo.survey import disclosure, tabulation
from citydiplo.survey import levels as by_groups
from citydiplo.survey.questionnaire import Question
from citydiplo.wave_report import WaveReport

# Of a number, what the study publishes: the rest of the synthetic respondents' numbers is drawn.
PUBLISHED_NUMBERS: dict[str, tuple[str, ...]] = {"budget_amount": ("median",), "staff_count": ("mean",)}
# And its topic.
PRINTED_NUMBERS = {"budget_amount": "budget_level", "staff_count": "staff_level"}

PARTS = ("mean", "least", "lower_quartile", "median", "upper_quartile", "most")


def numbers(wave: WaveReport, question_id: str) -> HTML:
    """A number asked of the respondents: its mean and its quartiles, as far as they may be told, and those before."""
    t, question = wave.language.text, wave.asked[question_id]
    found, before = _parts(wave, question), _before(wave, question)
    table = pd.DataFrame(
        {
            t("wave.number"): [t(f"wave.{part}") for part in found.index],
            t("wave.value"): [_written(value, wave.language) for value in found],
        }
    )
    if before.notna().any():
        table[t("wave.before", wave=wave.label_of_before)] = [
            _written(before.get(part), wave.language) for part in found.index
        ]
    count = tabulation.numeric(wave.answers, question).count
    caption = Caption(
        t("wave.numbers_reading", count=count),
        t("wave.scope", base=count, question=wave.wording(question)),
        wave.cite_beside(PRINTED_NUMBERS.get(question_id)) if before.notna().any() else wave.cite(),
    )
    return tabulate(table, wave.wording(question), caption, wave.language)


def _parts(wave: WaveReport, question: Question) -> pd.Series:
    """What may be told of a number; of synthetic respondents, what comes from a published figure."""
    found = disclosure.summarised(tabulation.numeric(wave.answers, question), question)
    parts = PUBLISHED_NUMBERS[question.id] if wave.synthetic else PARTS
    return pd.Series({part: getattr(found, part) for part in parts}, dtype=float)


def _before(wave: WaveReport, question: Question) -> pd.Series:
    """The same of the wave before, as far as it is known."""
    if wave.before:
        return _parts(wave.before, question)
    figures = wave.tables["published_figures"]
    rows = figures[(figures["topic"] == PRINTED_NUMBERS.get(question.id)) & figures["category"].isin(PARTS)]
    return rows.drop_duplicates("category").set_index("category")["value"].astype(float)


def _written(value: float | None, language: Language) -> str:
    return "" if value is None or pd.isna(value) else language.number(round(value, 1))


def median(wave: WaveReport, question: Question) -> list[HTML]:
    """The median budget that the classes give, where the question has these."""
    if question.id != "budget_class":
        return []
    t, table = wave.language.text, wave.published.tables[question.id]
    found, where = by_groups.budget_median(table), by_groups.median_class(table)
    if where is None:
        return [note(t("wave.grouped_median_secret"))]
    if found is None:
        return [note(t("wave.grouped_median_open", label=wave.label(question, where)))]
    return [note(t("wave.grouped_median", median=round(found, -3)))]


def levels(wave: WaveReport, question: Question) -> list[HTML]:
    """A number by groups of collectivities, folded away; nothing of synthetic respondents, whose numbers are drawn."""
    if wave.synthetic:
        return []
    t = wave.language.text
    found = by_groups.by_group(wave.answers, question)
    if found[by_groups.PARTS].isna().all(axis=None):
        return [note(t("wave.levels_none"))]
    names = [_group(wave, row.by, row.group) for row in found.itertuples()]
    table = pd.DataFrame({t("wave.group_name"): names, t("wave.given"): found["count"].to_numpy()})
    for part in by_groups.PARTS:
        table[t(f"wave.{part}")] = [_written(value, wave.language) for value in found[part]]
    key = "wave.levels_open_reading" if question.confidentiality == "open" else "wave.levels_reading"
    caption = Caption(
        t(key, group=names[0], count=int(found["count"].iloc[0])),
        t("wave.scope", base=tabulation.numeric(wave.answers, question).count, question=wave.wording(question)),
        wave.cite(),
    )
    # The smallest EPCI are a class of both divisions by size.
    table = table.drop_duplicates(t("wave.group_name"), keep="last")
    return [folded(t("wave.levels"), [tabulate(table, wave.wording(question), caption, wave.language)])]


def _group(wave: WaveReport, by: str, group: str) -> str:
    """What a group is called among those of other divisions."""
    t, name = wave.language.text, wave.language.label(by, group)
    if by == "place_kind":
        return name
    sort = t("partners.commune") if by == "commune_stratum" else t("partners.epci")
    return t("partners.size", sort=sort, size=name)
