"""Two people in one notebook at once: JupyterLab in two browsers, one behind a cable that is cut."""

import contextlib
import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from lab_server import Cable, Lab, cable, copy_of_the_kit, write_notebook
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

SEED = 20_261_122
TYPED = 10
EDITS = 200
TOKEN = re.compile(r"[ab]\d{3};")

# What JupyterLab says when a kernel is restarted: its widgets ended with it.
RESTARTED = r"Comm not found for comm id [0-9a-f-]{36}$"

# What the browser says, and JupyterLab after it, while the server cannot be reached.
CUT_OFF = (
    r"WebSocket connection to 'ws://127\.0\.0\.1:\d+/api/[^']*' failed: "
    r"(.*net::ERR_\w+|Connection closed before receiving a handshake response)$|"
    r"Failed to load resource: net::ERR_\w+$|Failed to fetch$"
)

# The editor of one client. It edits the shared model, as the interface does, at random moments. Tokens like "a017;" are
# put where no other token is broken. Who added a cell moves it (deleting and inserting anew) or deletes it, and nobody
# else writes into it: what it held then counts as deleted.
EDITOR = """
({who, seed, first, count}) => {
  const notebook = jupyterapp.shell.currentWidget.content.model.sharedModel;
  const done = window.edits ??= {put: [], deleted: [], own: [], kinds: {}};
  let state = seed;
  const random = () => {  // mulberry32
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = n => Math.floor(random() * n);
  const name = number => who + String(number).padStart(3, '0') + ';';
  // Cells that both write into, and those that this client added; never what only the other may move.
  const open = () => notebook.cells.filter(cell => cell.id.startsWith('shared') || done.own.includes(cell.id));
  const index = id => notebook.cells.findIndex(cell => cell.id === id);
  const kinds = {
    insert(token) {
      const cells = open(), cell = cells[below(cells.length)], source = cell.getSource();
      const places = [0, ...[...source.matchAll(/;/g)].map(match => match.index + 1)];
      const place = places[below(places.length)];
      cell.updateSource(place, place, token);
      done.put.push(token);
    },
    remove(token) {
      const cells = open().filter(cell => /[ab]\\d{3};/.test(cell.getSource()));
      if (!cells.length) return kinds.insert(token);
      const cell = cells[below(cells.length)], found = [...cell.getSource().matchAll(/[ab]\\d{3};/g)];
      const match = found[below(found.length)];
      cell.updateSource(match.index, match.index + match[0].length, '');
      done.deleted.push(match[0]);
    },
    add(token) {
      const at = below(notebook.cells.length + 1), id = 'cell-' + token.slice(0, 4);
      notebook.insertCell(at, {cell_type: 'code', id, source: token, metadata: {}, outputs: [], execution_count: null});
      done.own.push(id);
      done.put.push(token);
    },
    move(token) {
      if (!done.own.length) return kinds.add(token);
      const from = index(done.own[below(done.own.length)]);
      notebook.moveCell(from, below(notebook.cells.length));
    },
    drop(token) {
      if (!done.own.length) return kinds.add(token);
      const [id] = done.own.splice(below(done.own.length), 1), at = index(id);
      done.deleted.push(...notebook.cells[at].getSource().match(/[ab]\\d{3};/g) ?? []);
      notebook.deleteCell(at);
    },
  };
  const steps = 'insert insert insert insert insert remove remove add add move move drop'.split(' ');
  window.editing = (async () => {
    for (let number = first; number < first + count; number++) {
      const kind = steps[below(steps.length)];
      kinds[kind](name(number));
      done.kinds[kind] = (done.kinds[kind] ?? 0) + 1;
      await new Promise(resolve => setTimeout(resolve, below(20)));
    }
  })();
  return null;
}
"""

CELLS = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => {
  const {id, cell_type, source, outputs} = cell.toJSON();
  return {id, cell_type, source: [source].flat().join(''), outputs: outputs ?? []};
})"""


class Client:
    """A reader with JupyterLab open on the notebook."""

    def __init__(self, browser: Browser, who: str, port: int, token: str, notebook: str) -> None:
        self.who = who
        self.page: Page = browser.new_context(locale="fr-FR").new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda line: self.said.append(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("websocket", lambda opened: self.asked.append(opened.url))
        self.page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/{notebook}?token={token}")

    def ready(self) -> None:
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.content?.model?.sharedModel?.cells?.length > 1",
            timeout=60_000,
        )
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.ready")

    def cells(self) -> list[dict[str, Any]]:
        return self.page.evaluate(CELLS)

    def begin(self, phase: int, first: int, count: int) -> None:
        seed = SEED + 10 * phase + (self.who == "b")
        self.page.evaluate(EDITOR, {"who": self.who, "seed": seed, "first": first, "count": count})

    def finish(self) -> None:
        self.page.evaluate("() => window.editing")

    def done(self) -> dict[str, Any]:
        return self.page.evaluate("() => window.edits")

    def caret(self, key: str) -> None:
        """Put the caret into the first cell, where a key leads."""
        self.page.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
        self.page.keyboard.press(key)


def type_in_turns(both: tuple[Client, Client], count: int) -> list[str]:
    """Type tokens into the first cell with the keyboard, a line each, now a key of the one, now one of the other."""
    lines = ["".join(f"{client.who}{number:03};" for number in range(count)) for client in both]
    for client, key in zip(both, ("Control+Home", "Control+End"), strict=True):
        client.caret(key)
    for keys in zip(*lines, strict=True):
        for client, key in zip(both, keys, strict=True):
            client.page.keyboard.press(key)
    return lines


def within(seconds: float, found: Callable[[], Any], expected: Callable[[Any], bool]) -> Any:
    """Wait until what is found is as expected, and return it."""
    deadline = time.monotonic() + seconds
    while not expected(value := found()):
        assert time.monotonic() < deadline, value
        time.sleep(0.1)
    return value


def on_disk(path: Path) -> list[dict[str, Any]]:
    """The cells of the file, in the form of CELLS; none while it is being written."""
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (nbformat.reader.NotJSONError, OSError):
        return []
    return [
        {key: cell[key] for key in ("id", "cell_type", "source")} | {"outputs": cell.get("outputs", [])}
        for cell in json.loads(json.dumps(cells))
    ]


def agree(alice: Client, bob: Client, path: Path) -> list[dict[str, Any]]:
    """Wait until both clients and the file hold the same cells."""
    cells, *_ = within(
        20, lambda: (alice.cells(), bob.cells(), on_disk(path)), lambda seen: seen[0] == seen[1] == seen[2]
    )
    return cells


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    return copy_of_the_kit(tmp_path)


@pytest.fixture
def lab(kit: Path, browser: Browser) -> Iterator[Lab]:
    with Lab(kit, "--", "--LabApp.expose_app_in_browser=True") as running:
        yield running
        for reader in browser.contexts:
            reader.close()


@pytest.fixture
def wire(lab: Lab) -> Iterator[Cable]:
    with cable(lab.port) as laid:
        yield laid


def restart_kernel(page: Page) -> None:
    """Restart the kernel: what it knew is gone. A question put while it comes back may be lost: it is put again."""
    seen = page.evaluate(
        """async () => {
          const context = jupyterapp.shell.currentWidget.sessionContext;
          const known = async code => {
            const asked = {code, store_history: false, user_expressions: {seen: "'seen' in globals()"}};
            const {content} = await context.session.kernel.requestExecute(asked).done;
            return content.user_expressions.seen.data['text/plain'];
          };
          const late = () => new Promise(resolve => setTimeout(resolve, 3000));
          const before = await known('seen = 1');
          await context.restartKernel();
          let after;
          for (let tries = 0; after === undefined && tries < 10; tries++) {
            after = await Promise.race([known(''), late()]);
          }
          return [before, after];
        }"""
    )
    assert seen == ["True", "False"]


def run_cell(page: Page, cell_id: str) -> None:
    page.evaluate(
        """async id => {
          const {content} = jupyterapp.shell.currentWidget;
          content.activeCellIndex = content.model.sharedModel.cells.findIndex(cell => cell.id === id);
          await jupyterapp.commands.execute('notebook:run-cell');
        }""",
        cell_id,
    )


def edit_at_once(both: tuple[Client, Client], phase: int, first: int, count: int) -> Iterator[None]:
    """Let both edit, and give way to what happens meanwhile."""
    for client in both:
        client.begin(phase, first, count)
    yield
    for client in both:
        client.finish()


meanwhile = contextlib.contextmanager(edit_at_once)


def check_nothing_lost(cells: list[dict[str, Any]], both: tuple[Client, Client], typed: list[str]) -> None:
    """Each token that was put and not deleted is there once, and nothing else."""
    done = [client.done() for client in both]
    for record in done:
        assert sum(record["kinds"].values()) + TYPED == EDITS
        assert set(record["kinds"]) == {"insert", "remove", "add", "move", "drop"}
    put = {token for record in done for token in record["put"]}.union(TOKEN.findall("".join(typed)))
    deleted = {token for record in done for token in record["deleted"]}
    written = "".join(cell["source"] for cell in cells if cell["id"] != "kernel")
    assert sorted(TOKEN.findall(written)) == sorted(put - deleted)
    assert "".join(TOKEN.findall(written)) == written.replace("\n", "", 1)
    assert len({cell["id"] for cell in cells}) == len(cells)


def check_quiet(client: Client, *expected: str) -> None:
    """Nothing unexpected in the console, nothing asked of another machine."""
    assert [line for line in client.said if not re.match("|".join(expected), line)] == []
    assert [url for url in client.asked if not re.match(r"(http|ws)://127\.0\.0\.1:|data:|blob:", url)] == []


def test_two_hundred_edits_each_with_a_restart_and_a_cut_lose_nothing(browser: Browser, lab: Lab, wire: Cable) -> None:
    path = lab.kit / "notebooks" / "together.ipynb"
    write_notebook(path, {"shared-0": "\n", "shared-1": "", "kernel": "print(1)"})
    alice = Client(browser, "a", lab.port, lab.token, path.name)
    bob = Client(browser, "b", wire.port, lab.token, path.name)
    both = (alice, bob)
    for client in both:
        client.ready()
    typed = type_in_turns(both, TYPED)
    assert agree(*both, path)[0]["source"] == "\n".join(typed)

    with meanwhile(both, 1, TYPED, 65):
        pass
    with meanwhile(both, 2, TYPED + 65, 55):
        restart_kernel(alice.page)
    check_quiet(bob, RESTARTED)
    wire.cut()
    with meanwhile(both, 3, TYPED + 120, 70):
        pass
    assert alice.cells() != bob.cells()
    wire.mend()
    agree(*both, path)
    run_cell(alice.page, "kernel")
    within(10, bob.cells, lambda cells: any(cell["outputs"] for cell in cells))

    cells = agree(*both, path)
    (run,) = (cell for cell in cells if cell["id"] == "kernel")
    assert run["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    check_nothing_lost(cells, both, typed)
    check_quiet(alice, RESTARTED)
    check_quiet(bob, RESTARTED, CUT_OFF)
    assert lab.token not in lab.log.read_text(encoding="utf-8")


SHARED = "jupyterapp.shell.currentWidget.content.model.sharedModel"


def test_a_server_that_dies_and_comes_back_loses_nothing_and_a_moved_cell_may(browser: Browser, kit: Path) -> None:
    """What docs/lab.md promises, and what it warns of; the history is squashed as it is when it is large."""
    path = kit / "notebooks" / "together.ipynb"
    write_notebook(path, {"first": "1", "second": "2", "third": "3"})
    options = ("--LabApp.expose_app_in_browser=True", "--History.cleanup_when_db_size_above=0.001")
    with Lab(kit, "--", *options) as lab, cable(lab.port) as wire:
        alice = Client(browser, "a", lab.port, lab.token, path.name)
        bob = Client(browser, "b", wire.port, lab.token, path.name)
        for client in (alice, bob):
            client.ready()

        for letter in "zyxwv":  # without a pause of a second
            alice.page.evaluate(f"() => {SHARED}.cells[0].updateSource(0, 0, '{letter}')")
            time.sleep(0.5)
        within(0.3, lambda: on_disk(path), lambda cells: cells and cells[0]["source"] != "1")
        database = kit / ".jupyter" / "ystore.db"
        assert [cell["source"] for cell in agree(alice, bob, path)] == ["vwxyz1", "2", "3"]
        within(20, lambda: time.time() - max(path.stat().st_mtime, database.stat().st_mtime), lambda age: age > 1)
        lab.kill()
        with contextlib.closing(sqlite3.connect(database)) as history:
            assert history.execute("SELECT count(*) FROM yupdates WHERE path LIKE '%notebook%'").fetchone()[0] <= 2
        alice.page.evaluate(f"() => {SHARED}.cells[0].updateSource(0, 0, 'a')")
        bob.page.evaluate(f"() => {SHARED}.cells[1].updateSource(0, 0, 'b')")
        lab.start()
        within(30, lambda: [alice.cells(), bob.cells()], lambda seen: seen[0] == seen[1])
        assert [cell["source"] for cell in agree(alice, bob, path)] == ["avwxyz1", "b2", "3"]

        wire.cut()
        bob.page.evaluate(f"() => {SHARED}.cells[2].updateSource(0, 0, 'lost')")
        alice.page.evaluate(f"() => {SHARED}.moveCell(2, 0)")
        time.sleep(0.5)
        wire.mend()
        within(30, bob.cells, lambda cells: cells[0]["id"] == "third")
        assert [cell["source"] for cell in agree(alice, bob, path)] == ["3", "avwxyz1", "b2"]
        for reader in browser.contexts:
            reader.close()
