"""What is gathered for one collectivity."""

from collections.abc import Callable

import pandas as pd
import pytest

from citydiplo.data import Tables
from citydiplo.partner_names import french_names
from citydiplo.profile import Profile, evidence, links, missing, staff_class, survey_position

ProfileOf = Callable[[str], Profile]


def test_marseille(profile_of: ProfileOf) -> None:
    profile = profile_of("Marseille")
    assert (profile.region, profile.department) == ("Provence-Alpes-Côte d’Azur", "Bouches-du-Rhône")
    assert profile.epci is not None
    assert profile.epci.id == "200054807"
    assert profile.regional_networks["network_id"].tolist() == ["territoires-solidaires"]
    assert profile.partnerships["kind"].iloc[0] == "twinning"
    assert profile.sources["number"].tolist() == list(range(1, len(profile.sources) + 1))
    assert set(profile.facts["source_number"]) <= set(profile.sources["number"])


def test_le_havre_is_silent_but_useful(profile_of: ProfileOf, tables: Tables) -> None:
    profile = profile_of("Le Havre")
    assert profile.facts.empty
    assert profile.partnerships.empty
    assert len(profile.missing) == len(tables["checklist"])
    assert profile.peers["name"].tolist()[0] == "Amiens"
    assert profile.regional_networks["network_id"].tolist() == ["horizons-solidaires"]
    assert not profile.survey["own"].any()
    assert profile.recommendations["evidence"].map(len).sum() == 0


def test_epci_has_members_and_no_epci(profile_of: ProfileOf) -> None:
    profile = profile_of("Brest Métropole")
    assert profile.epci is None
    assert profile.members["name"].iloc[0] == "Brest"
    assert len(profile.members) == 8
    assert profile.related["name"].tolist() == ["Brest"]


@pytest.mark.parametrize("query", ["dep-62", "reg-25", "98735", "75056"])
def test_every_sort_of_collectivity_has_a_profile(profile_of: ProfileOf, query: str) -> None:
    assert profile_of(query).region


def test_facts_follow_the_order_of_the_themes(profile_of: ProfileOf, tables: Tables) -> None:
    themes = tables["labels"].query("vocabulary == 'theme'")["code"].tolist()
    seen = profile_of("Rennes").facts["theme"].drop_duplicates().tolist()
    assert seen == sorted(seen, key=themes.index)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (0, "from_0_to_2"),
        (2, "from_0_to_2"),
        (3, "from_3_to_6"),
        (6, "from_3_to_6"),
        (10, "from_7_to_10"),
        (11, "over_10"),
    ],
)
def test_staff_class(people: int, expected: str) -> None:
    assert staff_class(people) == expected


def facts(**columns: list[str]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    blank = {"fact_id": [f"f{n}" for n in range(size)], "indicator": [""] * size, "value": [""] * size}
    return pd.DataFrame(blank | {"recommendations": [None] * size} | columns)


def test_survey_position(tables: Tables) -> None:
    known = facts(indicator=["budget_class", "staff_count"], value=["over_1000000", "18"])
    placed = survey_position(known, tables["published_figures"], tables["labels"])
    assert placed.loc[placed["own"], ["topic", "category"]].to_numpy().tolist() == [
        ["budget_class", "over_1000000"],
        ["staff_class", "over_10"],
    ]
    counts = placed.set_index(["topic", "category"])["values"]
    assert counts["budget_class", "over_1000000"] == (4,)
    assert counts["budget_class", "under_100000"] == (7, 11, 12)


def test_evidence(tables: Tables) -> None:
    found = evidence(facts(recommendations=["4;8", "8", None]), tables["recommendations"]).set_index("number")
    assert found["evidence"].to_dict() == {n: [] for n in range(1, 11)} | {4: ["f0"], 8: ["f0", "f1"]}


def test_missing(tables: Tables) -> None:
    nothing = pd.DataFrame()
    checklist = tables["checklist"]
    known = facts(indicator=["staff_count", "x"], value=["3", "y"], recommendations=[None, "10"])
    left = missing(known, nothing, pd.DataFrame({"network_id": ["n"]}), checklist)
    assert set(checklist["item_id"]) - set(left["item_id"]) == {"staff", "joint_projects", "networks"}


def test_checklist_follows_up_each_recommendation_and_known_indicators(tables: Tables) -> None:
    checklist = tables["checklist"]
    assert set(checklist["recommendation"].dropna()) == set(range(1, 11))
    named = set(checklist["documented_by"].dropna().str.split(";").explode())
    known = set(tables["labels"].query("vocabulary == 'indicator'")["code"]) | {"partnerships", "memberships"}
    assert named <= known


def test_one_row_a_link_with_each_statement(profile_of: Callable[[str], Profile]) -> None:
    found = links(profile_of("Strasbourg").partnerships).set_index("place")
    dresden = found.loc["Dresden"]
    assert (dresden["start_year"], dresden["disagree"], len(dresden["statements"])) == (1990, True, 2)
    assert not found.loc["Stuttgart", "disagree"]
    assert str(found.loc["Stuttgart", "start_year"]) == "1962"


def test_who_else_works_with_bamako(profile_of: Callable[[str], Profile]) -> None:
    shared = profile_of("Angers").common
    assert {"Angers Loire Métropole", "Bordeaux"} <= set(
        shared.loc[shared["places"].map(lambda names: "Bamako" in names), "collectivity"]
    )


def test_french_names_come_from_french_sources(tables: Tables) -> None:
    names = french_names(tables["partnerships"], tables["sources"])
    assert names["Algiers", "DZA"] == "Alger"
    assert names["Naples", "ITA"] == "Naples"
    assert names["Yerevan", "ARM"] == "Erevan"
    assert names["Abidjan", "CIV"] == "Abidjan"  # two sources say District autonome d’Abidjan
    assert french_names(tables["partnerships"].iloc[:0], tables["sources"]).empty
