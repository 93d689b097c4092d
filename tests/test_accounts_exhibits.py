"""Where the accounts show: the notebook's exhibits and the section of a city report, on made-up accounts."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import papermill
import pytest
from bs4 import BeautifulSoup
from IPython.display import HTML
from test_notebooks import faults
from typer.testing import CliRunner

from citydiplo import account_charts, data, folders
from citydiplo.account_book import AccountBook
from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.errors import UserError
from citydiplo.exhibits import account_parts, account_ratios, accounts
from citydiplo.exhibits.city_accounts import city_accounts
from citydiplo.language import Language
from citydiplo.profile import Profile

FIXTURES = Path(__file__).parent / "accounts"
ACCOUNT_2021 = "totem-m14-by-nature-2021.xml"  # 90 330,98 € of expenditure and 25 000 € of receipts
ACCOUNT_2023 = "totem-ville-exemple-2023.xml"  # 100 000 € and 30 000 €, 7 777 € in a subsidiary budget
WITHOUT_FUNCTIONS = "totem-without-functions-2021.xml"
BUDGET = "totem-budget-bom-2022.xml"
BREST, BREST_METROPOLE = "212900195", "242900314"
TOWN = "999999990"

Show = Callable[[str], str]


def text(html: HTML | str | None) -> str:
    soup = BeautifulSoup(html if isinstance(html, str) else html.data if html else "", "html.parser")
    return re.sub(r"[\xa0\u202f\s]+", " ", soup.get_text(" "))


def cells(html: HTML | None, title: str) -> list[list[str]]:
    """The cells of the table of this title."""
    assert html
    for table in BeautifulSoup(html.data, "html.parser").find_all("table"):
        if title in text(str(table.caption)):
            return [[text(str(c)).strip() for c in row.find_all(["th", "td"])] for row in table.select("tbody tr")]
    raise AssertionError(f"no table {title}")


def imported(*paths: Path) -> None:
    result = CliRunner().invoke(app, ["import", "accounts", *map(str, paths)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of accounts: what is imported here is seen by no one else."""
    monkeypatch.setenv("CITYDIPLO_ACCOUNTS", str(tmp_path / "accounts"))
    return tmp_path


def belongs_to(folder: Path, name: str, siren: str, **changes: str) -> Path:
    """A made-up file as if it were of a real collectivity, so that its report has one; marked as a trial."""
    content = (
        (FIXTURES / name).read_bytes().replace(b"999 999 990", TOWN.encode()).replace(TOWN.encode(), siren.encode())
    )
    for old, new in {"VILLE-EXEMPLE": "FICHIER D’ESSAI", **changes}.items():
        content = content.replace(old.encode(), new.encode())
    path = folder / f"essai-{siren}-{name}"
    path.write_bytes(content)
    return path


@pytest.fixture
def french(tables: Tables) -> Language:
    return Language.of("fr", tables)


@pytest.fixture
def report(profile_of: Callable[[str], Profile], french: Language) -> Callable[[str], HTML]:
    return lambda query: city_accounts(profile_of(query), french)


@pytest.fixture
def town(tables: Tables, language: Language) -> AccountBook:
    imported(FIXTURES / ACCOUNT_2021, FIXTURES / ACCOUNT_2023, FIXTURES / BUDGET)
    return AccountBook.load(tables, language)


# The notebook


def test_nothing_imported_is_one_note_with_the_commands(tables: Tables, language: Language) -> None:
    book = AccountBook.load(tables, language)
    assert "citydiplo import accounts" in text(accounts.levels(book))
    assert "citydiplo fetch accounts" in text(accounts.levels(book))
    others = (accounts.series, accounts.constant, account_parts.composition, account_parts.origins)
    others += (account_ratios.ratios, account_ratios.groups, account_ratios.apart)
    assert [show(book) for show in others] == [None] * 7


def test_amounts_are_those_of_the_files(town: AccountBook) -> None:
    title = {"fr": "Dépenses, recettes", "en": "Expenditure, receipts"}[town.language.code]
    rows = cells(accounts.series(town), title)
    expected = {
        "fr": [
            ["2021", "90 330,98 €", "25 000,00 €", "65 330,98 €"],
            ["2023", "100 000,00 €", "30 000,00 €", "70 000,00 €"],
        ],
        "en": [["2021", "€90,330.98", "€25,000.00", "€65,330.98"], ["2023", "€100,000.00", "€30,000.00", "€70,000.00"]],
    }
    assert [[row[0], *row[2:5]] for row in rows] == expected[town.language.code]
    assert [row[5] for row in rows] == {
        "fr": ["Moins de 100 000 €", "De 100 000 à 300 000 €"],
        "en": ["Under €100,000", "€100,000 to €300,000"],
    }[town.language.code]


def test_the_chart_tells_its_amounts_and_its_source(town: AccountBook) -> None:
    shown = accounts.levels(town)
    image = BeautifulSoup(shown.data, "html.parser").find("img")
    assert image
    assert all(amount in text(str(image["alt"])) for amount in map(text, map(town.euros, (90330.98, 100000.0))))
    digest = data.load_accounts()["accounts"].query("source == @ACCOUNT_2021")["source_hash"].iloc[0]
    assert f"{ACCOUNT_2021} (VILLE-EXEMPLE" in text(shown)
    assert f"SHA-256 {digest[:12]}…" in text(shown)


def test_what_function_04_misses_is_said_with_every_exhibit(town: AccountBook) -> None:
    misses = text(town.language.text("accounts.misses"))
    shown = (
        accounts.levels(town), accounts.series(town), accounts.constant(town), account_parts.composition(town),
        account_parts.origins(town), account_ratios.ratios(town),
    )  # fmt: skip
    for exhibit in shown:
        assert exhibit
        soup = BeautifulSoup(exhibit.data, "html.parser")
        captions = [*soup.find_all("figcaption"), *soup.select("p.caption")]
        assert captions
        assert all(misses in text(str(caption)) for caption in captions)


def test_parts_add_up_and_keep_corrections(town: AccountBook) -> None:
    by = {"fr": "par nature", "en": "by nature"}[town.language.code]
    rows = cells(account_parts.composition(town), by)
    amounts = [sum(round(100 * written(cell)) for cell in row[1:-1]) for row in rows]
    assert amounts == [round(100 * written(row[-1])) for row in rows] == [9_033_098, 10_000_000]
    account = {"fr": "compte par compte", "en": "account by account"}[town.language.code]
    assert [row[-1] for row in cells(account_parts.composition(town), account) if row[0] == "60623"] == [
        {"fr": "−69,52 €", "en": "€−69.52"}[town.language.code]
    ]


def written(cell: str) -> float:
    """The number of a cell in either language."""
    digits = re.sub(r"[^\d.,−]", "", cell).replace("−", "-")
    return float(re.sub(r"[.,](?=\d{3})", "", digits).replace(",", "."))


def test_receipts_by_origin_and_net(town: AccountBook) -> None:
    title = {"fr": "par origine", "en": "by origin"}[town.language.code]
    row = cells(account_parts.origins(town), title)[0]
    assert [written(cell) for cell in row[1:]] == [20000.0, 5000.0, 25000.0, 65330.98, 28.0]


def test_ratios_and_the_rule(town: AccountBook) -> None:
    title = {"fr": "Rapportées", "en": "By inhabitant"}[town.language.code]
    year, population, *others = cells(account_ratios.ratios(town), title)[1]
    assert (year, written(population.split("(")[0])) == ("2023", 50000.0)
    found = [written(cell.split("(")[0]) for cell in others]
    # 100 000 € for 50 000 inhabitants; of 80 000 000 € of operating expenditure, one thousandth is 80 000 €.
    assert found == [2.0, 100000.0, 80000000.0, 1.25, 80000.0]


def test_constant_euros_follow_the_index(town: AccountBook, tables: Tables) -> None:
    index = tables["price_index"].set_index("year")["value"]
    title = {"fr": "euros constants", "en": "constant euros"}[town.language.code]
    row = cells(accounts.constant(town), title)[0]
    assert written(row[2]) == pytest.approx(90330.98 * index[index.index.max()] / index[2021], abs=0.01)


def test_voted_and_subsidiary_budgets_stand_apart(town: AccountBook) -> None:
    shown = account_ratios.apart(town)
    voted = {"fr": "ce que votent", "en": "what budgets vote"}[town.language.code]
    assert [row[1] for row in cells(shown, voted)] == ["2022"]
    subsidiary = {"fr": "budgets annexes", "en": "subsidiary budgets"}[town.language.code]
    assert 7777.0 in [written(row[4]) for row in cells(shown, subsidiary)]
    assert "2022" not in [
        row[0] for row in cells(accounts.series(town), {"fr": "reste à charge", "en": "net"}[town.language.code])
    ]


def test_declared_amounts_stand_apart(tables: Tables, french: Language, folder: Path) -> None:
    declared = folder / "apd.csv"
    declared.write_text("siren;year;amount\n999999990;2022;12500\n", encoding="utf-8")
    options = ["--map", ":044=function", "--map", ":operating=section"]
    result = CliRunner().invoke(app, ["import", "accounts", str(declared), *options])
    assert result.exit_code == 0, result.output
    book = AccountBook.load(tables, french)
    assert book.every.empty
    assert [row[-2] for row in cells(account_ratios.apart(book), "montants déclarés")] == ["12 500,00 €"]


def test_caveats_are_in_words(town: AccountBook) -> None:
    said = text(accounts.series(town))
    assert text(town.language.text("accounts.global_grants")) in said  # 041, in 2021
    assert re.search(r"7[,. ]777", said)


def test_every_caveat_has_words(town: AccountBook) -> None:
    row = town.every.iloc[0].copy()
    row["known"] = False
    assert accounts.remarks(town, pd.DataFrame([row]))
    nil = dict.fromkeys(["expenditure", "receipts"], 0.0)
    (said,) = accounts.remarks(town, pd.DataFrame([town.every.iloc[0].copy()]).assign(**nil, functions=None))
    assert text(town.language.text("caveat.nothing_booked")) in text(said)


def test_collectivities_and_years_are_chosen(tables: Tables, french: Language, folder: Path) -> None:
    imported(FIXTURES / ACCOUNT_2021, FIXTURES / ACCOUNT_2023, belongs_to(folder, ACCOUNT_2021, BREST))
    assert list(AccountBook.load(tables, french, "29019", "2021").yearly["name"]) == ["Brest"]
    assert list(AccountBook.load(tables, french, TOWN, "2022-2024").yearly["year"]) == [2023]
    assert AccountBook.load(tables, french, f"{TOWN}, Brest (29)").several
    assert "Aucun compte importé pour" in text(accounts.levels(AccountBook.load(tables, french, "", "1999")))
    with pytest.raises(UserError, match="is no year"):
        AccountBook.load(tables, french, "", "vingt")


def test_a_commune_and_its_epci_together(tables: Tables, french: Language, folder: Path) -> None:
    files = [belongs_to(folder, ACCOUNT_2023, siren) for siren in (BREST, BREST_METROPOLE)]
    imported(*files)
    (row,) = cells(account_ratios.groups(AccountBook.load(tables, french)), "sans double compte")
    assert row[:3] == ["Brest Métropole", "Brest", "2023"]
    assert row[4] == "200 000,00 €"


def test_a_town_that_files_spell_in_two_ways_is_one(tables: Tables, french: Language) -> None:
    imported(FIXTURES / ACCOUNT_2023, FIXTURES / "totem-m57-974-latin1-2024.xml")
    book = AccountBook.load(tables, french)
    assert list(book.yearly["name"]) == ["VILLE-EXEMPLE-LÈS-ÎLES"] * 2


def test_a_part_keeps_its_look_whatever_the_others() -> None:
    amounts = pd.DataFrame({"a": [1.0], "b": [2.0], "c": [-1.0]}, index=["2020"])
    names = ["A", "B", "C"]
    colours = []
    for shown in (amounts, amounts.assign(a=0.0)):
        axes = account_charts.parts(shown, names, ["3"], "euros", str).axes[0]
        bars = {container.get_label(): container for container in axes.containers}
        colours.append(bars["C"].patches[0].get_facecolor())  # type: ignore[union-attr]
        assert ("A" in bars) == bool(shown["a"].any())
        assert bars["C"].patches[0].get_width() == -1  # type: ignore[union-attr]
    assert colours[0] == colours[1]


def test_a_name_is_no_formula() -> None:
    figure = account_charts.classes({r"$\frac{$": [(2020, 5.0)]}, {"a": (0, 1000), "b": (1000, 1e9)}, "0", str)
    figure.savefig(Path("/dev/null"), format="svg")
    (label,) = [entry.get_text() for entry in figure.axes[0].get_legend().get_texts()]  # type: ignore[union-attr]
    assert label == r"\$\frac{\$"


# The city report


def test_not_imported_is_said_in_short(report: Callable[[str], HTML]) -> None:
    said = text(report("Marseille"))
    assert "Comptes non importés" in said
    assert "citydiplo import accounts FICHIER" in said
    assert len(said) < 300


def test_the_report_has_its_accounts(report: Callable[[str], HTML], folder: Path) -> None:
    imported(belongs_to(folder, ACCOUNT_2021, BREST))
    shown = report("29019")
    assert faults(output(shown), "fr") == []
    (row,) = cells(shown, "Dépenses, recettes")
    assert row[2:5] == ["90 330,98 €", "25 000,00 €", "65 330,98 €"]
    (found,) = cells(shown, "lié à l’étranger")
    assert found[0].startswith("COMITE DE JUMELAGE")
    assert found[-2:] == ["12 000,00 €", "jumelage"]
    # The others: a company, a body in kind, and two natural persons whose names are kept nowhere.
    assert "4 autres subventions" in text(shown)
    assert "Nom Invent" not in shown.data
    assert "GIP" not in text(shown)


def output(shown: HTML) -> SimpleNamespace:
    cell = {"outputs": [{"data": {"text/html": shown.data}}]}
    return SimpleNamespace(cells=[cell])


def test_a_hostile_beneficiary_is_written_out(report: Callable[[str], HTML], folder: Path) -> None:
    hostile = {"COMITE DE JUMELAGE DE": "JUMELAGE &lt;script&gt;alert(1)&lt;/script&gt;"}
    imported(belongs_to(folder, ACCOUNT_2021, BREST, **hostile))
    shown = report("29019").data
    assert "<script>" not in shown
    assert "JUMELAGE &lt;script&gt;" in shown


def test_without_functions_is_unknown_and_not_nil(report: Callable[[str], HTML], folder: Path) -> None:
    imported(belongs_to(folder, WITHOUT_FUNCTIONS, BREST))
    shown = report("29019")
    (row,) = cells(shown, "Dépenses, recettes")
    assert row[2:] == ["inconnu", "inconnu", "inconnu", ""]
    assert "inconnu, et non nul" in text(shown)
    assert "0,00 €" not in text(shown)


def test_nothing_booked_is_a_documented_nil(report: Callable[[str], HTML], folder: Path) -> None:
    path = belongs_to(folder, ACCOUNT_2021, BREST, **{'Fonction V="04': 'Fonction V="02'})
    imported(path)
    shown = report("29019")
    (row,) = cells(shown, "Dépenses, recettes")
    assert row[2:5] == ["0,00 €", "0,00 €", "0,00 €"]
    assert "0 € est documenté" in text(shown)
    assert "inconnu" not in " ".join(row)


def test_the_epci_is_beside_and_not_added(report: Callable[[str], HTML], folder: Path) -> None:
    imported(belongs_to(folder, ACCOUNT_2023, BREST_METROPOLE))
    shown = text(report("29019"))
    assert "Comptes non importés" in shown
    assert "Son intercommunalité, Brest Métropole" in shown
    assert "100 000,00 €" in shown


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_notebook_shows_what_is_imported(lang: str, tmp_path: Path) -> None:
    imported(FIXTURES / ACCOUNT_2021, FIXTURES / ACCOUNT_2023)
    path = folders.REPOSITORY / "notebooks/03_budgets_and_staff.ipynb"
    made = papermill.execute_notebook(
        str(path), str(tmp_path / path.name), {"lang": lang}, cwd=str(path.parent), progress_bar=False
    )
    assert faults(made, lang) == []
    assert {"fr": "90 330,98 €", "en": "€90,330.98"}[lang] in text(
        "".join(str(out.get("data", {}).get("text/html", "")) for cell in made.cells for out in cell.get("outputs", []))
    )
