"""One wave of the survey as the notebooks show it, and the exhibits that several of them need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, data
from citydiplo.captions import Caption, illustrate, source_line
from citydiplo.data import Tables
from citydiplo.inference import Share, share
from citydiplo.language import Language
from citydiplo.survey import register
from citydiplo.survey.audit import counts_behind


@dataclass(frozen=True)
class Study:
    """The printed figures of one wave, ready to be shown.

    Attributes
    ----------
    tables : dict
        From `data.load_tables`.
    figures : DataFrame
        The wave's rows of published_figures.
    language : Language
    level : float
        Confidence level.
    """

    tables: Tables
    figures: pd.DataFrame
    language: Language
    level: float

    @classmethod
    def load(cls, lang: str, level: float, wave: str) -> "Study":
        """Load the tables and select the wave: see `register.of_wave`."""
        tables = data.load_tables()
        figures = register.of_wave(tables["published_figures"], tables["sources"], wave)
        return cls(tables, figures, Language.of(lang, tables), level)

    @property
    def printed(self) -> pd.DataFrame:
        """The figures by their id."""
        return self.figures.set_index("figure_id")

    @property
    def members(self) -> int:
        """The population of the survey: the members asked."""
        return int(self.printed.loc["members-all-2020", "value"])

    def categories(self, topic: str) -> list[str]:
        """The codes of a topic's answers, in the order of reading."""
        labels = self.tables["labels"]
        return labels.loc[labels["vocabulary"] == topic, "code"].tolist()

    def chart(self, topic: str) -> pd.DataFrame:
        """One chart of the study (see `register.chart`) with the ``label`` of each category."""
        shown = register.chart(self.figures, topic, self.categories(topic))
        return shown.assign(label=[self.language.label(topic, code) for code in shown["category"]])

    def rows(self, topics: Sequence[str]) -> pd.DataFrame:
        """Every row of some topics."""
        return self.figures[self.figures["topic"].isin(topics)]

    def cite(self, *frames: pd.DataFrame) -> str:
        """The sources of the rows shown, with their passages."""
        return source_line(self.language, self.tables["sources"], *frames, passages=True)


def bars(study: Study, topic: str, write: Callable[[Sequence[float]], str] | None = None) -> HTML:
    """A chart of exclusive answers, with every number that each may have.

    Parameters
    ----------
    study : Study
    topic : str
    write : callable
        Writes the numbers of one answer; `Language.alternatives` if None.
    """
    t = study.language.text
    write = write or study.language.alternatives
    chart = study.chart(topic)
    last = chart.iloc[-1]
    base_label = study.language.label("base_label", last["base_label"])
    base = t("bars.base_unknown") if pd.isna(last["base"]) else t("bars.base", base=int(last["base"]))
    open_order = t("survey.order") if (chart["assignment"] == "ambiguous").any() else ""
    caption = Caption(
        t("bars.reading", label=last["label"], counts=write(last["values"])),
        t("bars.scope", base_label=base_label, base=base, order=open_order),
        study.cite(chart),
    )
    rows = [t("survey.bar", label=row.label, count=write(row.values)) for row in chart.itertuples()]
    alt = t("bars.alt", bars=t("separator").join(rows))
    nobody = [False] * len(chart)
    drawing = charts.class_distribution(chart["label"].tolist(), chart["values"].tolist(), nobody, write)
    return illustrate(drawing, alt, caption, study.language)


def percents(study: Study) -> Callable[[Sequence[float]], str]:
    """Write percentages of which one is right."""
    return lambda values: study.language.text("percent", value=study.language.alternatives(values))


def estimates(study: Study, chart: pd.DataFrame) -> list[Share]:
    """What each printed percentage of a chart says of all members."""
    return [
        share(counts_behind(int(values[0]), int(base))[0], int(base), study.members, study.level)
        for values, base in zip(chart["values"], chart["base"], strict=True)
    ]


def shares(study: Study, chart: pd.DataFrame, scope: str) -> HTML:
    """Shares of respondents with their intervals for all members.

    Parameters
    ----------
    study : Study
    chart : DataFrame
        Columns label, values (one percentage each), base, source_id and locator.
    scope : str
        The caption's scope.
    """
    t = study.language.text
    found = estimates(study, chart)
    level, members = round(100 * study.level), study.members
    numbers = [{"count": e.count, "base": e.base, "low": e.low, "high": e.high, "members": members} for e in found]
    labels = chart["label"].tolist()
    reading = t("share.reading", label=labels[0], level=level, **numbers[0])
    caption = Caption(
        f"{reading} {t('share.marks', level=level, members=members)}",
        scope,
        study.cite(chart),
    )
    rows = [t("share.alt_row", label=label, **values) for label, values in zip(labels, numbers, strict=True)]
    drawing = charts.shares(
        labels, found, lambda e: t("share.note", count=e.count, base=e.base), t("share.axis", members=members)
    )
    return illustrate(drawing, t("share.alt", rows=t("separator").join(rows)), caption, study.language)
