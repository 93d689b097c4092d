"""Answers come in: each export format, dirty cells, decisions, and files that are refused."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import survey_exports as exports
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from citydiplo import data
from citydiplo.cli import app
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.imports import answers as reader
from citydiplo.imports import limesurvey, sheets
from citydiplo.spreadsheet import to_csv
from citydiplo.survey import answer_schema, cells, questionnaire, responses
from citydiplo.survey.decisions import Wave, decide
from citydiplo.survey.questionnaire import Questionnaire
from citydiplo.survey.respondents import Reference
from citydiplo.survey.responses import Column, Export

SEED = 20260302


@pytest.fixture(scope="session")
def asked(tables: Tables) -> Questionnaire:
    return questionnaire.load(tables)


@pytest.fixture(scope="session")
def reference(tables: Tables, everyone: pd.DataFrame) -> Reference:
    return Reference(everyone, tables["former_communes"])


@pytest.fixture(scope="session")
def frame(everyone: pd.DataFrame) -> list[str]:
    return everyone.index[everyone["in_study"]].tolist()


@pytest.fixture(scope="session")
def made(asked: Questionnaire, everyone: pd.DataFrame, frame: list[str]) -> list[exports.Answer]:
    members = [(code, everyone["name"][code]) for code in sorted(frame)]
    return exports.make(asked, members, SEED)


@pytest.fixture
def waves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITYDIPLO_WAVES", str(tmp_path / "waves"))
    return tmp_path / "waves"


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(app, ["survey", "import", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert "Traceback" not in result.output
    return result


def written(path: Path, separator: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), delimiter=separator))


def imported(
    path: Path, asked: Questionnaire, reference: Reference, frame: list[str], mapping: Path | None = None
) -> Wave:
    export = reader.read(path, path.name, asked, mapping)
    return decide([responses.read(export, asked)], asked, reference, frame)


# One cell


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("300000", 300_000),
        ("300 000 €", 300_000),
        ("300\u202f000,50 €", 300_000.5),
        ("300 k€", 300_000),
        ("1,2 M€", 1_200_000),
        ("1.2 millions d’euros", 1_200_000),
        ("€ 300k TTC", 300_000),
        ("1.234.567", 1_234_567),
        ("1,234,567.5", 1_234_567.5),
        ("0", 0),
    ],
)
def test_amounts(cell: str, value: float) -> None:
    assert cells.read_number(cell, "amount").value == value


@pytest.mark.parametrize(
    ("cell", "kind", "problem"),
    [
        ("env. 5", "integer", "approximate_number"),
        ("5-6", "integer", "approximate_number"),
        ("5 ou 6", "integer", "approximate_number"),
        ("entre 200 et 300 k€", "amount", "approximate_number"),
        ("1.200", "integer", "number_in_two_ways"),
        ("-5", "integer", "negative_number"),
        ("2,5", "integer", "not_whole_number"),
        ("2000000", "integer", "too_large_number"),
        ("trois", "integer", "unreadable_number"),
        ("300 000 € HT", "amount", "unreadable_number"),
        ("3,00E+05", "amount", "unreadable_number"),
        ("5²", "integer", "unreadable_number"),
        ("300" + " " * 200 + "à 400", "amount", "approximate_number"),
        ("9" * 300, "amount", "unreadable_number"),
    ],
)
def test_numbers_that_are_not_guessed(cell: str, kind: str, problem: str) -> None:
    assert cells.read_number(cell, kind) == (None, "left_empty", problem)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2026-03-02T10:11:12.000+01:00", "2026-03-02 09:11:12"),
        ("2026-03-02 10:11:12", "2026-03-02 10:11:12"),
        ("02/03/2026 10:11", "2026-03-02 10:11:00"),
        ("2/3/2026", "2026-03-02 00:00:00"),
        ("31/02/2026", None),
        ("bientôt", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_dates(cell: str, value: str | None) -> None:
    assert cells.read_date(cell).value == value


@pytest.mark.parametrize(
    ("cell", "codes", "problem"),
    [
        ("twinning networks", {"twinning", "networks"}, ""),
        ("Jumelages Attractivité, rayonnement Réseaux", {"twinning", "attractiveness", "networks"}, ""),
        ("jumelages; RESEAUX", {"twinning", "networks"}, ""),
        ("Twinnings, Networks", {"twinning", "networks"}, ""),
        ("twinning bals", {"twinning"}, "not_in_list"),
        ("Jumelages ; Bals", {"twinning"}, "not_in_list"),
        ("Nous aimons les jumelages", set(), "not_in_list"),
    ],
)
def test_several_answers_in_one_cell(asked: Questionnaire, cell: str, codes: set[str], problem: str) -> None:
    reading = cells.read_choices(cell, cells.words_of(asked["form"], {}))
    assert (reading.value, reading.problem) == (codes, problem)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("Oui", "yes"), ("VRAI", "yes"), ("0", "no"), ("non", "no"), ("N/A", None), ("peut-être", None)],
)
def test_yes_and_no(asked: Questionnaire, cell: str, code: str | None) -> None:
    assert cells.read_choice(cell, cells.words_of(asked["training"], {})).value == code


def test_every_way_to_write_an_answer_says_one_thing(asked: Questionnaire) -> None:
    for question in asked:
        words = cells.words_of(question, {})
        for choice in question.choices:
            read = {cells.read_choice(word, words).value for word in (choice.code, choice.label_fr, choice.label_en)}
            assert read == {choice.code}


@given(st.text())
def test_any_cell_is_read_or_is_a_problem(cell: str) -> None:
    for kind in ("integer", "amount"):
        value, rule, problem = cells.read_number(cell, kind)
        assert (value is None) == bool(problem) or rule == "no_answer_written"
    assert (cells.read_text(cell).value or "").split() == cells.clean(cell).split()
    assert cells.read_date(cell).value or cells.read_date(cell).rule


@given(st.decimals(min_value=0, max_value=10**11, places=2))
def test_amounts_in_french_and_english_are_read_back(amount: object) -> None:
    french = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
    assert cells.read_number(f"{french} €", "amount").value == float(amount)  # type: ignore[arg-type]
    if float(amount) >= 10**6:  # type: ignore[arg-type]
        assert cells.read_number(f"€{amount:,.2f}", "amount").value == float(amount)  # type: ignore[arg-type]


# Who answered


@pytest.mark.parametrize(
    ("code", "name", "found", "rule", "problem"),
    [
        ("35238", "Rennes", "35238", "", ""),
        ("243 500 139", "", "243500139", "code_mended", ""),
        ("6088", "Nice", "06088", "code_mended", ""),
        ("213502388", "", "35238", "code_mended", ""),
        ("", "rennes metropole", "243500139", "matched_by_name", ""),
        ("", "Montreuil (93)", "93048", "matched_by_name", ""),
        ("Rennes", "", "35238", "matched_by_name", ""),
        ("", "Arbignieu", "01015", "former_commune", ""),
        ("01039", "", "01138", "former_commune", ""),
        ("35238", "Nantes", "35238", "", "name_of_another"),
        ("99999", "Rennes", "35238", "matched_by_name", "code_unknown"),
        ("", "Montreuil", "", "refused_ambiguous", "ambiguous_collectivity"),
        ("", "Marseile", "", "refused_unknown", "unknown_collectivity"),
        ("dep-33", "Gironde", "", "refused_unknown", "unknown_collectivity"),
        ("", " ", "", "refused_no_identity", "no_identity"),
    ],
)
def test_matching(
    reference: Reference, frame: list[str], code: str, name: str, found: str, rule: str, problem: str
) -> None:
    match = reference.match(code, name, frame)
    assert (match.id, match.rule, match.problem) == (found, rule, problem)


def test_a_refused_name_has_candidates(reference: Reference, frame: list[str]) -> None:
    assert reference.match("", "Montreuil", frame).detail == "28267 Montreuil; 85148 Montreuil; 93048 Montreuil"
    assert "13055 Marseille" in reference.match("", "Marseile", frame).detail


# The same answers in every format


@pytest.fixture(scope="session")
def kobo_wave(
    made: list[exports.Answer],
    asked: Questionnaire,
    reference: Reference,
    frame: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Wave:
    path = tmp_path_factory.mktemp("kobo") / "export.csv"
    path.write_text(exports.to_text(exports.kobo(made, asked, "both"), ";"), encoding="utf-8", newline="")
    return imported(path, asked, reference, frame)


KOBO = [
    ("summary", "", True, ";"),
    ("details", "", False, ","),
    ("both", "fr", True, "xlsx"),
    ("summary", "fr", False, "xlsx"),
    ("details", "en", True, "xlsx"),
    ("summary", "en", False, ";"),
    ("details", "fr", False, ";"),
]
LIMESURVEY = [
    ("code", "", ","),
    ("code", "fr", ";"),
    ("full", "fr", ";"),
    ("full", "en", "xlsx"),
    ("codetext", "", ","),
]


def saved(table: exports.Table, kind: str, folder: Path, encoding: str = "utf-8-sig") -> Path:
    if kind == "xlsx":
        return exports.to_workbook(table, folder / "export.xlsx")
    path = folder / "export.csv"
    path.write_text(exports.to_text(table, kind), encoding=encoding, newline="")
    return path


def answers_csv(wave: Wave, asked: Questionnaire) -> str:
    return answer_schema.to_text(wave.answers, asked).to_csv(index=False)


def outcomes(wave: Wave) -> list[tuple[str, str]]:
    return sorted(zip(wave.refused["response_id"], wave.refused["reason"], strict=True))


@pytest.mark.parametrize(("multiple", "lang", "groups", "kind"), KOBO)
def test_kobotoolbox(
    made: list[exports.Answer],
    asked: Questionnaire,
    reference: Reference,
    frame: list[str],
    kobo_wave: Wave,
    tmp_path: Path,
    multiple: str,
    lang: str,
    groups: bool,
    kind: str,
) -> None:
    wave = imported(saved(exports.kobo(made, asked, multiple, lang, groups), kind, tmp_path), asked, reference, frame)
    assert answers_csv(wave, asked) == answers_csv(kobo_wave, asked)
    assert outcomes(wave) == outcomes(kobo_wave)


@pytest.mark.parametrize(("headings", "lang", "kind"), LIMESURVEY)
def test_limesurvey(
    made: list[exports.Answer],
    asked: Questionnaire,
    reference: Reference,
    frame: list[str],
    kobo_wave: Wave,
    tmp_path: Path,
    headings: str,
    lang: str,
    kind: str,
) -> None:
    wave = imported(saved(exports.limesurvey(made, asked, headings, lang), kind, tmp_path), asked, reference, frame)
    assert answers_csv(wave, asked) == answers_csv(kobo_wave, asked)
    assert outcomes(wave) == outcomes(kobo_wave)


@pytest.mark.parametrize(("kind", "encoding"), [(";", "cp1252"), ("xlsx", ""), ("\t", "utf-16")])
def test_any_spreadsheet_with_a_mapping(
    made: list[exports.Answer],
    asked: Questionnaire,
    reference: Reference,
    frame: list[str],
    kobo_wave: Wave,
    tmp_path: Path,
    kind: str,
    encoding: str,
) -> None:
    table, mapping = exports.mapped(made, asked)
    told = tmp_path / "mapping.csv"
    told.write_text(exports.to_text(mapping, ";"), encoding="cp1252", newline="")
    wave = imported(saved(table, kind, tmp_path, encoding), asked, reference, frame, told)
    assert answers_csv(wave, asked) == answers_csv(kobo_wave, asked)
    assert outcomes(wave) == outcomes(kobo_wave)
    read_as = {"xlsx": "sheet Sheet", "cp1252": "cp1252", "utf-16": "UTF-16"}[encoding or kind]
    assert wave.log["after"].iloc[0] == f"mapped, {read_as}"


def test_what_became_of_the_sixty_answers(kobo_wave: Wave) -> None:
    kept, refused = kobo_wave.answers, kobo_wave.refused
    assert len(kept) + len(refused) == 60
    assert refused["reason"].value_counts().to_dict() == {
        "refused_duplicate": 4,
        "refused_test": 2,
        "refused_no_answer": 1,
        "refused_ambiguous": 1,
        "refused_unknown": 1,
        "refused_outside_frame": 1,
        "refused_no_identity": 1,
    }
    assert kept.loc[~kept["complete"], "response_id"].tolist() == ["4"]
    assert kept["collectivity_id"].is_monotonic_increasing
    problems = kobo_wave.problems["problem"].value_counts()
    assert problems["not_asked"] == 2
    assert problems["name_of_another"] == 1
    assert problems.drop(["required", "several_answers"]).sum() == 15
    assert problems["code_unknown"] == 1


def test_answers_are_those_that_were_given(kobo_wave: Wave, made: list[exports.Answer], asked: Questionnaire) -> None:
    given = {answer.id: answer.cells for answer in made}
    for row in kobo_wave.answers.to_dict("records"):
        cells_of = given[row["response_id"]]
        for question in asked:
            if question.type == "single" and cells_of.get(question.id) in question.codes:
                asked_for = question.asked_if is None or cells_of.get(question.asked_if.question_id) == "yes"
                assert row[question.id] == cells_of[question.id] or not asked_for
            if question.type == "multiple" and cells_of.get(question.id):
                assert row[question.id] == ";".join(cells_of[question.id])


# Decisions


def one(asked: Questionnaire, *rows: dict[str, str | None], sha256: str = "a" * 64) -> responses.Answers:
    """The answers of an export with these rows; headings are question ids, or ``question/choice``."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pd.DataFrame(list(rows), columns=names, index=pd.RangeIndex(2, len(rows) + 2, name="row"), dtype="str")
    columns = tuple(Column(name, *name.split("/")) for name in names)
    return responses.read(Export("a.csv", sha256, "mapped", "UTF-8", table, columns), asked)


RENNES = {"collectivity_code": "35238", "collectivity_name": "Rennes", "answered_for": "commune"}


def answer(number: int, sent: str | None, **cells_of: str) -> dict[str, str | None]:
    return {"response_id": str(number), "submitted_at": sent} | RENNES | cells_of


@pytest.mark.parametrize(
    ("rows", "winner"),
    [
        ([answer(1, "2026-03-01", activity="low"), answer(2, "2026-03-02", activity="fair")], "2"),
        ([answer(1, "02/03/2026", activity="low"), answer(2, "2026-03-01", activity="fair")], "1"),
        ([answer(1, "2026-03-01", activity="low"), answer(2, None, activity="low", carrier="city")], "1"),
        ([answer(1, None, activity="low"), answer(2, None, activity="low", carrier="city")], "2"),
        ([answer(1, "bientôt", activity="low"), answer(2, "2026-03-01", activity="low")], "2"),
        ([answer(1, "2026-03-01", activity="low"), answer(2, "2026-03-02")], "1"),
    ],
)
def test_one_answer_a_collectivity(
    asked: Questionnaire, reference: Reference, frame: list[str], rows: list[dict[str, str | None]], winner: str
) -> None:
    wave = decide([one(asked, *rows)], asked, reference, frame)
    assert wave.answers["response_id"].tolist() == [winner]
    assert len(wave.refused) == 1


def test_tests_by_word_and_by_code(asked: Questionnaire, reference: Reference, frame: list[str]) -> None:
    rows = [
        answer(1, "2026-03-01", activity="low", comment="Nous sommes en phase de test depuis un an"),
        answer(2, "2026-03-02", activity="low", comment="TEST"),
        answer(3, "2026-03-03", activity="low", respondent_role="zz-9"),
    ]
    wave = decide([one(asked, *rows)], asked, reference, frame, ["ZZ 9"])
    assert wave.answers["response_id"].tolist() == ["1"]
    assert wave.refused["reason"].tolist() == ["refused_test"] * 2


def test_the_same_answer_in_two_exports_is_counted_once(
    asked: Questionnaire, reference: Reference, frame: list[str]
) -> None:
    row = answer(7, "2026-03-01", activity="low")
    later = [
        one(asked, row, sha256="a" * 64),
        one(asked, row, answer(8, "2026-03-02", activity="high"), sha256="b" * 64),
    ]
    wave = decide(later, asked, reference, frame)
    assert wave.answers[["response_id", "activity"]].to_numpy().tolist() == [["8", "high"]]
    assert sorted(wave.refused["reason"]) == ["refused_duplicate", "refused_same_response"]
    assert wave.refused["response_id"].is_unique


def test_skip_logic_nothing_ticked_and_budget(asked: Questionnaire) -> None:
    answers = one(
        asked,
        RENNES | {"assistance": "no", "assistance_satisfied": "yes", "budget_amount": "250 k€"},
        RENNES | {"assistance": "yes", "assistance_satisfied": "yes", "budget_amount": "1000000"},
        RENNES | {"form": "twinning", "domain/other": "0", "budget_amount": "5", "budget_class": "over_1000000"},
        RENNES | {"domain/other": "0", "budget_amount": "300000", "budget_class": "from_100000_to_300000"},
    )
    values = answers.values
    assert values["assistance_satisfied"].fillna("-").tolist() == ["-", "yes", "-", "-"]
    assert values["domain"].fillna("-").tolist() == ["-", "-", "", "-"]
    classes = ["from_100000_to_300000", "from_300000_to_1000000", "over_1000000", "from_100000_to_300000"]
    assert values["budget_class"].tolist() == classes
    told = answers.problems.set_index("row")["problem"]
    assert told[2] == "not_asked"
    assert told[4] == "amount_outside_class"
    assert 5 not in told.index
    rules = answers.log.set_index("row")["rule"]
    assert set(rules[2]) == {"dropped_not_asked", "read_as_number", "class_from_amount"}
    assert rules[4] == "nothing_ticked"


@pytest.mark.parametrize(
    ("listed", "ticked", "kept", "differ"),
    [
        ("twinning networks", "1", "networks;twinning", False),
        ("networks", "1", "networks;twinning", True),
        ("twinning", "0", "twinning", True),
        (None, "1", "twinning", False),
        ("twinning", None, "twinning", False),
        ("networks", "maybe", "networks", False),
    ],
)
def test_two_ways_to_tick_together(
    asked: Questionnaire, listed: str | None, ticked: str | None, kept: str, differ: bool
) -> None:
    # The choice networks is ticked in both, or in neither.
    networks = "1" if listed and "networks" in listed and ticked != "maybe" else None
    answers = one(asked, RENNES | {"form": listed, "form/twinning": ticked, "form/networks": networks})
    assert answers.values["form"].tolist() == [kept]
    assert ("ticks_differ" in answers.problems["problem"].tolist()) == differ


# The schema


def test_answers_are_read_back_as_they_were_written(kobo_wave: Wave, asked: Questionnaire, waves: Path) -> None:
    (waves / "2026").mkdir(parents=True)
    text = to_csv(answer_schema.to_text(kobo_wave.answers, asked), ",")
    (waves / "2026" / "answers.csv").write_text(text, encoding="utf-8", newline="")
    back = pd.read_csv(io.StringIO(text.removeprefix("\ufeff")), dtype=str, keep_default_na=False)
    assert "none" in back["form"].tolist()
    assert any(cell.startswith("'=HYPERLINK") for cell in back["comment"])
    pd.testing.assert_frame_equal(answer_schema.typed(data.read_answers("2026"), asked), kobo_wave.answers)
    with pytest.raises(UserError, match=r"no wave « 2032 » \(there are: 2026"):
        data.read_answers("2032")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("carrier", "nobody"),
        ("form", "other;twinning"),
        ("form", "twinning;twinning"),
        ("staff_count", -1),
        ("collectivity_id", "123"),
        ("kind", "departement"),
    ],
)
def test_what_the_schema_refuses(kobo_wave: Wave, asked: Questionnaire, column: str, cell: object) -> None:
    wrong = kobo_wave.answers.copy()
    wrong.loc[0, column] = cell
    with pytest.raises(DataError, match=f"answers.csv, row 2, column {column}: {cell}"):
        answer_schema.validated(wrong, asked)


# Arbitrary cells

CELLS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(
        ["35238", "Rennes", "Montreuil", "oui", "1", "0", "twinning", "300 k€", "Test", "2026-03-01", "=1+1"]
    ),
)
NAMES = [
    "response_id",
    "submitted_at",
    "collectivity_code",
    "collectivity_name",
    "answered_for",
    "form",
    "form/twinning",
]
NAMES += [
    "domain/other",
    "staff_count",
    "budget_amount",
    "budget_class",
    "assistance",
    "assistance_satisfied",
    "comment",
]


@settings(deadline=None, max_examples=60)
@given(table=st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, CELLS)), min_size=1, max_size=6))
def test_every_row_and_every_cell_is_accounted_for(
    asked: Questionnaire, reference: Reference, frame: list[str], table: list[dict[str, str | None]]
) -> None:
    # Files are read so: a cell of blanks is empty.
    rows = [{name: cell if cell and cell.strip() else None for name, cell in row.items()} for row in table]
    received = one(asked, *rows)
    wave = decide([received], asked, reference, frame)
    for table_of in (wave.refused, wave.problems, wave.log):
        assert to_csv(table_of, ";").count("\r\n") > len(table_of)
    assert len(wave.answers) + len(wave.refused) == len(table)
    decided = wave.log[wave.log["rule"].str.startswith(("kept", "refused"))]
    assert sorted(decided["row"]) == list(received.values.index)
    told = {*zip(received.problems["row"], received.problems["question_id"], strict=True)}
    told |= {*zip(received.log["row"], received.log["question_id"], strict=True)}
    for name in NAMES:
        question, _, choice = name.partition("/")
        for row, cell in received.export.frame[name].dropna().items():
            value = received.values.loc[row, question]
            unticked = bool(choice) and cells.read_tick(cell, frozenset()).value is False
            assert (pd.notna(value) and value != "") or (row, question) in told or unticked


# Files that are refused


def formula(path: Path) -> None:
    book = Workbook()
    book.active.append(["collectivity_code", "staff_count"])
    book.active.append(["35238", "=1+1"])
    book.active.append(["06088", "=A2"])
    book.save(path)


def long_cell(path: Path) -> None:
    book = Workbook()
    book.active.append(["collectivity_code", "comment"])
    book.active.append(["35238", "x" * 20_000])
    book.save(path)


def empty_book(path: Path) -> None:
    Workbook().save(path)


def broken_archive(path: Path) -> None:
    empty_book(path)
    path.write_bytes(path.read_bytes()[:2000])


def broken_sheet(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")


def unfolding(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.xml", b"0" * 80_000_000)


def content(given_bytes: bytes) -> Callable[[Path], None]:
    return lambda path: (path.write_bytes(given_bytes), None)[1]


LONG = "x" * 10_485_760


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (content(b""), "an empty file"),
        (content(b"\n \n"), "an empty file"),
        (content(b"collectivity_code,staff_count\n"), "no rows"),
        (content(b"collectivity_code,staff_count\n,\n"), "no rows"),
        (
            content(b"collectivity_code|staff_count\n35238|3\n"),
            "names of columns separated by commas, semicolons or tabs",
        ),
        (content(b"ville,agents\nRennes,3\n"), "the columns ville, agents; expected a column collectivity_code or"),
        (content(b"collectivity_code,other\n35238,3\n"), "and at least one more question"),
        (content(b"collectivity_code,comment\n35238\n"), "row 2: 1 cells; expected 2 cells"),
        (content(b"collectivity_code,comment,comment\n35238,a,b\n"), "a name that two columns have"),
        (content("collectivity_code,comment,Autre chose à nous dire ?\n35238,a,b\n".encode()), "one column an answer"),
        (content(f"collectivity_code,comment\n35238,{LONG}\n".encode()), "row 2, column comment: a cell of 10485760"),
        (content(b'collectivity_code,comment\n35238,"a\n'), "not readable"),
        (
            content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
            "protected by a password",
        ),
        (content(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100), "the old .xls format"),
        (content(b"PK\x03\x04 and nothing"), "not readable (BadZipFile)"),
        (content(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), "export.xlsx"),
        (formula, "row 2, column staff_count: a formula; expected a value"),
        (formula, "row 3, column staff_count: a formula"),
        (long_cell, "row 2, column comment: a cell of 20000 characters"),
        (empty_book, "no rows"),
        (broken_archive, "not readable (BadZipFile)"),
        (broken_sheet, "not readable (KeyError)"),
        (unfolding, "320000000 bytes once unfolded"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, asked: Questionnaire, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "export.xlsx"
    make(path)
    with pytest.raises(DataError) as caught:
        reader.read(path, path.name, asked)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_encodings(tmp_path: Path, asked: Questionnaire, encoding: str) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes("collectivity_code;comment\r\n35238;À l’œuvre\r\n".encode(encoding))
    export = reader.read(path, path.name, asked)
    assert export.frame["comment"].tolist() == ["À l’œuvre"]
    assert export.read_as == {"utf-8-sig": "UTF-8", "utf-16-le": "UTF-16"}.get(
        encoding, encoding if "cp" in encoding else encoding.upper()
    )


def test_latin_1_that_is_not_cp1252() -> None:
    assert sheets.decode(b"a\x81\xe9") == ("a\x81é", "latin-1")


def test_a_heading_that_begins_with_a_code_is_not_that_question(asked: Questionnaire) -> None:
    table = pd.DataFrame(
        columns=["id", "comment. Comment nous avez-vous connus ?", "comment. Autre chose à nous dire ?"]
    )
    targets = [column.target for column in limesurvey.columns(table, asked)]
    assert targets == ["response_id", "comment"]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("column,question\na,b\n", "row 1: the columns column, question; expected a column question_id"),
        ("column,question_id\nVille,collectivity_name\nBudget,\n", "row 3, column question_id: an empty cell"),
        (
            "column,question_id\nVille,collectivity_name\nZ,staff_count\n",
            "row 3, column column: « Z », not in the table",
        ),
        ("column,question_id\nVille,name\nAgents,staff\n", "row 3, column question_id: staff; expected one of"),
        ("column,question_id,code\nVille,collectivity_name,\nAgents,carrier,nobody\n", "row 3, column code: nobody"),
    ],
)
def test_mappings_that_are_refused(tmp_path: Path, asked: Questionnaire, mapping: str, said: str) -> None:
    (tmp_path / "a.csv").write_text("Ville;Agents\nRennes;3\n", encoding="utf-8")
    (tmp_path / "map.csv").write_text(mapping, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        reader.read(tmp_path / "a.csv", "a.csv", asked, tmp_path / "map.csv")
    assert f"map.csv, {said}" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["35238\n6088\n", "insee\n35238\n06088\n\n", "Code;Nom\n35238;Rennes\n;Nice\n", '"nom"\r\n"Rennes"\r\n"Nice"\r\n'],
)
def test_lists_of_members(tmp_path: Path, reference: Reference, text: str) -> None:
    (tmp_path / "members.csv").write_text(text, encoding="utf-8", newline="")
    assert reader.read_frame(tmp_path / "members.csv", reference) == ["06088", "35238"]


def test_a_list_of_members_names_every_unknown_one(tmp_path: Path, reference: Reference) -> None:
    (tmp_path / "members.csv").write_text("nom\nRennes\nMontreuil\nAtlantis\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        reader.read_frame(tmp_path / "members.csv", reference)
    assert [problem.row for problem in caught.value.problems] == [3, 4]


# The folder of a wave


@pytest.fixture(scope="session")
def two_files(
    made: list[exports.Answer], asked: Questionnaire, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, Path]:
    """A KoboToolbox export, then a mapped sheet with answers in common, and its mapping."""
    folder = tmp_path_factory.mktemp("exports")
    first = saved(exports.kobo(made[:40], asked, "summary"), ";", folder)
    table, mapping = exports.mapped(made[30:], asked)
    second = folder / "export.xlsx"
    exports.to_workbook(table, second)
    (folder / "map.csv").write_text(exports.to_text(mapping, ","), encoding="utf-8", newline="")
    return first, second, folder / "map.csv"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_wave_does_not_depend_on_the_order_of_import(two_files: tuple[Path, Path, Path], waves: Path) -> None:
    first, second, mapping = two_files
    assert run(first, "--wave", "2026").exit_code == 0
    alone = contents(waves / "2026")
    assert run(first, "--wave", "2026").exit_code == 0
    assert contents(waves / "2026") == alone
    result = run(second, "--wave", "2026", "--map", mapping)
    assert "réponses reçues\u00a0: 70\u202f;" in result.output.lower()
    assert run(second, "--wave", "2032", "--map", mapping).exit_code == 0
    assert run(first, "--wave", "2032").exit_code == 0
    both = contents(waves / "2026")
    pages = {"problems.html"}
    assert {name: text for name, text in contents(waves / "2032").items() if name not in pages} == {
        name: text for name, text in both.items() if name not in pages
    }
    assert {Path(name).name for name in both if not name.startswith("raw")} == {
        *("answers.csv", "refused.csv", "problems.csv", "problems.html", "log.csv", "import.json", "members.csv")
    }
    assert [text for name, text in both.items() if name.endswith("export.csv")] == [first.read_bytes()]
    rows = written(waves / "2026" / "refused.csv", ";")
    assert len(written(waves / "2026" / "answers.csv", ",")) + len(rows) == 70
    assert sum(row["reason"] == "refused_same_response" for row in rows) == 10
    hashes = [row["before"] for row in written(waves / "2026" / "log.csv", ";") if row["rule"] == "raw_file"]
    assert hashes == sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, second))


def test_members_and_test_codes_hold_for_the_whole_wave(
    two_files: tuple[Path, Path, Path], waves: Path, tmp_path: Path
) -> None:
    first, second, mapping = two_files
    (tmp_path / "members.txt").write_text("35238\n44109\n", encoding="utf-8")
    run(first, "--wave", "2026", "--frame", tmp_path / "members.txt", "--test-code", "Nantes")
    run(second, "--wave", "2026", "--map", mapping)
    assert [row["collectivity_id"] for row in written(waves / "2026" / "answers.csv", ",")] == ["35238"]
    assert data.read_members("2026") == ["35238", "44109"]
    reasons = {row["reason"] for row in written(waves / "2026" / "refused.csv", ";")}
    assert {"refused_outside_frame", "refused_test"} <= reasons


def test_nothing_is_left_behind(two_files: tuple[Path, Path, Path], waves: Path, tmp_path: Path) -> None:
    first, *_ = two_files
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = run(tmp_path / "bad.csv", "--wave", "2026")
    assert result.exit_code == 2
    assert "bad.csv, row 1: the columns a, b" in result.output
    assert not waves.exists()
    for arguments in (
        (first, "--wave", "../x"),
        (tmp_path / "none.csv", "--wave", "2026"),
        (first, "--wave", "2026", "--lang", "de"),
    ):
        assert run(*arguments).exit_code == 2
    assert not waves.exists()
    run(first, "--wave", "2026")
    before = contents(waves / "2026")
    assert run(tmp_path / "bad.csv", "--wave", "2026").exit_code == 2
    assert contents(waves / "2026") == before


def test_a_file_that_cannot_be_replaced_undoes_all(
    two_files: tuple[Path, Path, Path], waves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, mapping = two_files
    run(first, "--wave", "2026")
    before = contents(waves / "2026")
    replace = Path.replace

    def locked(path: Path, target: Path) -> Path:
        if path.name == "log.csv" and "before" in str(target):
            raise PermissionError(13, "Permission denied", str(path))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", locked)
    result = run(second, "--wave", "2026", "--map", mapping)
    assert result.exit_code == 2
    assert "Is it open in a spreadsheet? Nothing was changed" in result.output
    assert contents(waves / "2026") == before


def test_a_raw_file_that_was_changed_is_refused(two_files: tuple[Path, Path, Path], waves: Path) -> None:
    run(two_files[0], "--wave", "2026")
    (raw,) = (waves / "2026" / "raw").iterdir()
    raw.write_bytes(raw.read_bytes() + b"\n")
    result = run(two_files[0], "--wave", "2026")
    assert result.exit_code == 2
    assert "was changed or removed since it was imported" in result.output


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_of_problems(two_files: tuple[Path, Path, Path], waves: Path, lang: str) -> None:
    _, second, mapping = two_files
    run(second, "--wave", "2026", "--map", mapping, "--lang", lang)
    page = (waves / "2026" / "problems.html").read_text(encoding="utf-8")
    problems = written(waves / "2026" / "problems.csv", ";")
    assert page.count('<tr><th scope="row">export.xlsx') == len(problems)
    assert {"fr": "Valeur approchée ou fourchette", "en": "Approximate value or range"}[lang] in page
    assert all(row["explanation"] and row["done"] for row in problems)
    not_in_list = next(row for row in problems if row["problem"] == "not_in_list")
    assert (not_in_list["column"], not_in_list["cell"]) == ("Q6", "personne")
    assert {"fr": "La ville; L’intercommunalité", "en": "The city; The EPCI"}[lang] in not_in_list["detail"]
