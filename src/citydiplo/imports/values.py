"""Read the cells of pairs of places: names, points, years, countries and kinds; say which cannot be read."""

import re
import unicodedata

import numpy as np
import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.data import Tables
from citydiplo.imports.pairs import KEPT_FIELDS, SIDES
from citydiplo.places import country_codes
from citydiplo.schemas import DATE
from citydiplo.spreadsheet import FORMULA

# The years that the table of partnerships allows.
FIRST_YEAR, LAST_YEAR = 1900, 2100

SPACES = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]+")
POINT = re.compile(r"Point\s*\(\s*([-+\d.eE]+)\s+([-+\d.eE]+)\s*\)", re.IGNORECASE)
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")

# A label that Wikidata lacks is given as the item's identifier.
NO_NAME = re.compile(r"Q\d+|https?://.*|[\W\d_]*")

# Words for kinds of link, beside the labels and codes of the vocabulary; folded.
KIND_WORDS = {
    "twinning": "twin town, twin city, twin towns, sister city, sister cities, ville jumelee, villes jumelees, jumele",
    "cooperation_agreement": "cooperation, agreement, accord",
    "friendship_pact": "friendship, friendship agreement, amitie, accord d amitie",
}


def set_aside(told: pd.DataFrame, where: pd.Series, reason: str, detail: pd.Series | None = None) -> None:
    """Write down why rows are set aside, unless there is a reason already."""
    new = where & told["reason"].isna()
    told.loc[new, "reason"] = reason
    if detail is not None:
        told.loc[new, "detail"] = detail[new]


def read_values(pairs: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Read every cell.

    Parameters
    ----------
    pairs : DataFrame
        Text in the columns of `citydiplo.imports.pairs.FIELDS`.
    tables : dict
        countries and labels.

    Returns
    -------
    DataFrame
        Indexed like ``pairs``. For each side: name, place, code, country (ISO 3166-1 alpha-3), latitude, longitude and
        geonames_id, as ``origin_name``…; kind, word (what the source calls a kind that is not in the vocabulary),
        status, start_year, end_year; told_by and the fields that are kept as they are; reason and detail of the rows
        that cannot be read.
    """
    cells = pairs.apply(_clean)
    told = cells[list(KEPT_FIELDS)].copy()
    told["reason"] = pd.Series(None, index=told.index, dtype="str")
    told["detail"] = told["reason"]
    for side in SIDES:
        _read_side(told, cells, side, tables["countries"])
    for field, column in (("start", "start_year"), ("end", "end_year")):
        told[column], unreadable = _years(cells[field])
        set_aside(told, unreadable, "unreadable_year", cells[field])
    reversed_years = (told["start_year"] > told["end_year"]).fillna(False).astype(bool)
    set_aside(told, reversed_years, "years_reversed", cells["start"] + " – " + cells["end"])
    as_of = told["as_of"]
    set_aside(told, as_of.notna() & ~as_of.str.match(DATE, na=False), "unreadable_year", as_of)
    _read_words(told, cells, tables["labels"])
    return told.assign(told_by=cells["told_by"])


def _clean(cells: pd.Series) -> pd.Series:
    """One form for each letter, one space between words, missing if nothing is left."""
    distinct = cells.dropna().unique()
    clean = [SPACES.sub(" ", unicodedata.normalize("NFC", cell)).strip() for cell in distinct]
    return cells.map(dict(zip(distinct, [cell or None for cell in clean], strict=True))).astype("str")


def _read_side(told: pd.DataFrame, cells: pd.DataFrame, side: str, countries: pd.DataFrame) -> None:
    name, code, entry = cells[side], cells[f"{side}_code"], cells[f"{side}_geonames_id"]
    set_aside(told, name.str.startswith(FORMULA, na=False), "formula", name)
    # Identifiers and addresses are no names.
    name = name.mask(name.str.fullmatch(NO_NAME, na=False))
    set_aside(told, name.isna() & code.isna() & entry.isna(), "no_name", cells[side])
    country = country_codes(cells[f"{side}_country"], countries)
    unknown = cells[f"{side}_country"].notna() & country.isna()
    set_aside(told, unknown, "unknown_country", cells[f"{side}_country"])
    told[f"{side}_name"], told[f"{side}_code"], told[f"{side}_geonames_id"] = name, code, entry
    told[f"{side}_place"], told[f"{side}_country"] = cells[f"{side}_place"], country.astype("str")
    told[f"{side}_latitude"], told[f"{side}_longitude"] = _read_point(told, cells, side)


def _read_point(told: pd.DataFrame, cells: pd.DataFrame, side: str) -> tuple[pd.Series, pd.Series]:
    """The point of a side, from its two columns or from one; missing if there is none or it cannot be."""
    parts = cells[f"{side}_point"].str.extract(POINT)
    latitude = cells[f"{side}_latitude"].fillna(parts[1])
    longitude = cells[f"{side}_longitude"].fillna(parts[0])
    given = latitude.notna() | longitude.notna() | cells[f"{side}_point"].notna()
    y, x = _numbers(latitude), _numbers(longitude)
    shown = latitude.fillna("?") + ", " + longitude.fillna("?")
    shown = shown.mask(latitude.isna() & longitude.isna(), cells[f"{side}_point"])
    set_aside(told, given & (y.isna() | x.isna()), "unreadable_point", shown)
    possible = y.between(-90, 90) & x.between(-180, 180)
    swapped = ~possible & x.between(-90, 90) & y.between(-180, 180)
    set_aside(told, given & swapped, "swapped_point", shown)
    set_aside(told, given & ~possible, "impossible_point", shown)
    return y.where(possible), x.where(possible)


def _numbers(cells: pd.Series) -> pd.Series:
    """Numbers with a decimal point or comma; missing where the cell is not one."""
    plain = cells.where(cells.str.fullmatch(NUMBER, na=False)).str.replace(",", ".")
    return pd.to_numeric(plain, errors="coerce").astype(float)


def _years(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The year of each date, and where a date has none, several, or one that the table does not allow."""
    years: dict[str, float] = {}
    for cell in cells.dropna().unique():
        found = {int(year) for year in YEAR.findall(cell)}
        year = found.pop() if len(found) == 1 else np.nan
        years[cell] = year if FIRST_YEAR <= year <= LAST_YEAR else np.nan
    read = cells.map(years).astype("Float64").astype("Int64")
    return read, cells.notna() & read.isna()


def _read_words(told: pd.DataFrame, cells: pd.DataFrame, labels: pd.DataFrame) -> None:
    """The kind and the status: codes or labels of their vocabularies, or other usual words for a kind."""
    kinds = _codes(labels, "partnership_kind")
    kinds |= {word: code for code, words in KIND_WORDS.items() for word in words.split(", ")}
    told["kind"] = _coded(cells["kind"], kinds)
    other = cells["kind"].notna() & told["kind"].isna()
    told["word"] = cells["kind"].where(other)
    told["kind"] = told["kind"].mask(other, "other").fillna("not_documented")
    told["status"] = _coded(cells["status"], _codes(labels, "partnership_status"))
    set_aside(told, cells["status"].notna() & told["status"].isna(), "unknown_word", cells["status"])
    told["status"] = told["status"].fillna("not_documented")
    domains = labels.loc[labels["vocabulary"] == "domain", "code"]
    unknown = told["domains"].str.split(";").explode().dropna()
    unknown = unknown[~unknown.isin(domains)]
    set_aside(told, pd.Series(told.index.isin(unknown.index), index=told.index), "unknown_word", told["domains"])


def _codes(labels: pd.DataFrame, vocabulary: str) -> dict[str, str]:
    """Folded code and labels → code."""
    rows = labels[labels["vocabulary"] == vocabulary]
    return {fold(row[column]): row["code"] for _, row in rows.iterrows() for column in ("label_fr", "label_en", "code")}


def _coded(cells: pd.Series, codes: dict[str, str]) -> pd.Series:
    distinct = cells.dropna().unique()
    return cells.map({cell: codes.get(fold(cell)) for cell in distinct}).astype("str")
