"""A report on paper: its HTML page as a tagged PDF that assistive technology reads (PDF/UA-1, ISO 14289-1)."""

import hashlib
from pathlib import Path
from typing import Any

import matplotlib

from citydiplo.errors import UserError
from citydiplo.language import Language

MISSING = (
    "the PDF needs WeasyPrint and the Pango libraries: pip install 'citydiplo[pdf]', and on Debian "
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (macOS: brew install pango; Windows: MSYS2, "
    "pacman -S mingw-w64-x86_64-pango)"
)

# matplotlib brings these fonts: the pages look the same on every machine, and as the figures do.
FACES = [
    (f"DejaVu {kind}", weight, style, f"DejaVu{kind}{suffix}.ttf")
    for kind, slant in (("Sans", "Oblique"), ("Serif", "Italic"), ("Sans Mono", "Oblique"))
    for weight, style, suffix in (
        ("normal", "normal", ""),
        ("bold", "normal", "-Bold"),
        ("normal", "italic", f"-{slant}"),
        ("bold", "italic", f"-Bold{slant}"),
    )
]

INLINE = {"a", "b", "cite", "code", "em", "span", "strong"}


def to_pdf(page: str, language: Language) -> bytes:
    """Lay out a report on A4 pages; nothing outside the page is fetched.

    The same page gives the same bytes: the file holds no date, and its identifier is a hash of the page.

    Parameters
    ----------
    page : str
        A report as `citydiplo.reports.page.to_page` writes it.
    language : Language
        The language of the report, for the page numbers.

    Raises
    ------
    UserError
        If WeasyPrint or one of its system libraries is missing.
    """
    weasyprint = _weasyprint()
    html = weasyprint.HTML(string=page, url_fetcher=weasyprint.urls.URLFetcher(allowed_protocols={"data"}))
    fonts, faces = _fonts()
    numbers = weasyprint.CSS(string=_page_numbers(language))
    described = _described(html.etree_element)
    _space_inside(html.etree_element)
    document = html.render(font_config=fonts, stylesheets=[faces, numbers])
    return document.write_pdf(
        finisher=lambda _, pdf: _finish(pdf, described),
        pdf_variant="pdf/ua-1",
        pdf_identifier=hashlib.sha256(page.encode()).hexdigest()[:32],
    )


def _weasyprint() -> Any:
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: WeasyPrint is there, Pango is not
        raise UserError(f"{MISSING}\n{error}") from error
    return weasyprint


def _fonts() -> tuple[Any, Any]:
    """The fonts, and the sheet that names them."""
    weasyprint = _weasyprint()
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    sheet = "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f'src: url("{(folder / file.replace(" ", "")).as_uri()}") }}'
        for family, weight, style, file in FACES
    )
    fonts = weasyprint.text.fonts.FontConfiguration()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols={"file"})
    return fonts, weasyprint.CSS(string=sheet, font_config=fonts, url_fetcher=fetcher)


def _page_numbers(language: Language) -> str:
    """The rule that writes « Page 3 sur 24 » at the foot of each page."""
    content = language.text("pdf.page", page='" counter(page) "', pages='" counter(pages) "')
    return f'@page {{ @bottom-right {{ content: "{content}" }} }}'


def _described(root: Any) -> dict[str, str]:
    """What each link leads to: the title of the first link to it, or its text; with the address if it is elsewhere."""
    described = {}
    for link in reversed([*root.iter("a")]):
        target, words = link.get("href", ""), " ".join((link.get("title") or "".join(link.itertext())).split())
        if target.startswith("#"):
            described[target[1:]] = words
        else:
            described[_weasyprint().urls.iri_to_uri(target)] = f"{words} ({target})"
    return described


def _space_inside(root: Any) -> None:
    """Move the space before each inline element into it.

    Where such a space is all that is too long for a line, WeasyPrint 70 breaks that line after its first word.
    """
    for parent in root.iter():
        before = None
        for child in parent:
            text = (parent.text if before is None else before.tail) or ""
            if child.tag in INLINE and text.endswith(" "):
                if before is None:
                    parent.text = text[:-1]
                else:
                    before.tail = text[:-1]
                child.text = f" {child.text or ''}"
            before = child


def _finish(pdf: Any, described: dict[str, str]) -> None:
    """Add what WeasyPrint leaves out: the scope of each header cell, and links described in words."""
    import pydyf

    elements = {item.reference: item for item in pdf.objects if isinstance(item, pydyf.Dictionary)}
    for element in elements.values():
        if element.get("S") == "/TH" and element.get("Type") == "/StructElem":
            section = elements[elements[element["P"]]["P"]]
            element["A"]["Scope"] = "/Column" if section["S"] == "/THead" else "/Row"
        elif element.get("Subtype") == "/Link":
            target = (element["Dest"] if "Dest" in element else element["A"]["URI"]).string
            element["Contents"] = pydyf.String(described.get(target, target))
