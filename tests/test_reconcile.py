"""Pairs of places become partnerships: resolved, merged or set aside, none lost, whatever their order."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from citydiplo import data, folders, places, reconcile
from citydiplo.data import Tables
from citydiplo.imports import pairs, tables, wikidata
from citydiplo.imports.origins import reference, resolve_origins
from citydiplo.imports.values import read_values
from citydiplo.reconcile import Reconciled
from citydiplo.schemas import TABLES

FIXTURES = Path(__file__).parent / "fixtures"
REAL = folders.REPOSITORY.parent / "shared" / "realdata" / "wikidata-france" / "france.tsv"

Reconcile = Callable[..., Reconciled]


@pytest.fixture(scope="session")
def boundaries() -> gpd.GeoDataFrame:
    return data.load_boundaries("50m")


@pytest.fixture(scope="session")
def reconciled(boundaries: gpd.GeoDataFrame) -> Reconcile:
    known = data.load_tables()
    return lambda told, source="test": reconcile.reconcile(told, known, boundaries, places.gazetteer(), source)


def told(*rows: dict[str, str]) -> pd.DataFrame:
    """Pairs with these fields; the index begins like the rows of a file."""
    frame = pd.DataFrame(list(rows), index=pd.RangeIndex(2, len(rows) + 2, name="row"), dtype="str")
    return pairs.fields("test", frame, {}, {})


def link(origin: str, partner: str, country: str = "", **fields: str) -> dict[str, str]:
    return {"origin": origin, "partner": partner, "partner_country": country, **fields}


@pytest.fixture(scope="session")
def export(reconciled: Reconcile) -> Reconciled:
    return reconciled(wikidata.pairs("x", tables.read(FIXTURES / "wikidata.tsv"), {}), "wikidata")


def test_each_row_of_the_export(export: Reconciled) -> None:
    # row of the file: outcome, why, and the collectivity or what the reader is told
    expected = {
        2: ("kept", "gazetteer", "67482"),
        3: ("merged", "other_spelling", "67482"),  # Boston, Massachusetts
        4: ("kept", "gazetteer", "93048"),  # Montreuil near Paris
        5: ("kept", "gazetteer", "62588"),  # Montreuil-sur-Mer
        6: ("kept", "gazetteer", "52250"),  # Joinville and Joinville
        7: ("kept", "gazetteer", "38544"),  # Vienne, the commune
        8: ("kept", "gazetteer", "dep-86"),  # Vienne, the département
        9: ("kept", "gazetteer", "74010"),  # Annecy-le-Vieux, a part of Annecy
        10: ("kept", "gazetteer", "59350"),
        11: ("merged", "repeated", "59350"),  # England, United Kingdom
        12: ("kept", "gazetteer", "38185"),
        13: ("merged", "other_spelling", "38185"),  # Halle, Halle (Saale)
        14: ("kept", "gazetteer", "38185"),
        15: ("merged", "repeated", "38185"),  # Chişinău, Chișinău
        16: ("kept", "gazetteer", "38185"),
        17: ("merged", "other_spelling", "38185"),  # Suzhou, Jiangsu
        18: ("kept", "gazetteer", "75056"),
        19: ("set_aside", "swapped_point", "ITA: 12.5, 41.9 (ETH)"),
        20: ("set_aside", "impossible_point", "95.0, 200.0"),
        21: ("set_aside", "formula", '=HYPERLINK("http://example.org";"Rome")'),
        22: ("set_aside", "no_name", "Q220"),
        23: ("set_aside", "unknown_country", "Papal States"),
        24: ("set_aside", "outside_country", "DEU: 41.9, 12.5 (ITA)"),
        25: ("set_aside", "domestic", ""),
        26: ("set_aside", "unknown_origin", ""),
        27: ("set_aside", "origin_far", "74208 Passy: 309 km"),
        28: ("kept", "gazetteer", "50099"),  # Carentan-les-Marais
        29: ("kept", "gazetteer", "59183"),  # Dunkerque
        30: ("set_aside", "swapped_point", "75056 Paris: 6785 km"),
        31: ("kept", "own_point", "95063"),
    }
    rows = export.rows.join(export.partnerships.set_index("partnership_id")["collectivity_id"], on="partnership_id")
    last = rows["collectivity_id"].fillna(rows["detail"]).fillna("")
    assert dict(zip(rows.index, zip(rows["outcome"], rows["reason"], last, strict=True), strict=True)) == expected


def test_derivations_say_what_the_import_did(export: Reconciled) -> None:
    said = export.partnerships.set_index("collectivity_id")
    assert said.loc["74010", "derivation"] == "The source says Annecy-le-Vieux, now a part of Annecy"
    assert said.loc["74010", "derivation_fr"] == "La source dit Annecy-le-Vieux, aujourd’hui dans Annecy"
    assert said.loc["50099", "derivation"].startswith("The source says Carentan, read as the nearest commune")
    assert said.loc["95063", "derivation"].startswith("Not found in GeoNames (places of 1,000 inhabitants and more)")
    assert said.loc["67482", ["derivation", "derivation_fr"]].isna().all()


def test_kinds_and_status_are_not_invented(export: Reconciled) -> None:
    assert set(export.partnerships["kind"]) == set(export.partnerships["status"]) == {"not_documented"}


def test_the_same_partnership_from_both_sides(reconciled: Reconcile) -> None:
    result = reconciled(
        told(
            {"origin": "Leeds", "origin_country": "England", "partner": "Lille", "partner_country": "France"},
            {"origin": "Lille", "origin_country": "France", "partner": "Leeds", "partner_country": "United Kingdom"},
        )
    )
    assert result.rows["reason"].tolist() == ["other_side", "gazetteer"]
    assert result.partnerships[["collectivity_id", "partner", "country"]].iloc[0].tolist() == ["59350", "Leeds", "GBR"]


def test_years_and_kinds_that_differ_are_all_kept(reconciled: Reconcile) -> None:
    result = reconciled(wikidata.pairs("x", tables.read(FIXTURES / "wikidata.json"), {}), "wikidata")
    assert result.rows["reason"].tolist() == ["gazetteer", "other_side", "gazetteer"]
    dresden = result.partnerships.set_index("place").loc["Dresden"]
    assert (dresden["start_year"], dresden["kind"], dresden["partner"]) == (1990, "twinning", "Dresde")
    assert dresden["derivation"] == "The source also gives the first year 2003"
    several = [
        link("Lyon", "Milan", "Italie", origin_code="69123", **fields)
        for fields in (
            {"start": "1967-05-01", "kind": "pacte d’amitié"},
            {"start": "+1966-00-00T00:00:00Z", "end": "1990.0", "kind": "Jumelage"},
            {"start": "avril 1966", "kind": "charte de Milan"},
            {"start": "1966"},
        )
    ]
    (milan,) = reconciled(told(*several)).partnerships.to_dict("records")
    assert (milan["start_year"], milan["end_year"], milan["kind"]) == (1966, 1990, "twinning")
    for words in ("first year 1967", "kind friendship_pact", "kind other", "calls the link “charte de Milan”"):
        assert words in milan["derivation"]
    assert "première année 1967" in milan["derivation_fr"]


def test_two_sources_stay_two_rows(reconciled: Reconcile) -> None:
    rows = [
        link("Lille", "Leeds", "GBR", source_id=source, start=start) for source, start in (("a", "1968"), ("b", "1969"))
    ]
    result = reconciled(told(*rows))
    assert result.partnerships[["source_id", "start_year"]].to_numpy().tolist() == [["a", 1968], ["b", 1969]]


UNUSABLE: list[tuple[dict[str, str], str]] = [
    ({"start": "1960 ou 1962"}, "unreadable_year"),
    ({"start": "il y a longtemps"}, "unreadable_year"),
    ({"start": "0836-01-01"}, "unreadable_year"),
    ({"start": "1990", "end": "1980"}, "years_reversed"),
    ({"as_of": "hier"}, "unreadable_year"),
    ({"partner_latitude": "53,8"}, "unreadable_point"),
    ({"partner_latitude": "53°48′", "partner_longitude": "1°33′"}, "unreadable_point"),
    ({"partner_latitude": "nan", "partner_longitude": "inf"}, "unreadable_point"),
    ({"partner_latitude": "-1.55", "partner_longitude": "153.8"}, "outside_country"),
    ({"partner_latitude": "153.8", "partner_longitude": "-1.55"}, "swapped_point"),
    ({"partner_latitude": "0", "partner_longitude": "0"}, "outside_country"),
    ({"partner_point": "Point(-1.55)"}, "unreadable_point"),
    ({"partner_geonames_id": "Leeds"}, "unknown_code"),
    ({"partner_geonames_id": "4930956", "partner_point": "Point(-1.55 53.80)"}, "code_far_from_point"),
    ({"partner_country": "Yorkshire"}, "unknown_country"),
    ({"partner": "Trifouilly"}, "unknown_partner"),
    ({"partner": "Plymouth", "partner_country": ""}, "ambiguous_partner"),
    ({"partner": "東京"}, "unknown_partner"),
    ({"partner": "12345"}, "no_name"),
    ({"partner": "@SUM(A1)"}, "formula"),
    ({"origin": "-2+3"}, "formula"),
    ({"origin": ""}, "no_name"),
    ({"origin": "Montreuil"}, "ambiguous_origin"),
    ({"origin": "Vienne"}, "ambiguous_origin"),
    ({"origin": "Guadeloupe"}, "ambiguous_origin"),
    ({"origin": "Trifouilly"}, "unknown_origin"),
    ({"origin_code": "99999"}, "unknown_code"),
    ({"origin_code": "59350", "origin_latitude": "43,3", "origin_longitude": "5,4"}, "code_far_from_point"),
    ({"origin_country": "Belgique"}, "not_french"),
    ({"partner": "Lyon", "partner_country": "FR"}, "domestic"),
    ({"partner": "Nouméa", "partner_country": ""}, "domestic"),
    ({"status": "endormi"}, "unknown_word"),
    ({"domains": "culture"}, "unknown_word"),
    ({"source_id": ""}, "gazetteer"),
]


def test_what_cannot_be_used_is_set_aside(reconciled: Reconcile) -> None:
    rows = reconciled(told(*[link("Lille", "Leeds", "England") | fields for fields, _ in UNUSABLE])).rows
    found = [(fields, reason) for (fields, _), reason in zip(UNUSABLE, rows["reason"], strict=True)]
    assert found == UNUSABLE
    assert (rows["outcome"] == "set_aside").tolist() == [reason != "gazetteer" for _, reason in UNUSABLE]


def test_a_pair_needs_a_source(reconciled: Reconcile) -> None:
    assert reconciled(told(link("Lille", "Leeds", "GBR")), None).rows["reason"].tolist() == ["no_source"]


COLLECTIVITIES: list[tuple[str, str, tuple[float, float] | None, str]] = [
    ("", "59350", None, "59350"),
    ("", "1004", None, "01004"),  # a nought that a spreadsheet dropped
    ("", "213502388", None, "35238"),  # SIREN of a commune
    ("", "246 700 488", None, "246700488"),  # SIREN of an EPCI
    ("", "74011", None, "74010"),  # INSEE code of Annecy-le-Vieux
    ("", "dep-2a", None, "dep-2A"),
    ("", "dep-75", None, "75056"),
    ("Montreuil (93)", "", None, "93048"),
    ("Montreuil, Seine-Saint-Denis", "", None, "93048"),
    ("Ville de Rennes", "", None, "35238"),
    ("Mairie d’Angers", "", None, "49007"),
    ("ST ETIENNE", "", None, "42218"),
    ("Département de la Vienne", "", None, "dep-86"),
    ("Conseil départemental du Val-de-Marne", "", None, "dep-94"),
    ("Région Bretagne", "", None, "reg-53"),
    ("Bretagne", "", (48.2, -2.9), "reg-53"),
    ("Paris", "", None, "75056"),
    ("Eurométropole de Strasbourg", "", None, "246700488"),
    ("Communauté d'agglomération de La Rochelle", "", None, "241700434"),
    ("Saint-Quentin-en-Yvelines", "", (48.79, 2.04), "200058782"),
    ("La Rochelle", "", (46.16, -1.15), "17300"),
    ("Dunkirk", "", None, "59183"),
    ("Vire", "", (48.84, -0.89), "14762"),
    ("Malakoff", "", (48.82, 2.30), "92046"),
    ("Saint-Denis", "", (-20.88, 55.45), "97411"),
]


def test_french_collectivities(tables: Tables) -> None:
    points = [point or (float("nan"), float("nan")) for _, _, point, _ in COLLECTIVITIES]
    asked = pd.DataFrame({"name": [row[0] or None for row in COLLECTIVITIES],
                          "code": [row[1] or None for row in COLLECTIVITIES]}, dtype="str")  # fmt: skip
    asked = asked.assign(latitude=[point[0] for point in points], longitude=[point[1] for point in points])
    found = resolve_origins(asked, tables, places.gazetteer())["collectivity_id"].fillna("")
    assert [(*row[:3], code) for row, code in zip(COLLECTIVITIES, found, strict=True)] == COLLECTIVITIES


def test_communes_without_a_point_are_near_their_epci(tables: Tables) -> None:
    known = reference(tables).query("kind == 'commune' and way == 'name'")
    twice = known[known["latitude"].isna()].groupby("key").filter(lambda homonyms: len(homonyms) == 1)
    one = twice.iloc[0]
    asked = pd.DataFrame({"name": [one["listed"]] * 2, "code": None}).astype("str")
    asked["code"] = pd.Series([None, None], dtype="str")
    neighbour = known[(known["epci"] == one["epci"]) & known["latitude"].notna()].iloc[0]
    asked = asked.assign(latitude=[neighbour["latitude"], -20.0], longitude=[neighbour["longitude"], 55.0])
    found = resolve_origins(asked, tables, places.gazetteer())
    assert found["collectivity_id"].fillna("").tolist() == [one["collectivity_id"], ""]


def test_a_place_that_the_gazetteer_lacks_is_one_place_however_written(reconciled: Reconcile) -> None:
    rows = [
        link("Lille", "Trifouilly", "Italie", partner_point="Point(12.70 42.50)"),
        link("Lille", "TRIFOUILLY (Umbria)", "ITA", partner_point="Point(12.75 42.52)"),
        link("Lyon", "Trifouilly Municipality", "Italy", partner_latitude="42,51", partner_longitude="12,71"),
        link("Lyon", "Trifouilly", "Italy", partner_point="Point(14.0 41.0)"),
    ]
    result = reconciled(told(*rows))
    assert sorted(result.rows["outcome"]) == ["kept", "kept", "kept", "merged"]
    points = result.partnerships[["collectivity", "latitude", "longitude"]].to_numpy().tolist()
    assert sorted(points) == [["Lille", 42.5, 12.7], ["Lyon", 41.0, 14.0], ["Lyon", 42.5, 12.7]]
    assert result.partnerships["partnership_id"].is_unique


def test_partners_that_are_no_cities(reconciled: Reconcile) -> None:
    rows = [
        link("Lille", "Ukraine", "Ukraine"),
        link("Lille", "Futian District", "China", partner_point="Point(114.05 22.53)"),
    ]
    kinds = reconciled(told(*rows)).partnerships.set_index("partner")["partner_kind"].to_dict()
    assert kinds == {"Ukraine": "country", "Futian District": "region"}


def test_a_missing_country_is_that_of_the_point(reconciled: Reconcile) -> None:
    rows = [
        link("Lille", "Trifouilly", partner_point="Point(12.70 42.50)"),
        link("Lille", "Esch", partner_point="Point(5.98 49.50)"),
    ]
    found = reconciled(told(*rows)).partnerships
    assert found.set_index("partner")["country"].to_dict() == {"Trifouilly": "ITA", "Esch": "LUX"}


def test_a_status_needs_a_date(reconciled: Reconcile) -> None:
    ended = {"end": "1998"}
    rows = [link("Lille", "Leeds", "GBR", **ended), link("Lyon", "Leeds", "GBR", as_of="2017", **ended),
            link("Paris", "Rome", "ITA", as_of="2017", end="2020")]  # fmt: skip
    status = reconciled(told(*rows)).partnerships.set_index("collectivity")["status"].to_dict()
    assert status == {"Lille": "not_documented", "Lyon": "ended", "Paris": "not_documented"}


def same(one: Reconciled, other: Reconciled) -> None:
    pd.testing.assert_frame_equal(one.partnerships, other.partnerships)


@given(st.permutations(range(30)))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shuffled_rows_give_the_same(reconciled: Reconcile, export: Reconciled, order: list[int]) -> None:
    shuffled = wikidata.pairs("x", tables.read(FIXTURES / "wikidata.tsv"), {}).iloc[order]
    moved = shuffled.set_index(pd.RangeIndex(2, len(order) + 2, name="row"))
    again = reconciled(moved, "wikidata")
    same(again, export)
    counts = [result.rows.groupby(["outcome", "reason"]).size().to_dict() for result in (again, export)]
    assert counts[0] == counts[1]


@st.composite
def one_pair(draw: st.DrawFn) -> dict[str, str]:
    """A pair that is usable more often than not: few names and points, so that many pairs meet."""
    latitude, longitude = draw(
        st.sampled_from([("", ""), ("42.5", "12.7"), ("42,4", "12,75"), ("51.48", "11.97"), ("x", "95")])
    )
    year = st.sampled_from(["", "", "1960", "1960-05-01", "1999", "1950/1960"])
    return {
        "origin": draw(st.sampled_from(["Lille", "Lyon", "Annecy", "Annecy-le-Vieux", "Vienne", ""])),
        "origin_country": draw(st.sampled_from(["", "", "France", "Germany"])),
        "partner": draw(
            st.sampled_from(["Leeds", "Rome", "Halle", "Halle (Saale)", "Bad X", "Bad X (Y)", "Ukraine", "東京", "=1"])
        ),
        "partner_country": draw(st.sampled_from(["", "Italy", "Italie", "Germany", "England", "Prussia"])),
        "partner_latitude": latitude,
        "partner_longitude": longitude,
        "kind": draw(st.sampled_from(["", "jumelage", "charte", "amitié"])),
        "start": draw(year),
        "end": draw(year),
    }


@given(st.lists(one_pair(), min_size=30, max_size=60))
@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
def test_any_pairs(reconciled: Reconcile, rows: list[dict[str, str]]) -> None:
    asked = told(*rows)
    result = reconciled(asked)
    assert result.rows.index.equals(asked.index)
    assert result.rows[["outcome", "reason"]].notna().all(axis=None)
    assert (result.rows["outcome"] == "kept").sum() == len(result.partnerships)
    TABLES["partnerships"].validate(result.partnerships)
    same(reconciled(asked.iloc[::-1]), result)
    if len(result.partnerships):
        written = result.partnerships.astype("str").mask(result.partnerships.isna())
        same(reconciled(pairs.fields("test", written, {}, pairs.USUAL_NAMES)), result)


@given(st.dictionaries(st.sampled_from(pairs.FIELDS), st.text(max_size=20)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_any_cell_is_read(tables: Tables, cells: dict[str, str]) -> None:
    (row,) = read_values(told(link("Lille", "Leeds") | cells), tables).to_dict("records")
    assert pd.isna(row["start_year"]) or 1900 <= row["start_year"] <= 2100
    assert pd.isna(row["partner_latitude"]) or -90 <= row["partner_latitude"] <= 90


def test_each_place_is_looked_up_once(reconciled: Reconcile, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counting(partners: pd.DataFrame, *others: object) -> pd.DataFrame:
        asked.append(len(partners))
        return look_up(partners, *others)

    look_up = reconcile.resolve_partners
    monkeypatch.setattr(reconcile, "resolve_partners", counting)
    result = reconciled(told(*[link("Lille", "Leeds", "GBR"), link("Lyon", "Leeds", "GBR")] * 500))
    assert asked == [1]
    assert result.rows["outcome"].value_counts().to_dict() == {"merged": 998, "kept": 2}


@pytest.fixture(scope="module")
def real(reconciled: Reconcile) -> Reconciled:
    if not REAL.is_file():
        pytest.skip("the real export is not beside the repository")
    return reconciled(wikidata.pairs(REAL.name, tables.read(REAL), {}), "wikidata")


def test_the_real_export_is_accounted_for(real: Reconciled) -> None:
    assert real.rows["outcome"].value_counts().to_dict() == {"kept": 3651, "merged": 74, "set_aside": 144}
    aside = real.rows[real.rows["outcome"] == "set_aside"]["reason"].value_counts().to_dict()
    assert aside == {
        "domestic": 123,
        "unknown_origin": 14,
        "origin_far": 4,
        "ambiguous_origin": 1,
        "no_name": 1,
        "unknown_country": 1,
    }


def test_known_rows_of_the_real_export(real: Reconciled) -> None:
    found = real.partnerships.set_index(["collectivity", "place"])
    boston = found.loc[("Strasbourg", "Boston")]
    assert (boston["collectivity_id"], boston["country"], boston["geonames_id"]) == ("67482", "USA", 4930956)
    assert {"Halle (Saale)"} == {
        place for city, place in found.index if city == "Grenoble" and place.startswith("Halle")
    }
    assert found.loc[("Lille", "Leeds"), "country"] == "GBR"
    assert found.loc[("Oullins-Pierre-Bénite", slice(None)), "derivation"].str.contains("The source says").all()
    assert found.loc[("Nice", "Yalta"), "country"] == "UKR"
    assert "also gives the country RUS" in found.loc[("Nice", "Yalta"), "derivation"]


def test_the_real_export_shuffled_and_again(real: Reconciled, reconciled: Reconcile) -> None:
    shuffled = tables.read(REAL).sample(frac=1, random_state=1)
    same(reconciled(wikidata.pairs(REAL.name, shuffled, {}), "wikidata"), real)
    written = real.partnerships.astype("str").mask(real.partnerships.isna())
    same(reconciled(pairs.fields("again", written, {}, pairs.USUAL_NAMES), None), real)
