"""
Ask the open data of the ministry of finance (Opendatasoft, Explore API v2.1) for the balance of accounts of a
collectivity in a year: one polite request, its answer kept.

From 2018 on one data set a year has the functions of every collectivity. Its name does not follow from the year, and
was found in public programs that use it, not tried on the service itself. Before, and in years not known here yet, data
sets without functions are left: they give totals only.
"""

import csv
import hashlib
import io
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

from citydiplo.collectivities import EPCI_KINDS, Collectivity
from citydiplo.errors import UserError
from citydiplo.imports import http

ENDPOINT = "https://data.economie.gouv.fr/api/explore/v2.1"

ALL = "balances-comptables-des-collectivites-et-des-etablissements-publics-locaux"
WITH_FUNCTIONS = {
    2018: f"{ALL}-avec0",
    2019: f"{ALL}-avec6",
    2020: f"{ALL}-avec7",
    2021: f"{ALL}-avec8",
    2022: f"{ALL}-2022",
    2023: "balances-comptables-des-collectivites-et-des-epl-avec-fonction-2023",
    2024: f"{ALL}-avec-la-presentation-croisee-nature-fonction-2024",
    2025: f"{ALL}-avec-la-presentation-croisee-nature-fonction-2025",
}
COMMUNES = "balances-comptables-des-communes-en-{year}"
GROUPINGS = "balances-comptables-des-groupements-a-fiscalite-propre-depuis-2010"

# What a balance has, in small letters, whatever the year.
NEEDED = ("exer", "siren", "nomen", "compte", "obnetdeb", "obnetcre")


def dataset_of(city: Collectivity, year: int) -> str:
    """The data set that has the balance of a collectivity in a year."""
    if year in WITH_FUNCTIONS:
        return WITH_FUNCTIONS[year]
    return GROUPINGS if city.kind in EPCI_KINDS else COMMUNES.format(year=year)


def fetch(
    folder: Path,
    city: Collectivity,
    year: int,
    *,
    dataset: str = "",
    endpoint: str = ENDPOINT,
    contact: str = "",
    timeout: float = 120,
    refresh: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Ask for the balance of a collectivity in a year, unless the answer is in the folder.

    Parameters
    ----------
    folder : Path
        Where answers are kept.
    city : Collectivity
    year : int
        Of the accounts.
    dataset : str
        Identifier of a data set, instead of `dataset_of`.
    endpoint : str
        Address of an Explore API, up to its version.
    contact, timeout, wait
        See `citydiplo.imports.http.ask`.
    refresh : bool
        Ask again even if there is an answer.

    Returns
    -------
    Path
        The answer, as CSV: ``balance-SIREN-YEAR-QUERY-DATE.csv``, QUERY being a mark of the address.

    Raises
    ------
    UserError
        If no complete balance comes.
    """
    if city.siren is None:
        raise UserError(f"{city.name} ({city.id}) has no SIREN in the reference: its accounts cannot be asked for")
    dataset = dataset or dataset_of(city, year)
    where = f'siren="{city.siren}"' + (f' and exer="{year}"' if dataset == GROUPINGS else "")
    query = urllib.parse.urlencode({"where": where, "delimiter": ";"})
    identifier = urllib.parse.quote(dataset, safe="")
    address = f"{endpoint.rstrip('/')}/catalog/datasets/{identifier}/exports/csv?{query}"
    http.check_address(address)
    start = f"balance-{city.siren}-{year}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"
    kept = http.answers(folder, start, ".csv")
    if kept and not refresh:
        return kept[-1]
    content = http.ask(address, "text/csv", contact=contact, timeout=timeout, wait=wait)
    _check(content, f"{city.name} ({city.siren}), {year}, data set {dataset}", city.siren, year)
    return http.keep(folder, start, ".csv", content)


def _check(content: bytes, what: str, siren: str, year: int) -> None:
    """Refuse an answer that is no balance, or not all of the one asked for."""
    try:
        text = content.decode("utf-8-sig")
        header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)) or [[]]
    except (UnicodeDecodeError, csv.Error):
        raise UserError(f"{what}: the answer is no CSV{http.excerpt(content)}") from None
    columns = [name.strip().lower() for name in header]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise UserError(f"{what}: the answer is no balance, it lacks {', '.join(missing)}{http.excerpt(content)}")
    if not rows:
        raise UserError(f"{what}: no rows; are the accounts published yet? --dataset names another data set")
    if not text.endswith("\n") or any(len(cells) != len(header) for cells in rows):
        raise UserError(f"{what}: an answer that is cut off ({len(content)} bytes): try again later")
    for name, wanted in (("siren", siren), ("exer", str(year))):
        others = {cells[columns.index(name)][: len(wanted)] for cells in rows} - {wanted}
        if others:
            raise UserError(f"{what}: the answer has rows of {name} {', '.join(sorted(others)[:3])}")
