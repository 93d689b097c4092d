"""
Which counts to withhold, besides those that are too small, so that no small one can be computed back.

Counts published together are tied by sums. A reader who solves them finds, for each withheld count, the least and the
greatest number that agree with everything shown. The pattern chosen here withholds the fewest other counts that leave
that range wide enough around each small one. It is found as in Fischetti and Salazar (2001): an integer program
chooses the pattern; linear programs attack it; where an attack succeeds, its dual says of which further counts one or
more must be withheld, and the integer program chooses again. The tables found by the attacks that fail are kept: they
prove the pattern safe, whatever the solver did.

References
----------
L. H. Cox, "Suppression Methodology and Statistical Disclosure Control", Journal of the American Statistical
Association 75 (370), 1980. M. Fischetti and J. J. Salazar, "Solving the Cell Suppression Problem on Tabular Data with
Linear Constraints", Management Science 47 (7), 2001. A. Hundepool et al., Statistical Disclosure Control, Wiley, 2012,
chapters 4 and 5.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

# A count of respondents under this many is not told.
THRESHOLD = 3
# Between the least and the greatest number that a reader can suppose for a count under the threshold: three values
# remain at least, or all that the base allows where it is smaller.
WIDTH = 2
# Branches that the integer program explores before it gives its best pattern: a limit in time would give another
# pattern on another machine.
NODES = 20_000
EPSILON = 1e-6


@dataclass(frozen=True)
class System:
    """Counts published together, and the sums that tie them.

    Attributes
    ----------
    cells : DataFrame
        One row a count, in an order of its own: value (a number of respondents), secret (whether it may not be told
        under the threshold), hidden (never shown anyway, but part of a sum), cost (of withholding it; infinite for
        one that is always shown; any for a hidden one).
    equations : sparse array
        One row a sum, one column a count: ``equations @ value`` is nought.
    """

    cells: pd.DataFrame
    equations: csr_matrix

    @property
    def small(self) -> np.ndarray:
        """The counts that may not be told."""
        return (self.cells["secret"] & (self.cells["value"] < THRESHOLD)).to_numpy()

    @property
    def unknown(self) -> np.ndarray:
        """What a reader does not see even before anything else is withheld."""
        return self.small | self.cells["hidden"].to_numpy()

    @property
    def optional(self) -> np.ndarray:
        """The counts that can be withheld besides."""
        return ~self.unknown & np.isfinite(self.cells["cost"].to_numpy())


def withhold(system: System) -> np.ndarray:
    """Choose the counts to withhold.

    Returns
    -------
    array of bool
        For each cell whether a reader does not see it: hidden ones, small ones, and the fewest others (the cheapest,
        by their costs) that leave `WIDTH` around each small one. Each of the others has two possible values or more.
    """
    pattern = system.unknown
    ties = abs(system.equations)
    _, part = connected_components(ties.T @ ties, directed=False)
    for number in np.unique(part[system.small]):
        own = part == number
        rows = np.flatnonzero(abs(system.equations[:, own]).sum(axis=1))
        pattern[own] = _Attack(System(system.cells[own], system.equations[rows][:, own])).pattern()
    return pattern


def ranges(system: System, pattern: np.ndarray) -> pd.DataFrame:
    """What a reader can compute of each count: the least and the greatest number that agree with those shown.

    Parameters
    ----------
    system : System
    pattern : array of bool
        The counts that the reader does not see.

    Returns
    -------
    DataFrame
        Columns least and most, whole numbers, in the order of the cells.
    """
    attack = _Attack(system)
    found = [
        [attack.moved(cell, way, pattern, whole=True)[0][cell] for way in (-1, 1)] if hidden else [0, 0]
        for cell, hidden in enumerate(pattern)
    ]
    return pd.DataFrame(np.rint(found).astype(int) + attack.values[:, None], columns=["least", "most"])


class _Attack:
    """A system under attack: what the attacks have found so far.

    ``moves`` are differences between another possible table and the true one; ``cuts`` are pairs of coefficients and
    a bound that every safe pattern satisfies.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.values = system.cells["value"].to_numpy()
        self.most = self.values.sum() + WIDTH  # no count can be greater, or need to be
        self.moves = np.zeros((1, len(self.values)), dtype=int)
        self.cuts: list[tuple[np.ndarray, float]] = []

    def pattern(self) -> np.ndarray:
        """The cheapest safe pattern."""
        optional, small = self.system.optional, np.flatnonzero(self.system.small).tolist()
        everything = self.system.unknown | optional
        for cell in small:
            self._try(cell, WIDTH, everything)
        needed = np.minimum(WIDTH, self._width(everything)).astype(int)
        pattern = self.system.unknown
        while sum(self._breaks(cell, needed[cell], pattern) for cell in small):
            pattern = self.system.unknown | self._cheapest()
        used = self._possible(pattern).any(axis=0)
        return self.system.unknown | (pattern & used)

    def _possible(self, pattern: np.ndarray) -> np.ndarray:
        """The moves that a pattern leaves possible."""
        return self.moves[~(self.moves[:, ~pattern]).any(axis=1)]

    def _width(self, pattern: np.ndarray) -> np.ndarray:
        moves = self._possible(pattern)
        return moves.max(axis=0) - moves.min(axis=0)

    def _breaks(self, cell: int, needed: int, pattern: np.ndarray) -> bool:
        """Attack a cell; if it is found too closely, remember what would have prevented it."""
        reached, coefficients = self._try(cell, needed, pattern)
        if self._width(pattern)[cell] >= needed:
            return False
        optional = self.system.optional
        bound = needed - coefficients[self.system.unknown].sum()
        if reached >= needed - EPSILON:  # fractions of respondents would hide it, whole ones do not
            coefficients, bound = (~pattern).astype(float), 1.0
        self.cuts.append((np.minimum(coefficients, bound) * optional, bound))
        return True

    def _try(self, cell: int, needed: int, pattern: np.ndarray) -> tuple[float, np.ndarray]:
        """Look for tables in which a cell differs as needed: the width reached, and the dual bound on it by cell."""
        reached, coefficients = 0.0, np.zeros(len(self.values))
        for whole in (False, True):
            for way in (1, -1):
                if self._width(pattern)[cell] >= needed:
                    return float(needed), coefficients
                move, dual = self.moved(cell, way, pattern, whole)
                if not whole:
                    reached, coefficients = reached + abs(move[cell]), coefficients + dual
                if np.abs(move - np.rint(move)).max() < EPSILON:
                    self.moves = np.vstack([self.moves, np.rint(move).astype(int)])
            if reached < needed - EPSILON:
                break
        return reached, coefficients

    def moved(self, cell: int, way: int, pattern: np.ndarray, whole: bool) -> tuple[np.ndarray, np.ndarray]:
        """The table that differs most in a cell, upwards (1) or downwards (-1), as a difference with the true one.

        Returns
        -------
        tuple of two arrays
            The difference, and by cell the coefficients of the dual bound: no pattern lets the cell move further than
            the sum over the cells it withholds.
        """
        equations = self.system.equations
        goal = np.zeros(len(self.values))
        goal[cell] = -way
        down, up = self.values.astype(float), np.full(len(self.values), float(self.most))
        if whole:
            bounds = Bounds(-down * pattern, up * pattern)
            found = milp(goal, constraints=LinearConstraint(equations, 0, 0), bounds=bounds, integrality=1)
            return found.x, np.zeros(len(self.values))
        box = np.column_stack([-down * pattern, up * pattern])
        found = linprog(goal, A_eq=equations, b_eq=np.zeros(equations.shape[0]), bounds=box, method="highs-ds")
        reduced = goal - equations.T @ found.eqlin.marginals
        reduced[np.abs(reduced) < EPSILON] = 0
        return found.x, np.maximum(reduced, 0) * down + np.maximum(-reduced, 0) * up

    def _cheapest(self) -> np.ndarray:
        """The cheapest pattern that satisfies all cuts."""
        optional = np.flatnonzero(self.system.optional)
        rows = np.array([coefficients[optional] for coefficients, _ in self.cuts])
        found = milp(
            self.system.cells["cost"].to_numpy()[optional],
            constraints=LinearConstraint(csr_matrix(rows), [bound for _, bound in self.cuts], np.inf),
            bounds=Bounds(0, 1),
            integrality=1,
            options={"node_limit": NODES, "mip_rel_gap": 0},
        )
        chosen = np.ones(len(optional), dtype=bool) if found.x is None else found.x > 0.5
        pattern = np.zeros(len(self.values), dtype=bool)
        pattern[optional[chosen]] = True
        return pattern
