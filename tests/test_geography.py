"""Distances, official groups of countries, concentration: against known values, properties, and the register."""

import math
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import geography, typologies
from citydiplo.data import Tables
from citydiplo.folders import REPOSITORY
from citydiplo.places import distance_km

REAL = REPOSITORY.parent / "shared" / "realdata" / "wikidata-france" / "france.tsv"

HALF_CIRCUMFERENCE = 20_004  # km, through the poles

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def links(*rows: tuple[str, str, str], **columns: list) -> pd.DataFrame:
    """Rows of partnerships: collectivity, place, country; further columns by name."""
    frame = pd.DataFrame(rows, columns=["collectivity_id", "place", "country"])
    frame = frame.assign(partnership_id=[f"p{n}" for n in range(len(rows))])
    for name in ("start_year", "geonames_id"):
        frame[name] = pd.array(columns.pop(name, [None] * len(rows)), dtype="Int64")
    return frame.assign(**columns)


@pytest.fixture(scope="module")
def measured(tables: Tables, everyone: pd.DataFrame) -> pd.DataFrame:
    return geography.measure(tables["partnerships"], everyone)


# Selection


def test_an_empty_choice_keeps_all(tables: Tables) -> None:
    rows = tables["partnerships"]
    pd.testing.assert_frame_equal(geography.select(rows), rows)


def test_choices_narrow_together_and_undated_links_are_of_no_period(tables: Tables) -> None:
    rows = tables["partnerships"]
    found = geography.select(rows, ["67482", "69123"], ["twinning"], (1951, 1960))
    assert set(found["place"]) == {"Birmingham", "Boston", "Leicester", "Yokohama", "Frankfurt am Main"}
    assert geography.select(rows, years=(1800, 2100))["start_year"].notna().all()


# Places


def test_one_entry_of_geonames_is_one_place_by_whatever_name() -> None:
    rows = links(("a", "Fès", "MAR"), ("b", "Fez", "MAR"), ("c", "Fez", "MAR"), geonames_id=[1, 1, None])
    assert geography.places(rows).tolist() == ["Fez (MAR)"] * 3


# Distances


@given(points, points)
def test_distances_are_symmetric_and_within_half_the_circumference(one: tuple, other: tuple) -> None:
    there, back = (
        distance_km([one[0]], [one[1]], [other[0]], [other[1]]),
        distance_km(*np.c_[other, one].T.reshape(4, 1)),
    )
    assert there[0] == pytest.approx(back[0], abs=1e-6)
    assert 0 <= there[0] <= HALF_CIRCUMFERENCE


@given(points)
def test_no_distance_to_itself(point: tuple) -> None:
    assert distance_km(*point, *point) == pytest.approx(0, abs=1e-6)


def test_distances_on_the_ellipsoid() -> None:
    # From the equator to the pole, WGS 84: 10,001.966 km; a degree of longitude on the equator: 111.319 km.
    found = distance_km([0, 0, 0], [0, 0, 0], [90, 0, np.nan], [0, 1, 0])
    assert found[:2] == pytest.approx([10_001.9657, 111.3195], abs=1e-3)
    assert math.isnan(found[2])


def test_what_is_known_of_the_collectivity(measured: pd.DataFrame) -> None:
    bamako = measured[(measured["collectivity"] == "Angers") & (measured["place"] == "Bamako")].iloc[0]
    # On a sphere of the mean radius, 47.47° N 0.55° W to 12.61° N 7.98° W.
    assert bamako["distance_km"] == pytest.approx(3938, rel=0.006)
    assert (bamako["strata"], bamako["stratum"]) == ("commune_stratum", "from_100000_to_200000")
    kent = measured[measured["place"] == "Kent"].iloc[0]
    assert pd.isna(kent["stratum"])
    assert pd.isna(kent["strata"])
    nancy = measured[measured["place"] == "Farafangana"].iloc[0]
    assert nancy["strata"] == "epci_stratum"
    assert len(measured) == measured["partnership_id"].nunique()


def test_decades(everyone: pd.DataFrame) -> None:
    frame = links(("13055", "a", "ITA"), ("13055", "b", "ITA"), start_year=[1959, None])
    decades = geography.measure(frame.assign(latitude=45.0, longitude=9.0), everyone)["decade"]
    assert decades.iloc[0] == 1950
    assert pd.isna(decades.iloc[1])


def test_distances_are_those_of_wikidata() -> None:
    if not REAL.is_file():
        pytest.skip("the Wikidata file is not beside the repository")
    table = pd.read_csv(REAL, sep="\t")
    ends = ["originlat", "originlong", "destinationlat", "destinationlong"]
    difference = np.abs(distance_km(*(table[end] for end in ends)) - table["dist"])
    # Wikidata's are on a sphere, rounded to the kilometre, and of another point where a place has several.
    assert (difference < 1 + 0.006 * table["dist"]).mean() > 0.97


# Pairs


def test_homonyms_are_two_places_and_a_missing_number_makes_no_third() -> None:
    frame = links(
        *[("a", "Neustadt", "DEU")] * 3,
        ("a", "Bamako", "MLI"),
        ("a", "Bamako", "MLI"),
        ("a", "Artsakh", None),
        geonames_id=[1, 2, None, 7, None, None],
    )
    assert geography.places(frame).tolist() == [
        *("Neustadt (DEU) 1", "Neustadt (DEU) 2", "Neustadt (DEU)"),
        *("Bamako (MLI)", "Bamako (MLI)", "Artsakh (unknown)"),
    ]


def test_a_pair_counts_once_and_from_its_first_year() -> None:
    frame = links(*[("a", "x", "ITA")] * 3, ("b", "x", "ITA"), start_year=[1990, 1960, None, None])
    frame["kind"] = ["twinning", "other", "other", "other"]
    assert geography.once(frame).index.tolist() == [1, 3]
    assert geography.once(frame, "kind").index.tolist() == [0, 1, 3]


def test_pairs_have_one_point_a_place(everyone: pd.DataFrame) -> None:
    frame = links(("13055", "x", "ITA"), ("69123", "x", "ITA"), ("75056", "y", "ITA"))
    frame = frame.assign(latitude=[45.1, 45.0, np.nan], longitude=[9.0, 9.1, 9.0])
    found = geography.pairs(geography.measure(frame, everyone))
    assert found["origin"].tolist() == ["13055", "69123"]
    assert found[["partner_latitude", "partner_longitude"]].to_numpy().tolist() == [[45.0, 9.1]] * 2


def test_the_order_of_the_rows_does_not_matter(measured: pd.DataFrame) -> None:
    shuffled = measured.sample(frac=1, random_state=7)
    summary = geography.distributions(geography.once(measured, "kind"), ["kind"])
    pd.testing.assert_frame_equal(geography.distributions(geography.once(shuffled, "kind"), ["kind"]), summary)
    by = ["origin", "partner"]
    listed = [geography.pairs(frame).sort_values(by, ignore_index=True) for frame in (measured, shuffled)]
    pd.testing.assert_frame_equal(*listed)


# Distributions


def test_distribution() -> None:
    found = geography.distribution(pd.Series([100, 999.9, 1000, 4000, np.nan]))
    assert (found.links, found.located, found.near, found.near_share) == (5, 4, 2, 0.5)
    assert (found.mean_km, found.median_km) == pytest.approx((1524.975, 999.95))
    assert (found.first_quartile_km, found.third_quartile_km) == pytest.approx((774.925, 1750))


def test_nothing_located() -> None:
    found = geography.distribution(pd.Series([np.nan, np.nan]))
    assert (found.links, found.located, found.near) == (2, 0, 0)
    assert math.isnan(found.near_share)
    assert math.isnan(found.median_km)


def test_classes_that_are_missing_are_counted(measured: pd.DataFrame) -> None:
    found = geography.distributions(measured, ["strata", "stratum"])
    assert found["links"].sum() == len(measured)
    assert found["strata"].isna().sum() == 1
    assert found["located"].sum() == measured["distance_km"].notna().sum()


# Concentration


def test_concentration() -> None:
    found = geography.concentration(pd.Series(["ITA"] * 3 + ["DEU", None]))
    assert (found.links, found.unknown, found.countries) == (4, 1, 2)
    assert found.hhi == pytest.approx(0.625)
    assert found.entropy == pytest.approx(0.5623351446)
    assert (found.effective_shannon, found.effective_simpson) == pytest.approx((1.7547653506, 1.6))


@given(st.integers(1, 12), st.integers(1, 5))
def test_equal_shares_count_in_full(countries: int, each: int) -> None:
    found = geography.concentration(pd.Series([str(n) for n in range(countries)] * each))
    assert found.hhi == pytest.approx(1 / countries)
    assert (found.effective_shannon, found.effective_simpson) == pytest.approx((countries, countries))


@given(st.lists(st.sampled_from("abcdef"), min_size=1))
def test_effective_numbers_are_in_order(countries: list[str]) -> None:
    found = geography.concentration(pd.Series(countries))
    assert 1 - 1e-9 <= found.effective_simpson <= found.effective_shannon + 1e-9 <= found.countries + 2e-9


def test_no_country_is_known() -> None:
    found = geography.concentration(pd.Series([None, None], dtype="str"))
    assert (found.links, found.unknown, found.countries) == (0, 2, 0)
    assert all(math.isnan(value) for value in list(asdict(found).values())[3:])


# Official groups


def members(tables: Tables, group: str) -> set[str]:
    groups = tables["country_groups"]
    return set(groups.loc[groups["group"] == group, "iso3"])


@pytest.mark.parametrize(
    ("group", "count"),
    [
        *[("africa", 60), ("americas", 57), ("asia", 50), ("europe", 51), ("oceania", 29)],
        *[("caribbean", 28), ("western_europe", 9), ("western_asia", 18), ("northern_africa", 7), ("middle_africa", 9)],
        *[("eu_member", 27), ("eu_candidate", 9), ("oda_recipient", 141)],
        ("oif_member", 53 - 3),  # Québec, New Brunswick and Wallonia-Brussels have no code
        ("oif_associate_or_observer", 5 + 32 - 4),  # Ontario, Louisiana, Nova Scotia and Saarland neither
    ],
)
def test_groups_have_as_many_members_as_their_source_says(tables: Tables, group: str, count: int) -> None:
    assert len(members(tables, group)) == count


def test_members_that_are_known(tables: Tables) -> None:
    assert {"FRA", "HRV", "CYP"} <= members(tables, "eu_member")
    assert not {"GBR", "CHE", "NOR"} & members(tables, "eu_member")
    assert members(tables, "eu_potential_candidate") == {"XKX"}
    assert {"CAN", "VNM", "GHA"} <= members(tables, "oif_member")
    assert not {"MLI", "NER", "BFA", "DZA"} & (
        members(tables, "oif_member") | members(tables, "oif_associate_or_observer")
    )
    assert {"PYF", "NCL", "XKX"} <= members(tables, "oif_associate_or_observer")
    assert {"MLI", "MAR", "UKR", "PSE", "CHN"} <= members(tables, "oda_recipient")
    assert not members(tables, "oda_recipient") & (members(tables, "eu_member") | {"RUS", "CHL", "ISR"})


def test_regions_are_parts_of_continents(tables: Tables) -> None:
    groups = tables["country_groups"]
    continent, region = (
        groups[groups["scheme"] == scheme].set_index("iso3")["group"] for scheme in ("continent", "un_region")
    )
    assert set(continent.index) == set(region.index)
    assert (continent.groupby(region).nunique() == 1).all()
    assert region.nunique() == 22
    assert set(tables["countries"]["iso3"]) - set(region.index) == {"ATA", "TWN", "XKX"}


def test_what_a_list_leaves_out_is_said(tables: Tables) -> None:
    countries = pd.Series(["ITA", "TWN", None])
    assert geography.classify(countries, tables["country_groups"], "continent").tolist() == [
        "europe",
        "none",
        "unknown",
    ]
    with pytest.raises(ValueError, match="no list 'planet'"):
        geography.classify(countries, tables["country_groups"], "planet")


def test_every_group_has_a_label(tables: Tables) -> None:
    codes = set(tables["labels"].query("vocabulary == 'country_group'")["code"])
    assert codes == set(tables["country_groups"]["group"]) | {geography.NOT_LISTED, geography.UNKNOWN}


# Eras


def test_eras_of_partnerships(tables: Tables, measured: pd.DataFrame) -> None:
    placed = typologies.placements(tables["typology_rules"], tables)
    found = geography.with_eras(measured, placed)
    assert set(found["partnership_id"]) == set(measured["partnership_id"])
    assert (found.loc[found["kind"] == "twinning", "era"] == "twinning").all()
    assert found.loc[found["kind"] == "cooperation_agreement", "era"].eq("codevelopment").all()
    assert found.loc[found["kind"] == "emergency_aid", "era"].isna().all()
