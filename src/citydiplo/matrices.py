"""Drawings of typologies: who has a mark of which class, groups of alike profiles. Only places are computed."""

from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import dendrogram

from citydiplo.clusters import Tree
from citydiplo.style import BLUE, INK, LAND, MUTED, NEIGHBOURS, PARAMETERS, new_figure

SIZE = 8.5  # of names, in points
ROW, HEADING = 0.2, 2.1  # heights in inches
GAP = 0.7  # between two groups of columns, in columns


def _places(groups: Sequence[int]) -> np.ndarray:
    """Where each column stands when a gap parts the groups of columns."""
    return np.arange(sum(groups)) + GAP * np.repeat(np.arange(len(groups)), groups)


def _dots(axes: Axes, cells: np.ndarray, columns: Sequence[str], groups: dict[str, int]) -> None:
    """A dot for each true cell, names of columns above, names of their groups below."""
    places = _places(list(groups.values()))
    rows, filled = np.nonzero(cells)
    axes.plot(places[filled], rows, "o", color=BLUE, markersize=6.5)
    axes.set_xticks(places, columns, rotation=60, ha="left", rotation_mode="anchor", size=SIZE)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, pad=3)
    axes.vlines(places, -0.5, len(cells) - 0.5, color=LAND, linewidth=0.8, zorder=0)
    axes.hlines(range(len(cells)), places[0] - 0.5, places[-1] + 0.5, color=LAND, linewidth=0.8, zorder=0)
    axes.spines[:].set_visible(False)
    axes.set_xlim(-0.6, places[-1] + 0.6)
    last = len(cells) - 0.2
    starts = np.cumsum([0, *groups.values()])
    for (name, count), start in zip(groups.items(), starts, strict=False):
        left, right = places[start] - 0.35, places[start + count - 1] + 0.35
        axes.plot([left, right], [last, last], color=MUTED, linewidth=1, clip_on=False)
        axes.text((left + right) / 2, last + 0.35, name, ha="center", va="top", size=SIZE, color=MUTED)
    axes.set_ylim(last + 0.6, -0.7)


def marks(rows: Sequence[str], columns: Sequence[str], groups: dict[str, int], cells: np.ndarray) -> Figure:
    """A dot for each documented mark.

    Parameters
    ----------
    rows, columns : sequence of str
        Names of the collectivities and of the classes.
    groups : dict
        Name of each group of columns (it may have several lines) and how many columns it has, in order.
    cells : ndarray of bool
    """
    figure = new_figure(7.6, ROW * len(rows) + HEADING)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        _dots(axes, cells, columns, groups)
        axes.set_yticks(range(len(rows)), rows, size=SIZE)
    return figure


def _runs(groups: np.ndarray) -> list[np.ndarray]:
    """The rows of each group, in the order of drawing."""
    return np.split(np.arange(len(groups)), np.flatnonzero(np.diff(groups)) + 1)


def tree(
    grouped: Tree,
    groups: pd.Series,
    names: dict[str, str],
    columns: Sequence[str],
    column_groups: dict[str, int],
    profiles: pd.DataFrame,
    axis: str,
    write: Callable[[float], str],
) -> Figure:
    """A hierarchy of profiles, beside the profiles themselves; bands and numbers tell the groups of one cut.

    Parameters
    ----------
    grouped : Tree
    groups : Series
        The group of each profile: see `Tree.cut`.
    names : dict
        Id of a profile → name.
    columns, column_groups : see `marks`
    profiles : DataFrame of bool
    axis : str
        What the height of a branch says.
    write : callable
        Writes a height.
    """
    drawn = dendrogram(grouped.merges, orientation="left", no_plot=True)
    order = grouped.names[drawn["leaves"]]
    figure = new_figure(8.4, ROW * len(order) + HEADING + 0.35)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained", w_pad=0.1)
        branches, cells = figure.subplots(1, 2, width_ratios=(1, 4))
        for ends, heights in zip(drawn["icoord"], drawn["dcoord"], strict=True):
            branches.plot(heights, (np.array(ends) - 5) / 10, color=INK, linewidth=1.2)
        _dots(cells, profiles.loc[order].to_numpy(), columns, column_groups)
        cells.set_yticks(range(len(order)), [names[code] for code in order], size=SIZE)
        numbers = groups[order].to_numpy()
        for place, rows in enumerate(_runs(numbers)):
            cells.annotate(
                str(numbers[rows[0]]), (1, rows.mean()), (6, 0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", weight="bold",
            )  # fmt: skip
            if place % 2 == 0:
                for axes in (branches, cells):
                    axes.axhspan(rows[0] - 0.5, rows[-1] + 0.5, color=NEIGHBOURS, zorder=-1)
        branches.set_ylim(cells.get_ylim())
        branches.set_xlim(1.02, 0)
        branches.set_xticks([1, 0.5, 0], [write(height) for height in (1, 0.5, 0)], size=SIZE)
        branches.set_xlabel(axis, size=SIZE, loc="left")
        branches.set_yticks([])
        branches.spines[["left", "bottom"]].set_visible(False)
    return figure
