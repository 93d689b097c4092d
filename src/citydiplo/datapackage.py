"""Describe the tables as a Frictionless Data Package (https://datapackage.org, v2)."""

from typing import Any

import pandas as pd
from pandera.api.pandas.components import Column

from citydiplo.schemas import TABLES, table_path

TYPES = {"string[python]": "string", "str": "string", "Int64": "integer", "int64": "integer", "float64": "number"}

# Tables that come whole from one dataset name it here instead of in every row.
TABLE_SOURCES = {
    "regions": ["decoupage-administratif-2026"],
    "departments": ["decoupage-administratif-2026"],
    "communes": ["decoupage-administratif-2026", "geonames"],
    "former_communes": ["decoupage-administratif-2026"],
    "epci": ["decoupage-administratif-2026"],
    "countries": ["unicode-cldr"],
}


def describe(sources: pd.DataFrame, labels: pd.DataFrame) -> dict[str, Any]:
    """Describe every table with its types, units, constraints, foreign keys and sources.

    Parameters
    ----------
    sources, labels : DataFrame
        The tables of these names.

    Returns
    -------
    dict
        A Data Package descriptor, ready for JSON.
    """
    titles = sources.set_index("source_id")
    codes = labels.groupby("vocabulary", sort=False)["code"].agg(list).to_dict()
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "citydiplo",
        "title": "French city diplomacy: facts, partnerships, networks and the official reference",
        "licenses": [
            {"name": "etalab-2.0", "title": "Licence Ouverte / Open Licence 2.0"},
        ],
        "resources": [_resource(name, titles, codes) for name in TABLES],
    }


def _resource(name: str, sources: pd.DataFrame, codes: dict[str, list[str]]) -> dict[str, Any]:
    model = TABLES[name]
    schema = model.to_schema()
    fields = [_field(column, codes) for column in schema.columns.values()]
    keys = schema.unique or [column.name for column in schema.columns.values() if column.unique]
    references = [
        _foreign_key(column) for column in schema.columns.values() if (column.metadata or {}).get("references")
    ]
    resource: dict[str, Any] = {
        "name": name,
        "path": table_path(name),
        "description": " ".join((model.__doc__ or "").split()),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields},
    }
    if keys:
        resource["schema"]["primaryKey"] = keys
    if references:
        resource["schema"]["foreignKeys"] = references
    if name in TABLE_SOURCES:
        resource["sources"] = [
            {"title": sources.loc[source, "title"], "path": sources.loc[source, "url"]}
            for source in TABLE_SOURCES[name]
        ]
    return resource


def _field(column: Column, codes: dict[str, list[str]]) -> dict[str, Any]:
    metadata = column.metadata or {}
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    for check in column.checks:
        constraints |= _constraint(check.name, check.statistics)
    vocabulary = metadata.get("vocabulary")
    if vocabulary and "(list" not in column.description:
        constraints["enum"] = codes[vocabulary]
        constraints.pop("pattern", None)
    field = {"name": column.name, "type": TYPES[str(column.dtype)], "description": column.description}
    if "unit" in metadata:
        field["unit"] = metadata["unit"]
    return field | ({"constraints": constraints} if constraints else {})


def _constraint(name: str, statistics: dict[str, Any]) -> dict[str, Any]:
    match name:
        case "str_matches":
            return {"pattern": str(getattr(statistics["pattern"], "pattern", statistics["pattern"]))}
        case "greater_than_or_equal_to":
            return {"minimum": statistics["min_value"]}
        case "less_than_or_equal_to":
            return {"maximum": statistics["max_value"]}
    raise ValueError(f"no Frictionless constraint for the check {name}")


def _foreign_key(column: Column) -> dict[str, Any]:
    table, _, field = column.metadata["references"].partition(".")
    return {"fields": [column.name], "reference": {"resource": table, "fields": [field]}}
