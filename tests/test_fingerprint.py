"""What a report depends on: its profile, whose fingerprint changes with every cell, and with nothing else."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from test_sections import everything, shown

from citydiplo import collectivities, data
from citydiplo.account_records import records
from citydiplo.data import Tables
from citydiplo.digest import digest
from citydiplo.language import Language
from citydiplo.profile import Profile, build, fingerprint

ProfileOf = Callable[[str], Profile]

# Of every kind: many links, few, none; an EPCI, an overseas commune, a département.
RENDERED = ("13055", "35238", "49007", "76351", "200046977", "97209", "dep-62")


def other(cell: Any, dtype: Any) -> st.SearchStrategy[Any]:
    """Another value for a cell of a column, or none where it had one."""
    lacks = not isinstance(cell, list | tuple) and bool(pd.isna(cell))
    gone = [] if lacks or dtype in ("bool", "int64") else [None]
    if isinstance(cell, list | tuple):
        return st.just(type(cell)([*cell, cell[0] if cell else "x"]))
    if dtype == "bool":
        return st.just(not cell)
    if pd.api.types.is_numeric_dtype(dtype):
        numbers = st.floats(-1e6, 1e6) if dtype == "float64" else st.integers(-(10**6), 10**6)
        return st.one_of(numbers.filter(lambda number: lacks or number != cell), *map(st.just, gone))
    return st.one_of(st.text().filter(lambda text: text != cell), *map(st.just, gone))


def with_cell(frame: pd.DataFrame, row: int, column: int, value: Any) -> pd.DataFrame:
    """The frame with another cell, its types kept."""
    name = frame.columns[column]
    cells = frame[name].astype(object).tolist()
    cells[row] = value
    return frame.assign(**{name: pd.Series(cells, index=frame.index, dtype=frame[name].dtype)})


@pytest.fixture(scope="module")
def rennes(profile_of: ProfileOf) -> Profile:
    return profile_of("Rennes")


@settings(deadline=None)
@given(draw=st.data())
def test_every_cell_counts(rennes: Profile, draw: st.DataObject) -> None:
    frames = {name: frame for name, frame in shown(rennes) if len(frame)}
    name = draw.draw(st.sampled_from(sorted(frames)))
    frame = frames[name]
    row, column = (draw.draw(st.integers(0, size - 1)) for size in frame.shape)
    cell = draw.draw(other(frame.iloc[row, column], frame.dtypes.iloc[column]))
    changed = with_cell(frame, row, column, cell)
    assume(not changed.equals(frame))
    assert changed.dtypes.equals(frame.dtypes)
    assert fingerprint(dataclasses.replace(rennes, **{name: changed})) != fingerprint(rennes)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.iloc[::-1],
        lambda frame: frame.reset_index(drop=True),
        lambda frame: frame[["b", "a"]],
        lambda frame: frame.astype({"a": "Int64"}),
        lambda frame: frame.rename(columns={"a": "c"}),
        lambda frame: frame.assign(b=["x", ""]),
        lambda frame: frame.assign(b=["nan", "nan"]),
        lambda frame: frame.iloc[:1],
        lambda frame: frame.iloc[:0],
    ],
)
def test_order_types_index_and_missing_cells_count(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": pd.Series(["x", None], index=[5, 4], dtype="str")}, index=[5, 4])
    assert digest(change(frame)) != digest(frame)
    assert digest(frame.copy()) == digest(frame)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_texts_are_not_run_together(one: list[str], two: list[str]) -> None:
    frames = [pd.DataFrame({"a": pd.Series(texts, dtype="str")}) for texts in (one, two)]
    assert (digest(frames[0]) == digest(frames[1])) == (one == two)


def test_values_of_a_profile_beside_its_frames_count(rennes: Profile) -> None:
    profile = rennes
    for field, value in (("region", "x"), ("department", None), ("epci", None)):
        assert fingerprint(dataclasses.replace(profile, **{field: value})) != fingerprint(profile)
    city = dataclasses.replace(profile.city, latitude=0.0)
    assert fingerprint(dataclasses.replace(profile, city=city)) != fingerprint(profile)


def test_another_process_finds_the_same(profile_of: ProfileOf) -> None:
    code = (
        "from citydiplo import collectivities as c, data; from citydiplo.profile import build, fingerprint\n"
        "t = data.load_tables(); e = c.directory(t)\n"
        "print(*(fingerprint(build(c.get(e, i), e, t, data.load_accounts())) for i in ('35238', '13055')))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    assert said.stdout.split() == [fingerprint(profile_of(code)) for code in ("35238", "13055")]


def test_building_twice_gives_the_same(profile_of: ProfileOf) -> None:
    assert fingerprint(profile_of("Marseille")) == fingerprint(profile_of("Marseille"))


# What depends on what


def test_accounts_of_others_do_not_count(tables: Tables, everyone: pd.DataFrame) -> None:
    accounts = {
        name: pd.DataFrame({"siren": ["1", "2"], "amount": [5.0, 6.0]})
        for name in ("accounts", "account_totals", "subsidies")
    }
    found = records(["1"], everyone, tables, accounts)
    later = records(["1"], everyone, tables, {name: with_cell(table, 1, 1, 7.0) for name, table in accounts.items()})
    mine = records(["1"], everyone, tables, {name: with_cell(table, 0, 1, 7.0) for name, table in accounts.items()})
    assert digest(found) == digest(later) != digest(mine)
    assert len(found.tables["price_index"]) == len(tables["price_index"])
    assert records(["3"], everyone, tables, accounts).empty
    assert records(["3"], everyone, tables, accounts).tables == {}


@pytest.fixture(scope="module")
def studied(tables: Tables) -> list[str]:
    listed = tables["collectivities"]
    ids = listed.loc[listed["study_role"].notna(), "collectivity_id"]
    return list(dict.fromkeys([*ids, *RENDERED]))


def profiles(tables: Tables, studied: list[str]) -> dict[str, Profile]:
    everyone = collectivities.directory(tables)
    accounts = data.load_accounts()
    return {code: build(collectivities.get(everyone, code), everyone, tables, accounts) for code in studied}


@pytest.fixture(scope="module")
def before(tables: Tables, studied: list[str]) -> dict[str, Profile]:
    return profiles(tables, studied)


@pytest.fixture(scope="module")
def pages(before: dict[str, Profile], tables: Tables) -> dict[tuple[str, str], str]:
    return rendered(before, tables)


def rendered(found: dict[str, Profile], tables: Tables) -> dict[tuple[str, str], str]:
    languages = [Language.of(code, tables) for code in ("fr", "en")]
    return {(code, each.code): everything(found[code], each) for code in RENDERED for each in languages}


def edited(tables: Tables, table: str, column: str, value: Any, **where: str) -> Tables:
    """The tables with one row of one changed: the first with some cells."""
    frame = tables[table].copy()
    chosen = pd.Series(True, index=frame.index)
    for name, wanted in where.items():
        chosen &= frame[name] == wanted
    frame.loc[chosen.idxmax(), column] = value
    assert not frame.equals(tables[table])
    return tables | {table: frame}


def citing(source_id: str) -> Callable[[Profile], bool]:
    return lambda profile: source_id in set(profile.sources["source_id"])


def is_one_of(*codes: str) -> Callable[[Profile], bool]:
    return lambda profile: profile.city.id in codes


def never(_profile: Profile) -> bool:
    return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column", "value", "where", "expected"),
    [
        ("facts", "statement_fr", "Autre phrase.", {"collectivity_id": "35238"}, is_one_of("35238")),
        ("partnership_coverage", "note_fr", "Autre note.", {"collectivity_id": "13055"}, is_one_of("13055")),
        ("sources", "title", "Autre titre", {"source_id": "marseille-bilan-2025"}, citing("marseille-bilan-2025")),
        ("sources", "short", "Autre nom", {"source_id": "geonames"}, citing("geonames")),
        ("checklist", "question_fr", "Autre question ?", {}, None),
        ("partnerships", "place", "Elsewhere", {"collectivity_id": "49007"}, None),
        ("partnerships", "latitude", 10.0, {"collectivity_id": "35238"}, None),
        ("memberships", "role", "presides", {"collectivity_id": "13055"}, is_one_of("13055")),
        ("communes", "population", 300_001, {"insee": "35238"}, None),
        ("price_index", "value", 1.0, {}, never),  # nothing is imported
        ("account_codes", "label_fr", "Autre libellé", {}, never),
    ],
)
def test_what_a_change_changes(
    table: str,
    column: str,
    value: Any,
    where: dict[str, str],
    expected: Callable[[Profile], bool] | None,
    tables: Tables,
    studied: list[str],
    before: dict[str, Profile],
    pages: dict[tuple[str, str], str],
) -> None:
    changed = edited(tables, table, column, value, **where)
    after = profiles(changed, studied)
    other = {code for code in studied if fingerprint(after[code]) != fingerprint(before[code])}
    if expected:
        assert other == {code for code in studied if expected(before[code])}
    else:
        assert other
    # The labels and names of countries are a part of the language, which is the same in all reports.
    again = rendered(after, tables)
    assert {code for code, lang in pages if again[code, lang] != pages[code, lang]} <= other


@pytest.mark.slow
def test_a_partnership_concerns_those_it_is_compared_and_shared_with(
    tables: Tables, studied: list[str], before: dict[str, Profile]
) -> None:
    changed = edited(tables, "partnerships", "place", "Elsewhere", collectivity_id="49007")
    after = profiles(changed, studied)
    other = {code for code in studied if fingerprint(after[code]) != fingerprint(before[code])}
    concerned = {
        code
        for code, profile in before.items()
        if "49007" in {code, *profile.compared.index, *profile.common["collectivity_id"]}
    }
    assert {"49007"} < other <= concerned < set(studied)
