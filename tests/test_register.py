"""The register of printed figures: what a number can mean, and which evidence decides where it belongs."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest

from citydiplo.collectivities import COMMUNE_STRATA, EPCI_KINDS, EPCI_STRATA
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.survey.audit import counts_behind, joint_bases
from citydiplo.survey.evidence import Room, categories_left, nearest_counts, orders, size_class_rooms
from citydiplo.survey.register import bounds, chart, of_wave


@pytest.mark.parametrize(
    ("value", "qualifier", "unit", "low", "high"),
    [
        (45, "exact", "collectivity", 45, 45),
        (61, "exact", "percent", 60.5, 61.5),
        (40, "about", "collectivity", 35, 45),
        (6, "about", "person", 5.5, 6.5),
        (5000, "nearly", "collectivity", 4000, 5000),
        (70, "more_than", "percent", 70, math.inf),
        (3, "at_most", "year", -math.inf, 3),
    ],
)
def test_what_a_printed_number_can_stand_for(value: float, qualifier: str, unit: str, low: float, high: float) -> None:
    assert bounds(SimpleNamespace(value=value, qualifier=qualifier, unit=unit)) == (low, high)


def test_chart_lists_every_possible_number(tables: Tables) -> None:
    classes = ["under_100000", "from_100000_to_300000", "from_300000_to_1000000", "over_1000000"]
    shown = chart(tables["published_figures"], "budget_class", classes)
    assert shown["category"].tolist() == classes
    assert shown["values"].tolist() == [(7, 11, 12)] * 3 + [(4,)]


def test_orders_respect_the_room_of_each_category() -> None:
    rooms = {"a": Room(0, 5), "b": Room(4), "c": Room()}
    found = orders({"x": [3], "y": [5], "z": [9]}, rooms)
    assert found == [{"x": "a", "y": "b", "z": "c"}, {"x": "a", "y": "c", "z": "b"}, {"x": "c", "y": "a", "z": "b"}]
    assert categories_left(found) == {"x": {"a", "c"}, "y": {"a", "b", "c"}, "z": {"b", "c"}}
    assert orders({"x": [9]}, {"a": Room(0, 5)}) == []


def rows_of(tables: Tables, topic: str) -> pd.DataFrame:
    figures = tables["published_figures"]
    return figures[(figures["topic"] == topic) & (figures["place"] == "chart")]


def registered(rows: pd.DataFrame) -> dict[str, set[str]]:
    """The categories that the register leaves to each number."""
    return {row.figure_id: {row.category} if pd.notna(row.category) else set(row.possible.split(";"))
            for row in rows.itertuples()}  # fmt: skip


def shares(rows: pd.DataFrame) -> dict[str, list[int]]:
    return {row.figure_id: nearest_counts(int(row.value), int(row.base)) for row in rows.itertuples()}


def test_official_populations_settle_the_size_classes_of_communes(tables: Tables, everyone: pd.DataFrame) -> None:
    rows = rows_of(tables, "commune_stratum")
    rooms = size_class_rooms(everyone[everyone["kind"] == "commune"], list(COMMUNE_STRATA.values()))
    found = orders(shares(rows), rooms)
    assert len(found) == 1
    assert categories_left(found) == registered(rows)


def test_official_populations_fit_no_order_of_the_size_classes_of_epci(tables: Tables, everyone: pd.DataFrame) -> None:
    rows = rows_of(tables, "epci_stratum")
    rooms = size_class_rooms(everyone[everyone["kind"].isin(EPCI_KINDS)], list(EPCI_STRATA.values()))
    assert orders(shares(rows), rooms) == []
    # Without their upper bounds, which leave out Greater Paris territories, but for the highest class.
    free = {code: room if code == "from_1000000" else Room(room.least) for code, room in rooms.items()}
    assert categories_left(orders(shares(rows), free)) == registered(rows)


def test_an_active_commune_is_a_member_of_its_size_class(tables: Tables) -> None:
    members = {
        row.category: counts_behind(int(row.value), 53)[0] for row in rows_of(tables, "commune_stratum").itertuples()
    }
    cells = tables["labels"].query("vocabulary == 'commune_activity'")["code"]
    for row in rows_of(tables, "commune_activity").itertuples():
        assert set(row.possible.split(";")) == {cell for cell in cells if members[cell.rpartition("_")[0]] >= row.value}


def test_collectivities_named_leave_the_classes_of_budget_open(tables: Tables) -> None:
    rows = rows_of(tables, "budget_class")
    facts = tables["facts"].query("indicator == 'budget_class'")
    # The six collectivities above a million are four cities, two of them with their métropole.
    named = facts[~facts["collectivity"].str.contains("étropole")]["value"].value_counts()
    classes = tables["labels"].query("vocabulary == 'budget_class'")["code"]
    numbers = {row.figure_id: [int(row.value)] for row in rows.itertuples()}
    found = orders(numbers, {code: Room(int(named.get(code, 0))) for code in classes})
    assert len(found) == 24  # so only the text speaks for 4 above a million
    assert sum(way["budget-class-4"] == "over_1000000" for way in found) == 6


def test_text_narrows_the_classes_of_staff(tables: Tables) -> None:
    rows = rows_of(tables, "staff_class")
    classes = tables["labels"].query("vocabulary == 'staff_class'")["code"]
    rooms = {code: Room() for code in classes} | {"from_0_to_2": Room(11), "over_10": Room(4, 4)}
    found = orders({row.figure_id: [int(row.value)] for row in rows.itertuples()}, rooms)
    assert categories_left(found) == registered(rows)


def test_more_than_a_third_of_absent_citizens_leaves_five_per_cent_of_driving_ones(tables: Tables) -> None:
    rows = rows_of(tables, "citizens_place")
    left = rows[rows["category"] != "stakeholders"]
    found = [
        way
        for way in orders({row.figure_id: [int(row.value)] for row in left.itertuples()},
                          {"driving": Room(), "rather_absent": Room(), "absent": Room()})
        if sum(row.value for row in left.itertuples() if way[row.figure_id] != "driving") > 100 / 3
    ]  # fmt: skip
    assert categories_left(found) == registered(left)


def test_inferred_bases_are_the_only_ones_possible(tables: Tables) -> None:
    figures = tables["published_figures"].set_index("figure_id")
    inferred = {
        topic: rows["inferred_base"].unique().tolist()
        for topic, rows in figures.dropna(subset="inferred_base").groupby("topic")
    }
    assert inferred["carrier"] == joint_bases([5, 41, 41, 13], 45, exclusive=True) == [39]
    assert inferred["partner"] == joint_bases([73, 57, 95, 91], 45) == [44]
    assert inferred["form"] == joint_bases([90, 85, 79, 74, 69, 62, 26, 10], 45) == [39]
    assert inferred["domain"] == joint_bases([79, 69, 59, 54, 51, 41, 38, 31, 15], 45) == [39]
    decrease = [n for n in joint_bases([50, 35, 15], 45, exclusive=True) if 5 in counts_behind(15, n)]
    assert inferred["budget_trend"] == decrease == [34]
    assisted = [
        (n, helped)
        for n in range(1, 46)
        for helped in counts_behind(73, n)
        if counts_behind(93, helped) and counts_behind(80, n - helped)
    ]
    assert assisted == [(37, 27)]
    assert figures.loc[
        ["assistance-received", "assistance-satisfied", "assistance-none-small-communes"], "inferred_base"
    ].tolist() == [37, 27, 10]
    assert joint_bases([88, 9, 3], 45, exclusive=True) == [32, 33, 34]  # left open


def test_few_collectivities_of_the_study_are_near_a_border(tables: Tables) -> None:
    from shapely import Point

    from citydiplo import data
    from citydiplo.check import distance_km

    abroad = data.load_boundaries("50m").query("iso3 != 'FRA'").clip((-10, 40, 15, 55)).union_all()
    studied = tables["collectivities"].dropna(subset="study_role")
    near = [
        row.name
        for row in studied.itertuples()
        if distance_km(Point(row.longitude, row.latitude), abroad) <= 50 and row.name != "Cherbourg-en-Cotentin"
    ]
    assert len(near) == 11 < 24 == counts_behind(62, 39)[0]


def test_waves(tables: Tables) -> None:
    assert len(of_wave(tables["published_figures"], tables["sources"], "2021")) == len(tables["published_figures"])
    with pytest.raises(UserError, match="no published figures for the wave '2026': there are 2021"):
        of_wave(tables["published_figures"], tables["sources"], "2026")
