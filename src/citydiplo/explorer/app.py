"""Open the explorer as an application: the notebook without its code, on this machine only."""

import os
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from traitlets.config import Config
from voila.app import Voila

from citydiplo import folders
from citydiplo.language import LANGUAGES

NOTEBOOK = folders.REPOSITORY / "notebooks" / "07_explore.ipynb"
SHARE = Path(__file__).parent / "jupyter"  # where Voilà finds the template
# Extensions of the extra lab: they need all of JupyterLab, and fail in Voilà.
LAB_ONLY = ["nbdime-jupyterlab", "@jupyter/docprovider-extension", "@jupyter/collaboration-extension"]


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
    heading = next(cell.source for cell in notebook.cells if cell.source.startswith("# "))
    notebook.metadata.title = heading.splitlines()[0].removeprefix("# ")
    return notebook


def main(arguments: list[str], notebook: Path = NOTEBOOK) -> None:
    """Serve until stopped.

    Parameters
    ----------
    arguments : list of str
        The language, ``fr`` (the default) or ``en``; then options of Voilà, say ``--port=8867 --no-browser``.
    notebook : Path
    """
    lang = arguments.pop(0) if arguments[:1] and arguments[0] in LANGUAGES else "fr"

    def prepare(_request: Any, notebook: NotebookNode, cwd: str) -> NotebookNode:
        return of_language(notebook, lang)

    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE), os.environ.get("JUPYTER_PATH")]))
    config = Config()
    config.VoilaConfiguration.prelaunch_hook = prepare
    config.VoilaConfiguration.template = "citydiplo"
    config.VoilaExporter.language_code = lang
    config.VoilaConfiguration.extension_denylist = LAB_ONLY
    config.Voila.ip = "127.0.0.1"
    Voila.launch_instance([str(notebook), *arguments], config=config)


if __name__ == "__main__":
    main(sys.argv[1:])
