"""The accounts that were imported, of some collectivities and years, as the notebook and the report show them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from citydiplo import budgets, collectivities, data
from citydiplo.account_records import WAVE
from citydiplo.captions import MOST_SOURCES, source_line
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.language import Language
from citydiplo.survey import register

# A chart tells so many collectivities apart.
MOST_SHOWN = 12

SHORT_HASH = 12

FILE = ["siren", "name", "year", "document_kind", "source", "source_hash"]


@dataclass(frozen=True)
class AccountBook:
    """What the imported accounts say, with the words to say it.

    Attributes
    ----------
    tables : dict
        From `data.load_tables`.
    language : Language
    everyone : DataFrame
        From `collectivities.directory`.
    imported : dict
        From `data.load_accounts`.
    sirens : tuple of str or None
        The collectivities that are shown; None for all.
    years : tuple of int or None
        The years that are shown; None for all.
    """

    tables: Tables
    language: Language
    everyone: pd.DataFrame
    imported: Tables
    sirens: tuple[str, ...] | None = None
    years: tuple[int, ...] | None = None

    @classmethod
    def load(cls, tables: Tables, language: Language, names: str = "", years: str = "") -> "AccountBook":
        """Read the accounts.

        Parameters
        ----------
        tables : dict
        language : Language
        names : str
            Names or codes of collectivities, separated by commas; all if empty.
        years : str
            Years, or first-last, separated by commas; all if empty.

        Raises
        ------
        UserError
            If no collectivity has such a name or code, or a year is none.
        """
        everyone = collectivities.directory(tables)
        imported = data.load_accounts()
        known = {siren for table in imported.values() for siren in table["siren"]}
        sirens = tuple(_siren(everyone, known, name) for name in names.split(",") if name.strip())
        return cls(tables, language, everyone, imported, sirens or None, _years(years))

    def of(self, *sirens: str) -> "AccountBook":
        """The same, of some collectivities only."""
        return replace(self, sirens=sirens)

    def _kept(self, table: pd.DataFrame) -> pd.DataFrame:
        rows = table if self.sirens is None else table[table["siren"].isin(self.sirens)]
        return rows if self.years is None else rows[rows["year"].isin(self.years)]

    @cached_property
    def rows(self) -> Tables:
        """The imported tables, of the collectivities and years shown."""
        return {name: self._kept(table) for name, table in self.imported.items()}

    @property
    def empty(self) -> bool:
        return all(table.empty for table in self.rows.values())

    @cached_property
    def every(self) -> pd.DataFrame:
        """See `budgets.international`."""
        tables, codes = self.rows, self.tables["account_codes"]
        return budgets.international(tables["accounts"], tables["account_totals"], codes, self.everyone)

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The collectivities to show: those asked for, or those that spent most in their last year, so many at most."""
        last = self.every.sort_values(["known", "year"]).drop_duplicates("siren", keep="last")
        last = last.sort_values(["known", "expenditure", "siren"], ascending=[False, False, True])
        return tuple(last["siren"].head(MOST_SHOWN))

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """`every` row of the collectivities to show, with their usual name."""
        rows = self.every[self.every["siren"].isin(self.shown)]
        return rows.assign(name=self.names(rows)).reset_index(drop=True)

    @cached_property
    def known(self) -> pd.DataFrame:
        """The rows of `yearly` whose document says its functions."""
        return self.yearly[self.yearly["known"]]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """See `budgets.counted`, of the collectivities to show."""
        tables = self.rows
        lines = budgets.counted(tables["accounts"], tables["account_totals"], self.tables["account_codes"])
        return lines[lines["siren"].isin(self.shown)]

    @property
    def several(self) -> bool:
        """Whether rows must say whose they are."""
        return self.yearly["siren"].nunique() > 1

    def names(self, rows: pd.DataFrame) -> pd.Series:
        """The usual name of the collectivity of each row, or the one that its last file has."""
        usual = self.everyone.dropna(subset="siren").drop_duplicates("siren").set_index("siren")["name"]
        last = rows.sort_values("year", kind="stable").drop_duplicates("siren", keep="last").set_index("siren")["name"]
        return rows["siren"].map(usual).fillna(rows["siren"].map(last))

    def euros(self, amount: float) -> str:
        """An amount in euros and cents; « unknown » for a missing one."""
        if pd.isna(amount):
            return self.language.text("accounts.unknown")
        return self.language.text("euros", amount=self.language.number(amount, 2))

    def document(self, row: pd.Series) -> str:
        """What a row is of: « compte administratif 2020 »."""
        label = self.language.label("account_document", row["document_kind"])
        return f"{label[0].lower()}{label[1:]} {row['year']}"

    def passages(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Where rows of siren, year, document_kind and source come from: lines of function 04, or the document's."""
        lines, totals = self.rows["accounts"], self.rows["account_totals"]
        by = ["siren", "source_hash", "year", "document_kind"]
        silent = totals[~pd.MultiIndex.from_frame(totals[by]).isin(pd.MultiIndex.from_frame(lines[by]))]
        wanted = rows[["siren", "year", "document_kind", "source"]].drop_duplicates()
        return pd.concat([lines, silent])[[*FILE, "locator"]].merge(wanted, on=[*wanted.columns])

    def cite(self, passages: pd.DataFrame, *frames: pd.DataFrame) -> str:
        """Name the files of passages, and the sources of rows of the kit's tables.

        Each file once, with its documents, the beginning of its SHA-256, and the lines that count.
        """
        named = [self._file(group) for _, group in passages.groupby("source_hash", sort=False)]
        t = self.language.text
        if len(named) > MOST_SOURCES:
            named = [*named[: MOST_SOURCES - 1], t("accounts.more_files", count=len(named) - MOST_SOURCES + 1)]
        cited = source_line(self.language, self.tables["sources"], *frames)
        return t("separator").join([*named, *filter(None, [cited])])

    def _file(self, passages: pd.DataFrame) -> str:
        row, documents = passages.iloc[0], [self.document(row) for _, row in passages.iterrows()]
        numbers = [int(end) for place in passages["locator"] for end in re.findall(r"\d+", _lines(place))]
        ends = sorted({min(numbers), max(numbers)}) if numbers else []
        where = f"l. {'-'.join(map(str, ends))}" if ends else row["locator"].split(",")[0]
        several = self.language.text("accounts.of_several", count=passages["siren"].nunique())
        whose = self.names(passages).iloc[0] if passages["siren"].nunique() == 1 else several
        if passages["siren"].nunique() > 1 and not numbers:
            where = ""
        digest = f"SHA-256 {row['source_hash'][:SHORT_HASH]}…"
        said = filter(None, [whose, *dict.fromkeys(documents), digest, where])
        return f"{row['source']} ({', '.join(said)})"

    def codes(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of account_codes for the charts of accounts of some rows."""
        codes = self.tables["account_codes"]
        charts = set(rows["nomenclature"].fillna("").str.extract("(M14|M57)")[0].dropna())
        return codes[codes["nomenclature"].isin([*charts, budgets.ANY])]

    @cached_property
    def study_classes(self) -> pd.DataFrame:
        """What the study prints of budgets in classes."""
        figures = register.of_wave(self.tables["published_figures"], self.tables["sources"], WAVE)
        return figures[figures["topic"] == "budget_class"]


def _siren(everyone: pd.DataFrame, known: Iterable[str], query: str) -> str:
    """The SIREN of a collectivity by its name or a code; one that the accounts know need not be in the directory."""
    code = re.sub(r"\s", "", query)
    if code in known:
        return code
    city = collectivities.find(everyone, query.strip())
    if city.siren is None:
        raise UserError(f"« {query.strip()} » has no SIREN in the directory: give its SIREN")
    return city.siren


def _years(text: str) -> tuple[int, ...] | None:
    found: list[int] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        ends = re.fullmatch(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", part)
        if not ends:
            raise UserError(f"« {part} » is no year: write 2020, or 2018-2023")
        found += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
    return tuple(found) or None


def _lines(locator: str) -> str:
    """The numbers of lines of a locator « l. 3 » or « l. 3-7 »; empty for another."""
    return locator.removeprefix("l. ") if re.fullmatch(r"l\. \d+(?:-\d+)?", locator) else ""
