"""Charts of accounts: amounts on the study's classes, and what they are made of; nothing is computed here."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from citydiplo.style import BASE, BLUE, INK, LAND, MUTED, NEIGHBOURS, PARAMETERS, VERMILION, new_figure

Write = Callable[[float], str]

# Told apart by shape where colours are not seen.
MARKS = [(color, marker) for marker, color in product("os^D", (BLUE, VERMILION, MUTED))]

# A chart of one series writes so many amounts.
MOST_WRITTEN = 6

LOOKS: list[dict[str, Any]] = [
    {"color": BLUE, "edgecolor": "white"},
    {"color": "white", "edgecolor": BLUE, "hatch": "////"},
    {"color": BASE, "edgecolor": "white"},
    {"color": VERMILION, "edgecolor": "white"},
    {"color": "white", "edgecolor": MUTED, "hatch": "...."},
    {"color": "white", "edgecolor": VERMILION, "hatch": "\\\\\\\\"},
    {"color": INK, "edgecolor": "white"},
]


def plain(name: str) -> str:
    """A name that is drawn as it is written: no formula begins at its dollars."""
    return name.replace("$", r"\$")


def classes(
    series: Mapping[str, Sequence[tuple[int, float]]], bands: Mapping[str, tuple[float, float]], nil: str, write: Write
) -> Figure:
    """Yearly amounts on a logarithmic axis, over the classes that they fall in.

    Parameters
    ----------
    series : mapping
        Name → years and amounts, at most as many as `MARKS`. One that is not above 0 stands at the bottom, hollow.
    bands : mapping
        Name of a class → its bounds, the lowest class first.
    nil : str
        What a hollow mark means, for the legend.
    write : callable
        Writes a bound on the axis, and the few amounts of a single series.
    """
    years = sorted({year for points in series.values() for year, _ in points})
    amounts = [amount for points in series.values() for _, amount in points if amount > 0]
    edges = [low for low, _ in bands.values() if low > 0]
    low = min([edges[0] / 10, *(amount / 2 for amount in amounts)])
    high = max([edges[-1] * 5, *(amount * 2 for amount in amounts)])
    figure = new_figure(7.2, 3.6 + 0.12 * len(series))
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        axes.set_yscale("log")
        axes.set(xlim=(years[0] - 0.5, years[-1] + 0.5), ylim=(low, high))
        _bands(axes, bands, (low, high))
        if len(series) == 1 and len(years) <= MOST_WRITTEN:
            for year, amount in next(iter(series.values())):
                place = (year, max(amount, low * 1.15))
                axes.annotate(plain(write(amount)), place, (0, 9), textcoords="offset points", ha="center", size=9)
        for (name, points), (color, marker) in zip(series.items(), MARKS, strict=False):
            _points(axes, points, color, marker, low * 1.15)
            axes.plot([], [], marker, color=color, linestyle="-", label=plain(name))
        handles = axes.get_legend_handles_labels()[0]
        if any(amount <= 0 for points in series.values() for _, amount in points):
            handles.append(
                Line2D([], [], color=INK, marker="o", markerfacecolor="white", linestyle="", label=plain(nil))
            )
        axes.set_yticks(edges, [plain(write(edge)) for edge in edges])
        axes.minorticks_off()
        step = -(-len(years) // 12)
        axes.set_xticks(years[::-step][::-1], [str(year) for year in years[::-step][::-1]])
        axes.legend(handles=handles, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9)
    return figure


def _bands(axes: Axes, bands: Mapping[str, tuple[float, float]], limits: tuple[float, float]) -> None:
    """The classes, lighter and darker by turns, with their names at the right."""
    for (name, (least, most)), shade in zip(bands.items(), (NEIGHBOURS, LAND) * len(bands), strict=False):
        bottom, top = max(least, limits[0]), min(most, limits[1])
        axes.axhspan(bottom, top, color=shade, linewidth=0, zorder=0)
        middle = float(np.sqrt(bottom * top))
        axes.text(1.01, middle, plain(name), transform=axes.get_yaxis_transform(), va="center", size=9, color=MUTED)


def _points(axes: Axes, points: Sequence[tuple[int, float]], color: str, marker: str, floor: float) -> None:
    places = [(year, amount if amount > 0 else floor) for year, amount in sorted(points)]
    axes.plot(*zip(*places, strict=True), color=color, linewidth=1.3, zorder=2)
    for (year, place), (_, amount) in zip(places, sorted(points), strict=True):
        face = color if amount > 0 else "white"
        axes.plot(year, place, marker, color=color, markerfacecolor=face, markersize=7, zorder=3)


def parts(amounts: pd.DataFrame, names: Sequence[str], notes: Sequence[str], axis: str, write: Write) -> Figure:
    """One bar a row, its parts end to end; a part below 0 goes to the left of the line.

    Parameters
    ----------
    amounts : DataFrame
        Index: what stands beside each bar; columns: the parts, at most as many as `LOOKS`. A part that is nil
        everywhere is left out, and the others keep their looks.
    names : sequence of str
        Of the parts, for the legend.
    notes : sequence of str
        At the right of each bar.
    axis : str
        What the axis shows.
    write : callable
        Writes a tick of the axis.
    """
    rows = np.arange(len(amounts))
    figure = new_figure(7.2, 0.34 * len(amounts) + 1.7)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        above, below = np.zeros(len(amounts)), np.zeros(len(amounts))
        for look, name, column in zip(LOOKS, names, amounts, strict=False):
            widths = amounts[column].to_numpy(dtype=float)
            if not widths.any():
                continue
            axes.barh(rows, widths, left=np.where(widths < 0, below, above), height=0.66, label=name, **look)
            above, below = above + widths.clip(min=0), below + widths.clip(max=0)
        for row, end, note in zip(rows, above, notes, strict=True):
            axes.annotate(plain(note), (end, row), (5, 0), textcoords="offset points", va="center", size=9)
        axes.set_yticks(rows, [plain(str(label)) for label in amounts.index])
        axes.set(xlim=(min(0, below.min()) * 1.1, above.max() * 1.25), ylim=(len(rows) - 0.4, -0.6), xlabel=axis)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter(lambda tick, _: plain(write(tick)))
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BASE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=2, fontsize=9)
    return figure
