"""House style of figures: one palette, one set of matplotlib parameters, the same bytes for the same figure."""

import io
import re
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# Okabe and Ito's blue and vermilion tell apart for every common colour vision (https://jfly.uni-koeln.de/color/);
# the greys are neutral: no value judgement.
INK = "#1f2933"
MUTED = "#52606d"
BASE = "#b6c2cf"
LAND = "#e4e9ee"
NEIGHBOURS = "#f3f5f7"
BLUE = "#0072b2"
VERMILION = "#d55e00"

PARAMETERS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "figure.facecolor": "white",
    "svg.hashsalt": "citydiplo",
    "svg.fonttype": "path",
}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure in house style; sizes in inches."""
    with mpl.rc_context(PARAMETERS):
        return Figure(figsize=(width, height))


def to_svg(figure: Figure) -> bytes:
    """Write a figure as SVG without date or random identifiers: the same figure gives the same bytes.

    Coordinates of paths keep one decimal of a point, which no reader sees and which halves the size of maps.
    """
    target = io.BytesIO()
    with mpl.rc_context(PARAMETERS):
        _lay_out(figure)
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(rb' d="[^"]*"', lambda path: re.sub(rb"(?<=\.\d)\d+", b"", path[0]), target.getvalue())


def _lay_out(figure: Figure) -> None:
    """Place the axes of a figure once and for all: savefig would draw it all a first time to do so."""
    engine, dpi = figure.get_layout_engine(), figure.dpi
    if engine:
        FigureCanvasSVG(figure)
        engine.execute(figure)
        figure.set_layout_engine(None)
        figure.dpi = dpi  # SVG counts in points
