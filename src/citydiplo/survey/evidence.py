"""Which number belongs to which label, where the extraction of a chart lost the order: only evidence decides."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import pandas as pd

from citydiplo.survey.audit import counts_behind


@dataclass(frozen=True)
class Room:
    """How many units a category can hold: ``least`` are known to be in it, ``most`` exist."""

    least: int = 0
    most: float = math.inf


def orders(numbers: Mapping[str, Sequence[int]], rooms: Mapping[str, Room]) -> list[dict[str, str]]:
    """Every way to give each number a category of its own that has room for it.

    Parameters
    ----------
    numbers : mapping
        Of each printed number, by its id: the counts that it can stand for.
    rooms : mapping
        Of each category, by its code: the bounds of its count. As many categories as numbers.

    Returns
    -------
    list of dict
        Number id → category; empty if the evidence contradicts every order.
    """
    return [
        dict(zip(numbers, order, strict=True))
        for order in permutations(rooms)
        if all(
            any(rooms[category].least <= count <= rooms[category].most for count in counts)
            for counts, category in zip(numbers.values(), order, strict=True)
        )
    ]


def categories_left(ways: Sequence[Mapping[str, str]]) -> dict[str, set[str]]:
    """The categories that each number takes in some order."""
    return {number: {way[number] for way in ways} for number in ways[0]} if ways else {}


def nearest_counts(percentage: int, base: int) -> list[int]:
    """The counts behind a percentage, or the two nearest where it is impossible on its base."""
    below = percentage * base // 100
    return counts_behind(percentage, base) or [below, below + 1]


def size_class_rooms(everyone: pd.DataFrame, classes: Sequence[str]) -> dict[str, Room]:
    """The room of each size class: the collectivities that the study lists, and all those of France.

    Parameters
    ----------
    everyone : DataFrame
        Communes only, or EPCI only, of `collectivities.directory`.
    classes : sequence of str
        Codes of the size classes.
    """
    listed = everyone.loc[everyone["in_study"], "stratum"].value_counts()
    all_of_them = everyone["stratum"].value_counts()
    return {code: Room(int(listed.get(code, 0)), int(all_of_them.get(code, 0))) for code in classes}
