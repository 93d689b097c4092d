"""Notebooks as applications, without their code: the commands ``citydiplo explore`` and ``citydiplo contribute``."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from nbformat import NotebookNode
from traitlets.config import Config

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.lab.server import reader_language, require_extra
from citydiplo.language import LANGUAGES
from citydiplo.reports.commands import Lang

NOTEBOOKS = folders.REPOSITORY / "notebooks"
SHARE = Path(__file__).parent / "jupyter"  # where Voilà finds the template
# Extensions of the extra lab: they need all of JupyterLab, and fail in Voilà.
LAB_ONLY = ["nbdime-jupyterlab", "@jupyter/docprovider-extension", "@jupyter/collaboration-extension"]

app = typer.Typer()

Options = Annotated[
    list[str] | None, typer.Argument(metavar="-- …", help="Options of Voilà, say --port=9000.", show_default=False)
]
Language = Annotated[Lang | None, typer.Option(help="Language; default: that of this machine.", show_default=False)]


@app.command()
def explore(options: Options = None, lang: Language = None) -> None:
    """Open the explorer of partnerships in the browser, without code, on this machine only."""
    serve(NOTEBOOKS / "07_explore.ipynb", lang or reader_language(), options or [])


@app.command()
def contribute(options: Options = None, lang: Language = None) -> None:
    """Open the forms to add a fact, a link or a source in the browser, without code, on this machine only."""
    serve(NOTEBOOKS / "08_contribute.ipynb", lang or reader_language(), options or [])


def serve(notebook: Path, lang: str, options: Sequence[str]) -> None:
    """Serve a notebook until stopped.

    Parameters
    ----------
    notebook : Path
    lang : {"fr", "en"}
    options : sequence of str
        Of Voilà, say ``--port=8867 --no-browser``.

    Raises
    ------
    UserError
        If Voilà or the notebook is not there.
    """
    require_extra("to open a notebook as an application", ["voila"])
    from voila.app import Voila

    if not notebook.is_file():
        raise UserError(f"no {notebook}: install the kit from its repository (pip install -e '.[lab]')")

    def prepare(_request: Any, notebook: NotebookNode, cwd: str) -> NotebookNode:
        return of_language(notebook, lang)

    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE), os.environ.get("JUPYTER_PATH")]))
    config = Config()
    config.VoilaConfiguration.prelaunch_hook = prepare
    config.VoilaConfiguration.template = "citydiplo"
    config.VoilaExporter.language_code = lang
    config.VoilaConfiguration.extension_denylist = LAB_ONLY
    config.Voila.ip = "127.0.0.1"
    Voila.launch_instance([str(notebook), *options], config=config)


def of_language(notebook: NotebookNode, lang: str) -> NotebookNode:
    """Keep the cells of one language, without those that stand in for a kernel."""
    others = {f"lang-{other}" for other in LANGUAGES if other != lang}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if not cell.metadata.get("static") and not others & set(cell.metadata.get("tags", []))
    ]
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f'lang = "{lang}"'
    headings = [cell.source.splitlines()[0] for cell in notebook.cells if cell.source.startswith("# ")]
    if headings:
        notebook.metadata.title = headings[0].removeprefix("# ")
    return notebook
