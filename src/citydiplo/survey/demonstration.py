"""
A wave to try everything on: the synthetic respondents of 2021, among as many synthetic members as were asked.

Nobody of them exists. The silent members have the sizes that the study prints for all members, as far as they can.
"""

import pandas as pd

from citydiplo.collectivities import COMMUNE_STRATA, EPCI_KINDS, EPCI_STRATA
from citydiplo.survey import reproduction
from citydiplo.survey.evidence import nearest_counts
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.resources import class_orders

# The name of the wave, where waves are called by name.
NAME = "demonstration"

EPCI_KIND = sorted(EPCI_KINDS)[0]
SMALLEST = next(iter(EPCI_STRATA.values()))


def answers(respondents: pd.DataFrame, asked: Questionnaire) -> pd.DataFrame:
    """The synthetic respondents as the answers of a wave are kept, each a collectivity of its own name.

    Parameters
    ----------
    respondents : DataFrame
        The table reconstructed_2021.
    asked : Questionnaire
    """
    frame = reproduction.answers(respondents, asked).drop(columns="synthetic")
    return _placed(frame).assign(collectivity_id=frame["response_id"], collectivity=frame["response_id"])


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give EPCI a legal form, which the study does not print, and the least size to one counted with communes."""
    epci = frame["kind"] == "epci"
    counted_apart = epci & (frame["strata"] == "commune_stratum")
    return frame.assign(
        kind=frame["kind"].mask(epci, EPCI_KIND), stratum=frame["stratum"].mask(counted_apart, SMALLEST)
    )


def members(respondents: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """All who were asked: the respondents, and silent members that make up the printed numbers of communes and EPCI.

    Parameters
    ----------
    respondents : DataFrame
        The table reconstructed_2021.
    figures : DataFrame
        The table published_figures.

    Returns
    -------
    DataFrame
        Indexed by identifier: kind and stratum.
    """
    printed = figures.set_index("figure_id")["value"]
    parts = [_placed(respondents).set_index("response_id")[["kind", "stratum"]]]
    for kind, strata, total in (
        ("commune", COMMUNE_STRATA, int(printed["members-communes"])),
        ("epci", EPCI_STRATA, int(printed["members-epci"])),
    ):
        known = respondents.loc[respondents["kind"] == kind, "stratum"].value_counts()
        silent = _silent(figures, f"{kind}_stratum", list(strata.values()), total, known)
        names = [f"silent-{kind}-{number:02d}" for number in range(1, len(silent) + 1)]
        form = EPCI_KIND if kind == "epci" else kind
        parts.append(pd.DataFrame({"kind": form, "stratum": silent}, index=names))
    return pd.concat(parts)


def _silent(figures: pd.DataFrame, topic: str, strata: list[str], total: int, known: pd.Series) -> list[str]:
    """The sizes of the silent: those printed for all, in the first order that leaves room for the respondents."""
    missing = total - int(known.sum())
    best: list[str] = []
    for order in class_orders(figures, topic, strata):
        counts = [nearest_counts(percent, total)[0] for percent in order]
        left = [max(count - int(known.get(code, 0)), 0) for code, count in zip(strata, counts, strict=True)]
        sizes = [code for code, times in zip(strata, left, strict=True) for _ in range(times)]
        best = sizes if len(sizes) >= len(best) else best
    return (best + [strata[0]] * missing)[:missing]
