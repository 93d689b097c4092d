"""What the international action of imported accounts is made of: natures, accounts, functions, origins of receipts."""

from typing import NamedTuple

import pandas as pd
from IPython.display import HTML

from citydiplo import account_charts, budgets
from citydiplo.account_book import AccountBook
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.exhibits.accounts import example, labelled, scope, together
from citydiplo.exhibits.wave_tables import folded

CODES = (*budgets.CATEGORIES, budgets.UNCATEGORISED)

# A chart of one collectivity has so many bars.
MOST_YEARS = 14


class Keys(NamedTuple):
    """The texts of a table of coded amounts: heading of the codes, scope, title."""

    column: str
    scope: str
    title: str


NATURES = Keys("accounts.nature", "accounts.nature_scope", "accounts.nature_title")
FUNCTIONS = Keys("accounts.function", "accounts.function_scope", "accounts.function_title")


def composition(book: AccountBook) -> HTML | None:
    """Expenditure by nature: a chart and its table; then account by account and by sub-function, folded away."""
    rows = book.known[book.known["expenditure"] != 0]
    if rows.empty:
        return None
    rows = _last(book, rows)
    codes = [code for code in CODES if (rows[code] != 0).any()]
    names = {code: book.language.label("account_category", code) for code in codes}
    caption = _caption(book, rows, names)
    details = [_accounts(book, rows), _functions(book, rows)]
    return together(
        [
            _chart(book, rows, names, caption),
            _table(book, rows, names, caption),
            folded(book.language.text("accounts.detail"), details),
        ]
    )


def _last(book: AccountBook, rows: pd.DataFrame) -> pd.DataFrame:
    """The last year of each of several collectivities; the last years of a single one."""
    return rows.groupby("siren").tail(1 if book.several else MOST_YEARS).reset_index(drop=True)


def _scope(book: AccountBook, rows: pd.DataFrame) -> str:
    last = book.language.text("accounts.last_year") if book.several else ""
    return " ".join(filter(None, [scope(book, rows), last]))


def _caption(book: AccountBook, rows: pd.DataFrame, names: dict[str, str]) -> Caption:
    row = example(rows)
    largest = max(names, key=lambda code: row[code])
    reading = book.language.text(
        "accounts.composition_reading",
        name=row["name"],
        year=str(row["year"]),
        label=names[largest],
        amount=book.euros(row[largest]),
        total=book.euros(row["expenditure"]),
    )
    return Caption(reading, _scope(book, rows), book.cite(book.passages(rows), book.codes(rows)))


def _chart(book: AccountBook, rows: pd.DataFrame, names: dict[str, str], caption: Caption) -> HTML:
    t = book.language.text
    labels = [", ".join(parts) for parts in zip(*labelled(book, rows).values(), strict=True)]
    figure = account_charts.parts(
        rows[list(CODES)].set_axis(labels),
        [book.language.label("account_category", code) for code in CODES],
        rows["expenditure"].map(book.euros).tolist(),
        t("accounts.axis"),
        book.language.number,
    )
    said = [
        t(
            "accounts.alt_bar",
            label=label,
            parts=", ".join(
                t("accounts.part", label=name, amount=book.euros(row[code])) for code, name in names.items()
            ),
        )
        for label, (_, row) in zip(labels, rows.iterrows(), strict=True)
    ]
    return illustrate(figure, t("accounts.alt_parts", rows=t("separator").join(said)), caption, book.language)


def _table(book: AccountBook, rows: pd.DataFrame, names: dict[str, str], caption: Caption) -> HTML:
    t = book.language.text
    table = pd.DataFrame(
        labelled(book, rows)
        | {name: rows[code].map(book.euros).tolist() for code, name in names.items()}
        | {t("accounts.total"): rows["expenditure"].map(book.euros).tolist()}
    )
    return tabulate(table, t("accounts.composition_title"), caption, book.language)


def _of(book: AccountBook, found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The amounts of the collectivities and years of some rows, with their names; nil ones left out."""
    kept = found[found["amount"] != 0].merge(rows[["siren", "year", "name"]], on=["siren", "year"])
    return kept.sort_values(["name", "year", "direction", "code"], kind="stable", ignore_index=True)


def _accounts(book: AccountBook, rows: pd.DataFrame) -> HTML:
    """Every account by nature, with the heading of the chart of accounts."""
    codes = book.tables["account_codes"]
    found = budgets.by_nature(book.lines, codes)
    return _coded(book, rows, found.assign(coded=found["nature"]), NATURES)


def _functions(book: AccountBook, rows: pd.DataFrame) -> HTML:
    """Every sub-function, with its heading in its own chart of accounts."""
    codes = book.tables["account_codes"]
    found = budgets.by_function(book.lines, codes)
    return _coded(book, rows, found.assign(coded=found["function"]), FUNCTIONS)


def _coded(book: AccountBook, rows: pd.DataFrame, found: pd.DataFrame, keys: Keys) -> HTML:
    t = book.language.text
    found = _of(book, found, rows)
    table = pd.DataFrame(
        {
            t(keys.column): found["coded"].fillna(t("accounts.unknown")),
            t("accounts.heading"): [book.language.pick(row, "label") for _, row in found.iterrows()],
            **labelled(book, found),
            t("accounts.chart_of_accounts"): found["nomenclature"],
            t("accounts.direction"): [book.language.label("account_direction", code) for code in found["direction"]],
            t("accounts.amount"): found["amount"].map(book.euros),
        }
    )
    row = found.iloc[0]
    caption = Caption(
        t(
            "accounts.coded_reading",
            code=table.iloc[0, 0],
            name=row["name"],
            year=str(row["year"]),
            amount=table.iloc[0, -1],
        ),
        f"{_scope(book, rows)} {t(keys.scope)}",
        book.cite(book.passages(rows), book.codes(rows)),
    )
    return tabulate(table, t(keys.title), caption, book.language)


def origins(book: AccountBook) -> HTML | None:
    """Receipts by who pays them, and what is left to pay."""
    t, rows = book.language.text, book.known[book.known["receipts"] != 0]
    if rows.empty:
        return None
    paid = budgets.by_origin(book.lines).pivot_table(index=["siren", "year"], columns="origin", values="amount")
    paid = paid.reindex(pd.MultiIndex.from_frame(rows[["siren", "year"]])).fillna(0.0)
    codes = [code for code in (*budgets.ORIGINS, budgets.UNCATEGORISED) if (paid.get(code, pd.Series(0.0)) != 0).any()]
    names = {code: book.language.label("account_origin", code) for code in codes}
    table = pd.DataFrame(
        labelled(book, rows)
        | {name: paid[code].map(book.euros).tolist() for code, name in names.items()}
        | {
            t("accounts.receipts"): rows["receipts"].map(book.euros).tolist(),
            t("accounts.net"): rows["net"].map(book.euros).tolist(),
            t("accounts.covered"): [_covered(book, row) for _, row in rows.iterrows()],
        }
    )
    row = rows.iloc[-1]
    first = max(codes, key=lambda code: paid[code].iloc[-1])
    caption = Caption(
        t(
            "accounts.origins_reading",
            name=row["name"],
            year=str(row["year"]),
            label=names[first],
            amount=book.euros(paid[first].iloc[-1]),
            net=book.euros(row["net"]),
        ),
        f"{scope(book, rows)} {t('accounts.origins_scope')}",
        book.cite(book.passages(rows), book.codes(rows)),
    )
    return tabulate(table, t("accounts.origins_title"), caption, book.language)


def _covered(book: AccountBook, row: pd.Series) -> str:
    """The part of expenditure that receipts cover."""
    if row["expenditure"] <= 0:
        return ""
    return book.language.text("percent", value=round(100 * row["receipts"] / row["expenditure"]))
