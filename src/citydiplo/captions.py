"""The French statistical caption of every figure and table: Lecture, Champ, Source."""

import base64
from dataclasses import dataclass
from numbers import Real
from typing import Any

import pandas as pd
from IPython.display import HTML
from matplotlib.figure import Figure

from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.style import to_svg

# A caption names so many sources at most: beyond, each row shown cites its own.
MOST_SOURCES = 10


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


def source_line(language: Language, sources: pd.DataFrame, *frames: pd.DataFrame, passages: bool = False) -> str:
    """Name the sources of the rows shown, taken from their source_id; never typed.

    Parameters
    ----------
    language : Language
    sources : DataFrame
        The table sources.
    *frames : DataFrame
        Tables with a column source_id.
    passages : bool
        Whether to say where in each source: the frames then have a column locator, in brackets after the name.
    """
    used: dict[str, list[str]] = {}
    for frame in frames:
        for source_id, locator in zip(frame["source_id"], frame["locator"] if passages else frame.index, strict=True):
            used.setdefault(source_id, []).extend([locator] if passages else [])
    cited = sources[sources["source_id"].isin(used)]
    names = []
    for source_id, short in zip(cited["source_id"], cited["short"], strict=True):
        where = ", ".join(dict.fromkeys(used[source_id]))
        names.append(f"{short} ({where})" if where else short)
    distinct = list(dict.fromkeys(names))
    if len(distinct) > MOST_SOURCES:
        more = language.text("sources.more", count=len(distinct) - MOST_SOURCES + 1)
        distinct = [*distinct[: MOST_SOURCES - 1], more]
    return language.text("separator").join(distinct)


# The figures of a notebook, until it says how many they are.
_drawn: list[str] = []


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
    _drawn.append(alt)
    return render("figure.html.j2", image=image, alt=alt, caption=caption, language=language)


def figures_drawn() -> int:
    """How many figures were drawn since this was last asked: a report's page must have as many."""
    count = len(_drawn)
    _drawn.clear()
    return count


def tabulate(frame: pd.DataFrame, title: str, caption: Caption, language: Language) -> HTML:
    """Show a frame of texts and numbers as a table with its title and its caption; the first column names the rows.

    Numbers are written as the language does; a missing cell stays empty.
    """
    rows = [[_written(cell, language) for cell in row] for row in frame.itertuples(index=False)]
    return render(
        "table.html.j2", title=title, columns=list(frame.columns), rows=rows, caption=caption, language=language
    )


def _written(cell: Any, language: Language) -> str:
    if pd.isna(cell):
        return ""
    # Numbers of numpy are registered as such, but are no ints.
    return language.number(float(cell)) if isinstance(cell, Real) else str(cell)
