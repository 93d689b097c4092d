"""Files of other origins: what is understood, and what is refused without leaving anything behind."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from citydiplo import data
from citydiplo.cli import app
from citydiplo.errors import DataError, UserError
from citydiplo.imports import pairs, tables, wikidata
from citydiplo.schemas import TABLES
from citydiplo.spreadsheet import FORMULA, bare_cell, safe_cell, to_csv

FIXTURES = Path(__file__).parent / "fixtures"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def written(path: Path, separator: str) -> list[dict[str, str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "town,twin\nLille,Leeds\n\nÉvry,Esslingen\n"),
        ("a.csv", "\ufefftown;twin\r\nLille;Leeds\r\n\r\nÉvry;Esslingen\r\n"),
        ("a.tsv", "town\ttwin\nLille\tLeeds\n\nÉvry\tEsslingen"),
        ("a.tsv", '?town\t?twin\n"Lille"@fr\t"Leeds"@en\n\n"Évry"\t<Esslingen>\n'),
    ],
)
def test_delimited_files(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    frame = tables.read(tmp_path / name)
    assert frame.to_dict("list") == {"town": ["Lille", "Évry"], "twin": ["Leeds", "Esslingen"]}
    assert frame.index.tolist() == [2, 4]


def test_cells_of_sparql_results_as_tsv(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('?a\t?b\t?c\n"L\'\\"Île\\""@fr\t"1946"^^<http://w3.org/x#integer>\t\n', encoding="utf-8")
    assert tables.read(path).iloc[0].tolist()[:2] == ['L\'"Île"', "1946"]
    assert tables.read(path)["c"].isna().all()


def test_a_cell_with_a_line_break_does_not_shift_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('town,note\nLille,"a\nb"\nÉvry,c\n', encoding="utf-8")
    assert tables.read(path).index.tolist() == [2, 4]


def test_json_lists_and_results(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"town": "Lille", "year": 1960, "note": null}, {"town": "Évry", "lat": 48.60}]', encoding="utf-8")
    frame = tables.read(path)
    assert frame.fillna("").to_dict("list") == {
        "town": ["Lille", "Évry"],
        "year": ["1960", ""],
        "note": ["", ""],
        "lat": ["", "48.60"],
    }
    results = tables.read(FIXTURES / "wikidata.json")
    assert results.loc[3, ["partnerLabel", "partnerPoint"]].tolist() == ["Leicester", "Point(-1.13 52.63)"]
    assert results["end"].isna().all()  # a blank node: a value that Wikidata does not know


LONG = "x" * 10_485_760


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (b"town,twin\n", "no rows"),
        (b"[]", "no rows"),
        (b"town|twin\nLille|Leeds\n", "row 1: the header « town|twin »; expected names of columns separated by commas"),
        (b"town\nLille\n", "row 1: the header « town »"),
        ("town;twin\nÉvry;Esslingen\n".encode("latin-1"), "row 2, column town: the byte 0xc9 is not UTF-8"),
        (
            "town,twin\nLille,Köln\n".encode("latin-1"),
            "row 2, column twin: the byte 0xf6 is not UTF-8; expected a file",
        ),
        ("town,twin\nLille,Leeds\n".encode("utf-16"), "the byte 0xff is not UTF-8"),
        (b"a,b\n1,2\n3\n4,5,6\n", "row 3: 1 cells; expected 2 cells separated by commas"),
        (b'a,b\n1,"2\n', "row 2: not readable (unexpected end of data); expected quotes in pairs"),
        (b"a,b,a\n1,2,3\n", "row 1, column a: a name that two columns have"),
        (f"town,twin\nLille,{LONG}\n".encode(), "row 2, column twin: a cell of 10485760 characters; expected at most"),
        (f'[{{"town": "{LONG}"}}]'.encode(), "row 1, column town: a cell of 10485760 characters"),
        (b'{"head": {}, "results": {"bindings": [{"a": {"va', "not readable as JSON (Unterminated string"),
        (b"[" * 100_000, "not readable as JSON"),
        (b'{"a": 1}', "an object with a; expected SPARQL results"),
        (b'{"results": {"bindings": [{"a": 1}]}}', "row 1, column a: the term 1"),
        (b"[1]", "row 1: the record 1; expected an object"),
        (b'[{"a": {"b": 1}}]', "row 1, column a: a nested value"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        tables.read(path)
    assert str(caught.value).startswith("export.csv")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 1000
    result = run("import", "wikidata", str(path), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_every_ragged_row_is_named_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "1\n" * 1000, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        tables.read(path)
    assert len(caught.value.problems) == tables.MOST_PROBLEMS


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        assert len(tables.read(path))
    except DataError as error:
        assert error.problems


def table(*columns: str) -> pd.DataFrame:
    return pd.DataFrame([["x"] * len(columns)], columns=list(columns), dtype="str")


def test_columns_by_their_usual_names() -> None:
    told = pairs.fields(
        "a.csv", table("Ville", "Code INSEE", "Ville partenaire", "Pays", "Début"), {}, pairs.USUAL_NAMES
    )
    assert told.notna().iloc[0].loc[lambda given: given].index.tolist() == [
        *("origin", "origin_code", "partner", "partner_country", "start"),
    ]


def test_columns_of_the_register_are_understood() -> None:
    columns = list(TABLES["partnerships"].to_schema().columns)
    told = pairs.fields("a.csv", table(*columns), {}, pairs.USUAL_NAMES)
    lost = {"partnership_id", "partner_kind"}  # found again from the others
    assert told.notna().sum(axis=1).tolist() == [len(columns) - len(lost)]


def test_what_the_user_says_of_a_column_goes_first() -> None:
    frame = table("ville", "commune", "twin")
    told = pairs.fields("a.csv", frame, {"commune": "origin", "twin": "partner"}, pairs.USUAL_NAMES)
    assert told[["origin", "partner"]].notna().all(axis=None)
    with pytest.raises(DataError, match="column ville: also read as origin"):
        pairs.fields("a.csv", frame, {"twin": "partner"}, pairs.USUAL_NAMES)
    with pytest.raises(DataError, match="column town: no such column; expected the columns ville, commune, twin"):
        pairs.fields("a.csv", frame, {"town": "origin"}, pairs.USUAL_NAMES)
    with pytest.raises(DataError, match="a column for partner"):
        pairs.fields("a.csv", table("ville"), {}, pairs.USUAL_NAMES)


def test_mapping_options() -> None:
    assert pairs.parse_mapping(["a=b=origin", "Ville jumelle=partner"]) == {"a=b": "origin", "Ville jumelle": "partner"}
    for wrong in ("origin", "a=city", "="):
        with pytest.raises(UserError, match="expected column=field, where field is one of origin,"):
            pairs.parse_mapping([wrong])


def test_columns_of_wikidata_queries() -> None:
    export = wikidata.pairs("a.tsv", tables.read(FIXTURES / "wikidata.tsv"), {})
    assert export.loc[2, ["origin", "partner", "partner_country", "locator"]].tolist() == [
        *("Strasbourg", "Boston", "United States of America", "P190: Strasbourg – Boston"),
    ]
    results = wikidata.pairs("a.json", tables.read(FIXTURES / "wikidata.json"), {})
    assert results.loc[1, "locator"] == "P190: Strasbourg (Q6602) – Dresde (Q1731)"
    assert results["start"].isna().tolist() == [False, False, True]  # the last is not known to Wikidata
    # An item beside its label: the label is the name.
    item = table("sisterCity", "sisterCityLabel", "originCity", "originCityLabel")
    item.loc[0] = ["http://www.wikidata.org/entity/Q64", "Berlin", "http://www.wikidata.org/entity/Q90", "Paris"]
    told = wikidata.pairs("a.csv", item, {})
    assert told.loc[0, ["origin", "partner", "partner_item"]].tolist() == ["Paris", "Berlin", "Q64"]


@given(st.text(max_size=8))
def test_safe_cells_come_back(text: str) -> None:
    assert not safe_cell(text).startswith(FORMULA)
    assert bare_cell(safe_cell(text)) == text or text.startswith("'")


def test_csv_for_spreadsheets() -> None:
    frame = pd.DataFrame({"name": ["=1+1", "-1.5", "+33", "@x", "\tx", "Évry", None], "km": [-1.5, 0, 1, 2, 3, 4, 5]})
    lines = to_csv(frame, ";").split("\r\n")
    assert lines[0] == "\N{BYTE ORDER MARK}name;km"
    assert [line.partition(";")[0] for line in lines[1:-1]] == ["'=1+1", "-1.5", "+33", "'@x", "'\tx", "Évry", ""]
    assert lines[1].endswith(";-1.5")


def test_import_of_an_export(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("import", "wikidata", str(FIXTURES / "wikidata.tsv"), "--out", str(out), "--lang", "en")
    assert result.exit_code == 0
    assert {path.name for path in out.iterdir()} == {"partnerships.csv", "merged.csv", "set_aside.csv", "report.txt"}
    read = len(tables.read(FIXTURES / "wikidata.tsv"))
    kept, merged, aside = (written(out / f"{name}.csv", separator) for name, separator in
                           (("partnerships", ","), ("merged", ";"), ("set_aside", ";")))  # fmt: skip
    assert len(kept) + len(merged) + len(aside) == read
    report = (out / "report.txt").read_text(encoding="utf-8")
    expected = (
        f"{read} rows read from wikidata.tsv: {len(kept)} kept, {len(merged)} merged with another, {len(aside)} set"
    )
    assert report.startswith(expected)
    assert report in result.output
    frame = data.validate_table("partnerships", data.read_table(out / "partnerships.csv"))
    assert list(frame.columns) == list(TABLES["partnerships"].to_schema().columns)
    (formula,) = (row for row in aside if row["reason"] == "formula")
    assert formula["sistercityLabel"].startswith("'=HYPERLINK")
    assert formula["row"] == "21"
    assert {row["partnership_id"] for row in merged} <= {row["partnership_id"] for row in kept}
    assert all(row["explanation"] for row in [*merged, *aside])


def test_rows_set_aside_can_be_mended_and_imported_again(tmp_path: Path) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    run("import", "pairs", str(FIXTURES / "pairs.csv"), "--source", "a-list", "--out", str(out))
    aside = pd.read_csv(out / "set_aside.csv", sep=";", dtype=str)
    assert aside["reason"].tolist() == ["ambiguous_partner"]
    assert "2911522 Halle (Saale) (DE)" in aside.loc[0, "detail"]
    aside["geonames_id"] = "2911522"
    aside.to_csv(tmp_path / "mended.csv", index=False)
    run("import", "pairs", str(tmp_path / "mended.csv"), "--source", "a-list", "--out", str(again))
    (row,) = written(again / "partnerships.csv", ",")
    assert (row["collectivity"], row["place"]) == ("Clermont-Ferrand", "Halle (Saale)")


def test_import_of_the_output_gives_itself(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    run("import", "wikidata", str(FIXTURES / "wikidata.tsv"), "--out", str(first), "--as-of", "2017")
    run("import", "pairs", str(first / "partnerships.csv"), "--out", str(second))
    assert (first / "partnerships.csv").read_bytes() == (second / "partnerships.csv").read_bytes()
    assert written(second / "merged.csv", ";") == written(second / "set_aside.csv", ";") == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--map", "nature=colour"], "expected column=field"),
        (["--map", "Stadt=origin"], "column Stadt: no such column"),
        (["--source", "Ma liste"], "cannot be a source_id"),
        (["--source", "a-list", "--as-of", "hier"], "is not a date"),
        ([], "give --source"),
        (["--source", "a-list", "--lang", "de"], "no language 'de'"),
    ],
)
def test_wrong_options(tmp_path: Path, options: list[str], said: str) -> None:
    result = run("import", "pairs", str(FIXTURES / "pairs.csv"), "--out", str(tmp_path / "out"), *options)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "out").exists()


def test_the_kit_s_own_tables_are_not_written_over(data_copy: Path) -> None:
    before = (data_copy / "partnerships.csv").read_bytes()
    result = run("import", "pairs", str(FIXTURES / "pairs.csv"), "--source", "a-list", "--out", str(data_copy))
    assert result.exit_code == 2
    assert "own tables" in result.output
    assert (data_copy / "partnerships.csv").read_bytes() == before


def test_missing_file(tmp_path: Path) -> None:
    result = run("import", "wikidata", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "none.csv: not readable (No such file or directory)" in result.output
