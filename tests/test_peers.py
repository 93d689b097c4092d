"""Where a collectivity stands among its peers: what is counted, the percentile rank, the sentence where peers lack."""

import re
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo.data import Tables
from citydiplo.exhibits.position import position
from citydiplo.geography import measure, once
from citydiplo.language import Language
from citydiplo.peers import FEWEST_PEERS, INDICATORS, indicators, percentile, positions
from citydiplo.profile import Profile

ProfileOf = Callable[[str], Profile]

GROUPS = pd.DataFrame(
    [("european_union", "eu_member", "DEU"), ("european_union", "eu_candidate", "UKR"), ("oda", "oda_recipient", "MLI"),
     ("oda", "oda_recipient", "UKR")],
    columns=["scheme", "group", "iso3"],
)  # fmt: skip


def partnerships(*rows: tuple[str, str | None, float | None, int | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["collectivity_id", "country", "distance_km", "start_year"])
    return frame.astype({"distance_km": float, "start_year": "Int64"})


def test_what_is_summed_up() -> None:
    measured = indicators(
        partnerships(
            ("a", "DEU", 400, 1964),
            ("a", "DEU", 999.9, None),
            ("a", "MLI", 4000, 1985),
            ("a", "UKR", 1000, None),
            ("a", None, None, 1950),
            ("b", None, None, None),
        ),
        GROUPS,
    )
    counted = ["links", "countries", "located", "near", "settled", "eu", "oda"]
    derived = ["median_km", "near_share", "eu_share", "oda_share", "first_year"]
    assert measured.loc["a", counted].tolist() == [5, 3, 4, 2, 4, 2, 2]
    assert measured.loc["a", derived].tolist() == [999.95, 0.5, 0.5, 0.5, 1950]
    assert measured.loc["b", counted].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert measured.loc["b", derived].isna().all()


def test_the_order_of_the_rows_does_not_count(tables: Tables, everyone: pd.DataFrame) -> None:
    kept = once(measure(tables["partnerships"], everyone))
    found = [indicators(rows, tables["country_groups"]) for rows in (kept, kept.sample(frac=1, random_state=1))]
    pd.testing.assert_frame_equal(*found)


def test_no_partnership_at_all() -> None:
    assert indicators(partnerships(), GROUPS).empty


@pytest.mark.parametrize(
    ("value", "peers", "rank"),
    [(5, [1, 2, 3, 4], 90), (0, [1, 2, 3, 4], 10), (2, [1, 2, 3, 4], 40), (3, [3, 3, 3, 3], 50), (2, [1, 2, 2, 3], 50)],
)
def test_percentile_is_the_mid_rank(value: float, peers: list[float], rank: float) -> None:
    assert percentile(value, pd.Series(peers, dtype=float)) == pytest.approx(rank)


VALUES = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=20)


@given(VALUES, st.integers(-1, 10), st.integers(0, 5))
def test_percentile_is_between_its_bounds_grows_with_the_value_and_knows_no_order(
    peers: list[float], value: int, more: int
) -> None:
    rank = percentile(value, pd.Series(peers))
    half = 50 / (len(peers) + 1)
    assert half - 1e-9 <= rank <= 100 - half + 1e-9
    assert percentile(value + more, pd.Series(peers)) >= rank - 1e-9
    assert percentile(value, pd.Series(sorted(peers, reverse=True))) == pytest.approx(rank)
    assert percentile(-value, -pd.Series(peers)) == pytest.approx(100 - rank)


@given(VALUES)
def test_percentiles_of_a_group_average_to_the_middle(group: list[float]) -> None:
    ranks = [percentile(value, pd.Series(group).drop(index=n)) for n, value in enumerate(group)]
    assert sum(ranks) / len(ranks) == pytest.approx(50)


def measured(*links: int | None) -> pd.DataFrame:
    """The collectivities 0, 1, 2… with these numbers of links, and nothing else."""
    return pd.DataFrame({"links": links}, dtype=float).reindex(columns=[*INDICATORS])


def test_position_among_peers() -> None:
    (place,) = positions(measured(7, 4, 1, 3, 2), 0).values()  # type: ignore[arg-type]
    assert (place.value, place.percentile, place.peers) == (7, 90, (1, 2, 3, 4))
    assert (place.first_quartile, place.median, place.third_quartile) == (1.75, 2.5, 3.25)


def test_no_position_without_a_value_or_enough_peers() -> None:
    assert positions(measured(None, 4, 1, 3, 2), 0) == {}  # type: ignore[arg-type]
    assert positions(measured(7, 4, 1, None, None), 0) == {}  # type: ignore[arg-type]


def test_a_profile_is_compared_with_peers_that_have_links(
    profile_of: ProfileOf, tables: Tables, everyone: pd.DataFrame
) -> None:
    profile = profile_of("Grand Poitiers")
    linked = set(tables["partnerships"]["collectivity_id"])
    assert set(profile.compared.index) == {profile.city.id, *profile.peers.index} & linked
    assert len(profile.compared) < len(profile.peers)
    kept = once(measure(tables["partnerships"], everyone))
    counted = kept["collectivity_id"].value_counts()
    assert profile.compared["links"].tolist() == counted[profile.compared.index].tolist()


def shown(profile: Profile, language: Language) -> str:
    html = position(profile, language)
    return "" if html is None else re.sub(r"[\xa0\u202f]", " ", html.data)


def test_each_row_is_said_in_words(profile_of: ProfileOf, tables: Tables) -> None:
    profile = profile_of("Strasbourg")
    found = positions(profile.compared, profile.city.id)
    alt = re.search(r'alt="([^"]*)"', shown(profile, Language.of("fr", tables)))
    assert alt
    rows = alt[1].split(" ; ")
    assert len(rows) == len(found) == len(INDICATORS)
    for row, place in zip(rows, found.values(), strict=True):
        assert f"rang centile {round(place.percentile)}," in row
    assert "Année du plus ancien lien documenté : 1960," in rows[-1]


def test_few_peers_are_said_and_no_link_is_silent(profile_of: ProfileOf, language: Language) -> None:
    lyon, silent = profile_of("Métropole de Lyon"), profile_of("Orléans Métropole")
    assert len(lyon.compared) - 1 < FEWEST_PEERS
    html = shown(lyon, language)
    assert "<img" not in html
    assert {"fr": "il y en a 2.", "en": "there are 2."}[language.code] in html
    assert position(silent, language) is None
