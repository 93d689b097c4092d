"""The drawing of the graph of actors: a result in, a matplotlib figure out; nothing is computed but places."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import networkx as nx
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from citydiplo.canvas import GREEN, LINE, NOTE, ORANGE, PURPLE, SIZE, WIDTH, canvas, signs_legend, wrap
from citydiplo.language import Language
from citydiplo.networks import STATED
from citydiplo.style import BASE, BLUE, INK, MUTED, PARAMETERS, VERMILION

# Each relation has a colour and a sign, so that none is told by colour alone.
RELATIONS = {
    "finance_and_support_projects": (VERMILION, "s"),
    "finance": (ORANGE, "D"),
    "coordinate_and_advise": (BLUE, "o"),
    "compose_and_finance": (GREEN, "^"),
    "lobbying": (PURPLE, "X"),
}
# The kinds of actors, in three families that are tinted alike, each named by its key in texts.yaml.
PUBLIC, LOCAL, CIVIL = "actors.family_public", "actors.family_local", "actors.family_civil"
FAMILIES = {PUBLIC: "#c4ddf3", LOCAL: "#fbdcbc", CIVIL: "#f2f4f6"}
FAMILY = {
    "state": PUBLIC,
    "operator": PUBLIC,
    "european_institution": PUBLIC,
    "european_programme": PUBLIC,
    "international_organisation": PUBLIC,
    "forum": PUBLIC,
    "collectivities": LOCAL,
    "collectivity_association": LOCAL,
    "regional_network": LOCAL,
    "civil_society": CIVIL,
    "think_tank": CIVIL,
    "training": CIVIL,
}
LEVELS = ("international", "european", "national", "regional", "local")

DASHES = (0, (3, 1.5))  # of a link that no text states
PITCH = 0.058  # between two lines that leave a card
LANE = 0.14  # between two vertical lines


@dataclass(frozen=True)
class Card:
    """The place of one actor: its name in lines, and the top and height of its box."""

    actor_id: str
    lines: list[str]
    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True)
class Trunk:
    """The links of one relation to one actor, drawn as one vertical line in a lane: lane 0 is next to the cards."""

    target: str
    relation: str
    sources: dict[str, str]  # actor_id: assignment
    lane: int

    @property
    def actors(self) -> list[str]:
        return [self.target, *self.sources]


LEFT, CARD, RIGHT, HUB = 1.5, 4.3, 7.32, 0.58  # left of the cards, their width; left of the hub, its width
TOP = 1.2  # of the cards, below the legend


def actor_map(graph: nx.MultiDiGraph, actors: pd.DataFrame, language: Language, hub: str = "collectivites") -> Figure:
    """Draw the graph of the actors around one of them, the hub.

    Every other linked actor has a card, level by level. To the right, an arrow joins it to the hub; to the left, its
    links with the others, those of the same relation to the same actor in one line. A full line is confirmed by the
    text, a dashed one inferred. Actors without link are named under those of their level.

    Parameters
    ----------
    graph : MultiDiGraph
        From `networks.actor_graph`.
    actors : DataFrame
        The table actors.
    language : Language
    hub : str
        The actor whose links are drawn to the right.
    """
    names = {row["actor_id"]: language.pick(row, "name") for _, row in actors.iterrows()}
    others = graph.subgraph(actor for actor in graph if actor != hub)
    trunks = _trunks(others)
    cards, headings, notes, height = _lay_out(graph, hub, trunks, names, language)
    trunks = _in_lanes(trunks, cards)
    with mpl.rc_context(PARAMETERS):
        figure, axes = canvas(WIDTH, height)
        for top, text in headings:
            axes.text(LEFT, top + 0.19, text, weight="bold", size=9.5)
        for top, text in notes:
            axes.text(LEFT, top, text, size=NOTE, color=MUTED, va="top", linespacing=1.25)
        _draw_hub(axes, names[hub], height)
        for trunk in trunks:
            _draw_trunk(axes, trunk, trunks, cards)
        for card in cards.values():
            _draw_card(axes, card, FAMILIES[FAMILY[graph.nodes[card.actor_id]["kind"]]])
            _draw_hub_links(axes, graph, card, hub)
        _draw_legend(figure, language)
    return figure


def _trunks(others: nx.MultiDiGraph) -> list[Trunk]:
    """One trunk for each actor and each relation that ends at it; lanes come later."""
    ends: dict[tuple[str, str], dict[str, str]] = {}
    for start, end, relation, assignment in others.edges(keys=True, data="assignment"):
        ends.setdefault((end, relation), {})[start] = assignment
    return [Trunk(target, relation, sources, 0) for (target, relation), sources in ends.items()]


def _lay_out(
    graph: nx.MultiDiGraph, hub: str, trunks: list[Trunk], names: dict[str, str], language: Language
) -> tuple[dict[str, Card], list[tuple[float, str]], list[tuple[float, str]], float]:
    """Place cards, headings of the levels and notes from top to bottom; the last number is the height of it all."""
    cards: dict[str, Card] = {}
    headings, notes, top = [], [], TOP
    for level in LEVELS:
        here = [actor for actor, at in graph.nodes("level") if at == level and actor != hub]
        headings.append((top, language.label("actor_level", level)))
        top += 0.26
        for actor in here:
            if graph.degree(actor):
                lines = wrap(names[actor], CARD - 0.16)
                left = sum(actor in trunk.actors for trunk in trunks)
                right = graph.number_of_edges(actor, hub) + graph.number_of_edges(hub, actor)
                height = max(len(lines) * LINE, (left + 1) * PITCH, (right + 1) * PITCH) + 0.045
                cards[actor] = Card(actor, lines, top, height)
                top += height + 0.03
        alone = [names[actor] for actor in here if not graph.degree(actor)]
        if alone:
            lines = wrap(language.text("actors.unlinked", names=", ".join(alone)), RIGHT - LEFT - 0.15, NOTE)
            notes.append((top + 0.03, "\n".join(lines)))
            top += 0.15 * len(lines) + 0.05
        top += 0.05
    return cards, headings, notes, top + 0.04


def _in_lanes(trunks: list[Trunk], cards: dict[str, Card]) -> list[Trunk]:
    """Give each trunk the first lane, from the cards outwards, where it meets no other; the short ones first."""
    lanes: list[list[tuple[float, float]]] = []
    placed = []

    def span(trunk: Trunk) -> tuple[float, float]:
        tops = [cards[actor].top for actor in trunk.actors]
        bottoms = [cards[actor].top + cards[actor].height for actor in trunk.actors]
        return min(tops), max(bottoms)

    for trunk in sorted(trunks, key=lambda trunk: (span(trunk)[1] - span(trunk)[0], trunk.target, trunk.relation)):
        first, last = span(trunk)
        free = (n for n, taken in enumerate(lanes) if all(last < top or bottom < first for top, bottom in taken))
        lane = next(free, len(lanes))
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append((first, last))
        placed.append(Trunk(trunk.target, trunk.relation, trunk.sources, lane))
    return placed


def _ports(card: Card, trunks: list[Trunk], cards: dict[str, Card]) -> dict[tuple[str, str], float]:
    """Heights at which the trunks leave the left side of a card, in an order in which they do not cross there.

    From top to bottom: those that go up, the nearest lane first; those that go both ways; those that go down, the
    nearest lane last.
    """

    def order(trunk: Trunk) -> tuple[int, int]:
        ends = trunk.sources if trunk.target == card.actor_id else [trunk.target]
        ways = {cards[end].top > card.top for end in ends}
        return (1, 0) if len(ways) > 1 else (2, -trunk.lane) if ways == {True} else (0, trunk.lane)

    mine = sorted((trunk for trunk in trunks if card.actor_id in trunk.actors), key=order)
    return {(t.target, t.relation): y for t, y in zip(mine, _spread(card, len(mine)), strict=True)}


def _spread(card: Card, count: int) -> list[float]:
    """Heights of some lines that leave a card, evenly around its middle."""
    step = min(0.09, card.height / (count + 1))
    return [card.middle + step * (n - (count - 1) / 2) for n in range(count)]


def _draw_card(axes: Axes, card: Card, fill: str) -> None:
    axes.add_patch(Rectangle((LEFT, card.top), CARD, card.height, facecolor=fill, edgecolor=BASE, linewidth=0.6))
    for n, line in enumerate(card.lines):
        y = card.middle + LINE * (n - (len(card.lines) - 1) / 2)
        axes.text(LEFT + 0.08, y, line, size=SIZE, va="center_baseline")


def _draw_hub(axes: Axes, name: str, height: float) -> None:
    fill = FAMILIES[LOCAL]
    top, bottom = TOP + 0.27, height - 0.08
    axes.add_patch(Rectangle((RIGHT, top), HUB, bottom - top, facecolor=fill, edgecolor=BASE, linewidth=0.6))
    for part in (0.25, 0.75):
        y = top + part * (bottom - top)
        axes.text(RIGHT + HUB / 2, y, name, rotation=270, ha="center", va="center", weight="bold", size=13)


def _line(axes: Axes, xs: Sequence[float], ys: Sequence[float], relation: str, assignments: Iterable[str]) -> None:
    """A line of one or several links: full where the text states one of them."""
    color, _ = RELATIONS[relation]
    style = "-" if any(assignment in STATED for assignment in assignments) else DASHES
    axes.plot(xs, ys, color=color, linewidth=1.3, linestyle=style, solid_capstyle="butt")


def _sign(axes: Axes, x: float, y: float, relation: str) -> None:
    color, marker = RELATIONS[relation]
    axes.plot(x, y, marker, color=color, markersize=4.6, markeredgewidth=0)


def _head(axes: Axes, x: float, y: float, relation: str, marker: str = ">") -> None:
    color, _ = RELATIONS[relation]
    axes.plot(x, y, marker, color=color, markersize=5, markeredgewidth=0)


def _draw_hub_links(axes: Axes, graph: nx.MultiDiGraph, card: Card, hub: str) -> None:
    columns = list(RELATIONS)
    links = [(key, kept, ">") for _, end, key, kept in _edges(graph, card.actor_id) if end == hub]
    links += [(key, kept, "<") for _, end, key, kept in _edges(graph, hub) if end == card.actor_id]
    links.sort(key=lambda link: columns.index(link[0]))
    for y, (relation, assignment, way) in zip(_spread(card, len(links)), links, strict=True):
        _line(axes, (LEFT + CARD + 0.04, RIGHT - 0.04), (y, y), relation, [assignment])
        _head(axes, RIGHT - 0.05 if way == ">" else LEFT + CARD + 0.05, y, relation, way)
        _sign(axes, LEFT + CARD + 0.3 * (columns.index(relation) + 1), y, relation)


def _edges(graph: nx.MultiDiGraph, start: str) -> Iterator[tuple[str, str, str, str]]:
    yield from graph.out_edges(start, keys=True, data="assignment")


def _draw_trunk(axes: Axes, trunk: Trunk, trunks: list[Trunk], cards: dict[str, Card]) -> None:
    x = LEFT - 0.2 - trunk.lane * LANE
    heights = {a: _ports(cards[a], trunks, cards)[trunk.target, trunk.relation] for a in trunk.actors}
    end = heights[trunk.target]
    for above, below in pairwise(sorted(heights.values())):
        passing = [
            kept
            for actor, kept in trunk.sources.items()
            if min(heights[actor], end) <= above and below <= max(heights[actor], end)
        ]
        _line(axes, (x, x), (above, below), trunk.relation, passing)
    for actor, y in heights.items():
        ending = trunk.sources.values() if actor == trunk.target else [trunk.sources[actor]]
        _line(axes, (x, LEFT - 0.02), (y, y), trunk.relation, ending)
        _sign(axes, x, y, trunk.relation)
    _head(axes, LEFT - 0.05, end, trunk.relation)


def _draw_legend(figure: Figure, language: Language) -> None:
    handles: list[Artist] = signs_legend("actor_relation", RELATIONS, language)
    for family, fill in FAMILIES.items():
        handles.append(Patch(facecolor=fill, edgecolor=BASE, label=language.text(family)))
    for code in ("text", "inferred"):
        style: Any = "-" if code in STATED else DASHES
        label = language.label("assignment", code)
        handles.append(Line2D([], [], color=INK, linewidth=1.3, linestyle=style, label=label))
    figure.legend(handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=9, handlelength=2.6)
