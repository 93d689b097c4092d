"""The typologies of the sources, as rules that place collectivities by what is documented.

``data/typology_rules.csv`` says which rows of the tables are a mark of which class, where the class is defined and why
such a row is a mark of it. A collectivity may be in several classes of a typology, or in none: it is then not
documented, which is never a « no ».
"""

from collections.abc import Collection, Sequence
from itertools import product
from typing import Any

import pandas as pd

from citydiplo.collectivities import by_name, stratum
from citydiplo.data import Tables
from citydiplo.errors import UserError

NAMES = ["collectivity_id", "collectivity"]
CLASS = ["typology", "category"]
MARK = ["collectivity_id", *CLASS, "table", "evidence"]
PLACEMENT = [*NAMES, *CLASS, "rule_id", "table", "evidence", "source_id", "locator"]
NOT_DOCUMENTED = "not_documented"


def placements(rules: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Place collectivities in the classes whose marks are documented.

    Parameters
    ----------
    rules : DataFrame
        The table typology_rules. Rules on the table ``placements`` are applied once, after all others: they place in a
        class whoever is in another one.
    tables : dict
        With facts, partnerships, memberships and networks.

    Returns
    -------
    DataFrame
        One row a mark: collectivity_id, collectivity, typology, category, rule_id (the first that finds it), ``table``
        and ``evidence`` (a fact_id, a partnership_id or, of memberships, a network_id), source_id and locator (where
        the evidence was found), in the order of the rules and of the names.

    Raises
    ------
    UserError
        If a rule names a column that its table does not have, or has not one value for each column.
    """
    kinds = tables["networks"].set_index("network_id")["kind"]
    facts, links, members = tables["facts"], tables["partnerships"], tables["memberships"]
    frames = {
        "facts": facts.assign(evidence=facts["fact_id"]),
        "partnerships": links.assign(evidence=links["partnership_id"]),
        "memberships": members.assign(evidence=members["network_id"], network_kind=members["network_id"].map(kinds)),
    }
    direct = _apply(rules, {name: frame.assign(table=name) for name, frame in frames.items()})
    placed = pd.concat([direct, _apply(rules, {"placements": direct})])
    order = {rule_id: position for position, rule_id in enumerate(rules["rule_id"])}
    placed = placed.sort_values("rule_id", key=lambda ids: ids.map(order), kind="stable")
    return placed.drop_duplicates(MARK, ignore_index=True)


def _apply(rules: pd.DataFrame, frames: Tables) -> pd.DataFrame:
    """Apply the rules on these tables."""
    parts = [pd.DataFrame(columns=PLACEMENT, dtype="str")]
    for rule in rules[rules["table"].isin(frames)].itertuples():
        frame = frames[rule.table]
        marks = frame[_holds(frame, rule)].sort_values("collectivity", key=by_name, kind="stable")
        parts.append(marks.assign(typology=rule.typology, category=rule.category, rule_id=rule.rule_id)[PLACEMENT])
    return pd.concat(parts)


def _holds(frame: pd.DataFrame, rule: Any) -> pd.Series:
    """Which rows have each of the rule's values in its column; every row, if the rule names no column."""
    holds = pd.Series(True, index=frame.index)
    columns, values = ([] if pd.isna(cell) else cell.split(";") for cell in (rule.column, rule.value))
    if len(columns) != len(values):
        raise UserError(f"typology_rules.csv, rule {rule.rule_id}: {len(values)} values for {len(columns)} columns")
    for column, value in zip(columns, values, strict=True):
        if column not in frame.columns:
            raise UserError(f"typology_rules.csv, rule {rule.rule_id}: the table {rule.table} has no column {column!r}")
        holds &= _has(frame[column], value)
    return holds


def _has(cells: pd.Series, value: str) -> pd.Series:
    """Which cells are the value, or a list with it."""
    return cells.astype("string").fillna("").str.split(";").map(lambda cell: value in cell)


def sizes(everyone: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Place communes and EPCI by population.

    Parameters
    ----------
    everyone : DataFrame
        Rows of `collectivities.directory`; those without a size class are left out.
    threshold : int
        In inhabitants.

    Returns
    -------
    DataFrame
        Like `placements`: the size class of the study (typologies commune_stratum and epci_stratum) and the side of
        the threshold (typology threshold). The evidence is the population in communes.csv or epci.csv.
    """
    known = everyone[everyone["stratum"].notna()]
    communes = known["kind"] == "commune"
    rows = known.assign(
        collectivity_id=known.index,
        collectivity=known["name"],
        typology=communes.map({True: "commune_stratum", False: "epci_stratum"}),
        category=known["stratum"],
        rule_id="population",
        table=communes.map({True: "communes", False: "epci"}),
        evidence=known.index,
        source_id="decoupage-administratif-2026",
        locator="population " + known["population_year"].astype(str),
    )
    side = stratum(known["population"], {0: f"under_{threshold}", threshold: f"from_{threshold}"})
    return pd.concat([rows, rows.assign(typology="threshold", category=side)])[PLACEMENT].reset_index(drop=True)


def complete(placed: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """List the classes of every collectivity in every typology, ``not_documented`` where there is none.

    Parameters
    ----------
    placed : DataFrame
        From `placements` or `sizes`.
    listed : DataFrame
        Columns collectivity_id and ``name``: the collectivities to list; others are left out.

    Returns
    -------
    DataFrame
        Columns collectivity_id, collectivity, typology and category, each combination once.
    """
    everyone = listed[["collectivity_id", "name"]].rename(columns={"name": "collectivity"})
    grid = everyone.merge(placed[["typology"]].drop_duplicates(), how="cross")
    classes = placed[["collectivity_id", *CLASS]].drop_duplicates()
    return grid.merge(classes, how="left").fillna({"category": NOT_DOCUMENTED})


def cross(completed: pd.DataFrame, rows: str, columns: str) -> pd.DataFrame:
    """Count collectivities by their classes in two typologies.

    A collectivity that is in several classes counts in each: the cells do not sum to the number of collectivities.

    Parameters
    ----------
    completed : DataFrame
        From `complete`.
    rows, columns : str
        The typologies.
    """
    one, other = (
        completed[completed["typology"] == typology].set_index("collectivity_id")["category"].rename(typology)
        for typology in (rows, columns)
    )
    pairs = one.to_frame().join(other)
    return pd.crosstab(pairs[rows], pairs[columns])


def profiles(placed: pd.DataFrame, classes: Sequence[tuple[str, str]], least: int = 1) -> pd.DataFrame:
    """Which collectivity has a documented mark of which class.

    Parameters
    ----------
    placed : DataFrame
        From `placements`.
    classes : sequence of (typology, category)
        The classes that make a profile.
    least : int
        Collectivities with fewer classes are left out.

    Returns
    -------
    DataFrame of bool
        Rows: collectivity_id, by name; columns: ``classes``. False means not documented.
    """
    marks = placed[[*NAMES, *CLASS]].drop_duplicates()
    table = pd.crosstab(marks["collectivity_id"], [marks["typology"], marks["category"]]).astype(bool)
    names = marks.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"]
    columns = pd.MultiIndex.from_tuples(classes, names=CLASS)
    table = table.loc[names.sort_values(key=by_name).index].reindex(columns=columns, fill_value=False)
    return table[table.sum(axis="columns") >= least]


def respondents(numbers: list[int], members: dict[str, float], cells: int) -> dict[str, tuple[int, int]]:
    """The least and the greatest number of respondents of each class, when a chart's numbers lost their labels.

    Each class has a few cells, and each number fills one; the others are empty.

    Parameters
    ----------
    numbers : list of int
        The chart's numbers, in any order.
    members : dict
        The most respondents that each class can have.
    cells : int
        Cells of each class.

    Returns
    -------
    dict
        Class → (least, most); empty if no way to fill the cells exists.
    """
    # A way to fill the cells so far: the sum and the number of the filled cells of each class.
    ways = {tuple((0, 0) for _ in members)}
    for number in numbers:
        ways = {
            (*way[:place], (way[place][0] + number, way[place][1] + 1), *way[place + 1 :])
            for way in ways
            for place, most in enumerate(members.values())
            if way[place][1] < cells and way[place][0] + number <= most
        }
    totals = [[total for total, _ in way] for way in ways]
    return {name: (min(found), max(found)) for name, *found in zip(members, *totals, strict=True)} if totals else {}


def examples(facts: pd.DataFrame, everyone: pd.DataFrame) -> pd.DataFrame:
    """The collectivities that a source names as carrying the action without the other level, or as most active.

    Parameters
    ----------
    facts : DataFrame
        The table facts.
    everyone : DataFrame
        From `collectivities.directory`.

    Returns
    -------
    DataFrame
        Rows of facts.csv with ``mark`` (city or epci, of the vocabulary carrier, or most_active_metropolis), ``kind``
        and ``population``, by mark and population.
    """
    marks = facts["indicator"].where(facts["indicator"] != "carrier", facts["value"])
    order = ("city", "epci", "most_active_metropolis")
    kept = facts.assign(mark=marks)[marks.isin(order)].join(everyone[["kind", "population"]], on="collectivity_id")
    kept["mark"] = pd.Categorical(kept["mark"], order, ordered=True)
    return kept.sort_values(["mark", "population"], ignore_index=True)


def beyond(chart: pd.DataFrame, below: Collection[str]) -> list[int]:
    """The shares, in per cent, that a chart of exclusive classes allows outside some of them.

    Parameters
    ----------
    chart : DataFrame
        From `register.chart`, at most one of the classes below having several values.
    below : collection of str
        The classes to leave out.
    """
    values = chart.loc[chart["category"].isin(below), "values"]
    return sorted({100 - int(sum(way)) for way in product(*values)})
