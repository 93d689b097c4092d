"""Read the cells that people typed: choices by their label, collectivities by name, dates and numbers as typed."""

import re
import unicodedata
from collections.abc import Callable, Mapping

import pandas as pd

from citydiplo.collectivities import fold
from citydiplo.contribute.fault import Fault, fault, unknown_choice
from citydiplo.contribute.fields import LISTS, columns, vocabulary
from citydiplo.contribute.register import Register, Row
from citydiplo.imports.values import SPACES
from citydiplo.language import Language
from citydiplo.places import country_codes
from citydiplo.spreadsheet import FORMULA, NUMBER, bare_cell

Read = tuple[str, Fault | None]

LONGEST = 2000  # characters of a cell: a longer one is a mistake, or the text of a source
ARTICLE = re.compile(r"^(?:la|le|les|l|the) ")
MIDNIGHT = re.compile(r"[T ]00:00:00(?:\.0+)?$")
FRENCH_DATE = re.compile(r"(?:(\d{1,2})[/.])?(\d{1,2})[/.](\d{4})")
WHOLE = re.compile(r"(\d+)[.,]0+")
DATES = frozenset(["as_of", "published", "accessed"])


def clean(cell: str) -> str:
    """One form for each letter, one space between words, none around; a quote against formulas taken off."""
    whole = cell.encode("utf-8", "replace").decode("utf-8")
    return SPACES.sub(" ", unicodedata.normalize("NFC", bare_cell(whole))).strip()


def read_cells(table: str, typed: Mapping[str, str], register: Register, language: Language) -> tuple[Row, list[Fault]]:
    """Read the fields of one row as typed.

    Parameters
    ----------
    table : str
    typed : dict
        Field → text: a code or a label of the vocabulary in French or English, an id or a name of a collectivity…

    Returns
    -------
    row : dict
        A text for each column of the table; a cell that cannot be read stays as it is.
    faults : list of Fault
    """
    row = dict.fromkeys(columns(table), "")
    faults: list[Fault] = []
    for field, text in typed.items():
        cell = clean(text)
        if not cell:
            continue
        if field == "collectivity":
            found, wrong = _collectivity(table, cell, register, language)
            row["collectivity_id"], row["collectivity"] = found
        elif field in row:
            row[field], wrong = _reader(table, field)(table, field, cell, register, language)
        else:
            continue
        wrong = _unfit(table, field, cell, language) or wrong
        faults += [wrong] if wrong else []
    if table == "facts":  # the values of some indicators are choices, too
        row["value"] = code_of(row["indicator"], row["value"], register) or row["value"]
    return row, faults


def code_of(vocabulary: str, cell: str, register: Register) -> str:
    """The code of a choice by its code or its label, with its article or without; empty if it is none."""
    labels = register.tables["labels"]
    rows = labels[labels["vocabulary"] == vocabulary]
    for name in ("code", "label_fr", "label_en"):
        found = rows.loc[rows[name].map(_bare) == _bare(cell), "code"]
        if len(found) == 1 and _bare(cell):
            return str(found.iloc[0])
    return ""


def _bare(label: str) -> str:
    return ARTICLE.sub("", fold(label))


def _unfit(table: str, field: str, cell: str, language: Language) -> Fault | None:
    """What no cell of any table may be."""
    if len(cell) > LONGEST:
        expected = language.text("fault.shorter", count=LONGEST)
        return fault(table, field, cell, expected, language.text("fault.shorten"), language)
    if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell):
        return fault(table, field, cell, language.text("fault.no_formula"), language.text("fault.correct"), language)
    return None


def _reader(table: str, field: str) -> Callable[[str, str, str, Register, Language], Read]:
    if field == "country":
        return _country
    if field == "source_id" and table != "sources":
        return _source
    if field == "network_id":
        return _network
    return _choice if vocabulary(table, field) else _plain


def _plain(table: str, field: str, cell: str, _register: Register, _language: Language) -> Read:
    """Text as it is; dates as ISO, whole numbers without decimals, decimal points, addresses without a space."""
    dtype = str(columns(table)[field].dtype)
    if field in DATES:
        cell = MIDNIGHT.sub("", cell)
        if parts := FRENCH_DATE.fullmatch(cell):
            cell = "-".join(part.zfill(2) for part in (parts[3], parts[2], parts[1]) if part)
    if dtype == "Int64" or field in DATES:
        cell = WHOLE.sub(r"\1", cell) if WHOLE.fullmatch(cell) else cell
    if dtype == "float64":
        cell = cell.replace(",", ".").replace("\N{MINUS SIGN}", "-")
    return (re.sub(r"\s*;\s*", ";", WHOLE.sub(r"\1", cell)) if field == "recommendations" else cell), None


def _choice(table: str, field: str, cell: str, register: Register, language: Language) -> Read:
    labels = register.tables["labels"]
    rows = labels[labels["vocabulary"] == vocabulary(table, field)]
    known: dict[str, str] = {}
    for name in ("label_en", "label_fr", "code"):
        known |= dict(zip(rows[name].map(fold), rows["code"], strict=True))
        known |= dict(zip(rows[name], rows["code"], strict=True))  # labels of signs only (€, %) fold to nothing
    known.pop("", None)
    parts = [cell] if field not in LISTS or fold(cell) in known else [part.strip() for part in cell.split(";")]
    parts = list(filter(None, parts))
    codes = [known.get(part) or known.get(fold(part) or part) for part in parts]
    wrong = [part for part, code in zip(parts, codes, strict=True) if code is None]
    if wrong or not parts:
        names = [language.label(str(vocabulary(table, field)), code) for code in rows["code"]]
        return cell, unknown_choice(table, field, "; ".join(wrong) or cell, names, language)
    return ";".join(dict.fromkeys(map(str, codes))), None


def _country(table: str, field: str, cell: str, register: Register, language: Language) -> Read:
    code = country_codes(pd.Series([cell]), register.tables["countries"])[0]
    if isinstance(code, str):
        return code, None
    expected, todo = language.text("fault.a_country"), language.text("fault.choose")
    return cell, fault(table, field, cell, expected, todo, language)


def _source(table: str, field: str, cell: str, register: Register, language: Language) -> Read:
    """A source by its id, its address or its title; proposed ones too."""
    every = [*register.rows["sources"], *register.proposed["sources"]]
    for same in (
        lambda source: source["source_id"] == cell,
        lambda source: address(source["url"]) == address(cell),
        lambda source: fold(source["title"]) == fold(cell),
        lambda source: fold(f"{source['title']} ({source['short']})") == fold(cell),
    ):
        found = [source["source_id"] for source in every if same(source)]
        if len(found) == 1 and fold(cell):
            return found[0], None
        if found and fold(cell):
            expected = language.text("fault.one_source", ids=", ".join(found[:3]))
            return cell, fault(table, field, cell, expected, language.text("fault.write_source_id"), language)
    expected, todo = language.text("fault.a_source"), language.text("fault.add_source")
    return cell, fault(table, field, cell, expected, todo, language)


def _network(table: str, field: str, cell: str, register: Register, language: Language) -> Read:
    """A network by its id, its name in either language or its acronym."""
    networks = register.tables["networks"]
    for name in ("network_id", "name_fr", "name_en", "acronym"):
        found = networks.loc[networks[name].fillna("").map(fold) == fold(cell), "network_id"]
        if len(found) == 1 and fold(cell):
            return str(found.iloc[0]), None
    expected, todo = language.text("fault.a_network"), language.text("fault.add_network")
    return cell, fault(table, field, cell, expected, todo, language)


def address(url: str) -> str:
    """An address without what does not change the page: the scheme, « www. », a last slash."""
    return re.sub(r"^https?://(?:www\.)?|/$", "", url.strip().lower())


def _collectivity(
    table: str, cell: str, register: Register, language: Language
) -> tuple[tuple[str, str], Fault | None]:
    """The id and the usual name of a collectivity, by its name or code; a code may have lost its first zero."""
    listed, everyone = register.tables["collectivities"], register.everyone
    ids = listed.loc[(listed["collectivity_id"] == cell) | (listed["name"].map(fold) == fold(cell)), "collectivity_id"]
    if ids.empty:
        codes = {cell.upper(), cell.upper().zfill(5)}
        ids = everyone.index[everyone.index.isin(codes) | (everyone["name"].map(fold) == fold(cell))].to_series()
    if len(ids) == 1 and fold(cell):
        return (str(ids.iloc[0]), str(everyone.loc[ids.iloc[0], "name"])), None
    expected = language.text("fault.one_collectivity" if len(ids) > 1 else "fault.a_collectivity")
    wrong = fault(table, "collectivity", cell, expected, language.text("fault.write_code"), language)
    return ("", cell), wrong
