"""What contributors fill in: the fields of each open table, their titles, their help and their choices."""

from collections.abc import Mapping

from pandera.api.pandas.components import Column

from citydiplo.collectivities import by_name, fold
from citydiplo.data import Tables
from citydiplo.language import Language
from citydiplo.schemas import TABLES

# The fields of each table in the order of a form. « collectivity » stands for the id and the name together.
FIELDS: dict[str, tuple[str, ...]] = {
    "partnerships": (
        "collectivity",
        "partner",
        "country",
        "place",
        "partner_kind",
        "kind",
        "status",
        "as_of",
        "start_year",
        "end_year",
        "domains",
        "note_fr",
        "note_en",
        "source_id",
        "locator",
        "derivation_fr",
        "derivation",
        "geonames_id",
        "latitude",
        "longitude",
        "partnership_id",
    ),
    "facts": (
        "collectivity",
        "theme",
        "indicator",
        "value",
        "unit",
        "year",
        "statement_fr",
        "statement_en",
        "source_id",
        "locator",
        "derivation_fr",
        "derivation",
        "recommendations",
        "fact_id",
    ),
    "memberships": (
        "collectivity",
        "network_id",
        "role",
        "year",
        "source_id",
        "locator",
        "derivation_fr",
        "derivation",
    ),
    "sources": (
        "title",
        "publisher",
        "publisher_kind",
        "published",
        "url",
        "accessed",
        "language",
        "licence",
        "note",
        "short",
        "source_id",
    ),
}

# The column that identifies a row; where there is none, what the row states does.
IDS = {
    "partnerships": "partnership_id",
    "facts": "fact_id",
    "sources": "source_id",
    "collectivities": "collectivity_id",
}

# What makes two rows without their id the same statement of the same source.
SAME = {
    "partnerships": ("collectivity_id", "place", "country", "kind", "source_id"),
    "facts": ("collectivity_id", "indicator", "value", "year", "source_id"),
    "memberships": ("collectivity_id", "network_id", "role", "source_id"),
    "sources": ("title", "publisher", "url"),
}

# Fields that the kit fills if they are left empty.
FILLED = frozenset(["partnership_id", "fact_id", "short", "status", "place", "geonames_id", "latitude", "longitude"])

LISTS = frozenset(["domains"])  # several choices in a cell, separated by ;


def columns(table: str) -> dict[str, Column]:
    """The columns that the schema of a table declares, by name."""
    return TABLES[table].to_schema().columns


def vocabulary(table: str, field: str) -> str | None:
    """The vocabulary of labels.csv that has the choices of a field, if it has any."""
    declared = columns(table).get(field)
    return (declared.metadata or {}).get("vocabulary") if declared else None


def row_id(table: str, row: Mapping[str, str]) -> str:
    """What a row is called: its id, or what it states."""
    return row[IDS[table]] if table in IDS else " + ".join(row[name] for name in SAME[table])


def required(table: str, field: str) -> bool:
    """Whether a contributor must fill a field in."""
    if field in FILLED or (table == "sources" and field == "source_id"):
        return False
    return not columns(table)[field].nullable


def title(table: str, field: str, language: Language) -> str:
    """What readers call a field."""
    return language.text(f"field.{_named(table, field)}")


def advice(table: str, field: str, language: Language) -> str:
    """What to write in a field."""
    return language.text(f"advice.{_named(table, field)}")


def _named(table: str, field: str) -> str:
    """The name of a field in texts.yaml: an id is not the same thing in its own table as where it is a reference."""
    return "own_source_id" if (table, field) == ("sources", "source_id") else field


def choices(table: str, field: str, tables: Tables, language: Language) -> list[tuple[str, str]]:
    """The choices of a field as (label, code), in reading order; none where a field is free.

    Parameters
    ----------
    tables : dict
        labels, countries, collectivities, networks and sources.
    """
    if field == "collectivity":
        listed = tables["collectivities"].sort_values("name", key=by_name)
        return list(zip(listed["name"], listed["collectivity_id"], strict=True))
    if field == "country":
        return sorted(((name, code) for code, name in language.countries.items()), key=lambda pair: fold(pair[0]))
    if field == "network_id":
        names = tables["networks"][f"name_{language.code}"]
        return sorted(zip(names, tables["networks"]["network_id"], strict=True), key=lambda pair: fold(pair[0]))
    if field == "source_id" and table != "sources":
        listed = tables["sources"]
        names = listed["title"] + " (" + listed["short"] + ")"
        pairs = zip(names, listed["source_id"], strict=True)
        return sorted(pairs, key=lambda pair: fold(pair[0]))
    name = vocabulary(table, field)
    labels = tables["labels"]
    codes = labels.loc[labels["vocabulary"] == name, "code"] if name else []
    return [(language.label(str(name), code), code) for code in codes]
