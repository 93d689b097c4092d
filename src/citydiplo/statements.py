"""The drawing of what several sources said of the same count."""

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from citydiplo.canvas import SIZE, WIDTH, canvas
from citydiplo.language import Language
from citydiplo.style import BASE, BLUE, MUTED, PARAMETERS

# A number that is a bound points to where the true one lies.
BOUNDS = {"more_than": ">", "at_least": ">", "less_than": "<", "at_most": "<", "nearly": "<"}


ZERO, FULL = 3.55, 5.85  # where nought and the largest number of a panel stand


def statement_chart(stated: pd.DataFrame, sources: pd.DataFrame, language: Language) -> Figure:
    """Draw what each source said of the same count: one panel a count, from nought, one row a statement.

    Parameters
    ----------
    stated : DataFrame
        From `networks.stated_twice`.
    sources : DataFrame
        The table sources.
    language : Language
    """
    short = sources.set_index("source_id")["short"]
    height = 0.15 + sum(0.5 + 0.25 * size for size in stated.groupby("group").size())
    with mpl.rc_context(PARAMETERS):
        figure, axes = canvas(WIDTH, height)
        top = 0.1
        for _, group in stated.groupby("group", sort=False):
            titles = [language.label("aggregate_indicator", code) for code in group["indicator"].unique()]
            axes.text(0.1, top + 0.15, language.text("separator").join(titles), weight="bold", size=9.5)
            for row, y in zip(group.itertuples(), _down(top + 0.38), strict=False):
                where = language.typeset(f"{short[row.source_id]}, {row.locator}")
                axes.text(0.1, y, row.year, size=SIZE, va="center")
                axes.text(0.55, y, where, size=SIZE, va="center", color=MUTED)
                end = ZERO + (FULL - ZERO) * row.value / group["value"].max()
                axes.plot((ZERO, end), (y, y), color=BASE, linewidth=1.3)
                axes.plot(end, y, BOUNDS.get(row.qualifier, "o"), color=BLUE, markersize=7, markeredgewidth=0)
                axes.text(end + 0.12, y, said(row, language), size=SIZE, va="center")
            axes.plot((ZERO, ZERO), (top + 0.25, top + 0.26 + 0.25 * len(group)), color=MUTED, linewidth=0.8)
            top += 0.5 + 0.25 * len(group)
    return figure


def _down(start: float) -> Iterator[float]:
    while True:
        yield start
        start += 0.25


def said(row: Any, language: Language) -> str:
    """The number as the source qualifies it, with its unit: « près de 5 000 collectivités »."""
    words = [language.number(row.value), language.label("unit", row.unit)]
    if row.qualifier != "exact":
        words.insert(0, language.label("qualifier", row.qualifier))
    return " ".join(words)
