"""
Read balances of accounts (DGFiP): the debits and credits of every account of a budget, by function or not.

Two flavours: the yearly file, with functions, upper-case headers and decimal commas; the extract of the open data, most
often without functions, with lower-case headers and decimal points. Both say the SIREN; their INSEE code lacks the
département and is never read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from citydiplo.errors import DataError, Problem
from citydiplo.imports import balance_scan
from citydiplo.imports.account_document import COLUMNS, Reading, frame
from citydiplo.imports.balance_scan import Scan
from citydiplo.imports.balance_sift import AMOUNTS, EXPECTED, FUNCTION, FUNCTIONAL_CHARTS, SECTIONS, wrong_line
from citydiplo.imports.refusals import bounded

SIRET = "[0-9]{14}"

MAIN = "1"
DIRECTIONS = {"expenditure": ("obnetdeb", "oobdeb"), "receipt": ("obnetcre", "oobcre")}
# What a line says of its budget.
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
    rows = [
        row for row in scan.lines if any(row[amount] for amount in AMOUNTS) and not wrong_line(row, row["function"])
    ]
    places = [row["place"] for row in rows]
    totals = _totals(scan, places)
    documents = totals[DOCUMENT].iloc[places].to_dict("records")
    accounts = [line for row, document in zip(rows, documents, strict=True) for line in _lines(row, document)]
    return Reading(frame("accounts", accounts), totals, problems=problems)


def _totals(scan: Scan, told: list[int]) -> pd.DataFrame:
    """A row a budget; those at some places have lines of function 04."""
    budgets, refused = scan.budgets, scan.sifted
    siret = budgets["ident"].where(budgets["ident"].str.fullmatch(SIRET))
    siren = budgets["siren"].where(budgets["siren"] != "", budgets["ident"].str[:9])
    name = budgets["name"].str.strip()
    keys = pd.Series(list(zip(budgets["exer"], budgets["ident"], strict=True)), dtype="object")
    known = budgets["printed"] & budgets["nomenclature"].str.startswith(FUNCTIONAL_CHARTS)
    known &= budgets.index.isin(told) | ~keys.isin(refused.unknown)
    complete = ~keys.isin(refused.incomplete)
    totals = pd.DataFrame(
        {
            "siren": siren,
            "siret": siret,
            "name": name.where(name != "", siren),
            "year": budgets["exer"].astype("int64"),
            "document_kind": "account_balance",
            "budget": np.where(budgets["cbudg"].str.strip() == MAIN, "main", "subsidiary"),
            "nomenclature": budgets["nomenclature"].where(budgets["nomenclature"] != ""),
            "by_function": np.where(known, "yes", "no"),
            "operating_expenditure": budgets["expenditure"].where(complete),
            "operating_receipts": budgets["receipts"].where(complete),
            "format": "dgfip",
            "locator": "IDENT " + siret.fillna(siren),
        }
    )
    return totals.reindex(columns=COLUMNS["account_totals"])


def _lines(row: dict[str, Any], document: Cells) -> Iterator[Cells]:
    """A line a direction, real or order, where it is not nil."""
    nature, function = row["compte"], row["function"]
    common = document | {
        "function": function.code,
        "function_printed": row[FUNCTION].strip(),
        "nature": nature,
        "section": function.section or SECTIONS[nature[0]],
        "locator": f"{document['locator']}, FONCTION {row[FUNCTION]}, COMPTE {nature}",
    }
    for direction, (net, order) in DIRECTIONS.items():
        for operation, amount in (("real", row[net] - row[order]), ("order", row[order])):
            if round(amount, 2):
                yield common | {"direction": direction, "operation": operation, "amount": round(amount, 2)}
