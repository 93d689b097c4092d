"""Budgets and staff of the survey: what its classes allow, in each order that the evidence leaves."""

from collections.abc import Sequence
from itertools import permutations

import pandas as pd

from citydiplo.survey.audit import INFINITY, Bracket, grouped_median, mean_bounds, median_bounds

# Bounds of the study's classes (source france-urbaine-inet-2021, l. 2327-2335 and 2359-2368), in euros and in people.
BUDGET_CLASSES = {
    "under_100000": (0, 100_000),
    "from_100000_to_300000": (100_000, 300_000),
    "from_300000_to_1000000": (300_000, 1_000_000),
    "over_1000000": (1_000_000, INFINITY),
}
STAFF_CLASSES = {"from_0_to_2": (0, 2), "from_3_to_6": (3, 6), "from_7_to_10": (7, 10), "over_10": (11, INFINITY)}


def class_orders(figures: pd.DataFrame, topic: str, classes: Sequence[str]) -> list[tuple[int, ...]]:
    """Every way to give each class one of the chart's numbers, as the register leaves it.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    topic : str
    classes : sequence of str
        Codes, in order.

    Returns
    -------
    list of tuple
        The numbers of respondents, class by class.
    """
    rows = figures[(figures["topic"] == topic) & (figures["place"] == "chart")]
    allowed = rows["category"].fillna(rows["possible"]).str.split(";").tolist()
    numbers = rows["value"].astype(int).tolist()
    found = {
        tuple(numbers[row] for row in order)
        for order in permutations(range(len(numbers)))
        if all(code in allowed[row] for row, code in zip(order, classes, strict=True))
    }
    return sorted(found, reverse=True)


def budget_orders(figures: pd.DataFrame) -> pd.DataFrame:
    """The median budget under each order of the classes.

    Returns
    -------
    DataFrame
        ``counts`` (respondents by class), ``median`` (budgets spread evenly within their class: see
        `audit.grouped_median`), ``low`` and ``high`` (the least and the greatest median possible), in euros.
    """
    rows = []
    for counts in class_orders(figures, "budget_class", list(BUDGET_CLASSES)):
        brackets = [Bracket(*ends, count) for ends, count in zip(BUDGET_CLASSES.values(), counts, strict=True)]
        rows.append((counts, grouped_median(brackets), *median_bounds(brackets)))
    return pd.DataFrame(rows, columns=["counts", "median", "low", "high"])


def staff_orders(figures: pd.DataFrame) -> pd.DataFrame:
    """The mean staff under each order of the classes; the staff of the largest teams is known one by one.

    Returns
    -------
    DataFrame
        ``counts`` (respondents by class), ``low`` and ``high`` (the least and the greatest mean possible), in people.
    """
    named = figures[(figures["topic"] == "staff_level") & ~figures["category"].isin(["mean", "most"])]
    rows = []
    for counts in class_orders(figures, "staff_class", list(STAFF_CLASSES)):
        known = {"over_10": tuple(named["value"])}
        brackets = [
            Bracket(*ends, count, known.get(code, ()))
            for (code, ends), count in zip(STAFF_CLASSES.items(), counts, strict=True)
        ]
        rows.append((counts, *mean_bounds(brackets)))
    return pd.DataFrame(rows, columns=["counts", "low", "high"])


def rule(facts: pd.DataFrame, per_mille: float) -> pd.DataFrame:
    """What a fixed part of the voted budget would give, as Rennes has decided (l. 2316-2320 of the study).

    Parameters
    ----------
    facts : DataFrame
        The table facts: ``budget_total`` is an initial budget in euros, ``budget_class`` the documented class of the
        budget of international action.
    per_mille : float
        The part, in thousandths.

    Returns
    -------
    DataFrame
        One row a collectivity, the largest amount first: collectivity, year, ``budget`` and ``amount`` in euros,
        ``budget_class`` (missing where it is not documented), source_id, locator.
    """
    budgets = facts[facts["indicator"] == "budget_total"]
    euros = budgets["value"].str.replace(" ", "").astype(int)
    classes = facts[facts["indicator"] == "budget_class"].set_index("collectivity_id")["value"]
    rows = budgets.assign(
        budget=euros, amount=euros * per_mille / 1000, budget_class=budgets["collectivity_id"].map(classes)
    )
    columns = ["collectivity", "year", "budget", "amount", "budget_class", "source_id", "locator"]
    return rows[columns].sort_values("amount", ascending=False, ignore_index=True)
