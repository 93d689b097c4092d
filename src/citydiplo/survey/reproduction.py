"""What the synthetic respondents give back of the printed figures, one by one."""

import pandas as pd

from citydiplo.survey.claims import (
    ACTIVITY,
    activity_cell,
    activity_order,
    claims,
    holds,
    in_scope,
    measure,
    reading_order,
)
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.tabulation import derive

TYPES = {"integer": "Int64", "amount": "Float64"}


def answers(rows: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """The synthetic respondents as the answers of a wave are kept.

    Parameters
    ----------
    rows : DataFrame
        The table reconstructed_2021.
    asked : Questionnaire

    Returns
    -------
    DataFrame
        Columns response_id, collectivity_id and collectivity (missing: they are nobody), kind, strata, stratum,
        complete, then one for each question, missing where it is not answered, and synthetic.
    """
    frame = rows[["response_id"]].assign(collectivity_id=pd.NA, collectivity=pd.NA).astype("str")
    frame = frame.join(rows[["kind", "strata", "stratum"]]).assign(complete=True)
    missing = pd.Series(pd.NA, index=rows.index)
    columns = {q.id: rows.get(q.id, missing).astype(TYPES.get(q.type, "str")) for q in asked}
    return frame.assign(**columns, synthetic=rows["synthetic"])


def account(rows: pd.DataFrame, figures: pd.DataFrame, asked: Questionnaire, notes: pd.DataFrame) -> pd.DataFrame:
    """Every printed figure on respondents, and what the synthetic respondents make of it.

    Parameters
    ----------
    rows : DataFrame
        The table reconstructed_2021, or answers that `answers` gives.
    figures, notes : DataFrame
        The tables published_figures and reconstruction_notes.
    asked : Questionnaire

    Returns
    -------
    DataFrame
        One row a figure: ``figure_id``, ``topic``, ``category`` (where the register is ambiguous, the one chosen),
        ``printed``, ``unit``, ``count`` and ``base`` (respondents; for a mean ``count`` is the total, for a median
        those who have it at most; missing where no answer says it), ``outcome`` (a code of reconstruction_outcome;
        missing where the figure is neither given back nor explained), and of its note ``what_fr``, ``what_en``,
        ``why_fr``, ``why_en``.
    """
    respondents = derive(rows)
    noted = notes.assign(figure_id=notes["figures"].str.split(";")).explode("figure_id").set_index("figure_id")
    known = in_scope(figures, asked)
    order = _orders(respondents, known)
    measured = _measured(respondents, known, asked, order)
    found = known[["figure_id", "topic", "category", "printed", "unit"]].reset_index(drop=True)
    found["category"] = found["figure_id"].map(order).fillna(found["category"])
    told = found[["figure_id"]].merge(measured, "left", on="figure_id")
    found[["count", "base"]] = told[["count", "base"]].astype("Int64")
    written = found["figure_id"].map(noted["outcome"])
    given_back = told["fits"].fillna(False).astype(bool)
    found["outcome"] = written.fillna("exact").where(given_back | (written == "relaxed"))
    return found.join(noted[["what_fr", "what_en", "why_fr", "why_en"]], on="figure_id")


def _orders(respondents: pd.DataFrame, known: pd.DataFrame) -> dict[str, str]:
    """The category given to each ambiguous number."""
    ambiguous = dict.fromkeys(known.loc[known["assignment"] == "ambiguous", "topic"])
    found: dict[str, str] = {}
    for topic in ambiguous:
        found |= activity_order(known, topic, respondents) if topic in ACTIVITY else reading_order(known, topic)
    return found


def _measured(
    respondents: pd.DataFrame, known: pd.DataFrame, asked: Questionnaire, order: dict[str, str]
) -> pd.DataFrame:
    """Count, base and whether it holds for each figure of which answers say something; all its claims must hold."""
    rows = [(claim.figure_id, *measure(claim, respondents)) for claim in claims(known, asked)]
    for row in known[known["topic"].isin(ACTIVITY)].itertuples():
        count = int(holds(respondents, activity_cell(row.topic, order[row.figure_id])).sum())
        strata = ACTIVITY[row.topic][0]
        rows.append((row.figure_id, count, int((respondents["strata"] == strata).sum()), count == row.value))
    found = pd.DataFrame(rows, columns=["figure_id", "count", "base", "fits"])
    return found.groupby("figure_id", as_index=False).agg({"count": "first", "base": "first", "fits": "all"})
