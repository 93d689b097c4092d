"""Balances of accounts, consolidated accounts and tables: what is read, and what is refused at which line."""

from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.imports import account_file, account_table, amounts, balance_scan, dgfip, ofgl, totem
from citydiplo.imports.account_document import COLUMNS, Reading
from citydiplo.imports.refusals import MOST_REFUSED

ACCOUNTS = Path(__file__).parent / "accounts"
REAL = folders.REPOSITORY.parent / "shared" / "realdata"
BALANCE = ACCOUNTS / "dgfip-ville-exemple-2023.csv"

real_files = pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not here")

LINE = ["siren", "year", "budget", "function", "nature", "section", "direction", "operation", "amount"]
TOTAL = ["siren", "year", "by_function", "operating_expenditure", "operating_receipts"]
AID = ["SIREN=siren", "Collectivité=name", "Année=year", "Montant (k€)=amount_thousands"]
AS_FUNCTION_044 = [":044=function", ":operating=section"]


def rows(reading: Reading) -> list[list[object]]:
    return sorted(reading.accounts[LINE].to_numpy().tolist())


def key(function: str, nature: str, siret: str = "99999999000019") -> str:
    return f"IDENT {siret}, FONCTION {function}, COMPTE {nature}"


def refused(reading: Reading) -> list[tuple[int | None, str | None]]:
    return [(problem.row, problem.column) for problem in reading.problems]


def put(folder: Path, text: str) -> Path:
    path = folder / "balance.csv"
    path.write_bytes(text.encode())
    return path


def balance(*lines: str, separator: str = "\n") -> str:
    """A balance of the town: function;compte;obnetdeb;obnetcre;oobdeb;oobcre a line."""
    header = "exer;ident;lbudg;cbudg;nomen;siren;fonction;compte;obnetdeb;obnetcre;oobdeb;oobcre"
    town = "2023;99999999000019;VILLE-EXEMPLE;1;M57;999999990"
    return separator.join([header, *(f"{town};{line}" if line else "" for line in lines), ""])


def test_three_formats_agree_on_the_town() -> None:
    town = [
        ["999999990", 2023, "main", "048", nature, "operating", direction, operation, amount]
        for nature, direction, operation, amount in (
            ("64111", "expenditure", "real", 40_000.0),
            ("6232", "expenditure", "real", 10_000.0),
            ("65748", "expenditure", "real", 50_000.0),
            ("7478", "receipt", "real", 30_000.0),
            ("6811", "expenditure", "order", 5_000.0),
        )
    ]
    for read, suffix in ((dgfip.read, "csv"), (totem.read, "xml"), (account_table.read, "csv")):
        format = read.__module__.rsplit(".", 1)[1].removeprefix("account_")
        reading = read(ACCOUNTS / f"{format}-ville-exemple-2023.{suffix}")
        assert not reading.problems
        main = reading.accounts[reading.accounts["budget"] == "main"]
        assert sorted(main[LINE].to_numpy().tolist()) == sorted(town), format
        totals = reading.account_totals[reading.account_totals["budget"] == "main"]
        assert totals[TOTAL].to_numpy().tolist() == [["999999990", 2023, "yes", 80e6, 90e6]], format
        assert reading.accounts.loc[reading.accounts["budget"] == "subsidiary", "amount"].tolist() == [7_777.0]
    consolidated = ofgl.read(ACCOUNTS / "ofgl-ville-exemple-2023.csv").account_totals
    assert consolidated.loc[0, ["budget", "operating_expenditure", "population"]].tolist() == ["main", 80e6, 50_000]


@pytest.mark.parametrize("path", sorted(ACCOUNTS.glob("[dot][gfa]*.csv")), ids=lambda path: path.name)
def test_what_is_read_follows_the_schemas(path: Path) -> None:
    read = {"dgfip": dgfip.read, "ofgl": ofgl.read}.get(path.name.split("-")[0])
    read = read or partial(account_table.read, mapping=account_table.parse_mapping(AS_FUNCTION_044))
    reading = account_file.checked(account_file.stamped(read(path, "a file"), "a file", "0" * 64), "a file")
    assert all(problem.file == "a file" for problem in reading.problems)
    for table in COLUMNS:
        assert set(getattr(reading, table)["source"]) <= {"a file"}


def test_without_functions_nothing_is_known() -> None:
    reading = dgfip.read(ACCOUNTS / "dgfip-api-ville-exemple-2023.csv")
    assert reading.accounts.empty and not reading.problems
    assert reading.account_totals[[*TOTAL, "budget"]].to_numpy().tolist() == [
        ["999999990", 2023, "no", 80e6, 90e6, "main"],
        ["999999990", 2023, "no", 7_777.0, 0.0, "subsidiary"],
    ]


@pytest.mark.parametrize("encoding", ["latin1", "bom"])
def test_m14_overseas_in_every_encoding(encoding: str) -> None:
    reading = dgfip.read(ACCOUNTS / f"dgfip-m14-974-{encoding}-2018.csv")
    assert [row[3:] for row in rows(reading)] == [
        ["041", "657341", "operating", "expenditure", "real", 300.5],
        ["041", "74718", "operating", "receipt", "real", 99.99],
        ["048", "2188", "investment", "expenditure", "real", 80.0],
        ["048", "6574", "operating", "expenditure", "real", 1_200.0],
    ]
    assert set(reading.accounts["name"]) == {"VILLE-EXEMPLE-LÈS-ÎLES"}
    assert set(reading.accounts["siren"]) == {"999999990"}
    assert reading.accounts["locator"].tolist()[:2] == [key("041", "657341"), key("041", "74718")]
    assert not reading.problems


def test_latin_1_after_much_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balance_scan, "START", 300)
    text = balance(*["020;6411;1.0;0.0;0.0;0.0"] * 5, "048;6574;2.0;0.0;0.0;0.0")
    path = tmp_path / "late.csv"
    path.write_bytes(
        f"{text.removesuffix(chr(10))}\n{text.splitlines()[-1].replace('EXEMPLE', 'ÉXEMPLE')}".encode("latin-1")
    )
    reading = dgfip.read(path)
    assert set(reading.accounts["name"]) == {"VILLE-EXEMPLE"} and reading.accounts["amount"].tolist() == [4.0]
    assert not reading.problems


def test_a_vote_by_function_has_prefixes() -> None:
    reading = dgfip.read(ACCOUNTS / "dgfip-by-function-2022.csv")
    assert reading.accounts[["function", "function_printed", "section", "direction", "amount"]].to_numpy().tolist() == [
        ["048", "90048", "investment", "expenditure", 700.0],
        ["042", "93042", "operating", "receipt", 250.0],
        ["048", "93048", "operating", "expenditure", 1_500.0],
    ]


def test_lost_zeros_are_refused_and_nothing_is_known() -> None:
    reading = dgfip.read(ACCOUNTS / "dgfip-zeros-lost-2021.csv")
    assert reading.accounts.empty
    assert refused(reading) == [(3, "fonction"), (4, "fonction")]
    assert reading.account_totals[TOTAL].to_numpy().tolist() == [["999999990", 2021, "no", 501_550.0, 0.0]]


def test_rows_that_cannot_be_are_refused_with_their_line() -> None:
    reading = dgfip.read(ACCOUNTS / "dgfip-refused-rows-2020.csv")
    assert refused(reading) == [(3, "obnetdeb"), (4, "obnetdeb"), (5, "obnetdeb"), (7, "oobdeb"), (8, None)]
    assert "-1500" in str(reading.problems[0]) and "« 12x,00 »" in str(reading.problems[2])
    assert "21 cells" in str(reading.problems[4])
    assert reading.accounts[["siren", "amount", "locator"]].to_numpy().tolist() == [
        ["999999982", 10.0, key("048", "6574", "99999998200011")],
        ["999999990", 100.0, key("048", "6251")],
    ]
    assert reading.account_totals.loc[1, TOTAL[3:]].isna().all()  # a sum without its refused lines would be wrong
    assert reading.account_totals.loc[0, "operating_expenditure"] == 100


def test_a_refused_line_of_function_04_leaves_nothing_known(tmp_path: Path) -> None:
    reading = dgfip.read(put(tmp_path, balance("048;6574;-1.0;0.0;0.0;0.0", "020;6411;5.0;0.0;0.0;0.0")))
    assert refused(reading) == [(2, "obnetdeb")]
    assert reading.account_totals["by_function"].tolist() == ["no"]
    reading = dgfip.read(put(tmp_path, balance("048;6574;1.0", "020;6411;5.0;0.0;0.0;0.0")))
    assert reading.account_totals["by_function"].tolist() == ["no"]


def test_blank_lines_do_not_shift_the_numbers(tmp_path: Path) -> None:
    lines = [
        "020;6411;5.0;0.0;0.0;0.0",
        "",
        "048;6574;1.0;0.0;0.0;0.0",
        "048;6574;x;0.0;0.0;0.0",
        "048;6574;2.0;0.0;0.0;0.0",
    ]
    for separator in ("\n", "\r\n"):
        reading = dgfip.read(put(tmp_path, balance(*lines, separator=separator)))
        assert reading.accounts["amount"].tolist() == [3.0]
        assert refused(reading) == [(5, "obnetdeb")]


def test_a_line_that_is_cut_short_is_refused_though_nothing_that_is_read_lacks(tmp_path: Path) -> None:
    lines = balance("020;6411;5.0;0.0;0.0;0.0", "048;6574;1.0;0.0;0.0;0.0").splitlines()
    for cell in (";0.0", ";0.0;0.0"):
        text = "\n".join([f"{lines[0]};sd", f"{lines[1]}{cell}", lines[2]])
        reading = dgfip.read(put(tmp_path, text))
        assert refused(reading) == ([(3, None)] if cell == ";0.0" else [(2, None), (3, None)])
        assert reading.accounts.empty and (reading.account_totals["by_function"] == "no").all()


def test_a_quote_that_is_never_closed_takes_no_other_line(tmp_path: Path) -> None:
    good = "048;6574;1.0;0.0;0.0;0.0"
    text = balance(good, "048;6251;9.0;0.0;0.0;0.0", "048;6232;3.0;0.0;0.0;0.0")
    text = text.replace(";VILLE-EXEMPLE;1;M57;999999990;048;6251", ';"VILLE-EXEMPLE;1;M57;999999990;048;6251')
    reading = dgfip.read(put(tmp_path, text))
    assert refused(reading) == [(3, None)] and reading.accounts["amount"].tolist() == [3.0, 1.0]
    quoted = dgfip.read(put(tmp_path, balance(good, "048;6574;x;0.0;0.0;0.0").replace("VILLE", '"VILLE;"')))
    assert refused(quoted) == [(3, "obnetdeb")] and set(quoted.accounts["name"]) == {"VILLE;-EXEMPLE"}


def test_accounts_of_one_budget_are_summed_and_budgets_are_in_order(tmp_path: Path) -> None:
    text = balance(
        "048;6574;1,5;0,0;0,5;0,0", "048;6251;1,0;0,0;0,0;0,0", "048;6574;2,0;0,0;0,0;0,0", "41;6574;8,0;0;0;0"
    )
    again = text.splitlines()[1].replace("9999", "9998", 1).replace(";999999990", ";999899990")
    reading = dgfip.read(put(tmp_path, f"{text}{again}\n"))
    assert not reading.problems and reading.account_totals["siren"].tolist() == ["999899990", "999999990"]
    assert reading.accounts[["siren", "nature", "operation", "amount"]].to_numpy().tolist() == [
        ["999899990", "6574", "real", 1.0],
        ["999899990", "6574", "order", 0.5],
        ["999999990", "6251", "real", 1.0],
        ["999999990", "6574", "real", 3.0],
        ["999999990", "6574", "order", 0.5],
    ]
    assert reading.account_totals["operating_expenditure"].tolist() == [1.0, 12.0]


def test_a_zero_anywhere_tells_that_zeros_were_kept(tmp_path: Path) -> None:
    lines = ["41;6574;1.0;0.0;0.0;0.0", "411;6574;1.0;0.0;0.0;0.0"]
    assert refused(dgfip.read(put(tmp_path, balance(*lines)))) == [(2, "fonction")]
    assert not dgfip.read(put(tmp_path, balance(*lines, "020;6574;1.0;0.0;0.0;0.0"))).problems


def test_an_empty_function_is_none_and_codes_of_other_charts_are_not_international(tmp_path: Path) -> None:
    text = balance(";6574;1.0;0.0;0.0;0.0", "01;7311;0.0;2.0;0.0;0.0")
    reading = dgfip.read(put(tmp_path, text))
    assert reading.accounts.empty and reading.account_totals["by_function"].tolist() == ["yes"]
    reading = dgfip.read(put(tmp_path, balance("048;6574;1.0;0.0;0.0;0.0").replace("M57", "M49")))
    assert reading.accounts.empty and reading.account_totals["by_function"].tolist() == ["no"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("2023;9", "23;9", "exer"),
        (";999999990;", ";99999;", "siren"),
        ("M57", "", "nomen"),
        (";6574;", ";5x;", "compte"),
    ],
)
def test_cells_without_which_a_line_is_no_ones(tmp_path: Path, old: str, new: str, column: str) -> None:
    reading = dgfip.read(put(tmp_path, balance("048;6574;1.0;0.0;0.0;0.0").replace(old, new)))
    assert column == "nomen" or refused(reading) == [(2, column)]
    assert reading.accounts.empty


def test_the_siren_is_also_the_start_of_the_siret(tmp_path: Path) -> None:
    reading = dgfip.read(put(tmp_path, balance("048;6574;1.0;0.0;0.0;0.0").replace(";999999990;", ";;")))
    assert reading.accounts["siren"].tolist() == ["999999990"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\x00" * 100,
        b"a;b\n1;2\n",
        b'"' * 50,
        BALANCE.read_bytes()[:100],
        BALANCE.read_text().encode("utf-16"),
    ],
)
@pytest.mark.parametrize("read", [dgfip.read, ofgl.read, account_table.read])
def test_what_is_no_such_file_is_refused(tmp_path: Path, content: bytes, read) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "x.csv").write_bytes(content)
    reading = read(tmp_path / "x.csv")
    assert reading.problems and reading.accounts.empty and reading.account_totals.empty
    assert read(tmp_path / "absent.csv").problems


def test_a_missing_column_is_named() -> None:
    reading = dgfip.read(ACCOUNTS / "dgfip-without-column.csv")
    assert [(problem.row, problem.expected) for problem in reading.problems] == [(1, "a column obnetdeb")]


def test_a_file_whose_name_is_a_pattern(tmp_path: Path) -> None:
    path = tmp_path / "balance [2023]*'.csv"
    path.write_bytes(BALANCE.read_bytes())
    assert len(dgfip.read(path).accounts) == 6


def test_a_truncated_zip_beside_a_good_file(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "year.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(BALANCE, "balance.csv")
    whole = (tmp_path / "year.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    cut, good, zipped = account_file.read(
        [tmp_path / "cut.zip", ACCOUNTS / "dgfip-by-function-2022.csv", tmp_path / "year.zip"], {}
    )
    assert cut.refused and "cut off" in str(cut.reading.problems[0])
    assert (good.format, len(good.reading.accounts)) == ("dgfip", 3)
    assert (zipped.format, len(zipped.reading.accounts)) == ("dgfip", 6)


def test_what_is_said_of_refused_rows_is_bounded(tmp_path: Path) -> None:
    reading = dgfip.read(put(tmp_path, balance(*["048;6574;-1.0;0.0;0.0;0.0"] * (MOST_REFUSED + 5))))
    assert len(reading.problems) == MOST_REFUSED + 1
    assert "5 other rows refused" in str(reading.problems[-1])


def test_consolidated_accounts() -> None:
    reading = ofgl.read(ACCOUNTS / "ofgl-ville-exemple-2023.csv")
    totals = reading.account_totals
    assert totals[["year", "budget", "operating_expenditure"]].to_numpy().tolist() == [
        [2023, "main", 80_000_000.0],
        [2023, "all", 80_007_777.0],
        [2022, "main", 70_000_000.0],
        [2022, "all", 70_000_000.0],
    ]
    assert totals["population"].isna().tolist() == [False, False, True, True]
    assert reading.notes == [("l. 5-6", "999999990, 2022: the population is left out, rows that say 49000, 50000")]


def test_consolidated_accounts_that_cannot_be() -> None:
    reading = ofgl.read(ACCOUNTS / "ofgl-refused-2023.csv")
    assert refused(reading) == [(2, "Montant BP"), (4, "Montant BP"), (5, "siren"), (6, "year")]
    assert reading.account_totals["operating_expenditure"].isna().tolist() == [True, False]


def test_declared_aid_is_kept_beside_function_04_only_if_the_mapping_says_so() -> None:
    path = ACCOUNTS / "table-declared-aid-2022.csv"
    alone = account_table.read(path, mapping=account_table.parse_mapping(AID))
    assert alone.accounts.empty
    assert [problem.expected.split(":")[0] for problem in alone.problems] == [
        "a column for function",
        "a column for nature or section",
    ]
    reading = account_table.read(path, mapping=account_table.parse_mapping([*AID, *AS_FUNCTION_044]))
    assert reading.accounts[["siren", "amount", "document_kind", "format", "function"]].to_numpy().tolist() == [
        ["999999990", 12_500.0, "declared", "table", "044"],
        ["219300480", 3_000.0, "declared", "table", "044"],
    ]
    assert refused(reading) == [(4, "name"), (5, "amount_thousands"), (6, "year")]
    assert "names 3 collectivities" in str(reading.problems[0])


@pytest.mark.parametrize("option", ["a", "=year", "a=nothing", "a=b=", ""])
def test_a_mapping_that_says_nothing(option: str) -> None:
    with pytest.raises(UserError, match="COLUMN=FIELD"):
        account_table.parse_mapping([option])


def test_one_column_a_field() -> None:
    with pytest.raises(UserError, match="one column"):
        account_table.parse_mapping(["a=year", "b=year"])
    reading = account_table.read(ACCOUNTS / "table-ville-exemple-2023.csv", mapping={"none": "function"})
    assert refused(reading) == [(1, "none")]


@pytest.mark.parametrize(
    ("cell", "unit", "euros"),
    [
        ("1 234,56", 1, 1234.56),
        ("12.5", 1e3, 12_500),
        ("1\N{NARROW NO-BREAK SPACE}000 €", 1, 1000),
        ("-1", 1, None),
        ("1e13", 1, None),
        ("nan", 1, None),
        ("1.234,56", 1, None),
        ("", 1, None),
    ],
)
def test_amounts(cell: str, unit: float, euros: float | None) -> None:
    assert amounts.euros(cell, unit) == euros


def test_without_polars_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(UserError, match=r"citydiplo\[accounts\]"):
        dgfip.read(BALANCE)


@real_files
def test_real_balances() -> None:
    folder = REAL / "dgfip-balance"
    yearly = dgfip.read(folder / "balance-zip-2018-extract.csv")
    frame = pd.read_csv(folder / "balance-zip-2018-extract.csv", sep=";", decimal=",", dtype={"COMPTE": "str"})
    operating = frame[frame["COMPTE"].str[0].isin(["6", "7"])]
    spent = (operating["OBNETDEB"] - operating["OOBDEB"]).groupby(operating["siren"]).sum()
    assert not yearly.problems and len(yearly.account_totals) == 13
    assert yearly.account_totals["operating_expenditure"].tolist() == pytest.approx(
        spent[yearly.account_totals["siren"].astype(int)].tolist()
    )
    extract = dgfip.read(folder / "balance-api-2024-extract.csv")
    assert not extract.problems and set(extract.account_totals["by_function"]) == {"no"}
    assert extract.account_totals["siren"].tolist() == ["200063402", "213801855", "216901231", "217300656"]


@real_files
def test_real_consolidated_accounts() -> None:
    communes = ofgl.read(REAL / "ofgl" / "ofgl-base-communes-consolidee.test.csv")
    assert not communes.problems
    assert communes.account_totals.loc[0, ["siren", "year", "operating_expenditure", "population"]].tolist() == [
        "213101355", 2022, 4_352_098.97, 4871
    ]  # fmt: skip
    groupings = ofgl.read(REAL / "ofgl" / "ofgl-base-epci.test.csv")
    assert not groupings.problems and len(groupings.account_totals) == 48
