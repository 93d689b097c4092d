"""Charts: a result in, a matplotlib figure out; nothing is computed here."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from citydiplo.inference import Share
from citydiplo.style import BASE, BLUE, INK, MUTED, PARAMETERS, VERMILION, new_figure

# Three methods told apart by colour and by stroke.
METHODS = (BLUE, VERMILION, MUTED)
STYLES = ("-", (0, (5, 1.5)), (0, (1.5, 1)))


def class_distribution(
    labels: Sequence[str],
    counts: Sequence[Sequence[float]],
    own: Sequence[bool],
    write: Callable[[Sequence[float]], str],
) -> Figure:
    """Points for the respondents of each class; the collectivity's own class is darker and marked.

    Parameters
    ----------
    labels, counts, own : sequences of the same length
        Name of the class, number of respondents (several where it is not known which), whether it is the
        collectivity's class.
    write : callable
        Writes the numbers of one class.
    """
    figure = new_figure(6.4, 0.42 * len(counts) + 0.3)
    most = max(value for values in counts for value in values)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for position, (values, mine) in enumerate(zip(counts, own, strict=True)):
            color = BLUE if mine else MUTED
            axes.barh(position, values[0], color=BLUE if mine else BASE, height=0.6)
            if len(values) > 1:
                axes.plot([values[0], values[-1]], [position, position], color=color, linewidth=1.2)
                axes.plot(values, [position] * len(values), "o", color=color, markerfacecolor="white", markersize=6)
            axes.annotate(
                f"{write(values)} ◂" if mine else write(values),
                (values[-1], position),
                (9, 0),
                textcoords="offset points",
                va="center",
                weight="bold" if mine else "normal",
            )
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, most * 1.05)
    return figure


def shares(labels: Sequence[str], estimates: Sequence[Share], write: Callable[[Share], str], axis: str) -> Figure:
    """One row a share: a point for the respondents, a thick line for the confidence interval in the population, a
    thin one for the worst cases of non-response.

    Parameters
    ----------
    labels : sequence of str
    estimates : sequence of Share
    write : callable
        Writes one share beside its row.
    axis : str
        What the axis shows, in per cent.
    """
    figure = new_figure(7.2, 0.38 * len(labels) + 0.75)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for position, share in enumerate(estimates):
            worst, interval = (
                [100 * bound / share.population for bound in ends]
                for ends in ((share.least, share.most), (share.low, share.high))
            )
            axes.plot(worst, [position] * 2, color=BASE, linewidth=1.5, solid_capstyle="butt")
            axes.plot(interval, [position] * 2, color=BLUE, linewidth=5, alpha=0.45, solid_capstyle="butt")
            axes.plot(100 * share.count / share.base, position, "o", color=BLUE, markersize=7)
            axes.text(102, position, write(share), va="center", color=INK, size=9)
        axes.set(xlim=(0, 100), ylim=(len(labels) - 0.5, -0.5))
        axes.set_yticks(range(len(labels)), labels)
        axes.set_xlabel(axis)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BASE, linewidth=0.5)
    return figure


def _rows(labels: Sequence[str], axis: str, width: float = 7.2, room: float = 0.8) -> tuple[Figure, Axes]:
    """A figure with one labelled row each, read from top to bottom, and a grid on the axis of values."""
    figure = new_figure(width, 0.38 * len(labels) + room)
    figure.set_layout_engine("constrained")
    axes = figure.subplots()
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel(axis)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=BASE, linewidth=0.5)
    axes.set_axisbelow(True)
    return figure, axes


def answered(labels: Sequence[str], answers: Sequence[float], asked: Sequence[float], notes: Sequence[str]) -> Figure:
    """Bars of those who answered within bars of those who were asked, with a note beside each."""
    with mpl.rc_context(PARAMETERS):
        figure, axes = _rows(labels, "", room=0.3)
        axes.barh(range(len(labels)), asked, color=BASE, height=0.6)
        axes.barh(range(len(labels)), answers, color=BLUE, height=0.6)
        for position, (most, note) in enumerate(zip(asked, notes, strict=True)):
            axes.text(most + max(asked) / 60, position, note, va="center")
        axes.set_xlim(0, max(asked) * 1.45)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
    return figure


def possible(
    labels: Sequence[str], asked: Sequence[float], limits: Sequence[tuple[float, float]], notes: Sequence[str]
) -> Figure:
    """How many may have answered, from least to most, within bars of those who were asked, with a note beside each."""
    with mpl.rc_context(PARAMETERS):
        figure, axes = _rows(labels, "", room=0.3)
        axes.barh(range(len(labels)), asked, color=BASE, alpha=0.6, height=0.6)
        for position, (ends, most, note) in enumerate(zip(limits, asked, notes, strict=True)):
            axes.plot(ends, [position, position], "o-", color=BLUE, markerfacecolor="white", linewidth=2, markersize=7)
            axes.annotate(note, (most, position), (9, 0), textcoords="offset points", va="center")
        axes.set_xlim(0, max(asked) * 1.02)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
    return figure


def ranges(
    labels: Sequence[str],
    limits: Sequence[tuple[float, float]],
    points: Sequence[float] | None,
    mark: tuple[float, str],
    axis: str,
    write: Callable[[float], str],
) -> Figure:
    """One row a range, with a point in it, beside a marked value.

    Parameters
    ----------
    labels : sequence of str
    limits : sequence of (low, high)
    points : sequence of float, or None for no points
    mark : (value, name)
        A vertical line and its name above.
    axis : str
    write : callable
        Writes a value of the axis.
    """
    with mpl.rc_context(PARAMETERS):
        figure, axes = _rows(labels, axis, room=1.0)
        for position, (low, high) in enumerate(limits):
            axes.plot([low, high], [position, position], color=BLUE, linewidth=5, alpha=0.45, solid_capstyle="butt")
        if points is not None:
            axes.plot(points, range(len(labels)), "o", color=BLUE, markersize=7)
        value, name = mark
        axes.axvline(value, color=VERMILION, linewidth=1.5)
        axes.annotate(name, (value, 1), (0, 4), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="center")  # fmt: skip
        axes.xaxis.set_major_formatter(lambda tick, _: write(tick))
        axes.margins(x=0.08)
    return figure


def dots(
    labels: Sequence[str],
    values: Sequence[float],
    notes: Sequence[str],
    axis: str,
    *,
    hollow: Sequence[bool] | None = None,
    lines: Sequence[float] = (),
    ticks: dict[float, str] | None = None,
    log: bool = False,
) -> Figure:
    """One point a row with a note beside it.

    Parameters
    ----------
    labels, values, notes : sequences of the same length
    axis : str
    hollow : sequence of bool
        Which points are hollow.
    lines : sequence of float
        Where to draw vertical reference lines.
    ticks : dict
        Ticks of the axis with their names; matplotlib's own if None.
    log : bool
        Whether the axis is logarithmic.
    """
    with mpl.rc_context(PARAMETERS):
        figure, axes = _rows(labels, axis)
        if log:
            axes.set_xscale("log")
        fills = ["white" if mark else BLUE for mark in hollow or [False] * len(labels)]
        for position, (value, note, fill) in enumerate(zip(values, notes, fills, strict=True)):
            axes.plot(value, position, "o", color=BLUE, markerfacecolor=fill, markersize=8, zorder=3)
            axes.text(1.02, position, note, transform=axes.get_yaxis_transform(), va="center", size=9)
        for line in lines:
            axes.axvline(line, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        if ticks:
            axes.set_xticks(list(ticks), list(ticks.values()))
            axes.minorticks_off()
    return figure


def intervals(
    labels: Sequence[str], methods: Mapping[str, Sequence[tuple[float, float]]], points: Sequence[float], axis: str
) -> Figure:
    """Confidence intervals of the same shares by several methods, one under the other; in per cent."""
    with mpl.rc_context(PARAMETERS):
        figure, axes = _rows(labels, axis, room=0.9 + 0.25 * len(labels))
        for rank, (color, style, (name, limits)) in enumerate(zip(METHODS, STYLES, methods.items(), strict=True)):
            shift = 0.25 * (rank - (len(methods) - 1) / 2)
            for position, (low, high) in enumerate(limits):
                row = position + shift
                axes.plot([100 * low, 100 * high], [row, row], color=color, linewidth=3, linestyle=style,
                          label=name if position == 0 else None, solid_capstyle="butt")  # fmt: skip
        for position, point in enumerate(points):
            axes.plot([100 * point] * 2, [position - 0.36, position + 0.36], color=INK, linewidth=1)
        axes.set_xlim(-1, 101)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=len(methods))
    return figure


def coverages(curves: dict[str, pd.Series], level: float, axes_names: tuple[str, str]) -> Figure:
    """How often intervals cover the truth, for each truth: one panel a method, with the level they promise."""
    figure = new_figure(7.2, 2.7)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        panels = figure.subplots(1, len(curves), sharex=True, sharey=True)
        panels[len(curves) // 2].set_xlabel(axes_names[0])
        for axes, color, (name, curve) in zip(panels, METHODS, curves.items(), strict=True):
            axes.axhline(100 * level, color=INK, linewidth=1, linestyle=(0, (4, 3)))
            axes.plot(curve.index, 100 * curve, color=color, linewidth=1.5)
            axes.set_title(name, size=10, color=color)
            axes.grid(axis="y", color=BASE, linewidth=0.5)
        panels[0].set_ylabel(axes_names[1])
        panels[0].set_ylim(30, 102)
    return figure


# Of a timeline, in inches: the height of its rows while they have room, and the least height of a row.
TALLEST, CLOSEST = 8, 0.165


def timeline(partnerships: pd.DataFrame) -> Figure:
    """One line a partnership from its first to its last year; a line without end has an arrow.

    The more rows, the closer they are; where they are close, the years are also above, and a thin line leads from the
    name to the first year.

    Parameters
    ----------
    partnerships : DataFrame
        Columns name, start_year, end_year (missing while it lasts) and as_of (the year of the source), in the order
        of drawing.
    """
    rows = len(partnerships)
    step = min(0.4, max(CLOSEST, TALLEST / rows))
    close = step < 0.28
    size, width = (4.5, 1.8) if close else (7, 2.5)
    figure = new_figure(6.4, step * rows + 0.7)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        years = [*partnerships["start_year"], *partnerships["as_of"]]
        first = min(years) - 1.5
        for position, row in enumerate(partnerships.itertuples()):
            ended = pd.notna(row.end_year)
            last = row.end_year if ended else row.as_of
            if close:
                axes.plot([first, row.start_year], [position, position], color=BASE, linewidth=0.5, zorder=1)
            axes.plot([row.start_year, last], [position, position], color=BLUE, linewidth=width, solid_capstyle="round")
            axes.plot(row.start_year, position, "o", color=BLUE, markersize=size)
            if ended:
                axes.plot(last, position, "o", color=BLUE, markersize=size)
            else:
                axes.plot(last + 0.25, position, ">", color=VERMILION, markersize=size)
        axes.set_xlim(first, max(years) + 1.5)
        axes.set_ylim(rows - 0.4, -0.6)
        axes.set_yticks(range(rows), partnerships["name"], color=INK, size=8.5 if close else 10)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BASE, linewidth=0.5)
        axes.tick_params(axis="x", colors=MUTED, top=close, labeltop=close)
    return figure
