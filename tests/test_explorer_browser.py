"""The explorer in a browser, as readers use it: all views agree, files are saved, nothing is fetched from elsewhere."""

import io
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from accessible import overflow, unreached, violations
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from citydiplo import folders
from citydiplo.explorer import views
from citydiplo.explorer.choice import Choice, Chosen, Material
from citydiplo.language import LANGUAGES

pytestmark = pytest.mark.slow

ROOT = ".citydiplo-explorer"
MARSEILLE, STRASBOURG, LYON, NICE, RENNES = "13055", "67482", "69123", "06088", "35238"
PATIENCE = 60_000

# Before its kernel is there, JupyterLab takes the order to run and does nothing.
RUN_ALL = """async () => {
  const { commands, shell } = window.jupyterapp;
  await shell.currentWidget.sessionContext.ready;
  await shell.currentWidget.sessionContext.session.kernel.info;
  await commands.execute("notebook:run-all-cells");
}"""

CUT_OFF = """root => {
  const explorer = document.querySelector(root), edge = explorer.getBoundingClientRect().right + 1;
  const beyond = (one) => one.checkVisibility() && one.getBoundingClientRect().right > edge;
  const all = [...explorer.querySelectorAll("*:not(svg *)")];
  return all.filter((one) => !one.closest(".scroll, .unseen") && beyond(one)).map((one) => one.outerHTML.slice(0, 100));
}"""

BELOW = """() => {
  const map = document.querySelector("[data-part=france]");
  const edge = map.querySelector("svg").getBoundingClientRect().bottom;
  return [...map.querySelectorAll("[data-zoom]")].map((one) => one.getBoundingClientRect().top >= edge);
}"""


@contextmanager
def serving(*command: str, probe: str) -> Iterator[str]:
    """Start a server of this machine on a free port and wait until it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *command, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{probe}")
                break
            except OSError:
                time.sleep(0.25)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module", params=LANGUAGES)
def lang(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def material(lang: str) -> Material:
    return Material.load(lang)


@pytest.fixture(scope="module")
def opened(browser: Browser, lang: str) -> Iterator[tuple[Page, list[str]]]:
    """The page that `make explore` opens, and what went wrong in it."""
    with serving(
        "citydiplo", "explore", f"--lang={lang}", "--", "--no-browser", probe="voila/static/voila.js"
    ) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        faults = watched(page)
        page.goto(address, timeout=PATIENCE)
        page.wait_for_selector(f"{ROOT}[data-revision]", timeout=PATIENCE)
        yield page, faults
        context.close()


@pytest.fixture
def page(opened: tuple[Page, list[str]]) -> Iterator[Page]:
    """The explorer without any choice; no test may leave an error or a request behind."""
    shown, faults = opened
    act(shown, lambda: shown.click("[data-do=clear]"))
    while shown.locator("[data-do=uncompare]").count():
        act(shown, lambda: shown.locator("[data-do=uncompare]").first.click())
    if shown.locator("[data-do=close]").count():
        act(shown, lambda: shown.click("[data-do=close]"))
    yield shown
    assert faults == []


def watched(page: Page) -> list[str]:
    """Gather errors of the console and requests that leave this machine."""
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    local = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(local) else None)
    return faults


def act(page: Page, action: Callable[[], object]) -> None:
    """Do something and wait for its answer."""
    before = page.get_attribute(ROOT, "data-revision")
    action()
    page.wait_for_function(
        "([root, before]) => document.querySelector(root).dataset.revision !== before", arg=[ROOT, before]
    )


def tick(page: Page, field: str, code: str) -> None:
    details = page.locator(f'details[data-field="{field}"]')
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    act(page, lambda: details.locator(f'input[value="{code}"]').click())


def compare(page: Page, *codes: str) -> None:
    for code in codes:
        page.select_option("[data-compared]", code)
        act(page, lambda: page.click("[data-compare] [data-do=compare]"))


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def numbers(found: Locator, attribute: str) -> list[int]:
    return [number(value or "0") for value in found.evaluate_all(f"all => all.map((one) => one.{attribute})")]


def shown_alike(page: Page, chosen: Chosen) -> None:
    """Each view of the page shows the choice: the sentence, both maps, the charts, the table."""
    rows = chosen.partnerships
    assert number(page.get_attribute(ROOT, "data-rows") or "") == len(rows)
    assert number(page.inner_text("[data-part=count]").split(".")[0]) == len(rows)
    listed = chosen.collectivities
    marks = page.locator("[data-layer=marks] [data-do]:not([hidden])").evaluate_all(
        "all => all.map((one) => [one.dataset.code, one.getAttribute('class'), one.getAttribute('aria-label')])"
    )
    assert {code for code, _, _ in marks} == set(listed.index) - off_map(page)
    for code, classes, label in marks:
        assert listed.loc[code, "state"] in classes
        if count := listed.loc[code, "n_partnerships"]:
            assert label.endswith(f" {count}")
    countries = chosen.countries.set_index("country")
    for code, label in page.locator("[data-part=world] [data-kind=country]:not(.level0)").evaluate_all(
        "all => all.map((one) => [one.dataset.code, one.getAttribute('aria-label')])"
    ):
        counts = [int(text) for text in re.findall(r"\d+", label)][-2:]
        assert counts == countries.loc[code, ["n_collectivities", "n_partnerships"]].tolist()
    for field in ("kind", "stratum", "continent"):
        counted = views.by(chosen, field).query("count > 0")
        bars = page.locator(f'[data-chart="{field}"] tbody tr')
        assert numbers(bars, "dataset.count") == counted["count"].tolist()
        assert sum(counted["count"]) == len(rows)
    table = views.table(chosen)
    cells = page.locator("[data-part=table] tbody tr").evaluate_all(
        "all => all.map((row) => [...row.children].map((cell) => cell.textContent.trim()))"
    )
    assert len(cells) == min(len(table), 30)
    assert [row[:2] for row in cells] == table.iloc[: len(cells), :2].to_numpy().tolist()


def off_map(page: Page) -> set[str]:
    """The collectivities without a mark, which the page names."""
    marked = page.locator("[data-layer=marks] [data-do]").evaluate_all("all => all.map((one) => one.dataset.code)")
    listed = page.locator("select[data-kind=city] option").evaluate_all("all => all.map((one) => one.value)")
    return set(listed) - set(marked)


def test_all_views_agree_at_first_and_after_filters(page: Page, material: Material) -> None:
    shown_alike(page, material.chosen(Choice()))
    tick(page, "kinds", "twinning")
    shown_alike(page, material.chosen(Choice(kinds=("twinning",))))
    act(page, lambda: page.click('[data-chart=continent] [data-code="continent europe"] button'))
    shown_alike(page, material.chosen(Choice(kinds=("twinning",), country_groups=("continent europe",))))
    act(page, lambda: page.click('[data-chart=decade] tr[data-code="1960"] button'))
    choice = Choice(kinds=("twinning",), country_groups=("continent europe",), years=(1960, 1969), undated=False)
    shown_alike(page, material.chosen(choice))
    assert page.locator("[data-part=choice] button").count() == 4
    act(page, lambda: page.click("[data-do=clear]"))
    shown_alike(page, material.chosen(Choice()))


def test_counts_beside_options_are_what_they_would_show(page: Page, material: Material) -> None:
    tick(page, "kinds", "twinning")
    label = page.locator('details[data-field="kinds"] label', has=page.locator('input[value="friendship_pact"]'))
    alone = material.chosen(Choice(kinds=("friendship_pact",)))
    assert number(label.locator(".count").inner_text()) == len(alone.partnerships)


def test_an_empty_choice_says_so_and_clears(page: Page, material: Material) -> None:
    tick(page, "collectivities", MARSEILLE)
    page.fill("[data-on=years] >> nth=1", "1947")
    act(page, lambda: page.press("[data-on=years] >> nth=1", "Tab"))
    act(page, lambda: page.click("[data-on=undated]"))
    assert page.get_attribute(ROOT, "data-rows") == "0"
    assert page.locator("[data-part=charts] .note").is_visible()
    act(page, lambda: page.click("[data-do=clear]"))
    shown_alike(page, material.chosen(Choice()))


def test_a_collectivity_and_a_country_open_their_cards(page: Page, material: Material) -> None:
    act(page, lambda: page.locator(f'[data-layer=marks] [data-code="{MARSEILLE}"]').click(force=True))
    card = page.locator(f'[data-card="{MARSEILLE}"]')
    assert card.locator("h2").inner_text() == "Marseille"
    assert page.locator("[data-part=world] [data-layer=arcs]").get_attribute("d")
    act(page, lambda: page.select_option("select[data-on=card][data-kind=country]", "DEU"))
    card = page.locator('[data-card="DEU"]')
    rows = material.chosen(Choice(countries=("DEU",))).partnerships
    homes = set(card.locator("tbody th").all_inner_texts())
    assert homes == set(rows["collectivity"])
    pressed = page.locator("[data-layer=marks] .partner").evaluate_all("all => all.map((one) => one.dataset.code)")
    assert set(pressed) == set(rows["collectivity_id"]) - off_map(page)
    act(page, lambda: page.click("[data-card] [data-do=only]"))
    shown_alike(page, material.chosen(Choice(countries=("DEU",))))


def test_the_keyboard_alone_goes_from_mark_to_mark(page: Page) -> None:
    first = page.locator('[data-layer=marks] [tabindex="0"]')
    assert first.count() == 1
    first.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    code = page.evaluate("document.activeElement.dataset.code")
    act(page, lambda: page.keyboard.press("Enter"))
    assert name.startswith(page.inner_text(f'[data-card="{code}"] h2'))
    assert page.evaluate("document.activeElement.dataset.code") == code
    page.keyboard.press("ArrowRight")
    act(page, lambda: page.keyboard.press("Space"))
    assert page.locator("[data-card]").get_attribute("data-card") != code
    zoom = page.locator("[data-part=france] [data-zoom=in]")
    before = page.get_attribute("[data-part=france] svg", "viewBox")
    zoom.focus()
    page.keyboard.press("Enter")
    assert page.get_attribute("[data-part=france] svg", "viewBox") != before
    page.click("[data-part=france] [data-zoom=whole]")
    assert page.get_attribute("[data-part=france] svg", "viewBox") == before


def test_four_collectivities_are_compared_and_no_fifth(page: Page, material: Material) -> None:
    compare(page, MARSEILLE, STRASBOURG, LYON, NICE)
    heads = page.locator("[data-part=comparison] thead th").all_inner_texts()[1:]
    assert heads == ["Marseille", "Strasbourg", "Lyon", "Nice"]
    expected = views.compare(material.chosen(Choice()), [MARSEILLE, STRASBOURG, LYON, NICE])
    assert page.locator("[data-part=comparison] tbody tr").count() == len(expected)
    page.select_option("[data-compared]", RENNES)
    page.click("[data-compare] [data-do=compare]")
    assert page.inner_text("[data-part=said]") == material.language.text("explorer.too_many")
    act(page, lambda: page.locator(f'[data-do=uncompare][data-code="{LYON}"]').click())
    assert page.locator("[data-part=comparison] thead th").all_inner_texts()[1:] == ["Marseille", "Strasbourg", "Nice"]


def test_what_is_documented_is_listed_when_it_is_asked_for(page: Page, material: Material) -> None:
    summary = page.locator("[data-documentation] summary")
    act(page, summary.click)
    rows = views.documentation(material.chosen(Choice()))
    names = page.locator("[data-part=documentation] tbody th").all_inner_texts()
    assert names == rows.iloc[:, 0].tolist()
    act(page, summary.click)
    assert page.locator("[data-part=documentation] tbody").count() == 0


def saved(page: Page, sort: str) -> bytes:
    with page.expect_download() as download:
        page.click(f"[data-do=export][data-format={sort}]")
    assert download.value.suggested_filename.endswith(f".{sort}")
    return Path(download.value.path()).read_bytes()


def test_rows_and_figures_are_saved(page: Page, material: Material, lang: str) -> None:
    tick(page, "kinds", "friendship_pact")
    chosen = material.chosen(Choice(kinds=("friendship_pact",)))
    rows = pd.read_csv(io.BytesIO(saved(page, "csv")), sep={"fr": ";", "en": ","}[lang], encoding="utf-8-sig")
    assert len(rows) == len(chosen.partnerships)
    assert rows.iloc[:, 0].tolist() == chosen.partnerships["collectivity"].tolist()
    assert material.language.text("caption.source") in rows.columns
    page.select_option("[data-figure]", "world")
    svg = saved(page, "svg").decode("utf-8")
    assert svg.count("<desc") == 1
    assert material.language.text("caption.scope") in svg
    page.select_option("[data-figure]", "kind")
    picture = Image.open(io.BytesIO(saved(page, "png")))
    assert material.language.text("caption.scope") in picture.text["Description"]  # type: ignore[attr-defined]


def test_the_code_that_is_copied_gives_the_rows_shown(page: Page, material: Material) -> None:
    tick(page, "kinds", "friendship_pact")
    page.click("[data-do=copy]")
    page.wait_for_function(
        "text => document.querySelector('[data-part=said]').textContent === text",
        arg=material.language.text("explorer.copied"),
    )
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.input_value("[data-part=code] textarea")
    namespace: dict[str, pd.DataFrame] = {}
    exec(copied, namespace)  # noqa: S102
    expected = views.table(material.chosen(Choice(kinds=("friendship_pact",))))
    pd.testing.assert_frame_equal(namespace["rows"], expected)


def test_the_page_says_its_language_and_title(page: Page, lang: str) -> None:
    assert page.get_attribute("html", "lang") == lang
    assert page.title() == {"fr": "Explorer les partenariats", "en": "Explore the partnerships"}[lang]
    assert page.locator("pre code").count() == 0


def test_the_explorer_is_for_everybody(page: Page) -> None:
    act(page, lambda: page.select_option("select[data-on=card][data-kind=city]", RENNES))
    assert unreached(page) == []
    compare(page, RENNES, LYON, NICE, STRASBOURG)
    page.evaluate("root => document.querySelectorAll(`${root} details`).forEach((one) => (one.open = true))", ROOT)
    page.wait_for_selector("[data-part=documentation] tbody")
    assert violations(page) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    wide = [overflow(page), cut_off(page)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 320, "height": 800})
    narrow = [overflow(page), cut_off(page)]
    page.set_viewport_size({"width": 1280, "height": 900})
    act(page, page.locator("[data-documentation] summary").click)
    assert (wide, narrow) == ([0, []], [0, []])


def cut_off(page: Page) -> list[str]:
    """What lies beyond the right edge of the explorer, where the page around it hides it."""
    return page.evaluate(CUT_OFF, ROOT)


def test_no_button_hides_a_mark_on_a_small_map(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    below = page.evaluate(BELOW)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert below == [True, True, True]


def test_the_keyboard_alone_filters_opens_compares_and_saves(page: Page, material: Material) -> None:
    keys = page.keyboard
    kinds = page.locator('details[data-field="kinds"]')
    kinds.evaluate("one => (one.open = false)")
    kinds.locator("summary").focus()
    keys.press("Enter")
    page.wait_for_timeout(50)  # the browser tells of what it opened a moment later
    keys.press("Tab")
    act(page, lambda: keys.press("Space"))
    chosen = material.chosen(Choice(kinds=(material.options("kinds")[0][1],)))
    assert page.get_attribute(ROOT, "data-rows") == str(len(chosen.partnerships))
    page.locator("select[data-on=card][data-kind=city]").focus()
    for name in material.collectivities["name"].head(2):
        act(page, lambda: keys.press("ArrowDown"))
        assert page.inner_text("[data-card] h2") == name
    page.locator("[data-card] [data-do=compare]").focus()
    act(page, lambda: keys.press("Enter"))
    assert page.locator("[data-part=comparison] thead th").all_inner_texts()[1:] == [name]
    page.locator("[data-format=csv]").focus()
    with page.expect_download() as download:
        keys.press("Enter")
    assert len(Path(download.value.path()).read_bytes().splitlines()) == len(chosen.partnerships) + 1


def test_an_error_page_is_for_everybody_and_asks_nothing_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    faults = watched(other)
    other.set_content(f'<form method="post" action="{page.url}"><button>…</button></form>')
    other.click("button")
    assert other.inner_text("h1") == "404"
    assert other.get_by_role("link").first.get_attribute("href") == "/"
    assert violations(other) == []
    other.close()
    assert [fault for fault in faults if not fault.startswith("Failed to load resource")] == []


def test_in_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    """The widget works in JupyterLab, too: a filter, a card, a file."""
    notebook = json.loads((folders.REPOSITORY / "notebooks" / "07_explore.ipynb").read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["metadata"].get("static")]
    (tmp_path / "explore.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    options = [f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token=", "--no-browser", "--allow-root"]
    options += ["--YDocExtension.disable_rtc=True", "--LabApp.expose_app_in_browser=True"]
    with serving("jupyter", "lab", *options, probe="api") as address:
        page = browser.new_page(viewport={"width": 1500, "height": 1000}, accept_downloads=True)
        faults = watched(page)
        page.goto(f"{address}lab/tree/explore.ipynb", timeout=PATIENCE)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=PATIENCE)
        page.evaluate(RUN_ALL)
        page.wait_for_selector(f"{ROOT}[data-revision]", timeout=PATIENCE)
        tick(page, "kinds", "friendship_pact")
        act(page, lambda: page.locator(f'[data-layer=marks] [data-code="{MARSEILLE}"]').click(force=True))
        assert page.locator(f'[data-card="{MARSEILLE}"]').is_visible()
        assert saved(page, "csv").count(b"\n") == int(page.get_attribute(ROOT, "data-rows") or 0) + 1
        page.close()
    assert [fault for fault in faults if not fault.startswith("Failed to load resource")] == []
