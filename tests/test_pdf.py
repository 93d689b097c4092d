"""The PDF of a report: tags that assistive technology reads, and nothing fetched."""

import base64
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import weasyprint
from typer.testing import CliRunner

from citydiplo.cli import app
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.reports import page as page_module
from citydiplo.reports import pdf as pdf_module

FRENCH, ENGLISH = Language("fr", {}, {}), Language("en", {}, {})
SVG = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
).decode()
ROWS = "".join(f'<tr><th scope="row">Ville {n}</th><td>{n}</td></tr>' for n in range(60))
CSS = (page_module.TEMPLATES / "style.css").read_text(encoding="utf-8")
PAGE = f"""<!DOCTYPE html><html lang="fr"><head><title>Nice à l’international</title><style>{CSS}</style></head><body>
<a class="skip" href="#main">Aller au contenu</a><main id="main"><h1>Nice à l’international</h1>
<nav><ol><li><a href="#ties">Ses liens</a></li></ol></nav>
<section id="ties"><h2>Ses liens</h2><h3>La carte</h3>
<figure><img alt="Un carré noir" src="data:image/svg+xml;base64,{SVG}"><figcaption>Légende</figcaption></figure>
<p>Un fait <a href="#source-a" title="Ville de Nice">[1]</a> <details><summary>précision</summary> replié</details></p>
<table><caption>Villes</caption><thead><tr><th scope="col">Nom</th><th scope="col">Rang</th></tr></thead>
<tbody>{ROWS}</tbody></table><p id="source-a"><a href="https://example.org/été">Source</a></p></section></main></body></html>"""


@pytest.fixture(scope="module")
def pdf() -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(pdf_module.to_pdf(PAGE, FRENCH))) as opened:
        yield opened


def elements(node: Any) -> Iterator[Any]:
    """The structure elements below a node, in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def tagged(pdf: pikepdf.Pdf, name: str) -> list[Any]:
    return [element for element in elements(pdf.Root.StructTreeRoot) if name == element.S]


def test_says_that_it_is_pdf_ua(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root.MarkInfo.Marked is True
    assert pdf.Root.ViewerPreferences.DisplayDocTitle is True
    assert str(pdf.Root.Lang) == "fr"
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Nice à l’international"
    assert len(pdf.pages) > 1
    assert all(page.Tabs == "/S" for page in pdf.pages)


def test_headings_are_tagged_and_are_the_bookmarks(pdf: pikepdf.Pdf) -> None:
    names = [str(element.S) for element in elements(pdf.Root.StructTreeRoot)]
    assert [name for name in names if name in {"/H1", "/H2", "/H3"}] == ["/H1", "/H2", "/H3"]
    with pdf.open_outline() as outline:
        [title] = outline.root
        [section] = title.children
        assert [title.title, section.title, section.children[0].title] == [
            "Nice à l’international",
            "Ses liens",
            "La carte",
        ]


def test_figures_keep_their_alternative_text(pdf: pikepdf.Pdf) -> None:
    assert [str(figure.Alt) for figure in tagged(pdf, "/Figure")] == ["Un carré noir"]


def test_header_cells_have_a_scope(pdf: pikepdf.Pdf) -> None:
    scopes = [str(cell.A.Scope) for cell in tagged(pdf, "/TH")]
    assert scopes.count("/Row") == 60
    assert scopes.count("/Column") == 2 * len(tagged(pdf, "/Table"))
    assert scopes[:3] == ["/Column", "/Column", "/Row"]


def test_links_say_where_they_lead(pdf: pikepdf.Pdf) -> None:
    links = [link for page in pdf.pages for link in page.get("/Annots", [])]
    assert {str(link.Contents) for link in links} == {
        "Ses liens",
        "Ville de Nice",
        "Source (https://example.org/été)",
    }


def lines(page: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines of a page as they are laid out."""
    laid_out = []
    render = weasyprint.HTML.render
    with monkeypatch.context() as patch:
        patch.setattr(weasyprint.HTML, "render", lambda *a, **k: laid_out.append(render(*a, **k)) or laid_out[-1])
        pdf_module.to_pdf(page, FRENCH)
    boxes = [box for sheet in laid_out[0].pages for box in sheet._page_box.descendants()]
    return [
        "".join(part.text for part in box.descendants() if hasattr(part, "text"))
        for box in boxes
        if type(box).__name__ == "LineBox"
    ]


def test_what_is_folded_on_the_screen_is_on_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("replié" in line for line in lines(PAGE, monkeypatch))


@pytest.mark.parametrize("width", range(487, 496))
def test_a_line_is_not_broken_after_its_first_word(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Selon le bilan, Marseille est la troisième destination de France pour les congrès internationaux."
    page = PAGE.replace("<h3>", f'<p style="width: {width}pt">{text} <cite>[3] Plus de congrès</cite></p><h3>')
    assert "Selon" not in [line.strip() for line in lines(page, monkeypatch)]


def test_nothing_is_fetched(caplog: pytest.LogCaptureFixture) -> None:
    addresses = ["http://127.0.0.1:9/x.svg", Path(__file__).as_uri()]
    images = "".join(f'<img alt="" src="{address}">' for address in addresses)
    with caplog.at_level("ERROR", "weasyprint"):
        pdf_module.to_pdf(PAGE.replace("<h3>", f"{images}<h3>"), FRENCH)
    refused = [message for message in caplog.messages if "disallowed protocol" in message]
    assert len(refused) == len(addresses)


@pytest.mark.slow
def test_the_command_writes_it_beside_the_page(tmp_path: Path) -> None:
    arguments = ["report", "Cayenne", "--out", str(tmp_path)]
    pages = list[Path]()
    for options, files in ((["--pdf"], {".html", ".pdf"}), ([], {".html", ".pdf"}), (["--force"], {".html"})):
        assert CliRunner().invoke(app, arguments + options).exit_code == 0
        pages = sorted((tmp_path / "fr").iterdir())
        assert {page.suffix for page in pages} == files
        if options == ["--pdf"]:
            with pikepdf.open(pages[1]) as written:
                assert written.Root.MarkInfo.Marked is True


def test_every_font_is_embedded(pdf: pikepdf.Pdf) -> None:
    fonts = [
        item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    assert all("/FontFile2" in font or "/FontFile3" in font for font in fonts)


def test_the_same_page_gives_the_same_bytes() -> None:
    assert pdf_module.to_pdf(PAGE, FRENCH) == pdf_module.to_pdf(PAGE, FRENCH)


@pytest.mark.parametrize(("language", "rule"), [(FRENCH, '" sur "'), (ENGLISH, '" of "')])
def test_page_numbers_follow_the_language(language: Language, rule: str) -> None:
    assert f'"Page " counter(page) {rule} counter(pages)' in pdf_module._page_numbers(language)


def test_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UserError, match=r"citydiplo\[pdf\]"):
        pdf_module.to_pdf(PAGE, FRENCH)
