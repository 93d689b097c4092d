"""The drawing of memberships: collectivities and networks face to face."""

import matplotlib as mpl
import networkx as nx
import pandas as pd
from matplotlib.figure import Figure

from citydiplo.canvas import GREEN, LINE, ORANGE, PURPLE, SIZE, WIDTH, canvas, signs_legend, wrap
from citydiplo.language import Language
from citydiplo.style import BLUE, PARAMETERS, VERMILION

# Each role has a colour and a sign, so that none is told by colour alone.
ROLES = {
    "member": (BLUE, "o"),
    "founder": (GREEN, "^"),
    "presides": (VERMILION, "s"),
    "participant": (PURPLE, "D"),
    "signatory": (ORANGE, "v"),
}

BETWEEN = (2.75, 4.55)  # where the lines of memberships start and end
NAMES = 3.15  # width of a name of a network


def membership_map(
    graph: nx.Graph,
    sides: tuple[list[str], list[str]],
    memberships: pd.DataFrame,
    networks: pd.DataFrame,
    language: Language,
) -> Figure:
    """Draw collectivities and networks face to face, a line for each documented link.

    Parameters
    ----------
    graph : Graph
        From `networks.membership_graph`.
    sides : (collectivities, networks)
        From `networks.untangle`: the order of drawing, component by component.
    memberships, networks : DataFrame
        The tables of these names.
    language : Language
    """
    names = {row["network_id"]: network_name(row, language) for _, row in networks.iterrows()}
    names |= dict(zip(memberships["collectivity_id"], memberships["collectivity"], strict=True))
    rows, height = _face_to_face(graph, sides, names)
    with mpl.rc_context(PARAMETERS):
        figure, axes = canvas(WIDTH, height)
        for link in memberships.itertuples():
            color, marker = ROLES[link.role]
            start, end = rows[link.collectivity_id], rows[link.network_id]
            axes.plot((BETWEEN[0], BETWEEN[1]), (start, end), color=color, linewidth=1.3)
            x, y = (a + 0.4 * (b - a) for a, b in (BETWEEN, (start, end)))
            axes.plot(x, y, marker, color=color, markersize=5, markeredgewidth=0)
        for side, x, align in zip(sides, (BETWEEN[0] - 0.08, BETWEEN[1] + 0.1), ("right", "left"), strict=True):
            for node in side:
                text = "\n".join(wrap(names[node], NAMES))
                axes.text(x, rows[node], text, size=SIZE, ha=align, va="center", linespacing=1.1)
        handles = signs_legend("membership_role", ROLES, language)
        figure.legend(handles=handles, loc="upper left", ncols=5, frameon=False, fontsize=9, columnspacing=1.4)
    return figure


def network_name(row: pd.Series, language: Language) -> str:
    """The name of a network, with its acronym where it has one."""
    name = language.pick(row, "name")
    return name if pd.isna(row["acronym"]) else f"{name} ({row['acronym']})"


def _face_to_face(
    graph: nx.Graph, sides: tuple[list[str], list[str]], names: dict[str, str]
) -> tuple[dict[str, float], float]:
    """The height of each node, each component in a block of its own, and the height of it all."""
    rows: dict[str, float] = {}
    top = 0.5
    for node in sides[0]:
        if node in rows:
            continue
        part = nx.node_connected_component(graph, node)
        columns = [[other for other in side if other in part] for side in sides]
        steps = [[0.06 + LINE * len(wrap(names[other], NAMES)) for other in column] for column in columns]
        block = max(map(sum, steps))
        for column, heights in zip(columns, steps, strict=True):
            room = (block - sum(heights)) / len(column)
            y = top
            for other, height in zip(column, heights, strict=True):
                rows[other] = y + (height + room) / 2
                y += height + room
        top += block + 0.05
    return rows, top + 0.05
