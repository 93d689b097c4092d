"""Charts of partnerships: how far, where, since when, and against chance; nothing is computed here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from citydiplo.style import BASE, BLUE, INK, MUTED, PARAMETERS, VERMILION, new_figure

Write = Callable[[float], str]


def histogram(
    values: pd.Series, step: float, marks: Mapping[str, float], axes_names: tuple[str, str], write: Write
) -> Figure:
    """Counts of values in steps of equal width, with named vertical lines.

    Parameters
    ----------
    values : Series
        Without missing values.
    step : float
        Width of a bar.
    marks : mapping
        Name → where its line stands.
    axes_names : (values, counts)
    write : callable
        Writes a tick of the axis of values.
    """
    figure = new_figure(7.2, 3.1)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        last = step * (int(values.max() // step) + 1)
        counts, _, _ = axes.hist(values, bins=list(np.arange(0, last + step, step)), color=BLUE, edgecolor="white")
        for height, (name, place) in enumerate(marks.items()):
            axes.axvline(place, color=VERMILION, linewidth=1.5, linestyle=(0, (4, 2)))
            axes.annotate(
                name,
                (place, max(counts) * (1.02 - 0.12 * height)),
                (5, 0),
                textcoords="offset points",
                color=INK,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        axes.set(xlabel=axes_names[0], ylabel=axes_names[1], xlim=(0, last), ylim=(0, max(counts) * 1.12))
        axes.xaxis.set_major_formatter(lambda tick, _: write(tick))
        axes.grid(axis="y", color=BASE, linewidth=0.5)
        axes.set_axisbelow(True)
    return figure


def blocks(parts: Mapping[str, Sequence[tuple[str, float, str]]]) -> Figure:
    """Bars in blocks, each with its heading.

    Parameters
    ----------
    parts : mapping
        Heading → rows of (label, value, note beside the bar). All values are on one scale.
    """
    rows = [row for part in parts.values() for row in part]
    most = max(value for _, value, _ in rows)
    figure = new_figure(7.2, 0.27 * (len(rows) + 1.6 * len(parts)))
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        ticks, position = {}, 0.0
        for heading, part in parts.items():
            axes.text(
                -0.01, position, heading, transform=axes.get_yaxis_transform(), weight="bold", va="center", ha="right"
            )
            for label, value, note in part:
                position += 1
                ticks[position] = label
                axes.barh(position, value, color=BLUE, height=0.66)
                axes.annotate(note, (value, position), (5, 0), textcoords="offset points", va="center", size=9)
            position += 1.6
        axes.set_yticks(list(ticks), list(ticks.values()))
        axes.set(xlim=(0, most * 1.2), ylim=(position - 0.8, -0.6))
        axes.xaxis.set_visible(False)
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    return figure


def stacks(counts: pd.DataFrame, names: Sequence[str], axis: str) -> Figure:
    """One column a row of ``counts``, its parts one above the other, told apart by colour and hatching.

    Parameters
    ----------
    counts : DataFrame
        Index: what stands below each column; columns: the parts.
    names : sequence of str
        Of the parts, for the legend.
    axis : str
        What is counted.
    """
    figure = new_figure(7.2, 3.1)
    looks: list[dict[str, Any]] = [
        {"color": BLUE, "edgecolor": "white"},
        {"color": "white", "edgecolor": MUTED, "hatch": "////"},
    ]
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        below = np.zeros(len(counts))
        places = range(len(counts))
        for look, name, column in zip(looks, names, counts, strict=True):
            heights = counts[column].to_numpy(dtype=float)
            axes.bar(places, heights, bottom=below, width=0.75, label=name, **look)
            below += heights
        for place, height in zip(places, below, strict=True):
            axes.annotate(f"{height:.0f}", (place, height), (0, 3), textcoords="offset points", ha="center")
        axes.set_xticks(places, [str(label) for label in counts.index])
        axes.set(ylabel=axis, ylim=(0, max(below) * 1.12))
        axes.grid(axis="y", color=BASE, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.tick_params(axis="x", length=0)
        axes.legend(frameon=False, loc="upper left")
    return figure


def curve(
    observed: pd.Series,
    draws: pd.DataFrame,
    names: tuple[str, str],
    axes_names: tuple[str, str, str],
    write: Write,
) -> Figure:
    """Observed shares along an axis, and below their difference from the mean of draws, each over 95 % of the draws.

    Parameters
    ----------
    observed : Series
        Shares (0 to 1), indexed by the value of the axis.
    draws : DataFrame
        Columns low, mean and high, indexed like ``observed``.
    names : (observed, draws)
        For the legend.
    axes_names : (axis, shares, differences)
    write : callable
        Writes a tick of the axis.
    """
    figure = new_figure(7.2, 4.8)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        for axes, base in ((above, 0 * observed), (below, draws["mean"])):
            ends = [100 * (draws[end] - base) for end in ("low", "high")]
            axes.fill_between(observed.index, *ends, color=MUTED, alpha=0.35, linewidth=0, label=names[1])
            axes.plot(
                observed.index, 100 * (observed - base), "o-", color=BLUE, markersize=4, linewidth=1.5, label=names[0]
            )
            axes.xaxis.set_major_formatter(lambda tick, _: write(tick))
            axes.grid(color=BASE, linewidth=0.5)
        above.set(ylabel=axes_names[1], ylim=(0, 102), xlim=(0, None))
        above.legend(frameon=False, loc="lower right")
        below.set(xlabel=axes_names[0], ylabel=axes_names[2])
    return figure


def gaps(
    labels: Sequence[str],
    found: Sequence[float],
    announced: Sequence[float],
    notes: Sequence[str],
    names: tuple[str, str],
) -> Figure:
    """Two counts a row, joined: a disc for what is found, a hollow square for what is announced, with a note.

    Parameters
    ----------
    labels, found, announced, notes : sequences of the same length
    names : (found, announced)
        For the legend.
    """
    rows = range(len(labels))
    figure = new_figure(7.2, 0.29 * len(labels) + 0.8)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        axes.hlines(rows, np.minimum(found, announced), np.maximum(found, announced), color=BASE, linewidth=2, zorder=1)
        axes.plot(
            announced, rows, "s", color=VERMILION, markerfacecolor="white", markersize=8, linestyle="", label=names[1]
        )
        axes.plot(found, rows, "o", color=BLUE, markersize=5.5, linestyle="", label=names[0])
        for row, note in zip(rows, notes, strict=True):
            axes.text(1.02, row, note, transform=axes.get_yaxis_transform(), va="center", size=9)
        axes.set_yticks(rows, labels)
        axes.set(xlim=(0, max(*found, *announced) * 1.03), ylim=(len(labels) - 0.4, -0.6))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(color=BASE, linewidth=0.5)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=2)
    return figure
