"""Function 04 in the accounts of a made-up town, VILLE-EXEMPLE, and of its made-up EPCI."""

from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citydiplo import budget_series, budgets, data, folders
from citydiplo.data import Tables
from citydiplo.imports import account_file
from citydiplo.schemas import IMPORTED

TOWN, EPCI = "999999990", "999999982"
NAMES = {TOWN: "VILLE-EXEMPLE", EPCI: "AGGLO-EXEMPLE"}
MONTREUIL = folders.REPOSITORY.parent / "shared/realdata/montreuil-accounts/CA_2020.xml"

CODES = pd.DataFrame(
    [
        ("nature", "any", "64", "staff", "Charges de personnel"),
        *[("nature", "any", code, "purchases", "Achats et services") for code in ("60", "61", "62")],
        ("nature", "M14", "633", "staff", "Impôts sur rémunérations, en M14"),
        ("nature", "any", "63", "taxes", "Impôts et taxes"),
        ("nature", "any", "65", "subsidies", "Autres charges de gestion courante"),
        ("nature", "any", "20", "investment", "Immobilisations"),
        ("nature", "any", "13", "investment", "Subventions d’investissement"),
        ("nature", "any", "7471", "state", "État"),
        ("nature", "any", "1321", "state", "État"),
        ("nature", "any", "7474", "communes", "Communes"),
        ("nature", "any", "7475", "epci", "Groupements"),
        ("nature", "any", "7478", "other_bodies", "Autres organismes"),
        ("function", "M14", "048", "", "Autres actions, en M14"),
        ("function", "M57", "048", "", "Autres actions, en M57"),
        ("function", "M57", "044", "", "Aide publique au développement"),
        ("function", "any", "04", "", "Action internationale"),
    ],
    columns=["kind", "nomenclature", "code", "category", "label_fr"],
).assign(label_en="")
POPULATIONS = pd.DataFrame({"siren": [TOWN], "population": [48_000], "population_year": [2023]})
NOBODY = POPULATIONS.iloc[:0]


class Books:
    """Rows of accounts and totals, written document by document."""

    def __init__(self) -> None:
        self.accounts: list[dict[str, Any]] = []
        self.totals: list[dict[str, Any]] = []
        self.hashes = count()

    def add(self, year: int, *lines: tuple[str, str, float] | dict[str, Any], **cells: Any) -> None:
        """One document; each line is a function, a nature and an amount, or cells besides."""
        document = {
            "siren": TOWN,
            "siret": f"{cells.get('siren', TOWN)}00019",
            "year": year,
            "document_kind": "administrative_account",
            "decided": "2021-03-31",
            "budget": "main",
            "nomenclature": "M14",
            "format": "totem",
            "source": "made-up.xml",
            "source_hash": f"{next(self.hashes):064x}",
            "by_function": "yes",
            "operating_expenditure": 80_000_000.0,
            "operating_receipts": 90_000_000.0,
            "population": 50_000,
            "locator": "l. 1",
        } | cells
        document["name"] = NAMES[document["siren"]]
        self.totals.append(document)
        self.accounts += [document | self.line(line) for line in lines]

    @staticmethod
    def line(line: tuple[str, str, float] | dict[str, Any]) -> dict[str, Any]:
        function, nature, amount, more = (
            ("048", "6238", 0.0, line) if isinstance(line, dict) else (*line, dict[str, Any]())
        )
        cells = {
            "function": function,
            "function_printed": function,
            "nature": nature,
            "section": "operating" if nature[0] in "67" else "investment",
            "direction": "receipt" if nature[0] == "7" else "expenditure",
            "operation": "real",
            "amount": amount,
        }
        return cells | more

    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        frames = [
            pd.DataFrame(rows, columns=list(IMPORTED[name].to_schema().columns))
            for name, rows in (("accounts", self.accounts), ("account_totals", self.totals))
        ]
        return (
            data.validate_table("accounts", frames[0]),
            data.validate_table("account_totals", frames[1]),
        )

    def international(self, populations: pd.DataFrame = NOBODY) -> pd.DataFrame:
        return budgets.international(*self.frames(), CODES, populations)

    def counted(self) -> pd.DataFrame:
        return budgets.counted(*self.frames(), CODES)


TRUTH = [
    ("048", "64111", 40_000.0),
    ("048", "6238", 10_000.0),
    ("048", "6574", 50_000.0),
    ("048", "74718", 25_000.0),
    ("048", "7478", 5_000.0),
    {"nature": "6811", "amount": 5_000.0, "operation": "order"},
]


@pytest.fixture
def books() -> Books:
    made = Books()
    made.add(2020, *TRUTH)
    return made


def test_the_town_in_a_year(books: Books) -> None:
    (row,) = books.international().to_dict("records")
    assert (row["siren"], row["name"], row["year"]) == (TOWN, "VILLE-EXEMPLE", 2020)
    assert (row["expenditure"], row["receipts"], row["net"]) == (100_000, 30_000, 70_000)
    assert [row[name] for name in (*budgets.CATEGORIES, "uncategorised")] == [40_000, 10_000, 0, 50_000, 0, 0, 0]
    assert (row["operating"], row["operating_expenditure"], row["operating_source"]) == (100_000, 80e6, "document")
    assert row["share_per_mille"] == pytest.approx(1.25)
    assert (row["population"], row["population_year"], row["population_source"]) == (50_000, 2020, "document")
    assert row["per_inhabitant"] == pytest.approx(2)
    assert row["budget_class"] == "from_100000_to_300000"  # at the bound: not « moins de 100 000 € »
    assert (row["document_kind"], row["format"], row["source"]) == ("administrative_account", "totem", "made-up.xml")
    assert row["functions"] == "048"
    assert row["known"]
    assert pd.isna(row["difference"])


def test_functions_in_use(books: Books) -> None:
    books.add(2021, ("044", "6238", 1.0), ("041", "6574", 0.0), ("048", "7478", 2.0))
    assert books.international()["functions"].tolist() == ["048", "044;048"]


def test_investment_is_no_part_of_the_share() -> None:
    books = Books()
    books.add(2020, ("048", "6574", 80_000.0), ("048", "2041582", 40_000.0))
    (row,) = books.international().to_dict("records")
    assert (row["expenditure"], row["investment"], row["operating"]) == (120_000, 40_000, 80_000)
    assert row["share_per_mille"] == pytest.approx(1)


def test_the_longest_code_wins_and_that_of_the_chart() -> None:
    books = Books()
    books.add(2020, ("048", "6331", 1.0), ("048", "6355", 2.0), nomenclature="M14-M14_COM_SUP3500")
    books.add(2021, ("048", "6331", 4.0), ("048", "6355", 8.0), nomenclature="M57A")
    books.add(2022, ("048", "6331", 16.0), nomenclature="M4")
    books.add(2023, ("048", "673", 32.0), {"nature": None, "amount": 64.0}, ("048", "7588", 3.0))
    found = books.international().set_index("year")
    assert found[["staff", "taxes", "uncategorised"]].to_numpy().tolist() == [
        [1, 2, 0],
        [0, 12, 0],
        [0, 16, 0],
        [0, 0, 96],
    ]
    assert found.loc[2023, ["expenditure", "receipts"]].tolist() == [96, 3]
    lines = books.counted()
    assert lines.set_index("nature")["origin"].dropna().to_dict() == {"7588": "uncategorised"}


def test_an_account_on_the_side_of_receipts_or_of_expenditure() -> None:
    books = Books()
    books.add(2020, ("048", "1321", 700.0), {"nature": "1321", "amount": 900.0, "direction": "receipt"})
    (row,) = books.international().to_dict("records")
    assert (row["investment"], row["receipts"], row["operating"]) == (700, 900, 0)
    assert books.counted()["origin"].dropna().tolist() == ["state"]


def test_nil_and_unknown() -> None:
    books = Books()
    books.add(2020)
    books.add(2021, by_function="no", format="dgfip", document_kind="account_balance")
    nil, unknown = books.international().to_dict("records")
    assert nil["known"]
    assert (nil["expenditure"], nil["receipts"], nil["staff"], nil["share_per_mille"]) == (0, 0, 0, 0)
    assert nil["budget_class"] == "under_100000"
    assert budget_series.caveats(pd.Series(nil)) == ["nothing_booked"]
    assert not unknown["known"]
    assert all(pd.isna(unknown[name]) for name in (*budgets.MONEY, "share_per_mille", "per_inhabitant", "budget_class"))
    assert budget_series.caveats(pd.Series(unknown)) == ["functions_unknown"]


def test_lines_without_a_row_of_totals(books: Books) -> None:
    accounts, totals = books.frames()
    (row,) = budgets.international(accounts, totals.iloc[:0], CODES, POPULATIONS).to_dict("records")
    assert (row["known"], row["expenditure"], row["population_source"]) == (True, 100_000, "reference")
    assert pd.isna(row["share_per_mille"])
    assert pd.isna(row["operating_source"])


def test_an_account_is_taken_before_a_balance(books: Books) -> None:
    books.add(2020, ("048", "6574", 99_999.9), format="dgfip", document_kind="account_balance", population=None)
    (row,) = books.international().to_dict("records")
    assert (row["format"], row["expenditure"], row["difference"]) == ("totem", 100_000, -0.1)
    assert "balance_differs" in budget_series.caveats(pd.Series(row))
    assert len(books.counted()) == len(TRUTH) - 1


def test_a_balance_with_functions_is_taken_before_an_account_without() -> None:
    books = Books()
    books.add(2020, by_function="no")
    books.add(2020, ("048", "6574", 7.0), format="dgfip", document_kind="account_balance")
    (row,) = books.international().to_dict("records")
    assert (row["format"], row["known"], row["expenditure"]) == ("dgfip", True, 7)
    assert pd.isna(row["difference"])


def test_the_last_decided_of_two_accounts(books: Books) -> None:
    books.add(2020, ("048", "6574", 1.0), decided="2020-01-01")
    books.add(2020, ("048", "6574", 2.0), decided=None)
    assert books.international()["expenditure"].tolist() == [100_000]


def test_whose_population_and_whose_total(books: Books) -> None:
    ofgl = {"format": "ofgl", "document_kind": "consolidated_account", "by_function": "no"}
    for year, population in ((2021, 51_000), (2022, None)):
        books.add(year, ("048", "6574", 51_000.0), population=0, operating_expenditure=None)
        books.add(year, population=population, operating_expenditure=102e6, **ofgl)
        books.add(year, population=population, operating_expenditure=999e6, budget="all", **ofgl)
    found = books.international(POPULATIONS).set_index("year")
    assert found["population"].tolist() == [50_000, 51_000, 48_000]
    assert found["population_year"].tolist() == [2020, 2021, 2023]
    assert found["population_source"].tolist() == ["document", "ofgl", "reference"]
    assert found["operating_source"].tolist() == ["document", "ofgl", "ofgl"]
    assert found.loc[2021, "share_per_mille"] == pytest.approx(0.5)  # of the main budget, not of all
    assert found.loc[2021, "per_inhabitant"] == pytest.approx(1)
    assert "population_of_another_year" in budget_series.caveats(found.reset_index().iloc[2])


def test_the_population_of_another_document_of_the_year() -> None:
    books = Books()
    books.add(2020, ("048", "6574", 1.0), format="dgfip", document_kind="account_balance", population=None)
    books.add(2020, document_kind="initial_budget", population=49_000)
    found = books.international(POPULATIONS)
    assert found[["population", "population_year", "population_source"]].to_numpy().tolist() == [
        [49_000, 2020, "document"]
    ]


def test_subsidiary_budgets_are_beside(books: Books) -> None:
    for siret, amount in (("99999999000027", 300.0), ("99999999000035", 20.0)):
        books.add(2020, ("048", "6238", amount), ("048", "7478", 1.0), budget="subsidiary", siret=siret)
    (row,) = books.international().to_dict("records")
    assert (row["expenditure"], row["receipts"]) == (100_000, 30_000)
    assert (row["subsidiary_expenditure"], row["subsidiary_receipts"]) == (320, 2)
    assert "subsidiary_budgets" in budget_series.caveats(pd.Series(row))
    found = budgets.subsidiary(*books.frames(), CODES)
    assert found[["siret", "expenditure"]].to_numpy().tolist() == [["99999999000027", 300], ["99999999000035", 20]]


def test_voted_budgets_are_apart(books: Books) -> None:
    books.add(2020, ("048", "6574", 90_000.0), document_kind="initial_budget", decided="2019-12-15")
    books.add(2020, ("048", "6574", -1_000.0), document_kind="amending_decision", decided="2020-06-15")
    assert books.international()["expenditure"].tolist() == [100_000]
    found = budgets.voted(*books.frames(), CODES)
    assert found[["document_kind", "expenditure"]].to_numpy().tolist() == [
        ["initial_budget", 90_000],
        ["amending_decision", -1_000],
    ]


def test_from_m14_to_m57(books: Books) -> None:
    books.add(2021, ("044", "65748", 60_000.0), ("048", "6238", 15_000.0), ("048", "747178", 9.0), nomenclature="M57")
    yearly = books.international()
    assert yearly["expenditure"].tolist() == [100_000, 75_000]
    assert yearly["functions"].tolist() == ["048", "044;048"]
    lines = books.counted()
    functions = budgets.by_function(lines, CODES)
    spent = functions[functions["direction"] == "expenditure"].set_index(["year", "function"])
    assert spent["amount"].to_dict() == {(2020, "048"): 100_000, (2021, "044"): 60_000, (2021, "048"): 15_000}
    assert spent["label_fr"].tolist() == [
        "Autres actions, en M14",
        "Aide publique au développement",
        "Autres actions, en M57",
    ]
    natures = budgets.by_nature(lines, CODES).set_index(["year", "nature"])
    assert natures.loc[(2020, "6574"), ["amount", "code", "category"]].tolist() == [50_000, "65", "subsidies"]
    origins = budgets.by_origin(lines).set_index(["year", "origin"])["amount"]
    assert origins.to_dict() == {(2020, "other_bodies"): 5_000, (2020, "state"): 25_000, (2021, "state"): 9}


def test_nothing_imported() -> None:
    books = Books()
    accounts, totals = books.frames()
    assert list(books.international().columns) == budgets.YEARLY
    for found in (
        books.international(),
        books.counted(),
        budgets.voted(accounts, totals, CODES),
        budgets.subsidiary(accounts, totals, CODES),
        budgets.by_nature(books.counted(), CODES),
        budgets.by_function(books.counted(), CODES),
        budgets.by_origin(books.counted()),
        budget_series.rule(books.international(), 1),
        budget_series.constant(books.international(), pd.DataFrame({"year": [2020], "value": [100.0]}), 2020),
        budget_series.consolidated(books.international(), books.counted(), GROUPS),
    ):
        assert found.empty


CENTS = st.integers(-1_000_000_000, 10_000_000_000).map(lambda cents: cents / 100)
NATURES = st.sampled_from(["64111", "6238", "6331", "6574", "6811", "673", "2041582", "4581", None])
LINES = st.lists(st.tuples(NATURES, CENTS, st.sampled_from(["expenditure", "receipt"])), min_size=1, max_size=30)


@settings(max_examples=15, deadline=None)
@given(LINES, st.integers(0, 1000))
def test_categories_add_up_whatever_the_lines_and_their_order(lines: list[Any], seed: int) -> None:
    books = Books()
    books.add(2020, *({"nature": nature, "amount": amount, "direction": way} for nature, amount, way in lines))
    books.add(2021, *TRUTH)
    accounts, totals = books.frames()
    found = budgets.international(accounts, totals, CODES, NOBODY)
    row = found.iloc[0]
    cents = sum(round(amount * 100) for _, amount, way in lines if way == "expenditure")
    assert round(row["expenditure"] * 100) == cents
    assert sum(round(row[name] * 100) for name in (*budgets.CATEGORIES, "uncategorised")) == cents
    accounts, totals = (frame.sample(frac=1, random_state=seed) for frame in (accounts, totals))
    pd.testing.assert_frame_equal(budgets.international(accounts, totals, CODES, NOBODY), found)


def test_constant_euros_are_missing_without_an_index() -> None:
    yearly = pd.DataFrame({"year": [2019, 2020, 2021], "expenditure": [100.0, 110.0, 120.0]})
    index = pd.DataFrame({"year": [2020, 2021], "value": [100.0, 120.0]})
    found = budget_series.constant(yearly, index, 2021, ["expenditure"])
    assert found["expenditure"].tolist() == [100, 110, 120]
    assert found["expenditure_constant"].tolist()[1:] == pytest.approx([132, 120])
    assert pd.isna(found.loc[0, "expenditure_constant"])
    assert budget_series.constant(yearly, index, 2030, ["expenditure"])["expenditure_constant"].isna().all()


@given(st.floats(0, 1e9), st.floats(1, 1000))
def test_constant_euros_of_the_base_year_are_current(amount: float, value: float) -> None:
    yearly = pd.DataFrame({"year": [2020], "expenditure": [amount]})
    index = pd.DataFrame({"year": [2020], "value": [value]})
    found = budget_series.constant(yearly, index, 2020, ["expenditure"])
    assert found["expenditure_constant"].tolist() == [amount]


def test_the_gap_to_a_rule(books: Books) -> None:
    books.add(2021, by_function="no")
    (row,) = budget_series.rule(books.international(), 1).to_dict("records")
    assert (row["year"], row["amount"], row["gap"]) == (2020, 80_000, 20_000)
    (row,) = budget_series.rule(books.international(), 2).to_dict("records")
    assert (row["amount"], row["gap"]) == (160_000, -60_000)


GROUPS = pd.DataFrame({"siren": [TOWN], "epci_siren": [EPCI]})


def together(books: Books) -> dict[str, Any]:
    (row,) = budget_series.consolidated(books.international(), books.counted(), GROUPS).to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_what_a_town_pays_to_its_epci_counts_once(books: Books) -> None:
    books.add(2020, ("048", "657351", 20_000.0), siret="99999999000019", budget="subsidiary")  # not added
    books.accounts += [books.totals[0] | Books.line(("048", "657351", 20_000.0))]
    books.add(2020, ("048", "6238", 70_000.0), ("048", "74741", 25_000.0), siren=EPCI)
    row = together(books)
    assert (row["communes"], row["epci_known"], row["transfers"]) == (1, True, 20_000)
    assert (row["expenditure"], row["receipts"], row["net"]) == (170_000, 35_000, 135_000)
    assert not row["may_count_twice"]


def test_what_an_epci_pays_to_its_town_counts_once(books: Books) -> None:
    books.accounts += [books.totals[0] | Books.line(("048", "74751", 8_000.0))]
    books.add(2020, ("048", "657341", 9_000.0), ("048", "657348", 500.0), siren=EPCI)
    row = together(books)
    assert (row["transfers"], row["expenditure"], row["receipts"]) == (8_000, 101_500, 30_000)
    assert row["may_count_twice"]  # 1,000 € were not received by the town


def test_payments_to_others_are_no_transfers(books: Books) -> None:
    books.accounts += [books.totals[0] | Books.line(("048", "657358", 20_000.0))]
    books.add(2020, ("048", "74748", 20_000.0), siren=EPCI)
    row = together(books)
    assert (row["transfers"], row["expenditure"], row["may_count_twice"]) == (0, 120_000, False)


def test_every_category_of_the_chart_is_known(tables: Tables) -> None:
    codes = tables["account_codes"]
    assert set(codes.loc[codes["kind"] == "nature", "category"]) == {*budgets.CATEGORIES, *budgets.ORIGINS}


def test_accounts_of_transfers_are_those_of_the_chart(tables: Tables) -> None:
    codes = tables["account_codes"]
    for pattern, words, receipt in (
        (budget_series.TO_EPCI, "GFP de rattachement", False),
        (budget_series.FROM_EPCI, "GFP de rattachement", True),
        (budget_series.TO_COMMUNES, "membres? du GFP", False),
        (budget_series.FROM_COMMUNES, "membres? du GFP", True),
    ):
        rows = codes[(codes["category"].isin(["communes", "epci"]) == receipt) & (codes["kind"] == "nature")]
        named = rows["label_fr"].str.contains(words, regex=True)
        matched = rows["code"].str.match(pattern)
        assert named.sum() > 2
        assert matched[named].all()
        assert not rows.loc[matched, "label_fr"].str.contains(r": autres (?:communes|groupements)", regex=True).any()


def test_staff_lent_counts_once(books: Books) -> None:
    books.accounts += [books.totals[0] | Books.line(("048", "70846", 4_000.0))]
    books.add(2020, ("048", "6217", 4_000.0), siren=EPCI)
    row = together(books)
    assert (row["transfers"], row["expenditure"], row["may_count_twice"]) == (4_000, 100_000, False)


@pytest.mark.parametrize("cells", [{"year": 2021}, {"by_function": "no"}])
def test_one_of_the_two_is_unknown(books: Books, cells: dict[str, Any]) -> None:
    books.accounts += [books.totals[0] | Books.line(("048", "657351", 20_000.0))]
    books.add(**({"year": 2020, "siren": EPCI} | cells))
    found = budget_series.consolidated(books.international(), books.counted(), GROUPS).iloc[0]
    assert found[["year", "communes", "epci_known", "expenditure"]].tolist() == [2020, 1, False, 120_000]
    assert found["may_count_twice"]


def test_beneficiaries_by_their_names() -> None:
    rows = [
        ("COMITE DE JUMELAGE", "association", 100.0),
        ("Amis de Porto-Novo et du Bénin", "association", 200.0),
        ("Club de ping-pong", "association", 0.1),
        ("Européanisme", "association", 0.2),  # no whole word
        (None, "natural_person", 1.0),
        ("Jeanne Europe", "natural_person", 2.0),
    ]
    subsidies = pd.DataFrame(rows, columns=["beneficiary", "beneficiary_kind", "amount"])
    subsidies = subsidies.assign(siren=TOWN, year=2020, document_kind="administrative_account")
    found = budget_series.international_beneficiaries(subsidies, [*budget_series.WORDS, "Bénin", "Porto", "Porto-Novo"])
    assert found.found[["beneficiary", "word"]].to_numpy().tolist() == [
        ["COMITE DE JUMELAGE", "jumelage"],
        ["Amis de Porto-Novo et du Bénin", "Porto-Novo"],
    ]
    (rest,) = found.rest.to_dict("records")
    assert (rest["siren"], rest["year"], rest["number"], rest["amount"]) == (TOWN, 2020, 4, 3.3)
    assert budget_series.international_beneficiaries(subsidies, []).found.empty


def test_caveats_of_a_usual_row(books: Books) -> None:
    books.add(2021, ("042", "6574", 5.0), ("048", "673", 1.0), operating_expenditure=None, nomenclature="M57")
    one, other = (budget_series.caveats(row) for _, row in books.international().iterrows())
    assert one == ["single_subfunction"]
    assert other == ["no_staff_booked", "no_receipts", "uncategorised", "no_share"]


@pytest.mark.skipif(not MONTREUIL.is_file(), reason="the real files are not beside the repository")
def test_montreuil(tables: Tables) -> None:
    (file,) = account_file.read([Path(MONTREUIL)], {})
    reading = file.reading
    accounts, totals = (data.validate_table(name, getattr(reading, name)) for name in ("accounts", "account_totals"))
    (row,) = budgets.international(accounts, totals, tables["account_codes"], NOBODY).to_dict("records")
    assert (row["siren"], row["year"], row["functions"]) == ("219300480", 2020, "048")
    assert (row["expenditure"], row["receipts"]) == (492_604.30, 390_173.16)
    assert (row["staff"], row["subsidies"], row["uncategorised"]) == (204_063.77, 255_400.00, 0)
    assert row["budget_class"] == "from_300000_to_1000000"
    assert row["per_inhabitant"] == pytest.approx(4.43, abs=0.005)
    lines = budgets.counted(accounts, totals, tables["account_codes"])
    origins = budgets.by_origin(lines).set_index("origin")["amount"]
    assert origins["state"] == 385_150
