"""``citydiplo lab``: no token in its log, only this machine unless asked, French for French readers; clean commits."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from lab_server import Lab, copy_of_the_kit
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from citydiplo import folders
from citydiplo.errors import UserError
from citydiplo.lab import clean, git, server

NOTEBOOKS = sorted((folders.REPOSITORY / "notebooks").glob("*.ipynb"))
PICTURE = new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
PRINTED = new_output("stream", name="stdout", text="57\n")
VALUE = new_output("execute_result", {"text/plain": "57"}, execution_count=2)


def executed() -> nbformat.NotebookNode:
    """A notebook as JupyterLab leaves it."""
    cells = [
        new_markdown_cell("# Présentation", id="title"),
        new_code_cell("show()", id="shown", outputs=[PRINTED, PICTURE], execution_count=1),
        new_code_cell("show()", id="compared", outputs=[PRINTED, PICTURE, VALUE], execution_count=2),
    ]
    cells[1].metadata.execution = {"iopub.execute_input": "2026-11-22T22:00:00Z"}
    cells[2].metadata.tags = ["nbval-check-output"]
    metadata = {
        "language_info": {"name": "python", "version": "3.13.1"},
        "widgets": {"state": {"image": "iVBORw0KGgo="}},
    }
    return new_notebook(cells=cells, metadata=metadata)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebooks_of_the_kit_pass_the_filter_unchanged(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert clean.text(clean.cleaned(json.loads(text))) == text


def test_running_a_notebook_leaves_only_the_texts_that_are_compared() -> None:
    made = nbformat.reads(clean.text(clean.cleaned(executed())), as_version=4)
    nbformat.validate(made)
    assert [cell.get("outputs") for cell in made.cells] == [None, [], [PRINTED, VALUE | {"execution_count": 1}]]
    assert made.cells[1].metadata == {}
    assert made.metadata == {"language_info": {"name": "python"}}


def run_git(folder: Path, *arguments: str) -> str:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    named = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    environment = {**os.environ, **own, "PYTHONPATH": str(folders.REPOSITORY / "src")}
    return subprocess.check_output(  # noqa: S603
        ["git", *named, *arguments],  # noqa: S607
        cwd=folder,
        text=True,
        encoding="utf-8",
        env=environment,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / ".gitattributes").write_bytes((folders.REPOSITORY / ".gitattributes").read_bytes())
    run_git(tmp_path, "init", "--quiet")
    assert git.configure(tmp_path)
    nbformat.write(executed(), tmp_path / "a.ipynb")
    run_git(tmp_path, "add", "a.ipynb")
    run_git(tmp_path, "commit", "--quiet", "--message", "A notebook")
    return tmp_path


def test_a_commit_has_no_picture_and_the_working_copy_keeps_them(clone: Path) -> None:
    committed = nbformat.reads(run_git(clone, "show", "HEAD:a.ipynb"), as_version=4)
    assert "iVBOR" not in json.dumps(committed)
    assert committed.cells[2].outputs[0] == PRINTED
    assert nbformat.read(clone / "a.ipynb", as_version=4) == executed()
    assert run_git(clone, "status", "--short", "a.ipynb") == ""


def test_running_a_committed_notebook_again_is_no_change_and_new_prose_is(clone: Path) -> None:
    notebook = executed()
    for cell in notebook.cells[1:]:
        cell.execution_count = 1_000
    nbformat.write(notebook, clone / "a.ipynb")
    assert run_git(clone, "diff") == ""
    run_git(clone, "add", "a.ipynb")
    assert run_git(clone, "status", "--short", "a.ipynb") == ""
    notebook.cells[0].source = "# Une autre"
    nbformat.write(notebook, clone / "a.ipynb")
    shown = run_git(clone, "diff")
    assert "nbdiff" in shown
    assert "# Une autre" in shown
    assert "image/png" not in shown


def test_two_who_changed_different_cells_are_merged(clone: Path) -> None:
    for branch, number in (("left", 1), ("right", 2)):
        run_git(clone, "checkout", "--quiet", "-b", branch, "HEAD" if number == 1 else "left~1")
        notebook = executed()
        notebook.cells[number].source = f"show({number})"
        nbformat.write(notebook, clone / "a.ipynb")
        run_git(clone, "commit", "--quiet", "--all", "--message", branch)
    run_git(clone, "merge", "--quiet", "--no-edit", "left")
    merged = nbformat.reads(run_git(clone, "show", "HEAD:a.ipynb"), as_version=4)
    assert [cell.source for cell in merged.cells[1:]] == ["show(1)", "show(2)"]


def test_what_is_no_notebook_is_added_as_it_is_with_a_word(clone: Path) -> None:
    (clone / "b.ipynb").write_text("<<<<<<< left\n", encoding="utf-8")
    assert "filter" in run_git(clone, "add", "b.ipynb")
    assert run_git(clone, "show", ":b.ipynb") == "<<<<<<< left\n"


def test_git_is_set_up_once_and_not_outside_of_a_clone(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert not git.configure(clone)
    assert not git.configure(tmp_path_factory.mktemp("unzipped"))


@pytest.mark.parametrize(
    ("environment", "lang"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_interface_follows_the_locale(
    environment: dict[str, str], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert server.reader_language() == lang


def test_windows_names_french_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("locale.getlocale", lambda: ("French_France", "1252"))
    assert server.reader_language() == "fr"


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "nbdime" else object())
    with pytest.raises(UserError, match=r"\(nbdime\).*pip install -e '\.\[lab\]'"):
        server.require_extra()


@pytest.mark.parametrize(
    ("ip", "shared"),
    [("localhost", False), ("127.0.0.1", False), ("::1", False), ("0.0.0.0", True), ("", True), ("192.168.1.2", True)],  # noqa: S104
)
def test_what_other_machines_can_reach(ip: str, shared: bool) -> None:
    assert server.is_shared(SimpleNamespace(ip=ip, sock="")) is shared


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only POSIX knows root")
@pytest.mark.parametrize(("user", "allowed", "refused"), [(0, False, True), (0, True, False), (1000, False, False)])
def test_root_is_refused_unless_asked(user: int, allowed: bool, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert server.refuses_root(SimpleNamespace(allow_root=allowed)) is refused


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return copy_of_the_kit(tmp_path)


def status(url: str) -> int:
    try:
        return urllib.request.urlopen(url, timeout=10).status  # noqa: S310
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.slow
def test_nothing_written_has_the_token_and_only_this_machine_listens(kit: Path) -> None:
    with Lab(kit, "--", "--Application.log_level=INFO") as lab:
        token, url = lab.token, f"http://127.0.0.1:{lab.port}"
        assert status(f"{url}/lab?token={token}") == 200
        assert status(f"{url}/api/contents?token={token}") == 200
        assert status(f"{url}/api/contents?token=wrong") == 403
        assert (
            json.loads(next((kit / "home" / "runtime").glob("jpserver-*.json")).read_text())["hostname"] == "localhost"
        )
    log = lab.log.read_text(encoding="utf-8")
    assert "JupyterLab s’ouvre dans votre navigateur" in log
    assert "Deprecat" not in log
    assert "token=..." in log
    assert token not in log
    assert "ATTENTION" not in log
    assert token not in "".join(map(str, lab.process.args))


@pytest.mark.slow
def test_sharing_warns_and_asks_for_a_password(kit: Path) -> None:
    with Lab(kit, "--share", answers="un secret\nun secret\n") as lab:
        assert status(f"http://127.0.0.1:{lab.port}/api/contents") == 403
        token = lab.token
    log = " ".join(lab.log.read_text(encoding="utf-8").split())
    assert "ATTENTION : les autres machines du réseau" in log.replace("\N{NO-BREAK SPACE}", " ")
    assert "Rien n’est chiffré" in log
    assert "un secret" not in log
    assert token not in log


@pytest.mark.slow
def test_a_short_password_shares_nothing(kit: Path) -> None:
    with pytest.raises(AssertionError, match=r"8 caractères au moins\s: relancez"):
        Lab(kit, "--share", answers="court\ncourt\n").start()


def test_binder_builds_from_the_environment_of_conda() -> None:
    """The files that repo2docker would take instead of ``environment.yml``, or besides it."""
    names = {path.name for path in folders.REPOSITORY.iterdir()}
    before = {"binder", ".binder", "Dockerfile", "Pipfile", "Project.toml", "runtime.txt", "apt.txt", "install.R"}
    assert not names & before
    environment = yaml.safe_load((folders.REPOSITORY / "environment.yml").read_text(encoding="utf-8"))
    listed = [line for line in environment["dependencies"] if isinstance(line, str)]
    assert {line.split()[0] for line in listed} >= {"jupyterlab", "jupyter-collaboration", "nbdime"}
    assert any("-e ." in group["pip"] for group in environment["dependencies"] if isinstance(group, dict))
