"""Execute the notebooks that make reports: the only module that knows papermill."""

import os
import sys
from pathlib import Path
from typing import Any

from citydiplo.data import REPOSITORY
from citydiplo.errors import UserError

# JupyterLab's dependencies bring rfc3987-syntax; importing it builds a grammar for two seconds in every process that
# imports nbformat (jsonschema issue 1428). Nothing here validates IRIs.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

import papermill  # noqa: E402
from papermill.exceptions import PapermillExecutionError  # noqa: E402

from citydiplo.reports.page import to_page  # noqa: E402


class ReportError(UserError):
    """A report that could not be made."""


def template() -> Path:
    """The report notebook: ``CITYDIPLO_TEMPLATE`` if set, else ``notebooks/city_report.ipynb`` of the repository."""
    return Path(os.environ.get("CITYDIPLO_TEMPLATE") or REPOSITORY / "notebooks" / "city_report.ipynb")


def render(collectivity_id: str, lang: str, wave: str = "") -> str:
    """Run the template for one collectivity and return the page: see `run`; with its own answers to a wave, if any."""
    return run(template(), {"collectivity": collectivity_id, "lang": lang, "wave": wave})


def run(notebook: Path, parameters: dict[str, Any]) -> str:
    """Run a notebook in a kernel of its own and return the page in the language of its parameter ``lang``.

    Raises
    ------
    ReportError
        With the notebook's own error.
    """
    try:
        executed = papermill.execute_notebook(
            notebook,
            None,
            parameters,
            kernel_name="python3",
            progress_bar=False,
            cwd=notebook.parent,
            kernel_manager_class="citydiplo.reports.kernel.PrivateKernelManager",
            shutdown_kernel="immediate",
        )
    except PapermillExecutionError as error:
        raise ReportError(f"{error.ename}: {error.evalue}") from error
    return to_page(executed, parameters["lang"])
