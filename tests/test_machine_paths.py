"""What others read of a machine: no folder of it, and nothing else taken away."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citydiplo import folders
from citydiplo.reports.machine_paths import published, without_paths


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/srv/data/of/someone/facts.csv: no such file", "…/facts.csv: no such file"),
        (r"C:\Users\Zoé\kit\facts.csv", "…/facts.csv"),
        (r"C:\Users\Jean Dupont\kit\facts.csv: no such file", "…/facts.csv: no such file"),
        (r"'C:\\Users\\Jean Dupont\\kit\\facts.csv'", "'…/facts.csv'"),
        (r"C:\Program Files (x86)\Python 3\python.exe", "…/python.exe"),
        (r"\\?\C:\Users\Jean\x.csv", "…/x.csv"),
        (r"E:\données\relations.csv et autre", "…/relations.csv et autre"),
        ("/home/jean dupont/kit/facts.csv: no such file", "…/facts.csv: no such file"),
        ("/home/jean: disk full", "…: disk full"),
        ("'/home/jean dupont'", "'…'"),
        ("'/srv/données du service/relations.csv'", "'…/relations.csv'"),
        ("PosixPath('/media/zoé/Clé USB/x.csv')", "PosixPath('…/x.csv')"),
        ("//server/share/x", "…/x"),
        (r"\\server\share\dir\x.csv", "…/x.csv"),
        (r"'\\\\server\\share\\x y\\f.csv'", "'…/f.csv'"),
        ("file:///home/jean dupont/x.csv", "…/x.csv"),
        ("File \x1b[32m~/.pyenv/lib/pathlib.py:1058\x1b[39m, in read", "File …/pathlib.py:1058, in read"),
        ("\x1b[32m/srv/a/b.py:12\x1b[39m", "…/b.py:12"),
        ("PATH=/usr/local/bin:/usr/bin", "PATH=…/bin:…/bin"),
        ("/srv/data and/or data/facts.csv", "…/data and/or data/facts.csv"),
        ('in "/home/x and https://example.org/a"', 'in "… and https://example.org/a"'),
    ],
)
def test_folders_are_hidden(text: str, left: str) -> None:
    assert without_paths(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "see https://example.org/a/b(c)/d/e",
        f"see https://example.org{tempfile.gettempdir()}/x",
        "tcp://10.0.0.1:8786 and s3://bucket/a/b",
        "data:image/png;base64,iVBOR+/w0K/Ggo+/AAA/x",
        "data/facts.csv, line 3",
        "../data/facts.csv and ./x/y",
        "3/4 of 1/2, ~5/6/7, 24h/24, et/ou",
        "a / b / c, // a comment, '/' or '/x or /y'",
        "</p></div>",
        r"\d+/\w+",
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert without_paths(text) == text


@pytest.mark.parametrize("place", [Path.home(), Path(tempfile.gettempdir()), folders.REPOSITORY])
def test_what_follows_a_known_folder_stays(place: Path) -> None:
    assert without_paths(f"{place}/package/module.py, {place}: x") == "…/package/module.py, …: x"
    assert without_paths(f"file://{place}/package/module.py") == "…/package/module.py"
    assert without_paths(f"x{place}/y") == f"x{place}/y"  # of a relative path


WORD = st.text("abcdefghijkézAB019_-", min_size=1, max_size=6)
ROOTS = ("/", "/home/", "/Users/", "//", "~/", "C:\\", "C:\\Users\\", "D:/", "\\\\", "file:///", "\\\\?\\C:\\")


@given(st.text(st.characters(exclude_characters="/\\~\x1b")))
def test_text_without_strokes_is_left_alone(text: str) -> None:
    assert without_paths(text) == text


@given(st.lists(st.lists(WORD, min_size=1, max_size=4).map("/".join), min_size=1).map(" ".join))
def test_relative_paths_and_fractions_are_left_alone(text: str) -> None:
    assert without_paths(text) == text


@given(st.lists(st.text("abz019()_.-%~+é", min_size=1), min_size=1).map("/".join))
def test_addresses_are_left_alone(path: str) -> None:
    text = f"see https://example.org/{path} and 'http://example.org/{path}'"
    assert without_paths(text) == text


@given(st.sampled_from(ROOTS), st.lists(WORD, min_size=1, max_size=5))
def test_no_folder_of_a_path_is_left(root: str, words: list[str]) -> None:
    separator = "\\" if "\\" in root else "/"
    path = root + separator.join([*(f"SECRET{word}" for word in words), "facts.csv"])
    assert without_paths(f"ValueError: {path}: 3/4 of data/x") == "ValueError: …/facts.csv: 3/4 of data/x"
    assert without_paths(f"File {path!r}, line 3") == "File '…/facts.csv', line 3"


@given(st.sampled_from(ROOTS), st.lists(st.tuples(WORD, WORD).map(" ".join), min_size=1, max_size=5))
def test_names_of_two_words_are_hidden_in_quotes_and_below_homes(root: str, names: list[str]) -> None:
    separator = "\\" if "\\" in root else "/"
    path = root + separator.join([*names, "facts.csv"])
    assert without_paths(f"File {path!r}, line 3") == "File '…/facts.csv', line 3"
    if "\\" in root or root in ("/home/", "/Users/"):
        assert without_paths(f"{path}: no such file") == "…/facts.csv: no such file"


@given(st.text("ab/\\~:.'\" …", max_size=30))
def test_what_is_hidden_stays_as_it_is(text: str) -> None:
    assert len(without_paths(text)) <= len(text) + text.count("/") + text.count("\\")
    once = without_paths(text)
    assert without_paths(once) == once


def test_a_published_notebook_names_no_folder() -> None:
    image = "iVBOR+/w0K/Ggo+/AAA/x="
    html = "<img src='data:image/png;base64,iVBOR+/w0K/Ggo+/AAA/x='>"
    trace = ["\x1b[36mFile \x1b[39m\x1b[32m/home/jean dupont/kit/x.py:3\x1b[39m", "OSError: '/home/jean dupont/y.csv'"]
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "/srv/of/jean/lib/x.py:1: UserWarning"},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": image, "text/html": html}},
        {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "PosixPath('/srv/of/jean/x')"}},
        {"output_type": "error", "ename": "OSError", "evalue": "'/home/jean dupont/y.csv'", "traceback": trace},
    ]
    source = "read('/data/in/the/source.csv')"
    notebook = {
        "metadata": {"papermill": {"input_path": "/srv/of/jean/city_report.ipynb", "exception": None}},
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": source},
            {"cell_type": "code", "metadata": {"tags": ["x"]}, "source": source, "outputs": outputs},
        ],
        "nbformat": 4,
    }
    clean = published(notebook)
    assert "jean" not in str(clean)
    assert "jean" in str(notebook)  # the one given is as it was
    assert [cell["source"] for cell in clean["cells"]] == [source, source]
    stream, drawn, result, error = clean["cells"][1]["outputs"]
    assert stream["text"] == "…/x.py:1: UserWarning"
    assert drawn == outputs[1]
    assert result["data"] == {"text/plain": "PosixPath('…/x')"}
    assert (error["evalue"], error["traceback"]) == ("'…/y.csv'", ["File …/x.py:3", "OSError: '…/y.csv'"])
    assert clean["metadata"]["papermill"] == {"input_path": "…/city_report.ipynb", "exception": None}
    assert clean["nbformat"] == 4
