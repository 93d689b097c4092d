"""
Reaction time of the explorer, for ``make bench``.

Through the browser: from the click to the moment when all views show the new choice and are painted. The target is for
the 95th percentile, on the kit's partnerships and on 26,000. Without Chromium it says so and measures nothing.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import numpy as np
from geography import SMALL, export, imported, resample
from playwright.sync_api import Page, sync_playwright

from citydiplo import collectivities, data
from citydiplo.explorer import app

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ROUNDS = 12

# Waits until the front says that it shows an answer that was not there at the click, and for its painting.
REACTION = """async ([selector, number]) => {
  const root = document.querySelector(".citydiplo-explorer");
  const found = [...root.querySelectorAll(selector)].filter((one) => !one.hasAttribute("hidden"));
  const before = root.dataset.revision, start = performance.now();
  const answered = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer to a click on ${selector}`)), 20000);
    const watch = new MutationObserver(() => root.dataset.revision !== before && (watch.disconnect(), resolve()));
    watch.observe(root, { attributes: true });
  });
  found[number % found.length].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  await answered;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now() - start;
}"""

# What a reader does, by turns: a box, a bar, a collectivity, a country, all cleared.
ACTIONS = (
    '[data-field="kinds"] input[type=checkbox]',
    "[data-layer=marks] .shown",
    "[data-do=clear]",
    "[data-chart=decade] button",
    "[data-part=world] .country:not(.level0)",
    "[data-do=clear]",
    "[data-chart=continent] button",
    "[data-do=clear]",
    '[data-field="collectivities"] input[type=checkbox]',
    "[data-do=clear]",
)


@contextmanager
def served(notebook: Path) -> Iterator[str]:
    """The address of a notebook served as ``make explore`` does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}"]
    code = f"from pathlib import Path; from citydiplo import apps; apps.serve(Path({str(notebook)!r}), 'fr', {options})"
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield ready(f"http://127.0.0.1:{port}/voila/static/voila.js", port)
    finally:
        server.terminate()
        server.wait()


def ready(probe: str, port: int) -> str:
    """Wait for a server."""
    for _ in range(120):
        try:
            urllib.request.urlopen(probe)  # noqa: S310 - this machine
            break
        except OSError:
            time.sleep(0.5)
    return f"http://127.0.0.1:{port}/"


def reactions(page: Page, rounds: int = ROUNDS) -> list[float]:
    """Times in milliseconds, the first round left out."""
    page.evaluate("document.querySelector('details[data-field=\"kinds\"]').open = true")
    page.wait_for_timeout(500)
    times = []
    for number in range(rounds + 1):
        for action in ACTIONS:
            took = page.evaluate(REACTION, [action, number])
            times += [took] if number else []
    return times


def large(folder: Path) -> Path:
    """A notebook that explores 26,000 partnerships."""
    tables = data.load_tables()
    everyone = collectivities.directory(tables)
    export(resample(SMALL, everyone), everyone, folder / "pairs.tsv")
    imported(folder / "pairs.tsv", tables).partnerships.to_csv(folder / "partnerships.csv", index=False)
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python"}})
    source = f"from citydiplo.widgets import Explorer\nExplorer('fr', {json.dumps(str(folder))}).widget"
    notebook.cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(notebook, folder / "large.ipynb")
    return folder / "large.ipynb"


def main() -> None:
    """Measure and print."""
    if CHROMIUM is None:
        print("explorer: not measured, for want of Chromium")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for notebook, target in ((app.NOTEBOOK, 150), (large(Path(folder)), 500)):
            with served(notebook) as address:
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                page.goto(address)
                page.wait_for_selector(".citydiplo-explorer[data-revision]", timeout=120_000)
                rows = int(page.get_attribute(".citydiplo-explorer", "data-rows") or 0)
                times = reactions(page)
                page.close()
            middle, late = np.percentile(times, [50, 95])
            print(
                f"explorer, {rows:,} partnerships: {middle:.0f} ms at the median, {late:.0f} ms at the 95th percentile "
                f"(under {target})"
            )
        browser.close()


if __name__ == "__main__":
    main()
