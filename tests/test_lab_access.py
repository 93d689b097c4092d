"""JupyterLab as ``citydiplo lab`` starts it, for those who use a keyboard or a screen reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from accessible import RULES, overflow
from axe_playwright_python.sync_playwright import Axe
from lab_server import Lab, copy_of_the_kit
from playwright.sync_api import Browser, Page

from citydiplo import folders

pytestmark = pytest.mark.slow

# What axe-core finds in JupyterLab 4.6 itself, and that no setting of it mends.
JUPYTERLABS_OWN = {
    "aria-allowed-attr": "the buttons of its toolbars (jp-button) say aria-pressed without a role",
    "aria-input-field-name": "the editors of cells (CodeMirror) have no name",
    "aria-required-children": "the list of cells is a feed, whose cells are no articles",
    "button-name": "the buttons that fold what is below a heading have no text",
    "region": "the links that skip to the panels are outside of every landmark",
}
LOGIN_PAGES_OWN = {
    "html-has-lang": "it does not say that it is in English, which it is for everybody",
    "landmark-one-main": "it has no main landmark",
    "page-has-heading-one": "it has no heading of level one",
    "region": "its form is outside of every landmark",
    "scrollable-region-focusable": "on narrow screens its example of a command's answer scrolls sideways",
}
# What axe-core advises beyond WCAG (best-practice), in what the cells of the first notebook show.
IN_OUTPUTS = {
    "empty-table-header": "pandas leaves the corner of its tables empty",
    "heading-order": "the short report of a collectivity goes from its title to headings of level three",
    "landmark-banner-is-top-level": "a report, which is a page elsewhere, is shown in the page of JupyterLab",
}

OUTPUTS = [[".jp-RenderedMarkdown"], [".jp-OutputArea-output"]]
FOLDING = [".jp-collapseHeadingButton"]  # JupyterLab puts these buttons into what it renders
NOTEBOOK = "jupyterapp.shell.currentWidget"
OPEN = f"() => window.jupyterapp && {NOTEBOOK}?.content?.model?.cells.length > 1"
READY = f"() => Promise.all([{NOTEBOOK}.sessionContext.ready, jupyterapp.restored])"
STATE = f"() => [{NOTEBOOK}.content.activeCellIndex, {NOTEBOOK}.content.mode]"


def faults(page: Page, context: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """What axe-core finds wrong with a page or with the parts of it that a context tells: rule → elements."""
    found = Axe().run(page, context, RULES).response["violations"]
    return {rule["id"]: [node["html"][:200] for node in rule["nodes"]] for rule in found}


@pytest.fixture(params=["fr", "en"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The first notebook in JupyterLab, open and with its kernel."""
    options = ("--lang", request.param, "--", "--LabApp.expose_app_in_browser=True")
    with Lab(copy_of_the_kit(tmp_path), *options, CITYDIPLO_DATA=str(folders.REPOSITORY / "data")) as lab:
        reader = browser.new_context(viewport={"width": 1280, "height": 800})
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


def test_the_keyboard_is_enough_and_no_fault_is_found_but_jupyterlabs_own(page: Page) -> None:
    check_keyboard(page)
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    around, shown = {"exclude": OUTPUTS}, {"include": OUTPUTS, "exclude": [FOLDING]}
    jupyterlabs = faults(page, around).keys() | faults(page, {"include": [FOLDING]}).keys()
    assert jupyterlabs <= JUPYTERLABS_OWN.keys(), jupyterlabs
    ours = faults(page, shown)
    assert ours.keys() <= IN_OUTPUTS.keys(), ours
    check_narrow(page)


def test_the_login_page_has_no_fault_but_its_own(browser: Browser, tmp_path: Path) -> None:
    with Lab(copy_of_the_kit(tmp_path), "--share", answers="un secret\nun secret\n") as lab:
        page = browser.new_page(viewport={"width": 320, "height": 640})
        page.goto(f"http://127.0.0.1:{lab.port}/lab")
        found = faults(page)
        assert found.keys() <= LOGIN_PAGES_OWN.keys(), found
        assert overflow(page) == 0
        page.locator("#password_input").focus()
        page.keyboard.type("un secret")
        page.keyboard.press("Enter")
        page.wait_for_url("**/lab")
        page.close()
