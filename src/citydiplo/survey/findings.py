"""Where the printed numbers of the study do not agree with each other, or with what else is known.

Each check yields the findings it makes; ``data/audit_findings.csv`` says in words what they mean. The methods are in
`citydiplo.survey.audit`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from citydiplo.collectivities import EPCI_KINDS, EPCI_STRATA
from citydiplo.data import Tables
from citydiplo.survey.audit import counts_behind, joint_bases
from citydiplo.survey.evidence import nearest_counts, orders, size_class_rooms
from citydiplo.survey.register import base_of, bounds, chart
from citydiplo.survey.resources import budget_orders

# Questions with one answer for each respondent: the parts make up the base.
EXCLUSIVE = ("commune_stratum", "epci_stratum", "carrier", "budget_trend", "leadership", "citizens_place")

# A printed total and its printed parts (rows, or all the chart's rows of a topic).
TOTALS = {
    "sum-members": ("members-all-2020", ("members-communes", "members-epci")),
    "sum-members-now": ("members-all-now", ("members-communes-now", "members-epci-now")),
    "sum-respondents": ("respondents-all", ("respondents-communes", "respondents-epci")),
    "sum-interviews-text": ("interviews-all-thanks", tuple(
        f"interviews-{who}-text" for who in (
            "mayors", "deputy-mayors", "officers", "operator", "institutions", "researchers", "steering-committee",
        )
    )),
    "sum-interviews-chart": ("interviews-all-thanks", tuple(
        f"interviews-{who}-chart" for who in (
            "mayors", "deputy-mayors", "officers", "operator", "institutions", "steering-committee",
        )
    )),
    "sum-elected": ("elected-asked", ("interviews-mayors-text", "interviews-deputy-mayors-text")),
    "sum-commune-activity": ("respondents-communes", tuple(f"commune-activity-{n}" for n in range(1, 11))),
    "sum-epci-activity": ("respondents-epci", tuple(f"epci-activity-{n}" for n in range(1, 7))),
    "sum-citizens-absent": ("citizens-absent-text", ("citizens-10-chart", "citizens-24-chart")),
}  # fmt: skip

SIGNS = {
    "exact": "",
    "about": "≈ ",
    "nearly": "≲ ",
    "more_than": "> ",
    "at_least": "≥ ",
    "less_than": "< ",
    "at_most": "≤ ",
}

# A share whose base cannot be larger than the number of those who were asked.
PART_OF = {"base-twinning-cities": ("twinning-cities", "respondents-communes")}


@dataclass(frozen=True)
class Finding:
    """Printed numbers that do not agree, with the arithmetic that shows it."""

    finding_id: str
    figures: tuple[str, ...]
    computed: str


def find(tables: Tables, everyone: pd.DataFrame) -> list[Finding]:
    """Run every check on the register.

    Parameters
    ----------
    tables : dict
        From `data.load_tables`.
    everyone : DataFrame
        From `collectivities.directory`.
    """
    figures = tables["published_figures"]
    return [
        *impossible_percentages(figures),
        *impossible_charts(figures),
        *disagreements(figures),
        *wrong_totals(figures),
        *oversized_bases(figures),
        *budget_median(figures),
        *budget_range(figures),
        *named_collectivities(figures, tables["facts"]),
        *size_classes(figures, everyone),
    ]


def audited(tables: Tables, everyone: pd.DataFrame) -> pd.DataFrame:
    """The findings that still hold, in words.

    Returns
    -------
    DataFrame
        Rows of audit_findings.csv, the gravest first, that a check makes again or that come from reading, with
        ``computed`` (the arithmetic, empty for a reading) and ``where`` (the passages concerned).
    """
    found = {finding.finding_id: finding.computed for finding in find(tables, everyone)}
    written = tables["audit_findings"]
    kept = written[written["finding_id"].isin(found) | (written["check"] == "reading")]
    passages = tables["published_figures"].set_index("figure_id")["locator"]
    where = [" ; ".join(dict.fromkeys(passages[figures.split(";")])) for figures in kept["figures"]]
    order = tables["labels"].query("vocabulary == 'severity'")["code"].tolist()
    rows = kept.assign(computed=kept["finding_id"].map(found).fillna(""), where=where)
    return rows.sort_values("severity", key=lambda codes: codes.map(order.index), kind="stable", ignore_index=True)


def impossible_percentages(figures: pd.DataFrame) -> Iterator[Finding]:
    """Percentages that no count gives on their base (GRIM)."""
    exact = figures[(figures["unit"] == "percent") & (figures["qualifier"] == "exact")]
    for row, base in zip(exact.itertuples(), base_of(exact), strict=True):
        if pd.isna(base) or counts_behind(int(row.value), base):
            continue
        near = (f"{count}/{base} = {round(100 * count / base)} %" for count in nearest_counts(int(row.value), base))
        yield Finding(f"impossible-{row.figure_id}", (row.figure_id,), f"{' ; '.join(near)} ≠ {row.printed} %")


def impossible_charts(figures: pd.DataFrame) -> Iterator[Finding]:
    """Charts of exclusive answers whose percentages cannot all hold on their base, and the bases on which they can."""
    known = figures.set_index("figure_id")["value"].astype(int)
    population = {"member_communes": known["members-communes"], "member_epci": known["members-epci-now"]}
    shown = figures[(figures["place"] == "chart") & (figures["unit"] == "percent") & figures["topic"].isin(EXCLUSIVE)]
    for topic, rows in shown.assign(known=base_of(shown)).dropna(subset="known").groupby("topic", sort=False):
        base = rows["known"].iloc[0]
        most = population.get(rows["base_label"].iloc[0], known["respondents-all"])
        possible = joint_bases(rows["value"].astype(int).tolist(), most, exclusive=True)
        if base not in possible:
            bases = ", ".join(f"n = {n}" for n in possible) or "∅"
            yield Finding(f"chart-{topic}".replace("_", "-"), tuple(rows["figure_id"]), f"n ≠ {base} ; {bases}")


def disagreements(figures: pd.DataFrame) -> Iterator[Finding]:
    """The same quantity printed with different numbers: text against text, text against chart."""
    placed = figures[figures["assignment"] != "ambiguous"]
    placed = placed.assign(quantity=placed["category"].fillna("") + " " + placed["unit"])
    for topic, rows in placed.groupby("topic", sort=False):
        pairs = []
        for _, same in rows.groupby("quantity", sort=False):
            limits = [bounds(row) for row in same.itertuples()]
            if max(low for low, _ in limits) > min(high for _, high in limits):
                pairs.append(same)
        if pairs:
            computed = " ; ".join(" ≠ ".join(dict.fromkeys(map(_written, same.itertuples()))) for same in pairs)
            yield Finding(f"disagreement-{topic}".replace("_", "-"), tuple(pd.concat(pairs)["figure_id"]), computed)


def _written(figure: Any) -> str:
    """A printed number in signs that need no translation."""
    return f"{SIGNS[figure.qualifier]}{figure.value:g}"


def wrong_totals(figures: pd.DataFrame) -> Iterator[Finding]:
    """Totals that their parts do not make up."""
    known = figures.set_index("figure_id")
    for finding, (whole, parts) in TOTALS.items():
        total = known.loc[whole]
        limits = [bounds(row) for row in known.loc[list(parts)].itertuples()]
        low, high = sum(least for least, _ in limits), sum(most for _, most in limits)
        if low > bounds(total)[1] or high < bounds(total)[0]:
            numbers = known.loc[list(parts), "value"].astype(int)
            sign = " + ".join(map(str, numbers))
            yield Finding(finding, (whole, *parts), f"{sign} = {numbers.sum()} ≠ {int(total['value'])}")


def oversized_bases(figures: pd.DataFrame) -> Iterator[Finding]:
    """Bases larger than the number of those who answered."""
    known = figures.set_index("figure_id")
    for finding, (share, population) in PART_OF.items():
        base, size = known.loc[share, "base"], int(known.loc[population, "value"])
        if base > size:
            yield Finding(finding, (share, population), f"{base} > {size}")


def budget_median(figures: pd.DataFrame) -> Iterator[Finding]:
    """A printed median that the classes of budget allow only if several budgets are exactly at the edge of a class."""
    medians = budget_orders(figures)["median"]
    printed = figures.set_index("figure_id").loc["budget-median", "value"]
    if not medians.min() <= printed <= medians.max():
        rows = ("budget-median", *figures.loc[figures["topic"] == "budget_class", "figure_id"])
        low, high = round(medians.min() / 1000), round(medians.max() / 1000)
        yield Finding("median-budget", rows, f"{low}–{high} ≠ {printed / 1000:.0f} (k€)")


def budget_range(figures: pd.DataFrame) -> Iterator[Finding]:
    """A printed range that leaves out answers which the chart counts."""
    shown = chart(figures, "budget_class", ["under_100000", "over_1000000"]).set_index("category")
    below, above = shown["values"]
    base = shown["base"].iloc[0]
    if below[0] > 0:
        rows = (
            "budget-range-least",
            "budget-range-most",
            *figures.loc[figures["topic"] == "budget_class", "figure_id"],
        )
        low, high = int(below[0] + above[0]), int(below[-1] + above[-1])
        yield Finding("range-budget", rows, f"{low}–{high} / {base}")


def named_collectivities(figures: pd.DataFrame, facts: pd.DataFrame) -> Iterator[Finding]:
    """Classes of a chart that hold fewer collectivities than the text names."""
    staff = facts.loc[facts["indicator"] == "staff_count"]
    named = {
        "budget": (
            "budget-class-4",
            facts[(facts["indicator"] == "budget_class") & (facts["value"] == "over_1000000")],
        ),
        "staff": ("staff-class-4", staff[staff["value"].astype(int) > 10]),
    }
    known = figures.set_index("figure_id")["value"].astype(int)
    for name, (figure, rows) in named.items():
        collectivities = rows["collectivity_id"].nunique()
        if collectivities > known[figure]:
            yield Finding(f"named-{name}", (figure,), f"{collectivities} > {known[figure]}")


def size_classes(figures: pd.DataFrame, everyone: pd.DataFrame) -> Iterator[Finding]:
    """Size classes of EPCI whose percentages fit the official populations in no order."""
    rows = figures[figures["topic"] == "epci_stratum"]
    rooms = size_class_rooms(everyone[everyone["kind"].isin(EPCI_KINDS)], list(EPCI_STRATA.values()))
    counts = {row.figure_id: nearest_counts(int(row.value), int(row.base)) for row in rows.itertuples()}
    if not orders(counts, rooms):
        upper = list(EPCI_STRATA.values())[2:]
        computed = ", ".join(f"{rooms[code].most}" for code in upper)
        yield Finding("strata-epci", tuple(rows["figure_id"]), f"≤ {computed} ; {', '.join(rows['printed'])} %")
