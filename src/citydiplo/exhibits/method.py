"""The exhibits of the notebook on sources and method."""

from typing import Any

import pandas as pd
from IPython.display import HTML

from citydiplo import charts, collectivities
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.exhibits.study import Study
from citydiplo.inference import coverage, design_effect, response_weights, share, wald, wilson
from citydiplo.survey.audit import counts_behind
from citydiplo.survey.findings import audited
from citydiplo.survey.register import base_of

STRATA = ("communes", "epci")

# Forms of action from the most to the least frequent, to compare intervals.
COMPARED = ("decentralised_cooperation", "intercultural_exchange", "cross_border", "other")


def sources(study: Study) -> HTML:
    """The documents on international action; the pages that only give a city's budget are counted apart."""
    t = study.language.text
    facts, known = study.tables["facts"], study.tables["sources"]
    about = facts[facts["indicator"] != "budget_total"]["source_id"]
    cited = pd.concat([about, study.figures["source_id"]]).value_counts()
    documents = known[known["source_id"].isin(cited.index)]
    table = pd.DataFrame(
        {
            t("method.title"): documents["title"],
            t("method.publisher"): documents["publisher"],
            t("method.date"): documents["published"].fillna(documents["accessed"]),
            t("method.rows"): documents["source_id"].map(cited),
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t("method.sources_reading", title=first.iloc[0], count=int(first.iloc[3])),
        t("method.sources_scope", count=len(table), budgets=len(set(facts["source_id"]) - set(cited.index))),
        source_line(study.language, known, documents),
    )
    return tabulate(table, t("method.sources_title"), caption, study.language)


def strata(study: Study) -> pd.DataFrame:
    """Members and answers of communes and EPCI: columns population and base."""
    value = study.printed["value"].astype(int)
    return pd.DataFrame(
        {
            "population": [value[f"members-{stratum}"] for stratum in STRATA],
            "base": [value[f"respondents-{stratum}"] for stratum in STRATA],
        },
        index=STRATA,
    )


def response(study: Study) -> HTML:
    """Members asked and members that answered, communes and EPCI."""
    t = study.language.text
    found = strata(study)
    labels = [study.language.label("members", stratum) for stratum in STRATA]
    notes = [
        t("method.answered", base=row.base, population=row.population, share=round(100 * row.base / row.population))
        for row in found.itertuples()
    ]
    rows = study.printed.loc[[f"{what}-{stratum}" for what in ("members", "respondents") for stratum in STRATA]]
    caption = Caption(
        t("method.response_reading", base=int(found["base"].iloc[0]), population=int(found["population"].iloc[0])),
        t("method.response_scope", members=int(found["population"].sum()), base=int(found["base"].sum())),
        study.cite(rows),
    )
    drawing = charts.answered(labels, found["base"].tolist(), found["population"].tolist(), notes)
    alt = t("bars.alt", bars=t("separator").join(map("{}, {}".format, labels, notes)))
    return illustrate(drawing, alt, caption, study.language)


def bases(study: Study) -> HTML:
    """How many answered each question: printed, or inferred from percentages."""
    t = study.language.text
    asked = study.figures[study.figures["base_label"].str.startswith("respondents", na=False)]
    asked = asked.assign(known=base_of(asked), inferred=asked["base"].isna()).dropna(subset="known")
    rows = asked.sort_values("inferred", kind="stable").drop_duplicates("base_label")
    labels = [study.language.label("figure_topic", topic) for topic in rows["topic"]]
    rows = rows.assign(known=rows["known"].astype(int), label=labels)
    rows = rows.sort_values("known", ascending=False, kind="stable")
    notes = [t("method.inferred" if row.inferred else "method.printed", base=row.known) for row in rows.itertuples()]
    first = rows.iloc[0]
    total = int(study.printed.loc["respondents-all", "value"])
    caption = Caption(
        t("method.bases_reading", label=first["label"], base=int(first["known"])),
        t("method.bases_scope", total=total),
        study.cite(rows),
    )
    drawing = charts.dots(
        rows["label"].tolist(),
        rows["known"].tolist(),
        notes,
        t("method.bases_axis"),
        hollow=rows["inferred"].tolist(),
        lines=[total],
        ticks={tick: str(tick) for tick in range(0, 51, 10)},
    )
    alt = t("resources.alt", rows=t("separator").join(map("{}, {}".format, rows["label"], notes)))
    return illustrate(drawing, alt, caption, study.language)


def methods(study: Study) -> HTML:
    """The same shares with three kinds of interval."""
    t = study.language.text
    chart = study.chart("form")
    shown = chart[
        chart["category"].isin(["decentralised_cooperation", "intercultural_exchange", "cross_border", "other"])
    ]
    base, members = int(shown["base"].iloc[0]), study.members
    counts = [counts_behind(int(values[0]), base)[0] for values in shown["values"]]
    exact = [share(count, base, members, study.level) for count in counts]
    limits = {
        t("method.exact"): [(found.low / members, found.high / members) for found in exact],
        "Wilson": [wilson(count, base, study.level) for count in counts],
        "Wald": [wald(count, base, study.level) for count in counts],
    }
    spans = {name: [f"{round(100 * low)}–{round(100 * high)}" for low, high in rows] for name, rows in limits.items()}
    first = dict(zip(("exact", "wilson", "wald"), (rows[0] for rows in spans.values()), strict=True))
    caption = Caption(
        t("method.methods_reading", label=shown["label"].iloc[0], count=counts[0], base=base, **first),
        t("method.methods_scope", base=base, members=members, level=round(100 * study.level)),
        study.cite(shown),
    )
    drawing = charts.intervals(
        shown["label"].tolist(), limits, [count / base for count in counts], t("method.share_axis")
    )
    rows = [f"{name} : {', '.join(found)}" for name, found in spans.items()]
    alt = t("method.methods_alt", labels=", ".join(shown["label"]), rows=t("separator").join(rows))
    return illustrate(drawing, alt, caption, study.language)


def coverages(study: Study) -> HTML:
    """How often each kind of interval holds the truth, for a sample like the survey's."""
    t = study.language.text
    base, members = int(study.chart("form")["base"].iloc[0]), study.members
    exact = [share(count, base, members, study.level) for count in range(base + 1)]
    intervals = {
        t("method.exact"): [(found.low / members, found.high / members) for found in exact],
        "Wilson": [wilson(count, base, study.level) for count in range(base + 1)],
        "Wald": [wald(count, base, study.level) for count in range(base + 1)],
    }
    curves = {name: coverage(limits, base, members) for name, limits in intervals.items()}
    least = {name: round(100 * curve.min()) for name, curve in curves.items()}
    widths = [
        f"{name} {round(100 * sum(high - low for low, high in limits) / (base + 1))}"
        for name, limits in intervals.items()
    ]
    numbers = dict(zip(("exact", "wilson", "wald"), least.values(), strict=True))
    caption = Caption(
        t("method.coverage_reading", **numbers),
        t("method.coverage_scope", base=base, members=members, widths=", ".join(widths)),
        study.cite(study.chart("form").head(1)),
    )
    names = (t("method.coverage_x", members=members), t("method.coverage_y"))
    drawing = charts.coverages(curves, study.level, names)
    return illustrate(drawing, t("method.coverage_alt", **numbers), caption, study.language)


def weights(study: Study) -> HTML:
    """What one answer of each stratum stands for, and what weighting would cost."""
    t = study.language.text
    found = strata(study)
    each = response_weights(found).round(2)
    table = pd.DataFrame(
        {
            t("method.stratum"): [study.language.label("members", stratum) for stratum in STRATA],
            t("method.members"): found["population"].to_numpy(),
            t("method.respondents"): found["base"].to_numpy(),
            t("method.weight"): each.to_numpy(),
        }
    )
    rows = study.printed.loc[[f"{what}-{stratum}" for what in ("members", "respondents") for stratum in STRATA]]
    caption = Caption(
        t("method.weights_reading", label=table.iloc[0, 0], weight=float(each.iloc[0])),
        t("method.weights_scope", effect=round(design_effect(found), 3)),
        study.cite(rows),
    )
    return tabulate(table, t("method.weights_title"), caption, study.language)


def interviews(study: Study) -> HTML:
    """The people interviewed, as the text and as the chart count them."""
    t = study.language.text
    rows = study.rows(["interviews"])
    people = rows[~rows["category"].isin(["all", "elected"])]
    wide = people.pivot_table(index="category", columns="place", values="value")
    wide = wide.reindex([code for code in study.categories("interviews") if code in wide.index])
    table = pd.DataFrame(
        {
            t("method.role"): [study.language.label("interviews", code) for code in wide.index],
            t("method.in_text"): wide["text"].astype("Int64").to_numpy(),
            t("method.in_chart"): wide["chart"].astype("Int64").to_numpy(),
        }
    )
    caption = Caption(
        t("method.interviews_reading", label=table.iloc[0, 0], count=int(table.iloc[0, 1])),
        t("method.interviews_scope", text=int(wide["text"].sum()), chart=int(wide["chart"].sum())),
        study.cite(people),
    )
    return tabulate(table, t("method.interviews_title"), caption, study.language)


def certainty(study: Study) -> HTML:
    """How sure it is that each printed number belongs to its label, by place."""
    t = study.language.text
    counts = pd.crosstab(study.figures["place"], study.figures["assignment"])
    places = [code for code in study.categories("figure_place") if code in counts.index]
    sure = [code for code in study.categories("assignment") if code in counts.columns]
    counts = counts.loc[places, sure]
    table = counts.rename(columns=lambda code: study.language.label("assignment", code)).reset_index()
    table["place"] = [study.language.label("figure_place", code) for code in places]
    table = table.rename(columns={"place": t("method.place")})
    caption = Caption(
        t("method.certainty_reading", count=int(counts.iloc[0, 0]), place=table.iloc[0, 0]),
        t("method.certainty_scope", count=len(study.figures), charts=int((study.figures["place"] == "chart").sum())),
        study.cite(study.figures.assign(locator="published_figures.csv")),
    )
    return tabulate(table, t("method.certainty_title"), caption, study.language)


def figures(study: Study, topic: str) -> HTML:
    """Every printed number on one topic, with its base, how sure its label is, and where it is printed."""
    t, label = study.language.text, study.language.label
    rows = study.rows([topic])
    known = base_of(rows)
    answers = rows["category"].fillna(rows["possible"])
    table = pd.DataFrame(
        {
            t("method.answer"): [
                label("figure_topic", topic)
                if pd.isna(codes)
                else study.language.either([label(topic, code) for code in codes.split(";")])
                for codes in answers
            ],
            t("method.number"): [_number(study, row) for row in rows.itertuples()],
            t("method.base"): [
                "" if pd.isna(base) else t("method.inferred" if pd.isna(row.base) else "method.printed", base=int(base))
                for row, base in zip(rows.itertuples(), known, strict=True)
            ],
            t("method.place"): [label("figure_place", code) for code in rows["place"]],
            t("method.sure"): [label("assignment", code) for code in rows["assignment"]],
            t("method.where"): rows["locator"],
        }
    )
    answer, number, *_, where = table.iloc[0]
    caption = Caption(
        t("method.figures_reading", label=answer, number=number, where=where),
        t("method.figures_scope", topic=label("figure_topic", topic), count=len(rows)),
        study.cite(rows),
    )
    return tabulate(table, label("figure_topic", topic), caption, study.language)


def _number(study: Study, figure: Any) -> str:
    """A printed number with its unit."""
    if figure.unit == "percent":
        return study.language.text("percent", value=figure.printed)
    return f"{figure.printed} {study.language.label('unit', figure.unit)}"


def findings(study: Study) -> HTML:
    """The audit: where printed numbers do not agree, and what would explain it."""
    t, language = study.language.text, study.language
    rows = audited(study.tables, collectivities.directory(study.tables))
    table = pd.DataFrame(
        {
            t("audit.statement"): [language.pick(row, "statement") for _, row in rows.iterrows()],
            t("audit.computed"): rows["computed"],
            t("audit.explanation"): [language.pick(row, "explanation") for _, row in rows.iterrows()],
            t("audit.severity"): [language.label("severity", code) for code in rows["severity"]],
            t("audit.where"): rows["where"],
        }
    )
    named = study.figures["figure_id"].isin(rows["figures"].str.split(";").explode())
    computed = int((rows["check"] != "reading").sum())
    caption = Caption(
        t("method.findings_reading", statement=table.iloc[0, 0]),
        t("method.findings_scope", count=len(rows), computed=computed),
        study.cite(study.figures[named].assign(locator="audit_findings.csv")),
    )
    return tabulate(table, t("method.findings_title"), caption, language)
