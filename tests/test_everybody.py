"""The pages beside the site’s reports (survey, accounts): axe, the keyboard, text twice as large, a narrow screen."""

from pathlib import Path

import pytest
import survey_exports as exports
from accessible import check_everybody
from playwright.sync_api import Browser
from typer.testing import CliRunner

from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.language import LANGUAGES
from citydiplo.survey import demonstration, questionnaire

pytestmark = pytest.mark.slow

ACCOUNTS = Path(__file__).parent / "accounts"
RENNES, NICE = "35238", "06088"
TOWN, SIREN = "999999990", "213502388"  # of the made-up town, of Rennes

KINDS = {
    "form": "form.{lang}.html",
    "codebook": "codebook.{lang}.html",
    "plan": "analysis_plan.{lang}.html",
    "wave": "report-{lang}.html",
    "problems": "waves-{lang}/2026/problems.html",
    "accounts": "accounts-{lang}/report.html",
    "copy": "copies/{lang}/*.html",
}


def run(*arguments: object) -> None:
    """Run a command; one that refuses rows ends with an error and writes its page all the same."""
    result = CliRunner().invoke(app, [*map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output


def accounts(folder: Path) -> list[Path]:
    """Made-up accounts, as if they were of Rennes, some of their rows refused."""
    paths = []
    for name in ("totem-ville-exemple-2023.xml", "totem-m14-by-nature-2021.xml", "dgfip-refused-rows-2020.csv"):
        paths.append(folder / name)
        content = (ACCOUNTS / name).read_text(encoding="utf-8").replace(TOWN, SIREN)
        paths[-1].write_text(content, encoding="utf-8")
    return paths


@pytest.fixture(scope="module")
def pages(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one page of each kind in each language."""
    folder = tmp_path_factory.mktemp("pages")
    asked = questionnaire.load(tables)
    answers = exports.make(asked, [(RENNES, "Rennes"), (NICE, "Nice")], 1)
    run("survey", "forms", "--out", folder)
    run("survey", "report", "--wave", demonstration.NAME, "--out", folder)
    with pytest.MonkeyPatch.context() as patch:
        for lang in LANGUAGES:
            waves, books = folder / f"waves-{lang}", folder / f"accounts-{lang}"
            patch.setenv("CITYDIPLO_WAVES", str(waves))
            patch.setenv("CITYDIPLO_ACCOUNTS", str(books))
            export = exports.to_workbook(exports.kobo(answers, asked, "both", lang), folder / f"answers-{lang}.xlsx")
            run("survey", "import", export, "--wave", "2026", "--lang", lang)
            run("import", "accounts", *accounts(folder), "--lang", lang)
            run("report", RENNES, "--wave", "2026", "--lang", lang, "--out", folder / "copies")
    assert not (folder / "copies" / "failed").exists()
    return folder


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_page_for_everybody(browser: Browser, pages: Path, kind: str, lang: str) -> None:
    (path,) = pages.glob(KINDS[kind].format(lang=lang))
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert page.locator("html").get_attribute("lang") == lang
    check_everybody(page)
    assert all(url.startswith(("file:", "data:")) for url in asked)
    page.close()
