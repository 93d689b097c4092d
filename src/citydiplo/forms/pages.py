"""The forms that are read as pages, each self-contained: no script, nothing fetched."""

from importlib import resources
from typing import Any

from citydiplo.html import render
from citydiplo.language import Language


def page(template: str, css: str, language: Language, **values: Any) -> str:
    """Fill a template of ``templates/`` that extends ``document.html.j2``.

    Parameters
    ----------
    template, css : str
        Names of files in ``templates/``.
    language : Language
    **values
        What the template shows.
    """
    style = resources.files("citydiplo").joinpath("templates", css).read_text(encoding="utf-8")
    return str(render(template, css=style, language=language, **values).data)
