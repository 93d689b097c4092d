"""Charts: a result in, a matplotlib figure out; nothing is computed here."""

from collections.abc import Callable, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from citydiplo.inference import Share
from citydiplo.style import BASE, BLUE, INK, MUTED, PARAMETERS, VERMILION, new_figure


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
            axes.text(
                values[-1] + most / 30,
                position,
                f"{write(values)} ◂" if mine else write(values),
                va="center",
                weight="bold" if mine else "normal",
            )
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines[["bottom", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, most * 1.3)
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


def timeline(partnerships: pd.DataFrame) -> Figure:
    """One line a partnership from its first to its last year; a line without end has an arrow.

    Parameters
    ----------
    partnerships : DataFrame
        Columns name, start_year, end_year (missing while it lasts) and as_of (the year of the source), in the order
        of drawing.
    """
    figure = new_figure(6.4, 0.4 * len(partnerships) + 0.7)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for position, row in enumerate(partnerships.itertuples()):
            ended = pd.notna(row.end_year)
            last = row.end_year if ended else row.as_of
            axes.plot([row.start_year, last], [position, position], color=BLUE, linewidth=2.5, solid_capstyle="round")
            axes.plot(row.start_year, position, "o", color=BLUE, markersize=7)
            if ended:
                axes.plot(last, position, "o", color=BLUE, markersize=7)
            else:
                axes.plot(last + 0.25, position, ">", color=VERMILION, markersize=7)
        years = [*partnerships["start_year"], *partnerships["as_of"]]
        axes.set_xlim(min(years) - 1.5, max(years) + 1.5)
        axes.set_ylim(len(partnerships) - 0.4, -0.6)
        axes.set_yticks(range(len(partnerships)), partnerships["name"], color=INK)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BASE, linewidth=0.5)
        axes.tick_params(axis="x", colors=MUTED)
    return figure
