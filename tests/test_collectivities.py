"""Finding collectivities by what people type."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import collectivities
from citydiplo.collectivities import AmbiguousCollectivityError, UnknownCollectivityError, find, fold, peers, search
from citydiplo.data import Tables


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Marseille", "13055"),
        ("13055", "13055"),
        ("211 300 553", "13055"),  # its SIREN, as people space it
        ("saint etienne", "42218"),
        ("St-Étienne", "42218"),
        ("SAINT-ÉTIENNE", "42218"),
        ("evry courcouronnes", "91228"),
        ("Métropole d'Aix-Marseille-Provence", "200054807"),
        ("métropole européenne de lille", "200093201"),
        ("CA de La Rochelle", "241700434"),
        ("Montreuil (93)", "93048"),
        ("saint-denis (974)", "97411"),
        ("2a004", "2A004"),
        ("Le Havre", "76351"),
        ("Pas-de-Calais", "dep-62"),
        ("REG-93", "reg-93"),
    ],
)
def test_found(everyone: pd.DataFrame, query: str, code: str) -> None:
    assert find(everyone, query).id == code


@pytest.mark.parametrize("query", ["Saint-Denis", "Montreuil", "La Rochelle", "st denis"])
def test_ambiguous(everyone: pd.DataFrame, query: str) -> None:
    with pytest.raises(AmbiguousCollectivityError) as caught:
        find(everyone, query)
    assert len(str(caught.value).splitlines()) >= 3


def test_ambiguous_names_say_their_codes(everyone: pd.DataFrame) -> None:
    with pytest.raises(AmbiguousCollectivityError, match=r"97411 .*\n.*93066 "):
        find(everyone, "Saint-Denis")


@pytest.mark.parametrize(
    ("query", "suggestion"), [("Marseile", "13055"), ("Strassbourg", "67482"), ("cherbourg", "50129")]
)
def test_unknown_suggests(everyone: pd.DataFrame, query: str, suggestion: str) -> None:
    with pytest.raises(UnknownCollectivityError, match=suggestion):
        find(everyone, query)


@pytest.mark.parametrize(
    "query", ["", "   ", "../../etc/passwd", "<script>alert(1)</script>", "'; DROP", "99999", "()"]
)
def test_nonsense_is_refused(everyone: pd.DataFrame, query: str) -> None:
    with pytest.raises(UnknownCollectivityError):
        find(everyone, query)


@given(st.text(max_size=40))
def test_fold_is_idempotent_and_plain(name: str) -> None:
    folded = fold(name)
    assert fold(folded) == folded
    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_every_commune_and_epci_is_found_by_its_code(tables: Tables, everyone: pd.DataFrame) -> None:
    assert set(tables["communes"]["insee"]) | set(tables["epci"]["siren"]) <= set(everyone.index)
    assert everyone.index.is_unique
    assert find(everyone, "01001").name == "L’Abergement-Clémenciat"


def test_strata_are_those_of_the_study(everyone: pd.DataFrame) -> None:
    communes = everyone[everyone["kind"] == "commune"]
    assert communes.groupby("stratum")["population"].min().to_dict() == {
        stratum: communes.loc[communes["population"] >= bound, "population"].min()
        for bound, stratum in collectivities.COMMUNE_STRATA.items()
    }
    assert find(everyone, "Paris").stratum == "from_400000"
    assert find(everyone, "Métropole de Lyon").stratum == "from_1000000"
    assert find(everyone, "Rouen").stratum == "from_100000_to_200000"
    assert find(everyone, "dep-62").stratum is None


def test_peers_are_of_the_same_sort_and_stratum(everyone: pd.DataFrame) -> None:
    assert list(peers(everyone, find(everyone, "Marseille"))["name"]) == ["Lyon", "Paris", "Toulouse"]
    of_rouen = peers(everyone, find(everyone, "Métropole Rouen Normandie"))
    assert "Rouen" not in set(of_rouen["name"])
    assert (of_rouen["kind"] != "commune").all()
    assert peers(everyone, find(everyone, "reg-93")).empty


def test_names_sort_without_accents(everyone: pd.DataFrame) -> None:
    names = list(peers(everyone, find(everyone, "Cannes"))["name"])
    assert names == ["Cherbourg-en-Cotentin", "Colombes", "Évry-Courcouronnes", "Poitiers"]


def test_epci_point_is_that_of_its_main_commune(everyone: pd.DataFrame) -> None:
    city, metropolis = find(everyone, "Rennes"), find(everyone, "Rennes Métropole")
    assert (city.latitude, city.longitude) == (metropolis.latitude, metropolis.longitude)
    assert city.epci_id == metropolis.id


def test_points_of_the_table_are_those_of_the_reference(tables: Tables, everyone: pd.DataFrame) -> None:
    listed = tables["collectivities"].set_index("collectivity_id")
    official = listed[listed.index.str[0].str.isdigit()]
    for column in ("latitude", "longitude"):
        assert (official[column] == everyone[column].reindex(official.index)).all()


def test_search_finds_words_by_their_beginning(everyone: pd.DataFrame) -> None:
    assert "Varennes" not in set(search(everyone, "rennes")["name"])
    found = search(everyone, "agglo rochel")
    assert found.index.tolist() == ["241700434"]
    found = search(everyone, "rochelle")
    assert {"17300", "241700434"} <= set(found.index)
    assert found["population"].is_monotonic_decreasing
