"""The register of partnerships: what the acceptance asks for, and how complete it says to be."""

import pandas as pd
import pytest

from citydiplo.data import Tables


def years(tables: Tables, collectivity: str, place: str, kind: str = "twinning") -> set[int]:
    rows = tables["partnerships"].query("collectivity == @collectivity and place == @place and kind == @kind")
    return set(rows["start_year"].dropna())


@pytest.mark.parametrize(
    ("collectivity", "place", "expected"),
    [
        ("Strasbourg", "Boston", {1960}),
        ("Strasbourg", "Leicester", {1960}),
        ("Strasbourg", "Stuttgart", {1962}),
        ("Strasbourg", "Dresden", {1990, 2003}),  # two official pages disagree
        ("Strasbourg", "Ramat Gan", {1991}),
        ("Lyon", "Birmingham", {1951}),
        ("Lyon", "Milan", {1966, 1967}),  # year of the pact, year of its ratification
    ],
)
def test_twinnings_with_known_years(tables: Tables, collectivity: str, place: str, expected: set[int]) -> None:
    assert years(tables, collectivity, place) == expected


def test_more_than_three_hundred_partnerships_each_with_a_public_page(tables: Tables) -> None:
    partnerships = tables["partnerships"]
    distinct = partnerships.drop_duplicates(["collectivity_id", "place", "country"])
    assert len(distinct) > 300
    curated = partnerships[partnerships["source_id"].str.startswith("partners-")]
    pages = tables["sources"].set_index("source_id").loc[curated["source_id"]]
    assert pages["url"].notna().all()
    assert pages["accessed"].notna().all()
    assert not pages["publisher"].str.contains("Wikip", case=False).any()


def test_each_collectivity_of_the_study_says_how_complete_its_list_is(tables: Tables) -> None:
    studied = tables["collectivities"].dropna(subset="study_role")["collectivity_id"]
    coverage = tables["partnership_coverage"].set_index("collectivity_id")
    assert set(coverage.index) == set(studied)
    named = tables["partnerships"].groupby("collectivity_id")["place"].nunique().reindex(coverage.index).fillna(0)
    assert (named[coverage["completeness"] == "listed"] > 0).all()
    totals = coverage["announced_total"].dropna()
    assert coverage.loc[totals.index, "source_id"].notna().all()
    assert coverage.loc["13055", "announced_total"] == 46


def test_no_partner_of_a_commune_is_in_metropolitan_france(tables: Tables) -> None:
    assert "FRA" not in set(tables["partnerships"]["country"].dropna())


def test_one_fact_is_not_told_twice(tables: Tables) -> None:
    told = ["collectivity_id", "place", "country", "kind", "start_year", "end_year", "status", "source_id"]
    curated = tables["partnerships"][tables["partnerships"]["source_id"].str.startswith("partners-")]
    twice = curated[curated.duplicated(told, keep=False)]
    assert pd.Series(twice["partnership_id"]).tolist() == []


def test_a_place_has_one_name(tables: Tables) -> None:
    names = tables["partnerships"].groupby("geonames_id")["place"].nunique()
    assert names[names > 1].index.tolist() == []
