"""The summary of a change to the tables: what it counts, and that no text of the data is more than text."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from citydiplo import folders
from citydiplo.cli import app
from citydiplo.contribute.changes import LONGEST, code, compare, markdown
from citydiplo.data import Tables
from citydiplo.language import Language

HEADER = "source_id,short,title,publisher,publisher_kind,published,url,licence,accessed,language,note"
HOSTILE = "`</code>` ![x](https://example.org/x.png) | @someone #1 <script>alert(1)</script> ``` $(id)"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def table(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def source(source_id: str, title: str = "T") -> str:
    return f"{source_id},S,{title},P,press,,,,2026-01-01,fr,"


def test_rows_are_added_removed_and_changed_by_their_key() -> None:
    found = compare(
        "sources", table(source("a"), source("b"), source("c")), table(source("c", "U"), source("d"), source("a"))
    )
    assert (list(found.added), list(found.removed), list(found.changed)) == (["d"], ["b"], ["c"])
    before, after = found.changed["c"]
    assert (before["title"], after["title"]) == ("T", "U")


def test_nothing_and_everything() -> None:
    assert not compare("sources", table(source("a")), table(source("a")))
    assert list(compare("sources", "", table(source("a"))).added) == ["a"]
    assert list(compare("sources", table(source("a")), "").removed) == ["a"]


def test_rows_with_one_key_are_told_apart() -> None:
    found = compare("sources", table(source("a")), table(source("a"), source("a", "U")))
    assert list(found.added) == ["a (2)"]


def test_another_column_and_an_unreadable_table_are_said(tables: Tables) -> None:
    wider = compare("sources", table(source("a")), f"{HEADER},more\n{source('a')},x\n")
    assert wider.columns == ["more"]
    shown = markdown([wider], ["sources.csv: x; expected y"], Language.of("fr", tables))
    assert "Colonnes ajoutées ou retirées : `more`." in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "1 problème" in shown
    assert "- `sources.csv: x; expected y`" in shown


def test_a_long_change_is_cut_and_says_so(tables: Tables, language: Language) -> None:
    found = compare("sources", table(), table(*(source(f"s{number}") for number in range(100))))
    shown = markdown([found], [], language)
    assert "| `sources.csv` | 100 | 0 | 0 |" in shown
    assert {"fr": "60 autres", "en": "60 more"}[language.code] in shown


def test_hostile_cells_stay_text(tables: Tables) -> None:
    cell = '"' + HOSTILE.replace('"', '""') + '"'
    shown = markdown([compare("sources", table(), table(source("a", cell)))], [], Language.of("en", tables))
    (line,) = [line for line in shown.splitlines() if line.startswith("- added:")]
    assert "```` `</code>` ![x](https://example.org/x.png) \\| @someone #1" in line
    assert line.count("````") == 2


@given(st.text())
def test_a_code_span_holds_whatever_it_is_given(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    inside = shown[len(fence) : -len(fence)]
    assert shown.endswith(fence)
    assert fence not in inside
    assert "\n" not in shown
    assert "\r" not in shown
    assert "|" not in inside.replace("\\|", "")
    assert len(inside) <= 2 * LONGEST + 2


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@y", *arguments]
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603


@pytest.fixture
def repository(data_copy: Path) -> Path:
    git(data_copy, "init", "--quiet")
    git(data_copy, "add", "--all")
    git(data_copy, "commit", "--quiet", "--message", "base")
    git(data_copy, "tag", "base")
    return data_copy


def test_the_command_sums_up_the_working_tree(repository: Path, tmp_path: Path) -> None:
    assert "Aucune table ne change." in run("changes", "base").output
    path = repository / "partnerships.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace(",2025,", ",2024,")
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    out = tmp_path / "changes.md"
    result = run("changes", "base", "--lang", "en", "--out", str(out))
    assert (result.exit_code, result.output) == (0, "")
    shown = out.read_text(encoding="utf-8")
    assert "| `partnerships.csv` | 0 | 1 | 1 |" in shown
    assert "- changed: `marseille-naples-twinning`: `start_year` `2025` → `2024`" in shown
    assert "- `marseille-bilan-2025`" in shown
    assert "All tables follow their schemas." in shown


def test_the_command_fails_where_the_check_does(repository: Path) -> None:
    path = repository / "partnerships.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",ITA,", ",XXX,", 1), encoding="utf-8")
    result = run("changes", "base")
    assert result.exit_code == 1
    assert "partnerships.csv, row 2, column country: XXX" in result.output


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "base..base", "$(id)"])
def test_a_revision_that_is_not_one(base: str, repository: Path) -> None:
    result = run("changes", "--", base)
    assert (result.exit_code, f"no revision « {base} »" in result.output) == (2, True)


def test_jobs_run_the_commands_without_secrets() -> None:
    for name in (".github/workflows/data.yml", ".gitlab-ci.yml"):
        job = (folders.REPOSITORY / name).read_text(encoding="utf-8")
        assert "citydiplo check" in job
        assert "citydiplo changes" in job
        assert "secrets" not in job
        assert "write" not in job
