"""Whether a page is what a report must be: its figures are there and described, nothing comes from elsewhere."""

import re
from html.parser import HTMLParser

from nbformat import NotebookNode

# The cell whose last output is the number of figures that the notebook has drawn.
TAG = "figures"

LEAST, MOST = 2_000, 20_000_000  # characters

# Elements that fetch what an attribute says.
FETCHING = {"src", "srcset", "data", "poster", "background", "action", "formaction"}
IN_STYLE = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)", re.IGNORECASE)


class _Reader(HTMLParser):
    """Collects what is to be checked."""

    def __init__(self) -> None:
        super().__init__()
        self.lang: str | None = None
        self.headings = self.figures = self.pictures = 0
        self.without_alt = 0
        self.fetched: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self.lang = told.get("lang")
        self.headings += tag == "h1"
        self.figures += tag == "figure"
        if tag == "img":
            self.pictures += 1
            self.without_alt += not (told.get("alt") or "").strip()
        if tag in {"script", "iframe", "object", "embed", "base"}:
            self.fetched.append(f"<{tag}>")
        for name, value in told.items():
            fetches = name in FETCHING or (name == "href" and tag in {"link", "image", "use"})
            if fetches and not (value or "").startswith(("data:", "#")):
                self.fetched.append(f"{name}={value}")
            if name == "style":
                self.handle_style(value or "")
        self.in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.handle_style(data)

    def handle_style(self, text: str) -> None:
        self.fetched += [f"« {found} » in a style" for found in IN_STYLE.findall(text)]


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def figures(page: str) -> int:
    """How many figures a page shows."""
    return _read(page).figures


def declared(notebook: NotebookNode) -> int | None:
    """How many figures an executed notebook says it has drawn; None if it has no cell that says so.

    The cell has the tag ``figures``; its output is a number.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code" and TAG in cell.metadata.get("tags", []):
            return int(cell.outputs[-1]["data"]["text/plain"])
    return None


def problems(page: str, lang: str, expected: int | None) -> list[str]:
    """List what a page lacks.

    Parameters
    ----------
    page : str
        HTML.
    lang : str
        The language that it must say.
    expected : int or None
        The number of figures that it must show; None if it was not declared.

    Returns
    -------
    list of str
        Empty if the page is as it must be.
    """
    read = _read(page)
    shown = {read.figures, read.pictures} if expected is None else {read.figures, read.pictures, expected}
    checks = {
        f"{read.headings} h1 instead of one": read.headings != 1,
        f"lang is {read.lang} instead of {lang}": read.lang != lang,
        f"{read.figures} figures and {read.pictures} pictures; the notebook drew {expected}": len(shown) > 1,
        f"{read.without_alt} pictures without alternative text": read.without_alt > 0,
        f"it fetches {'; '.join(read.fetched[:3])}": bool(read.fetched),
        f"it has {len(page)} characters, fewer than {LEAST}": len(page) < LEAST,
        f"it has {len(page)} characters, more than {MOST}": len(page) > MOST,
        "it does not end": not page.rstrip().endswith("</html>"),
    }
    return [what for what, wrong in checks.items() if wrong]
