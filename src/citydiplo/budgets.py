"""
International action in the official accounts: what function 04 says of each collectivity and year.

The frames are those of `data.load_accounts`. Of the lines of function 04, real operations of the main budget count;
order entries move no money, and subsidiary budgets are given beside. A document with functions and no line of 04 spent
nothing there: a documented nil. Of a document without functions, nothing is known. Function 04 misses staff and
subsidies that are booked elsewhere: `citydiplo.budget_series.caveats` says what to state with a figure.

Amounts are added up in cents: totals are exact, whatever the order of the lines.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from citydiplo.survey.tabulation import classed

BALANCE = "account_balance"
ACCOUNTS = ("administrative_account", "single_account", BALANCE)
VOTED = ("initial_budget", "supplementary_budget", "amending_decision")

# Vocabularies account_category and account_origin, with what no code of account_codes begins.
UNCATEGORISED = "uncategorised"
CATEGORIES = ("staff", "purchases", "taxes", "subsidies", "other_operating", "investment")
ORIGINS = ("state", "region", "department", "communes", "epci", "europe", "other_bodies", "other")

# Chart of accounts of a code that is the same in all.
ANY = "any"

DOCUMENT = ["siren", "year", "document_kind", "budget", "unit", "format", "source_hash"]
BUDGET = ["siren", "year", "budget", "unit"]
MONEY = ["expenditure", "receipts", "net", *CATEGORIES, UNCATEGORISED, "operating"]
MEASURED = ["siren", "name", "year", "document_kind", "nomenclature", "known", *MONEY, "functions"]
YEARLY = [
    *MEASURED,
    *("operating_expenditure", "operating_source", "share_per_mille"),
    *("population", "population_year", "population_source", "per_inhabitant", "budget_class"),
    *("difference", "subsidiary_expenditure", "subsidiary_receipts", "format", "source"),
]


def international(
    accounts: pd.DataFrame, totals: pd.DataFrame, codes: pd.DataFrame, populations: pd.DataFrame
) -> pd.DataFrame:
    """What each collectivity spent and received under function 04, by year of its accounts.

    Of several documents for a year, one counts: one that says its functions before one that does not, an account
    before a balance, the last decided.

    Parameters
    ----------
    accounts, totals : DataFrame
        The tables accounts and account_totals.
    codes : DataFrame
        The table account_codes.
    populations : DataFrame
        Columns siren, population and population_year, say `collectivities.directory`: for years whose files say none.

    Returns
    -------
    DataFrame
        One row a siren and year: name, document_kind, nomenclature, format and source of the document; ``known``
        (whether it says its functions; if not, all amounts are missing); in euros, expenditure, receipts, net
        (expenditure less receipts), the expenditure of each of `CATEGORIES` and ``uncategorised``, and ``operating``
        (its operating part); functions (the codes in use, separated by ``;``);
        operating_expenditure (real, main budget, whatever the function) and operating_source (document, or ofgl where
        the document does not say it); share_per_mille (operating part, in thousandths of it);
        population, population_year and population_source (document: that one or another of the year; else ofgl, of
        the year; else reference, of its own year); per_inhabitant (euros of expenditure); budget_class (of the study);
        ``difference`` (expenditure of the balance of that year less that of the account, where there are both);
        subsidiary_expenditure and subsidiary_receipts (function 04 of the subsidiary budgets whose functions are
        known, not in the other amounts).
    """
    every = _measured(accounts, totals, codes, ACCOUNTS)
    main = every[every["budget"] == "main"]
    taken = _taken(main)
    key = pd.MultiIndex.from_frame(taken[["siren", "year"]])
    balances = _taken(main[main["known"] & (main["document_kind"] == BALANCE)]).set_index(["siren", "year"])
    difference = balances["expenditure"].reindex(key).to_numpy() - taken["expenditure"]
    beside = _taken(every[every["budget"] == "subsidiary"]).groupby(["siren", "year"])[["expenditure", "receipts"]]
    beside = beside.sum(min_count=1).reindex(key)
    taken = taken.assign(
        difference=difference.where(taken["document_kind"] != BALANCE).round(2),
        subsidiary_expenditure=beside["expenditure"].to_numpy(),
        subsidiary_receipts=beside["receipts"].to_numpy(),
    )
    taken = _with_population(_with_total(taken, totals), totals, populations)
    taken["share_per_mille"] = taken["operating"] * 1000 / taken["operating_expenditure"]
    taken["per_inhabitant"] = taken["expenditure"] / taken["population"].astype("float64")
    taken["budget_class"] = classed(taken["expenditure"], "budget_amount")
    return taken[YEARLY].sort_values(["siren", "year"], ignore_index=True)


def voted(accounts: pd.DataFrame, totals: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """What the main budgets vote under function 04, document by document.

    A supplementary budget and an amending decision vote changes, which may be less than 0: to be added to the initial
    budget by who has them all.

    Returns
    -------
    DataFrame
        One row a document, by date: amounts as in `international`, operating_expenditure, decided, format, source.
    """
    every = _measured(accounts, totals, codes, VOTED)
    rows = every[every["budget"] == "main"].sort_values(["siren", "year", "decided", "document_kind"], kind="stable")
    return rows[[*MEASURED, "operating_expenditure", "decided", "format", "source"]].reset_index(drop=True)


def subsidiary(accounts: pd.DataFrame, totals: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """What the accounts of subsidiary budgets say of function 04; what the main budget pays them is in both.

    Returns
    -------
    DataFrame
        One row a siren, siret and year: amounts as in `international`, operating_expenditure, format, source.
    """
    every = _measured(accounts, totals, codes, ACCOUNTS)
    rows = _taken(every[every["budget"] == "subsidiary"]).rename(columns={"unit": "siret"})
    rows = rows[["siret", *MEASURED, "operating_expenditure", "format", "source"]]
    return rows.sort_values(["siren", "siret", "year"], ignore_index=True)


def counted(accounts: pd.DataFrame, totals: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The lines that `international` adds up.

    Returns
    -------
    DataFrame
        Rows of accounts, with category (of an expenditure) and origin (of a receipt).
    """
    documents = _documents(accounts, totals, ACCOUNTS)
    taken = _taken(documents[documents["budget"] == "main"])
    return _lines(accounts, taken, codes)[[*accounts.columns, "category", "origin"]]


def by_nature(lines: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Add up lines by account.

    Parameters
    ----------
    lines : DataFrame
        From `counted`.
    codes : DataFrame
        The table account_codes.

    Returns
    -------
    DataFrame
        One row a siren, year, direction and nature: amount in euros, category, origin; ``code``, label_fr and label_en
        of the longest code of account_codes that the nature begins with: it may be wider than the nature.
    """
    added = _added(lines, ["siren", "year", "nomenclature", "direction", "nature", "category", "origin"])
    return added.join(_natures(added, codes)[["code", "label_fr", "label_en"]])


def by_function(lines: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Add up lines by sub-function.

    Only function 04 as a whole can be compared between charts of accounts: M14 knows 041 (global subsidies) and 048
    (other actions), M57 divides from 041 to 048 otherwise (043 European action, 044 official development assistance…),
    so that a change of chart moves amounts between codes. Labels are therefore those of the line's own chart.

    Parameters
    ----------
    lines, codes : DataFrame
        As in `by_nature`.

    Returns
    -------
    DataFrame
        One row a siren, year, direction and function: nomenclature, amount in euros, ``code``, label_fr, label_en.
    """
    added = _added(lines, ["siren", "year", "nomenclature", "direction", "function"])
    return added.join(_found(added, codes[codes["kind"] == "function"], "function")[["code", "label_fr", "label_en"]])


def by_origin(lines: pd.DataFrame) -> pd.DataFrame:
    """Add up receipts by who pays them: siren, year, origin (`ORIGINS` or ``uncategorised``), amount in euros."""
    return _added(lines[lines["direction"] == "receipt"], ["siren", "year", "origin"])


def _added(lines: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add up amounts by columns, which may have missing cells."""
    added = lines.assign(amount=_cents(lines)).groupby(list(by), dropna=False)["amount"].sum() / 100
    return added.reset_index()


def _cents(lines: pd.DataFrame) -> pd.Series:
    return (lines["amount"] * 100).round().astype("int64")


def _documents(accounts: pd.DataFrame, totals: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """List the documents of some kinds that have totals or lines of function 04, and whether they say functions."""
    rows = _with_unit(pd.concat([totals, accounts.assign(by_function="yes")], ignore_index=True))
    rows = rows[rows["document_kind"].isin(kinds)]
    groups = rows.assign(known=rows["by_function"] == "yes").groupby(DOCUMENT)
    columns = ["name", "decided", "nomenclature", "source", "operating_expenditure", "population"]
    return groups[columns].first().join(groups["known"].any()).reset_index()


def _with_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """Tell subsidiary budgets apart by SIRET; a collectivity has one main budget, whether a file says its SIRET."""
    return rows.assign(unit=rows["siret"].where(rows["budget"] == "subsidiary").fillna(""))


def _taken(documents: pd.DataFrame) -> pd.DataFrame:
    """Keep one document a budget and year."""
    order = documents.assign(is_balance=documents["document_kind"] == BALANCE)
    order = order.sort_values(
        ["known", "is_balance", "decided", "source_hash"], ascending=[False, True, False, True], na_position="last"
    )
    return order.drop_duplicates(BUDGET).drop(columns="is_balance").sort_values(BUDGET)


def _measured(accounts: pd.DataFrame, totals: pd.DataFrame, codes: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """Add up the lines of each document of some kinds."""
    documents = _documents(accounts, totals, kinds)
    lines = _lines(accounts, documents, codes)
    spent = lines["direction"] == "expenditure"
    parts = {"expenditure": spent, "receipts": ~spent, "operating": spent & (lines["section"] == "operating")}
    parts |= {category: spent & (lines["category"] == category) for category in (*CATEGORIES, UNCATEGORISED)}
    cents = _cents(lines)
    money = pd.DataFrame(
        {
            name: cents[part].groupby(lines["document"]).sum().reindex(documents.index, fill_value=0)
            for name, part in parts.items()
        }
    )
    money["net"] = money["expenditure"] - money["receipts"]
    used = lines.loc[cents != 0, ["document", "function"]].drop_duplicates().sort_values(["document", "function"])
    functions = used.groupby("document")["function"].agg(";".join)
    euros = money[MONEY] / 100
    euros[~documents["known"]] = np.nan
    return documents.join(euros).join(functions.rename("functions"))


def _lines(accounts: pd.DataFrame, documents: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The real operations of some documents, with category or origin and the row of their document."""
    real = _with_unit(accounts[accounts["operation"] == "real"])
    lines = real.merge(documents[DOCUMENT].assign(document=documents.index), on=DOCUMENT)
    category = _natures(lines, codes)["category"].fillna(UNCATEGORISED)
    spent = lines["direction"] == "expenditure"
    return lines.assign(category=category.where(spent), origin=category.mask(spent))


def _natures(lines: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The row of account_codes for the nature of each line: a category of expenditure, or an origin of receipts."""
    category, origin = (
        _found(lines, codes[codes["category"].isin(names)], "nature") for names in (CATEGORIES, ORIGINS)
    )
    return category.where(lines["direction"] == "expenditure", origin)


def _found(lines: pd.DataFrame, codes: pd.DataFrame, column: str) -> pd.DataFrame:
    """The row of account_codes for each line: the longest code that it begins with, that of its own chart first."""
    rows = {(row.nomenclature, row.code): position for position, row in enumerate(codes.itertuples())}
    pairs = lines[["nomenclature", column]].drop_duplicates().dropna()
    places = {(chart, code): _longest(rows, chart, code) for chart, code in pairs.itertuples(index=False)}
    at = [places.get(pair, -1) for pair in zip(lines["nomenclature"], lines[column], strict=True)]
    return codes.reset_index(drop=True).reindex(at).set_index(lines.index)


def _longest(rows: dict[tuple[str, str], int], chart: str, code: str) -> int:
    """Look up a code, then its beginnings, the longest first; charts may be said as M57A or M14-M14_COM_SUP3500."""
    charts = sorted({known for known, _ in rows if known != ANY and _same_chart(chart, known)}, reverse=True)
    for end in range(len(code), 0, -1):
        for known in (*charts, ANY):
            if (known, code[:end]) in rows:
                return rows[known, code[:end]]
    return -1


def _same_chart(printed: str, chart: str) -> bool:
    rest = printed.upper().removeprefix(chart)
    return rest != printed.upper() and not rest[:1].isdigit()


def _with_total(taken: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Complete the operating expenditure of main budgets from OFGL, where it is missing or nil."""
    said = taken["operating_expenditure"].astype("float64").where(lambda total: total > 0)
    main = totals[(totals["format"] == "ofgl") & (totals["budget"] == "main")]
    other = _greatest(main, "operating_expenditure", taken)
    source = pd.Series(np.where(said.notna(), "document", "ofgl"), taken.index, dtype="str")
    total = said.fillna(other)
    return taken.assign(operating_expenditure=total, operating_source=source.where(total.notna()))


def _with_population(taken: pd.DataFrame, totals: pd.DataFrame, populations: pd.DataFrame) -> pd.DataFrame:
    """Add the population of the year, or that of the reference, and say whose and of which year it is."""
    known = populations[["siren", "population", "population_year"]].dropna().drop_duplicates("siren").set_index("siren")
    reference = known.reindex(taken["siren"]).set_index(taken.index)
    years = taken["year"].astype("float64")
    found = pd.DataFrame({"population": np.nan, "population_year": np.nan, "population_source": None}, taken.index)
    for source, people, year in (
        ("document", taken["population"], years),
        ("document", _greatest(totals[totals["format"] != "ofgl"], "population", taken), years),
        ("ofgl", _greatest(totals[totals["format"] == "ofgl"], "population", taken), years),
        ("reference", reference["population"], reference["population_year"]),
    ):
        people = people.astype("float64")
        here = found["population"].isna() & (people > 0)
        found.loc[here, "population"] = people[here]
        found.loc[here, "population_year"] = year.astype("float64")[here]
        found.loc[here, "population_source"] = source
    return taken.drop(columns="population").join(
        found.astype({"population": "Int64", "population_year": "Int64", "population_source": "str"})
    )


def _greatest(totals: pd.DataFrame, column: str, taken: pd.DataFrame) -> pd.Series:
    """What some totals say of the collectivity and year of each row; of several, the greatest."""
    key = pd.MultiIndex.from_frame(taken[["siren", "year"]])
    found = totals.groupby(["siren", "year"])[column].max().astype("float64").reindex(key)
    return pd.Series(found.to_numpy(), taken.index)
