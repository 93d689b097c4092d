"""A chart of where a collectivity stands among its peers, row by row; neutral: neither end is the good one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from citydiplo.canvas import NOTE, canvas, text_width
from citydiplo.peers import Position
from citydiplo.style import BASE, BLUE, INK, LAND, MUTED, PARAMETERS

# In inches: the whole, the ends of the strip, the column of values.
WIDTH, LEFT, RIGHT, VALUES = 6.4, 0.6, 4.5, 5.0
# The legend, a row, its strip and the numbers at its ends below the name; half the height of a strip.
LEGEND, ROW, STRIP, ENDS, HALF = 0.55, 0.71, 0.25, 0.46, 0.1
# Between dots of the same value, while they all fit in that height; between two numbers.
APART, STACK, GAP = 0.085, 0.26, 0.12

DOT: Any = {"color": MUTED, "markeredgecolor": "white", "markeredgewidth": 0.7, "markersize": 6}
OWN: Any = {"color": BLUE, "markeredgecolor": "white", "markeredgewidth": 1.0, "markersize": 11}


@dataclass(frozen=True)
class Row:
    """One row: where the collectivity stands, and what is written about it.

    Attributes
    ----------
    position : Position
    label : str
    least, greatest : str
        The ends of the peers' values.
    value, rank : str
        The collectivity's value and its percentile rank.
    """

    position: Position
    label: str
    least: str
    greatest: str
    value: str
    rank: str


def spine(rows: Sequence[Row], own: str, peers: str, half: str, median: str) -> Figure:
    """Dots for the peers of each row on a grey strip, its middle half darker, and a diamond for the collectivity.

    Each row has its own scale, from the least to the greatest value.

    Parameters
    ----------
    rows : sequence of Row
    own, peers, half, median : str
        Names in the legend.
    """
    with mpl.rc_context(PARAMETERS):
        figure, axes = canvas(WIDTH, LEGEND + ROW * len(rows))
        for position, row in enumerate(rows):
            _row(axes, row, LEGEND + ROW * position)
        signs = [
            Line2D([], [], linestyle="", marker="D", label=own, **{**OWN, "markersize": 8}),
            Line2D([], [], linestyle="", marker="o", label=peers, **DOT),
            Patch(color=BASE, label=half),
            Line2D([], [], linestyle="", marker="|", color=INK, markersize=11, markeredgewidth=1.5, label=median),
        ]
        axes.legend(handles=signs, ncols=2, loc="upper left", bbox_to_anchor=(0, 1), frameon=False, fontsize=9,
                    borderaxespad=0, borderpad=0.2, handletextpad=0.4, columnspacing=2)  # fmt: skip
    return figure


def _row(axes: Axes, row: Row, top: float) -> None:
    found = row.position
    least, greatest = min(found.peers[0], found.value), max(found.peers[-1], found.value)
    middle = top + STRIP

    def across(value: float) -> float:
        """Where a value is on the strip; in its middle where all are equal."""
        share = (value - least) / (greatest - least) if greatest > least else 0.5
        return LEFT + share * (RIGHT - LEFT)

    def bar(start: float, end: float, color: str) -> None:
        left, right = across(start), across(end)
        axes.add_patch(Rectangle((left, middle - HALF), right - left, 2 * HALF, color=color, linewidth=0))

    bar(found.peers[0], found.peers[-1], LAND)
    bar(found.first_quartile, found.third_quartile, BASE)
    median = across(found.median)
    # A little beyond the strip, so that it is seen behind a dot.
    reach = HALF + 0.045
    axes.plot([median] * 2, [middle - reach, middle + reach], color=INK, linewidth=1.5, zorder=3, solid_capstyle="butt")
    for value, times in Counter(found.peers).items():
        # Equal values are drawn one above the other.
        spread = min(APART, STACK / times)
        heights = [middle + spread * (rank - (times - 1) / 2) for rank in range(times)]
        axes.plot([across(value)] * times, heights, linestyle="", marker="o", zorder=5, **DOT)
    # Below the dots, so that none is hidden.
    axes.plot(across(found.value), middle, marker="D", zorder=4, **OWN)
    axes.text(0, top, row.label, va="center", size=9.5)
    _ends(axes, row, across(found.peers[0]), across(found.peers[-1]), top + ENDS)
    axes.text(VALUES, top, row.value, va="center", size=9.5, color=BLUE, weight="bold")
    axes.text(VALUES, middle, row.rank, va="center", size=9)


def _ends(axes: Axes, row: Row, start: float, end: float, height: float) -> None:
    """The least and the greatest value of the peers, below the ends of the strip and apart; once if equal."""
    ends = {row.least: start, row.greatest: end}
    room = sum(text_width(text, NOTE) for text in ends) / 2 + GAP
    push = max(0.0, room - (end - start)) / 2 if len(ends) > 1 else 0.0
    for (text, place), side in zip(ends.items(), (-push, push), strict=False):
        axes.text(place + side, height, text, va="center", ha="center", size=NOTE, color=MUTED)
