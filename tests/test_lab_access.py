"""JupyterLab as ``citydiplo lab`` starts it, for those who use a keyboard or a screen reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import overflow, unreached, violations
from lab_server import Lab, copy_of_the_kit
from playwright.sync_api import Browser, Page, ViewportSize

from citydiplo import folders

pytestmark = pytest.mark.slow

WIDE: ViewportSize = {"width": 1280, "height": 800}
NOTEBOOK = "jupyterapp.shell.currentWidget"
OPEN = f"() => window.jupyterapp && {NOTEBOOK}?.content?.model?.cells.length > 1"
READY = f"() => Promise.all([{NOTEBOOK}.sessionContext.ready, jupyterapp.restored])"
STATE = f"() => [{NOTEBOOK}.content.activeCellIndex, {NOTEBOOK}.content.mode]"

DRAWN = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
# What readers of notebooks open around them: what shows then → how to open it.
AROUND = {
    ".jp-TableOfContents-content": "jupyterapp.commands.execute('toc:show-panel')",
    ".jp-RunningSessions-icon": "jupyterapp.commands.execute('running:show-panel')",
    "#jp-collaboration-panel": "jupyterapp.shell.activateById('jp-collaboration-panel')",
    ".lm-CommandPalette-input:focus": "jupyterapp.commands.execute('apputils:activate-command-palette')",
    ".jp-DocumentSearch-input": "jupyterapp.commands.execute('documentsearch:start')",
    ".jp-LauncherCard": "jupyterapp.commands.execute('launcher:create')",
}


@pytest.fixture(params=["fr", "en"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The first notebook in JupyterLab, open and with its kernel."""
    options = ("--lang", request.param, "--", "--LabApp.expose_app_in_browser=True")
    with Lab(copy_of_the_kit(tmp_path), *options, CITYDIPLO_DATA=str(folders.REPOSITORY / "data")) as lab:
        reader = browser.new_context(viewport=WIDE)
        opened = reader.new_page()
        opened.goto(f"http://127.0.0.1:{lab.port}/lab/tree/notebooks/00_start_here.ipynb?token={lab.token}")
        opened.wait_for_function(OPEN, timeout=60_000)
        opened.evaluate(READY)
        assert opened.evaluate("() => document.documentElement.lang").startswith(request.param)
        yield opened
        reader.close()


def check_keyboard(page: Page) -> None:
    """Open the palette, enter and leave an editor, run its cell, and open a menu: all without a mouse."""
    press = page.keyboard.press
    active_cell = page.locator(".jp-Notebook .jp-mod-active:focus")
    active_cell.wait_for()
    press("Control+Shift+C")
    page.locator("input.lm-CommandPalette-input:focus").wait_for()
    press("Escape")
    active_cell.wait_for()

    press("ArrowDown")
    press("Enter")
    page.locator(".cm-content:focus").wait_for()
    assert page.evaluate(STATE) == [1, "edit"]
    press("Escape")
    assert page.evaluate(STATE) == [1, "command"]
    press("Shift+Enter")
    page.locator(".jp-CodeCell .jp-InputPrompt", has_text="[1]:").wait_for()
    assert page.evaluate(STATE) == [2, "command"]

    for _ in range(20):
        press("Tab")
        if page.evaluate("() => document.activeElement.role") == "menuitem":
            break
    press("Enter")
    page.locator(".lm-Menu").wait_for()
    press("Escape")


def check_narrow(page: Page) -> None:
    """Without its side bar, the notebook has most of a screen of 320 pixels, and its lines wrap."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.keyboard.press("Control+B")
    page.wait_for_function("() => document.querySelector('.jp-NotebookPanel').clientWidth > 200")
    assert overflow(page) == 0
    wide = (
        "() => [...document.querySelectorAll('.jp-Notebook .cm-scroller')].filter(e => e.scrollWidth > e.clientWidth)"
    )
    assert page.evaluate(f"({wide})().length") == 0


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong once the page is drawn."""
    page.evaluate(DRAWN)
    return violations(page)


def check_around(page: Page) -> None:
    """Panels, palette, search, launcher, and a menu, which is drawn outside of every landmark: JupyterLab's own way."""
    for shown, opening in AROUND.items():
        page.evaluate(f"() => void {opening}")
        page.locator(shown).first.wait_for()
        assert faults(page) == [], shown
    page.locator(".lm-MenuBar-item").first.click()
    page.locator(".lm-Menu-item").first.wait_for()
    assert [fault for fault in faults(page) if not fault.startswith("region:")] == []


def test_the_keyboard_is_enough_and_no_fault_is_found(page: Page) -> None:
    check_keyboard(page)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    assert faults(page) == []
    check_narrow(page)
    page.set_viewport_size(WIDE)
    check_around(page)


@pytest.mark.parametrize(("lang", "heading"), [("fr", "Entrer dans JupyterLab"), ("en", "Log in to JupyterLab")])
def test_whoever_logs_in_is_asked_in_the_language_of_the_kit(
    lang: str, heading: str, browser: Browser, tmp_path: Path
) -> None:
    with Lab(copy_of_the_kit(tmp_path), "--share", "--lang", lang, answers="un secret\nun secret\n") as lab:
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.goto(f"http://127.0.0.1:{lab.port}/lab/tree/notebooks")
        assert page.locator("html").get_attribute("lang") == lang
        assert page.locator("h1").inner_text() == heading
        for refused, attempt in enumerate(("not the secret", "un secret")):
            assert page.get_by_role("alert").count() == refused
            assert violations(page) == []
            assert overflow(page) == 0
            assert unreached(page) == []
            page.locator("#password_input").fill(attempt)
            with page.expect_navigation():
                page.keyboard.press("Enter")
        assert page.url.endswith("/lab/tree/notebooks")
        page.close()
