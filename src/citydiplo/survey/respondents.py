"""Who answered: the code or the name that a respondent gave → a commune or EPCI of the official reference."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from citydiplo.collectivities import AmbiguousCollectivityError, UnknownCollectivityError, find, fold
from citydiplo.survey.answer_schema import STRATA

SPACES = re.compile(r"[\s.\-\u200b\ufeff]+")


@dataclass(frozen=True)
class Match:
    """What a respondent's code and name were matched to.

    Attributes
    ----------
    id : str
        INSEE code or SIREN; empty if there is none.
    rule : str
        How it was found, a code of answer_rule; empty if the code is that of the reference as it stands.
    problem : str
        Why it was not found, or what does not agree: a code of answer_problem; empty if all is well.
    detail : str
        The candidates, or the collectivity that the name belongs to.
    """

    id: str
    rule: str = ""
    problem: str = ""
    detail: str = ""


class Reference:
    """The communes and EPCI by code and by name, those of today and those that were.

    Parameters
    ----------
    everyone : DataFrame
        From `collectivities.directory`.
    former : DataFrame
        The table former_communes.
    """

    def __init__(self, everyone: pd.DataFrame, former: pd.DataFrame) -> None:
        self.everyone = everyone[everyone["kind"].isin(list(STRATA))]
        self.names: dict[str, set[str]] = {}
        for column in ("name", "official_name"):
            for code, name in self.everyone[column].items():
                self.names.setdefault(fold(name), set()).add(code)
        sirens = self.everyone["siren"].dropna()
        self.codes = dict(zip(sirens, sirens.index, strict=True)) | {code: code for code in self.everyone.index}
        self.former_codes = dict(zip(former["insee"], former["commune"], strict=True))
        self.former_names: dict[str, set[str]] = {}
        for name, commune in zip(former["name"], former["commune"], strict=True):
            self.former_names.setdefault(fold(name), set()).add(commune)

    def match(self, code: str, name: str, frame: Iterable[str] = ()) -> Match:
        """Find the collectivity of an answer.

        Parameters
        ----------
        code, name : str
            As given; either may be empty. The code goes before the name.
        frame : iterable of str
            Ids of the members who were asked: the nearest names are looked for among them.
        """
        by_code = self._by_code(code)
        if by_code.id:
            return self._with_name(by_code, name)
        # Some write the name where the code is asked.
        words = name if fold(name) else code
        if not fold(words):
            return Match("", "refused_no_identity", "no_identity")
        by_name = self._by_name(words, frame)
        if by_name.id and code and words == name:
            return Match(by_name.id, by_name.rule, "code_unknown", code)
        return by_name

    def _by_code(self, given: str) -> Match:
        code = SPACES.sub("", given).upper()
        if code in self.codes:
            return Match(self.codes[code], "" if self.codes[code] == given else "code_mended")
        if f"0{code}" in self.codes and len(code) == len("1004"):
            return Match(f"0{code}", "code_mended")
        for old in (code, f"0{code}"):
            if old in self.former_codes:
                return Match(self.former_codes[old], "former_commune")
        return Match("")

    def _with_name(self, match: Match, name: str) -> Match:
        """The same match, with a problem if the name is that of others."""
        named = self.names.get(fold(name), set()) | self.former_names.get(fold(name), set()) if name else set()
        if not named or match.id in named:
            return match
        others = ", ".join(f"{code} {self.everyone['name'][code]}" for code in sorted(named))
        return Match(match.id, match.rule, "name_of_another", others)

    def _by_name(self, name: str, frame: Iterable[str]) -> Match:
        folded = fold(name.partition("(")[0])
        ids = self.names.get(folded, set())
        former = set() if ids else self.former_names.get(folded, set())
        if len(former) == 1:
            return Match(next(iter(former)), "former_commune")
        if former:
            return Match("", "refused_ambiguous", "ambiguous_collectivity", self._listing(former))
        # On the whole reference, `find` would take a tenth of a second an answer: it gets the few that may be meant.
        try:
            return Match(find(self.everyone.loc[sorted(ids or frame)], name).id, "matched_by_name")
        except AmbiguousCollectivityError:
            return Match("", "refused_ambiguous", "ambiguous_collectivity", self._listing(ids))
        except UnknownCollectivityError as error:
            nearest = re.findall(r"^  (\S+)  ", str(error), re.MULTILINE)
            return Match("", "refused_unknown", "unknown_collectivity", self._listing(nearest))

    def _listing(self, codes: Iterable[str]) -> str:
        return "; ".join(f"{code} {self.everyone['name'][code]}" for code in sorted(codes))


def match_all(given: pd.DataFrame, reference: Reference, frame: Iterable[str]) -> pd.DataFrame:
    """Match each answer.

    Parameters
    ----------
    given : DataFrame
        With collectivity_code and collectivity_name, as given.
    reference : Reference
    frame : iterable of str
        Ids of the members who were asked.

    Returns
    -------
    DataFrame
        Indexed like ``given``: the attributes of `Match` as columns, ``id`` as collectivity_id.
    """
    pairs = given[["collectivity_code", "collectivity_name"]].fillna("")
    keys = list(zip(pairs["collectivity_code"], pairs["collectivity_name"], strict=True))
    found = {key: reference.match(*key, frame) for key in dict.fromkeys(keys)}
    columns = ["collectivity_id", "rule", "problem", "detail"]
    rows = [(found[key].id, found[key].rule, found[key].problem, found[key].detail) for key in keys]
    return pd.DataFrame(rows, index=given.index, columns=columns, dtype="str")
