"""Import of accounts: formats told apart by content, ZIPs not trusted, documents held once, everything or nothing."""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from citydiplo import data, folders
from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.errors import Problem, UserError
from citydiplo.imports import account_file, account_folder, account_names, account_report, archive
from citydiplo.imports.account_document import COLUMNS, Reading, frame
from citydiplo.imports.account_file import AccountFile
from citydiplo.language import Language

ACCOUNTS = Path(__file__).parent / "accounts"
M14 = ACCOUNTS / "totem-m14-by-nature-2021.xml"
BUDGET = ACCOUNTS / "totem-budget-bom-2022.xml"
REAL = folders.REPOSITORY.parent / "shared" / "realdata"

TABLES = tuple(f"{table}.csv" for table in COLUMNS)

# The same made-up town, as the open data have it: with functions, and without.
HEAD = "exer;ident;ndept;lbudg;insee;cbudg;ctype;cstyp;nomen;siren;cregi;cacti;secteur;finess;codbud1;categ;bal;"
AMOUNTS = "bedeb;becre;obnetdeb;obnetcre;onbdeb;onbcre;oobdeb;oobcre;sd;sc\n"
TOWN = "2021;99999999000019;093;VILLE-EXEMPLE;999;1;101;00;M14;999999990;011;40;;;;Commune;DEF;"
ZEROS = ";0.0;0.0;0.0;0.0;0.0;0.0\n"
WITH_FUNCTIONS = (
    f"{HEAD}fonction;compte;{AMOUNTS}{TOWN}048;6574;0.0;0.0;1500.0;0.0{ZEROS}{TOWN}020;64111;0.0;0.0;9000.0;0.0{ZEROS}"
)
WITHOUT = f"{HEAD}compte;{AMOUNTS}{TOWN}6574;0.0;0.0;1500.0;0.0{ZEROS}{TOWN}64111;0.0;0.0;9000.0;0.0{ZEROS}"


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as book:
        for name, member in members.items():
            book.writestr(name, member)
    return content.getvalue()


def put(folder: Path, **files: bytes | str) -> list[Path]:
    """Write files, named without extension, and return their paths."""
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return paths


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["import", "accounts", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def written(folder: Path, names: tuple[str, ...] = TABLES) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of accounts."""
    folder = tmp_path / "accounts"
    monkeypatch.setenv("CITYDIPLO_ACCOUNTS", str(folder))
    return folder


def made(
    source: str, sha: str, /, year: int = 2021, by_function: str = "yes", lines: int = 1, **cells: object
) -> AccountFile:
    """A file as a reader gives it: one document of the made-up town."""
    common = {
        "siren": "999999990", "siret": "99999999000019", "name": "VILLE-EXEMPLE", "year": year,
        "document_kind": "administrative_account", "budget": "main", "nomenclature": "M14", "format": "totem",
        "source": source, "source_hash": sha * 64, "locator": "l. 1",
    } | cells  # fmt: skip
    line = common | {
        "function": "048", "function_printed": "048", "nature": "6574", "section": "operating",
        "direction": "expenditure", "operation": "real",
    }  # fmt: skip
    subsidy = {key: value for key, value in common.items() if key not in {"budget", "nomenclature"}}
    reading = Reading(
        frame("accounts", [line | {"amount": float(count)} for count in range(lines)]),
        frame("account_totals", [common | {"by_function": by_function, "operating_expenditure": 10.0}]),
        frame("subsidies", [subsidy | {"beneficiary": source, "amount": 1.0}]),
    )
    return AccountFile(source, account_file.checked(reading, source), "totem", sha * 64)


EMPTY: Tables = {table: data.validate_table(table, frame(table)) for table in COLUMNS}


# What a file is


@pytest.mark.parametrize(
    ("start", "format"),
    [
        (b"<DocumentBudgetaire/>", "totem"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>", "totem"),
        ("<?xml version='1.0'?>".encode("utf-16"), "totem"),
        (WITHOUT.encode(), "dgfip"),
        (WITH_FUNCTIONS.upper().encode("latin-1"), "dgfip"),
        (WITHOUT.replace("obnetdeb", "debit").encode(), "dgfip"),
        ("Exercice;Agrégat;Montant;Montant BP\n".encode("utf-8-sig"), "ofgl"),
        ('"Exercice";"Agrégat";"Montant";"Montant BP"\n'.encode("latin-1"), "ofgl"),
        (("Exercice,Agrégat,Montant,Montant BP\n" + "é" * 70_000).encode(), "ofgl"),
        (b"siren,year,amount\n", "table"),
        (b"name;amount_thousands;year\n", "table"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "table"),
    ],
)
def test_formats_are_told_by_content(tmp_path: Path, start: bytes, format: str) -> None:
    assert account_file.recognise(*put(tmp_path, x=start), "x.bin", mapped=False) == format


def test_what_has_no_format(tmp_path: Path) -> None:
    for start, said in (
        (b"<!DOCTYPE html><html>", "a page of the web"),
        (b"a;b;c\n1;2;3\n", "the first line « a, b, c »"),
        (b"%PDF-1.7\x00\x01", "no text"),
        (b"", "no text"),
        (zipped({"META-INF/manifest.xml": b""}), "an OpenDocument file"),
        (zipped({"a.xml": b""}), "a ZIP within a ZIP"),
        (b"PK\x03\x04", "a ZIP within a ZIP"),
    ):
        with pytest.raises(UserError, match=f"x.bin.*{said}.*TOTEM.*DGFiP.*OFGL.*--map"):
            account_file.recognise(*put(tmp_path, x=start), "x.bin", mapped=False)
    assert account_file.recognise(*put(tmp_path, x="a;b;c\n1;2;3\n"), "x.bin", mapped=True) == "table"


# Archives


def members(tmp_path: Path, content: bytes) -> dict[str, str]:
    """What a ZIP gives: the beginning of each member, or what is wrong."""
    (path,) = put(tmp_path, book=content)
    (tmp_path / "unpacked").mkdir(exist_ok=True)
    return {
        name: str(file.found) if isinstance(file, Problem) else file.read_text()[:9]
        for name, file in archive.unpack(path, "book.zip", tmp_path / "unpacked")
    }


def test_members_of_a_zip_are_never_paths(tmp_path: Path) -> None:
    names = ["../../evil.txt", "/etc/evil.txt", "deep/inside.txt", "C:\\evil.txt", "__MACOSX/._inside.txt"]
    found = members(tmp_path, zipped(dict.fromkeys(names, b"text")))
    assert found == {f"book.zip/{name}": "text" for name in names[:4]}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["book"]


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    whole = zipped({"a.txt": b"first" * 1000, "b.txt": b"second"})
    assert "cut off or damaged" in members(tmp_path, whole[:-40])["book.zip"]
    assert "cut off or damaged" in members(tmp_path, b"PK\x03\x04")["book.zip"]
    assert members(tmp_path, zipped({})) == {"book.zip": "a ZIP without any file"}
    start = whole.index(b"a.txt") + len("a.txt")
    found = members(tmp_path, whole[:start] + b"\xff\xff\xff" + whole[start + 3 :])
    assert "cut off or damaged" in found["book.zip/a.txt"]
    assert found["book.zip/b.txt"] == "second"


def test_encrypted_members_are_told(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.txt": b"text", "b.txt": b"text"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1  # of the first member, in the list at the end
    found = members(tmp_path, bytes(content))
    assert "encrypted" in found["book.zip/a.txt"]
    assert found["book.zip/b.txt"] == "text"


def test_bombs_do_not_unfold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"a.txt": b"small", "bomb.txt": b"0" * 30_000_000})
    found = members(tmp_path, bomb)
    assert found["book.zip/a.txt"] == "small"
    assert "too many for this ZIP" in found["book.zip/bomb.txt"]
    monkeypatch.setattr(archive, "MOST_MEMBERS", 1)
    assert members(tmp_path, bomb) == {"book.zip": "a ZIP of 2 files"}


# The tables


def test_a_document_is_held_once() -> None:
    first = account_folder.merge(EMPTY, [made("a.xml", "a", lines=3), made("other.xml", "b", 2020)])
    assert [len(first.tables[table]) for table in COLUMNS] == [4, 2, 2]
    assert first.replaced.empty
    again = account_folder.merge(first.tables, [made("a.xml", "a", lines=3)])
    assert again.replaced.empty
    for table in COLUMNS:
        pd.testing.assert_frame_equal(again.tables[table], first.tables[table])
    second = account_folder.merge(first.tables, [made("new.xml", "c", lines=1)])
    assert second.replaced[["source", "by", "year"]].to_numpy().tolist() == [["a.xml", "new.xml", 2021]]
    assert sorted(second.tables["accounts"]["source"]) == ["new.xml", "other.xml"]
    assert sorted(second.tables["subsidies"]["beneficiary"]) == ["new.xml", "other.xml"]


def test_the_last_file_of_a_call_wins() -> None:
    merged = account_folder.merge(EMPTY, [made("a.xml", "a"), made("b.xml", "b"), made("c.xml", "c")])
    assert merged.tables["account_totals"]["source"].tolist() == ["c.xml"]
    assert merged.replaced[["source", "by"]].to_numpy().tolist() == [["a.xml", "c.xml"], ["b.xml", "c.xml"]]


@pytest.mark.parametrize(
    ("cells", "documents"),
    [
        ({"decided": "2021-06-01"}, 1),  # an account is voted once
        ({"document_kind": "amending_decision", "decided": "2021-06-01"}, 2),
        ({"format": "dgfip"}, 2),
        ({"budget": "subsidiary"}, 2),
        ({"siret": "99999999000027"}, 2),
        ({"name": "Ville-Exemple"}, 1),
    ],
)
def test_what_tells_documents_apart(cells: dict[str, object], documents: int) -> None:
    kind = {"document_kind": cells.get("document_kind", "administrative_account"), "decided": "2021-03-31"}
    merged = account_folder.merge(EMPTY, [made("a.xml", "a", **kind), made("b.xml", "b", **(kind | cells))])
    assert len(merged.tables["account_totals"]) == documents


def test_a_document_without_functions_does_not_hide_one_with() -> None:
    rich, poor = made("rich.csv", "a"), made("poor.csv", "b", by_function="no", lines=0)
    for order in ([rich, poor], [poor, rich]):
        merged = account_folder.merge(EMPTY, order)
        assert merged.tables["account_totals"]["source"].tolist() == ["rich.csv"]
        assert len(merged.tables["accounts"]) == 1
        told = merged.held if order[0] is rich else merged.replaced
        assert told[["source", "by"]].to_numpy().tolist() == [["poor.csv", "rich.csv"]]


def test_a_document_on_one_of_two_budgets_leaves_the_other_one() -> None:
    both = made("both.xml", "a")
    other = made("both.xml", "a", budget="subsidiary")
    rows = {table: pd.concat([getattr(file.reading, table) for file in (both, other)]) for table in COLUMNS}
    rows["subsidies"] = both.reading.subsidies
    before = account_folder.merge(EMPTY, [AccountFile("both.xml", Reading(**rows), "totem", "a" * 64)])
    after = account_folder.merge(before.tables, [made("new.xml", "b", budget="subsidiary")])
    assert sorted(after.tables["account_totals"]["source"]) == ["both.xml", "new.xml"]
    assert sorted(after.tables["subsidies"]["source"]) == ["both.xml", "new.xml"]


def test_rows_that_break_a_schema_are_refused_with_their_file() -> None:
    bad = frame("account_totals", [{"siren": "12", "year": 2021, "name": "a"}])
    reading = account_file.checked(Reading(account_totals=bad), "a.csv")
    assert reading.account_totals.empty
    assert {"siren", "document_kind"} <= {problem.column for problem in reading.problems}
    assert {problem.file for problem in reading.problems} == {"a.csv"}


def test_texts_stay_on_one_line_and_formulas_stay_texts(out: Path) -> None:
    names = ["=cmd|' /C calc'!A0", "two\r\nlines\x00 of\u2028 text", "«é;\"'", "-12"]
    files = [made(f"{place}.xml", str(place), 2000 + place, name=name) for place, name in enumerate(names)]
    merged = account_folder.merge(EMPTY, files)
    out.mkdir()
    account_folder.write(out, account_folder.texts(merged.tables))
    before = written(out)
    assert b"'=cmd" in before["accounts.csv"]
    again = account_folder.merge(account_folder.load(out), files)
    assert account_folder.texts(again.tables) == {name: text.decode() for name, text in before.items()}
    assert sorted(again.tables["accounts"]["name"]) == sorted(["=cmd|' /C calc'!A0", "two lines of text", *names[2:]])


# The command


def test_good_files_are_read_beside_bad_ones(tmp_path: Path, out: Path) -> None:
    book = zipped({"in/m14.bin": M14.read_bytes(), "in/letter.pdf": b"%PDF-1.7"})
    paths = put(tmp_path, balance=WITH_FUNCTIONS, page="<html>Not found</html>", book=book)
    code, output = run(BUDGET, *paths, tmp_path / "nothere", "--lang", "en")
    assert code == 1
    assert "VILLE-EXEMPLE (999999990), 2022, initial budget, main budget → function 04: 2;" in output
    assert "book/in/m14.bin: Budget document (TOTEM)" in output
    assert "page: file refused" in output
    assert "a page of the web (HTML)" in output
    assert "nothere: no such file" in output
    assert "book/in/letter.pdf: file refused" in output
    assert "Neither communes nor EPCI of the reference, but kept: VILLE-EXEMPLE (999999990)." in output
    assert "Files received: 6; refused: 3." in output
    kept = data.load_accounts()
    assert set(kept["account_totals"]["format"]) == {"totem", "dgfip"}
    assert {"book/in/m14.bin", BUDGET.name, "balance"} == set(kept["accounts"]["source"])
    refused = pd.read_csv(out / "refused.csv", sep=";", encoding="utf-8-sig")
    assert set(refused["file"]) == {"page", "nothere", "book/in/letter.pdf"}


def test_importing_twice_gives_the_same_bytes(tmp_path: Path, out: Path) -> None:
    (balance,) = put(tmp_path, balance=WITH_FUNCTIONS)
    assert run(ACCOUNTS / M14.name, BUDGET, balance)[0] == 0
    before = written(out, (*TABLES, "report.html", "refused.csv"))
    assert run(balance, M14, BUDGET)[0] == 0
    assert written(out) == written(out) | {name: before[name] for name in TABLES}
    assert run(M14, BUDGET, balance)[0] == 0
    assert written(out, tuple(before)) == before
    assert {path.name for path in out.iterdir()} == {*before, account_folder.LOCK}


def test_a_new_file_replaces_and_says_so(tmp_path: Path, out: Path) -> None:
    changed = M14.read_text(encoding="utf-8").replace("42000.00", "43000.00")
    (other,) = put(tmp_path, changed=changed)
    run(M14)
    code, output = run(other)
    assert code == 0
    assert f"remplace ce qu’en disait {M14.name}" in output
    kept = data.load_accounts()["accounts"]
    assert 43_000 in kept["amount"].tolist()
    assert 42_000 not in kept["amount"].tolist()


def test_a_balance_without_functions_gives_totals_only(tmp_path: Path, out: Path) -> None:
    with_functions, without = put(tmp_path, with_functions=WITH_FUNCTIONS, without=WITHOUT)
    assert "inconnue (lignes sans fonction)" in run(without)[1]
    kept = data.load_accounts()
    assert (len(kept["accounts"]), kept["account_totals"]["by_function"].tolist()) == (0, ["no"])
    run(with_functions)
    code, output = run(without)
    assert code == 0
    assert "laissé de côté" in output
    kept = data.load_accounts()
    assert (len(kept["accounts"]), kept["account_totals"]["by_function"].tolist()) == (1, ["yes"])


def test_folders_and_twins(tmp_path: Path, out: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "deep" / ".hidden").mkdir(parents=True)
    (folder / "deep" / "a.xml").write_bytes(M14.read_bytes())
    (folder / "b.xml").write_bytes(M14.read_bytes())
    (folder / ".DS_Store").write_bytes(b"\x00")
    code, output = run(folder, "--lang", "en")
    assert code == 0
    assert "The same bytes as mine/b.xml: read once." in output
    assert "Files received: 2; refused: 0. Documents read: 1;" in output
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty")[0] == 1
    (folder / "m14.xml").write_bytes(BUDGET.read_bytes())
    (tmp_path / "m14.xml").write_bytes(b"<html>")
    code, output = run(folder / "m14.xml", tmp_path / "m14.xml")
    assert "m14.xml (2) : fichier refusé" in output


def test_hostile_names_are_shown_not_run(tmp_path: Path, out: Path) -> None:
    name = "<script>alert(1)</script>\x1b[31m[red].xml"
    run(*put(tmp_path, book=zipped({name: b"<html>", "=1+1": b"x"})))
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert b"\r\nbook/=1+1;" in (out / "refused.csv").read_bytes()


def test_mistakes_of_the_user(tmp_path: Path, out: Path) -> None:
    assert run(M14, "--map", "column")[0] == 2
    assert run(M14, "--lang", "de")[0] == 2
    assert "the kit's own tables" in run(M14, "--out", folders.data_folder())[1]
    (blocked,) = put(tmp_path, blocked="a file where a folder should be")
    code, output = run(M14, "--out", blocked / "inside")
    assert code == 2
    assert "Nothing was changed" in output


@pytest.mark.parametrize(
    ("name", "content"),
    [("accounts.csv", b"\xff\xfe\x00"), ("subsidies.csv", None), ("account_totals.csv", b"a,b\r\n1\r\n")],
)
def test_a_folder_that_cannot_be_read_is_left_as_it_is(out: Path, name: str, content: bytes | None) -> None:
    run(M14)
    if content is None:
        (out / name).unlink()
    else:
        (out / name).write_bytes(content)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    code, output = run(BUDGET)
    assert code == 2
    assert name in output
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_all_files_are_written_or_none(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(M14)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if Path(target) == out / "subsidies.csv" and self.parent.parent == out and self.parent.name != "before":
            raise PermissionError(13, "Permission denied", str(target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    code, output = run(BUDGET)
    assert code == 2
    assert "Permission denied" in output
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_an_import_that_is_interrupted_changes_nothing(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out.mkdir()
    account_folder.write(out, {"a.csv": "old", "b.csv": "old"})
    (out / ".import-killed").mkdir()
    replace = Path.replace

    def interrupt(self: Path, target: Path) -> Path:
        if Path(target) == out / "b.csv" and self.parent.name != "before":
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        account_folder.write(out, {"a.csv": "new", "b.csv": "new", "c.csv": "new"})
    assert {path.name: path.read_text() for path in out.iterdir()} == {"a.csv": "old", "b.csv": "old"}


def test_a_table_with_a_mapping(tmp_path: Path, out: Path) -> None:
    (aid,) = put(tmp_path, aid="Collectivité;Année;k€\nMontreuil (93);2020;12,5\nNulle-Part;2020;1\n")
    options = ["Collectivité=name", "Année=year", "k€=amount_thousands", ":04=function", ":operating=section"]
    code, output = run(aid, *(f"--map={option}" for option in options))
    assert code == 0
    assert "Montreuil (219300480), 2020, déclaration" in output.replace("(93) ", "")
    assert "aid, row 3, column name: « Nulle-Part »" in output
    assert data.load_accounts()["accounts"]["amount"].tolist() == [12_500]
    assert run(aid)[0] == 1


def test_two_imports_at_once(tmp_path: Path, out: Path) -> None:
    command = [sys.executable, "-m", "citydiplo", "import", "accounts"]
    running = [subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL) for path in (M14, BUDGET)]  # noqa: S603
    assert [process.wait() for process in running] == [0, 0]
    assert set(data.load_accounts()["account_totals"]["source"]) == {M14.name, BUDGET.name}


# What the reference says, and the page


def test_names_and_numbers_are_compared_with_the_reference(tables: Tables) -> None:
    told = pd.DataFrame(
        [
            ("219300480", "VILLE DE MONTREUIL", "main"),
            ("219300480", "EAU", "subsidiary"),
            ("219300480", "COMMUNE DE BAGNOLET", "main"),
            ("214202186", "ST-ETIENNE", "all"),
            ("229300082", "DEPARTEMENT DE LA SEINE-SAINT-DENIS", "main"),
        ],
        columns=["siren", "name", "budget"],
    )
    unknown, disagreeing = account_names.compare(told, account_names.reference(tables))
    assert unknown["siren"].tolist() == ["229300082"]
    assert disagreeing.to_numpy().tolist() == [["219300480", "COMMUNE DE BAGNOLET", "Montreuil"]]


def test_a_national_file_is_told_in_few_lines(tables: Tables, language: Language) -> None:
    rows = [made("n", "a", siren=f"{siren:09}", siret=None).reading for siren in range(60)]
    reading = Reading(**{table: pd.concat([getattr(row, table) for row in rows]) for table in COLUMNS})
    file = AccountFile("national.csv", account_file.checked(reading, "national.csv"), "dgfip", "a" * 64)
    report = account_report.build([file], account_folder.merge(EMPTY, [file]), tables, language)
    lines = account_report.summary(report, language).split("\n")
    assert len(lines) == 1 + (account_report.MOST_PRINTED + 1) + 1 + 2
    assert all("40" in line for line in lines[account_report.MOST_PRINTED + 1 :][:2])
    page = account_report.page(report, language)
    assert page.count("<tr>") == 1 + 60 + 1 + 1
    assert "None" not in page


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.text(max_size=200).map(str.encode),
            st.builds(
                lambda start, rest: start + rest,
                st.sampled_from(
                    [b"<?xml version='1.0'?>", b"<DocumentBudgetaire>", b"PK\x03\x04", b"PK\x05\x06", b"\xff\xfe<"]
                    + [text.encode()[:cut] for text in (WITHOUT, WITH_FUNCTIONS) for cut in (170, 250, 400)]
                    + [b"Exercice;Agr\xe9gat;Montant;Montant BP\n", b"siren,year,amount\n"]
                ),
                st.binary(max_size=100),
            ),
            st.integers(0, 300).map(lambda cut: zipped({"a": b"text", "b/c": WITHOUT.encode()})[: 100 + cut]),
        ),
        max_size=4,
    ),
    st.sampled_from(["fr", "en"]),
)
def test_any_bytes_are_reported_and_never_raise(tables: Tables, contents: list[bytes], code: str) -> None:
    language = Language.of(code, tables)
    with tempfile.TemporaryDirectory() as folder:
        paths = put(Path(folder), **{f"file{place}": content for place, content in enumerate(contents)})
        files = list(account_file.read(paths, {}))
    assert {file.name.split("/")[0] for file in files} == {path.name for path in paths}
    merged = account_folder.merge(EMPTY, files)
    report = account_report.build(files, merged, tables, language)
    summary = account_report.summary(report, language)
    page = account_report.page(report, language)
    for file in files:
        assert f"{file.name}{language.text('colon')}" in summary
        assert file.kept or file.reading.problems or file.twin or file.format
        assert file.name in page


@pytest.mark.skipif(not REAL.is_dir(), reason="real files are not beside the repository")
def test_real_files(out: Path) -> None:
    code, output = run(REAL / "montreuil-accounts" / "CA_2020.xml", REAL / "dgfip-balance", REAL / "ofgl")
    assert "fichier refusé" in output  # the licence of a folder
    assert code == 1
    kept = data.load_accounts()
    montreuil = kept["accounts"][kept["accounts"]["siren"] == "219300480"]
    spent = montreuil[(montreuil["direction"] == "expenditure") & (montreuil["operation"] == "real")]
    assert round(spent["amount"].sum(), 2) == 492_604.30
    assert set(kept["account_totals"]["format"]) == {"totem", "dgfip", "ofgl"}
