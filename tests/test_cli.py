"""The command line: answers, and mistakes without tracebacks."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import edit
from typer.testing import CliRunner, Result

from citydiplo.cli import app
from citydiplo.data import Tables


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def test_a_command_starts_without_the_libraries_that_it_may_not_need() -> None:
    code = (
        "import sys, citydiplo.cli, citydiplo.reports.commands; print(*{'pandas', 'matplotlib'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""  # noqa: S603


def test_cities_lists_the_study() -> None:
    lines = run("cities").output.splitlines()[1:]
    assert len(lines) == 57
    assert any("13055" in line and "Marseille" in line and "886 040" in line for line in lines)


def test_cities_searches_all_of_france() -> None:
    output = run("cities", "st denis").output
    assert "93066" in output
    assert "97411" in output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Marseile", "did you mean:\n  13055  Marseille"),
        ("Montreuil", "names 3 collectivities"),
        ("../../etc/passwd", "no collectivity"),
        ("<script>alert(1)</script>", "no collectivity « <script>alert(1)</script> »"),
        ("[red]x[/red]", "no collectivity « [red]x[/red] »"),
        ("", "no collectivity"),
    ],
)
def test_a_wrong_name_is_a_mistake_of_the_user(name: str, said: str, tmp_path: Path) -> None:
    result = run("report", name, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [("report",), ("report", "Rennes", "--lang", "de"), ("reports", "--jobs", "0"), ("cities", "zzzz"), ("nonsense",)],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_check_passes_on_the_tables() -> None:
    assert run("check").exit_code == 0


def test_check_says_where(data_copy: Path) -> None:
    row = edit(data_copy, "facts", "rennes-budget-rule", source_id="hearsay")
    result = run("check")
    assert result.exit_code == 1
    assert f"facts.csv, row {row}, column source_id: hearsay; expected a source_id of sources.csv" in result.output


def test_broken_tables_stop_a_report_without_traceback(data_copy: Path, tmp_path: Path) -> None:
    edit(data_copy, "facts", "rennes-budget-rule", statement_fr="")
    result = run("report", "Rennes", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "column statement_fr: an empty cell; expected a value" in result.output


def test_no_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYDIPLO_DATA", str(tmp_path))
    result = run("cities")
    assert result.exit_code == 2
    assert "no citydiplo tables in" in result.output


def test_check_write_refuses_broken_tables(data_copy: Path) -> None:
    before = (data_copy / "datapackage.json").read_bytes()
    (data_copy / "labels.csv").write_text("x\n", encoding="utf-8")
    assert run("check", "--write").exit_code == 2
    assert (data_copy / "datapackage.json").read_bytes() == before


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", "Le budget médian imprimé est de 300"), ("en", "The printed median budget")]
)
def test_audit_prints_every_finding(lang: str, words: str, tables: Tables) -> None:
    result = run("audit", "--lang", lang)
    assert result.exit_code == 0
    assert words in result.output
    assert "10 + 24 = 34 ≠ 36" in result.output
    assert f"\n{len(tables['audit_findings'])}. " in result.output
