"""The page that stands in the place of a report that could not be made: what happened and what to do."""

import re
import tempfile
from importlib import resources
from pathlib import Path

from citydiplo.collectivities import Collectivity
from citydiplo.folders import REPOSITORY
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.reports.outcome import Failure

# What a terminal shows as colour.
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# A path from the root of a disk, of this machine or another one; what it ends in says enough.
ABSOLUTE = re.compile(r"""(?<![\w/\\.:…-])(?:file:/+|[A-Za-z]:[\\/]+|\\\\+|/)(?:[^\s"'<>|:,;()/\\]+[\\/]+)+""")


def without_paths(text: str) -> str:
    """Replace folders with « … », for a page that others read: those of this machine, and any path from a root.

    File names, relative paths and addresses of the web stay.
    """
    places = {Path.home(), Path(tempfile.gettempdir()), REPOSITORY}
    places |= {place.resolve() for place in places}
    names = {name for place in places for name in (str(place), repr(str(place))[1:-1], place.as_posix())}
    for name in sorted(names, key=len, reverse=True):
        if name.strip("/\\"):
            text = re.sub(rf"{re.escape(name)}(?![\w-])", "…", text)
    return ABSOLUTE.sub("…/", text)


def error_page(city: Collectivity, language: Language, failure: Failure, notebook: str) -> str:
    """A page for civil servants, with the details folded.

    Parameters
    ----------
    city : Collectivity
    language : Language
    failure : Failure
    notebook : str
        Relative link to the notebook as far as it was executed; empty if there is none.
    """
    return render(
        "error.html.j2",
        city=city,
        failure=failure,
        message=without_paths(COLOUR.sub("", failure.message)),
        details=without_paths(COLOUR.sub("", failure.details)).strip(),
        notebook=notebook,
        css=resources.files("citydiplo").joinpath("templates", "style.css").read_text(encoding="utf-8"),
        language=language,
    ).data
