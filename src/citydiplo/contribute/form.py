"""The form of a report, « what is not documented yet », once filled in: its answers as rows of the tables."""

import re
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.contribute.cells import address, clean, code_of
from citydiplo.contribute.fields import vocabulary
from citydiplo.contribute.register import Register
from citydiplo.contribute.sheets import ORDER, Typed, form_columns
from citydiplo.language import Language

# The classes of the study's yearly budget, by their lower bound in euros.
BUDGET_CLASSES = {
    0: "under_100000",
    100_000: "from_100000_to_300000",
    300_000: "from_300000_to_1000000",
    1_000_000: "over_1000000",
}
AMOUNT = re.compile(r"(\d[\d ]*(?:[.,]\d+)?) ?(k€|m€|€|euros?)", re.IGNORECASE)
TIMES = {"k€": 1_000, "m€": 1_000_000}

OWN = re.compile(r"^(?:ville|mairie|commune|city) (?:de |d |of )")
YEAR = re.compile(r"\d{4}")


def typed_rows(frame: pd.DataFrame, register: Register, languages: list[Language]) -> list[Typed]:
    """Turn the answers of a form into rows, as if they had been typed in a workbook.

    Partners abroad become partnerships, networks memberships, everything else facts. What a form cannot tell stays
    empty: `proposal.propose` asks for it. An answer that is a number of people, an amount or one of the choices has its
    sentence in both languages; another one has that of the other language from its translation, if it has one.

    Parameters
    ----------
    frame : DataFrame
        From `sheets.read`.
    register : Register
    languages : list of Language
        Both.
    """
    languages = sorted(languages, key=lambda language: -len(form_columns(frame, [language])))
    named = frame.rename(columns=form_columns(frame, languages))
    items = register.tables["checklist"].set_index("item_id")
    sources: list[Typed] = []
    rows: list[Typed] = []
    for number, cells in named.iterrows():
        said = {str(name): clean(str(cell)) for name, cell in cells.items() if pd.notna(cell)}
        if not said.get("answer"):
            continue
        row = int(str(number))
        if source := _source(said, register, languages):
            sources += [Typed("sources", "", row, source, "")] * (source not in [known.cells for known in sources])
        item = items.loc[said["item"]] if said.get("item") in items.index else pd.Series(dtype=object)
        table = str(item.get("documented_by"))
        if table in LISTED:
            made = [LISTED[table](parts, languages) for parts in _entries(str(cells["answer"]))]
        else:
            table, made = "facts", [_fact(said, item, register, languages)]
        shared = _shared(said, languages[0])
        rows += [Typed(table, "", row, shared | {key: cell for key, cell in one.items() if cell}, "") for one in made]
    return sources + sorted(rows, key=lambda typed: ORDER.index(typed.table))


def _shared(said: Mapping[str, str], language: Language) -> dict[str, str]:
    """What the row of an answer has whatever its table: whose it is, its year, its source, how it was obtained."""
    return {
        "collectivity": said.get("code") or said.get("name", ""),
        "year": said.get("year", ""),
        "source_id": said.get("address") or said.get("title", ""),
        "locator": said.get("page", ""),
        "derivation_fr" if language.code == "fr" else "derivation": said.get("comment", ""),
    }


def _entries(answer: str) -> Iterator[list[str]]:
    """The entries of an answer that lists several, one a line or between semicolons, each as its parts."""
    for entry in re.split(r"[;\n]", answer):
        parts = [clean(part) for part in re.sub(r"\(([^()]*)\)", r", \1,", entry).split(",")]
        if parts := list(filter(None, parts)):
            yield parts


def _partnership(parts: list[str], languages: list[Language]) -> dict[str, str]:
    """A partner as the form asks for it: city, country, kind of link, first year, state, domains."""
    years = [part for part in parts[2:] if YEAR.fullmatch(part)]
    partner, country, kind, *rest = [*(part for part in parts if part not in years), "", "", ""]
    status = {part: code for part in rest if (code := _status(part, languages))}
    domains = ";".join(part for part in rest if part and part not in status)
    link = {"partner": partner, "country": country, "kind": kind, "partner_kind": "city", "domains": domains}
    return link | {"status": next(iter(status.values()), ""), "start_year": next(iter(years), "")}


def _status(part: str, languages: list[Language]) -> str:
    """The state of a link that a word begins the label of, as « en cours » does; else nothing."""
    name = vocabulary("partnerships", "status")
    labels = [
        (code, label) for language in languages for (known, code), label in language.labels.items() if known == name
    ]
    found = {code for code, label in labels if fold(part) and fold(label).startswith(fold(part))}
    return found.pop() if len(found) == 1 else ""


def _membership(parts: list[str], _languages: list[Language]) -> dict[str, str]:
    """A network as the form asks for it: its name, the year of joining, the role; who says no role is a member."""
    years = [part for part in parts[1:] if YEAR.fullmatch(part)]
    network, role, *_ = [*(part for part in parts if part not in years), "member"]
    return {"network_id": network, "role": role, "year": next(iter(years), "")}


# Tables that an item of the checklist may name: an answer lists rows of them.
LISTED: dict[str, Callable[[list[str], list[Language]], dict[str, str]]] = {
    "partnerships": _partnership,
    "memberships": _membership,
}


def _source(said: Mapping[str, str], register: Register, languages: list[Language]) -> dict[str, str]:
    """The source of an answer, unless the register has it already; its publisher's kind if the register knows it."""
    title, url = said.get("title", ""), said.get("address", "")
    known = register.rows["sources"]
    same_url = url and any(address(url) in {address(row["url"]), row["source_id"]} for row in known)
    same_title = not url and any(fold(row["title"]) == fold(title) for row in known)
    if same_url or same_title or not (title or url):
        return {}
    publisher = said.get("publisher", "")
    kinds = {row["publisher_kind"] for row in known if publisher and fold(row["publisher"]) == fold(publisher)}
    if OWN.sub("", fold(publisher)) == fold(said.get("name", "")):
        kinds = {"collectivity"}
    made = {"title": title, "publisher": publisher, "url": url, "language": languages[0].code}
    return made | {"publisher_kind": kinds.pop() if len(kinds) == 1 else ""}


def _fact(said: Mapping[str, str], item: pd.Series, register: Register, languages: list[Language]) -> dict[str, str]:
    indicator, value, unit = _stated(said["answer"], item, register)
    fact = {
        "theme": str(item.get("theme", "")),
        "indicator": indicator,
        "value": value,
        "unit": unit,
        "recommendations": "" if pd.isna(item.get("recommendation")) else str(item["recommendation"]),
    }
    for language in languages:
        figures = said["answer"] if value.isdigit() or AMOUNT.fullmatch(said["answer"]) else ""
        words = said["answer"] if language is languages[0] else said.get("translation", "")
        own = figures or language.labels.get((indicator, value)) or words
        name = language.labels.get(("indicator", indicator), "")
        about = ", ".join(filter(None, [said.get("name", ""), name[:1].lower() + name[1:]]))
        if own:
            fact[f"statement_{language.code}"] = f"{about}{language.text('colon')}{own}."
    return fact


def _stated(answer: str, item: pd.Series, register: Register) -> tuple[str, str, str]:
    """Which indicator an answer is about, its value and its unit; an indicator that cannot be told stays empty."""
    labels = register.tables["labels"]
    indicators = set(labels.loc[labels["vocabulary"] == "indicator", "code"])
    told = item.get("documented_by")
    named = [name for name in str(told).split(";") if name in indicators] if pd.notna(told) else []
    for name in named:
        if code := code_of(name, answer, register):
            return name, code, ""
    if "budget_class" in named and (amount := AMOUNT.fullmatch(answer)):
        euros = float(amount[1].replace(" ", "").replace(",", ".")) * TIMES.get(amount[2].lower(), 1)
        return "budget_class", BUDGET_CLASSES[max(low for low in BUDGET_CLASSES if low <= euros)], ""
    if "staff_count" in named and answer.isdigit():
        return "staff_count", answer, "person"
    return (named[0] if len(named) == 1 else ""), answer, ""
