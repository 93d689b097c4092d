"""
The level of a number asked of the respondents: the median of its classes, its mean and quartiles group by group.

Means give sums back, and sums can be subtracted: those of a division of the collectivities are shown together or not
at all. Quartiles of a group go by `disclosure.summarised`.

What is not checked: a mean beside the counts by class of the same group narrows the counts that are withheld.
"""

import math

import numpy as np
import pandas as pd

from citydiplo.survey import disclosure, tabulation
from citydiplo.survey.audit import Bracket, grouped_median
from citydiplo.survey.disclosure import WITHIN
from citydiplo.survey.questionnaire import Question
from citydiplo.survey.resources import BUDGET_CLASSES, INFINITY
from citydiplo.survey.suppression import THRESHOLD
from citydiplo.survey.tabulation import PLACES

PARTS = ["mean", "lower_quartile", "median", "upper_quartile"]


def median_class(table: pd.DataFrame) -> str | None:
    """The class of the budgets that holds their median.

    Parameters
    ----------
    table : DataFrame
        Counts by class, published: see `citydiplo.survey.disclosure`.

    Returns
    -------
    str or None
        None if a count is withheld, or if nobody answered.
    """
    if (table["mark"] == "secret").any() or not table["count"].sum():
        return None
    reached = table["count"].cumsum() >= table["count"].sum() / 2
    return str(table.loc[reached.idxmax(), "category"])


def budget_median(table: pd.DataFrame) -> float | None:
    """The median of budgets counted by class, spread evenly within each; None where it cannot be told.

    Parameters
    ----------
    table : DataFrame
        As in `median_class`: none if that is none, or an open class.
    """
    found = median_class(table)
    if found is None or BUDGET_CLASSES[found][1] == INFINITY:
        return None
    counts = table.set_index("category")["count"]
    return grouped_median([Bracket(*ends, int(counts[code])) for code, ends in BUDGET_CLASSES.items()])


def by_group(answers: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Summarise a number in the groups of each division of the collectivities, as far as it may be told.

    Unless the question is open, the means of a division are shown if each of its groups that has answers, and those of
    no group together, have `THRESHOLD` of them, not all of them nought, and, of a division of communes or of EPCI, if
    the means of communes and EPCI are shown too: any sum that a reader can compute is then that of `THRESHOLD`
    respondents or more.

    Returns
    -------
    DataFrame
        One row a group of each of `tabulation.PLACES` in which somebody answered: by, group, count (those who gave
        the number), and `PARTS`, missing where they may not be told.
    """
    rows: list[dict[str, object]] = []
    means: dict[str, bool] = {}
    for by, groups in PLACES.items():
        ticked = tabulation.places(answers, by).ticked
        found = [tabulation.numeric(answers[ticked[:, place]], question) for place in range(len(groups))]
        rest = answers[~ticked.any(axis=1) & _divided(answers, by)]
        parts = [*found, tabulation.numeric(rest, question)]
        safe = all(part.count == 0 or (part.count >= THRESHOLD and part.mean > 0) for part in parts)
        means[by] = question.confidentiality == "open" or (safe and means.get("place_kind", True))
        for group, summary in zip(groups, found, strict=True):
            told = disclosure.summarised(summary, question)
            levels = {part: getattr(told, part) for part in PARTS} | ({} if means[by] else {"mean": math.nan})
            rows += [{"by": by, "group": group, "count": summary.count} | levels] if summary.count else []
    return pd.DataFrame(rows, columns=["by", "group", "count", *PARTS])


def _divided(answers: pd.DataFrame, by: str) -> np.ndarray:
    """Those whom a division is about: all, the communes or the EPCI."""
    if by == "place_kind":
        return np.ones(len(answers), dtype=bool)
    kinds = tabulation.places(answers, "place_kind")
    return kinds.ticked[:, kinds.codes.index(WITHIN[by])]
