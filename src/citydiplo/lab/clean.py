"""
A notebook as git keeps it: the clean filter that ``.gitattributes`` names for ``*.ipynb``.

Git passes each notebook through it when it is added; the file on the disk stays as it is. Plain ``json`` and not
nbformat: git calls the filter once a notebook, and nbformat takes a second to import. JupyterLab writes notebooks as
:func:`text` does, so a notebook without outputs goes through unchanged.
"""

import json
import sys
from typing import Any

COMPARED = "nbval-check-output"

# What JupyterLab and papermill note in a cell's metadata when it runs or is scrolled.
TRACES = {"execution", "papermill", "collapsed", "scrolled", "trusted", "ExecuteTime"}


def cleaned(notebook: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a notebook what running it adds.

    Parameters
    ----------
    notebook : dict
        A notebook of format 4, as its JSON says.

    Returns
    -------
    dict
        The same cells. Outputs remain only in cells tagged ``nbval-check-output``, and of these the texts only; states
        of widgets, numbers of runs, times and versions go.
    """
    metadata = {key: value for key, value in notebook["metadata"].items() if key not in {"widgets", "papermill"}}
    if "language_info" in metadata:
        metadata["language_info"] = {"name": metadata["language_info"]["name"]}
    return notebook | {"metadata": metadata, "cells": [cleaned_cell(cell) for cell in notebook["cells"]]}


def cleaned_cell(cell: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a cell what running it adds."""
    metadata = {key: value for key, value in cell["metadata"].items() if key not in TRACES}
    if cell["cell_type"] != "code":
        return cell | {"metadata": metadata}
    compared = COMPARED in metadata.get("tags", [])
    kept = [numbered(made) for made in cell["outputs"] if compared and is_text(made)]
    # nbval takes a cell without a number for one that never ran, and refuses its outputs.
    return cell | {"metadata": metadata, "outputs": kept, "execution_count": 1 if kept else None}


def numbered(output: dict[str, Any]) -> dict[str, Any]:
    """Give an output the same number whenever it was made."""
    return output | {"execution_count": 1} if "execution_count" in output else output


def is_text(output: dict[str, Any]) -> bool:
    """Whether an output is text that was printed, or a value with no other form than text."""
    return output["output_type"] == "stream" or set(output.get("data", [])) == {"text/plain"}


def text(notebook: dict[str, Any]) -> str:
    """Write a notebook as nbformat does."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Clean standard input. What is no notebook fails, and git then takes the file as it is and says so."""
    notebook = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    sys.stdout.buffer.write(text(cleaned(notebook)).encode("utf-8"))


if __name__ == "__main__":
    main()
