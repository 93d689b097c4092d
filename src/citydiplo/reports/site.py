"""The index of the reports: a searchable table and a map, in each language."""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import geopandas as gpd
import pandas as pd

from citydiplo import maps
from citydiplo.captions import Caption, illustrate, source_line
from citydiplo.collectivities import by_name
from citydiplo.data import Tables
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.profile import Profile, counts, stated
from citydiplo.reports.files import slug, write_atomically

INDEX = {"fr": "index.html", "en": "index.en.html"}


def summary(profiles: Sequence[Profile]) -> pd.DataFrame:
    """Count what is documented of each collectivity.

    Returns
    -------
    DataFrame
        Columns name, slug, kind, region, population, latitude, longitude, budget and staff (whether documented), and
        those of `profile.counts`; by name.
    """
    rows = [
        {
            "name": profile.city.name,
            "slug": slug(profile.city),
            "kind": profile.city.kind,
            "region": profile.region,
            "population": profile.city.population,
            "latitude": profile.city.latitude,
            "longitude": profile.city.longitude,
            "budget": bool((profile.facts["theme"] == "budget").any()),
            "staff": bool((profile.facts["theme"] == "staff").any()),
        }
        | counts(profile)
        for profile in profiles
    ]
    return pd.DataFrame(rows).sort_values("name", key=by_name, ignore_index=True)


def map_points(table: pd.DataFrame) -> pd.DataFrame:
    """Gather the collectivities of one point (a city and its EPCI) under the first name.

    Returns
    -------
    DataFrame
        Columns latitude, longitude, name and size (area of the point, growing with the number of facts).
    """
    communes_first = table.sort_values("kind", key=lambda kinds: kinds != "commune", kind="stable")
    places = communes_first.groupby(["latitude", "longitude"], as_index=False, sort=False)
    points = places.agg(name=("name", "first"), facts=("facts", "sum"))
    return points.assign(size=18 + 5 * points["facts"])


def write_index(
    folder: Path, profiles: Sequence[Profile], languages: Sequence[str], tables: Tables, boundaries: gpd.GeoDataFrame
) -> None:
    """Write the index in each language."""
    for code in languages:
        page = index(profiles, Language.of(code, tables), languages, tables["sources"], boundaries)
        write_atomically(folder / INDEX[code], page)


def index(
    profiles: Sequence[Profile],
    language: Language,
    languages: Sequence[str],
    sources: pd.DataFrame,
    boundaries: gpd.GeoDataFrame,
) -> str:
    """The index page in one language, linking to the index in the others."""
    table = summary(profiles)
    places = map_points(table)
    most = table.loc[table["facts"].idxmax()]
    cited = [frame for profile in profiles for frame in (stated(profile.facts), profile.partnerships)]
    boundaries_source = sources[sources["source_id"] == "natural-earth"]
    scope = language.text("index.scope", count=len(table))
    picture = illustrate(
        maps.france_map(places, boundaries),
        language.text("index.map_alt", count=len(places)),
        Caption(
            language.text("index.map_reading", name=most["name"], facts=int(most["facts"])),
            scope,
            source_line(language, sources, *cited, boundaries_source),
        ),
        language,
    )
    folder = resources.files("citydiplo") / "templates"
    script = (folder / "index.js").read_text(encoding="utf-8")
    return render(
        "index.html.j2",
        rows=table.to_dict("records"),
        caption=Caption(
            language.text("index.reading", name=most["name"], facts=int(most["facts"])),
            scope,
            source_line(language, sources, *cited),
        ),
        picture=picture.data,
        css=(folder / "style.css").read_text(encoding="utf-8"),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
        others=[code for code in languages if code != language.code],
        index=INDEX,
        language=language,
    ).data
