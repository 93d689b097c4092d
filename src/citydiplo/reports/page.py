"""Turn an executed report notebook into one self-contained HTML page."""

import re
from importlib import resources
from pathlib import Path

import nbconvert
from nbformat import NotebookNode
from traitlets.config import Config

from citydiplo.language import LANGUAGES, Language

TEMPLATES = Path(str(resources.files("citydiplo"))) / "templates"


def to_page(notebook: NotebookNode, lang: str) -> str:
    """Export the cells of one language, without code.

    Markdown cells are tagged ``lang-fr`` or ``lang-en``; each opens a section of the page.
    """
    config = Config()
    config.TemplateExporter.extra_template_basedirs = [str(TEMPLATES)]
    config.HTMLExporter.template_name = "report"
    config.HTMLExporter.exclude_anchor_links = True
    config.TagRemovePreprocessor.enabled = True
    others = {f"lang-{other}" for other in LANGUAGES if other != lang}
    config.TagRemovePreprocessor.remove_cell_tags = {"parameters", "injected-parameters", *others}
    exporter = nbconvert.HTMLExporter(config=config)
    page, _ = exporter.from_notebook_node(
        notebook,
        {
            "language": Language(lang, {}, {}),
            "title": _title(notebook),
            "css": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        },
    )
    return page


def _title(notebook: NotebookNode) -> str:
    """The text of the first h1 among the outputs."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if found := re.search(r"<h1>(.*?)</h1>", output.get("data", {}).get("text/html", "")):
                return found[1]
    raise ValueError("the report has no h1")
