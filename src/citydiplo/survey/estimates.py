"""
What the tables of respondents say of all members: intervals, bounds for the silent, post-stratified shares.

A cell is a number of members: those in it among the members of its group, where the group is known for all members (a
place), else among all members. Of whom a conditional question would be asked, only respondents are known: its tables
have no intervals.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from citydiplo import inference
from citydiplo.inference import Share
from citydiplo.survey.questionnaire import Question
from citydiplo.survey.tabulation import EVERYONE, PLACES, places, ticks

BOUNDS = ["population", "low", "high", "least", "most"]

# The same few counts come back in table after table.
_share = lru_cache(maxsize=100_000)(inference.share)


def with_intervals(table: pd.DataFrame, question: Question, members: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Add to each cell of a table how many members it may stand for.

    Parameters
    ----------
    table : DataFrame
        From `tabulation.single`, `multiple` or `crossed`.
    question : Question
        The one it shows.
    members : DataFrame
        Rows of `collectivities.directory`: all to whom the questionnaire was sent.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        The table with population (members of the cell's group, or all), low and high (the exact interval of
        `inference.share` for the members in the cell), least and most (that number if no silent member, or every
        silent member, were in it). Missing for a question that is not asked of everybody.

    Raises
    ------
    ValueError
        If more answered than there are members.
    """
    if question.asked_if is not None:
        return table.assign(**dict.fromkeys(BOUNDS, pd.array([pd.NA] * len(table), dtype="Int64")))
    population, base = _populations(table, members)
    shares = [
        _share_of(int(count), int(known), int(size), level)
        for count, known, size in zip(table["count"], base, population, strict=True)
    ]
    return table.assign(**{name: pd.array([getattr(part, name) for part in shares], "Int64") for name in BOUNDS})


def _populations(table: pd.DataFrame, members: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Of each row: the members among whom its cell is, and how many of them have told whether they are in it."""
    if "by" not in table:
        return pd.Series(_size(members, "place_kind"), index=table.index), table["base"]
    (by,) = table["by"].unique()
    if by in PLACES:
        groups = places(members, by)
        sizes = dict(zip(groups.codes, groups.ticked.sum(axis=0), strict=True)) | {EVERYONE: groups.known.sum()}
        return table["group"].map(sizes), table["base"]
    both = table.loc[table["group"] == EVERYONE, "base"].iloc[0]
    everybody = _size(members, "place_kind")
    return pd.Series(everybody, index=table.index), pd.Series(both, index=table.index)


def _size(members: pd.DataFrame, by: str) -> int:
    return int(places(members, by).known.sum())


def _share_of(count: int, base: int, population: int, level: float) -> Share:
    """`inference.share`, and what it leaves out: where nobody has answered, anything is possible."""
    return _share(count, base, population, level) if base else Share(0, 0, population, 0, population, 0, population)


class NoRespondentError(ValueError):
    """No commune, or no EPCI, has answered, while there are some among the members."""


@dataclass(frozen=True)
class Poststratified:
    """Shares of all members, each stratum counted as its part of them.

    Attributes
    ----------
    table : DataFrame
        One row a choice: question, category, share (between 0 and 1), population, low and high (number of members,
        see `inference.poststratify`), design_effect.
    strata : DataFrame
        One row a stratum of members: strata, stratum, population, base (respondents) and counted_with, the stratum
        whose members and answers it was put together with, itself where it has respondents.
    """

    table: pd.DataFrame
    strata: pd.DataFrame


def poststratified(
    answers: pd.DataFrame, question: Question, members: pd.DataFrame, level: float = 0.95
) -> Poststratified:
    """Estimate the share of members who would give each answer, from strata that did not answer equally.

    The strata are those of communes and those of EPCI. One without respondents is counted with its neighbour of the
    same vocabulary: the nearest smaller one that has some, else the nearest larger one.

    Each estimate is a sum over the strata of their counts: of a confidential question it can be published only where
    the table by stratum withholds none of them.

    Parameters
    ----------
    answers, members : DataFrame
        Columns kind and stratum.
    question : Question
        Asked of everybody.
    level : float

    Raises
    ------
    ValueError
        If the question is conditional.
    NoRespondentError
        If no commune or no EPCI has answered while there are some among the members: nothing is known of them, and no
        neighbour stands for them.
    """
    if question.asked_if is not None:
        raise ValueError(f"{question.id}: of how many members it would be asked is not known")
    found = ticks(answers, question)
    strata, joined = [], []
    for vocabulary in ("commune_stratum", "epci_stratum"):
        own = _strata(vocabulary, answers, found.known, members)
        strata.append(own)
        groups = places(answers, vocabulary).ticked[found.known].astype(int)
        counts = pd.DataFrame(groups.T @ found.ticked[found.known], index=own.index, columns=list(found.codes))
        joined.append(counts.join(own[["population", "base"]]).groupby(own["counted_with"]).sum())
    cells = pd.concat(joined)
    rows = []
    for code in found.codes:
        estimate = inference.poststratify(cells.assign(count=cells[code])[["count", "base", "population"]], level)
        rows.append(
            {
                "question": question.id,
                "category": code,
                "share": estimate.share,
                "population": int(cells["population"].sum()),
                "low": estimate.low,
                "high": estimate.high,
                "design_effect": estimate.design_effect,
            }
        )
    return Poststratified(pd.DataFrame(rows), pd.concat(strata, ignore_index=True))


def _strata(vocabulary: str, answers: pd.DataFrame, known: np.ndarray, members: pd.DataFrame) -> pd.DataFrame:
    """The strata of one vocabulary that have members, in order, each with the one that it is counted with."""
    sizes, bases = places(members, vocabulary), places(answers, vocabulary)
    strata = pd.DataFrame(
        {
            "strata": vocabulary,
            "stratum": list(sizes.codes),
            "population": sizes.ticked.sum(axis=0),
            "base": bases.ticked[known].sum(axis=0),
        }
    )
    if strata["population"].any() and not strata["base"].any():
        raise NoRespondentError(f"{vocabulary}: members, but no respondent")
    answered = strata["stratum"].where(strata["base"] > 0)
    return strata.assign(counted_with=answered.ffill().bfill())
