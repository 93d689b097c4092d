"""
What distances chance would give: null models of partnerships, and observed values beside them.

A null model keeps something of the data and draws the rest. What it keeps decides what a difference from it means:

- ``endpoint_permutation`` shuffles the partners among the French collectivities: each collectivity and each place
  abroad keeps its number of links. It asks whether, the places abroad being what they are, the nearer ones go together.
- ``rewiring`` is the same with no pair drawn twice: swaps of the ends of two links that never double a pair.
- ``population`` draws each partner from the places of a gazetteer in proportion to their population: only the number of
  links of each collectivity is kept. It asks whether partners are nearer than people are.

Every draw comes from numpy's default generator with a stated seed: the same seed gives the same draws.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from citydiplo.geography import NEAR_KM
from citydiplo.places import distance_km

MODELS = ("endpoint_permutation", "rewiring", "population")

Statistic = Callable[[np.ndarray], Any]

# On the distances of all links, in kilometres.
STATISTICS: Mapping[str, Statistic] = {
    "mean_km": np.mean,
    "median_km": np.median,
    "near_share": lambda distances: float(np.mean(distances < NEAR_KM)),
}

# Largest matrix of distances that is kept, in cells of 8 bytes.
CELLS = 20_000_000

# Rounds of swaps before the first draw, and between two draws. In a round half the links are in a proposed swap.
FIRST_ROUNDS, ROUNDS = 200, 10


@dataclass(frozen=True)
class Links:
    """Links as positions in lists of points.

    Attributes
    ----------
    origins, partners : array of int
        Of each link, the position of its two ends in the lists.
    origin_points, partner_points : array of float
        The lists: rows of (latitude, longitude), degrees.
    """

    origins: np.ndarray
    partners: np.ndarray
    origin_points: np.ndarray
    partner_points: np.ndarray

    @classmethod
    def of(cls, pairs: pd.DataFrame) -> "Links":
        """Read them from `geography.pairs`, in the order of the names, so that that of the rows does not matter."""
        pairs = pairs.sort_values(["origin", "partner"])
        origins, origin_points = _ends(pairs, "origin")
        partners, partner_points = _ends(pairs, "partner")
        return cls(origins, partners, origin_points, partner_points)

    def keys(self, partners: np.ndarray) -> np.ndarray:
        """One number for each pair, were the partners these."""
        return self.origins * len(self.partner_points) + partners

    def distances(self, partners: np.ndarray) -> np.ndarray:
        """The distances of the links, were the partners these; in kilometres."""
        ends = self.origin_points[self.origins], self.partner_points[partners]
        return distance_km(*ends[0].T, *ends[1].T)

    def matrix(self) -> np.ndarray:
        """The distances from each origin (rows) to each partner (columns), in kilometres."""
        shape = len(self.origin_points), len(self.partner_points)
        rows, columns = (positions.ravel() for positions in np.indices(shape))
        return distance_km(*self.origin_points[rows].T, *self.partner_points[columns].T).reshape(shape)


def _ends(pairs: pd.DataFrame, end: str) -> tuple[np.ndarray, np.ndarray]:
    codes, names = pd.factorize(pairs[end])
    if (codes < 0).any():
        raise ValueError(f"a pair without {end}")
    points = pairs.drop_duplicates(end)[[f"{end}_latitude", f"{end}_longitude"]].to_numpy(dtype=float)
    if not len(names) or np.isnan(points).any():
        raise ValueError("null models need pairs that have both points")
    return codes, points


@dataclass(frozen=True)
class Null:
    """Draws of a null model.

    Attributes
    ----------
    model : str
        One of `MODELS`.
    draws, seed : int
    values : DataFrame
        One row a draw, one column a statistic.
    """

    model: str
    draws: int
    seed: int
    values: pd.DataFrame


def observe(pairs: pd.DataFrame, statistics: Mapping[str, Statistic] = STATISTICS) -> pd.Series:
    """Compute the statistics of the distances of the pairs (`geography.pairs`)."""
    links = Links.of(pairs)
    return _summary(links.distances(links.partners), statistics)


def simulate(
    pairs: pd.DataFrame,
    model: str,
    *,
    draws: int = 200,
    seed: int,
    statistics: Mapping[str, Statistic] = STATISTICS,
    candidates: pd.DataFrame | None = None,
) -> Null:
    """Draw from a null model and compute the statistics of each draw.

    Parameters
    ----------
    pairs : DataFrame
        From `geography.pairs`.
    model : str
        One of `MODELS`.
    draws, seed : int
    statistics : mapping
        Name → function of the array of distances (km) of one draw.
    candidates : DataFrame
        For the model population: the places that can be drawn, with latitude, longitude and population, say the rows of
        ``places.gazetteer().places`` that are not in France.

    Raises
    ------
    ValueError
        If there is no such model, if a point is missing, if the model population has no candidates with people, or if
        pairs to rewire are not distinct.
    """
    generator = np.random.default_rng(seed)
    links = Links.of(pairs)
    if model == "population":
        links, chosen = _by_population(links, candidates, draws, generator)
    elif model == "endpoint_permutation":
        chosen = permutations(links, draws, generator)
    elif model == "rewiring":
        chosen = rewirings(links, draws, generator)
    else:
        raise ValueError(f"no null model {model!r}: choose {', '.join(MODELS)}")
    measure = _ruler(links, draws)
    values = pd.DataFrame([_summary(measure(partners), statistics) for partners in chosen])
    return Null(model, draws, seed, values)


def _summary(distances: np.ndarray, statistics: Mapping[str, Statistic]) -> pd.Series:
    return pd.Series({name: float(statistic(distances)) for name, statistic in statistics.items()})


def _ruler(links: Links, draws: int) -> Callable[[np.ndarray], np.ndarray]:
    """How to get the distances of a draw: from a matrix, where that takes fewer geodesics than the draws would."""
    cells = len(links.origin_points) * len(links.partner_points)
    if cells > min(CELLS, draws * len(links.origins)):
        return links.distances
    matrix = links.matrix().ravel()
    return lambda partners: matrix[links.keys(partners)]


def permutations(links: Links, draws: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Shuffle the partners among the links; a pair may come twice.

    Yields
    ------
    array of int
        The partner of each link: each origin and each partner has as many links as before.
    """
    for _ in range(draws):
        yield generator.permutation(links.partners)


def rewirings(links: Links, draws: int, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Swap the partners of two links at a time, never making a pair that exists.

    A Markov chain of double edge swaps (Maslov and Sneppen, Science 296, 2002) whose stationary distribution is uniform
    over the graphs with these degrees. In each round half the links, on average, are matched at random two by two, and
    all their swaps are proposed at once. A swap is made if neither its old nor its new pairs occur in another proposal,
    nor its new pairs in the graph. That is the same seen from the graph after the round, so the chain is symmetric; and
    a round may propose a single swap, so that every such graph can be reached. `FIRST_ROUNDS` give each link a hundred
    proposals before the first draw, as Milo et al. advise (arXiv:cond-mat/0312028); between two draws, with `ROUNDS`,
    hardly one in a thousand is never in one.

    Yields
    ------
    array of int
        The partner of each link: degrees as before, no pair twice.
    """
    if len(np.unique(links.keys(links.partners))) < len(links.partners):
        raise ValueError("rewiring needs distinct pairs")
    partners = links.partners.copy()
    for draw in range(draws):
        for _ in range(ROUNDS if draw else FIRST_ROUNDS):
            _swap(links, partners, generator)
        yield partners.copy()


def _swap(links: Links, partners: np.ndarray, generator: np.random.Generator) -> None:
    """Make one round of swaps in place."""
    half = len(partners) // 2
    order = generator.permutation(len(partners))
    proposed = generator.random(half) < 0.5
    one, other = order[:half][proposed], order[half : 2 * half][proposed]
    swapped = partners.copy()
    swapped[one], swapped[other] = partners[other], partners[one]
    old, new = links.keys(partners), links.keys(swapped)
    # A swap that changes nothing meets its own old pairs.
    _, place, times = np.unique(np.concatenate([old, new[one], new[other]]), return_inverse=True, return_counts=True)
    alone = times[place] == 1
    gone, first, second = np.split(alone, [len(old), len(old) + len(one)])
    made = gone[one] & gone[other] & first & second
    partners[one[made]], partners[other[made]] = partners[other[made]], partners[one[made]]


def _by_population(
    links: Links, candidates: pd.DataFrame | None, draws: int, generator: np.random.Generator
) -> tuple[Links, Iterator[np.ndarray]]:
    """The links with the candidates as partners, and draws of them; a pair may come twice."""
    if candidates is None or not candidates["population"].sum() > 0:
        raise ValueError("the model population needs candidates with people")
    weights = np.cumsum(candidates["population"].to_numpy(dtype=float))
    points = candidates[["latitude", "longitude"]].to_numpy(dtype=float)
    count = len(links.origins)
    drawn = (np.searchsorted(weights, generator.random(count) * weights[-1], side="right") for _ in range(draws))
    return Links(links.origins, links.partners, links.origin_points, points), drawn


def compare(observed: pd.Series, null: Null) -> pd.DataFrame:
    """Set observed values beside the draws of a null model.

    Parameters
    ----------
    observed : Series
        From `observe`, with the same statistics.
    null : Null

    Returns
    -------
    DataFrame
        One row a statistic: statistic, observed; null_mean, null_low and null_high (2.5 and 97.5 % of the draws); z
        (the difference from the mean in standard deviations of the draws, missing where these are all equal); p, the
        two-sided Monte Carlo p-value (1 + draws at least as far from the mean as the observed) / (1 + draws), which is
        never nought (Davison and Hinkley, Bootstrap Methods and their Application, 1997, 4.2); model, draws and seed.
    """
    values = null.values[observed.index]
    mean, spread = values.mean(), values.std(ddof=1)
    # Equal but for rounding, as where every draw is the same, counts as being as far.
    farther = (values - mean).abs() >= (observed - mean).abs() - 1e-9 * observed.abs()
    frame = pd.DataFrame(
        {
            "observed": observed,
            "null_mean": mean,
            "null_low": values.quantile(0.025),
            "null_high": values.quantile(0.975),
            "z": (observed - mean) / spread.where(spread > 1e-9 * mean.abs()),
            "p": (1 + farther.sum()) / (1 + null.draws),
        }
    )
    frame = frame.assign(model=null.model, draws=null.draws, seed=null.seed)
    return frame.rename_axis("statistic").reset_index()
