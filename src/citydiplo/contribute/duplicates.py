"""Rows that may say what a proposed row says: shown to a person, who decides."""

from citydiplo.collectivities import fold
from citydiplo.contribute.cells import address
from citydiplo.contribute.register import Register, Row
from citydiplo.language import Language

MOST = 4


def warnings(table: str, row: Row, register: Register, language: Language) -> list[str]:
    """What a person should look at before adding a row that is not in the table.

    A partnership: the same collectivity with the same place, by another source or of another kind. A fact: the same
    collectivity and indicator from the same source. A membership: the same collectivity and network. A source: the same
    address or title. Of any, a derivation that only one of the reports would say.
    """
    # What a file says several times of one indicator, the person who fills it in knows.
    rows = register.rows[table] if table == "facts" else [*register.rows[table], *register.proposed[table]]
    alike = {"partnerships": _links, "facts": _facts, "memberships": _memberships, "sources": _sources}[table]
    half = bool(row.get("derivation")) != bool(row.get("derivation_fr"))
    return alike(row, rows, language)[:MOST] + [language.text("contribute.one_language")] * half


def _links(row: Row, rows: list[Row], language: Language) -> list[str]:
    place = fold(row["place"] or row["partner"])
    found = [
        known
        for known in rows
        if place
        and known["collectivity_id"] == row["collectivity_id"]
        and known["country"] == row["country"]
        and (fold(known["place"]) == place or (row["geonames_id"] and known["geonames_id"] == row["geonames_id"]))
    ]
    return [
        language.text(
            "contribute.same_link" if known["kind"] == row["kind"] else "contribute.other_link",
            collectivity=known["collectivity"],
            partner=known["partner"],
            kind=language.labels.get(("partnership_kind", known["kind"]), known["kind"]),
            source=known["source_id"],
            id=known["partnership_id"],
        )
        for known in found
    ]


def _facts(row: Row, rows: list[Row], language: Language) -> list[str]:
    keys = ("collectivity_id", "indicator", "source_id")
    found = [known for known in rows if row["indicator"] and all(known[key] == row[key] for key in keys)]
    return [
        language.text("contribute.same_fact", id=known["fact_id"], value=known["value"], year=known["year"] or "–")
        for known in found
    ]


def _memberships(row: Row, rows: list[Row], language: Language) -> list[str]:
    keys = ("collectivity_id", "network_id")
    return [
        language.text(
            "contribute.same_membership",
            network=known["network_id"],
            role=language.labels.get(("membership_role", known["role"]), known["role"]),
            source=known["source_id"],
        )
        for known in rows
        if row["network_id"] and all(known[key] == row[key] for key in keys)
    ]


def _sources(row: Row, rows: list[Row], language: Language) -> list[str]:
    lines = []
    for known in rows:
        if row["url"] and address(known["url"]) == address(row["url"]):
            lines.append(language.text("contribute.same_address", id=known["source_id"], title=known["title"]))
        elif fold(row["title"]) and fold(known["title"]) == fold(row["title"]):
            lines.append(language.text("contribute.same_title", id=known["source_id"], publisher=known["publisher"]))
    return lines
