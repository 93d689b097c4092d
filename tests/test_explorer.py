"""The explorer without its page: every view of a choice agrees, and each can be checked against the tables."""

import csv
import dataclasses
import io
import re
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from citydiplo import geography
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.explorer import cards, export, views
from citydiplo.explorer.answer import Answer
from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, PARTNERSHIP_FIELDS, Choice, Chosen, Material
from citydiplo.explorer.code import as_code
from citydiplo.explorer.fields import GAPS, SCHEMES
from citydiplo.explorer.panel import Explorer
from citydiplo.explorer.scene import Scene
from citydiplo.explorer.universe import NOT_SOUGHT
from citydiplo.explorer.wording import cited, count, described
from citydiplo.profile import stated
from citydiplo.spreadsheet import FORMULA, bare_cell
from citydiplo.typologies import NOT_DOCUMENTED

MARSEILLE, STRASBOURG = "13055", "67482"
FILTERS = COLLECTIVITY_FIELDS | PARTNERSHIP_FIELDS
SEVERAL = ("domain", "form", "source", "publisher")  # a partnership may be in several of their classes
HOSTILE = "<script>alert('x')</script> & $\\frac{"


@pytest.fixture(scope="module")
def material(tables: Tables) -> Material:
    return Material.of(tables, tables["partnerships"], "fr")


@pytest.fixture(scope="module")
def english(tables: Tables) -> Material:
    return Material.of(tables, tables["partnerships"], "en")


def material_of(tables: Tables, lang: str, *changes: dict[str, object]) -> Material:
    """A material of statements on Strasbourg and Boston that differ as told."""
    links = tables["partnerships"]
    boston = links[(links["collectivity_id"] == STRASBOURG) & (links["place"] == "Boston")].head(1)
    rows = [boston.assign(**{"partnership_id": f"link-{n}"} | cells) for n, cells in enumerate(changes)]
    return Material.of(tables, pd.concat(rows or [boston.iloc[:0]], ignore_index=True), lang)


def repeated(tables: Tables, times: int) -> pd.DataFrame:
    """The register, so many times: each time as if it were of other communes."""
    rows = tables["partnerships"]
    ids = rows["collectivity_id"].unique()
    others = tables["communes"].query("population > 1000 and insee not in @ids").set_index("insee")["name"]
    parts = [rows]
    for turn in range(times - 1):
        new = dict(zip(ids, others.index[turn * len(ids) : (turn + 1) * len(ids)], strict=True))
        homes = rows["collectivity_id"].map(new)
        numbers = rows["partnership_id"] + f"-{turn}"
        parts.append(rows.assign(partnership_id=numbers, collectivity_id=homes, collectivity=homes.map(others)))
    return pd.concat(parts, ignore_index=True)


def codes_of(material: Material, field: str) -> list[str]:
    return [code for _, code in material.options(field)]


@st.composite
def choices(draw: st.DrawFn, material: Material) -> Choice:
    """A choice of some codes that occur, in some fields."""
    restricted = draw(st.lists(st.sampled_from(list(FILTERS.values())), max_size=3, unique=True))
    several = {
        field: st.lists(st.sampled_from(codes_of(material, field)), min_size=1, max_size=6, unique=True)
        for field in restricted
    }
    years = st.lists(st.integers(*material.years), min_size=2, max_size=2).map(sorted)
    return Choice(
        **{field: draw(codes) for field, codes in several.items()},
        years=draw(st.one_of(st.just([]), years)),
        undated=draw(st.booleans()),
    )


class Oracle:
    """The partnerships and their classes, worked out from the tables one by one, in sets."""

    def __init__(self, tables: Tables, material: Material):
        statements = tables["partnerships"]
        published = tables["sources"].set_index("source_id")["publisher_kind"]
        groups = tables["country_groups"]
        listed = {(row.scheme, row.iso3): row.group for row in groups.itertuples()}
        cities = material.collectivities
        self.classes: dict[tuple[str, str, str], dict[str, Any]] = {}
        keys = zip(statements["collectivity_id"], geography.places(statements), statements["kind"], strict=True)
        for key, row in zip(keys, statements.to_dict("records"), strict=True):
            city = cities.loc[key[0]]
            known = self.classes.setdefault(
                key,
                {
                    "collectivities": {key[0]},
                    "groups": {city["kind"] if city["kind"] in ("commune", "departement", "region") else "epci"},
                    "strata": {"none" if pd.isna(city["stratum"]) else f"{self.sort(city)} {city['stratum']}"},
                    "regions": {city["region_code"]},
                    "forms": {NOT_DOCUMENTED} if pd.isna(city["forms"]) else set(city["forms"].split(";")),
                    "kinds": {row["kind"]},
                    "domains": set(),
                    "countries": {geography.UNKNOWN if pd.isna(row["country"]) else row["country"]},
                    "country_groups": {
                        geography.UNKNOWN
                        if pd.isna(row["country"])
                        else f"{scheme} {listed.get((scheme, row['country']), geography.NOT_LISTED)}"
                        for scheme in SCHEMES
                    },
                    "sources": set(),
                    "publishers": set(),
                    "years": set(),
                },
            )
            known["domains"] |= set() if pd.isna(row["domains"]) else set(row["domains"].split(";"))
            known["sources"] |= {row["source_id"]}
            known["publishers"] |= {published[row["source_id"]]}
            known["years"] |= set() if pd.isna(row["start_year"]) else {int(row["start_year"])}
        for known in self.classes.values():
            known["domains"] = known["domains"] or {NOT_DOCUMENTED}

    @staticmethod
    def sort(city: pd.Series) -> str:
        return "commune_stratum" if city["kind"] == "commune" else "epci_stratum"

    def left(self, choice: Choice) -> set[tuple[str, str, str]]:
        def passes(known: dict[str, Any]) -> bool:
            wanted = {field: set(getattr(choice, field)) for field in FILTERS.values()}
            if any(codes and not codes & known[field] for field, codes in wanted.items()):
                return False
            if not known["years"]:
                return choice.undated
            return not choice.years or choice.years[0] <= min(known["years"]) <= choice.years[1]

        return {key for key, known in self.classes.items() if passes(known)}


@pytest.fixture(scope="module")
def oracle(tables: Tables, material: Material) -> Oracle:
    return Oracle(tables, material)


def keys(chosen: Chosen) -> list[tuple[str, ...]]:
    return list(chosen.partnerships[["collectivity_id", "place_id", "kind"]].itertuples(index=False, name=None))


# What a choice leaves


@pytest.mark.parametrize("field", FILTERS.values())
def test_options_are_exactly_the_codes_that_occur(material: Material, oracle: Oracle, field: str) -> None:
    codes = codes_of(material, field)
    assert len(codes) == len(set(codes))
    occurring = set().union(*(known[field] for known in oracle.classes.values()))
    if field in COLLECTIVITY_FIELDS.values():
        # A collectivity may be chosen that has no partnership.
        assert occurring <= set(codes)
        assert all(material.chosen(Choice(**{field: [code]})).homes.any() for code in codes)
    else:
        assert occurring == set(codes)


def test_an_empty_choice_keeps_all(material: Material, tables: Tables) -> None:
    chosen = material.chosen(Choice())
    assert chosen.kept.all() and chosen.homes.all()
    assert len(chosen.partnerships) == len(material.partnerships)
    stated_ids = ";".join(chosen.partnerships["partnership_ids"]).split(";")
    assert sorted(stated_ids) == sorted(tables["partnerships"]["partnership_id"])
    assert set(tables["collectivities"]["collectivity_id"]) <= set(chosen.collectivities.index)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_choice_leaves_what_the_tables_say_one_by_one(
    material: Material, oracle: Oracle, data: st.DataObject
) -> None:
    choice = data.draw(choices(material))
    left = keys(material.chosen(choice))
    assert len(left) == len(set(left))
    assert set(left) == oracle.left(choice)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_restricting_never_adds_and_widening_never_takes_away(material: Material, data: st.DataObject) -> None:
    choice = data.draw(choices(material))
    chosen = material.chosen(choice)
    field = data.draw(st.sampled_from(list(FILTERS.values())))
    code = data.draw(st.sampled_from(codes_of(material, field)))
    codes = getattr(choice, field)
    other = material.chosen(dataclasses.replace(choice, **{field: (*codes, code)}))
    smaller, larger = (chosen, other) if codes else (other, chosen)
    assert not (smaller.kept & ~larger.kept).any()
    assert not (smaller.homes & ~larger.homes).any()
    dated = material.chosen(dataclasses.replace(choice, undated=False))
    assert not (dated.kept & ~chosen.kept).any()


def test_sources_that_give_two_years_are_one_partnership_of_the_earliest(tables: Tables) -> None:
    made = material_of(tables, "fr", {"start_year": 1962}, {"start_year": 1960}, {"start_year": pd.NA})
    for years, expected in (((1960, 1960), 1), ((1961, 1962), 0)):
        chosen = made.chosen(Choice(years=years))
        assert len(chosen.partnerships) == expected
    (row,) = views.table(made.chosen(Choice())).to_dict("records")
    assert row["Depuis"] == "1960, 1962"
    assert views.by(made.chosen(Choice()), "decade")[["code", "count"]].to_numpy().tolist() == [["1960", 1]]


def test_domains_of_several_sources_are_put_together(tables: Tables) -> None:
    made = material_of(
        tables, "en", {"domains": "innovation;poverty"}, {"domains": pd.NA}, {"domains": "poverty;citizenship"}
    )
    for domain in ("innovation", "poverty", "citizenship"):
        assert len(made.chosen(Choice(domains=[domain])).partnerships) == 1
    assert codes_of(made, "domains") == ["citizenship", "innovation", "poverty"]


def test_a_partnership_keeps_all_its_sources_when_one_is_chosen(tables: Tables) -> None:
    one, other = "marseille-bilan-2025", "france-urbaine-inet-2021"
    made = material_of(tables, "fr", {"source_id": one}, {"source_id": other})
    (row,) = views.table(made.chosen(Choice(sources=[one]))).to_dict("records")
    shorts = tables["sources"].set_index("source_id")["short"]
    assert all(shorts[source] in row["Source"] for source in (one, other))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kinds": ["jumelage"]}, "kinds: jumelage does not occur"),
        ({"collectivities": ["99999"]}, "99999"),
        ({"countries": ["FRA"]}, r"Material.options\('countries'\)"),
        ({"years": [2000, 1950]}, "a first and a last one"),
        ({"years": [1950]}, "a first and a last one"),
    ],
)
def test_wrong_choices(material: Material, fields: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        material.chosen(Choice(**fields))


def test_a_choice_of_lists_is_one_of_tuples() -> None:
    assert Choice(kinds=["twinning"], years=[1950, 1960]) == Choice(kinds=("twinning",), years=(1950, 1960))  # type: ignore[arg-type]


# What is not documented


def test_nothing_found_is_told_from_nothing_left_and_from_nobody_looked(material: Material, tables: Tables) -> None:
    chosen = material.chosen(Choice(kinds=["emergency_aid"]))
    rows = chosen.collectivities
    documented = set(tables["partnerships"]["collectivity_id"])
    sought = set(tables["partnership_coverage"]["collectivity_id"])
    for collectivity_id, row in rows.iterrows():
        expected = (
            "shown"
            if row["n_partnerships"]
            else "filtered"
            if collectivity_id in documented
            else "none_found"
            if collectivity_id in sought
            else "not_sought"
        )
        assert row["state"] == expected
    assert set(rows["state"]) == {"shown", "filtered", "none_found", "not_sought"}


def test_a_gap_is_never_shown_as_nought(material: Material) -> None:
    chosen = material.chosen(Choice(kinds=["emergency_aid"]))
    silent = chosen.collectivities["n_documented"].to_numpy() == 0
    shown = views.documentation(chosen)
    assert silent.any()
    assert shown.loc[silent, ["Partenariats retenus", "Partenariats documentés"]].isna().all(axis=None)
    assert (shown.loc[~silent, "Partenariats documentés"] > 0).all()
    unknown = chosen.collectivities.index[silent][0]
    texts = views.compare(chosen, [unknown]).iloc[:, 1]
    assert not texts.isin(["0", "0 %", ""]).any()
    assert material.language.text("partners.not_documented") in set(texts)


def test_facts_and_forms_are_those_of_the_tables(material: Material, tables: Tables) -> None:
    rows = material.collectivities
    facts = stated(tables["facts"]).groupby("collectivity_id").size()
    assert rows["n_facts"].to_dict() == {each: int(facts.get(each, 0)) for each in rows.index}
    twinned = tables["partnerships"].query("kind == 'twinning'")["collectivity_id"]
    assert rows.loc[list(set(twinned)), "forms"].str.split(";").map(lambda forms: "twinning" in forms).all()


def test_how_complete_an_import_is_nobody_knows(tables: Tables) -> None:
    made = Material.of(tables, tables["partnerships"].head(5), "en", "another")
    assert set(made.collectivities["completeness"]) == {NOT_SOUGHT}
    assert set(made.chosen(Choice()).collectivities["state"]) == {"shown", "not_sought"}


def test_no_partnership_at_all(tables: Tables) -> None:
    made = material_of(tables, "fr")
    chosen = made.chosen(Choice())
    assert made.years == ()
    assert len(views.table(chosen)) == 0
    assert chosen.countries.empty
    assert made.language.text("explorer.none") in BeautifulSoup(views.listing(chosen).data, "html.parser").text
    assert count(chosen).startswith("Aucun partenariat")
    assert views.by(chosen, "region")["share"].isna().all()
    with pytest.raises(UserError, match="ne veut pas dire"):
        export.svg(chosen, "world")


# Views agree


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_counts_of_every_view_add_up_to_the_table(material: Material, data: st.DataObject) -> None:
    chosen = material.chosen(data.draw(choices(material)))
    rows = views.table(chosen)
    for field in views.FIELDS:
        counts = views.by(chosen, field)
        total = counts["count"].sum()
        assert total >= len(rows) if field in SEVERAL else total == len(rows), field
        assert list(counts["documented"]) == [code not in GAPS for code in counts["code"]]
        assert counts["share"].dropna().between(0, 1).all()
    assert chosen.collectivities["n_partnerships"].sum() == len(rows)
    assert chosen.countries["n_partnerships"].sum() == len(rows)
    assert (chosen.collectivities["state"] == "shown").sum() == rows["Collectivité"].nunique()
    shown = views.documentation(chosen)
    assert shown["Partenariats retenus"].sum() == len(rows)
    assert list(chosen.partnerships["name"]) == list(rows["Partenaire"])
    assert count(chosen).replace("\u202f", "").split(" ")[0] in (str(len(rows)), "Aucun")


@pytest.mark.parametrize("field", list(views.FIELDS))
def test_a_class_of_a_chart_is_a_choice_that_leaves_as_many(material: Material, field: str) -> None:
    plural = views.FIELDS[field]
    for row in views.by(material.chosen(Choice()), field).itertuples():
        if plural == "years":
            # A decade is one of the years; those without a year are what « undated » adds to it.
            choice = Choice(years=(int(row.code), int(row.code) + 9), undated=False) if row.documented else None
        else:
            choice = Choice(**{plural: (row.code,)})
        left = material.partnerships["start_year"].isna() if choice is None else material.chosen(choice).kept
        assert left.sum() == row.count


def test_countries_count_french_partners(material: Material) -> None:
    chosen = material.chosen(Choice(kinds=["twinning"]))
    rows = chosen.partnerships
    for row in chosen.countries.itertuples():
        there = rows[rows["country"].fillna(geography.UNKNOWN) == row.country]
        assert (row.n_partnerships, row.n_collectivities) == (len(there), there["collectivity_id"].nunique())
    assert chosen.countries["n_partnerships"].is_monotonic_decreasing


def test_four_collectivities_side_by_side(material: Material, english: Material) -> None:
    ids = [MARSEILLE, STRASBOURG, "69123", "44109"]
    chosen = english.chosen(Choice(kinds=["twinning"], regions=["84"]))
    shown = views.compare(chosen, ids).set_index("What is compared")
    assert list(shown.columns) == ["Marseille", "Strasbourg", "Lyon", "Nantes"]
    own = english.partnerships.query("kind == 'twinning' and collectivity_id == @MARSEILLE")
    assert shown.loc["Selected partnerships", "Marseille"] == str(len(own))
    assert shown.loc["Partner countries", "Marseille"] == str(own["country"].nunique())
    assert shown.loc["Earliest dated partnership", "Marseille"] == str(own["start_year"].min())
    with pytest.raises(UserError, match="Quatre"):
        views.compare(material.chosen(Choice()), [*ids, "31555"])


def test_homonyms_are_told_apart(tables: Tables) -> None:
    made = material_of(
        tables,
        "fr",
        {"collectivity_id": "93066", "collectivity": "Saint-Denis"},
        {"collectivity_id": "97411", "collectivity": "Saint-Denis"},
    )
    shown = views.compare(made.chosen(Choice()), ["93066", "97411"])
    assert list(shown.columns[1:]) == ["Saint-Denis (93066)", "Saint-Denis (97411)"]


# Pages


def cells(html: str, table: int = 0) -> list[list[str]]:
    body = BeautifulSoup(html, "html.parser").select("tbody")[table]
    return [[cell.get_text() for cell in row.select("th, td")] for row in body.select("tr")]


def test_the_listing_is_the_table_with_its_caption(material: Material) -> None:
    chosen = material.chosen(Choice(collectivities=[STRASBOURG]))
    page = views.listing(chosen).data
    assert [row[1] for row in cells(page)] == list(views.table(chosen)["Partenaire"])
    text = BeautifulSoup(page, "html.parser").get_text()
    assert all(part in text for part in ("Lecture", "Champ", "Source", "Collectivité\u00a0: Strasbourg"))
    short = BeautifulSoup(views.listing(material.chosen(Choice()), 7).data, "html.parser")
    assert len(short.select("tbody tr")) == 7
    assert f"{len(material.partnerships) - 7} autres" in short.get_text()


def test_a_card_has_the_partnerships_left_and_every_fact(material: Material, tables: Tables) -> None:
    page = cards.card(material.chosen(Choice(kinds=["twinning"])), STRASBOURG).data
    own = material.partnerships.query("kind == 'twinning' and collectivity_id == @STRASBOURG")
    assert [row[1] for row in cells(page, 1)] == list(own["name"])
    facts = stated(tables["facts"]).query("collectivity_id == @STRASBOURG")
    assert len(cells(page, 2)) == len(facts)
    with pytest.raises(UserError, match="99999"):
        cards.card(material.chosen(Choice()), "99999")


def test_a_card_compares_nothing(material: Material) -> None:
    page = BeautifulSoup(cards.card(material.chosen(Choice()), STRASBOURG).data, "html.parser")
    assert page.select_one("thead th").get_text() == "Indicateur"  # type: ignore[union-attr]
    assert not re.search("compar|classement", page.get_text())


def test_a_card_of_a_collectivity_of_which_nothing_is_documented_says_why(material: Material) -> None:
    chosen = material.chosen(Choice())
    states = chosen.collectivities["state"]
    for state, key in (("none_found", "explorer.none_found"), ("not_sought", "explorer.nobody_looked")):
        silent = states.index[states == state][0]
        assert material.language.text(key) in BeautifulSoup(cards.card(chosen, silent).data, "html.parser").get_text()


def test_a_country_has_its_french_partners(material: Material) -> None:
    chosen = material.chosen(Choice(kinds=["twinning"], countries=["ITA"]))
    shown = cells(cards.country(chosen, "DEU").data)
    there = material.partnerships.query("kind == 'twinning' and country == 'DEU'")
    assert [row[:2] for row in shown] == there[["collectivity", "name"]].to_numpy().tolist()
    with pytest.raises(UserError, match="FRA"):
        cards.country(chosen, "FRA")


# What is said where there is more than the page shows.
MORE = {
    "fr": [
        "pour 400 collectivités sur {all}, celles",
        "{all} collectivités retenues, 150 montrées",
        "restreignez le choix",
        "trace les 120 premières des {ways} paires",
        "Le tableau montre les 30 premiers ; {rest} autres",
        "les 10 en tête, sur {homes}",
    ],
    "en": [
        "for 400 collectivities of {all}, those",
        "{all} collectivities kept, 150 shown",
        "narrow the choice",
        "draws the first 120 of the {ways} pairs",
        "The table shows the first 30; {rest} more are left out",
        "the first 10 of {homes}",
    ],
}


@pytest.mark.parametrize("lang", list(MORE))
def test_what_many_collectivities_leave_no_room_for_is_said(tables: Tables, lang: str) -> None:
    made = Material.of(tables, repeated(tables, 8), lang)
    scene, chosen = Scene(made), made.chosen(Choice())
    frame = BeautifulSoup(scene.frame(), "html.parser")
    for listed in frame.select("select[data-kind=city], select[data-compared]"):
        assert [option["value"] for option in listed.select("option")] == ["", *made.collectivities.index]
    answer = Answer(scene, chosen, {"kind": "country", "code": "DEU"}, (), documented=True)
    parts = answer.message(answer.of_choice())["html"]
    text = " ".join(BeautifulSoup(page, "html.parser").get_text() for page in (scene.frame(), *parts.values()))
    german = chosen.partnerships.query("country == 'DEU'")
    numbers = {
        "all": len(made.collectivities),
        "ways": len(german.drop_duplicates(["collectivity_id", "place_id"])),
        "rest": len(chosen.partnerships) - 30,
        "homes": chosen.partnerships["collectivity_id"].nunique(),
    }
    plain = re.sub(r"[\s\u202f\u00a0]+", " ", re.sub(r"(?<=\d)[,\u202f](?=\d{3})", "", text))
    for sentence in MORE[lang]:
        assert sentence.format(**numbers) in plain


def test_hostile_names_are_escaped_and_drawn(tables: Tables) -> None:
    change = {"place": HOSTILE, "collectivity": HOSTILE, "source_id": HOSTILE, "geonames_id": pd.NA}
    made = material_of(tables, "fr", change, change | {"kind": "friendship_pact"})
    chosen = made.chosen(Choice(sources=[HOSTILE]))
    assert len(chosen.partnerships) == 2
    pages = [
        views.listing(chosen),
        cards.card(chosen, STRASBOURG),
        cards.country(chosen, "USA"),
        views.comparison(chosen, [STRASBOURG]),
    ]
    for page in pages:
        assert "<script" not in page.data
        assert HOSTILE in BeautifulSoup(page.data, "html.parser").get_text()
    for view in ("world", "source", "collectivity"):
        drawn = export.svg(chosen, view).decode("utf-8")
        assert "<script" not in drawn
        assert HOSTILE in str(ElementTree.fromstring(drawn).findtext("{http://www.w3.org/2000/svg}desc"))  # noqa: S314


def test_a_choice_in_words(material: Material, english: Material) -> None:
    choice = Choice(kinds=["twinning"], regions=["84", "11"], years=[1950, 1960])
    assert described(english.chosen(choice)) == (
        "Region: Auvergne-Rhône-Alpes, Île-de-France; Kind of link: Twinning; "
        "First year: 1950 to 1960, or not documented"
    )
    assert described(material.chosen(Choice())) == "sans filtre"
    assert described(english.chosen(Choice(undated=False))) == "First year: documented"
    many = english.chosen(Choice(countries=codes_of(english, "countries")[:9]))
    assert described(many).endswith("and 4 more")


def test_only_the_sources_of_the_rows_left_are_cited(material: Material, tables: Tables) -> None:
    chosen = material.chosen(Choice(collectivities=[STRASBOURG], kinds=["twinning"], countries=["USA"]))
    ids = ";".join(chosen.partnerships["source_ids"]).split(";")
    expected = tables["sources"].set_index("source_id").loc[ids, "short"]
    line = material.language.typeset(cited(chosen))
    assert set(line.split("\u202f; ")) == {material.language.typeset(short) for short in expected}


# Copy as code


def run(code: str) -> pd.DataFrame:
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    return names["rows"]


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_the_code_gives_the_same_table(material: Material, data: st.DataObject) -> None:
    choice = data.draw(choices(material))
    loaded: list[tuple[str, str]] = []

    def load(lang: str, source: str) -> Material:
        loaded.append((lang, source))
        return material

    with patch.object(Material, "load", load):
        rows = run(as_code(choice, "fr"))
    assert loaded == [("fr", "register")]
    pd.testing.assert_frame_equal(rows, views.table(material.chosen(choice)))


def test_the_code_runs_by_itself(english: Material) -> None:
    choice = Choice(kinds=["twinning"], years=[1950, 1960], undated=False)
    code = as_code(choice, "en")
    assert "strata" not in code
    pd.testing.assert_frame_equal(run(code), views.table(english.chosen(choice)))


def test_a_code_with_quotes_stays_a_text() -> None:
    sly = "'); raise SystemExit(1) #\n\""
    code = as_code(Choice(sources=[sly]), "fr")
    names: dict[str, Any] = {}
    with patch.object(Material, "load", lambda *_: None), pytest.raises(AttributeError):
        exec(code, names)  # noqa: S102
    assert names["choice"].sources == (sly,)


# Files


def rows_of(content: bytes, separator: str) -> list[dict[str, str]]:
    text = content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_the_file_has_the_rows_shown_with_their_sources(material: Material, data: st.DataObject) -> None:
    chosen = material.chosen(data.draw(choices(material)))
    content = export.csv(chosen)
    assert content.startswith(b"\xef\xbb\xbf")
    written, shown = rows_of(content, ";"), views.table(chosen)
    expected = shown.astype("object").where(shown.notna(), "").astype("str").to_dict("records")
    assert [{name: bare_cell(row[name]) for name in shown.columns} for row in written] == expected
    assert [row["Identifiants des sources"] for row in written] == list(chosen.partnerships["source_ids"])
    assert [row["Identifiants des mentions"] for row in written] == list(chosen.partnerships["partnership_ids"])


def test_the_file_says_where_each_row_was_found(english: Material, tables: Tables) -> None:
    chosen = english.chosen(Choice(collectivities=[STRASBOURG]))
    sources = tables["sources"].set_index("source_id")
    statements = tables["partnerships"].set_index("partnership_id")
    for row in rows_of(export.csv(chosen), ","):
        for partnership_id in row["Identifiers of the statements"].split(";"):
            statement = statements.loc[partnership_id]
            assert statement["locator"] in row["Passages of the sources"]
            assert sources.loc[statement["source_id"], "short"] in row["Source"]
            assert sources.loc[statement["source_id"], "url"] in row["Addresses of the sources"]
        assert row["Code of the collectivity"] == STRASBOURG


def test_no_cell_of_the_file_is_run_as_a_formula(tables: Tables) -> None:
    risky = [f'{sign}HYPERLINK("http://example.org","x")' for sign in FORMULA]
    fields = ("place", "collectivity", "source_id", "locator")
    made = material_of(tables, "en", *(dict.fromkeys(fields, text) | {"geonames_id": pd.NA} for text in risky))
    rows = rows_of(export.csv(made.chosen(Choice())), ",")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(FORMULA)]
    assert sorted(bare_cell(row["Partner"]) for row in rows) == sorted(risky)


SVG = "{http://www.w3.org/2000/svg}"
PICTURES = ("world", "france", "country", "domain", "decade", "form", "oda")


@pytest.fixture(scope="module", params=["fr", "en"])
def some(request: pytest.FixtureRequest, material: Material, english: Material) -> Iterator[Chosen]:
    chosen = {"fr": material, "en": english}[request.param]
    yield chosen.chosen(Choice(kinds=["twinning"], regions=["84"]))


@pytest.mark.parametrize("view", PICTURES)
def test_a_picture_carries_its_words(some: Chosen, view: str) -> None:
    root = ElementTree.fromstring(export.svg(some, view))  # noqa: S314
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    t = some.material.language.text
    for key in ("caption.reading", "caption.scope", "caption.source"):
        assert f"\n{t(key)}{t('colon')}" in str(description.text)
    assert described(some) in str(description.text)
    with Image.open(io.BytesIO(export.png(some, view))) as image:
        assert image.text["Title"] == title.text  # type: ignore[attr-defined]
        assert image.text["Description"] == description.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("field", "source_id"),
    [("oda", "oecd-dac-list-2025"), ("stratum", "decoupage-administratif-2026"), ("form", "france-urbaine-inet-2021")],
)
def test_a_picture_cites_who_defined_its_classes(english: Material, field: str, source_id: str) -> None:
    chosen = english.chosen(Choice(collectivities=[STRASBOURG], kinds=["twinning"], countries=["USA"]))
    short = english.tables["sources"].set_index("source_id").loc[source_id, "short"]
    assert short not in cited(chosen)
    assert short in export.picture(chosen, field).caption.source
    assert short not in export.picture(chosen, "kind").caption.source


def test_a_picture_is_the_same_each_time(material: Material) -> None:
    chosen = material.chosen(Choice(collectivities=[STRASBOURG]))
    for draw in (export.svg, export.png):
        assert draw(chosen, "kind") == draw(chosen, "kind")


def test_nothing_in_the_view_is_said(tables: Tables) -> None:
    chosen = material_of(tables, "en", {}).chosen(Choice())
    assert export.png(chosen, "world")
    with pytest.raises(UserError, match="None of these pairs"):
        export.png(chosen, "europe")


# Speed


def test_a_reader_who_comes_back_to_a_choice_sees_the_same(material: Material) -> None:
    explorer = Explorer("fr", material=material)
    shown = explorer.widget.shown
    card = {"picked": {"kind": "city", "code": STRASBOURG}, "documented": True}
    explorer.widget.asked = explorer.widget.asked | card
    explorer.choose(kinds=["twinning"])
    assert explorer.widget.shown["rows"] < shown["rows"]
    explorer.widget.asked = shown["asked"]
    assert explorer.widget.shown == shown | {"revision": explorer.widget.shown["revision"]}
    assert explorer.chosen.choice == Choice()


@pytest.mark.slow
def test_a_choice_among_26000_is_fast(tables: Tables) -> None:
    made = Material.of(tables, repeated(tables, 44), "fr")
    assert len(made.partnerships) > 24_000
    spent = []
    for choice in (Choice(), Choice(kinds=["twinning"]), Choice(forms=["twinning"], years=[1950, 1990])):
        for _ in range(5):
            start = time.perf_counter()
            chosen = made.chosen(choice)
            assert len(chosen.partnerships) == chosen.countries["n_partnerships"].sum() > 0
            assert len(chosen.collectivities)
            spent.append(time.perf_counter() - start)
    assert sorted(spent)[len(spent) // 2] < 0.06
