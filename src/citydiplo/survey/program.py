"""A program of variables that are 0 or 1, written row by row and solved by scipy."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from citydiplo.survey.audit import INFINITY

# A sum of variables: which one, how many times.
Expression = dict[int, float]


@dataclass
class Program:
    """A binary program, written row by row."""

    costs: list[float] = field(default_factory=list)
    rows: list[tuple[Expression, float, float]] = field(default_factory=list)

    def variable(self, cost: float = 0.0) -> int:
        """Add a variable that is 0 or 1."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def require(self, expression: Expression, low: float, high: float) -> None:
        """Keep a sum of variables between two bounds."""
        self.rows.append((expression, low, high))

    def both(self, one: Expression, other: Expression) -> int:
        """A variable that is 1 where two sums that are 0 or 1 both are."""
        found = self.variable()
        for expression in (one, other):
            self.require(add({found: 1}, expression, -1), -INFINITY, 0)
        self.require(add(add({found: 1}, one, -1), other, -1), -1, INFINITY)
        return found

    def solve(self) -> np.ndarray:
        """The values of the variables at least cost.

        Raises
        ------
        ValueError
            If no values satisfy all requirements.
        """
        entries = [(row, column, x) for row, (sums, _, _) in enumerate(self.rows) for column, x in sums.items()]
        at, columns, numbers = zip(*entries, strict=True)
        matrix = csr_array((numbers, (at, columns)), shape=(len(self.rows), len(self.costs)))
        limits = LinearConstraint(matrix, [low for _, low, _ in self.rows], [high for *_, high in self.rows])
        found = milp(self.costs, constraints=limits, integrality=1, bounds=(0, 1), options={"mip_rel_gap": 0})
        if found.x is None:
            raise ValueError(f"no set of answers gives back the printed figures: {found.message}")
        return np.round(found.x).astype(int)


def add(sums: Expression, more: Expression, times: float = 1) -> Expression:
    """A sum of variables and so many times another."""
    return {key: sums.get(key, 0) + times * more.get(key, 0) for key in {**sums, **more}}
