"""The section of a city report on its links abroad."""

from typing import Any

import geopandas as gpd
import pandas as pd
from IPython.display import HTML

from citydiplo import charts, maps
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.exhibits.position import position
from citydiplo.geography import NEAR_KM
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.profile import Profile, links
from citydiplo.sections import note, rows_of, sources_of


def partner_names(links: pd.DataFrame, language: Language) -> pd.Series:
    """The partners as French sources spell them, for French readers; else by their usual English names."""
    return links["name_fr"].fillna(links["place"]) if language.code == "fr" else links["place"]


def partnerships(profile: Profile, language: Language, boundaries: gpd.GeoDataFrame) -> HTML:
    """How complete the links abroad are, their map, table and timeline, their place among those of peers."""
    found = links(profile.partnerships)
    introduction = _introduction(profile, found, language)
    if found.empty:
        return introduction or note(language.text("partnerships.none"))
    found = found.assign(
        name=partner_names(found, language),
        country_name=found["country"].map(language.countries),
    )
    parts = [
        introduction,
        _map(profile, found, language, boundaries),
        _table(profile, found, language),
        _timeline(profile, found, language),
        position(profile, language),
        _common(profile, found, language),
    ]
    return HTML("\n".join(part.data for part in parts if part))


def _introduction(profile: Profile, found: pd.DataFrame, language: Language) -> HTML | None:
    """The facts on partnerships, how complete the list is, and how many of the partners announced are named."""
    rows = profile.facts[profile.facts["theme"] == "partnerships"]
    known = profile.coverage
    if rows.empty and known.empty:
        return None
    named = found.loc[found["partner_kind"] == "city", "place"].nunique()
    lines = []
    for _, row in known.iterrows():
        lines.append(
            language.text("partnerships.completeness", label=language.label("completeness", row["completeness"]))
        )
        lines.append(language.pick(row, "note"))
        if pd.notna(row["announced_total"]) and row["announced_total"] > named:
            lines.append(language.text("partnerships.gap", total=int(row["announced_total"]), count=named))
    return render("statements.html.j2", rows=rows_of(rows), coverage=" ".join(filter(None, lines)), language=language)


def _map(profile: Profile, found: pd.DataFrame, language: Language, boundaries: gpd.GeoDataFrame) -> HTML | None:
    located = found.dropna(subset=["latitude", "longitude"])
    places = located.drop_duplicates(["latitude", "longitude"])
    city = profile.city
    if places.empty or city.latitude is None or city.longitude is None:
        return None
    first = places.iloc[0]
    caption = Caption(
        language.text("partnerships.map_reading", name=first["name"]),
        language.text("partnerships.map_scope", count=len(places), total=len(found)),
        source_line(language, profile.sources, located, sources_of(profile, "geonames", "natural-earth")),
    )
    names = ", ".join(places["name"])
    alt = language.text("partnerships.map_alt", count=len(places), names=names)
    arcs = places.assign(home_longitude=city.longitude, home_latitude=city.latitude)
    return illustrate(maps.world_map(arcs, boundaries), alt, caption, language)


def _table(profile: Profile, found: pd.DataFrame, language: Language) -> HTML:
    first = found.iloc[0]
    kind = language.label("partnership_kind", first["kind"])
    located = found["distance_km"].notna().any()
    points = sources_of(profile, "geonames", "decoupage-administratif-2026") if located else profile.sources.iloc[:0]
    scope = language.text("partnerships.table_scope", count=len(found))
    caption = Caption(
        language.text("partnerships.table_reading", name=first["name"], kind=kind),
        f"{scope} {language.text('partnerships.distance_scope')}" if located else scope,
        source_line(language, profile.sources, profile.partnerships, points),
    )
    said = [row | {"years": _years(row, language)} for row in rows_of(profile.partnerships)]
    rows = [
        row | {"statements": [said[number] for number in row["statements"]], "where": _where(row, language)}
        for row in rows_of(found)
    ]
    distances = _distances(profile, language)
    return render("partnerships.html.j2", rows=rows, distances=distances, caption=caption, language=language)


def _where(row: dict[str, Any], language: Language) -> str:
    """The country of a partner, unless it is one, and its distance where it is located."""
    country = row["country_name"] if row["name"] != row["country_name"] else None
    far = row["distance_km"]
    distance = None if far is None else language.text("partnerships.distance", distance=round(far))
    return ", ".join(filter(None, [country, distance]))


def _distances(profile: Profile, language: Language) -> str | None:
    """How far the partners are, each place counted once."""
    own = profile.compared.loc[profile.city.id]
    located = int(own["located"])
    if not located:
        return None
    median = language.text("partnerships.distance", distance=round(own["median_km"]))
    near = language.text("partnerships.near", count=int(own["near"]), located=located, limit=NEAR_KM)
    return language.text("partnerships.distances", count=located, median=median, near=near)


def _years(row: dict[str, Any], language: Language) -> str:
    start, end = row["start_year"], row["end_year"]
    if start and end:
        return str(start) if start == end else language.text("partnerships.from_to", start=str(start), end=str(end))
    if start:
        return language.text("partnerships.since", start=str(start))
    return language.text("partnerships.until", end=str(end)) if end else language.text("partnerships.no_year")


def _timeline(profile: Profile, found: pd.DataFrame, language: Language) -> HTML | None:
    dated = found.dropna(subset="start_year").sort_values(["start_year", "name"]).reset_index(drop=True)
    if dated.empty:
        return None
    sources = profile.sources.set_index("source_id")
    as_of = dated["source_id"].map(sources["published"].fillna(sources["accessed"]).str[:4]).astype("Int64")
    dated = dated.assign(as_of=as_of.fillna(0).clip(lower=dated["start_year"]).astype(int))
    rows = ", ".join(f"{row['name']} ({_years(row, language)})" for row in rows_of(dated))
    first = dated.iloc[0]
    caption = Caption(
        language.text("partnerships.timeline_reading", name=first["name"], start=str(first["start_year"])),
        language.text("partnerships.timeline_scope", count=len(dated), total=len(found)),
        source_line(language, profile.sources, dated),
    )
    alt = language.text("partnerships.timeline_alt", count=len(dated), rows=rows)
    return illustrate(charts.timeline(dated), alt, caption, language)


# How many collectivities to talk to are listed.
MOST_COMMON = 6


def _common(profile: Profile, found: pd.DataFrame, language: Language) -> HTML | None:
    """Who else works with the same places: whom to talk to, as the study's recommendation 10 asks."""
    shared = profile.common[profile.common["places"].map(bool)]
    rows = shared.head(MOST_COMMON)
    if rows.empty:
        return None
    t, names = language.text, dict(zip(found["place"], found["name"], strict=True))
    places = [", ".join(names.get(place, place) for place in row) for row in rows["places"]]
    countries = [", ".join(sorted(language.countries.get(code, code) for code in row)) for row in rows["countries"]]
    table = pd.DataFrame(
        {t("common.name"): rows["collectivity"], t("common.places"): places, t("common.countries"): countries}
    )
    caption = Caption(
        t("common.reading", name=rows["collectivity"].iloc[0], places=places[0]),
        t("common.scope", count=len(shared)),
        source_line(language, profile.sources, profile.partnerships),
    )
    heading = render("heading.html.j2", text=t("common.heading"))
    return HTML(heading.data + tabulate(table, t("common.title"), caption, language).data)
