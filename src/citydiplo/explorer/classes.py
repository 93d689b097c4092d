"""The classes that the explorer filters and counts by: which row has which codes, worked out once as arrays."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Classes:
    """Rows in classes; a row may be in several, and is in one at least.

    Attributes
    ----------
    labels : dict
        Code → label for readers, in reading order: exactly the codes that some row has.
    rows, codes : ndarray of int
        Pairs: the position of a row, and the position in ``labels`` of a code that it has.
    size : int
        How many rows there are.
    """

    labels: dict[str, str]
    rows: np.ndarray
    codes: np.ndarray
    size: int

    @classmethod
    def of(cls, cells: pd.Series, labels: Mapping[str, str], missing: str) -> "Classes":
        """Read classes from cells.

        Parameters
        ----------
        cells : Series
            Codes, or lists of codes separated by ``;``; missing where nothing is documented.
        labels : mapping
            Code → label, in reading order; it may have codes that do not occur.
        missing : str
            The code that stands for a missing cell: one of ``labels``.
        """
        lists = cells.astype("object").where(cells.notna(), missing).str.split(";")
        pairs = pd.DataFrame({"row": np.arange(len(cells)), "code": lists.array}).explode("code").drop_duplicates()
        occurring = set(pairs["code"])
        kept = {code: label for code, label in labels.items() if code in occurring}
        position = {code: number for number, code in enumerate(kept)}
        codes = pairs["code"].map(position).to_numpy(dtype=np.intp)
        return cls(kept, pairs["row"].to_numpy(dtype=np.intp), codes, len(cells))

    def having(self, wanted: Collection[str]) -> np.ndarray:
        """Which rows have one of these codes."""
        chosen = np.array([code in wanted for code in self.labels], dtype=bool)
        mask = np.zeros(self.size, dtype=bool)
        mask[self.rows[chosen[self.codes]]] = True
        return mask

    def within(self, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows and codes of the pairs whose row is kept."""
        shown = kept[self.rows]
        return self.rows[shown], self.codes[shown]
