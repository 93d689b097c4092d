"""The notebooks as a reader sees them: each figure and table has its caption, in both languages."""

from pathlib import Path

import nbformat
import papermill
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import NotebookNode

from citydiplo import folders
from citydiplo.language import LANGUAGES

NOTEBOOKS = sorted((folders.REPOSITORY / "notebooks").glob("*.ipynb"))
ANALYSES = [path for path in NOTEBOOKS if path.name[:2] not in {"00", "ci"}]
CAPTION = {"fr": ("Lecture", "Champ", "Source"), "en": ("Reading", "Scope", "Source")}


def name(path: Path) -> str:
    return path.stem


def faults(notebook: NotebookNode, lang: str) -> list[str]:
    """What a reader would miss in the outputs of an executed notebook."""
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                found.append(f"cell {number}: {output['text'][:200]}")
            shown = output.get("data", {})
            found += [f"cell {number}: a bare {kind}" for kind in shown if kind.startswith("image/")]
            html = BeautifulSoup(shown.get("text/html", ""), "html.parser")
            found += [f"cell {number}: {fault}" for part in html.find_all("img") for fault in of_figure(part, lang)]
            found += [f"cell {number}: {fault}" for part in html.find_all("table") for fault in of_table(part, lang)]
    return found


def captioned(caption: Tag | None, lang: str) -> bool:
    parts = [part.get_text() for part in caption.find_all("b")] if caption else []
    return parts == list(CAPTION[lang])


def of_figure(image: Tag, lang: str) -> list[str]:
    figure = image.find_parent("figure")
    caption = figure.find("figcaption") if figure else None
    faults = [] if captioned(caption, lang) else ["a figure without caption"]
    return faults + ([] if str(image.get("alt", "")).strip() else ["a figure without alternative text"])


def of_table(table: Tag, lang: str) -> list[str]:
    caption = table.find_next("p", class_="caption")
    faults = [] if captioned(caption, lang) else ["a table without caption"]
    faults += [] if table.find("caption") else ["a table without title"]
    return faults + (["a missing value"] if "nan" in [cell.get_text() for cell in table.find_all("td")] else [])


@pytest.mark.slow
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", ANALYSES, ids=name)
def test_each_figure_and_table_has_its_caption(path: Path, lang: str, tmp_path: Path) -> None:
    made = papermill.execute_notebook(
        str(path), str(tmp_path / path.name), {"lang": lang}, cwd=str(path.parent), progress_bar=False
    )
    assert faults(made, lang) == []
    pictures = sum(str(cell.get("outputs", "")).count("<img") for cell in made.cells)
    assert pictures >= 3


def output(**shown: str) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", shown)])
    return nbformat.v4.new_notebook(cells=[cell])


@pytest.mark.parametrize(
    ("notebook", "fault"),
    [
        (output(**{"image/png": "…"}), "a bare image/png"),
        (output(**{"text/html": "<img alt='x' src=''>"}), "a figure without caption"),
        (output(**{"text/html": "<figure><img src=''><figcaption><b>Lecture</b></figcaption></figure>"}),
         "a figure without alternative text"),
        (output(**{"text/html": "<table><tr><td>1</td></tr></table>"}), "a table without caption"),
    ],
)  # fmt: skip
def test_a_figure_or_table_without_its_caption_is_refused(notebook: NotebookNode, fault: str) -> None:
    assert f"cell 0: {fault}" in faults(notebook, "fr")


@pytest.mark.parametrize("path", ANALYSES, ids=name)
def test_prose_is_in_both_languages_and_cells_are_short(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    prose = [cell.metadata.get("tags") for cell in notebook.cells if cell.cell_type == "markdown"]
    assert prose == [["lang-fr"], ["lang-en"]] * (len(prose) // 2)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].metadata.tags == ["parameters"]
    assert all(len(cell.source.splitlines()) <= 12 for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_outputs_are_stripped_but_for_those_compared(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.get("outputs"):
            assert "nbval-check-output" in cell.metadata.get("tags", [])
            assert all(made.output_type == "stream" for made in cell.outputs)
