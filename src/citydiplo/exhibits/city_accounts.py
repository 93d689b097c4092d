"""The section of a city report on its accounts."""

import pandas as pd
from IPython.display import HTML

from citydiplo import budget_series
from citydiplo.account_book import AccountBook
from citydiplo.captions import Caption, tabulate
from citydiplo.exhibits.account_parts import composition, origins
from citydiplo.exhibits.account_ratios import apart, ratios
from citydiplo.exhibits.accounts import constant, example, levels, series, together
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.places import FRENCH_ISO3
from citydiplo.profile import Profile
from citydiplo.sections import note

# Countries whose French names are first names or those of French places as well: Dominique, Maurice, Grenade…
HOMONYMS = frozenset(["DMA", "MUS", "GRD", "LCA"])

MOST_BENEFICIARIES = 40


def city_accounts(profile: Profile, language: Language) -> HTML:
    """All that the imported accounts say of a collectivity, or how to import them."""
    t, epci, records = language.text, profile.epci, profile.accounts
    if records.empty:
        return note(t("accounts.not_imported"))
    tables = records.tables | {"sources": profile.sources}
    book = AccountBook(tables, language, records.directory, records.imported)
    own = book.of(profile.city.siren or "")
    beside = [_epci(book.of(epci.siren), epci.name)] if epci and epci.siren else []
    if own.empty:
        return HTML("\n".join(part.data for part in [note(t("accounts.not_imported")), *filter(None, beside)]))
    parts = [note(t("accounts.what")), levels(own), series(own), constant(own), composition(own), origins(own)]
    parts += [ratios(own), beneficiaries(own, words(profile)), apart(own), *beside]
    return together(parts) or HTML("")


def _epci(book: AccountBook, name: str) -> HTML | None:
    """What the accounts of a commune's EPCI say: beside, never added."""
    if book.yearly.empty:
        return None
    row, t = example(book.yearly), book.language.text
    amount = book.euros(row["expenditure"])
    said = t("accounts.of_epci", name=name, document=book.document(row), amount=amount)
    return note(f"{said} {book.cite(book.passages(book.yearly[book.yearly.index == row.name]))}.")


def words(profile: Profile) -> list[str]:
    """What the name of a beneficiary of international action may have: words, partner places, countries in French."""
    countries = profile.accounts.tables["countries"]
    abroad = countries[~countries["iso3"].isin(FRENCH_ISO3 | HOMONYMS)]["name_fr"]
    links = profile.partnerships
    links = links[links["partner_kind"] == "city"]
    places = pd.concat([links["place"], links["name_fr"]]).dropna().unique()
    return [*budget_series.WORDS, *abroad, *places]


def beneficiaries(book: AccountBook, words: list[str]) -> HTML | None:
    """The subsidies whose beneficiary's name speaks of international action, and how many others there are."""
    t, label = book.language.text, book.language.label
    rows = _counted(book)
    if rows.empty:
        return None
    chosen = budget_series.international_beneficiaries(rows, words)
    heading = render("heading.html.j2", text=t("accounts.beneficiaries_heading"))
    rest = [
        t(
            "accounts.rest",
            year=str(row["year"]),
            document=label("account_document", row["document_kind"]),
            count=int(row["number"]),
            amount=book.euros(row["amount"]),
        )
        for _, row in chosen.rest.iterrows()
    ]
    said = [note(" ".join([t("accounts.beneficiaries_how"), *rest]))]
    if chosen.found.empty:
        return together([heading, note(t("accounts.no_beneficiary")), *said])
    found = chosen.found.sort_values(["year", "amount"], ascending=False, kind="stable")
    shown = found.head(MOST_BENEFICIARIES)
    table = pd.DataFrame(
        {
            t("accounts.beneficiary"): shown["beneficiary"],
            t("accounts.beneficiary_kind"): [
                "" if pd.isna(kind) else label("beneficiary_kind", kind) for kind in shown["beneficiary_kind"]
            ],
            t("accounts.year"): shown["year"].map(str),
            t("accounts.amount"): shown["amount"].map(book.euros),
            t("accounts.word"): shown["word"],
        }
    )
    row = shown.iloc[0]
    amounts = {"amount": book.euros(row["amount"]), "word": row["word"]}
    caption = Caption(
        t("accounts.beneficiaries_reading", beneficiary=row["beneficiary"], year=str(row["year"]), **amounts),
        t("accounts.beneficiaries_scope", count=len(shown), total=len(found), amount=book.euros(found["amount"].sum())),
        book.cite(shown),
    )
    return together([heading, tabulate(table, t("accounts.beneficiaries_title"), caption, book.language), *said])


def _counted(book: AccountBook) -> pd.DataFrame:
    """The subsidies of the accounts that count; of the initial budgets, where no account has any."""
    rows = book.rows["subsidies"]
    files = pd.MultiIndex.from_frame(book.yearly[["year", "document_kind", "source"]])
    counted = rows[pd.MultiIndex.from_frame(rows[["year", "document_kind", "source"]]).isin(files)]
    return rows[rows["document_kind"] == "initial_budget"] if counted.empty else counted
