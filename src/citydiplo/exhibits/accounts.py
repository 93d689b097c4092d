"""What the imported accounts say of international action: amounts by year, beside the study's classes."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from citydiplo import account_charts, budget_series
from citydiplo.account_book import AccountBook
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.sections import note
from citydiplo.survey.resources import BUDGET_CLASSES

# What is said beside the ratios, not beside the amounts.
OF_RATIOS = ("population_of_another_year", "no_share")

# Global subsidies: European funds that a collectivity manages for the State.
GLOBAL_GRANTS = "041"


def together(parts: Sequence[HTML | None]) -> HTML | None:
    """Exhibits one below the other; nothing if there is none."""
    shown = [part.data for part in parts if part]
    return HTML("\n".join(shown)) if shown else None


def labelled(book: AccountBook, rows: pd.DataFrame) -> dict[str, list[str]]:
    """The first columns of a table: whose its rows are, where they are of several, and of which year."""
    t, years = book.language.text, [str(year) for year in rows["year"]]
    whose = {t("accounts.collectivity"): rows["name"].tolist()} if book.several else {}
    return {**whose, t("accounts.year"): years}


def scope(book: AccountBook, rows: pd.DataFrame) -> str:
    """Of what, whom and when; with what function 04 misses."""
    t = book.language.text
    years = sorted(rows["year"].unique())
    span = str(years[0]) if len(years) == 1 else t("accounts.span", first=str(years[0]), last=str(years[-1]))
    left = book.every["siren"].nunique() - len(book.shown)
    more = t("accounts.not_shown", count=left) if left else ""
    charts = rows["nomenclature"].fillna("").str.extract("(M14|M57)")[0].dropna().unique()
    changed = t("accounts.chart_changed") if len(charts) > 1 else ""
    said = t("accounts.scope", count=rows["siren"].nunique(), years=span)
    return " ".join(filter(None, [said, more, changed, t("accounts.misses")]))


def example(rows: pd.DataFrame) -> pd.Series:
    """The row that a reading reads: the last that spends something, if there is one."""
    spending = rows[rows["expenditure"] > 0]
    return (rows if spending.empty else spending).sort_values("year", kind="stable").iloc[-1]


def levels(book: AccountBook) -> HTML:
    """What function 04 spends over the years, on the study's classes; a note where nothing is imported."""
    t = book.language.text
    if book.empty:
        return note(t("accounts.not_found" if len(book.imported["account_totals"]) else "accounts.nothing"))
    rows = book.known
    if rows.empty:
        return note(t("accounts.all_unknown" if len(book.yearly) else "accounts.no_account"))
    row = example(rows)
    label = book.language.label("budget_class", row["budget_class"])
    caption = Caption(
        t(
            "accounts.levels_reading",
            name=row["name"],
            document=book.document(row),
            amount=_spent(book, row),
            label=label,
        ),
        f"{scope(book, rows)} {t('accounts.levels_scope')}",
        book.cite(book.passages(rows), book.study_classes),
    )
    named = {name: list(zip(group["year"], group["expenditure"], strict=True)) for name, group in rows.groupby("name")}
    bands = {book.language.label("budget_class", code): ends for code, ends in BUDGET_CLASSES.items()}
    write = book.language.number
    figure = account_charts.classes(named, bands, t("accounts.nil"), lambda edge: t("euros", amount=write(round(edge))))
    said = [
        t("accounts.alt_row", name=r["name"], year=str(r["year"]), amount=_spent(book, r)) for _, r in rows.iterrows()
    ]
    return illustrate(figure, t("accounts.alt", rows=t("separator").join(said)), caption, book.language)


def _spent(book: AccountBook, row: pd.Series) -> str:
    return book.euros(row["expenditure"])


def series(book: AccountBook) -> HTML | None:
    """Expenditure, receipts and net by year, with the class of the study and what to know of each row."""
    t, rows = book.language.text, book.yearly
    if rows.empty:
        return None
    label = book.language.label
    table = pd.DataFrame(
        {
            **labelled(book, rows),
            t("accounts.document"): [label("account_document", kind) for kind in rows["document_kind"]],
            t("accounts.expenditure"): rows["expenditure"].map(book.euros),
            t("accounts.receipts"): rows["receipts"].map(book.euros),
            t("accounts.net"): rows["net"].map(book.euros),
            t("accounts.class"): [
                "" if pd.isna(code) else label("budget_class", code) for code in rows["budget_class"]
            ],
        }
    )
    row = example(rows)
    amounts = {name: book.euros(row[name]) for name in ("expenditure", "receipts", "net")}
    caption = Caption(
        t(
            "accounts.series_reading" if row["known"] else "accounts.unknown_reading",
            name=row["name"],
            year=str(row["year"]),
            **amounts,
        ),
        scope(book, rows),
        book.cite(book.passages(rows), book.study_classes),
    )
    return together([tabulate(table, t("accounts.series_title"), caption, book.language), *remarks(book, rows)])


def remarks(book: AccountBook, rows: pd.DataFrame, of_ratios: bool = False) -> list[HTML]:
    """The caveats of rows in words, each with the rows that it holds for; nothing if there are none."""
    t, whose = book.language.text, [" ".join(parts) for parts in zip(*labelled(book, rows).values(), strict=True)]
    holds: dict[str, list[str]] = {}
    for name, (_, row) in zip(whose, rows.iterrows(), strict=True):
        for said in _caveats(book, row, of_ratios):
            holds.setdefault(said, []).append(name)
    lines = [t("accounts.remark", rows=", ".join(names), said=said) for said, names in holds.items()]
    return [note(" ".join([t("accounts.remarks"), *lines]))] if lines else []


def _caveats(book: AccountBook, row: pd.Series, of_ratios: bool) -> list[str]:
    t = book.language.text
    codes = [code for code in budget_series.caveats(row) if (code in OF_RATIOS) == of_ratios]
    values = {
        "functions": "" if pd.isna(row["functions"]) else row["functions"],
        "uncategorised": book.euros(row["uncategorised"]),
        "difference": book.euros(row["difference"]),
        "subsidiary": book.euros(row["subsidiary_expenditure"]),
        "population_year": str(row["population_year"]),
    }
    said = [t(f"caveat.{code}", **values) for code in codes]
    if not of_ratios and GLOBAL_GRANTS in values["functions"].split(";"):
        said.append(t("accounts.global_grants"))
    return said


def constant(book: AccountBook) -> HTML | None:
    """The same amounts in the prices of the last year of the index."""
    t, index, rows = book.language.text, book.tables["price_index"], book.known
    if rows.empty:
        return None
    year = int(index["year"].max())
    rows = budget_series.constant(rows, index, year)
    table = pd.DataFrame(
        {
            **labelled(book, rows),
            t("accounts.current"): rows["expenditure"].map(book.euros),
            t("accounts.constant", year=str(year)): rows["expenditure_constant"].map(book.euros),
            t("accounts.receipts_constant", year=str(year)): rows["receipts_constant"].map(book.euros),
            t("accounts.net_constant", year=str(year)): rows["net_constant"].map(book.euros),
        }
    )
    row = example(rows)
    amounts = {"current": _spent(book, row), "constant": book.euros(row["expenditure_constant"])}
    caption = Caption(
        t("accounts.constant_reading", name=row["name"], year=str(row["year"]), base=str(year), **amounts),
        scope(book, rows) + " " + t("accounts.constant_scope"),
        book.cite(book.passages(rows), index),
    )
    return tabulate(table, t("accounts.constant_title", year=str(year)), caption, book.language)
