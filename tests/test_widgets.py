"""The widgets of the notebooks, driven as a reader would."""

import re
from html import unescape

import pandas as pd
import pytest

from citydiplo import collectivities, data, geography
from citydiplo.data import Tables
from citydiplo.exhibits.selection import Selection, known_sources, reader_names
from citydiplo.language import Language
from citydiplo.widgets import ALL, MOST_ROWS, CityBrowser, PartnershipPanel

MARSEILLE, STRASBOURG = "13055", "67482"
HOSTILE = "<script>alert('x')</script> & $\\frac{"


@pytest.fixture(scope="module")
def french(tables: Tables) -> Language:
    return Language.of("fr", tables)


def panel_of(links: pd.DataFrame, tables: Tables, language: Language) -> PartnershipPanel:
    """The panel with the land of two countries, which is drawn faster."""
    boundaries = data.load_boundaries("110m").query("iso3 in ['FRA', 'USA']")
    everyone = collectivities.directory(tables)
    chosen = geography.measure(links, everyone).assign(name=reader_names(links, tables, language))
    tables = tables | {"sources": known_sources(tables["sources"], links)}
    return PartnershipPanel(Selection(tables, everyone, chosen, language, boundaries))


def some(tables: Tables, *changes: dict[str, object]) -> pd.DataFrame:
    """Links of Strasbourg with Boston that differ from each other as told; a new place has no other spelling."""
    links = tables["partnerships"]
    boston = links[(links["collectivity_id"] == STRASBOURG) & (links["place"] == "Boston")].head(1)
    return pd.concat(
        [
            boston.assign(**{"partnership_id": f"link-{n}", "partner": cells.get("place", "Boston")} | cells)
            for n, cells in enumerate(changes)
        ],
        ignore_index=True,
    )


def rows_of(panel: PartnershipPanel) -> list[list[str]]:
    """The cells of the table that the panel shows."""
    body = re.search(r"<tbody>(.*)</tbody>", panel.area.value, re.DOTALL)
    if not body:
        return []
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows]


def drawn(panel: PartnershipPanel) -> int:
    """How many pairs the caption of the map counts; 0 without a map."""
    scope = re.search(r"</b>[^<]*?(\d+) (?:des|of the) \d+ (?:paires situées|located pairs)", panel.area.value)
    return int(scope[1]) if scope else 0


def test_browser_follows_the_choice(tables: Tables, language: Language) -> None:
    browser = CityBrowser(tables, data.load_boundaries("110m"), language)
    browser.choice.value = STRASBOURG
    assert "Strasbourg" in browser.card.value
    assert browser.card.value == browser.show(STRASBOURG).data


def test_collectivities_filter_the_map_and_the_table(tables: Tables, french: Language) -> None:
    strasbourg = tables["partnerships"][tables["partnerships"]["collectivity_id"] == STRASBOURG]
    links = pd.concat([strasbourg, tables["partnerships"][tables["partnerships"]["collectivity_id"] == MARSEILLE]])
    panel = panel_of(links, tables, french)
    both = len(rows_of(panel)), drawn(panel)
    panel.collectivities.value = (STRASBOURG,)
    one = len(rows_of(panel)), drawn(panel)
    assert {row[0] for row in rows_of(panel)} == {"Strasbourg"}
    assert one[0] == strasbourg.drop_duplicates(["place", "country", "kind"]).shape[0]
    panel.collectivities.value = (MARSEILLE,)
    other = len(rows_of(panel)), drawn(panel)
    assert (one[0] + other[0], one[1] + other[1]) == both
    panel.collectivities.value = (ALL, MARSEILLE)
    assert (len(rows_of(panel)), drawn(panel)) == both


def test_kinds_filter_the_map_and_the_table(tables: Tables, language: Language) -> None:
    links = some(
        tables,
        {"kind": "twinning"},
        {"kind": "friendship_pact", "place": "Dakar", "country": "SEN", "latitude": 14.7, "longitude": -17.4}
        | {"geonames_id": pd.NA},
    )
    panel = panel_of(links, tables, language)
    assert (len(rows_of(panel)), drawn(panel)) == (2, 2)
    assert [code for _, code in panel.kinds.options] == [ALL, "twinning", "friendship_pact"]
    panel.kinds.value = ("friendship_pact",)
    assert (len(rows_of(panel)), drawn(panel)) == (1, 1)
    assert rows_of(panel)[0][3] == language.label("partnership_kind", "friendship_pact")


def test_years_filter_the_map_and_the_table(tables: Tables, language: Language) -> None:
    where = {"geonames_id": pd.NA, "latitude": 45.0}
    links = some(
        tables,
        {"place": "Ancienne", "start_year": 1950, "longitude": 10.0} | where,
        {"place": "Récente", "start_year": 2010, "longitude": 12.0} | where,
        {"place": "Sans année", "start_year": pd.NA, "longitude": 14.0} | where,
    )
    panel = panel_of(links, tables, language)
    assert (panel.years.min, panel.years.max) == (1950, 2010)
    assert (len(rows_of(panel)), drawn(panel)) == (3, 3)
    panel.years.value = (2000, 2010)
    assert [row[1] for row in rows_of(panel)] == ["Récente", "Sans année"]
    panel.undated.value = False
    assert [row[1] for row in rows_of(panel)] == ["Récente"]
    assert drawn(panel) == 1
    panel.years.value = (1951, 2009)
    assert rows_of(panel) == []


def test_a_link_of_which_sources_give_two_years_is_one_row(tables: Tables, language: Language) -> None:
    links = some(tables, {"start_year": 1960}, {"start_year": 1962}, {"start_year": pd.NA})
    panel = panel_of(links, tables, language)
    panel.years.value = (1962, 1962)
    (row,) = rows_of(panel)
    assert row[4] == "1960, 1962"
    panel.years.value = (1961, 1961)
    assert rows_of(panel) == []


def test_view_changes_the_map_and_keeps_the_table(tables: Tables, french: Language) -> None:
    panel = panel_of(tables["partnerships"][tables["partnerships"]["collectivity_id"] == STRASBOURG], tables, french)
    table, world = rows_of(panel), drawn(panel)
    panel.view.value = "europe"
    assert 0 < drawn(panel) < world
    assert rows_of(panel) == table


def test_no_map_where_nothing_is_in_the_view(tables: Tables, language: Language) -> None:
    panel = panel_of(some(tables, {}), tables, language)
    panel.view.value = "europe"
    assert language.text("partners.none_on_map") in unescape(panel.area.value)
    assert "<img" not in panel.area.value
    assert len(rows_of(panel)) == 1


def test_an_empty_choice_says_so(tables: Tables, language: Language) -> None:
    panel = panel_of(some(tables, {}), tables, language)
    for choice in (panel.collectivities, panel.kinds):
        choice.value = ()
        assert language.text("panel.none") in unescape(panel.area.value)
        assert rows_of(panel) == []
        choice.value = (ALL,)
        assert len(rows_of(panel)) == 1


def test_no_partnership_at_all_says_so(tables: Tables, language: Language) -> None:
    panel = panel_of(tables["partnerships"].iloc[:0], tables, language)
    assert language.text("panel.none") in unescape(panel.area.value)
    assert panel.years.disabled


def test_partnerships_without_any_year(tables: Tables, language: Language) -> None:
    panel = panel_of(some(tables, {"start_year": pd.NA}), tables, language)
    assert panel.years.disabled
    assert len(rows_of(panel)) == 1


def test_hostile_names_are_escaped(tables: Tables, language: Language) -> None:
    links = some(tables, {"place": HOSTILE, "collectivity": HOSTILE, "source_id": "not-listed"})
    panel = panel_of(links, tables, language)
    assert "<script" not in panel.area.value
    assert rows_of(panel)[0][:2] == [HOSTILE, HOSTILE]
    assert rows_of(panel)[0][-1] == "not-listed"


def test_a_long_table_is_cut_and_says_so(tables: Tables, french: Language) -> None:
    links = some(
        tables,
        *({"place": f"Lieu {n:04}", "geonames_id": pd.NA} for n in range(MOST_ROWS + 34)),
    )
    panel = panel_of(links, tables, french)
    assert len(rows_of(panel)) == MOST_ROWS
    assert "les 200 premiers ; 34 autres" in panel.area.value.replace("\u202f", " ")
    assert [row[1] for row in rows_of(panel)] == sorted(row[1] for row in rows_of(panel))


def test_numbers_are_written_as_the_language_does(tables: Tables, language: Language) -> None:
    (row,) = rows_of(panel_of(some(tables, {"start_year": 1960}), tables, language))
    assert row[4] == "1960"
    assert re.fullmatch({"fr": "5\u202f\\d{3}", "en": "5,\\d{3}"}[language.code], row[6])


def test_rows_are_sorted_by_name_whatever_the_accents(tables: Tables, language: Language) -> None:
    names = ["Zurich", "Évian", "Aoste", "Erevan"]
    links = some(tables, *({"place": name, "geonames_id": pd.NA} for name in names))
    assert [row[1] for row in rows_of(panel_of(links, tables, language))] == ["Aoste", "Erevan", "Évian", "Zurich"]


def test_an_import_has_the_french_names_of_the_register(tables: Tables, language: Language) -> None:
    links = some(tables, {"place": "Yerevan", "country": "ARM", "source_id": "wikidata-import", "geonames_id": pd.NA})
    (row,) = rows_of(panel_of(links, tables, language))
    assert row[1] == {"fr": "Erevan", "en": "Yerevan"}[language.code]


def test_show_stands_without_a_widget(tables: Tables, language: Language) -> None:
    panel = panel_of(tables["partnerships"], tables, language)
    assert panel.show().data == panel.area.value
    panel.collectivities.value, panel.view.value = (STRASBOURG,), "europe"
    assert panel.show([STRASBOURG], view="europe").data == panel.area.value
    assert 'alt=""' not in panel.area.value
