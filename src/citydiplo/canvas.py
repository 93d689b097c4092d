"""An empty drawing in inches from the top left corner, so that texts and lines keep their distances, and its texts."""

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import TextToPath

from citydiplo.language import Language
from citydiplo.style import PARAMETERS, new_figure

# Okabe and Ito's green and purple, and a darker form of their orange that is seen as a line on white.
GREEN, PURPLE, ORANGE = "#009e73", "#aa4499", "#b07c00"

NOTE = 8.5  # size of notes, in points
SIZE = 9  # of names
LINE = 0.155  # height of a line of text, in inches
WIDTH = 8.0


def text_width(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """Width of a text in inches."""
    font = FontProperties(family=PARAMETERS["font.family"], size=size, weight=weight)
    return TextToPath().get_text_width_height_descent(text, font, ismath=False)[0] / 72


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """Cut a text at its breaking spaces into lines of at most ``width`` inches; a longer word keeps its line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure and its axes, without frame, that count inches from the top left corner."""
    figure = new_figure(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def signs_legend(vocabulary: str, signs: dict[str, tuple[str, str]], language: Language) -> list[Artist]:
    """What the coloured signs mean, for a legend."""
    return [
        Line2D([], [], color=color, marker=marker, markersize=5, linewidth=1.3, label=language.label(vocabulary, code))
        for code, (color, marker) in signs.items()
    ]
