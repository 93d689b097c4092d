"""The exhibits of the notebook on typologies: the study's charts of sizes, carriers, forms and domains."""

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, typologies
from citydiplo.captions import Caption, illustrate
from citydiplo.collectivities import EPCI_KINDS
from citydiplo.exhibits.study import Study, percents, shares
from citydiplo.survey.audit import counts_behind

LEVELS = 3  # of activity, in the study's charts


def members(study: Study, topic: str) -> HTML:
    """The members of France urbaine by size class, with every share that each class may have."""
    t, write = study.language.text, percents(study)
    chart = study.chart(topic)
    last, base = chart.iloc[-1], int(chart["base"].iloc[0])
    lost = (chart["assignment"] == "ambiguous").any()
    caption = Caption(
        t("bars.reading", label=last["label"], counts=write(last["values"])),
        t(
            "typologies.members_scope",
            base_label=study.language.label("base_label", last["base_label"]),
            base=t("bars.base", base=base),
            order=t("typologies.percent_order") if lost else "",
        ),
        study.cite(chart),
    )
    bars = [t("survey.bar", label=row.label, count=write(row.values)) for row in chart.itertuples()]
    values, nobody = chart["values"].tolist(), [False] * len(chart)
    drawing = charts.class_distribution(chart["label"].tolist(), values, nobody, write)
    return illustrate(drawing, t("bars.alt", bars=t("separator").join(bars)), caption, study.language)


def threshold(study: Study) -> int:
    """The population that the study sets between cities and EPCI."""
    return int(study.printed.loc["size-threshold-text", "value"])


def examples(study: Study, everyone: pd.DataFrame) -> HTML:
    """Whom the study names as carrying the action alone, or as most active, by population."""
    t, number = study.language.text, study.language.number
    rows = typologies.examples(study.tables["facts"], everyone)
    words = {
        "city": t("typologies.carried_city"),
        "epci": t("typologies.carried_epci"),
        "most_active_metropolis": t("typologies.most_active"),
    }
    limit = threshold(study)
    notes = [
        t("typologies.named_note", population=int(row.population), name=row.collectivity, mark=words[row.mark])
        for row in rows.itertuples()
    ]
    first = rows.iloc[0]
    caption = Caption(
        t(
            "typologies.named_reading",
            name=first["collectivity"],
            population=int(first["population"]),
            mark=words[first["mark"]],
            threshold=limit,
        ),
        t("typologies.named_scope", count=len(rows)),
        study.cite(study.printed.loc[["size-threshold-text"]], rows),
    )
    drawing = charts.dots(
        rows["collectivity"].tolist(),
        rows["population"].astype(int).tolist(),
        [words[mark] for mark in rows["mark"]],
        t("typologies.named_axis"),
        hollow=rows["kind"].isin(EPCI_KINDS).tolist(),
        lines=[limit],
        ticks={tick: number(tick // 1000) for tick in (100_000, limit, 500_000, 1_000_000)},
        log=True,
    )
    return illustrate(drawing, t("typologies.named_alt", rows=t("separator").join(notes)), caption, study.language)


def activity(study: Study) -> pd.DataFrame:
    """The least and the greatest number of communes of each size that answered on their activity.

    Returns
    -------
    DataFrame
        Columns category, label, members, least and most.
    """
    sizes = study.chart("commune_stratum")
    sizes["members"] = [
        counts_behind(int(values[0]), int(base))[0] for values, base in zip(sizes["values"], sizes["base"], strict=True)
    ]
    numbers = study.rows(["commune_activity"])["value"].astype(int).tolist()
    found = typologies.respondents(numbers, dict(zip(sizes["category"], sizes["members"], strict=True)), LEVELS)
    return sizes.assign(
        least=[found[code][0] for code in sizes["category"]], most=[found[code][1] for code in sizes["category"]]
    )


def respondents(study: Study) -> HTML:
    """How many communes of each size answered on their activity, whatever the order of the chart's numbers."""
    t = study.language.text
    sizes, printed = activity(study), study.rows(["commune_activity"])
    ranges = [
        t("typologies.activity_range", least=row.least, most=row.most, members=row.members)
        for row in sizes.itertuples()
    ]
    caption = Caption(
        t("typologies.activity_reading", label=sizes["label"].iloc[1], range=ranges[1]),
        t(
            "typologies.activity_scope",
            total=int(printed["value"].sum()),
            numbers=len(printed),
            cells=LEVELS * len(sizes),
        ),
        study.cite(sizes, printed),
    )
    bars = [t("survey.bar", label=label, count=note) for label, note in zip(sizes["label"], ranges, strict=True)]
    limits = list(zip(sizes["least"], sizes["most"], strict=True))
    drawing = charts.possible(sizes["label"].tolist(), sizes["members"].tolist(), limits, ranges)
    return illustrate(drawing, t("bars.alt", bars=t("separator").join(bars)), caption, study.language)


def answers(study: Study, topic: str) -> HTML:
    """One of the study's typologies, from the most to the least frequent class, « other » last, with intervals."""
    t = study.language.text
    chart = study.chart(topic)
    first = chart["values"].str[0].where(chart["category"] != "other", -1)
    chart = chart.loc[first.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
    guessed = chart.loc[chart["assignment"] == "inferred", "label"]
    order = t("typologies.order_kept", labels=", ".join(guessed)) if len(guessed) else t("typologies.order_known")
    inferred = study.rows([topic])["base"].isna().all()
    scope = t(
        "typologies.shares_scope",
        base_label=study.language.label("base_label", chart["base_label"].iloc[0]),
        base=int(chart["base"].iloc[0]),
        members=study.members,
        order=f"{order} {t('typologies.inferred_base')}" if inferred else order,
    )
    return shares(study, chart, scope)
