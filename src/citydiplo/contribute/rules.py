"""The rules that one proposed row must meet: its schema, its references, and the rules across tables."""

from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pandera.errors

from citydiplo.check import check_values, points_outside
from citydiplo.contribute.fault import Fault, against_schema, fault
from citydiplo.contribute.fields import FIELDS, IDS, required
from citydiplo.contribute.register import Register, Row, frame
from citydiplo.data import load_boundaries
from citydiplo.language import Language
from citydiplo.schemas import TABLES

NO_ID = "new"


def faults_of(table: str, row: Row, register: Register, language: Language) -> list[Fault]:
    """What is wrong with a row that has been read, apart from its id being taken.

    Parameters
    ----------
    table : {"facts", "partnerships", "sources"}
    row : dict
        A text for each column.
    """
    missing = {name for name in FIELDS[table] if required(table, name) and not row[name]}
    # A new row has its id last, once nothing else is wrong.
    rows = frame(table, [row | {name: row[name] or NO_ID for name in [IDS.get(table)] if name}])
    refused: set[str] = set()
    typed = None
    try:
        typed = TABLES[table].validate(rows, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        refused = set(errors.failure_cases["column"])
    wrong = [name for name in FIELDS[table] if name in missing | refused]
    faults = [against_schema(table, name, row[name], language) for name in wrong]
    if faults or typed is None:  # a collectivity that cannot be read is no id either, which has no field of its own
        return faults
    return _across(table, row, typed, register, language)


def _across(table: str, row: Row, typed: pd.DataFrame, register: Register, language: Language) -> list[Fault]:
    """What `citydiplo.check` would refuse of a row that follows its schema."""
    t = language.text
    if table == "facts":
        wrong = check_values({"facts": typed, "labels": register.tables["labels"]})
        if not wrong:
            return []
        labels = [label for (name, _), label in language.labels.items() if name == row["indicator"]]
        numbers = {"staff_count": t("fault.staff"), "budget_total": t("fault.euros")}
        expected = numbers.get(row["indicator"]) or t("fault.a_choice", choices="; ".join(labels))
        return [fault(table, "value", row["value"], expected, t("fault.correct"), language)]
    if table != "partnerships":
        return []
    faults = []
    if row["start_year"] and row["end_year"] and row["start_year"] > row["end_year"]:
        expected = t("fault.up_to", year=row["end_year"])
        faults.append(fault(table, "start_year", row["start_year"], expected, t("fault.correct"), language))
    if bool(row["latitude"]) != bool(row["longitude"]):
        field = "longitude" if row["latitude"] else "latitude"
        faults.append(fault(table, field, "", t("fault.both"), t("fault.both_or_none"), language))
    elif row["latitude"] and len(points_outside(typed.dropna(subset="country"), _countries(register.folder))):
        expected = t("fault.in_country", country=language.countries[row["country"]])
        point = f"{row['latitude']}, {row['longitude']}"
        faults.append(fault(table, "latitude", point, expected, t("fault.check_point"), language))
    return faults


@lru_cache(maxsize=2)
def _countries(_folder: Path) -> gpd.GeoSeries:
    """The land of each country, for `points_outside`."""
    return load_boundaries("50m").dropna(subset="iso3").dissolve("iso3").geometry
