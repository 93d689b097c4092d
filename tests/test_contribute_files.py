"""Workbooks and CSV files of contributors: there and back, conflicts side by side, all rows or none."""

import datetime
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from conftest import contents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from citydiplo import collectivities, sections
from citydiplo.cli import app
from citydiplo.contribute import merging, sheets
from citydiplo.contribute.fields import FIELDS, title
from citydiplo.contribute.register import Register
from citydiplo.contribute.workbook import worded, workbook
from citydiplo.data import Tables
from citydiplo.errors import DataError
from citydiplo.language import LANGUAGES, Language
from citydiplo.profile import Profile

LINKS, SOURCES, KNOWN = "Liens à ajouter", "Sources à ajouter", "Déjà dans le kit"
DECISION = "Si la ligne existe déjà"

# As the register has it of another source: the pair Rennes – Sétif.
LINK = {
    "Partenaire": "Naples",
    "Pays": "Italie",
    "Sorte de partenaire": "Ville",
    "Nature du lien": "Jumelage",
    "Première année": 2025.0,
    "Source": "marseille-international",
    "Passage": " texte  de la page ",
}


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def plain(result: Result) -> str:
    return result.output.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.fixture
def template(fresh_copy: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rempli.xlsx"
    assert run("template", "partnerships", "--city", "Marseille", "--out", str(path)).exit_code == 0
    return path


def fill(path: Path, sheet: str, row: int, cells: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    columns = {cell.value: cell.column for cell in book[sheet][1]}
    for name, value in cells.items():
        book[sheet].cell(row, columns[name]).value = value
    book.save(path)


def copied(path: Path, row_id: str, row: int) -> None:
    """Copy a known row into the sheet to fill in, as the help says."""
    book = openpyxl.load_workbook(path)
    (known,) = [cells for cells in book[KNOWN].iter_rows(min_row=2) if cells[-1].value == row_id]
    for cell in known:
        book[LINKS].cell(row, cell.column).value = cell.value
    book.save(path)


def test_the_template_has_choices_help_and_the_rows_of_the_city(template: Path, tables: Tables) -> None:
    book = openpyxl.load_workbook(template)
    assert book.sheetnames == ["Lisez-moi", LINKS, SOURCES, KNOWN, "Sources connues", "Listes"]
    assert book["Listes"].sheet_state == "hidden"
    known = (tables["partnerships"]["collectivity"] == "Marseille").sum()
    assert book[KNOWN].max_row == known + 1
    links = book[LINKS]
    heads = {cell.value: cell for cell in links[1]}
    assert heads["Nature du lien"].comment.text.startswith("Tel que la source le dit")
    assert links["A2"].value == "Marseille"
    lists = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in links.data_validations.dataValidation}
    kinds = lists[heads["Nature du lien"].column_letter + "2"]
    letter = kinds.split("$")[1]
    words = [cell.value for cell in book["Listes"][letter] if cell.value]
    assert words[:2] == ["Jumelage", "Accord de coopération"]
    assert kinds.endswith(f"${len(words)}")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("table", FIELDS)
def test_an_unchanged_template_is_nothing_to_do(table: str, lang: str, fresh_copy: Path, tmp_path: Path) -> None:
    before = contents(fresh_copy)
    path = tmp_path / "template.xlsx"
    assert run("template", table, "--city", "Rennes", "--lang", lang, "--out", str(path)).exit_code == 0
    result = run("merge", str(path))
    assert (result.exit_code, "Aucune ligne remplie" in result.output) == (0, True)
    assert contents(fresh_copy) == before


def test_known_rows_that_come_back_are_nothing_to_do(template: Path, fresh_copy: Path) -> None:
    before = contents(fresh_copy)
    copied(template, "marseille-naples-twinning", 2)
    copied(template, "marseille-haifa-twinning", 3)
    result = run("merge", str(template), "--lang", "en")
    assert (result.exit_code, "Nothing to do: 2 rows" in result.output) == (0, True)
    assert contents(fresh_copy) == before


def test_a_new_row_and_its_source_are_two_lines_of_diff(template: Path, fresh_copy: Path) -> None:
    before = contents(fresh_copy)
    source = {"Titre": "Nos villes", "Éditeur": "Ville de Marseille", "Nature de l’éditeur": "La collectivité"}
    source |= {"Date de publication": datetime.datetime(2024, 6, 30), "Langue": "FR ".strip().lower()}
    fill(template, SOURCES, 2, source)
    fill(template, LINKS, 2, LINK | {"Source": "Nos villes"})
    dry = run("merge", str(template), "--dry-run")
    assert (dry.exit_code, contents(fresh_copy)) == (0, before)
    result = run("merge", str(template))
    assert result.exit_code == 0
    shown = [text for text in plain(result).splitlines() if text[:1] in "+-" and text[:3] not in {"+++", "---"}]
    assert shown == [text for text in plain(dry).splitlines() if text[:1] in "+-" and text[:3] not in {"+++", "---"}]
    assert len(shown) == 2
    assert shown[0].startswith("+ville-de-marseille-nos-villes,")
    assert ",2024-06-30," in shown[0]
    changed = {Path(name).name for name, text in contents(fresh_copy).items() if text != before[name]}
    assert changed == {"sources.csv", "partnerships.csv"}
    assert "déjà documenté par une autre source" in plain(result)
    again = run("merge", str(template))
    assert (again.exit_code, "Rien à faire : 2 lignes" in plain(again)) == (0, True)


def test_a_conflict_is_shown_side_by_side_and_not_written(template: Path, fresh_copy: Path) -> None:
    before = contents(fresh_copy)
    copied(template, "marseille-naples-twinning", 2)
    fill(template, LINKS, 2, {"Première année": "2024"})
    fill(template, LINKS, 3, LINK)
    result = run("merge", str(template))
    assert result.exit_code == 1
    assert "Liens à ajouter, ligne 2 : la ligne marseille-naples-twinning existe déjà" in plain(result)
    assert " ".join(plain(result).split()).count("Première année 2025 2024") == 1
    assert "1 à ajouter, 0 à remplacer, 0 déjà là, 0 gardées, 1 en conflit" in plain(result)
    assert contents(fresh_copy) == before


@pytest.mark.parametrize(
    ("options", "decision", "year"),
    [
        (["--conflicts", "replace"], None, "2024"),
        (["--conflicts", "keep"], None, "2025"),
        ([], "mettre la mienne", "2024"),
        ([], "garder celle du kit", "2025"),
        (["--conflicts", "replace"], "Keep the kit's", "2025"),
    ],
)
def test_a_conflict_is_settled_for_all_or_by_the_row(
    options: list[str], decision: str | None, year: str, template: Path, fresh_copy: Path
) -> None:
    copied(template, "marseille-naples-twinning", 2)
    fill(template, LINKS, 2, {"Première année": "2024", "Passage": None, DECISION: decision})
    assert run("merge", str(template), *options).exit_code == 0
    row = next(
        row for row in Register.load().rows["partnerships"] if row["partnership_id"] == "marseille-naples-twinning"
    )
    assert row["start_year"] == year
    assert row["locator"] == "La coopération avec d’autres villes, l. 9-10"  # an empty cell changes nothing


def test_one_wrong_row_keeps_all_out(template: Path, fresh_copy: Path) -> None:
    before = contents(fresh_copy)
    fill(template, LINKS, 2, LINK)
    fill(template, LINKS, 7, LINK | {"Partenaire": "Gênes", "Nature du lien": "jumelag", "Pays": "Italye"})
    result = run("merge", str(template), "--conflicts", "replace")
    assert result.exit_code == 1
    assert "Liens à ajouter, ligne 7 : Nature du lien : « jumelag » ; attendu : un choix" in plain(result)
    assert "Liens à ajouter, ligne 7 : Pays : « Italye »" in plain(result)
    assert "Rien n’est écrit" in plain(result)
    assert contents(fresh_copy) == before


def test_two_rows_that_say_the_same_differently_are_told(template: Path, fresh_copy: Path) -> None:
    fill(template, LINKS, 2, LINK)
    fill(template, LINKS, 3, LINK)
    fill(template, LINKS, 4, LINK | {"Première année": 2020})
    result = run("merge", str(template))
    assert result.exit_code == 1
    assert "ligne 4 : Première année : « 2020 » ; attendu : une seule ligne" in plain(result)
    assert "1 à ajouter, 0 à remplacer, 1 déjà là" in plain(result)


def test_two_corrections_of_one_row_are_told(template: Path, fresh_copy: Path) -> None:
    before = contents(fresh_copy)
    for row, year in ((2, "2023"), (3, "2024")):
        copied(template, "marseille-naples-twinning", row)
        fill(template, LINKS, row, {"Première année": year})
    result = run("merge", str(template), "--conflicts", "replace")
    assert result.exit_code == 1
    assert "ligne 3 : Première année : « 2024 » ; attendu : une seule ligne" in plain(result)
    assert contents(fresh_copy) == before


def test_a_word_that_is_no_decision_is_told(template: Path, fresh_copy: Path) -> None:
    copied(template, "marseille-naples-twinning", 2)
    fill(template, LINKS, 2, {"Première année": "2024", DECISION: "oui"})
    result = run("merge", str(template))
    assert (result.exit_code, "« oui » n’est pas un choix" in plain(result)) == (1, True)


@pytest.mark.parametrize(
    ("separator", "encoding"), [(";", "cp1252"), (";", "utf-8-sig"), (",", "utf-8"), ("\t", "utf-16")]
)
def test_a_csv_of_a_spreadsheet(separator: str, encoding: str, fresh_copy: Path, tmp_path: Path) -> None:
    cells = {"Collectivité": "Marseille", **LINK, "Première année": "2025"}
    path = tmp_path / "liens.csv"
    path.write_bytes("\r\n".join(separator.join(map(str, line)) for line in (cells, cells.values())).encode(encoding))
    result = run("merge", str(path))
    assert result.exit_code == 0, result.output
    assert "+marseille-naples-twinning-2,13055,Marseille,Naples,Naples,city,ITA" in result.output


def test_names_of_columns_in_any_language(fresh_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    names = "collectivity_id,theme,Ce qui est dit,value,Unit,year,statement_fr,statement_en,source_id,locator"
    cells = '13055,budget,Budget primitif,"1 000",€,2024,Une phrase.,A sentence.,marseille-international,l. 1'
    path.write_text(f"{names}\n{cells}\n", encoding="utf-8")
    result = run("merge", str(path))
    assert result.exit_code == 0, result.output
    assert "+marseille-budget-total,13055,Marseille,budget,budget_total,1 000,eur,2024" in result.output


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.csv", b"a,b\n1,2\n", "expected the columns of"),
        ("x.csv", b"", "an empty file"),
        ("x.xlsx", b"PK\x03\x04broken", "not readable"),
        (
            "x.csv",
            "Collectivité;Partenaire;Pays;Toto\nNice;Naples;Italie;1\n".encode(),
            "a column that the table does not have",
        ),
        ("nowhere.csv", None, "not readable"),
        (
            "x.ods",
            b"PK\x03\x04" + 26 * b"\0" + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
            "saved as .xlsx",
        ),
    ],
)
def test_a_file_that_is_not_one(name: str, content: bytes | None, said: str, fresh_copy: Path, tmp_path: Path) -> None:
    before = contents(fresh_copy)
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    result = run("merge", str(path))
    assert (result.exit_code, said in plain(result)) == (2, True)
    assert contents(fresh_copy) == before


def test_a_workbook_looks_the_same_in_any_program(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    assert {cell.font.name for sheet in book for cells in sheet.iter_rows() for cell in cells} == {"Calibri"}
    help_sheet = book["Lisez-moi"]
    for row, (cell,) in enumerate(help_sheet.iter_rows(min_col=2, max_col=2), start=1):
        assert help_sheet.row_dimensions[row].height >= 15 * -(-len(cell.value or "x") // 95)
    # Below the prepared rows, too, a spreadsheet takes nothing for a date or a number.
    assert {book[LINKS].column_dimensions[letter].number_format for letter in "ABHI"} == {"@"}
    assert not any(sheet.protection.sheet for sheet in book)


def test_a_formula_in_a_workbook_is_refused(template: Path, fresh_copy: Path) -> None:
    fill(template, LINKS, 2, LINK | {"Partenaire": "=HYPERLINK(1)"})
    result = run("merge", str(template))
    assert (result.exit_code, "a formula" in result.output) == (2, True)


def test_a_text_of_the_tables_is_no_formula_in_a_workbook(tables: Tables, language: Language) -> None:
    register = Register.load()
    row = register.rows["partnerships"][0] | {"partner": "=1+1", "note_fr": "@x"}
    register.rows["partnerships"][:1] = [row]
    book = openpyxl.load_workbook(io.BytesIO(workbook(["partnerships"], register, language)))
    cells = [cell for cells in book.worksheets[3].iter_rows() for cell in cells if cell.value in {"=1+1", "@x"}]
    assert [cell.data_type for cell in cells] == ["s", "s"]


def test_a_workbook_is_not_written_over_another(template: Path) -> None:
    before = template.read_bytes()
    result = run("template", "facts", "--out", str(template))
    assert (result.exit_code, template.read_bytes()) == (2, before)


@pytest.fixture
def form_of(profile_of: Callable[[str], Profile], language: Language) -> Callable[[dict[str, list[str]]], str]:
    """The form of the report of Nevers: point → answer, translation, year, title, publisher, address, page, remark."""

    def filled(answers: dict[str, list[str]]) -> str:
        lines = sections.form(profile_of("58194"), language).splitlines()
        points = [line.split(";")[2].strip('"') for line in lines]
        return "\r\n".join(
            line.rstrip(";") + ";" + ";".join((answers[point] + [""] * 8)[:8]) if point in answers else line
            for line, point in zip(lines, points, strict=True)
        )

    return filled


def test_the_form_of_a_report_comes_back(
    form_of: Callable[[dict[str, list[str]]], str], fresh_copy: Path, tmp_path: Path, language: Language
) -> None:
    path = tmp_path / "58194-a-completer.csv"
    answers = {
        "staff": ["3", "", "2024", "", "", "cnfpt-angers-2012", "l. 12"],
        "budget": ["150 000 €", "", "2024", "", "", "cnfpt-angers-2012", "l. 13", "sans les salaires"],
        "carrier": ["Ville", "", "2024", "", "", "cnfpt-angers-2012", "l. 14"],
    }
    path.write_text(form_of(answers), encoding="utf-8")
    result = run("merge", str(path))
    assert result.exit_code == 0, result.output
    added = [row for row in Register.load().rows["facts"] if row["fact_id"].startswith("nevers-")]
    said = {row["indicator"]: (row["value"], row["unit"], row["year"], row["theme"], row["locator"]) for row in added}
    assert said["staff_count"] == ("3", "person", "2024", "staff", "l. 12")
    assert said["budget_class"] == ("from_100000_to_300000", "", "2024", "budget", "l. 13")
    assert said["carrier"] == ("city", "", "2024", "governance", "l. 14")
    derivation = {"fr": "derivation_fr", "en": "derivation"}[language.code]
    assert "sans les salaires" in [row[derivation] for row in added]
    assert "ligne 3 : La précision n’est écrite que dans une langue" in plain(result)
    staff = next(row for row in added if row["indicator"] == "staff_count")
    assert staff["statement_fr"] == "Nevers, nombre d’agents affectés à l’action internationale : 3."
    assert staff["statement_en"] == "Nevers, number of staff assigned to international action: 3."


def test_what_a_form_cannot_tell_is_asked_in_a_workbook(
    form_of: Callable[[dict[str, list[str]]], str], fresh_copy: Path, tmp_path: Path
) -> None:
    before = contents(fresh_copy)
    path, completed = tmp_path / "58194.csv", tmp_path / "suite.xlsx"
    address = "https://www.nevers.fr/international"
    path.write_text(
        form_of({"training": ["Oui, deux fois par an", "", "2024", "Notre page", "", address, ""]}), encoding="utf-8"
    )
    result = run("merge", str(path))
    assert result.exit_code == 1
    assert "Éditeur : rien" in plain(result)
    assert "Source : " not in plain(result)  # that the source is not there yet is told once, where it is asked for
    assert "--complete" in result.output
    assert run("merge", str(path), "--complete", str(completed)).exit_code == 0
    assert contents(fresh_copy) == before
    book = openpyxl.load_workbook(completed)
    heads = {cell.value: cell.column for cell in book["Faits à ajouter"][1]}
    assert book["Faits à ajouter"].cell(2, heads["Valeur"]).value == "Oui, deux fois par an"
    english = "Nevers offers training twice a year."
    theme = book["Faits à ajouter"].cell(2, heads["Thème"]).value
    assert theme == Language.of("fr", Register.load().tables).label("theme", "organisation")
    fact = {"Ce qui est dit": "Initiative", "Le fait, en français": "Nevers forme deux fois par an."}
    fill(completed, "Faits à ajouter", 2, fact | {"Le fait, en anglais": english, "Passage": "l. 1"})
    fill(completed, SOURCES, 2, {"Éditeur": "Ville de Nevers", "Nature de l’éditeur": "La collectivité"})
    result = run("merge", str(completed))
    assert result.exit_code == 0, result.output
    assert english in result.output


# An answer to every question of the checklist, as an officer would write it, and its translation.
ANSWERS = {
    "carrier": ("les deux (actions semblables)", ""),
    "budget": ("45 k€", ""),
    "budget_lines": ("Délibération du 3 mars 2020", "Resolution of 3 March 2020"),
    "staff": ("2", ""),
    "attachment": ("Direction générale", "Chief executive’s office"),
    "yearly_review": ("Mission internationale, bilan 2023", "International department, review 2023"),
    "training": ("Formation des élus, 2024", "Training of elected members, 2024"),
    "awareness": ("Les mardis de l’Europe, 2024", "Europe Tuesdays, 2024"),
    "priorities": ("Stratégie 2024 : jeunesse", "Strategy 2024: youth"),
    "diagnosis": ("Diagnostic d’un cabinet, 2022", "Assessment by consultants, 2022"),
    "every_policy": ("Classes européennes, 2023", "European classes, 2023"),
    "partners": (
        '"Coblence (Allemagne), jumelage, 1970, éducation et jeunesse\nSétif, Algérie, jumelage, en cours"',
        "",
    ),
    "joint_projects": ("Avec Nevers, projet eau, 2021", "With Nevers, water project, 2021"),
    "networks": ('"Cités Unies France, 2010; AFCCRE, présidence"', ""),
    "citizens": ("Comité de jumelage, 1980", "Twinning committee, 1980"),
    "diasporas": ("Portugal, fête annuelle", "Portugal, yearly feast"),
    "communication": ("Page web, 2024", "Web page, 2024"),
    "sdg": ("Agenda 2030, 2021", "2030 Agenda, 2021"),
}
UNNAMED = 11  # of these answers: which indicator it is, only a person can tell


def test_every_question_of_a_form_comes_back_into_its_table(
    profile_of: Callable[[str], Profile], fresh_copy: Path, tmp_path: Path, tables: Tables
) -> None:
    assert set(ANSWERS) == set(tables["checklist"]["item_id"])
    header, *lines = sections.form(profile_of("23096"), Language.of("fr", tables)).splitlines()
    assert [line.split(";")[2] for line in lines] == list(tables["checklist"]["item_id"])
    cited = "2024;Nos relations;Ville de Guéret;https://www.ville-gueret.fr/monde;l. 1"
    path, completed = tmp_path / "23096.csv", tmp_path / "suite.xlsx"
    answers = [";".join(ANSWERS[line.split(";")[2]]) for line in lines]
    whole = [f"{line.rstrip(';')};{answer};{cited};" for line, answer in zip(lines, answers, strict=True)]
    path.write_bytes("\r\n".join([header.strip("\ufeff"), *whole]).encode("cp1252", "replace"))
    refused = run("merge", str(path))
    assert refused.exit_code == 1
    asked = [text for text in plain(refused).splitlines() if text.startswith("ligne")]
    assert [text.split(" : ")[1] for text in asked] == ["Ce qui est dit"] * UNNAMED
    assert run("merge", str(path), "--complete", str(completed)).exit_code == 0
    book = openpyxl.load_workbook(completed)
    heads = {cell.value: cell.column for cell in book["Faits à ajouter"][1]}
    for cells in book["Faits à ajouter"].iter_rows(min_row=2):
        named = cells[heads["Ce qui est dit"] - 1]
        named.value = named.value or ("Initiative" if cells[heads["Valeur"] - 1].value else None)
    book.save(completed)
    result = run("merge", str(completed))
    assert result.exit_code == 0, result.output
    rows = Register.load().rows
    made = {table: [row for row in rows[table] if row.get("collectivity_id") == "23096"] for table in rows}
    assert {table: len(made[table]) for table in made} == {
        "sources": 0,
        "collectivities": 1,
        "facts": len(ANSWERS) - 2,
        "partnerships": 2,
        "memberships": 2,
    }
    assert [row["publisher_kind"] for row in rows["sources"] if row["title"] == "Nos relations"] == ["collectivity"]
    links = [
        (row["place"], row["kind"], row["status"], row["start_year"], row["domains"]) for row in made["partnerships"]
    ]
    assert links == [
        ("Koblenz", "twinning", "not_documented", "1970", "education_youth"),
        ("Sétif", "twinning", "active", "", ""),
    ]
    members = [(row["network_id"], row["role"], row["year"]) for row in made["memberships"]]
    assert members == [("cites-unies-france", "member", "2010"), ("afccre", "presides", "2024")]
    english = [row["statement_en"] for row in made["facts"] if row["value"] == "Formation des élus, 2024"]
    assert english == ["Guéret: Training of elected members, 2024."]
    assert next(row["value"] for row in made["facts"] if row["indicator"] == "carrier") == "both_similar"
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    "network", ["afccre", "AFCCRE", "French Association of the Council of European Municipalities"]
)
def test_a_network_is_told_by_its_name(network: str, fresh_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "memberships.xlsx"
    assert run("template", "memberships", "--city", "Rennes", "--out", str(path)).exit_code == 0
    row = {"Réseau": network, "Rôle": "Membre", "Source": "cnfpt-angers-2012", "Passage": "l. 1"}
    fill(path, "Réseaux à ajouter", 2, row)
    result = run("merge", str(path))
    told = "attendu : un réseau de networks.csv" in plain(result)
    assert (result.exit_code, told) == ((1, True) if "French" in network else (0, False)), result.output


def test_a_membership_that_says_otherwise_is_a_conflict(fresh_copy: Path, tmp_path: Path) -> None:
    path = tmp_path / "memberships.csv"
    known = Register.load().rows["memberships"][0]
    cells = [*(known[name] for name in ("collectivity_id", "network_id", "role")), "1999", known["source_id"]]
    path.write_text("collectivity_id,network_id,role,year,source_id\n" + ",".join(cells) + "\n", encoding="utf-8")
    stopped = run("merge", str(path))
    assert (stopped.exit_code, "1 en conflit" in plain(stopped)) == (1, True)
    assert run("merge", str(path), "--conflicts", "replace").exit_code == 0
    assert Register.load().rows["memberships"][0] == known | {"year": "1999"}


CELLS = st.dictionaries(
    st.sampled_from([*FIELDS["partnerships"], "decision"]),
    st.text(max_size=30) | st.sampled_from(["Nice", "Italie", "Naples", "Ville", "Jumelage", "2024", "keep", "oui"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CELLS, max_size=4))
def test_whatever_rows_come_are_each_told_and_none_half(
    rows: list[dict[str, str]], everyone: object, tables: Tables, french_register: tuple[Register, Language]
) -> None:
    register, french = french_register
    typed = [
        sheets.Typed(
            "partnerships", "", number, {k: v for k, v in cells.items() if k != "decision"}, cells.get("decision", "")
        )
        for number, cells in enumerate(rows, start=2)
    ]
    made = merging.outcomes(typed, register, french)
    assert len(made) == len(typed)
    for outcome in made:
        assert outcome.becomes != merging.ADD or not outcome.proposal.faults
        assert outcome.becomes != merging.REFUSED or outcome.proposal.faults or outcome.typed.decision
    assert register.proposed["partnerships"] == []


@pytest.fixture(scope="module")
def french_register(tables: Tables) -> tuple[Register, Language]:
    return Register.load(), Language.of("fr", tables)


def test_words_of_a_row_are_titles_and_labels(tables: Tables, language: Language) -> None:
    register = Register.load()
    row = next(row for row in register.rows["partnerships"] if row["domains"])
    words = worded("partnerships", row, language)
    assert list(words) == list(FIELDS["partnerships"])
    assert words["country"] == language.countries[row["country"]]
    assert words["domains"].split("; ") == [language.label("domain", code) for code in row["domains"].split(";")]
    assert title("sources", "source_id", language) != title("facts", "source_id", language)


def test_no_sheet_or_table_of_an_unknown_file_is_guessed(tmp_path: Path, tables: Tables) -> None:
    path = tmp_path / "x.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Âge"])
    book.active.append(["x", 3])
    book.save(path)
    with pytest.raises(DataError, match="citydiplo template"):
        sheets.read(path, [Language.of("fr", tables)])


def test_the_city_of_a_template_is_found_as_elsewhere(tables: Tables, tmp_path: Path) -> None:
    result = run("template", "facts", "--city", "Marseile", "--out", str(tmp_path / "x.xlsx"))
    assert (result.exit_code, "did you mean" in result.output) == (2, True)
    assert list(tmp_path.iterdir()) == []
    assert collectivities.find(collectivities.directory(tables), "Marseille").id == "13055"
