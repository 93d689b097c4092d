"""The size of international action in imported accounts: per inhabitant, beside a rule; and what stands apart."""

import pandas as pd
from IPython.display import HTML

from citydiplo import budget_series, budgets
from citydiplo.account_book import AccountBook
from citydiplo.account_records import RULE
from citydiplo.captions import Caption, tabulate
from citydiplo.exhibits.accounts import example, labelled, remarks, scope, together

RENNES = 1.0  # thousandths of its budget

# Who says a population or a total.
FROM = {"document": "accounts.from_document", "ofgl": "accounts.from_ofgl", "reference": "accounts.from_reference"}


def ratios(book: AccountBook, per_mille: float = RENNES) -> HTML | None:
    """Per inhabitant, and in thousandths of real operating expenditure beside what a rule would give."""
    t, number, rows = book.language.text, book.language.number, book.known
    if rows.empty:
        return None
    ruled = budget_series.rule(rows, per_mille).set_index(["siren", "year"])
    ruled = ruled.reindex(pd.MultiIndex.from_frame(rows[["siren", "year"]]))
    table = pd.DataFrame(
        {
            **labelled(book, rows),
            t("accounts.population"): [_population(book, row) for _, row in rows.iterrows()],
            t("accounts.per_inhabitant"): rows["per_inhabitant"].map(book.euros),
            t("accounts.operating"): rows["operating"].map(book.euros),
            t("accounts.operating_total"): [_total(book, row) for _, row in rows.iterrows()],
            t("accounts.share"): [_share(book, share) for share in rows["share_per_mille"]],
            t("accounts.rule", rate=per_mille): ruled["amount"].map(book.euros).tolist(),
        }
    )
    row = example(rows)
    facts = book.tables["facts"]
    caption = Caption(
        t(
            "accounts.ratios_reading",
            name=row["name"],
            year=str(row["year"]),
            amount=book.euros(row["per_inhabitant"]),
            share=_share(book, row["share_per_mille"]),
        ),
        f"{scope(book, rows)} {t('accounts.ratios_scope', rate=number(per_mille))}",
        book.cite(
            pd.concat([book.passages(rows), _ofgl(book, rows)]),
            facts[facts["fact_id"].isin(RULE)],
            *_reference(book, rows),
        ),
    )
    shown = tabulate(table, t("accounts.ratios_title"), caption, book.language)
    return together([shown, *remarks(book, rows, of_ratios=True)])


def _population(book: AccountBook, row: pd.Series) -> str:
    t = book.language.text
    if pd.isna(row["population"]):
        return t("accounts.unknown")
    source = t(FROM[row["population_source"]], year=str(row["population_year"]))
    return t("accounts.with_source", value=int(row["population"]), source=source)


def _total(book: AccountBook, row: pd.Series) -> str:
    t = book.language.text
    if pd.isna(row["operating_expenditure"]):
        return t("accounts.unknown")
    source = t(FROM[row["operating_source"]], year=str(row["year"]))
    return t("accounts.with_source", value=book.euros(row["operating_expenditure"]), source=source)


def _share(book: AccountBook, share: float) -> str:
    t = book.language.text
    return t("accounts.unknown") if pd.isna(share) else t("accounts.per_mille", share=book.language.number(share, 2))


def _ofgl(book: AccountBook, rows: pd.DataFrame) -> pd.DataFrame:
    """Where populations and totals that the documents do not say come from."""
    totals = book.rows["account_totals"]
    used = rows[(rows["population_source"] == "ofgl") | (rows["operating_source"] == "ofgl")]
    keys = pd.MultiIndex.from_frame(used[["siren", "year"]])
    return totals[(totals["format"] == "ofgl") & pd.MultiIndex.from_frame(totals[["siren", "year"]]).isin(keys)]


def _reference(book: AccountBook, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """The source of populations of the directory, where one is used."""
    used = (rows["population_source"] == "reference").any()
    return [book.tables["sources"].query("source_id == 'decoupage-administratif-2026'")] if used else []


def groups(book: AccountBook) -> HTML | None:
    """Communes with their EPCI where the accounts of both are imported, without counting twice."""
    t, communes = book.language.text, book.everyone[book.everyone["kind"] == "commune"]
    known = set(book.known["siren"])
    both = communes[communes["siren"].isin(known) & communes["epci_id"].isin(known)]
    if both.empty:
        return None
    found = budget_series.consolidated(
        book.known, book.lines, both.rename(columns={"epci_id": "epci_siren"})[["siren", "epci_siren"]]
    )
    found = found.assign(name=book.names(found.assign(siren=found["epci_siren"], name=found["epci_siren"])))
    named = both.groupby("epci_id")["name"].agg(", ".join)
    table = pd.DataFrame(
        {
            t("accounts.epci"): found["name"],
            t("accounts.communes"): found["epci_siren"].map(named),
            t("accounts.year"): found["year"].map(str),
            t("accounts.members_known"): [_members(book, row) for _, row in found.iterrows()],
            t("accounts.expenditure"): found["expenditure"].map(book.euros),
            t("accounts.receipts"): found["receipts"].map(book.euros),
            t("accounts.net"): found["net"].map(book.euros),
            t("accounts.transfers"): found["transfers"].map(book.euros),
            t("accounts.twice"): [t("accounts.may_count_twice") if twice else "" for twice in found["may_count_twice"]],
        }
    )
    row = found.iloc[-1]
    rows = book.known[book.known["siren"].isin([*both["siren"], *both["epci_id"]])]
    amounts = {"amount": book.euros(row["expenditure"]), "transfers": book.euros(row["transfers"])}
    caption = Caption(
        t("accounts.groups_reading", name=row["name"], year=str(row["year"]), **amounts),
        f"{scope(book, rows)} {t('accounts.groups_scope')}",
        book.cite(book.passages(rows)),
    )
    return tabulate(table, t("accounts.groups_title"), caption, book.language)


def _members(book: AccountBook, row: pd.Series) -> str:
    t = book.language.text
    epci = t("accounts.epci_known" if row["epci_known"] else "accounts.epci_unknown")
    return t("accounts.members", count=int(row["communes"]), epci=epci)


def apart(book: AccountBook) -> HTML | None:
    """What is never added to the accounts: voted budgets, subsidiary budgets, declarations."""
    return together([_voted(book), _subsidiary(book), _declared(book)])


def _voted(book: AccountBook) -> HTML | None:
    tables, t = book.rows, book.language.text
    rows = budgets.voted(tables["accounts"], tables["account_totals"], book.tables["account_codes"])
    return _amounts(book, rows, t("accounts.voted_title"), t("accounts.voted_scope"))


def _subsidiary(book: AccountBook) -> HTML | None:
    tables, t = book.rows, book.language.text
    rows = budgets.subsidiary(tables["accounts"], tables["account_totals"], book.tables["account_codes"])
    return _amounts(book, rows, t("accounts.subsidiary_title"), t("accounts.subsidiary_scope"))


def _amounts(book: AccountBook, rows: pd.DataFrame, title: str, scope: str) -> HTML | None:
    t, rows = book.language.text, _named(book, rows)
    if rows.empty:
        return None
    table = pd.DataFrame(
        {
            t("accounts.collectivity"): rows["name"],
            t("accounts.year"): rows["year"].map(str),
            t("accounts.document"): [book.language.label("account_document", kind) for kind in rows["document_kind"]],
            **({t("accounts.siret"): rows["siret"].fillna("")} if "siret" in rows else {}),
            t("accounts.expenditure"): rows["expenditure"].map(book.euros),
            t("accounts.receipts"): rows["receipts"].map(book.euros),
        }
    )
    row = rows.iloc[-1]
    caption = Caption(
        t(
            "accounts.apart_reading",
            name=row["name"],
            document=book.document(row),
            amount=book.euros(row["expenditure"]),
        ),
        scope,
        book.cite(book.passages(rows)),
    )
    return tabulate(table, title, caption, book.language)


def _declared(book: AccountBook) -> HTML | None:
    """Declared amounts (official development assistance, atlas), as they are declared."""
    t, lines = book.language.text, book.rows["accounts"]
    rows = _named(book, lines[lines["document_kind"] == "declared"])
    if rows.empty:
        return None
    rows = rows.sort_values(["name", "year"], kind="stable")
    table = pd.DataFrame(
        {
            t("accounts.collectivity"): rows["name"],
            t("accounts.year"): rows["year"].map(str),
            t("accounts.function"): rows["function"],
            t("accounts.direction"): [book.language.label("account_direction", code) for code in rows["direction"]],
            t("accounts.amount"): rows["amount"].map(book.euros),
            t("accounts.file"): rows["source"],
        }
    )
    row = rows.iloc[-1]
    caption = Caption(
        t("accounts.apart_reading", name=row["name"], document=book.document(row), amount=book.euros(row["amount"])),
        t("accounts.declared_scope"),
        book.cite(rows),
    )
    return tabulate(table, t("accounts.declared_title"), caption, book.language)


def _named(book: AccountBook, rows: pd.DataFrame) -> pd.DataFrame:
    shown = rows[rows["siren"].isin(book.shown)] if book.sirens is None and len(book.shown) else rows
    return shown.assign(name=book.names(shown))
