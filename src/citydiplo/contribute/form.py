"""The form of a report, « what is not documented yet », once filled in: its answers as facts and their sources."""

import re
from collections.abc import Mapping

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.contribute.cells import address, clean
from citydiplo.contribute.register import Register
from citydiplo.contribute.sheets import Typed, form_columns
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


def typed_rows(frame: pd.DataFrame, register: Register, languages: list[Language]) -> list[Typed]:
    """Turn the answers of a form into rows of facts and sources, as if they had been typed in a workbook.

    What a form cannot tell stays empty: `proposal.propose` asks for it. An answer that is a number of people, an
    amount or one of the choices has its sentence in both languages; another one has it in the language of the form.

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
    facts: list[Typed] = []
    for number, cells in named.iterrows():
        said = {str(name): clean(str(cell)) for name, cell in cells.items() if pd.notna(cell)}
        if not said.get("answer"):
            continue
        row = int(str(number))
        if source := _source(said, register, languages):
            sources += [Typed("sources", "", row, source, "")] * (source not in [known.cells for known in sources])
        item = items.loc[said["item"]] if said.get("item") in items.index else pd.Series(dtype=object)
        facts.append(Typed("facts", "", row, _fact(said, item, register, languages), ""))
    return sources + facts


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
    made = {"title": title, "publisher": publisher, "url": url, "language": languages[0].code}
    return made | {"publisher_kind": kinds.pop() if len(kinds) == 1 else ""}


def _fact(said: Mapping[str, str], item: pd.Series, register: Register, languages: list[Language]) -> dict[str, str]:
    indicator, value, unit = _stated(said["answer"], item, register)
    fact = {
        "collectivity": said.get("code") or said.get("name", ""),
        "theme": str(item.get("theme", "")),
        "indicator": indicator,
        "value": value,
        "unit": unit,
        "year": said.get("year", ""),
        "recommendations": "" if pd.isna(item.get("recommendation")) else str(item["recommendation"]),
        "source_id": said.get("address") or said.get("title", ""),
        "locator": said.get("page", ""),
    }
    for language in languages:
        figures = said["answer"] if value.isdigit() or AMOUNT.fullmatch(said["answer"]) else ""
        own = figures or language.labels.get((indicator, value)) or (said["answer"] if language is languages[0] else "")
        name = language.labels.get(("indicator", indicator))
        if own and name:
            name = said.get("name", "") + ", " + name[:1].lower() + name[1:]
            fact[f"statement_{language.code}"] = f"{name}{language.text('colon')}{own}."
    return fact


def _stated(answer: str, item: pd.Series, register: Register) -> tuple[str, str, str]:
    """Which indicator an answer is about, its value and its unit; an indicator that cannot be told stays empty."""
    labels = register.tables["labels"]
    indicators = set(labels.loc[labels["vocabulary"] == "indicator", "code"])
    told = item.get("documented_by")
    named = [name for name in str(told).split(";") if name in indicators] if pd.notna(told) else []
    for name in named:
        codes = labels[labels["vocabulary"] == name]
        for column in ("label_fr", "label_en", "code"):
            chosen = codes.loc[codes[column].map(fold) == fold(answer), "code"]
            if len(chosen):
                return name, str(chosen.iloc[0]), ""
    if "budget_class" in named and (amount := AMOUNT.fullmatch(answer)):
        euros = float(amount[1].replace(" ", "").replace(",", ".")) * TIMES.get(amount[2].lower(), 1)
        return "budget_class", BUDGET_CLASSES[max(low for low in BUDGET_CLASSES if low <= euros)], ""
    if "staff_count" in named and answer.isdigit():
        return "staff_count", answer, "person"
    return (named[0] if len(named) == 1 else ""), answer, ""
