"""
Read balances of accounts (DGFiP): the debits and credits of every account of a budget, by function or not.

Two flavours: the yearly file, with functions, upper-case headers and decimal commas; the extract of the open data, most
often without functions, with lower-case headers and decimal points. Both say the SIREN; their INSEE code lacks the
département and is never read.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from citydiplo.errors import DataError, Problem
from citydiplo.imports import balance_scan
from citydiplo.imports.account_document import COLUMNS, Reading
from citydiplo.imports.balance_scan import Scan
from citydiplo.imports.balance_sift import EXPECTED, FUNCTION, SECTIONS
from citydiplo.imports.refusals import bounded

SIRET = "[0-9]{14}"

MAIN = "1"
DIRECTIONS = {"expenditure": ("obnetdeb", "oobdeb"), "receipt": ("obnetcre", "oobcre")}
# What a row says of its budget.
DOCUMENT = ["siren", "siret", "name", "year", "document_kind", "budget", "nomenclature", "format", "locator"]

Cells = dict[str, object]


def read(path: Path, name: str | None = None) -> Reading:
    """Read a balance.

    Parameters
    ----------
    path : Path
        CSV, in UTF-8 (with or without byte order mark) or Latin-1.
    name : str, optional
        What it is called in reports.

    Returns
    -------
    Reading
        Real expenditure is OBNETDEB − OOBDEB, real receipts OBNETCRE − OOBCRE; order entries are lines of their own.
        A budget that misses a line has no totals; one whose only lines of function 04 were refused is as if it did not
        say its functions: nothing is known. A line is located by its budget, function and account, which are its key:
        lines of the file that have the same are summed. A refused one is located by its number in the file.
    """
    file = name or path.name
    try:
        scan = balance_scan.scan(path, file)
    except DataError as error:
        return Reading(problems=error.problems)
    except OSError as error:
        return Reading(problems=[Problem(file, None, None, f"not readable ({error.strerror})", EXPECTED)])
    problems = bounded(file, scan.sifted.problems, scan.sifted.others)
    if scan.budgets.empty:
        return Reading(problems=problems or [Problem(file, None, None, "no rows", EXPECTED)])
    lines = scan.lines[~scan.lines["refused"] & scan.lines["moved"]]
    totals = _totals(scan, lines["place"])
    return Reading(_accounts(lines, totals), totals, problems=problems)


def _totals(scan: Scan, told: pd.Series) -> pd.DataFrame:
    """A row a budget; those at some places have lines of function 04."""
    budgets, refused = scan.budgets, scan.sifted
    siret = budgets["ident"].where(budgets["ident"].str.fullmatch(SIRET))
    keys = pd.Series(list(zip(budgets["exer"], budgets["ident"], strict=True)), dtype="object")
    known = budgets["functions"] & (budgets.index.isin(told) | ~keys.isin(refused.unknown))
    complete = ~keys.isin(refused.incomplete)
    totals = pd.DataFrame(
        {
            "siren": budgets["siren"],
            "siret": siret,
            "name": budgets["name"].where(budgets["name"] != "", budgets["siren"]),
            "year": budgets["exer"].astype("int64"),
            "document_kind": "account_balance",
            "budget": np.where(budgets["cbudg"].str.strip() == MAIN, "main", "subsidiary"),
            "nomenclature": budgets["nomenclature"].where(budgets["nomenclature"] != ""),
            "by_function": np.where(known, "yes", "no"),
            "operating_expenditure": budgets["expenditure"].where(complete),
            "operating_receipts": budgets["receipts"].where(complete),
            "format": "dgfip",
            "locator": "IDENT " + siret.fillna(budgets["siren"]),
        }
    )
    return totals.reindex(columns=COLUMNS["account_totals"])


def _accounts(lines: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """A row a direction of a line, real or order, where it is not nil."""
    documents = totals[DOCUMENT].iloc[lines["place"]].set_index(lines.index)
    common = documents.assign(
        function=lines["function"],
        function_printed=lines[FUNCTION].str.strip(),
        nature=lines["compte"],
        section=lines["section"].fillna(lines["compte"].str[0].map(SECTIONS)),
        locator=documents["locator"] + ", FONCTION " + lines[FUNCTION] + ", COMPTE " + lines["compte"],
    )
    parts = []
    for direction, (net, order) in DIRECTIONS.items():
        for operation, amount in (("real", lines[net] - lines[order]), ("order", lines[order])):
            amount = amount.round(2)
            part = common.assign(direction=direction, operation=operation, amount=amount)
            parts.append(part[amount != 0])
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True).reindex(columns=COLUMNS["accounts"])
