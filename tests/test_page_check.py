"""What a page must have to be a report."""

import nbformat
import pytest

from citydiplo.reports import page_check

FIGURE = '<figure><img alt="A chart" src="data:image/svg+xml;base64,eA=="><figcaption>Source</figcaption></figure>'
TEXT = f"<p>{'x' * page_check.LEAST}</p>"


def page(body: str = FIGURE, lang: str = "fr", head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body><h1>A</h1>{body}{TEXT}</body></html>'


def test_a_page_as_it_must_be() -> None:
    assert page_check.problems(page(FIGURE * 2), "fr", 2) == []
    assert page_check.problems(page(FIGURE * 2), "fr", None) == []
    assert page_check.figures(page(FIGURE * 2)) == 2
    elsewhere = '<a href="https://example.org">a link is not fetched</a><style>a { background: url(data:x) }</style>'
    assert page_check.problems(page(FIGURE + elsewhere), "fr", 1) == []


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (page(lang="en"), "lang is en instead of fr"),
        (page("<h1>B</h1>" + FIGURE), "2 h1 instead of one"),
        (page(""), "0 figures and 0 pictures; the notebook drew 1"),
        (page(FIGURE * 2), "2 figures and 2 pictures; the notebook drew 1"),
        (page("<figure></figure>"), "1 figures and 0 pictures; the notebook drew 1"),
        (page(FIGURE.replace("A chart", " ")), "1 pictures without alternative text"),
        (page(FIGURE.replace('alt="A chart"', "")), "1 pictures without alternative text"),
        (page(FIGURE.replace("data:image/svg+xml;base64,eA==", "https://example.org/a.png")), "example.org"),
        (page(FIGURE.replace("data:image/svg+xml;base64,eA==", "picture.png")), "src=picture.png"),
        (page(head='<link rel="stylesheet" href="style.css">'), "href=style.css"),
        (page(head="<style>@import 'a.css'</style>"), "in a style"),
        (page(FIGURE + '<p style="background: URL( http://x )">'), "in a style"),
        (page(FIGURE + "<script>1</script>"), "<script>"),
        (page(FIGURE + '<svg><image href="//example.org/a.png"/></svg>'), "//example.org"),
        (page().replace(TEXT, ""), "fewer than 2000"),
        (page().replace("</html>", ""), "it does not end"),
        (page(FIGURE + "x" * page_check.MOST), "more than"),
    ],
)
def test_what_is_wrong_is_said(html: str, said: str) -> None:
    problems = page_check.problems(html, "fr", 1)
    assert len(problems) == 1 and said in problems[0], problems


def test_figures_that_the_notebook_declares() -> None:
    cell = nbformat.v4.new_code_cell("drawn()", metadata={"tags": ["figures"]})
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3"}, execution_count=1)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("a"), cell])
    assert page_check.declared(notebook) == 3
    assert page_check.declared(nbformat.v4.new_notebook()) is None
