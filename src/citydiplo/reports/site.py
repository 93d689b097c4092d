"""The site of the reports: an index to search, a page on the run, and the same for spreadsheets and programs."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import babel
import geopandas as gpd
import pandas as pd

from citydiplo.captions import Caption, source_line
from citydiplo.collectivities import by_name, fold
from citydiplo.data import Tables
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.profile import Profile, stated
from citydiplo.reports import catalogue
from citydiplo.reports.files import write_atomically
from citydiplo.reports.layout import ACCESSIBILITY, CATALOGUE, INDEX, RUN_PAGE, SPREADSHEET
from citydiplo.reports.link_map import link_map, ring_path
from citydiplo.reports.machine_paths import without_paths

TILES = ("done", "skipped", "failed")  # states that the run page counts; the others are unfinished


@dataclass(frozen=True)
class Run:
    """One run of the batch.

    Attributes
    ----------
    started, ended : str
        ISO 8601, UTC.
    versions : dict
        Name of a program → its version.
    data_hash, notebook_hash, lock_hash : str
    mode : str
        How the reports were isolated from each other: a code of report_isolation.
    jobs : int
        How many were made at once.
    """

    started: str
    ended: str
    versions: Mapping[str, str]
    data_hash: str
    notebook_hash: str
    lock_hash: str
    mode: str
    jobs: int


def write_site(
    folder: Path,
    profiles: Sequence[Profile],
    records: pd.DataFrame,
    run: Run,
    languages: Sequence[str],
    tables: Tables,
    boundaries: gpd.GeoDataFrame,
) -> None:
    """Write the index and the page on the run in each language, index.json and summary.csv; see docs/site.md.

    Parameters
    ----------
    folder : Path
        Where the reports are.
    profiles : list of Profile
        Of every collectivity of which there is a record, also where its reports failed.
    records : DataFrame
        A row a report: collectivity_id, name, lang, path and pdf (relative to the folder; pdf may be missing), state (a
        code of report_state), kind and error (why it failed), seconds, attempts, figures, bytes, sha256, ended (UTC).
    run : Run
    languages : list of {"fr", "en"}
    tables : dict
        From `data.load_tables`.
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    """
    hashes = {"data": run.data_hash, "notebook": run.notebook_hash, "lock": run.lock_hash}
    spoken = [Language.of(code, tables) for code in languages]
    files = {SPREADSHEET: catalogue.to_spreadsheet(profiles, records, spoken)}
    for language in spoken:
        files[INDEX[language.code]] = index(profiles, records, language, languages, tables["sources"], boundaries)
        files[RUN_PAGE[language.code]] = run_page(records, run, language, languages)
        files[ACCESSIBILITY[language.code]] = accessibility(language, languages)
    files[CATALOGUE] = catalogue.to_json(profiles, records, tables["sources"], languages, run.versions, hashes)
    for name, text in files.items():
        write_atomically(folder / name, text)


def index(
    profiles: Sequence[Profile],
    records: pd.DataFrame,
    language: Language,
    languages: Sequence[str],
    sources: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
) -> str:
    """The index page in one language, linking to the reports, and to the index in the other languages."""
    table = catalogue.summary(profiles)
    reports = catalogue.by_report(records)
    most = table.loc[table["facts"].idxmax()]
    drawn = link_map(table, boundaries)
    scope = language.text("index.scope", count=len(table))
    cited = [frame for profile in profiles for frame in (stated(profile.facts), profile.partnerships)]
    land = sources[sources["source_id"] == "natural-earth"]
    off = language.text("index.off_map", scope=scope, names=", ".join(drawn.off["name"]))
    said = {"name": most["name"], "facts": int(most["facts"])}
    reading = language.text("index.map_reading", **said)
    rows = [_row(row, reports, language, languages) for row in table.to_dict("records")]
    shown = {row["id"]: row for row in rows}
    regions = table["region"].drop_duplicates().sort_values(key=by_name)
    sizes = [code for code in catalogue.SIZES.values() if code in set(table["size"])]
    script = _file("index.js")
    marked = [shown[code]["state"] == "failed" for code in drawn.marks["id"]]
    return render(
        "index.html.j2",
        rows=rows,
        groups=[name for name in ("commune", "epci", "other") if (table["group"] == name).any()],
        regions={fold(name): name for name in regions},
        sizes={code: catalogue.size_label(code, language) for code in sizes},
        any_failed=any(row["state"] != "done" for row in rows),
        caption=Caption(language.text("index.reading", **said), scope, source_line(language, sources, *cited)),
        map=drawn,
        marks=[(shown[mark.id], ring_path(mark)) for mark in drawn.marks.itertuples()],
        map_caption=Caption(
            f"{reading} {language.text('index.map_failed')}" if any(marked) else reading,
            scope if drawn.off.empty else off,
            source_line(language, sources, *cited, land),
        ),
        css=_file("style.css"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        others=[code for code in languages if code != language.code],
        index=INDEX,
        run_page=RUN_PAGE[language.code],
        accessibility=ACCESSIBILITY[language.code],
        files=(CATALOGUE, SPREADSHEET),
        language=language,
    ).data


def accessibility(language: Language, languages: Sequence[str]) -> str:
    """The page that says for whom these pages were tested, and for whom they were not, in one language."""
    return render(
        "accessibility.html.j2",
        css=_file("style.css"),
        others=[code for code in languages if code != language.code],
        index=INDEX,
        page=ACCESSIBILITY,
        language=language,
    ).data


def _row(
    row: dict[str, Any],
    reports: Mapping[tuple[str, str], dict[str, Any]],
    language: Language,
    languages: Sequence[str],
) -> dict[str, Any]:
    """What the index says of a collectivity and of its report in one language, which may not have been made."""
    record = reports.get((row["id"], language.code), {"state": "queued", "path": None, "pdf": None})
    state = catalogue.state(record)
    others = {
        code: reports[row["id"], code]["path"]
        for code in languages
        if code != language.code and (row["id"], code) in reports
        if catalogue.state(reports[row["id"], code]) == "done"
    }
    facts = f"{language.number(row['facts'])} {language.text('brief.facts', count=row['facts'])}"
    kind = language.label("collectivity_kind", row["kind"])
    return row | {
        "kind": kind,
        "region_key": fold(row["region"]),
        "population": None if pd.isna(row["population"]) else int(row["population"]),
        "state": state,
        "path": record["path"] if state in {"done", "failed"} else None,
        "pdf": record["pdf"] if state == "done" else None,
        "others": others,
        "point": language.text("index.point", name=row["name"], kind=kind, facts=facts),
    }


def run_page(records: pd.DataFrame, run: Run, language: Language, languages: Sequence[str]) -> str:
    """What ran, when, with what, and what became of each report, in one language."""
    plain = records.astype(object).where(records.notna(), None)
    order = plain.assign(made=plain["state"].isin(catalogue.MADE), key=by_name(plain["name"]))
    rows = order.sort_values(["made", "key", "lang"], kind="stable").to_dict("records")
    for row in rows:
        row["language"] = babel.Locale(row["lang"]).get_display_name(language.code)
        row["error"] = without_paths(row["error"] or "")
    counts = {state: int((records["state"] == state).sum()) for state in TILES}
    counts["unfinished"] = len(records) - sum(counts.values())
    minutes, seconds = divmod(round((_moment(run.ended) - _moment(run.started)).total_seconds()), 60)
    first = {"name": rows[0]["name"], "lang": rows[0]["language"]} if rows else {}
    reading = language.text("run.reading", state=language.label("report_state", rows[0]["state"]), **first)
    return render(
        "run.html.j2",
        run=run,
        rows=rows,
        counts=counts,
        facts={
            language.text("run.started"): _written(run.started, language),
            language.text("run.ended"): _written(run.ended, language),
            language.text("run.duration"): language.text("run.duration_value", minutes=minutes, seconds=seconds),
            language.text("run.jobs"): language.number(run.jobs),
            language.text("run.mode"): language.label("report_isolation", run.mode),
        },
        caption=Caption(reading, language.text("run.scope", count=len(rows)), language.text("run.source")),
        css=_file("style.css"),
        others=[code for code in languages if code != language.code],
        index=INDEX,
        run_page=RUN_PAGE,
        language=language,
    ).data


@cache
def _file(name: str) -> str:
    return resources.files("citydiplo").joinpath("templates", name).read_text(encoding="utf-8")


def _moment(iso: str) -> datetime:
    return datetime.fromisoformat(iso)


def _written(iso: str, language: Language) -> str:
    """A moment as its readers write it, to the minute."""
    return language.text("run.moment", date=language.date(iso[:10]), time=f"{_moment(iso):%H:%M}")
