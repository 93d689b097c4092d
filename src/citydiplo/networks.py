"""
Graphs of the field: who finances, advises, composes or lobbies whom, and which collectivity is in which network.

A link is in a graph because a source says so; that two nodes have no link says nothing.
"""

from collections.abc import Iterator

import networkx as nx
import pandas as pd
from networkx.algorithms import bipartite

# The relations in which money is said to pass. Whoever composes a body often pays a fee too, but the sources
# seldom say so of the pair (column derivation of actor_links.csv): it is not counted here.
FINANCING = ("finance", "finance_and_support_projects")

# The assignments that mean that a text states the link; the others are our reading.
STATED = ("printed", "text")

# Counts that readers take for one another, though the sources name them differently: indicator → its group.
SAME_GROUP = {"partnerships_ongoing": "projects"}


def actor_graph(actors: pd.DataFrame, links: pd.DataFrame) -> nx.MultiDiGraph:
    """Build the directed graph of the actors; an edge leads from who acts to whom it acts on.

    Parameters
    ----------
    actors, links : DataFrame
        The tables actors and actor_links.

    Returns
    -------
    MultiDiGraph
        Nodes: actor_id, with kind and level, in the order of the table. Edges: the key is the relation, with
        assignment.

    Raises
    ------
    ValueError
        If a link names an actor that the table does not have.
    """
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((row.actor_id, {"kind": row.kind, "level": row.level}) for row in actors.itertuples())
    for link in links.itertuples():
        if unknown := {link.from_actor, link.to_actor} - set(graph):
            raise ValueError(f"not in the table of actors: {', '.join(sorted(unknown))}")
        graph.add_edge(link.from_actor, link.to_actor, key=link.relation, assignment=link.assignment)
    return graph


def degrees(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Count, for each actor, the other actors that it acts on and that act on it.

    Parameters
    ----------
    graph : MultiDiGraph
        From `actor_graph`.

    Returns
    -------
    DataFrame
        One row an actor, in the order of the graph: actor_id; acts_on and acted_on_by (numbers of distinct actors,
        whatever the relation); finances and financed_by (the same for the relations `FINANCING`).
    """
    money = nx.MultiDiGraph()
    money.add_nodes_from(graph)
    money.add_edges_from((start, end) for start, end, relation in graph.edges(keys=True) if relation in FINANCING)
    rows = [
        (actor, len(graph.succ[actor]), len(graph.pred[actor]), len(money.succ[actor]), len(money.pred[actor]))
        for actor in graph
    ]
    return pd.DataFrame(rows, columns=["actor_id", "acts_on", "acted_on_by", "finances", "financed_by"])


def by_relation(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """List who acts and whom on, relation by relation.

    Parameters
    ----------
    graph : MultiDiGraph
        From `actor_graph`.

    Returns
    -------
    DataFrame
        One row a relation, the most frequent first: relation; acting and acted_on (lists of distinct actor_id, in the
        order of the graph); links (their number) and inferred (how many of them no text says outright).
    """
    edges = nx.to_pandas_edgelist(graph, source="from_actor", target="to_actor", edge_key="relation")
    order = list(graph)
    rows = [
        {
            "relation": relation,
            "acting": sorted(set(group["from_actor"]), key=order.index),
            "acted_on": sorted(set(group["to_actor"]), key=order.index),
            "links": len(group),
            "inferred": int((~group["assignment"].isin(STATED)).sum()),
        }
        for relation, group in edges.groupby("relation")
    ]
    return pd.DataFrame(rows).sort_values(["links", "relation"], ascending=[False, True], ignore_index=True)


def membership_graph(memberships: pd.DataFrame) -> nx.Graph:
    """Build the bipartite graph of collectivities and networks, whatever the role.

    Parameters
    ----------
    memberships : DataFrame
        The table memberships.

    Returns
    -------
    Graph
        Nodes: collectivity_id and network_id, told apart by their attribute bipartite (0 and 1).
    """
    graph = nx.Graph()
    graph.add_nodes_from(memberships["collectivity_id"], bipartite=0)
    graph.add_nodes_from(memberships["network_id"], bipartite=1)
    graph.add_edges_from(zip(memberships["collectivity_id"], memberships["network_id"], strict=True))
    return graph


def untangle(graph: nx.Graph) -> tuple[list[str], list[str]]:
    """Order the two sides of a bipartite graph so that few lines cross when they are drawn face to face.

    Connected components stay together, those with most links first. Within each, every node in turn moves to where
    fewest lines cross, until no move helps (sifting: Matuszewski, Schönfeld and Molitor, Graph Drawing, 1999).

    Parameters
    ----------
    graph : Graph
        From `membership_graph`.

    Returns
    -------
    (collectivities, networks) : tuple of lists
    """
    components = [graph.subgraph(nodes) for nodes in nx.connected_components(graph)]
    components.sort(key=lambda part: (-part.number_of_edges(), min(part)))
    sides: tuple[list[str], list[str]] = ([], [])
    for part in components:
        for side, nodes in zip(sides, _sift(part), strict=True):
            side.extend(nodes)
    return sides


def _sift(part: nx.Graph) -> list[list[str]]:
    sides = [sorted(node for node, side in part.nodes("bipartite") if side == wanted) for wanted in (0, 1)]
    before = None
    while (now := crossings(part, *sides)) != before:
        before = now
        for side in (0, 1):
            for node in sorted(sides[side]):
                sides = min(_moves(sides, side, node), key=lambda moved: crossings(part, *moved))
    return sides


def _moves(sides: list[list[str]], side: int, node: str) -> Iterator[list[list[str]]]:
    """The sides as they are, then with the node at each place of its side."""
    yield sides
    rest = [other for other in sides[side] if other != node]
    for place in range(len(rest) + 1):
        moved = [*rest[:place], node, *rest[place:]]
        yield [moved, sides[1]] if side == 0 else [sides[0], moved]


def crossings(graph: nx.Graph, left: list[str], right: list[str]) -> int:
    """Count the pairs of edges that cross when the two sides are drawn face to face in these orders."""
    row = {node: position for side in (left, right) for position, node in enumerate(side)}
    ends = [(row[a], row[b]) for a in left for b in graph[a]]
    return sum((a - c) * (b - d) < 0 for n, (a, b) in enumerate(ends) for c, d in ends[:n])


def shared_networks(graph: nx.Graph) -> pd.DataFrame:
    """Count, for each two collectivities, the networks that both have a documented link with.

    Parameters
    ----------
    graph : Graph
        From `membership_graph`.

    Returns
    -------
    DataFrame
        Columns collectivity_id, other_id and networks; pairs that share none are left out.
    """
    collectivities = [node for node, side in graph.nodes("bipartite") if side == 0]
    pairs = bipartite.weighted_projected_graph(graph, collectivities).edges(data="weight")
    rows = sorted((*sorted(ends), weight) for *ends, weight in pairs)
    return pd.DataFrame(rows, columns=["collectivity_id", "other_id", "networks"])


def coverage(networks: pd.DataFrame, memberships: pd.DataFrame) -> pd.DataFrame:
    """Set the collectivities documented in each network against the number of members it is said to have.

    Parameters
    ----------
    networks, memberships : DataFrame
        The tables of these names.

    Returns
    -------
    DataFrame
        The networks with a number of members and at least one documented collectivity: the columns of the table, and
        documented (number of collectivities, whatever their role).
    """
    documented = memberships.groupby("network_id")["collectivity_id"].nunique()
    known = networks[networks["members"].notna() & networks["network_id"].isin(documented.index)]
    return known.assign(documented=known["network_id"].map(documented)).reset_index(drop=True)


def condensed(networks: pd.DataFrame) -> pd.DataFrame:
    """Bring the regional multi-actor networks (RRMA) together in one row, as the study's summary table does.

    Parameters
    ----------
    networks : DataFrame
        The table networks.

    Returns
    -------
    DataFrame
        Its rows in its order, those of the RRMA but the first left out; that one has what most of them share, and of
        their perimeter what stands before the semicolon, after which each names its region.
    """
    regional = networks["kind"] == "regional_network"
    shared = networks[regional].mode().iloc[0].to_dict()
    for column in ("perimeter_fr", "perimeter_en"):
        shared[column] = shared[column].split(";")[0].strip()
    kept = networks[~(regional & regional.duplicated())].copy()
    columns = [f"{field}_{code}" for field in ("perimeter", "governance", "services") for code in ("fr", "en")]
    kept.loc[kept["kind"] == "regional_network", columns] = [shared[column] for column in columns]
    return kept.reset_index(drop=True)


def of_the_regions(regions: pd.DataFrame, regional: pd.DataFrame, networks: pd.DataFrame) -> pd.DataFrame:
    """Give each of the 18 regions its regional multi-actor network (RRMA), where a source names one.

    Parameters
    ----------
    regions, regional, networks : DataFrame
        The tables regions, regional_networks and networks. The overseas collectivities that regions also lists, with
        codes of three digits, are not regions and are left out.

    Returns
    -------
    DataFrame
        region_code, name (of the region), name_fr, name_en and acronym of its network (missing where none is named),
        source_id and locator.
    """
    named = regional.merge(networks[["network_id", "name_fr", "name_en", "acronym"]], on="network_id")
    columns = ["region_code", "name_fr", "name_en", "acronym", "source_id", "locator"]
    return regions[regions["region_code"].str.len() == 2].merge(named[columns], on="region_code", how="left")


def stated_twice(aggregates: pd.DataFrame) -> pd.DataFrame:
    """Keep the national counts that the sources state more than once.

    Parameters
    ----------
    aggregates : DataFrame
        The table national_aggregates.

    Returns
    -------
    DataFrame
        Its rows, with group: the indicator, or the one it is taken for (`SAME_GROUP`); the groups in the order of the
        table, the oldest statement of each first.
    """
    grouped = aggregates.assign(group=aggregates["indicator"].replace(SAME_GROUP))
    repeated = grouped[grouped.duplicated("group", keep=False)]
    order = list(dict.fromkeys(repeated["group"]))
    return repeated.sort_values(
        ["group", "year"], key=lambda c: c.map(order.index) if c.name == "group" else c, kind="stable"
    ).reset_index(drop=True)
