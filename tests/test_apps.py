"""The notebooks as applications, without a browser: what a person is told, and the pages that Voilà makes itself."""

import os
import re
from importlib.util import find_spec
from pathlib import Path

import jinja2
import nbformat
import pytest
from typer.testing import CliRunner

from citydiplo import apps
from citydiplo.cli import app
from citydiplo.errors import UserError
from citydiplo.lab import server

OUTSIDE = re.compile(r"""(?:src|href)=["']?(?:https?:)?//|url\(|@import""")


def test_without_voila_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "find_spec", lambda name: None if name == "voila" else find_spec(name))
    for command in ("explore", "contribute"):
        result = CliRunner().invoke(app, [command])
        assert result.exit_code == 2
        assert re.search(r"\(voila\): run, .* -e '\.\[lab\]'$", result.stderr.strip())


def test_a_notebook_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.ipynb: install the kit from its repository"):
        apps.serve(tmp_path / "none.ipynb", "en", [])


def test_the_notebook_of_one_language_has_its_title_if_it_has_one() -> None:
    shown = apps.of_language(nbformat.read(apps.NOTEBOOKS / "07_explore.ipynb", 4), "en")
    assert shown.metadata.title == "Explore the partnerships"
    assert not any("Sans noyau" in cell.source or "Without a kernel" in cell.source for cell in shown.cells)
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    assert "title" not in apps.of_language(bare, "fr").metadata


@pytest.mark.parametrize("name", ["404.html", "error.html", "browser-open.html"])
def test_pages_without_a_notebook_ask_nothing_elsewhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = pytest.importorskip("voila.paths")
    monkeypatch.setenv("JUPYTER_PATH", os.fspath(apps.SHARE))
    found = paths.collect_template_paths(["voila", "nbconvert"], "citydiplo", prune=True)
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(found), extensions=["jinja2.ext.i18n"], autoescape=True)
    pages.install_null_translations()
    page = pages.get_template(name).render(status_code=404, base_url="/", open_url="http://127.0.0.1:8866/")
    assert not OUTSIDE.search(page.replace("http://127.0.0.1:8866/", "/"))
    assert "Ouvrir l’application" in page
    assert "Open the application" in page
