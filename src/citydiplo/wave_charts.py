"""Charts of a wave of the survey beside the one before; nothing is computed here."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.figure import Figure

from citydiplo.inference import Share
from citydiplo.style import BASE, BLUE, INK, MUTED, PARAMETERS, VERMILION, new_figure


@dataclass(frozen=True)
class Bar:
    """One answer in two waves.

    Attributes
    ----------
    label : str
    estimate : Share or None
        In the new wave; None where it may not be shown.
    before : tuple of float
        The shares that the wave before may have, 0 to 100: several where it is not known which, none where it has none.
    note : str
        Written at the right.
    share : float or None
        In the new wave, 0 to 100; None where it may not be shown. Drawn alone if there is no estimate.
    """

    label: str
    estimate: Share | None
    before: tuple[float, ...]
    note: str
    share: float | None


def waves(bars: Sequence[Bar], names: tuple[str, str, str], axis: str) -> Figure:
    """One row an answer: a point and an interval for the new wave, hollow squares for the one before.

    Parameters
    ----------
    bars : sequence of Bar
    names : (new wave, its interval, wave before)
        For the legend.
    axis : str
        What the axis shows, in per cent.
    """
    figure = new_figure(7.2, 0.4 * len(bars) + 1.1)
    with mpl.rc_context(PARAMETERS):
        figure.set_layout_engine("constrained")
        axes = figure.subplots()
        for position, bar in enumerate(bars):
            if bar.estimate:
                ends = [100 * end / bar.estimate.population for end in (bar.estimate.low, bar.estimate.high)]
                axes.plot(ends, [position] * 2, color=BLUE, linewidth=5, alpha=0.45, solid_capstyle="butt")
            if bar.share is not None:
                axes.plot(bar.share, position, "o", color=BLUE, markersize=7)
            if len(bar.before) > 1:
                axes.plot([min(bar.before), max(bar.before)], [position] * 2, color=VERMILION, linewidth=1, zorder=3)
            axes.plot(bar.before, [position] * len(bar.before), "s", color=VERMILION, markerfacecolor="white", zorder=4)
            axes.text(102, position, bar.note, va="center", color=INK, size=9)
        axes.plot([], [], "o", color=BLUE, markersize=7, label=names[0])
        axes.plot([], [], color=BLUE, linewidth=5, alpha=0.45, label=names[1])
        if any(bar.before for bar in bars):
            axes.plot([], [], "s", color=VERMILION, markerfacecolor="white", label=names[2])
        axes.set(xlim=(0, 100), ylim=(len(bars) - 0.5, -0.5), xlabel=axis)
        axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", colors=MUTED)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="x", color=BASE, linewidth=0.5)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=3, fontsize=9)
    return figure
