"""The graph of twin towns: places as nodes, partnerships as edges, and its statistics."""

import math
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from citydiplo.places import distance_km


def build(pairs: pd.DataFrame) -> nx.Graph:
    """Build the undirected simple graph of the pairs.

    A pair that is listed twice, or from both sides, is one edge; a place paired with itself has none.

    Parameters
    ----------
    pairs : DataFrame
        Columns origin, partner (any identifiers; the same place must have the same on both sides), origin_latitude,
        origin_longitude, partner_latitude and partner_longitude (degrees, may be missing): see `geography.pairs`.

    Returns
    -------
    Graph
        Nodes: the identifiers. Edges have distance_km, missing where a point is.
    """
    distances = distance_km(
        pairs["origin_latitude"], pairs["origin_longitude"], pairs["partner_latitude"], pairs["partner_longitude"]
    )
    edges = pd.DataFrame({"one": pairs["origin"], "other": pairs["partner"], "distance_km": distances})
    graph = nx.from_pandas_edgelist(edges, "one", "other", "distance_km")
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def gini(values: ArrayLike) -> float:
    """Gini coefficient of numbers that are not negative: 0 if all are equal, near 1 if one has all.

    Half the mean absolute difference over the mean, by the formula on sorted values (Sen, On Economic Inequality,
    1973); no correction for small samples. Missing for no values, or if all are nought.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count, total = len(ordered), ordered.sum()
    if not total:
        return math.nan
    return float(2 * (np.arange(1, count + 1) * ordered).sum() / (count * total) - (count + 1) / count)


@dataclass(frozen=True)
class GraphStatistics:
    """A summary of a graph.

    Attributes
    ----------
    nodes, edges, components : int
    largest_component : int
        Its number of nodes.
    mean_degree : float
    clustering : float
        Mean over all nodes of Watts and Strogatz's local coefficient, nought below two neighbours.
    transitivity : float
        Three times the triangles over the connected triples.
    assortativity : float
        The correlation of the degrees at both ends of the edges (Newman, Assortative mixing in networks, Physical
        Review Letters 89, 2002); missing (NaN) where all degrees are equal.
    gini : float
        Of the degrees.
    mean_km : float
        Mean distance of the edges that have one; missing (NaN) if none has.
    """

    nodes: int
    edges: int
    components: int
    largest_component: int
    mean_degree: float
    clustering: float
    transitivity: float
    assortativity: float
    gini: float
    mean_km: float


def statistics(graph: nx.Graph) -> GraphStatistics:
    """Summarise a simple graph, from `build` or other; the distance of an edge is its distance_km.

    Raises
    ------
    ValueError
        If the graph has no edge.
    """
    if not graph.number_of_edges():
        raise ValueError("a graph without edges has no statistics")
    degrees = np.array([degree for _, degree in graph.degree()])
    distances = np.array([km for *_, km in graph.edges(data="distance_km", default=math.nan)], dtype=float)
    known = distances[~np.isnan(distances)]
    components = [len(nodes) for nodes in nx.connected_components(graph)]
    uneven = len(set(degrees[degrees > 0])) > 1
    # Both coefficients from one count of the triangles: networkx counts anew for each, and slowly around hubs.
    triangles = np.array(list(nx.triangles(graph).values()))
    triples = degrees * (degrees - 1) / 2
    return GraphStatistics(
        nodes=graph.number_of_nodes(),
        edges=graph.number_of_edges(),
        components=len(components),
        largest_component=max(components),
        mean_degree=float(degrees.mean()),
        clustering=float(np.divide(triangles, triples, out=np.zeros(len(degrees)), where=triples > 0).mean()),
        transitivity=float(triangles.sum() / triples.sum()) if triples.any() else 0.0,
        assortativity=float(nx.degree_assortativity_coefficient(graph)) if uneven else math.nan,
        gini=gini(degrees),
        mean_km=float(known.mean()) if len(known) else math.nan,
    )
