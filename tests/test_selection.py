"""What a notebook on partnerships looks at: the register or an import, narrowed; refused in words."""

import re
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from citydiplo import data
from citydiplo.errors import DataError, UserError
from citydiplo.exhibits import chance, coverage, geography
from citydiplo.exhibits.selection import Selection
from citydiplo.spreadsheet import to_csv


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An import of Strasbourg's and Lyon's twinnings, as another source would have them."""
    monkeypatch.setattr(data, "IMPORTED", tmp_path)
    rows = data.load_table("partnerships")
    rows = rows[rows["collectivity"].isin(["Strasbourg", "Lyon"]) & (rows["kind"] == "twinning")]
    folder = tmp_path / "another"
    folder.mkdir()
    (folder / "partnerships.csv").write_text(to_csv(rows.assign(source_id="another"), ","), encoding="utf-8")
    return folder


def test_the_register_narrowed() -> None:
    chosen = Selection.load("en", cities=["Strasbourg", "69123"], kinds=["twinning"], years=[1950, 1970]).chosen
    assert set(chosen["collectivity"]) == {"Strasbourg", "Lyon"}
    assert set(chosen["kind"]) == {"twinning"}
    assert chosen["start_year"].between(1950, 1970).all()


def test_partners_have_the_names_of_french_sources_for_french_readers() -> None:
    names = {lang: set(Selection.load(lang, cities=["Lyon"]).chosen["name"]) for lang in ("fr", "en")}
    assert {"Erevan", "Francfort"} <= names["fr"]
    assert {"Yerevan", "Frankfurt am Main"} <= names["en"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kinds": ["jumelage"]}, "choose among twinning"),
        ({"years": [2000, 1950]}, "a first and a last one"),
        ({"years": [1950]}, "a first and a last one"),
        ({"cities": ["Trifouilly"]}, "no collectivity « Trifouilly »"),
        ({"cities": ["Strasbourg"], "years": [1800, 1850]}, "no partnership is left"),
        ({"source": "nowhere"}, "choose register"),
    ],
)
def test_wrong_choices(options: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        Selection.load("fr", **options)  # type: ignore[arg-type]


def test_an_import_is_found_by_its_name_and_its_source_is_cited(imported: Path) -> None:
    selection = Selection.load("en", imported.name)
    assert set(selection.chosen["source_id"]) == {"another"}
    assert "another" in geography.overview(selection).data
    with pytest.raises(UserError, match="choose register, another"):
        Selection.load("fr", "else")


def test_a_broken_import_says_where(imported: Path) -> None:
    path = imported / "partnerships.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",twinning,", ",wedding,", 1), encoding="utf-8")
    with pytest.raises(DataError, match="wedding"):
        Selection.load("fr", imported.name)


def test_two_lists_are_compared_where_the_register_has_the_whole_one(imported: Path) -> None:
    selection = Selection.load("en", cities=["Strasbourg"])
    page = BeautifulSoup(coverage.recaptured(selection, imported.name).data, "html.parser")
    ((name, register, another, both, estimate, _),) = [
        [cell.get_text() for cell in row.find_all(["th", "td"])] for row in page.select("tbody tr")
    ]
    assert name == "Strasbourg"  # the list of Lyon is partial
    assert both == another
    assert int(another) < int(register) <= float(estimate)
    assert "lower bound" in coverage.recaptured(selection, imported.name).data
    assert "No other list" in coverage.recaptured(selection, "").data


@pytest.mark.parametrize("by", ["kind", "decade", "size", "era", "un_region"])
def test_classes_lose_no_pair(by: str) -> None:
    selection = Selection.load("fr")
    rows, names = selection.classes(by)
    assert set(rows["class"].dropna()) <= set(names)
    pairs = rows.drop_duplicates(["collectivity_id", "place", "country", "geonames_id"])
    assert len(pairs) == len(selection.distinct)


EXHIBITS = (
    geography.overview,
    lambda selection: geography.links(selection, "world"),
    lambda selection: geography.links(selection, "europe"),
    geography.homes,
    geography.histogram,
    *(lambda selection, by=by: geography.distances(selection, by) for by in geography.DISTANCES),
    *(lambda selection, by=by: geography.concentration(selection, by) for by in geography.CONCENTRATION),
    geography.groups,
    geography.countries,
    geography.decades,
    lambda selection: chance.means(selection, chance.compared(selection, 5, 1)),
    lambda selection: chance.table(selection, chance.compared(selection, 5, 1)),
    lambda selection: chance.curve(selection, "population", 5, 1),
    chance.graph,
    coverage.shared_places,
    coverage.shared_pairs,
    coverage.completeness,
    coverage.announced,
    coverage.statements,
)


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("lacking", ["nothing", "points", "years", "countries", "kinds"])
def test_whatever_a_list_lacks_each_exhibit_says_something(imported: Path, lacking: str, lang: str) -> None:
    rows = data.load_partnerships(imported.name).iloc[:3]
    empty = {"points": ["latitude", "longitude", "geonames_id"], "years": ["start_year"], "countries": ["country"]}
    rows[empty.get(lacking, [])] = pd.NA
    if lacking == "kinds":
        rows["kind"] = "not_documented"
    (imported / "partnerships.csv").write_text(to_csv(rows, ","), encoding="utf-8")
    selection = Selection.load(lang, imported.name)
    for exhibit in EXHIBITS:
        page = BeautifulSoup(exhibit(selection).data, "html.parser")
        words = page.get_text(" ")
        assert words.strip()
        assert not re.search(r"\b(nan|NaN|<NA>)\b|\bNone$", words), words
