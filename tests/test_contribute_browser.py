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
from accessible import overflow, unreached, violations
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
        "there": "Cette ligne est déjà dans la table",
        "title": "Titre *",
        "publisher": "Éditeur *",
        "publisher_kind": "Nature de l’éditeur *",
        "address": "Adresse publique",
        "no_address": "une adresse qui commence par https://",
        "known_address": "Une source a déjà cette adresse",
        "collectivity": "La collectivité",
        "theme": ("Thème *", "Effectifs"),
        "indicator": ("Ce qui est dit *", "Nombre d"),
        "value": "Valeur *",
        "unit": ("Unité", "personnes"),
        "french": "Le fait, en français *",
        "english": "Le fait, en anglais *",
        "no_staff": "un nombre entier de personnes",
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
        "there": "This row is in the table already",
        "title": "Title *",
        "publisher": "Publisher *",
        "publisher_kind": "Kind of publisher *",
        "address": "Public address",
        "no_address": "an address that begins with https://",
        "known_address": "A source already has this address",
        "collectivity": "The collectivity",
        "theme": ("Theme *", "Staff"),
        "indicator": ("What is stated *", "Number of staff"),
        "value": "Value *",
        "unit": ("Unit", "people"),
        "french": "The fact, in French *",
        "english": "The fact, in English *",
        "no_staff": "a whole number of people",
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
    command = [sys.executable, "-m", "citydiplo", "contribute", "--lang", lang, "--", f"--port={port}", "--no-browser"]
    log = (copied.parent / f"voila-{lang}.log").open("w")
    environment = os.environ | {"CITYDIPLO_DATA": str(copied)}
    server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The forms, with what the tests before have left in them: a kernel starts but once a language."""
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


# Whether a part of a form, or what a part holds, is beyond the edge: the page scrolls within the window.
BEYOND = """() => [...document.querySelectorAll(".citydiplo-form *")].some(one => one.checkVisibility()
    && one.getBoundingClientRect().right > innerWidth)"""


def usable(page: Page) -> list[str]:
    """What keeps people from using a page as it is now: axe, then what a narrow screen or large letters lose."""
    found = violations(page)
    for width, said in ((320, "320 px wide"), (550, "twice as large")):
        page.set_viewport_size({"width": width, "height": 450})
        found += [said] * (overflow(page) > 0 or page.evaluate(BEYOND))
    page.set_viewport_size({"width": 1100, "height": 900})
    return found


def tab_to(page: Page, wanted: Locator) -> None:
    """Press the tab key until a field or a button has the focus."""
    for _ in range(60):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the tab key")


def test_a_source_and_its_fact_by_keyboard_alone(page: Page, lang: str, copied: Path) -> None:
    words = WORDS[lang]
    source, _, fact = (page.locator(".citydiplo-form").nth(number) for number in range(3))
    expect(fact.get_by_role("button", name=str(words["save"]), exact=True)).to_be_disabled(timeout=PATIENCE)
    assert usable(page) == []
    assert unreached(page) == []

    def say(form: Locator, name: str, text: str = "") -> None:
        """Go to a field and type; of a list, the beginning of the choice."""
        label = words[name] if isinstance(words[name], str) else words[name][0]
        field = form.get_by_label(str(label), exact=True)
        tab_to(page, field)
        if field.evaluate("one => one.tagName") != "SELECT":
            page.keyboard.press("Control+A")
        page.keyboard.type(text or words[name][1])

    def save(form: Locator) -> None:
        page.keyboard.press("Tab")
        button = form.get_by_role("button", name=str(words["save"]), exact=True)
        expect(button).to_be_enabled()
        tab_to(page, button)
        page.keyboard.press("Enter")
        expect(form.get_by_text(str(words["saved"]))).to_be_visible(timeout=PATIENCE)
        assert usable(page) == []

    title = f"Rapport {lang} du service"
    page.evaluate("document.activeElement.blur()")
    say(source, "title", title)
    say(source, "publisher", "Ville de Nevers")
    say(source, "publisher_kind", str(words["collectivity"]))
    say(source, "address", "nevers.fr")
    page.keyboard.press("Tab")
    expect(source.get_by_role("alert")).to_contain_text(str(words["no_address"]))
    assert usable(page) == []
    known = (copied / "sources.csv").read_text(encoding="utf-8").split("https://")[1].split(",")[0]
    page.keyboard.press("Shift+Tab")
    say(source, "address", f"https://{known}")
    page.keyboard.press("Tab")
    expect(source.get_by_text(str(words["known_address"]))).to_be_visible()
    page.keyboard.press("Shift+Tab")
    say(source, "address", f"https://nevers.fr/{lang}")
    save(source)

    def tell(value: str) -> None:
        say(fact, "city", "Nevers")
        say(fact, "theme")
        say(fact, "indicator")
        say(fact, "value", value)
        say(fact, "unit")
        say(fact, "french", "Nevers emploie des agents.")
        say(fact, "english", "Nevers employs people.")
        say(fact, "source", title)  # that was saved a moment ago, in the same kernel
        say(fact, "passage", "l. 1")

    tell("trois")
    page.keyboard.press("Tab")
    expect(fact.get_by_role("alert")).to_contain_text(str(words["no_staff"]))
    assert usable(page) == []
    page.evaluate("document.activeElement.blur()")
    say(fact, "value", "3")
    save(fact)
    (line,) = [
        row for row in (copied / "facts.csv").read_text(encoding="utf-8").splitlines() if f"rapport-{lang}" in row
    ]
    assert line.startswith("nevers-staff-count")
    page.evaluate("document.activeElement.blur()")
    tell("3")
    page.keyboard.press("Tab")
    expect(fact.get_by_text(str(words["there"]))).to_be_visible()
    expect(fact.get_by_role("button", name=str(words["save"]), exact=True)).to_be_disabled()
