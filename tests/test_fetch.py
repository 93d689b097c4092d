"""The query to Wikidata, asked of a server on this machine: patience with a busy one, refusal of half an answer."""

import datetime
import email.utils
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_server import Reply, Server, serving
from typer.testing import CliRunner

from citydiplo.cli import app
from citydiplo.errors import UserError
from citydiplo.imports import fetch, http
from citydiplo.imports.wikidata import USUAL_NAMES

ANSWER = (Path(__file__).parent / "fixtures" / "wikidata.json").read_bytes()
HTML = b"<html><head><title>Too many requests</title></head><body><h1>Slow down</h1></body></html>"


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.address += "/sparql"
        yield server


def ask(server: Server, folder: Path, *replies: Reply, **options: Any) -> tuple[Path, list[float]]:
    """Fetch from a server that gives these replies; return the answer and the waits between the tries."""
    server.replies[:] = replies
    waits: list[float] = []
    return fetch.fetch(folder, endpoint=server.address, wait=waits.append, **options), waits


def test_one_polite_request(server: Server, tmp_path: Path) -> None:
    path, waits = ask(server, tmp_path, Reply(ANSWER), contact="someone@example.org")
    assert path.read_bytes() == ANSWER
    assert waits == []
    (request,) = server.asked
    assert request["headers"]["User-Agent"].startswith("citydiplo/")
    assert "someone@example.org" in request["headers"]["User-Agent"]
    assert request["headers"]["Accept"] == "application/sparql-results+json"
    assert request["query"] == {"query": fetch.QUERY}
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.stem.endswith(datetime.date.today().isoformat())


def test_the_answer_is_kept_until_another_is_wanted(server: Server, tmp_path: Path) -> None:
    first, _ = ask(server, tmp_path, Reply(ANSWER))
    assert ask(server, tmp_path, Reply(ANSWER))[0] == first
    assert len(server.asked) == 1
    ask(server, tmp_path, Reply(ANSWER), refresh=True)
    assert len(server.asked) == 2


def test_another_query_is_another_answer(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = ask(server, tmp_path, Reply(ANSWER))
    monkeypatch.setattr(fetch, "QUERY", f"{fetch.QUERY}# changed\n")
    second, _ = ask(server, tmp_path, Reply(ANSWER))
    assert first != second
    assert len(server.asked) == 2


def test_compressed_answer(server: Server, tmp_path: Path) -> None:
    path, _ = ask(server, tmp_path, Reply(gzip.compress(ANSWER), headers={"Content-Encoding": "gzip"}))
    assert path.read_bytes() == ANSWER


def test_a_busy_server_is_asked_again_when_it_says(server: Server, tmp_path: Path) -> None:
    moment = email.utils.format_datetime(
        datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=90), usegmt=True
    )
    busy = [Reply(HTML, 429, {"Retry-After": "60"}), Reply(HTML, 503, {"Retry-After": moment}),
            Reply(HTML, 429, {"Retry-After": "soon"}), Reply(HTML, 502)]  # fmt: skip
    path, waits = ask(server, tmp_path, *busy, Reply(ANSWER))
    assert path.read_bytes() == ANSWER
    assert waits[0] == 60
    assert 80 < waits[1] <= 90
    assert waits[2:] == [20, 40]  # 5 seconds, doubled each time


def test_a_server_that_stays_down(server: Server, tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no answer .* in 5 tries \(last: 500 Internal Server Error\): try again later"
    ):
        ask(server, tmp_path, Reply(HTML, 500))
    assert len(server.asked) == http.TRIES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(HTML, 429, {"Retry-After": "3600"}), "asks to come back in 3600 seconds"),
        (Reply(b"MalformedQueryException: Encountered <b>x</b>", 400), "refuses the query: 400 Bad Request: Malformed"),
        (Reply(HTML, 403), "refuses the query: 403 Forbidden: Too many requests Slow down"),
        (Reply(HTML), "no results: Too many requests Slow down"),
        (Reply(b""), "no results (0 bytes)"),
        (Reply(ANSWER[:1500]), "an answer that is cut off (1500 bytes): try again later"),
        (Reply(ANSWER[:-2] + b"\njava.util.concurrent.TimeoutException"), "an answer that is cut off"),
        (Reply(b'{"boolean": true}'), 'no results: {"boolean": true}'),
        (Reply(b'{"head": {"vars": ["a"]}, "results": {"bindings": [{}]}}'), "results without originItem, originLabel"),
        (Reply(json.dumps({"head": {"vars": fetch.VARIABLES}, "results": {"bindings": []}}).encode()), "gave no rows"),
    ],
)
def test_answers_that_are_refused_at_once(server: Server, tmp_path: Path, reply: Reply, said: str) -> None:
    with pytest.raises(UserError) as caught:
        ask(server, tmp_path, reply)
    assert said in str(caught.value)
    assert server.address in str(caught.value)
    assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_connection_cut_in_the_middle_is_tried_again(server: Server, tmp_path: Path) -> None:
    path, waits = ask(server, tmp_path, Reply(ANSWER[:1500], length=len(ANSWER)), Reply(ANSWER))
    assert path.read_bytes() == ANSWER
    assert waits == [http.FIRST_WAIT]


def test_a_slow_server_is_not_waited_for(server: Server, tmp_path: Path) -> None:
    path, waits = ask(server, tmp_path, Reply(ANSWER, pause=30), Reply(ANSWER), timeout=0.2)
    assert path.read_bytes() == ANSWER
    assert waits == [http.FIRST_WAIT]


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no answer from"):
        fetch.fetch(tmp_path, endpoint="http://127.0.0.1:9/sparql", wait=lambda _: None)
    with pytest.raises(UserError, match="is not an address"):
        fetch.fetch(tmp_path, endpoint="file:///etc/passwd")


def test_the_import_knows_every_column_of_the_query() -> None:
    assert set(fetch.VARIABLES) <= {*USUAL_NAMES, "start", "end"}
    assert set(json.loads(ANSWER)["head"]["vars"]) == set(fetch.VARIABLES)


def test_the_query_narrows_to_nothing() -> None:
    properties = set(re.findall(r"P\d+", fetch.QUERY))
    assert {"P374", "P1616", "P190", "P580", "P582"} <= properties
    assert "P31" not in properties  # instance of


def test_command(server: Server, tmp_path: Path) -> None:
    server.replies[:] = [Reply(ANSWER)]
    arguments = ["fetch", "wikidata", "--endpoint", server.address, "--out", str(tmp_path / "out"), "--lang", "en"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "3 rows read" in result.output
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"partnerships.csv", "merged.csv", "set_aside.csv", "report.txt"} < names
    partnerships = (tmp_path / "out" / "partnerships.csv").read_text(encoding="utf-8-sig")
    assert f",{datetime.date.today().isoformat()}," in partnerships  # as of the day of the answer
    server.replies[:] = [Reply(HTML, 403)]
    refused = CliRunner().invoke(app, [*arguments, "--refresh"])
    assert refused.exit_code == 2
    assert "403 Forbidden" in refused.output
