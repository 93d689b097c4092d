"""The site around the reports: its catalogue, its pages, its zip, and its index in a browser."""

import csv
import hashlib
import html
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from accessible import check_everybody
from playwright.sync_api import Browser, Page

from citydiplo import collectivities, data, folders
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.language import LANGUAGES, Language
from citydiplo.profile import Profile
from citydiplo.reports import catalogue
from citydiplo.reports.archive import site_files, zip_site
from citydiplo.reports.batch import slug
from citydiplo.reports.error_page import error_page
from citydiplo.reports.layout import ACCESSIBILITY, INDEX, RUN_PAGE, around, remove
from citydiplo.reports.outcome import Failure, Kind
from citydiplo.reports.planning import profiles
from citydiplo.reports.site import Run, run_page, write_site

CITIES = ("13055", "35238", "76351", "241700434")  # Marseille, Rennes, Le Havre, La Rochelle's agglomeration
FAILED = "35238"
SECRET = f"<script>alert(1)</script> {folders.REPOSITORY}/x.py"
NOW = "2026-01-01T00:00:00+00:00"
RUN = Run(NOW, "2026-01-01T00:02:05+00:00", {"python": "3.11"}, "abc", "def", "123", "spawn", 2)


@pytest.fixture(scope="module")
def chosen(everyone: pd.DataFrame) -> list[Profile]:
    return profiles([collectivities.get(everyone, code) for code in CITIES])


@pytest.fixture(scope="module")
def records(chosen: list[Profile]) -> pd.DataFrame:
    """Rennes failed in French, Le Havre was not made again, the others were made."""
    rows: list[dict[str, Any]] = []
    for each in chosen:
        for lang in LANGUAGES:
            path = f"{lang}/{slug(each.city)}.html"
            row: dict[str, Any] = {"collectivity_id": each.city.id, "name": each.city.name, "lang": lang, "path": path}
            if (each.city.id, lang) == (FAILED, "fr"):
                row |= {"state": "failed", "kind": "error", "error": SECRET, "seconds": 1.5, "attempts": 1}
            else:
                row |= {
                    "state": "skipped" if each.city.id == "76351" else "done",
                    "pdf": path.replace(".html", ".pdf") if each.city.id == "13055" else None,
                    "seconds": 2.0,
                    "attempts": 1,
                    "figures": 3,
                    "bytes": 12_345,
                    "sha256": hashlib.sha256(path.encode()).hexdigest(),
                }
            rows.append(row | {"ended": NOW})
    return pd.DataFrame(rows)


def as_json(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> str:
    hashes = {"data": "abc", "notebook": "def", "lock": "123"}
    return catalogue.to_json(chosen, records, tables["sources"], list(LANGUAGES), {"python": "3.11"}, hashes)


def as_rows(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> list[dict[str, str]]:
    spoken = [Language.of(code, tables) for code in LANGUAGES]
    text = catalogue.to_spreadsheet(chosen, records, spoken)
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_catalogue_counts_what_the_tables_say(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> None:
    site = json.loads(as_json(chosen, records, tables))
    (city,) = (city for city in site["collectivities"] if city["id"] == "13055")
    facts = tables["facts"].query("collectivity == 'Marseille' and theme not in ('study', 'context')")
    links = tables["partnerships"].query("collectivity == 'Marseille'")
    assert city["counts"]["facts"] == len(facts) > 0
    assert city["counts"]["partnerships"] == len(links.drop_duplicates(["place", "country", "kind"])) > 0
    assert city["documented"] == {"budget": "budget" in set(facts["theme"]), "staff": "staff" in set(facts["theme"])}
    assert city["population"] == tables["communes"].set_index("insee").loc["13055", "population"]
    assert set(city["sources"]) >= set(facts["source_id"]) | set(links["source_id"])
    assert {source["source_id"] for source in site["sources"]} == {
        source for city in site["collectivities"] for source in city["sources"]
    }


def test_catalogue_is_by_name_and_repeatable(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> None:
    text = as_json(chosen, records, tables)
    assert text == as_json(chosen[::-1], records[::-1], tables)
    assert "2026-01-01" not in text
    names = [city["name"] for city in json.loads(text)["collectivities"]]
    assert names[1:] == ["Le Havre", "Marseille", "Rennes"]


def test_catalogue_says_what_became_of_reports(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> None:
    cities = {city["id"]: city["reports"] for city in json.loads(as_json(chosen, records, tables))["collectivities"]}
    failed = {"state": "failed", "path": "fr/rennes-35238.html", "pdf": None, "sha256": None, "failure": "error"}
    assert cities[FAILED]["fr"] == failed
    assert cities[FAILED]["en"]["state"] == "done"
    assert cities["76351"]["fr"]["state"] == "done"  # it was skipped: made before, and still current
    assert cities["76351"]["fr"]["failure"] is None
    assert cities["13055"]["fr"]["pdf"] == "fr/marseille-13055.pdf"
    without = json.loads(as_json(chosen, records[records["lang"] == "fr"], tables))
    assert [list(city["reports"]) for city in without["collectivities"]] == [["fr"]] * len(CITIES)


def test_spreadsheet_says_the_same(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> None:
    cities = json.loads(as_json(chosen, records, tables))["collectivities"]
    for row, city in zip(as_rows(chosen, records, tables), cities, strict=True):
        assert row["id"] == city["id"]
        assert row["population"] == str(city["population"])
        assert {name: int(row[name]) for name in city["counts"]} == city["counts"]
        assert {name: row[f"{name}_documented"] == "1" for name in city["documented"]} == city["documented"]
        for lang, report in city["reports"].items():
            assert {name: row[f"{name}_{lang}"] or None for name in ("state", "path", "pdf", "sha256")} == {
                name: report[name] for name in ("state", "path", "pdf", "sha256")
            }


def test_spreadsheet_is_for_a_french_one(chosen: list[Profile], records: pd.DataFrame, tables: Tables) -> None:
    formula = "=HYPERLINK(1)"
    cities = [replace(chosen[0], city=replace(chosen[0].city, name=formula)), *chosen[1:]]
    text = catalogue.to_spreadsheet(cities, records, [Language.of("fr", tables)])
    assert text.startswith("\ufeffid;name;kind;kind_fr;region;")
    assert text.count("\r\n") == text.count("\n") == 1 + len(CITIES)
    assert f";'{formula};" in text
    assert f";{formula};" not in text
    assert text == catalogue.to_spreadsheet(cities, records, [Language.of("fr", tables)])


def test_run_page_begins_with_failures(records: pd.DataFrame, language: Language) -> None:
    page = run_page(records, RUN, language, LANGUAGES)
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = body.split("<tr>")[1:]
    assert len(rows) == len(records)
    assert 'href="fr/rennes-35238.html"' in rows[0]
    assert 'class="failed"' in rows[0]
    assert 'class="failed"' not in "".join(rows[1:])
    tiles = re.findall(r"<li><b>(\d+)</b>", page)
    assert tiles == ["5", "2", "1"]  # made, unchanged, failed
    assert "2 min 5" in html.unescape(page).replace("\u202f", " ").replace("\xa0", " ")


def test_run_page_is_safe_to_publish(records: pd.DataFrame, language: Language) -> None:
    page = run_page(records, RUN, language, LANGUAGES)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert str(folders.REPOSITORY) not in page
    assert "…/x.py" in page
    assert page.count("<h1>") == 1
    assert f'<html lang="{language.code}">' in page


def test_run_page_counts_unfinished_reports(records: pd.DataFrame, language: Language) -> None:
    state = records["state"].mask(records["collectivity_id"] == "241700434", "queued")
    page = run_page(records.assign(state=state), RUN, language, LANGUAGES)
    assert re.findall(r"<li><b>(\d+)</b>", page) == ["3", "2", "1", "2"]
    assert "la-rochelle-241700434.html" not in page  # a report that is not there is no link


@pytest.mark.parametrize("kind", Kind)
def test_error_page(chosen: list[Profile], language: Language, kind: Kind) -> None:
    places = [Path.home(), Path(tempfile.gettempdir()), folders.REPOSITORY]
    message = "\x1b[31m<script>alert(1)</script>\x1b[0m & more"
    details = "\n".join(f'File "{place}/package/module.py", line 3' for place in places)
    link = "../failed/fr/rennes-35238.ipynb"
    page = error_page(chosen[1].city, language, Failure(kind, message, 6, details), link, True)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "\x1b" not in page
    assert not [place for place in places if f"{place}/" in page]
    assert page.count("…/package/module.py") == len(places)
    assert f'<html lang="{language.code}">' in page
    assert page.count("<h1>") == 1
    assert f'href="{link}" download' in page
    assert language.label("failure_kind", kind) in page
    assert f"citydiplo report 35238 --lang {language.code}" in re.sub(r"<[^>]+>", "", page)
    assert "<dd>7</dd>" in page  # cells are counted from 1
    kicker = page.split('class="kicker">')[1].split("</p>")[0]
    assert f'<a href="../{INDEX[language.code]}">{language.text("run.to_index")}</a>' in kicker
    assert f'href="../{RUN_PAGE[language.code]}"' in page


def test_error_page_without_notebook_nor_site(chosen: list[Profile], language: Language) -> None:
    page = error_page(chosen[1].city, language, Failure(Kind.death, "killed"), "", False)
    assert "<a href" not in page.split("<main")[1]
    assert ".ipynb" not in page
    assert "download" not in page
    assert "<pre" not in page


def test_what_is_no_longer_of_the_site_goes_and_nothing_else(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "en" / "other.html"
    gone = ["en/a-1.html", "en/a-1.pdf", "failed/en/a-1.ipynb", "index.en.html", "run.en.html"]
    kept = ["en/by-hand.html", "en/a-1.txt", "fr/a-1.html", "index.html", "run.html", "index.json", "summary.csv"]
    for path in [outside, *(folder / name for name in gone + kept)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    former = set(around(LANGUAGES)) - set(around(["fr"]))
    reports = ["en/a-1.html", "en/never-made-2.html", "../en/other.html", str(outside)]
    assert remove(folder, reports, [*former, "../en/other.html"]) == 1
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == sorted(kept)
    assert outside.exists()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, chosen: list[Profile], records: pd.DataFrame, tables: Tables
) -> Path:
    """A site whose reports are a few words."""
    folder = tmp_path_factory.mktemp("site")
    for name in [*records["path"], *records["pdf"].dropna(), "failed/fr/rennes-35238.ipynb", "failed/fr/old.ipynb"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"<!DOCTYPE html><title>{name}</title>", encoding="utf-8")
    (folder / "notes.txt").write_text("not of the site", encoding="utf-8")
    write_site(folder, chosen, records, RUN, LANGUAGES, tables, data.load_boundaries("50m"))
    return folder


def test_site_is_written_again_the_same(
    site: Path, tmp_path: Path, chosen: list[Profile], records: pd.DataFrame, tables: Tables
) -> None:
    write_site(tmp_path, chosen, records, RUN, LANGUAGES, tables, data.load_boundaries("50m"))
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(around(LANGUAGES))
    assert all((tmp_path / name).read_bytes() == (site / name).read_bytes() for name in written)


def test_links_of_the_site_lead_somewhere(site: Path) -> None:
    for name in (*INDEX.values(), *RUN_PAGE.values()):
        page = (site / name).read_text(encoding="utf-8")
        links = set(re.findall(r'(?<![\w-])(?:href|src)="(?!#|https?:|data:)([^"]+)"', page))
        assert len(links) > len(CITIES)
        assert [link for link in links if not (site / link).is_file()] == []


def test_zip_holds_the_site_only(site: Path, tmp_path: Path, records: pd.DataFrame) -> None:
    expected = {*around(LANGUAGES), *records["path"], *records["pdf"].dropna(), "failed/fr/rennes-35238.ipynb"}
    zip_site(site, tmp_path / "a" / "site.zip")
    with zipfile.ZipFile(tmp_path / "a" / "site.zip") as archive:
        assert archive.namelist() == sorted(expected)
        assert archive.testzip() is None
        assert archive.read("index.html") == (site / "index.html").read_bytes()


def test_zip_of_the_same_site_is_the_same(site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    (copy / "index.html").touch()
    zip_site(site, tmp_path / "one.zip")
    zip_site(copy, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_zip_needs_a_whole_site(site: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no index\.json"):
        site_files(tmp_path)
    copy = shutil.copytree(site, tmp_path / "copy")
    (copy / "en" / "marseille-13055.html").unlink()
    target = tmp_path / "site.zip"
    target.write_bytes(b"old")
    with pytest.raises(UserError, match=r"marseille-13055\.html is missing"):
        zip_site(copy, target)
    assert target.read_bytes() == b"old"


def test_zip_is_whole_or_not_there(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "site.zip"
    target.write_bytes(b"old")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        zip_site(site, target)
    assert [path.name for path in tmp_path.iterdir()] == ["site.zip"]
    assert target.read_bytes() == b"old"


@pytest.fixture(scope="module")
def unzipped(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, opened where a colleague may open it."""
    place = tmp_path_factory.mktemp("zip")
    zip_site(site, place / "site.zip")
    folder = place / "Clé USB de Zoé" / "fiches à lire"
    with zipfile.ZipFile(place / "site.zip") as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def opened(browser: Browser, unzipped: Path) -> Iterator[Callable[..., Page]]:
    """Open the index: a page that must neither write to the console nor ask for anything outside."""
    pages: list[Page] = []
    said: list[str] = []
    asked: list[str] = []

    def open_index(lang: str, **options: Any) -> Page:
        page = browser.new_page(**options)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((unzipped / INDEX[lang]).as_uri())
        pages.append(page)
        return page

    yield open_index
    for page in pages:
        page.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def shown(page: Page) -> list[str | None]:
    """The collectivities of the rows that are visible, which those that the page announces must number."""
    rows = page.locator("tbody tr:visible")
    found = [row.get_attribute("data-id") for row in rows.all()]
    assert page.locator("[role=status] #found").inner_text() == str(len(found))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_filters_combine_with_the_search(opened: Callable[..., Page], lang: str) -> None:
    page = opened(lang)
    everyone = shown(page)
    assert sorted(map(str, everyone)) == sorted(CITIES)
    page.locator("select[name=group]").select_option("commune")
    assert shown(page) == ["76351", "13055", "35238"]
    page.get_by_role("searchbox").fill("BRETAGNE")
    assert shown(page) == ["35238"]
    assert page.locator("[data-mark]:visible").count() == 1
    page.locator("select[name=group]").select_option("epci")
    assert shown(page) == []
    assert page.locator("#nothing").is_visible()
    page.get_by_role("searchbox").fill("")
    assert shown(page) == ["241700434"]
    page.locator("button[type=reset]").click()
    page.wait_for_function("document.querySelectorAll('tbody tr[hidden]').length === 0")
    assert shown(page) == everyone
    assert not page.locator("#nothing").is_visible()
    page.locator("input[name=staff]").check()
    documented = page.evaluate("[...document.querySelectorAll('tr[data-staff=yes]')].map(row => row.dataset.id)")
    assert shown(page) == documented
    assert "241700434" in documented


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_index_by_keyboard(opened: Callable[..., Page], lang: str) -> None:
    page = opened(lang)
    focused = "(e => e.id || e.name || e.type || e.getAttribute('href') || e.className)(document.activeElement)"
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(focused))
        if stops[-1] == "search":
            page.keyboard.type("marseille")
        if str(stops[-1]).startswith(f"{lang}/"):
            break
    form = [stop for stop in stops if stop in {"search", "group", "region", "size", "made", "budget", "staff", "reset"}]
    filters = ["group", "region", "size", *(["made"] if lang == "fr" else []), "budget", "staff"]
    assert form == ["search", *filters, "reset"]
    assert stops[-1] == f"{lang}/marseille-13055.html"
    assert shown(page) == ["13055"]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{lang}/marseille-13055.html")
    assert page.title() == f"{lang}/marseille-13055.html"


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_index_without_javascript(opened: Callable[..., Page], lang: str) -> None:
    page = opened(lang, java_script_enabled=False)
    assert page.locator("tbody tr:visible").count() == len(CITIES)
    assert not page.locator("#finder").is_visible()
    assert page.locator("svg a[data-mark]").count() == len(CITIES)


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_index_on_a_narrow_screen(opened: Callable[..., Page], lang: str) -> None:
    page = opened(lang, viewport={"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.slow
def test_failed_report_does_not_look_current(opened: Callable[..., Page]) -> None:
    page = opened("fr")
    link = page.locator(f"tr[data-id='{FAILED}'] th > a")
    assert link.get_attribute("class") == "failed"
    assert "fiche en échec" in link.inner_text()
    assert "en tirets : fiche en échec" in re.sub(r"\s", " ", page.locator("figure.map figcaption").inner_text())
    assert page.locator("header p").last.inner_text().startswith("3 fiches")
    page.locator("select[name=made]").select_option("yes")
    assert FAILED not in shown(page)
    page.locator("select[name=made]").select_option("no")
    assert shown(page) == [FAILED]
    other = opened("en")
    assert "ashed circle" not in other.locator("figure.map figcaption").inner_text()  # none failed
    english = other.locator(f"tr[data-id='{FAILED}']")
    assert english.locator("th > a").inner_text() == "Rennes"
    assert english.locator("a[hreflang=fr]").count() == 0  # none that leads to the failed one


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
def test_marks_of_the_map_are_links(opened: Callable[..., Page], chosen: list[Profile], lang: str) -> None:
    page = opened(lang)
    for each in chosen:
        mark = page.get_by_role("link", name=re.compile(rf"^{re.escape(each.city.name)} \(.*: \d"))
        assert mark.count() == 1
        assert mark.get_attribute("href") == f"{lang}/{slug(each.city)}.html"
        failed = (each.city.id, lang) == (FAILED, "fr")
        assert str(mark.get_attribute("aria-label")).endswith("voir pourquoi") == failed


@pytest.mark.parametrize("kind", ["index", "run", "accessibility", "failure"])
def test_site_for_everybody(
    opened: Callable[..., Page], unzipped: Path, chosen: list[Profile], language: Language, kind: str
) -> None:
    lang = language.code
    paths = {"index": INDEX[lang], "run": RUN_PAGE[lang], "accessibility": ACCESSIBILITY[lang], "failure": "fr/x.html"}
    failure = Failure(Kind.error, "ValueError: something", 6, "Traceback: something long\n" * 3)
    failed = error_page(chosen[1].city, language, failure, "../failed/fr/rennes-35238.ipynb", True)
    (unzipped / paths["failure"]).write_text(failed, encoding="utf-8")
    page = opened(lang, viewport={"width": 1280, "height": 800})
    page.goto((unzipped / paths[kind]).as_uri())
    check_everybody(page)
