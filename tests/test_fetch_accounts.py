"""Balances of accounts asked of a server on this machine: the right question, and no half answer taken for a whole."""

import datetime
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from local_server import Reply, Server, serving
from typer.testing import CliRunner

from citydiplo import collectivities, data
from citydiplo.cli import app
from citydiplo.collectivities import Collectivity
from citydiplo.errors import UserError
from citydiplo.imports import fetch_accounts, http

HEAD = "exer;ident;ndept;lbudg;insee;cbudg;ctype;cstyp;nomen;siren;cregi;cacti;secteur;finess;codbud1;categ;bal;"
AMOUNTS = "bedeb;becre;obnetdeb;obnetcre;onbdeb;onbcre;oobdeb;oobcre;sd;sc\r\n"
TOWN = "2024;21930048000015;093;MONTREUIL;048;1;101;00;M57;219300480;011;40;;;;Commune;DEF;"
ZEROS = ";0.0;0.0;0.0;0.0;0.0;0.0\r\n"
ANSWER = (
    f"\N{BYTE ORDER MARK}{HEAD}fonction;compte;{AMOUNTS}"
    f"{TOWN}048;65748;0.0;0.0;1500.5;0.0{ZEROS}"
    f"{TOWN}020;64111;0.0;0.0;9000.0;0.0{ZEROS}"
).encode()
HTML = b"<html><head><title>Maintenance</title></head><body>Back soon</body></html>"
ERROR = b'{"error_code": "ODSQLError", "message": "Unknown field: siren"}'


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        server.address += "/api/explore/v2.1"
        yield server


@pytest.fixture(scope="module")
def montreuil(everyone: pd.DataFrame) -> Collectivity:
    return collectivities.find(everyone, "93048")


def ask(server: Server, folder: Path, city: Collectivity, *replies: Reply, **options: Any) -> tuple[Path, list[float]]:
    """Fetch the balance of 2024 from a server that gives these replies; return the answer and the waits."""
    server.replies[:] = replies
    waits: list[float] = []
    return fetch_accounts.fetch(folder, city, 2024, endpoint=server.address, wait=waits.append, **options), waits


def test_one_polite_request(server: Server, tmp_path: Path, montreuil: Collectivity) -> None:
    path, waits = ask(server, tmp_path, montreuil, Reply(ANSWER), contact="someone@example.org")
    assert path.read_bytes() == ANSWER
    assert waits == []
    (request,) = server.asked
    dataset = fetch_accounts.WITH_FUNCTIONS[2024]
    assert request["path"] == f"/api/explore/v2.1/catalog/datasets/{dataset}/exports/csv"
    assert request["query"] == {"where": 'siren="219300480"', "delimiter": ";"}
    assert request["headers"]["User-Agent"].startswith("citydiplo/")
    assert "someone@example.org" in request["headers"]["User-Agent"]
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.name.startswith("balance-219300480-2024-")
    assert path.stem.endswith(datetime.date.today().isoformat())


def test_the_data_set_of_each_year(everyone: pd.DataFrame, montreuil: Collectivity) -> None:
    metropole = collectivities.find(everyone, "200046977")
    assert fetch_accounts.dataset_of(montreuil, 2017) == "balances-comptables-des-communes-en-2017"
    assert fetch_accounts.dataset_of(metropole, 2017) == fetch_accounts.GROUPINGS
    assert fetch_accounts.dataset_of(montreuil, 2022) == fetch_accounts.dataset_of(metropole, 2022)
    assert len(set(fetch_accounts.WITH_FUNCTIONS.values())) == len(fetch_accounts.WITH_FUNCTIONS)


def test_a_data_set_of_many_years_is_asked_for_one(server: Server, tmp_path: Path, montreuil: Collectivity) -> None:
    ask(server, tmp_path, montreuil, Reply(ANSWER), dataset=fetch_accounts.GROUPINGS)
    assert server.asked[0]["query"]["where"] == 'siren="219300480" and exer="2024"'
    ask(server, tmp_path, montreuil, Reply(ANSWER), dataset="a/../b?c")
    assert server.asked[1]["path"].endswith("/datasets/a/../b?c/exports/csv")
    assert server.asked[1]["query"] == {"where": 'siren="219300480"', "delimiter": ";"}


def test_the_answer_is_kept_until_another_is_wanted(server: Server, tmp_path: Path, montreuil: Collectivity) -> None:
    first, _ = ask(server, tmp_path, montreuil, Reply(ANSWER))
    assert ask(server, tmp_path, montreuil, Reply(ANSWER))[0] == first
    assert len(server.asked) == 1
    ask(server, tmp_path, montreuil, Reply(ANSWER), refresh=True)
    assert ask(server, tmp_path, montreuil, Reply(ANSWER), dataset="another")[0] != first
    assert len(server.asked) == 3


def test_patience(server: Server, tmp_path: Path, montreuil: Collectivity) -> None:
    busy = [Reply(HTML, 429, {"Retry-After": "60"}), Reply(HTML, 503), Reply(ANSWER[:300], length=len(ANSWER))]
    packed = Reply(gzip.compress(ANSWER), headers={"Content-Encoding": "gzip"})
    path, waits = ask(server, tmp_path, montreuil, *busy, packed)
    assert path.read_bytes() == ANSWER
    assert waits == [60, 2 * http.FIRST_WAIT, 4 * http.FIRST_WAIT]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(ERROR, 400), 'refuses the query: 400 Bad Request: {"error_code": "ODSQLError"'),
        (Reply(b"", 404), "refuses the query: 404 Not Found"),
        (Reply(HTML, 429, {"Retry-After": "3600"}), "asks to come back in 3600 seconds"),
        (Reply(HTML), "it lacks exer, siren, nomen, compte, obnetdeb, obnetcre: Maintenance Back soon"),
        (Reply(ERROR), "the answer is no balance"),
        (Reply(b""), "the answer is no balance"),
        (Reply(b"\xff\xfe\x00"), "the answer is no CSV"),
        (Reply(gzip.compress(ANSWER)), "the answer is no CSV"),
        (Reply(ANSWER[: ANSWER.index(b"\n") + 1]), "no rows; are the accounts published yet?"),
        (Reply(ANSWER[:-30]), "an answer that is cut off"),
        (Reply(ANSWER[:-3]), "an answer that is cut off"),
        (Reply(ANSWER.replace(b";219300480;", b";219300481;", 1)), "rows of siren 219300481"),
        (Reply(ANSWER.replace(b"\n2024;", b"\n2023;", 1)), "rows of exer 2023"),
    ],
)
def test_answers_that_are_refused_at_once(
    server: Server, tmp_path: Path, montreuil: Collectivity, reply: Reply, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        ask(server, tmp_path, montreuil, reply)
    assert said in str(caught.value)
    assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_no_server_and_no_siren(tmp_path: Path, montreuil: Collectivity, everyone: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="no answer from"):
        fetch_accounts.fetch(tmp_path, montreuil, 2024, endpoint="http://127.0.0.1:9", wait=lambda _: None)
    with pytest.raises(UserError, match="is not an address"):
        fetch_accounts.fetch(tmp_path, montreuil, 2024, endpoint="file:///etc")
    without = everyone.index[everyone["siren"].isna()][0]
    with pytest.raises(UserError, match="has no SIREN"):
        fetch_accounts.fetch(tmp_path, collectivities.get(everyone, without), 2024)


def test_command(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYDIPLO_ACCOUNTS", str(tmp_path / "accounts"))
    server.replies[:] = [Reply(ANSWER)]
    arguments = ["fetch", "accounts", "--city", "Montreuil (93)", "--endpoint", server.address, "--lang", "en"]
    result = CliRunner().invoke(app, [*arguments, "--year", "2024"])
    assert result.exit_code == 0, result.output
    assert "MONTREUIL (219300480), 2024, balance of accounts, main budget → function 04: 1;" in result.output
    kept = data.load_accounts()
    assert kept["accounts"][["function", "nature", "amount"]].to_numpy().tolist() == [["048", "65748", 1500.5]]
    # One year fails: the other one is imported, and the command says so.
    server.replies[:] = [Reply(HTML, 403)]
    refused = CliRunner().invoke(app, [*arguments, "--year", "2023", "--year", "2024"])
    assert refused.exit_code == 2
    assert "403 Forbidden" in refused.output
    assert "read: 1" in refused.output
    assert len(server.asked) == 2
