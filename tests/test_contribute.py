"""Contributing a row: what is wrong in words, what is there already, where it goes, and all files or none."""

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import contents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citydiplo.check import check
from citydiplo.contribute import store
from citydiplo.contribute.fields import FIELDS, IDS, choices, required
from citydiplo.contribute.placement import insert, line, position
from citydiplo.contribute.proposal import CONFLICT, NEW, SAME_ROW, Proposal, propose
from citydiplo.contribute.register import Register, parse
from citydiplo.contribute.store import prepare, write
from citydiplo.contribute.workbook import worded
from citydiplo.data import Tables
from citydiplo.errors import DataError, UserError
from citydiplo.language import Language
from citydiplo.places import gazetteer

# A row that the register has, as one would type it without its id, point and English name.
NAPLES = {
    "collectivity": "marseille",
    "partner": "Naples",
    "country": "Italie",
    "partner_kind": "Ville",
    "kind": "jumelage",
    "status": "",
    "start_year": "2025.0",
    "source_id": "marseille-bilan-2025",
    "locator": "La coopération avec d’autres villes, l. 9-10",
}
# The same link as another document of the register would tell it: a row that is not there.
NEW_LINK = NAPLES | {"source_id": "marseille-international", "locator": "texte de la page"}


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def french(tables: Tables) -> Language:
    return Language.of("fr", tables)


def link(register: Register, language: Language, **cells: str) -> Proposal:
    return propose("partnerships", NEW_LINK | cells, register, language)


def fields(proposal: Proposal) -> list[str]:
    return [fault.field for fault in proposal.faults]


@pytest.mark.parametrize("table", FIELDS)
def test_every_row_of_the_tables_reads_back_as_itself(table: str, register: Register, language: Language) -> None:
    for row in register.rows[table][:: 1 if language.code == "fr" else 5]:
        found = propose(table, worded(table, row, language), register, language)
        assert (found.state, found.faults, found.row) == (SAME_ROW, [], row)


def test_a_row_is_filled_in_and_placed_beside_those_of_its_city(register: Register, language: Language) -> None:
    found = link(register, language)
    assert (found.state, found.faults) == (NEW, [])
    assert found.row["partnership_id"] == "marseille-naples-twinning-2"
    assert found.row["start_year"] == "2025"
    assert found.row["status"] == "not_documented"
    shared = ("place", "latitude", "longitude", "geonames_id", "collectivity_id", "country", "partner_kind", "kind")
    known = next(row for row in register.rows["partnerships"] if row["partnership_id"] == "marseille-naples-twinning")
    assert {name: found.row[name] for name in shared} == {name: known[name] for name in shared}
    change = prepare([found], register)
    assert list(change.after) == ["partnerships.csv"]
    before, after = (text.split("\n") for text in (change.before["partnerships.csv"], change.after["partnerships.csv"]))
    (number,) = [n for n, (old, new) in enumerate(zip(before, after, strict=False)) if old != new][:1]
    assert after[number] == line(list(found.row.values()))
    assert after[:number] + after[number + 1 :] == before
    rows = parse(change.after["partnerships.csv"])
    around = [rows[number - 2], rows[number]]
    assert [row["collectivity"] for row in around] == ["Marseille", "Marseille"]
    assert around[0]["place"] <= "Naples" <= around[1]["place"]


def test_the_same_statement_without_its_id_is_the_row_that_is_there(register: Register, language: Language) -> None:
    found = propose("partnerships", NAPLES, register, language)
    assert (found.state, found.row["partnership_id"]) == (SAME_ROW, "marseille-naples-twinning")
    other = propose("partnerships", NAPLES | {"start_year": "2024"}, register, language)
    assert (other.state, other.differs, other.ours["start_year"]) == (CONFLICT, ["start_year"], "2025")


@pytest.mark.parametrize(
    ("cells", "field", "said"),
    [
        ({"collectivity": "Marseile"}, "collectivity", "« Marseile » ; attendu : une commune, un EPCI"),
        ({"collectivity": "Saint-Denis"}, "collectivity", "plusieurs portent ce nom"),
        ({"country": "Italye"}, "country", "un pays ou son code"),
        ({"country": "Espagne", "place": "Naples", "latitude": "40,85", "longitude": "14,27"}, "latitude", "Espagne"),
        ({"place": "Naples", "latitude": "40,85"}, "longitude", "une latitude et une longitude"),
        ({"kind": "jumelag"}, "kind", "Jumelage, Accord de coopération"),
        ({"domains": "Innovation; Foo"}, "domains", "« Foo »"),
        ({"start_year": "25"}, "start_year", "un nombre entier, de 1900 à 2100"),
        ({"start_year": "2025", "end_year": "2024"}, "start_year", "ne dépasse pas la dernière, 2024"),
        ({"as_of": "hier"}, "as_of", "une date comme 2024"),
        ({"source_id": "https://exemple.fr/rien"}, "source_id", "une source connue"),
        ({"source_id": ""}, "source_id", "rien ; attendu : une valeur"),
        ({"locator": " \N{NO-BREAK SPACE} "}, "locator", "remplissez la case"),
        ({"partnership_id": "Été 2024"}, "partnership_id", "des minuscules sans accent"),
        ({"note_fr": "=HYPERLINK(1)"}, "note_fr", "un tableur y verrait une formule"),
        ({"note_fr": "x" * 2001}, "note_fr", "au plus 2 000 caractères"),
    ],
)
def test_a_mistake_is_told_in_plain_words(
    cells: dict[str, str], field: str, said: str, register: Register, french: Language
) -> None:
    found = link(register, french, **cells)
    assert fields(found) == [field]
    (wrong,) = found.faults
    words = {"title": wrong.title, "found": wrong.found, "expected": wrong.expected, "todo": wrong.todo}
    told = french.text("fault.line", **words).replace("\u202f", " ").replace("\u00a0", " ")
    assert said in told
    assert told.endswith(".")
    assert "À faire : " in told


def test_dates_and_numbers_as_spreadsheets_write_them(register: Register, french: Language) -> None:
    cells = {"place": "Naples", "latitude": "40,85", "longitude": "14.27"}
    found = link(register, french, as_of="03/05/2024", end_year="2030,0", **cells)
    assert found.faults == []
    assert [found.row[name] for name in ("as_of", "end_year", "latitude")] == ["2024-05-03", "2030", "40.85"]
    assert link(register, french, as_of="2024-05-03T00:00:00").row["as_of"] == "2024-05-03"
    assert link(register, french, as_of="5/2024").row["as_of"] == "2024-05"


def test_a_code_that_lost_its_first_zero_is_understood(register: Register, french: Language) -> None:
    found = link(register, french, collectivity="6088")
    assert (found.row["collectivity_id"], found.row["collectivity"]) == ("06088", "Nice")


def test_a_commune_that_no_table_has_yet_comes_with_its_row(register: Register, french: Language) -> None:
    found = link(register, french, collectivity="Vannes")
    assert found.faults == []
    assert found.collectivity["collectivity_id"] == "56260"
    change = prepare([found, link(register, french, collectivity="Vannes", kind="pacte d’amitié")], register)
    assert list(change.after) == ["collectivities.csv", "partnerships.csv"]
    assert change.after["collectivities.csv"].count("Vannes,commune") == 1


def test_homonyms_are_listed_not_chosen(register: Register, french: Language) -> None:
    gazetteer()
    found = link(register, french, partner="Springfield", country="États-Unis")
    assert fields(found) == ["place"]
    assert "Springfield (4409896)" in found.faults[0].expected
    chosen = link(register, french, partner="Springfield", country="États-Unis", geonames_id="4409896")
    assert chosen.faults == []
    assert chosen.row["latitude"].startswith("37.2")


def test_duplicates_are_shown(register: Register, language: Language) -> None:
    assert "marseille-naples-twinning" in link(register, language).warnings[0]
    other = link(register, language, kind="friendship_pact").warnings[0]
    assert language.label("partnership_kind", "twinning") in other
    fact = next(row for row in register.rows["facts"] if row["fact_id"] == "nantes-staff-count")
    typed = worded("facts", fact, language) | {"fact_id": "", "value": "19"}
    assert "nantes-staff-count" in propose("facts", typed, register, language).warnings[0]
    source = next(row for row in register.rows["sources"] if row["url"])
    typed = worded("sources", source, language) | {"source_id": "", "title": "Autre", "url": source["url"] + "/"}
    assert source["source_id"] in propose("sources", typed, register, language).warnings[0]


def test_a_staff_is_a_number_and_a_class_is_a_code(register: Register, french: Language) -> None:
    fact = next(row for row in register.rows["facts"] if row["fact_id"] == "caen-staff-class")
    typed = worded("facts", fact, french) | {"value": "deux"}
    (wrong,) = propose("facts", typed, register, french).faults
    assert (wrong.field, "0 à 2 personnes" in wrong.expected) == ("value", True)
    fact = next(row for row in register.rows["facts"] if row["fact_id"] == "amiens-budget-total-2023")
    (wrong,) = propose("facts", worded("facts", fact, french) | {"value": "282 M€"}, register, french).faults
    assert (wrong.field, "euros" in wrong.expected) == ("value", True)


def test_a_source_that_comes_along_can_be_cited_by_its_title(register: Register, french: Language) -> None:
    source = {"title": "Nos villes sœurs", "publisher": "Ville de Vannes", "publisher_kind": "La collectivité"}
    added = propose("sources", source | {"language": "fr", "published": "2024-06"}, register, french)
    assert added.faults == []
    assert added.row["source_id"] == "ville-de-vannes-nos-villes-soeurs"
    assert added.row["short"] == "Ville de Vannes, 2024"
    known = register.with_rows("sources", [added.row])
    cited = propose("partnerships", NEW_LINK | {"source_id": "nos villes soeurs"}, known, french)
    assert (cited.faults, cited.row["source_id"]) == ([], "ville-de-vannes-nos-villes-soeurs")
    both = prepare([added, cited], register)
    assert list(both.after) == ["sources.csv", "partnerships.csv"]


def test_choices_and_required_fields_follow_the_schemas(tables: Tables, language: Language) -> None:
    kinds = choices("partnerships", "kind", tables, language)
    assert kinds[0] == (language.label("partnership_kind", "twinning"), "twinning")
    assert [code for _, code in choices("facts", "theme", tables, language)][:2] == ["governance", "budget"]
    assert not choices("facts", "value", tables, language)
    assert required("facts", "statement_en")
    assert not required("partnerships", "partnership_id")


def test_the_first_row_of_a_collectivity_goes_where_its_name_is(register: Register) -> None:
    rows = register.rows["partnerships"]
    row = dict.fromkeys(rows[0], "") | {"collectivity_id": "86194", "collectivity": "Pessac", "place": "Burgos"}
    at = position("partnerships", rows, row)
    assert rows[at - 1]["collectivity"] <= "Pessac" < rows[at]["collectivity"]


def test_a_fact_goes_after_those_of_its_source_and_collectivity(register: Register) -> None:
    rows = register.rows["facts"]
    row = dict.fromkeys(rows[0], "") | {"collectivity_id": "44109", "source_id": "france-urbaine-inet-2021"}
    at = position("facts", rows, row)
    assert [rows[at - 1][name] for name in ("collectivity_id", "source_id")] == ["44109", "france-urbaine-inet-2021"]
    assert not [
        known for known in rows[at:] if (known["collectivity_id"], known["source_id"]) == ("44109", row["source_id"])
    ]


CELL = st.text(max_size=60) | st.sampled_from(
    ["jumelage", "France", "2024", "=1+1", "'-2", "40,5", "a\r\nb", '"', ";;"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.sampled_from(list(FIELDS)), cells=st.data())
def test_whatever_is_typed_is_refused_in_words_or_is_sound(
    table: str, cells: st.DataObject, register: Register, french: Language
) -> None:
    typed = cells.draw(st.dictionaries(st.sampled_from(FIELDS[table]), CELL))
    found = propose(table, typed, register, french)
    if found.faults:
        assert all(fault.expected and fault.todo for fault in found.faults)
    else:
        assert found.row[IDS[table]]


WORDS = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40).map("Un accord ".__add__)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=WORDS, passage=WORDS, year=st.integers(1900, 2100), partner=WORDS)
def test_what_is_accepted_holds_with_every_table(
    note: str, passage: str, year: int, partner: str, register: Register, french: Language
) -> None:
    cells = {"note_fr": note, "locator": passage, "start_year": str(year), "partner": partner, "place": "Naples"}
    found = link(register, french, **cells)
    assert found.faults == []
    change = prepare([found], register)  # which checks them all
    assert len(change.after["partnerships.csv"].splitlines()) == len(change.before["partnerships.csv"].splitlines()) + 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30), min_size=11, max_size=11))
def test_inserting_changes_no_other_line(cells: list[str], register: Register) -> None:
    text = register.texts["sources"]
    row = dict(zip(parse(text)[0], cells, strict=True))
    after = insert("sources", text, row)
    assert after.startswith(text)
    assert parse(after)[-1] == row


def test_written_tables_pass_the_check(fresh_copy: Path, tables: Tables) -> None:
    register = Register.load()
    found = link(register, Language.of("fr", tables))
    write(prepare([found], register))
    assert check() == []
    assert (fresh_copy / "partnerships.csv").read_text(encoding="utf-8").count("marseille-naples-twinning-2") == 1


def two_files(register: Register, language: Language) -> store.Change:
    source = {"title": "Nos villes sœurs", "publisher": "Ville de Vannes", "publisher_kind": "La collectivité"}
    added = propose("sources", source | {"language": "fr"}, register, language)
    known = register.with_rows("sources", [added.row])
    return prepare(
        [added, propose("partnerships", NEW_LINK | {"source_id": "Nos villes sœurs"}, known, language)], register
    )


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_the_files_as_they_were(
    failure: BaseException, fresh_copy: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = two_files(Register.load(), Language.of("fr", tables))
    before = contents(fresh_copy)
    real = store.write_atomically

    def failing(path: Path, text: str) -> None:
        if path.name == "partnerships.csv" and text == change.after["partnerships.csv"]:
            raise failure
        real(path, text)

    monkeypatch.setattr(store, "write_atomically", failing)
    with pytest.raises(UserError if isinstance(failure, OSError) else KeyboardInterrupt):
        write(change)
    assert contents(fresh_copy) == before


def test_nothing_is_written_over_a_table_that_changed_meanwhile(fresh_copy: Path, tables: Tables) -> None:
    change = two_files(Register.load(), Language.of("fr", tables))
    other = fresh_copy / "partnerships.csv"
    other.write_text(other.read_text(encoding="utf-8").replace("Naples", "Napoli", 1), encoding="utf-8")
    before = contents(fresh_copy)
    with pytest.raises(UserError, match="has changed meanwhile"):
        write(change)
    assert contents(fresh_copy) == before


def test_rows_that_would_not_hold_together_are_not_prepared(register: Register, french: Language) -> None:
    found = link(register, french)
    row = found.row | {"source_id": "nowhere"}
    with pytest.raises(DataError, match="nowhere"):
        prepare([Proposal("partnerships", row, NEW, [])], register)


def test_a_diff_of_git_shows_the_new_line_only(fresh_copy: Path, tables: Tables) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(fresh_copy), "-c", "user.name=x", "-c", "user.email=x@y", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "base")
    register = Register.load()
    write(prepare([link(register, Language.of("fr", tables))], register))
    assert git("diff", "--numstat").split() == ["1", "0", "partnerships.csv"]
    shutil.rmtree(fresh_copy / ".git")
