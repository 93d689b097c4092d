"""Check the tables against each other and against the world: what one schema alone cannot see."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Point, affinity
from shapely.geometry.base import BaseGeometry

from citydiplo.data import Tables, load_boundaries, read_table, validate_table
from citydiplo.datapackage import describe
from citydiplo.errors import DataError, Problem
from citydiplo.folders import data_folder
from citydiplo.schemas import TABLES, table_path
from citydiplo.survey import questionnaire

# Boundaries are simplified, small islands left out: a point at sea this near to its country is in it, and a point
# on another country's land that is this near to the border.
AT_SEA_KM, ON_LAND_KM = 60, 5

# Overseas collectivities that ISO 3166-1 counts as territories of their own.
OVERSEAS_ISO3 = {"975": "SPM", "977": "BLM", "978": "MAF", "984": "ATF", "986": "WLF", "987": "PYF", "988": "NCL"}


def check() -> list[Problem]:
    """Check every table and the data package; an empty list means that all is well."""
    folder = data_folder()
    tables: Tables = {}
    problems: list[Problem] = []
    for name in TABLES:
        try:
            tables[name] = validate_table(name, read_table(folder / table_path(name)))
        except DataError as error:
            problems += error.problems
    if problems:  # references into a table that could not be read would all look wrong
        return problems
    problems += check_together(tables)
    problems += check_datapackage(folder, tables)
    return problems


def check_together(tables: Tables) -> list[Problem]:
    """Check tables that each follow their schema against each other and against the world.

    Parameters
    ----------
    tables : dict of DataFrame
        Every table.
    """
    return [
        *check_references(tables),
        *check_vocabularies(tables),
        *check_figures(tables),
        *check_typology_rules(tables),
        *check_values(tables),
        *check_names(tables),
        *check_questionnaire(tables),
        *check_sirens(tables),
        *check_official_codes(tables),
        *check_years(tables),
        *check_points(tables, load_boundaries("50m")),
    ]


def _problem(table: str, row: Any, column: str, found: Any, expected: str) -> Problem:
    """A problem in the row of a table with this index; the header is line 1 of the file."""
    return Problem(f"{table}.csv", row + 2, column, str(found), expected)


def _problems(table: str, column: str, found: pd.Series, expected: str) -> list[Problem]:
    """One problem for each entry of ``found``, indexed like its table."""
    return [_problem(table, row, column, value, expected) for row, value in found.items()]


def _columns_with(key: str) -> Iterator[tuple[str, str, str]]:
    """Yield (table, column, value) for each column whose metadata has ``key``."""
    for name, model in TABLES.items():
        for column, declared in model.to_schema().columns.items():
            if value := (declared.metadata or {}).get(key):
                yield name, column, value


def check_references(tables: Tables) -> list[Problem]:
    """Each foreign key, alone or in a list, names a row that exists."""
    problems: list[Problem] = []
    for name, column, target in (*_columns_with("references"), *_columns_with("each_references")):
        other, _, field = target.partition(".")
        values = tables[name][column].dropna().str.split(";").explode()
        unknown = values[~values.isin(tables[other][field])]
        problems += _problems(name, column, unknown, f"a {field} of {other}.csv")
    return problems


def check_vocabularies(tables: Tables) -> list[Problem]:
    """Each coded value is a code of its vocabulary in labels.csv."""
    codes = tables["labels"].groupby("vocabulary")["code"].agg(set)
    problems: list[Problem] = []
    for name, column, vocabulary in _columns_with("vocabulary"):
        values = tables[name][column].dropna().str.split(";").explode()
        unknown = values[~values.isin(codes.get(vocabulary, set()))]
        problems += _problems(name, column, unknown, f"a code of the vocabulary {vocabulary} in labels.csv")
    return problems


def check_figures(tables: Tables) -> list[Problem]:
    """A printed number has a category of its topic, or lists the possible ones if it is ambiguous."""
    codes = tables["labels"].groupby("vocabulary")["code"].agg(set)
    figures = tables["published_figures"]
    ambiguous = figures["assignment"] == "ambiguous"
    problems: list[Problem] = []
    for column, wanted in (("category", ~ambiguous & figures["topic"].isin(codes.index)), ("possible", ambiguous)):
        given = figures[column].notna()
        empty = figures[column][wanted & ~given].fillna("an empty cell")
        problems += _problems("published_figures", column, empty, "a code of the vocabulary named like the topic")
        problems += _problems("published_figures", column, figures[column][given & ~wanted], "an empty cell")
        values = figures[column].dropna().str.split(";").explode()
        topics = figures["topic"][values.index]
        known = [code in codes.get(topic, set()) for code, topic in zip(values, topics, strict=True)]
        unknown = values[[not k for k in known]]
        problems += _problems("published_figures", column, unknown, "a code of the vocabulary named like the topic")
    return problems


def check_typology_rules(tables: Tables) -> list[Problem]:
    """The class of a rule is a code of the vocabulary named like its typology."""
    rules = tables["typology_rules"]
    known = set(tables["labels"]["vocabulary"] + " " + tables["labels"]["code"])
    unknown = rules["category"][~(rules["typology"] + " " + rules["category"]).isin(known)]
    return _problems("typology_rules", "category", unknown, "a code of the vocabulary named like the typology")


def check_values(tables: Tables) -> list[Problem]:
    """The value of a fact is a code where a vocabulary is named like its indicator, a number for staff and budgets."""
    codes = tables["labels"].groupby("vocabulary")["code"].agg(set)
    facts = tables["facts"]
    problems: list[Problem] = []
    for vocabulary in set(facts["indicator"]) & set(codes.index):
        values = facts.loc[facts["indicator"] == vocabulary, "value"]
        unknown = values[~values.isin(codes[vocabulary])]
        problems += _problems("facts", "value", unknown, f"a code of the vocabulary {vocabulary} in labels.csv")
    for indicator, pattern, expected in (
        ("staff_count", r"\d+", "a whole number of people"),
        ("budget_total", r"\d+|\d{1,3}(?: \d{3})+", "a whole number of euros"),
    ):
        values = facts.loc[facts["indicator"] == indicator, "value"]
        problems += _problems("facts", "value", values[~values.str.fullmatch(pattern)], expected)
    return problems


def check_names(tables: Tables) -> list[Problem]:
    """The name beside a collectivity_id is that collectivity's name."""
    names = tables["collectivities"].set_index("collectivity_id")["name"]
    problems: list[Problem] = []
    for name, model in TABLES.items():
        if "collectivity" not in model.to_schema().columns:
            continue
        expected = tables[name]["collectivity_id"].map(names)
        wrong = expected.notna() & (tables[name]["collectivity"] != expected)
        for row, found in tables[name]["collectivity"][wrong].items():
            problems.append(_problem(name, row, "collectivity", found, expected[row]))
    return problems


def check_questionnaire(tables: Tables) -> list[Problem]:
    """The questionnaire can be asked: see `questionnaire.load`, which says which question is the first that cannot."""
    try:
        questionnaire.load(tables)
    except ValueError as error:
        question_id, _, reason = str(error).partition(": ")
        ids = tables["questionnaire"]["question_id"]
        return [
            Problem("questionnaire.csv", row + 2, None, f"{question_id}: {reason}", "a question that can be asked")
            for row in ids.index[ids == question_id]
        ]
    return []


def luhn(number: str) -> bool:
    """Whether the digits satisfy Luhn's checksum (ISO/IEC 7812-1, annex B), as every SIREN does."""
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(digit // 10 + digit % 10 for digit in doubled) % 10 == 0


def check_sirens(tables: Tables) -> list[Problem]:
    """Each SIREN has a valid check digit."""
    problems: list[Problem] = []
    expected = "a SIREN of nine digits with a valid check digit: compare it with the official list"
    for name, column in (("communes", "siren"), ("epci", "siren"), ("collectivities", "siren")):
        values = tables[name][column].dropna()
        problems += _problems(name, column, values[~values.map(luhn)], expected)
    ids = tables["collectivities"]["collectivity_id"]
    sirens = ids[ids.str.fullmatch(r"\d{9}")]
    return problems + _problems("collectivities", "collectivity_id", sirens[~sirens.map(luhn)], expected)


def check_official_codes(tables: Tables) -> list[Problem]:
    """A commune and an EPCI are in the official reference, with the same SIREN and the same region."""
    listed = tables["collectivities"]
    official = pd.concat(
        [
            tables["communes"].set_index("insee")[["siren", "region_code"]],
            tables["epci"].set_index("siren", drop=False)[["siren", "region_code"]],
        ]
    )
    coded = listed[listed["collectivity_id"].str.match(r"^[0-9]")]
    unknown = coded.loc[~coded["collectivity_id"].isin(official.index), "collectivity_id"]
    problems = _problems("collectivities", "collectivity_id", unknown, "a code of communes.csv or epci.csv")
    known = coded.drop(unknown.index)
    for column in ("siren", "region_code"):
        expected = known["collectivity_id"].map(official[column])
        wrong = known[column].notna() & (known[column] != expected)
        for row, found in known[column][wrong].items():
            problems.append(_problem("collectivities", row, column, found, f"{expected[row]}, as in the reference"))
    return problems


def check_years(tables: Tables) -> list[Problem]:
    """A partnership does not end before it starts."""
    partnerships = tables["partnerships"]
    wrong = (partnerships["start_year"] > partnerships["end_year"]).fillna(False).astype(bool)
    ends = partnerships["end_year"]
    return [
        _problem("partnerships", row, "start_year", start, f"a year up to end_year, {ends[row]}")
        for row, start in partnerships["start_year"][wrong].items()
    ]


def check_points(tables: Tables, boundaries: gpd.GeoDataFrame) -> list[Problem]:
    """Each point lies in its country."""
    communes = tables["communes"]
    located = {
        "partnerships": tables["partnerships"],
        "collectivities": tables["collectivities"].assign(country="FRA"),
        "communes": communes.assign(country=communes["region_code"].map(OVERSEAS_ISO3).fillna("FRA")),
    }
    countries = boundaries.dropna(subset="iso3").dissolve("iso3").geometry
    problems: list[Problem] = []
    for name, table in located.items():
        half = table["latitude"].isna() != table["longitude"].isna()
        problems += _problems(name, "latitude", table["latitude"][half], "both a latitude and a longitude, or neither")
        outside = points_outside(table.dropna(subset=["latitude", "longitude"]), countries)
        for row in outside.itertuples():
            expected = f"a point in {row.country}: check the country, and that latitude and longitude are not swapped"
            problems.append(_problem(name, row.Index, "latitude", f"{row.latitude}, {row.longitude}", expected))
    return problems


def points_outside(table: pd.DataFrame, countries: gpd.GeoSeries) -> pd.DataFrame:
    """Select the rows whose point is not in the country they name: see `AT_SEA_KM` and `ON_LAND_KM`.

    Parameters
    ----------
    table : DataFrame
        Columns country (ISO 3166-1 alpha-3), latitude and longitude.
    countries : GeoSeries
        Countries by ISO 3166-1 alpha-3, WGS 84; points in a country that it lacks are not checked.
    """
    points = gpd.GeoSeries.from_xy(table["longitude"], table["latitude"], index=table.index, crs=4326)
    known = points[table["country"].isin(countries.index)]
    own = gpd.GeoSeries(countries.reindex(table["country"][known.index]).to_numpy(), index=known.index, crs=4326)
    away = known[~known.within(own)]
    on_land = set(away.index[countries.sindex.query(away, predicate="within")[0]])
    far = [distance_km(point, own[row]) > (ON_LAND_KM if row in on_land else AT_SEA_KM) for row, point in away.items()]
    return table.loc[away.index[far]]


def distance_km(point: Point, area: BaseGeometry) -> float:
    """Distance from a point to an area, both in degrees WGS 84.

    Good to one per cent within a few hundred kilometres: degrees of longitude are shortened by the cosine of the
    point's latitude (equirectangular projection), a degree of latitude counts 111.2 km.
    """
    flat = affinity.scale(area, xfact=math.cos(math.radians(point.y)), origin=point)
    return 111.2 * float(point.distance(flat))


def check_datapackage(folder: Path, tables: Tables) -> list[Problem]:
    """``datapackage.json`` says what the schemas say."""
    path = folder / "datapackage.json"
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    if written == datapackage_text(tables):
        return []
    return [Problem(path.name, None, None, "not what the schemas say", "the output of « citydiplo check --write »")]


def datapackage_text(tables: Tables) -> str:
    """Write the Data Package descriptor as JSON."""
    return json.dumps(describe(tables["sources"], tables["labels"]), ensure_ascii=False, indent=2) + "\n"
