"""``citydiplo check`` finds what is wrong in a table and says where."""

import json
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from conftest import edit
from shapely import Point

from citydiplo import data, folders
from citydiplo.check import check, distance_km, luhn
from citydiplo.data import Tables


def test_the_tables_are_right() -> None:
    assert check() == []


def found(row: int, table: str, column: str) -> str:
    """The only problem, which must be in this cell."""
    (problem,) = check()
    assert (problem.file, problem.row, problem.column) == (f"{table}.csv", row, column), str(problem)
    return str(problem)


def test_unknown_source(data_copy: Path) -> None:
    row = edit(data_copy, "facts", "rennes-budget-rule", source_id="hearsay")
    assert "hearsay; expected a source_id of sources.csv" in found(row, "facts", "source_id")


def test_missing_source(data_copy: Path) -> None:
    row = edit(data_copy, "facts", "rennes-budget-rule", source_id="")
    assert "an empty cell; expected a value" in found(row, "facts", "source_id")


def test_duplicated_key(data_copy: Path) -> None:
    path = data_copy / "facts.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]), encoding="utf-8")
    problems = check()
    assert {(p.row, p.column) for p in problems} == {(2, "fact_id"), (len(lines) + 1, "fact_id")}
    assert all("a value that no other row has" in str(p) for p in problems)


@pytest.mark.parametrize(
    ("figure", "cells", "column", "expected"),
    [
        ("form-twinning-chart", {"category": "twinnings"}, "category", "a code of the vocabulary named like the topic"),
        ("form-twinning-chart", {"category": ""}, "category", "an empty cell; expected a code"),
        ("form-twinning-chart", {"possible": "twinning"}, "possible", "expected an empty cell"),
        ("budget-class-12", {"possible": ""}, "possible", "an empty cell; expected a code"),
        ("budget-class-12", {"possible": "under_100000;over_5"}, "possible", "over_5; expected a code"),
        ("budget-class-12", {"category": "under_100000"}, "category", "expected an empty cell"),
    ],
)
def test_labels_of_printed_numbers(
    data_copy: Path, figure: str, cells: dict[str, str], column: str, expected: str
) -> None:
    row = edit(data_copy, "published_figures", figure, **cells)
    assert expected in found(row, "published_figures", column)


def test_finding_on_a_number_that_does_not_exist(data_copy: Path) -> None:
    row = edit(data_copy, "audit_findings", "range-budget", figures="budget-range-least;budget-class-13")
    assert "budget-class-13; expected a figure_id" in found(row, "audit_findings", "figures")


def test_rule_for_an_unknown_class(data_copy: Path) -> None:
    row = edit(data_copy, "typology_rules", "carrier-city", category="town")
    assert "town; expected a code of the vocabulary named like the typology" in found(row, "typology_rules", "category")


def test_siren_with_a_wrong_digit(data_copy: Path) -> None:
    siren = "213502388"
    wrong = siren[:-1] + str((int(siren[-1]) + 1) % 10)
    row = edit(data_copy, "communes", "35238", siren=wrong)
    problems = check()
    assert (problems[0].file, problems[0].row, problems[0].column) == ("communes.csv", row, "siren")
    assert "check digit" in str(problems[0])


def test_epci_code_with_a_wrong_digit(data_copy: Path) -> None:
    row = edit(data_copy, "facts", "mel-budget-class", collectivity_id="200093202")
    assert "a collectivity_id of collectivities.csv" in found(row, "facts", "collectivity_id")


@pytest.mark.parametrize(
    ("partnership", "cells"),
    [
        ("marseille-naples-twinning", {"country": "ESP"}),
        ("marseille-naples-twinning", {"latitude": "14.26811", "longitude": "40.85216"}),
        ("brest-kiel-staff", {"country": "DNK"}),
        ("marseille-dakar", {"latitude": "0", "longitude": "0"}),
    ],
)
def test_partner_placed_in_the_wrong_country(data_copy: Path, partnership: str, cells: dict[str, str]) -> None:
    row = edit(data_copy, "partnerships", partnership, **cells)
    assert "expected a point in" in found(row, "partnerships", "latitude")


def test_start_after_end(data_copy: Path) -> None:
    row = edit(data_copy, "partnerships", "marseille-beirut-aid", start_year="2021", end_year="2020")
    assert "2021; expected a year up to end_year, 2020" in found(row, "partnerships", "start_year")


def test_not_utf_8(data_copy: Path) -> None:
    path = data_copy / "facts.csv"
    text = path.read_text(encoding="utf-8")
    row = text[: text.index("Cherbourg-en-Cotentin")].count("\n") + 1
    path.write_bytes(
        text.encode("utf-8").replace(b"Cherbourg-en-Cotentin", "Cherbourg-en-Côtentin".encode("latin-1"), 1)
    )
    assert "0xf4 is not UTF-8" in found(row, "facts", "collectivity")


def test_cells_of_the_wrong_form(data_copy: Path) -> None:
    row = edit(data_copy, "partnerships", "marseille-naples-twinning", start_year="vers 2025")
    assert "'vers 2025'; expected a value of type" in found(row, "partnerships", "start_year")
    edit(data_copy, "partnerships", "marseille-naples-twinning", start_year="1066")
    assert "at least 1900" in found(row, "partnerships", "start_year")


def test_unknown_code(data_copy: Path) -> None:
    row = edit(data_copy, "partnerships", "marseille-dakar", domains="education_youth;health")
    assert "health; expected a code of the vocabulary domain" in found(row, "partnerships", "domains")


@pytest.mark.parametrize(
    ("fact", "value", "expected"),
    [
        ("mel-budget-class", "1,2 M€", "a code of the vocabulary budget_class"),
        ("nantes-staff-count", "18 environ", "a whole number of people"),
        ("amiens-budget-total-2023", "282 millions", "a whole number of euros"),
    ],
)
def test_value_that_its_indicator_does_not_allow(data_copy: Path, fact: str, value: str, expected: str) -> None:
    row = edit(data_copy, "facts", fact, value=value)
    assert f"{value}; expected {expected}" in found(row, "facts", "value")


def test_name_of_another_collectivity(data_copy: Path) -> None:
    row = edit(data_copy, "facts", "rennes-budget-rule", collectivity="Rennes Métropole")
    assert "Rennes Métropole; expected Rennes" in found(row, "facts", "collectivity")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"asked_if": "assistance=maybe"},
            "assistance_satisfied: asked if assistance=maybe, which no earlier question",
        ),
        (
            {"asked_if": "expectation=other"},
            "assistance_satisfied: asked if expectation=other, which no earlier question",
        ),
        ({"codes": "yes;perhaps"}, "assistance_satisfied: perhaps not in yes_no"),
        ({"vocabulary": "perhaps"}, "assistance_satisfied: no vocabulary perhaps in labels.csv"),
    ],
)
def test_question_that_cannot_be_asked(data_copy: Path, cells: dict[str, str], expected: str) -> None:
    row = edit(data_copy, "survey/questionnaire", "assistance_satisfied", **cells)
    (problem,) = check()
    assert (problem.file, problem.row) == ("questionnaire.csv", row)
    assert expected in str(problem)


def test_semicolons_of_a_french_spreadsheet(data_copy: Path) -> None:
    path = data_copy / "recommendations.csv"
    pd.read_csv(path).to_csv(path, sep=";", index=False)
    assert "separated by commas" in "\n".join(map(str, check()))


def test_ragged_row_and_line_break_in_a_cell(data_copy: Path) -> None:
    path = data_copy / "regional_networks.csv"
    path.write_text(path.read_text(encoding="utf-8") + 'one,two\n"a\nb",x,y,z\n', encoding="utf-8")
    assert [(p.row, p.found) for p in check()] == [(13, "2 cells"), (15, "4 cells")]


def test_missing_column_and_missing_table(data_copy: Path) -> None:
    path = data_copy / "regional_networks.csv"
    pd.read_csv(path, dtype=str).drop(columns="locator").to_csv(path, index=False)
    (data_copy / "actors.csv").unlink()
    problems = {p.file: p for p in check()}
    assert problems["regional_networks.csv"].row == 1
    assert problems["actors.csv"].found == "no such file"


def test_byte_order_mark_of_a_spreadsheet_is_accepted(data_copy: Path) -> None:
    path = data_copy / "facts.csv"
    path.write_text("\N{BYTE ORDER MARK}" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert check() == []


def test_stale_datapackage(data_copy: Path) -> None:
    (data_copy / "datapackage.json").write_text("{}", encoding="utf-8")
    (problem,) = check()
    assert problem.file == "datapackage.json"


def test_luhn() -> None:
    assert luhn("732829320")  # the example of INSEE's definition of the SIREN
    assert not luhn("732829321")
    assert not luhn("723829320")


def test_distance_to_an_area() -> None:
    italy = data.load_boundaries("50m").set_index("iso3").geometry["ITA"]
    assert distance_km(Point(9.19, 45.46), italy) == 0  # Milan
    assert 130 < distance_km(Point(5.37, 43.30), italy) < 190  # Marseille: about 160 km from Ventimiglia
    assert distance_km(Point(3.06, 36.75), italy) > 400  # Algiers


@pytest.mark.slow
def test_frictionless_validates_the_package() -> None:
    report = frictionless.validate(str(folders.REPOSITORY / "data" / "datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:10]


@pytest.mark.slow
def test_frictionless_sees_what_the_schemas_see(data_copy: Path) -> None:
    edit(data_copy, "facts", "rennes-budget-rule", source_id="hearsay", theme="gossip")
    edit(data_copy, "partnerships", "marseille-naples-twinning", start_year="1066", country="it")
    report = frictionless.validate(str(data_copy / "datapackage.json"))
    seen = {(task.name, error.type) for task in report.tasks for error in task.errors}
    assert {("facts", "foreign-key"), ("facts", "constraint-error"), ("partnerships", "constraint-error")} <= seen


def test_datapackage_describes_each_column(tables: Tables) -> None:
    described = json.loads((folders.REPOSITORY / "data" / "datapackage.json").read_text(encoding="utf-8"))
    resources = {r["name"]: [f["name"] for f in r["schema"]["fields"]] for r in described["resources"]}
    assert resources == {name: list(frame.columns) for name, frame in tables.items()}
    fields = [field for r in described["resources"] for field in r["schema"]["fields"]]
    assert all(field["description"] for field in fields)
