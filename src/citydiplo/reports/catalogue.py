"""What the site says of each collectivity and its reports, for its pages and for machines."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from citydiplo.collectivities import COMMUNE_STRATA, EPCI_KINDS, EPCI_STRATA, by_name, stratum
from citydiplo.language import Language
from citydiplo.profile import Profile, counts, stated
from citydiplo.spreadsheet import to_csv

# The size classes of the study for communes and for EPCI, put together: lower bound → code of one of their strata.
SIZES = {bound: code for bound, code in COMMUNE_STRATA.items() if bound < max(COMMUNE_STRATA)} | {
    bound: code for bound, code in EPCI_STRATA.items() if bound >= max(COMMUNE_STRATA)
}

COUNTS = ("facts", "partnerships", "networks", "recommendations", "missing")

# States of a report that a reader finds in the site, made now or before.
MADE = ("done", "skipped")


def size_label(code: str, language: Language) -> str:
    """The label of a code of `SIZES`."""
    vocabulary = "commune_stratum" if code in COMMUNE_STRATA.values() else "epci_stratum"
    return language.label(vocabulary, code)


def group(kind: str) -> str:
    """Whether a kind of collectivity is a ``commune``, an ``epci`` or an ``other`` one."""
    return "commune" if kind == "commune" else "epci" if kind in EPCI_KINDS else "other"


def summary(profiles: Sequence[Profile]) -> pd.DataFrame:
    """Count what is documented of each collectivity.

    Returns
    -------
    DataFrame
        Columns id, name, kind, group (see `group`), region, population, population_year, size (a code of `SIZES`; None
        where the population is not known), latitude, longitude, budget and staff (whether documented), and those of
        `profile.counts`; by name.
    """
    rows = [
        {
            "id": profile.city.id,
            "name": profile.city.name,
            "kind": profile.city.kind,
            "group": group(profile.city.kind),
            "region": profile.region,
            "population": profile.city.population,
            "population_year": profile.city.population_year,
            "latitude": profile.city.latitude,
            "longitude": profile.city.longitude,
            "budget": bool((profile.facts["theme"] == "budget").any()),
            "staff": bool((profile.facts["theme"] == "staff").any()),
        }
        | counts(profile)
        for profile in profiles
    ]
    table = pd.DataFrame(rows).sort_values(["name", "id"], key=by_name, ignore_index=True)
    table = table.astype({"population": "Int64", "population_year": "Int64"})
    size = stratum(table["population"], SIZES)
    return table.assign(size=size.astype(object).where(size.notna(), None))


def by_report(records: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """The record of each report by collectivity and language, missing values as None."""
    plain = records.astype(object).where(records.notna(), None)
    return {(row["collectivity_id"], row["lang"]): row for row in plain.to_dict("records")}


def state(record: Mapping[str, Any]) -> str:
    """What a reader finds: ``done``, whenever it was made, or else why there is none."""
    return "done" if record["state"] in MADE else record["state"]


def to_json(
    profiles: Sequence[Profile],
    records: pd.DataFrame,
    sources: pd.DataFrame,
    languages: Sequence[str],
    versions: Mapping[str, str],
    hashes: Mapping[str, str],
) -> str:
    """The site for machines, described in docs/site.md; without times, so that the same data give the same text.

    Parameters
    ----------
    profiles : list of Profile
    records : DataFrame
        See `citydiplo.reports.site.write_site`.
    sources : DataFrame
        The table sources.
    languages : list of {"fr", "en"}
    versions, hashes : dict
        Of the programs; of data, notebook and lock.
    """
    cited = {profile.city.id: _cited(profile) for profile in profiles}
    reports = by_report(records)
    rows = []
    for row in summary(profiles).to_dict("records"):
        rows.append(
            {
                "id": row["id"],
                "name": row["name"],
                "kind": row["kind"],
                "region": row["region"],
                "population": None if pd.isna(row["population"]) else int(row["population"]),
                "population_year": None if pd.isna(row["population_year"]) else int(row["population_year"]),
                "size": row["size"],
                "latitude": row["latitude"],
                "longitude": row["longitude"],
                "counts": {name: row[name] for name in COUNTS},
                "documented": {name: row[name] for name in ("budget", "staff")},
                "sources": cited[row["id"]],
                "reports": {
                    lang: _report(reports[row["id"], lang]) for lang in languages if (row["id"], lang) in reports
                },
            }
        )
    used = sources[sources["source_id"].isin(set().union(*cited.values()))]
    columns = ["source_id", "title", "publisher", "published", "url", "licence", "accessed"]
    described = used[columns].astype(object).where(used[columns].notna(), None)
    site = {
        "versions": dict(versions),
        "hashes": dict(hashes),
        "languages": list(languages),
        "collectivities": rows,
        "sources": described.to_dict("records"),
    }
    return json.dumps(site, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _cited(profile: Profile) -> list[str]:
    """The ids of the sources of what `profile.counts` counts."""
    frames = (stated(profile.facts), profile.partnerships, profile.memberships)
    return sorted(set().union(*(frame["source_id"].dropna() for frame in frames)))


def _report(record: Mapping[str, Any]) -> dict[str, Any]:
    found = {"state": state(record), "path": record["path"], "pdf": None, "sha256": None, "failure": record["kind"]}
    return found | {name: record[name] for name in ("pdf", "sha256")} if record["state"] in MADE else found


def to_spreadsheet(profiles: Sequence[Profile], records: pd.DataFrame, languages: Sequence[Language]) -> str:
    """The same as a table that a French spreadsheet opens: semicolons, a row a collectivity; see docs/site.md."""
    table = summary(profiles)
    reports = by_report(records)
    columns: dict[str, Any] = {"id": table["id"], "name": table["name"], "kind": table["kind"]}
    for language in languages:
        columns[f"kind_{language.code}"] = [language.label("collectivity_kind", kind) for kind in table["kind"]]
    for name in ("region", "population", "population_year", "size", *COUNTS):
        columns[name] = table[name]
    for name in ("budget", "staff"):
        columns[f"{name}_documented"] = table[name].astype(int)
    for language in languages:
        found = [reports.get((code, language.code)) for code in table["id"]]
        told = [_report(record) if record else {} for record in found]
        for name in ("state", "path", "pdf", "sha256"):
            columns[f"{name}_{language.code}"] = [report.get(name) for report in told]
    return to_csv(pd.DataFrame(columns), ";")
