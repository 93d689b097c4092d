"""Budgets of international action read further: in constant euros, beside a rule, EPCI included, by beneficiary."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from citydiplo.budgets import UNCATEGORISED
from citydiplo.collectivities import fold

# Accounts of account_codes on which a commune and the EPCI that it is a member of pay each other: subsidies, capital
# grants, staff made available, costs reimbursed. A last 8 (and 20415 with a 3) stands for others.
TO_EPCI = r"65735(?!8)|20415(?![38])|6216|62876"
FROM_COMMUNES = r"7474(?!8)|13[128]4(?!8)|70845|70875"
TO_COMMUNES = r"65734(?!8)|20414(?!8)|6215|6217|62875"
FROM_EPCI = r"7475(?![28])|13[128]5(?!8)|70846|70876"

# Words of the names of those that act abroad; the names of partners come beside.
WORDS = (
    *("jumelage", "jumelages", "jumelée", "jumelées", "coopération", "coopérations", "codéveloppement", "humanitaire"),
    *("international", "internationale", "internationales", "internationaux"),
    *("Europe", "européen", "européenne", "européens", "européennes", "francophonie", "Méditerranée", "Afrique"),
    *("sans frontières", "cités unies"),
)


def constant(
    yearly: pd.DataFrame,
    price_index: pd.DataFrame,
    year: int,
    columns: Sequence[str] = ("expenditure", "receipts", "net"),
) -> pd.DataFrame:
    """Add amounts in the prices of one year.

    Parameters
    ----------
    yearly : DataFrame
        Columns year and ``columns`` (current euros).
    price_index : DataFrame
        The table price_index: year, value.
    year : int
        Whose prices.
    columns : sequence of str

    Returns
    -------
    DataFrame
        The same rows, with a column ``…_constant`` for each of ``columns``: missing for a year without an index, and
        everywhere if ``year`` has none. Nothing is extrapolated.
    """
    index = price_index.set_index("year")["value"].astype("float64")
    factor = index.get(year, float("nan")) / yearly["year"].map(index)
    return yearly.assign(**{f"{column}_constant": yearly[column] * factor for column in columns})


def rule(yearly: pd.DataFrame, per_mille: float) -> pd.DataFrame:
    """The gap to a fixed part of real operating expenditure, as Rennes has decided a part of its budget.

    `citydiplo.survey.resources.rule` takes the part of the initial budget as voted, which is what Rennes decided. Here
    the base is what was spent: the real operating expenditure of the main budget's account, and of international action
    the operating part. The two differ by investment, and by what was voted and not spent.

    Parameters
    ----------
    yearly : DataFrame
        From `budgets.international`.
    per_mille : float
        The part, in thousandths.

    Returns
    -------
    DataFrame
        One row a siren and year with a share: name, operating_expenditure, ``amount`` (the part of it), operating,
        ``gap`` (operating less the part: above 0 where more was spent) in euros, share_per_mille.
    """
    rows = yearly[yearly["share_per_mille"].notna()]
    amount = (rows["operating_expenditure"] * per_mille / 1000).round(2)
    rows = rows.assign(amount=amount, gap=(rows["operating"] - amount).round(2))
    columns = ["siren", "name", "year", "operating_expenditure", "amount", "operating", "gap", "share_per_mille"]
    return rows[columns].reset_index(drop=True)


def consolidated(yearly: pd.DataFrame, lines: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Function 04 of communes and their EPCI together, without counting twice what one pays to the other.

    A payment under function 04 is taken off, once from expenditure and once from receipts, as far as it is booked on
    both sides: the lesser of what one side paid and the other received. What a side paid and the other does not book as
    received under 04 may still be counted twice.

    Parameters
    ----------
    yearly : DataFrame
        From `budgets.international`.
    lines : DataFrame
        From `budgets.counted`.
    groups : DataFrame
        One row a commune to add up: siren, epci_siren.

    Returns
    -------
    DataFrame
        One row an EPCI and year of which something is known: epci_siren, year, communes (how many are known),
        epci_known, expenditure, receipts, net, ``transfers`` (taken off) in euros, and may_count_twice (payments are
        booked on one side, or a side is not in the accounts of that year, so that nothing could be taken off).
    """
    communes = groups[["siren", "epci_siren"]].drop_duplicates().assign(commune=True)
    heads = communes[["epci_siren"]].drop_duplicates().assign(commune=False)
    members = pd.concat([communes, heads.assign(siren=heads["epci_siren"])], ignore_index=True)
    by = ["epci_siren", "year"]
    known = yearly[yearly["known"]].merge(members, on="siren")
    known = known.assign(communes=known["commune"].astype("int64"), epci_known=~known["commune"].astype(bool))
    total = known.groupby(by).agg(
        communes=("communes", "sum"),
        epci_known=("epci_known", "any"),
        expenditure=("expenditure", "sum"),
        receipts=("receipts", "sum"),
    )
    booked = lines.merge(members, on="siren")
    both = total["epci_known"] & (total["communes"] > 0)
    transfers, one_sided = pd.Series(0.0, total.index), ~both
    for commune_pays, given, received in ((True, TO_EPCI, FROM_COMMUNES), (False, TO_COMMUNES, FROM_EPCI)):
        paid = _booked(booked[booked["commune"] == commune_pays], "expenditure", given, total.index)
        got = _booked(booked[booked["commune"] != commune_pays], "receipt", received, total.index)
        transfers += paid.combine(got, min).clip(lower=0).where(both, 0.0)
        one_sided |= paid > got
    return total.assign(
        expenditure=(total["expenditure"] - transfers).round(2),
        receipts=(total["receipts"] - transfers).round(2),
        net=(total["expenditure"] - total["receipts"]).round(2),
        transfers=transfers.round(2),
        may_count_twice=one_sided,
    ).reset_index()


def _booked(lines: pd.DataFrame, direction: str, natures: str, index: pd.MultiIndex) -> pd.Series:
    """Add up, by EPCI and year, the lines of a direction on some accounts."""
    rows = lines[(lines["direction"] == direction) & lines["nature"].fillna("").str.match(natures)]
    return rows.groupby(index.names)["amount"].sum().round(2).reindex(index, fill_value=0.0)


@dataclass(frozen=True)
class Beneficiaries:
    """Subsidies by whether the name of the beneficiary speaks of international action.

    Attributes
    ----------
    found : DataFrame
        Rows of subsidies, with ``word``: which one its name has.
    rest : DataFrame
        The others, natural persons among them: siren, year, document_kind, number, amount (euros).
    """

    found: pd.DataFrame
    rest: pd.DataFrame


def international_beneficiaries(subsidies: pd.DataFrame, words: Iterable[str]) -> Beneficiaries:
    """Select the subsidies whose beneficiary's name has one of the words; never those of natural persons.

    The annex of a budget document does not say the function. Names are a hint: a « boulangerie de l’Europe » is
    selected, a twinning committee with a name of its own is not.

    Parameters
    ----------
    subsidies : DataFrame
        The table subsidies.
    words : iterable of str
        Say `WORDS` and the names of partner places and countries. One is found as whole words, whatever the accents
        and case; of several that begin at the same place, the longest.
    """
    written = {fold(word): word for word in reversed([*words])}
    choices = "|".join(sorted((folded for folded in written if folded), key=len, reverse=True))
    legal = subsidies["beneficiary"].notna() & subsidies["beneficiary_kind"].ne("natural_person")
    names = subsidies["beneficiary"].where(legal).fillna("").map(fold)
    hits = names.str.extract(rf"\b({choices or '(?!)'})\b", flags=re.ASCII)[0]
    found = subsidies.assign(word=hits.map(written))[hits.notna()]
    rest = subsidies[hits.isna()]
    cents = (rest["amount"] * 100).round()
    counted = cents.groupby([rest["siren"], rest["year"], rest["document_kind"]]).agg(["size", "sum"])
    counted = counted.rename(columns={"size": "number", "sum": "amount"}).reset_index()
    return Beneficiaries(found.reset_index(drop=True), counted.assign(amount=counted["amount"] / 100))


def caveats(row: pd.Series) -> list[str]:
    """What to state with a row of `budgets.international`, as codes.

    functions_unknown, nothing_booked, no_staff_booked, no_receipts, single_subfunction, uncategorised, balance_differs,
    subsidiary_budgets, population_of_another_year, no_share.
    """
    if not row["known"]:
        return ["functions_unknown"]
    spends = row["expenditure"] > 0
    holds: dict[str, Any] = {
        "nothing_booked": row["expenditure"] == 0 and row["receipts"] == 0,
        "no_staff_booked": spends and row["staff"] == 0,
        "no_receipts": spends and row["receipts"] == 0,
        "single_subfunction": spends and ";" not in row["functions"],
        "uncategorised": row[UNCATEGORISED] != 0,
        "balance_differs": pd.notna(row["difference"]) and row["difference"] != 0,
        "subsidiary_budgets": pd.notna(row["subsidiary_expenditure"]) and row["subsidiary_expenditure"] != 0,
        "population_of_another_year": pd.notna(row["population"]) and row["population_year"] != row["year"],
        "no_share": pd.isna(row["share_per_mille"]),
    }
    return [code for code, holding in holds.items() if holding]
