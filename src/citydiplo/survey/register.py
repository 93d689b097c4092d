"""Reading the register of printed figures: what a printed number can mean, which numbers a category may have."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from citydiplo.errors import UserError


def bounds(figure: Any) -> tuple[float, float]:
    """The least and the greatest number that a printed one can stand for.

    Parameters
    ----------
    figure : row of published_figures
        With value, qualifier and unit. An exact percentage was rounded to a whole one; « about 40 » and « nearly 40 »
        are read to the last significant digit: 35 to 45, and 30 to 40.
    """
    value = float(figure.value)
    digit = 10.0 ** int(Decimal(str(value)).normalize().as_tuple().exponent)
    rounding = 0.5 if figure.unit == "percent" else 0.0
    return {
        "exact": (value - rounding, value + rounding),
        "about": (value - digit / 2, value + digit / 2),
        "nearly": (value - digit, value),
        "more_than": (value, math.inf),
        "at_least": (value, math.inf),
        "less_than": (-math.inf, value),
        "at_most": (-math.inf, value),
    }[figure.qualifier]


def base_of(figures: pd.DataFrame) -> pd.Series:
    """The base of each figure: the printed one, else the inferred one, else missing."""
    return figures["base"].fillna(figures["inferred_base"])


def chart(figures: pd.DataFrame, topic: str, categories: Sequence[str]) -> pd.DataFrame:
    """One chart of the study, or its text where it draws none: every number that each category may have.

    Parameters
    ----------
    figures : DataFrame
        The table published_figures.
    topic : str
    categories : sequence of str
        The categories in the order of reading.

    Returns
    -------
    DataFrame
        Columns category, values (a sorted tuple: one number, or several where the extraction lost the order),
        assignment, base, base_label, source_id and locator; only categories that it shows.
    """
    printed = figures[figures["topic"] == topic]
    printed = printed[printed["place"] == ("chart" if (printed["place"] == "chart").any() else "text")]
    codes = printed["category"].fillna(printed["possible"]).str.split(";")
    about = printed[["value", "assignment", "base_label", "source_id", "locator"]]
    groups = about.assign(category=codes, base=base_of(printed)).explode("category").groupby("category")
    rows = groups[["assignment", "base", "base_label", "source_id", "locator"]].first()
    rows.insert(0, "values", groups["value"].agg(lambda values: tuple(sorted(set(values)))))
    return rows.reindex([code for code in categories if code in rows.index]).reset_index()


def of_wave(figures: pd.DataFrame, sources: pd.DataFrame, wave: str) -> pd.DataFrame:
    """The published figures of one wave of the survey.

    Parameters
    ----------
    figures, sources : DataFrame
        The tables published_figures and sources.
    wave : str
        Year of publication of the study.

    Raises
    ------
    UserError
        If no figure was published that year, with the waves that there are.
    """
    years = figures["source_id"].map(sources.set_index("source_id")["published"].str[:4])
    chosen = figures[years == wave]
    if chosen.empty:
        raise UserError(f"no published figures for the wave {wave!r}: there are {', '.join(sorted(set(years)))}")
    return chosen
