"""The forms as a civil servant meets them: in a browser, a wrong row and a right one, written into a copy of data/."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import violations
from playwright.sync_api import Browser, Locator, Page, expect

from citydiplo import folders

pytestmark = pytest.mark.slow

PATIENCE = 60_000  # for the page, milliseconds: a kernel starts

WORDS = {
    "fr": {
        "city": "Collectivité *",
        "partner": "Partenaire *",
        "country": ("Pays", "Italie"),
        "kind": ("Nature du lien *", "Jumelage"),
        "sort": ("Sorte de partenaire *", "Ville"),
        "year": "Première année",
        "source": "Source *",
        "passage": "Passage *",
        "confirm": "Le point sur la carte est le bon",
        "save": "Enregistrer",
        "wrong": "attendu : un nombre entier, de 1900 à 2100",
        "known": "Lien déjà documenté par une autre source",
        "ready": "La ligne qui sera écrite",
        "saved": "Enregistré et vérifié",
    },
    "en": {
        "city": "Collectivity *",
        "partner": "Partner *",
        "country": ("Country", "Italy"),
        "kind": ("Kind of link *", "Twinning"),
        "sort": ("Sort of partner *", "City"),
        "year": "First year",
        "source": "Source *",
        "passage": "Passage *",
        "confirm": "The point on the map is right",
        "save": "Save",
        "wrong": "expected: a whole number from 1900 to 2100",
        "known": "Link already documented by another source",
        "ready": "The line that will be written",
        "saved": "Saved and checked",
    },
}


@pytest.fixture(scope="module", params=["fr", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms") / "data"
    shutil.copytree(folders.REPOSITORY / "data", folder)
    return folder


@pytest.fixture(scope="module")
def address(lang: str, copied: Path, browser: Browser) -> Iterator[str]:
    """The notebook served as an application, on tables that may be written."""
    pytest.importorskip("voila")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "citydiplo.contribute.app", lang, f"--port={port}", "--no-browser"]
    log = (copied.parent / f"voila-{lang}.log").open("w")
    environment = os.environ | {"CITYDIPLO_DATA": str(copied)}
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 900})
    outside: list[str] = []
    page.on("request", lambda request: None if _inside(request.url) else outside.append(request.url))
    page.goto(address, timeout=PATIENCE)
    yield page
    page.close()
    assert outside == []


def _inside(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def write(field: Locator, text: str) -> None:
    field.fill(text)
    field.press("Tab")


def plain(text: str | None) -> str:
    return (text or "").replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def rows_of(folder: Path) -> list[str]:
    return (folder / "partnerships.csv").read_text(encoding="utf-8").splitlines()


def test_a_wrong_row_is_told_and_a_right_one_is_written(page: Page, lang: str, copied: Path) -> None:
    words = WORDS[lang]
    before = rows_of(copied)
    save = page.get_by_role("button", name=str(words["save"]), exact=True).nth(1)
    expect(save).to_be_disabled(timeout=PATIENCE)

    def field(name: str) -> Locator:
        label = words[name] if isinstance(words[name], str) else words[name][0]
        return page.get_by_label(str(label), exact=True).first

    write(field("city"), "Marseille")
    write(field("partner"), "Naples")
    write(field("country"), words["country"][1])
    field("sort").select_option(label=words["sort"][1])
    field("kind").select_option(label=words["kind"][1])
    write(field("passage"), "texte de la page")
    # Another source than the one that tells it already; each language adds its own.
    write(field("source"), {"fr": "marseille-international", "en": "cnfpt-angers-2012"}[lang])
    write(field("year"), "25")
    alert = page.get_by_role("alert").first
    expect(alert).to_be_visible()
    assert str(words["wrong"]) in plain(alert.text_content())
    expect(save).to_be_disabled()
    assert rows_of(copied) == before

    write(field("year"), "2025")
    expect(page.get_by_text(str(words["ready"])).first).to_be_visible()
    expect(page.get_by_text(str(words["known"])).first).to_be_visible()
    expect(page.locator("figure img").first).to_be_visible()
    assert violations(page) == []
    expect(save).to_be_disabled()  # the place is not confirmed
    page.get_by_label(str(words["confirm"])).check()
    expect(save).to_be_enabled()
    assert rows_of(copied) == before
    save.click()
    expect(page.get_by_text(str(words["saved"])).first).to_be_visible(timeout=PATIENCE)
    after = rows_of(copied)
    (line,) = [row for row in after if row not in before]
    assert line.startswith("marseille-naples-twinning-")
    assert [row for row in after if row != line] == before
    assert ",ITA,40.85216,14.26811,3172394,twinning,not_documented,,2025," in line
    expect(page.get_by_text(line[:40]).first).to_be_visible()
    expect(save).to_be_disabled()
