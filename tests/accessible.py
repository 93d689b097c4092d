"""What a page needs so that everybody can use it, as far as a browser can tell."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# WCAG 2.1, levels A and AA, on which RGAA 4.1 builds, and what axe-core recommends beyond.
RULES: Any = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}

# How an element looks, of which something must change when it has the focus.
LOOK = """one => JSON.stringify([one, one.querySelector("path") ?? one].map(part => {
    const { outlineStyle, outlineColor, boxShadow, stroke, strokeWidth, fill } = getComputedStyle(part);
    return [outlineStyle, outlineStyle === "none" || outlineColor, boxShadow, stroke, strokeWidth, fill];
}))"""
NUMBER_FOCUSABLE = f"""() => {{
    const look = {LOOK};
    const every = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
    const shown = [...every].filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility());
    document.activeElement.blur();
    shown.forEach((one, number) => {{ one.dataset.number = number; one.dataset.look = look(one); }});
    return shown.length;
}}"""
FOCUSED = f"""() => {{
    const look = {LOOK}, one = document.activeElement;
    return [Number(one.dataset.number ?? -1), look(one) !== one.dataset.look];
}}"""


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def unreached(page: Page) -> list[int]:
    """The elements, by their number in the page, that the tab key does not reach or that show no focus."""
    count = page.evaluate(NUMBER_FOCUSABLE)
    reached = set[int]()
    for _ in range(2 * count):  # parts that scroll have the focus by turns, too
        if len(reached) == count:
            break
        page.keyboard.press("Tab")
        number, ring = page.evaluate(FOCUSED)
        if ring and number >= 0:
            reached.add(number)
    return sorted({*range(count)} - reached)


def overflow(page: Page) -> int:
    """How many pixels of a page are beyond its right edge."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def check_everybody(page: Page) -> None:
    """One heading of level one, no fault found, all reached by keyboard, nothing lost at 200 % or on 320 pixels."""
    assert page.locator("h1").count() == 1
    assert violations(page) == []
    assert unreached(page) == []
    page.add_style_tag(content="html { font-size: 200%; }")
    assert overflow(page) == 0
    page.reload()
    page.set_viewport_size({"width": 320, "height": 700})
    assert overflow(page) == 0
