"""The exhibits of the notebook on budgets and staff."""

import pandas as pd
from IPython.display import HTML

from citydiplo import charts
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.exhibits.study import Study, shares
from citydiplo.survey import resources


def _order(counts: tuple[int, ...]) -> str:
    return ", ".join(map(str, counts))


def medians(study: Study) -> HTML:
    """The median budget in each order of the classes, beside the printed one."""
    t = study.language.text
    orders = resources.budget_orders(study.figures)
    thousands = (orders[["median", "low", "high"]] / 1000).round().astype(int)
    first, names = thousands.iloc[0].to_dict(), [_order(counts) for counts in orders["counts"]]
    value = round(study.printed.loc["budget-median", "value"] / 1000)
    counts = orders["counts"].iloc[0]
    caption = Caption(
        t("resources.medians_reading", counts=names[0], **first),
        t("resources.medians_scope", base=sum(counts), orders=len(orders), above=counts[-1]),
        study.cite(study.rows(["budget_class"]), study.printed.loc[["budget-median"]]),
    )
    least, most = int(thousands["median"].min()), int(thousands["median"].max())
    alt = t("resources.medians_alt", low=first["low"], high=first["high"], least=least, most=most, value=value)
    drawing = charts.ranges(
        [t("resources.order_label", counts=name) for name in names],
        list(zip(thousands["low"], thousands["high"], strict=True)),
        thousands["median"].tolist(),
        (value, t("resources.mark", value=value)),
        t("resources.medians_axis"),
        study.language.number,
    )
    return illustrate(drawing, alt, caption, study.language)


def trend(study: Study) -> HTML:
    """The trend of budgets, with intervals."""
    chart = study.chart("budget_trend")
    base = int(chart["base"].iloc[0])
    return shares(study, chart, study.language.text("resources.trend_scope", base=base, members=study.members))


def means(study: Study) -> HTML:
    """The mean staff in each order of the classes, beside the printed one."""
    t = study.language.text
    orders = resources.staff_orders(study.figures)
    names = [_order(counts) for counts in orders["counts"]]
    ends = orders[["low", "high"]].round(2).to_dict("records")
    teams = study.printed.loc[["staff-nantes", "staff-lyon", "staff-strasbourg", "staff-paris"]]
    value = int(study.printed.loc["staff-mean-text", "value"])
    caption = Caption(
        t("resources.means_reading", counts=names[0], **ends[0]),
        t(
            "resources.means_scope",
            base=sum(orders["counts"].iloc[0]),
            orders=len(orders),
            named=", ".join(teams["printed"]),
        ),
        study.cite(study.rows(["staff_class", "staff_few"]), study.printed.loc[["staff-mean-text"]], teams),
    )
    rows = [t("resources.means_row", counts=name, **limits) for name, limits in zip(names, ends, strict=True)]
    drawing = charts.ranges(
        [t("resources.order_label", counts=name) for name in names],
        [(limits["low"], limits["high"]) for limits in ends],
        None,
        (value, t("resources.mark", value=value)),
        t("resources.means_axis"),
        study.language.number,
    )
    alt = t("resources.means_alt", rows=t("separator").join(rows), value=value)
    return illustrate(drawing, alt, caption, study.language)


def organisation(study: Study) -> HTML:
    """Every number that the study prints on leadership, attachment and work across departments."""
    t = study.language.text
    rows = study.rows(["leadership", "attachment", "transversality"])
    table = pd.DataFrame(
        {
            t("resources.statement"): [_statement(study, row) for _, row in rows.iterrows()],
            t("resources.printed"): [t("percent", value=value) for value in rows["printed"]],
            t("resources.where"): rows["locator"],
        }
    )
    label, value, where = table.iloc[0]
    caption = Caption(
        t("resources.organisation_reading", label=label, printed=value, where=where),
        t("resources.organisation_scope"),
        study.cite(rows),
    )
    return tabulate(table, t("resources.organisation_title"), caption, study.language)


def _statement(study: Study, row: pd.Series) -> str:
    """The topic of a figure and its answer; where the answer is not known, those that are possible."""
    topic = study.language.label("figure_topic", row["topic"])
    codes = row["possible"] if pd.isna(row["category"]) else row["category"]
    if pd.isna(codes):
        return topic
    labels = [study.language.label(row["topic"], code) for code in codes.split(";")]
    return study.language.text("survey.bar", label=topic, count=study.language.either(labels))


def placed(study: Study) -> HTML:
    """Which collectivities a source names in each class of budget."""
    t = study.language.text
    facts = study.tables["facts"]
    known = facts[facts["indicator"] == "budget_class"]
    named = known.groupby("value")["collectivity"].agg(", ".join)
    chart = study.chart("budget_class")
    table = pd.DataFrame(
        {
            t("resources.class"): chart["label"],
            t("resources.respondents"): [study.language.alternatives(values) for values in chart["values"]],
            t("resources.named"): chart["category"].map(named),
        }
    )
    label, _, names = table.iloc[0]
    caption = Caption(
        t("resources.placed_reading", label=label, named=names),
        t("resources.placed_scope", count=len(known)),
        study.cite(known, chart),
    )
    return tabulate(table, t("resources.placed_title"), caption, study.language)


def teams(study: Study) -> HTML:
    """The staff of the collectivities whose number a source gives."""
    t = study.language.text
    facts = study.tables["facts"]
    staff = facts[facts["indicator"] == "staff_count"]
    staff = staff.assign(people=staff["value"].astype(int)).sort_values("people", ascending=False, kind="stable")
    name, people = staff.iloc[0][["collectivity", "people"]]
    caption = Caption(
        t("resources.teams_reading", name=name, count=people),
        t("resources.teams_scope", count=len(staff)),
        study.cite(staff),
    )
    rows = [t("resources.teams_row", name=row.collectivity, count=row.people) for row in staff.itertuples()]
    drawing = charts.dots(
        staff["collectivity"].tolist(),
        staff["people"].tolist(),
        [study.language.number(people) for people in staff["people"]],
        t("resources.teams_axis"),
        lines=[most + 0.5 for _, most in list(resources.STAFF_CLASSES.values())[:-1]],
        ticks={tick: str(tick) for tick in range(0, 31, 5)},
    )
    return illustrate(drawing, t("resources.alt", rows=", ".join(rows)), caption, study.language)


def rule(study: Study, per_mille: float) -> HTML:
    """What a fixed part of the voted budget would give, city by city."""
    t, number = study.language.text, study.language.number
    rows = resources.rule(study.tables["facts"], per_mille)
    amounts = [round(amount, -3) for amount in rows["amount"]]
    rennes = rows[rows["collectivity"] == "Rennes"].iloc[0]
    example = {"name": rennes["collectivity"], "budget": int(rennes["budget"]), "year": str(rennes["year"])}
    caption = Caption(
        t("resources.rule_reading", rate=per_mille, amount=round(rennes["amount"], -3), **example),
        t("resources.rule_scope", count=len(rows)),
        source_line(study.language, study.tables["sources"], rows),
    )
    named = zip(rows["collectivity"], amounts, strict=True)
    edges = [low for low, _ in list(resources.BUDGET_CLASSES.values())[1:]]
    drawing = charts.dots(
        rows["collectivity"].tolist(),
        rows["amount"].tolist(),
        [t("euros", amount=amount) for amount in amounts],
        t("resources.rule_axis"),
        log=True,
        lines=edges,
        ticks={edge: number(edge) for edge in edges},
    )
    alt = t("resources.alt", rows=t("separator").join(t("resources.rule_row", name=n, amount=a) for n, a in named))
    return illustrate(drawing, alt, caption, study.language)


def compared(study: Study, per_mille: float) -> HTML:
    """The rule beside the documented class of budget, where both are known."""
    t = study.language.text
    rows = resources.rule(study.tables["facts"], per_mille).dropna(subset="budget_class")
    table = pd.DataFrame(
        {
            t("resources.collectivity"): rows["collectivity"],
            t("resources.budget"): [
                t("resources.budget_year", amount=row.budget, year=str(row.year)) for row in rows.itertuples()
            ],
            t("resources.rule", rate=per_mille): [t("euros", amount=round(amount, -3)) for amount in rows["amount"]],
            t("resources.documented"): [study.language.label("budget_class", code) for code in rows["budget_class"]],
        }
    )
    name, _, amount, label = table.iloc[0]
    known = study.tables["facts"].query("indicator == 'budget_class'")
    caption = Caption(
        t("resources.compared_reading", name=name, amount=amount, label=label),
        t("resources.compared_scope"),
        source_line(study.language, study.tables["sources"], rows, known),
    )
    return tabulate(table, t("resources.compared_title"), caption, study.language)
