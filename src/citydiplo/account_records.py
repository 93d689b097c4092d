"""What the imported accounts say of one collectivity and of its EPCI, with the rows of the tables that explain it."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from citydiplo.data import Tables
from citydiplo.survey import register

# The wave of the survey whose classes of budget stand behind the amounts.
WAVE = "2021"

# The facts of facts.csv on Rennes' decision.
RULE = ("rennes-budget-rule", "rennes-budget-share")


@dataclass(frozen=True)
class AccountRecords:
    """The accounts of some collectivities; without rows and tables where nothing is imported of them.

    Attributes
    ----------
    imported : dict
        Rows of accounts, account_totals and subsidies.
    tables : dict
        What explains them: the tables account_codes, price_index and countries, the classes of budget of `WAVE`
        (published_figures) and the facts `RULE` (facts).
    directory : DataFrame
        The collectivities themselves: rows of `collectivities.directory`.
    """

    imported: Tables
    tables: Tables
    directory: pd.DataFrame

    @property
    def empty(self) -> bool:
        return all(table.empty for table in self.imported.values())

    @property
    def cited(self) -> list[pd.DataFrame]:
        """The frames whose source_id the captions name."""
        return [table for table in self.tables.values() if "source_id" in table]


def records(sirens: Collection[str], everyone: pd.DataFrame, tables: Tables, accounts: Tables) -> AccountRecords:
    """Select what concerns some collectivities.

    Parameters
    ----------
    sirens : collection of str
    everyone : DataFrame
        From `collectivities.directory`.
    tables : dict
        From `data.load_tables`.
    accounts : dict
        From `data.load_accounts`.
    """
    imported = {name: table[table["siren"].isin(sirens)].reset_index(drop=True) for name, table in accounts.items()}
    if all(table.empty for table in imported.values()):
        return AccountRecords(imported, {}, everyone.iloc[:0])
    figures = register.of_wave(tables["published_figures"], tables["sources"], WAVE)
    beside = {
        "account_codes": tables["account_codes"],
        "price_index": tables["price_index"],
        "published_figures": figures[figures["topic"] == "budget_class"],
        "facts": tables["facts"][tables["facts"]["fact_id"].isin(RULE)],
        "countries": tables["countries"][["iso3", "name_fr"]],
    }
    return AccountRecords(imported, beside, everyone[everyone["siren"].isin(sirens)])
