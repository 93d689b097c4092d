"""Codes of the charts of accounts, and the price index: facts checked by hand."""

import pandas as pd
import pytest

from citydiplo import budgets
from citydiplo.data import Tables
from citydiplo.imports import functions

CHARTS = ("M14", "M57")

# Real operations that a line of function 04 may have, as the charts have them.
EXPENDITURE = {
    "staff": ("64111", "64131", "6417", "6451", "6488"),
    "purchases": ("60623", "6068", "6132", "6188", "6218", "6238", "6251", "6281", "6288"),
    "taxes": ("6331", "6336", "63512", "637"),
    "subsidies": ("6541", "65731", "657348", "657351", "6574"),
    "other_operating": ("6688", "673", "6817", "739211"),
    "investment": ("1641", "2031", "2041412", "20421", "2183", "261", "4581"),
}
RECEIPTS = {
    "state": ("1311", "1321", "1381", "7471", "74718"),
    "region": ("1312", "1322", "7472"),
    "department": ("1313", "1323", "7473"),
    "communes": ("13141", "1324", "7474", "74741", "70845", "70875"),
    "epci": ("13151", "1325", "7475", "74751", "70846", "70876"),
    "europe": ("1317", "1327", "7477"),
    "other_bodies": ("1318", "1328", "7476", "7478", "70878"),
    "other": ("10222", "6419", "70688", "73211", "744", "752", "7688"),
}
CASES = [
    (chart, nature, category)
    for expected in (EXPENDITURE, RECEIPTS)
    for category, natures in expected.items()
    for nature in natures
    for chart in CHARTS
]
OF_ONE_CHART = [
    ("M14", "6257", "purchases"),
    ("M14", "6745", "other_operating"),
    ("M14", "774", "other"),
    ("M57", "6234", "purchases"),
    ("M57", "65748", "subsidies"),
    ("M57", "74771", "europe"),
]


@pytest.fixture(scope="module")
def codes(tables: Tables) -> pd.DataFrame:
    return tables["account_codes"]


def nearest(codes: pd.DataFrame, chart: str, nature: str) -> pd.Series:
    """The row of the longest code that a nature begins with."""
    rows = codes[(codes["kind"] == "nature") & codes["nomenclature"].isin([chart, "any"])]
    rows = rows[[nature.startswith(code) for code in rows["code"]]]
    return rows.loc[rows["code"].str.len().idxmax()]


def of(codes: pd.DataFrame, categories: tuple[str, ...]) -> pd.DataFrame:
    return codes[codes["category"].isin(categories)]


@pytest.mark.parametrize(("chart", "nature", "category"), [*CASES, *OF_ONE_CHART])
def test_each_account_has_its_category(codes: pd.DataFrame, chart: str, nature: str, category: str) -> None:
    names = budgets.CATEGORIES if category in budgets.CATEGORIES else budgets.ORIGINS
    assert nearest(of(codes, names), chart, nature)["category"] == category


def test_a_nature_has_a_category_of_its_vocabularies_and_a_function_none(tables: Tables, codes: pd.DataFrame) -> None:
    labels = tables["labels"].groupby("vocabulary")["code"].agg(set)
    assert labels["account_category"] == {*budgets.CATEGORIES, budgets.UNCATEGORISED}
    assert labels["account_origin"] == {*budgets.ORIGINS, budgets.UNCATEGORISED}
    natures = codes["kind"] == "nature"
    assert codes.loc[~natures, "category"].isna().all()
    assert set(codes.loc[natures, "category"]) == {*budgets.CATEGORIES, *budgets.ORIGINS}


@pytest.mark.parametrize("chart", CHARTS)
def test_an_account_is_of_the_category_of_the_wider_one(codes: pd.DataFrame, chart: str) -> None:
    spent = of(codes, budgets.CATEGORIES)
    rows = spent[spent["nomenclature"].isin([chart, "any"]) & (spent["code"].str.len() > 1)]
    wider = {code: nearest(spent, chart, code[:-1])["category"] for code in rows["code"] if code[0] != "6"}
    wider |= {code: nearest(spent, chart, code[:2])["category"] for code in rows["code"] if code[0] == "6"}
    assert rows.set_index("code")["category"].to_dict() == wider


def test_a_code_of_all_charts_is_not_repeated_for_one(codes: pd.DataFrame) -> None:
    charts = codes.groupby(["kind", "code"])["nomenclature"].agg(set)
    assert [key for key, found in charts.items() if "any" in found and len(found) > 1] == []


def test_the_functions_of_international_action(codes: pd.DataFrame) -> None:
    rows = codes[codes["kind"] == "function"]
    assert rows.groupby("nomenclature")["code"].agg(list).to_dict() == {
        "M14": ["04", "041", "048"],
        "M57": ["04", "041", "042", "043", "044", "045", "048"],
    }
    assert rows["label_fr"].str.len().gt(0).all()
    assert rows["label_en"].str.len().gt(0).all()
    for prefix in ("", "90", "92", "93"):
        assert [functions.canonical(prefix + code, True).code for code in rows["code"]] == rows["code"].tolist()


def test_the_same_code_may_differ_between_charts(codes: pd.DataFrame) -> None:
    """656 pays the groups of elected members in M14, contributions in M57, of which decentralised cooperation."""
    labels = {chart: nearest(codes, chart, "6562")["label_fr"] for chart in CHARTS}
    assert labels["M14"] == "Frais de fonctionnement des groupes d’élus"
    assert labels["M57"] == "Participations au titre de la coopération décentralisée"


def test_the_price_index_has_each_year_once(tables: Tables) -> None:
    index = tables["price_index"]
    assert index["year"].tolist() == list(range(2010, 2026))
    assert (index["value"] > 0).all()
    assert set(index["base"]) == {2015}
    assert index.set_index("year")["value"][2015] == 100


@pytest.mark.parametrize(("year", "inflation"), [(2022, 5.2), (2023, 4.9), (2024, 2.0), (2025, 0.9)])
def test_the_price_index_gives_the_inflation_that_insee_announced(tables: Tables, year: int, inflation: float) -> None:
    """Informations rapides of 15 January 2026, n° 8."""
    index = tables["price_index"].set_index("year")["value"]
    assert round(100 * (index[year] / index[year - 1] - 1), 1) == inflation
