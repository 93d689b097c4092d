"""The French statistical caption of every figure and table: Lecture, Champ, Source."""

import base64
from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML
from matplotlib.figure import Figure

from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.style import to_svg


@dataclass(frozen=True)
class Caption:
    """What a reader needs to trust a figure.

    Attributes
    ----------
    reading : str
        How to read one number (« Lecture »).
    scope : str
        Population and number of units (« Champ »).
    source : str
        See `source_line`.
    """

    reading: str
    scope: str
    source: str

    def __post_init__(self) -> None:
        for part in ("reading", "scope", "source"):
            if not getattr(self, part).strip():
                raise ValueError(f"a caption without {part}")


def source_line(language: Language, sources: pd.DataFrame, *frames: pd.DataFrame) -> str:
    """Name the sources of the rows shown, taken from their source_id; never typed.

    Parameters
    ----------
    language : Language
    sources : DataFrame
        The table sources.
    *frames : DataFrame
        Tables with a column source_id.
    """
    used = set().union(*(frame["source_id"] for frame in frames))
    return language.text("separator").join(sources.loc[sources["source_id"].isin(used), "short"])


def illustrate(figure: Figure, alt: str, caption: Caption, language: Language) -> HTML:
    """Show a figure with its alternative text and its caption, as self-contained HTML.

    Raises
    ------
    ValueError
        If the alternative text is empty.
    """
    if not alt.strip():
        raise ValueError("a figure without alternative text")
    image = base64.b64encode(to_svg(figure)).decode("ascii")
    return render("figure.html.j2", image=image, alt=alt, caption=caption, language=language)
