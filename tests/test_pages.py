"""Real reports, as files and in a browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import overflow, unreached, violations
from playwright.sync_api import Browser, Page
from typer.testing import CliRunner

from citydiplo import data, folders
from citydiplo.cli import app
from citydiplo.reports.attempt import Job, attempt

pytestmark = pytest.mark.slow


NAMES = {"Marseille": "marseille-13055", "Rennes": "rennes-35238", "Le Havre": "le-havre-76351",
         "241700434": "communaute-d-agglomeration-de-la-rochelle-241700434"}  # fmt: skip
SIZES = {"phone": (360, 780), "narrow": (320, 700), "laptop": (1280, 800)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports on four collectivities in both languages."""
    out = tmp_path_factory.mktemp("site")
    result = CliRunner().invoke(
        app, ["report", *NAMES, "--lang", "fr", "--lang", "en", "--jobs", "2", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must neither write to the console nor ask for anything but itself."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert sum(url.startswith("file:") for url in asked) == 1
    page.close()


def pages(site: Path) -> list[Path]:
    found = sorted(site.glob("??/*.html"))
    assert len(found) == 2 * len(NAMES)
    return found


def test_pages_are_self_contained(site: Path) -> None:
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        assert html.count("<h1>") == 1
        assert f'<html lang="{path.parent.name}">' in html
        assert "<script" not in html
        assert "import citydiplo" not in html
        assert "injected-parameters" not in html
        assert not re.search(r'(?:src|href)="(?!data:|#|https?://)', html)
        assert not re.search(r'src="https?:|url\(|@import|<link', html)
        assert str(folders.REPOSITORY) not in html
        assert html.count("<figure") == html.count("<figcaption") == html.count("<img alt=")
        assert "Content-Security-Policy" in html


def test_contents_lead_to_the_sections(site: Path) -> None:
    for path in pages(site):
        html = path.read_text(encoding="utf-8")
        listed = re.findall(r'<li><a href="#([a-z-]+)">', html.split("</nav>")[0])
        assert len(listed) == 9
        assert listed == re.findall(r'<section id="([a-z-]+)">', html)
        assert all(name.endswith(path.parent.name) for name in listed)


def test_figures_are_those_expected(site: Path) -> None:
    counts = {path.name: path.read_text(encoding="utf-8").count("<figure") for path in (site / "fr").glob("*.html")}
    # Marseille, Rennes: map, timeline and place among the peers; Le Havre: nothing is documented; La Rochelle: its
    # staff class, too.
    assert [counts[f"{slug}.html"] for slug in NAMES.values()] == [3, 3, 0, 4]


def test_reports_are_reproducible() -> None:
    job = Job(None, {"collectivity": "76351", "lang": "fr", "wave": ""})
    assert attempt(job).page == attempt(job).page is not None


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (("13055", "de"), "no language 'de'"),
        (("99999", "fr"), "no collectivity « 99999 »"),
        (("../../x", "fr"), "no collectivity « ../../x »"),
    ],
)
def test_wrong_parameters_are_refused(parameters: tuple[str, str], said: str) -> None:
    collectivity, lang = parameters
    failure = attempt(Job(None, {"collectivity": collectivity, "lang": lang, "wave": ""})).failure
    assert failure and said in failure.message


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("slug", NAMES.values())
@pytest.mark.parametrize("size", SIZES)
def test_report_in_a_browser(page: Page, site: Path, slug: str, lang: str, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.goto((site / lang / f"{slug}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = page.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    assert all(pictures)
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(31, 41, 51)"  # the style was applied


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("slug", NAMES.values())
def test_report_for_everybody(page: Page, site: Path, slug: str, lang: str) -> None:
    page.goto((site / lang / f"{slug}.html").as_uri())
    assert violations(page) == []
    if slug == NAMES["Rennes"]:
        assert unreached(page) == []
    page.add_style_tag(content="html { font-size: 200%; }")
    assert overflow(page) == 0


def test_report_on_paper(page: Page, site: Path) -> None:
    page.goto((site / "fr" / "marseille-13055.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("a.skip").is_visible()
    assert not page.locator(".button").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_form_is_downloaded(page: Page, site: Path) -> None:
    page.goto((site / "fr" / "le-havre-76351.html").as_uri())
    link = page.locator("a.button")
    assert link.get_attribute("download") == "76351-a-completer.csv"
    with page.expect_download() as download:
        link.click()
    rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("code;collectivité;point;question")
    assert len(rows) == 1 + len(data.load_table("checklist"))


def test_no_picture_is_committed_in_a_notebook() -> None:
    for path in (folders.REPOSITORY / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        kinds = {kind for cell in notebook["cells"] for out in cell.get("outputs", []) for kind in out.get("data", {})}
        assert not {kind for kind in kinds if kind.startswith(("image/", "text/html"))}, path
