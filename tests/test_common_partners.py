"""Who else works with the same places, the same countries, on the same domains."""

import pandas as pd
import pytest

from citydiplo.common_partners import pairs_in_common, partners_in_common
from citydiplo.data import Tables

COLUMNS = ["collectivity_id", "collectivity", "partner_kind", "place", "country", "geonames_id", "domains"]
ROWS = [
    ("me", "Moi", "city", "Bamako", "MLI", 1, "education_youth;other"),
    ("me", "Moi", "city", "Neustadt", "DEU", 5, None),
    ("me", "Moi", "country", "Chile", "CHL", None, "innovation"),
    ("zz", "Zut", "city", "Bamako", "MLI", 1, None),
    ("cc", "Ça", "city", "Ségou", "MLI", 2, "education_youth;innovation"),
    ("ee", "Été", "city", "Ségou", "MLI", 2, "innovation"),
    ("nn", "Nous", "city", "Neustadt", "DEU", 6, "other"),
    ("oo", "Autre", "country", "Chile", "CHL", None, None),
    ("oo", "Autre", "city", "Oslo", "NOR", 9, "other"),
    ("no", "Non", "city", "Oslo", "NOR", 9, "other"),
]


@pytest.fixture
def partnerships() -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=COLUMNS).assign(partnership_id=[f"p{n}" for n in range(len(ROWS))])
    return frame.astype({"geonames_id": "Int64"})


def test_places_come_before_countries_and_countries_before_domains(partnerships: pd.DataFrame) -> None:
    found = partners_in_common(partnerships, "me").set_index("collectivity_id")
    assert found.index.tolist() == ["zz", "cc", "ee", "oo", "nn"]
    assert found.loc["zz", ["places", "countries", "domains"]].tolist() == [["Bamako"], ["MLI"], []]
    assert found.loc["cc", "domains"] == ["education_youth", "innovation"]


def test_homonyms_and_countries_are_no_common_place(partnerships: pd.DataFrame) -> None:
    found = partners_in_common(partnerships, "me").set_index("collectivity_id")
    assert found.loc["nn", ["places", "countries"]].tolist() == [[], ["DEU"]]
    assert found.loc["oo", ["places", "countries"]].tolist() == [[], ["CHL"]]


def test_other_domains_are_not_shared(partnerships: pd.DataFrame) -> None:
    found = partners_in_common(partnerships, "me").set_index("collectivity_id")
    assert "no" not in found.index
    assert found.loc["oo", "partnership_ids"] == ["p7"]


def test_shuffled_rows_give_the_same(partnerships: pd.DataFrame) -> None:
    shuffled = partnerships.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(partners_in_common(shuffled, "me"), partners_in_common(partnerships, "me"))


def test_nothing_in_common(partnerships: pd.DataFrame) -> None:
    found = partners_in_common(partnerships, "unknown")
    assert found.empty
    assert list(found.columns) == [
        *("collectivity_id", "collectivity", "places", "countries", "domains", "partnership_ids")
    ]


def test_who_works_with_diyarbakir(tables: Tables) -> None:
    found = partners_in_common(tables["partnerships"], "35238").set_index("collectivity")
    assert "Diyarbakır" in found.loc["Cergy", "places"]
    assert "cergy-diyarbakir-missions" in found.loc["Cergy", "partnership_ids"]
    assert "Rennes" not in found.index


def test_sharing_is_mutual(tables: Tables) -> None:
    partnerships = tables["partnerships"]
    for other in partners_in_common(partnerships, "49007").iloc[::10].itertuples():
        back = partners_in_common(partnerships, other.collectivity_id).set_index("collectivity_id")
        row = back.loc["49007", ["places", "countries", "domains"]].tolist()
        assert row == [other.places, other.countries, other.domains]


def test_pairs_share_places_only_and_come_once(partnerships: pd.DataFrame) -> None:
    more = partnerships.assign(collectivity=lambda rows: rows["collectivity"].replace("Nous", "Moi"))
    more["collectivity_id"] = more["collectivity_id"].replace("nn", "me")
    again = pd.concat([more, more.assign(partnership_id="q")], ignore_index=True)
    found = pairs_in_common(again)
    assert found.to_numpy().tolist() == [
        ["Autre", "Non", ["Oslo"]],
        ["Ça", "Été", ["Ségou"]],
        ["Moi", "Zut", ["Bamako"]],
    ]
    pd.testing.assert_frame_equal(pairs_in_common(again.sample(frac=1, random_state=3)), found)


def test_the_pairs_that_share_most_come_first(tables: Tables, everyone: pd.DataFrame) -> None:
    found = pairs_in_common(tables["partnerships"])
    counts = found["places"].map(len)
    assert counts.is_monotonic_decreasing
    assert (counts > 0).all()
    one, other, places = found.iloc[0]
    ids = {name: everyone.index[everyone["name"] == name][0] for name in (one, other)}
    ranked = partners_in_common(tables["partnerships"], ids[one]).set_index("collectivity_id")
    assert ranked.loc[ids[other], "places"] == places
