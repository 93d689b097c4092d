"""The exhibits of the notebook on the geography of partnerships: what is known, how far, where and since when."""

import pandas as pd
from IPython.display import HTML

from citydiplo import geography, maps, partner_charts, partner_maps
from citydiplo.captions import Caption, illustrate, tabulate
from citydiplo.exhibits.selection import Selection
from citydiplo.sections import note

STEP_KM = 500  # of the histogram
MOST_NAMED = 15  # places that the alternative text of a map names
MOST_COUNTRIES = 15

# What each way of making classes (see `Selection.classes`) is called: its column, and the titles of its tables.
COLUMNS = {
    "kind": "partners.by_kind",
    "decade": "partners.by_decade",
    "size": "partners.by_size",
    "era": "partners.by_era",
    "un_region": "partners.by_un_region",
}
DISTANCES = {
    "kind": "partners.distances_title_kind",
    "decade": "partners.distances_title_decade",
    "size": "partners.distances_title_size",
    "era": "partners.distances_title_era",
    "un_region": "partners.distances_title_un_region",
}
CONCENTRATION = {
    "kind": "partners.concentration_title_kind",
    "decade": "partners.concentration_title_decade",
    "size": "partners.concentration_title_size",
}

# The lists of countries, in the order shown.
SCHEMES = ("continent", "european_union", "francophonie", "oda")


def _percent(selection: Selection, share: float) -> str:
    """A share in per cent; empty if missing, and never nought for what is not."""
    if pd.isna(share):
        return ""
    few = 0 < share < 0.005
    return (
        selection.language.text("partners.under_one")
        if few
        else selection.language.text("percent", value=round(100 * share))
    )


def _summed(selection: Selection, rows: pd.DataFrame, label: str) -> dict[str, object]:
    """What is known of some pairs, for a row of the overview."""
    t = selection.language.text
    return {
        t("partners.kind"): label,
        t("partners.pairs"): len(rows),
        t("partners.collectivities"): rows["collectivity_id"].nunique(),
        t("partners.countries"): rows["country"].nunique(),
        t("partners.dated"): int(rows["start_year"].notna().sum()),
        t("partners.located"): int(rows["distance_km"].notna().sum()),
    }


def overview(selection: Selection) -> HTML:
    """What is known, kind by kind and in all."""
    t = selection.language.text
    rows, names = selection.classes("kind")
    table = pd.DataFrame(
        [
            *(
                _summed(selection, rows[rows["class"] == code], label)
                for code, label in names.items()
                if code in set(rows["class"])
            ),
            _summed(selection, selection.distinct, t("partners.all")),
        ]
    )
    first = table.iloc[0]
    caption = Caption(
        t("partners.overview_reading", kind=first.iloc[0], pairs=int(first.iloc[1]), collectivities=int(first.iloc[2])),
        t("partners.overview_scope", rows=len(selection.chosen)),
        selection.cite(selection.chosen),
    )
    return tabulate(table, t("partners.overview_title"), caption, selection.language)


def links(selection: Selection, view: str) -> HTML:
    """A map of all pairs: ``world``, or ``europe`` and the Mediterranean."""
    t = selection.language.text
    pairs = partner_maps.named_pairs(selection.chosen, selection.chosen["name"])
    drawn = partner_maps.inside(pairs, view)
    if drawn.empty:
        return note(t("partners.none_on_map"))
    places = partner_maps.linked_places(drawn)
    first, named = places.iloc[0], places.head(MOST_NAMED)
    caption = Caption(
        t("partners.map_reading", name=first["name"], count=int(first["count"])),
        t("partners.map_scope", shown=len(drawn), total=len(pairs), scope=selection.scope),
        selection.cite(selection.distinct, *selection.drawn_with("geonames", "natural-earth")),
    )
    rows = [t("partners.map_row", name=row.name, count=row.count) for row in named.itertuples(index=False)]
    alt = t("partners.map_alt", places=len(places), shown=len(drawn), rows=", ".join(rows))
    drawing = partner_maps.links_map(
        pairs, selection.boundaries, view, t("partners.home"), lambda count: t("partners.circle", count=count)
    )
    return illustrate(drawing, alt, caption, selection.language)


def homes(selection: Selection) -> HTML:
    """A map of the collectivities, by their number of located pairs."""
    t = selection.language.text
    pairs = partner_maps.named_pairs(selection.chosen, selection.chosen["name"])
    points, outside = partner_maps.home_points(pairs)
    if points.empty:
        return note(t("partners.none_located"))
    first, named = points.iloc[0], points.head(MOST_NAMED)
    caption = Caption(
        t("partners.homes_reading", name=first["name"], count=int(first["count"])),
        t("partners.homes_scope", shown=len(points), outside=outside, scope=selection.scope),
        selection.cite(selection.distinct, *selection.drawn_with("geonames", "natural-earth")),
    )
    rows = [t("partners.homes_row", name=row.name, count=row.count) for row in named.itertuples(index=False)]
    alt = t("partners.homes_alt", shown=len(points), rows=", ".join(rows))
    return illustrate(maps.france_map(points, selection.boundaries), alt, caption, selection.language)


def histogram(selection: Selection) -> HTML:
    """The distances of all pairs."""
    t, number = selection.language.text, selection.language.number
    known = geography.distribution(selection.distinct["distance_km"])
    if not known.located:
        return note(t("partners.none_located"))
    marks = {
        t("partners.median_mark", km=round(known.median_km)): known.median_km,
        t("partners.mean_mark", km=round(known.mean_km)): known.mean_km,
    }
    share = _percent(selection, known.near_share)
    caption = Caption(
        t("partners.histogram_reading", near=known.near, located=known.located, share=share, limit=geography.NEAR_KM),
        t("partners.distance_scope", scope=selection.scope),
        selection.cite(selection.distinct),
    )
    drawing = partner_charts.histogram(
        selection.distinct["distance_km"].dropna(), STEP_KM, marks, (t("partners.km"), t("partners.pairs")), number
    )
    alt = t(
        "partners.histogram_alt",
        located=known.located,
        median=round(known.median_km),
        first=round(known.first_quartile_km),
        third=round(known.third_quartile_km),
        share=share,
        limit=geography.NEAR_KM,
    )
    return illustrate(drawing, alt, caption, selection.language)


def distances(selection: Selection, by: str) -> HTML:
    """How far partners are, class by class: see `Selection.classes`."""
    t = selection.language.text
    rows, names = selection.classes(by)
    found = geography.distributions(rows, ["class"]).set_index("class")
    if not found["located"].any():
        return note(t("partners.none_located"))
    found = found.reindex([*(code for code in names if code in found.index), *found.index[found.index.isna()]])
    table = pd.DataFrame(
        {
            t(COLUMNS[by]): [names.get(code, t("partners.not_documented")) for code in found.index],
            t("partners.pairs"): found["links"].array,
            t("partners.located"): found["located"].array,
            t("partners.first_quartile"): _rounded(found["first_quartile_km"]),
            t("partners.median"): _rounded(found["median_km"]),
            t("partners.third_quartile"): _rounded(found["third_quartile_km"]),
            t("partners.near", limit=geography.NEAR_KM): [_percent(selection, share) for share in found["near_share"]],
        }
    )
    first = table[found["located"].array > 0].iloc[0]
    caption = Caption(
        t("partners.distances_reading", label=first.iloc[0], median=int(first.iloc[4]), third=int(first.iloc[5])),
        t("partners.distances_scope", scope=selection.scope),
        selection.cite(rows),
    )
    return tabulate(table, t(DISTANCES[by]), caption, selection.language)


def _rounded(values: pd.Series) -> pd.array:
    return values.round().astype("Int64").array


def _decimals(selection: Selection, values: pd.Series, decimals: int) -> list[str]:
    """All with as many decimals, so that a column reads at a glance; empty where missing."""
    return ["" if pd.isna(value) else selection.language.number(value, decimals) for value in values]


def groups(selection: Selection) -> HTML:
    """The pairs by continent and by the lists of the EU, the Francophonie and the DAC."""
    t, written = selection.language.text, selection.language.date
    total = len(selection.distinct)
    parts = {selection.language.label("country_scheme", scheme): _bars(selection, scheme) for scheme in SCHEMES}
    bars = next(iter(parts.values()))
    label, count, _ = bars[0]
    lists = selection.tables["country_groups"]
    lists = lists[lists["scheme"].isin(SCHEMES)]
    dates = lists.groupby("scheme")["as_of"].agg(["min", "max"]).loc[list(SCHEMES)]
    dated = [
        t(
            "partners.dated_list",
            name=name,
            date=written(first) if first == last else t("partners.dates", first=written(first), last=written(last)),
        )
        for name, (first, last) in zip(parts, dates.itertuples(index=False), strict=True)
    ]
    caption = Caption(
        t("partners.groups_reading", label=label, count=count, total=total),
        t("partners.groups_scope", scope=selection.scope, lists=t("separator").join(dated)),
        selection.cite(lists, selection.distinct),
    )
    rows = [f"{head} – {label}: {note}" for head, part in parts.items() for label, _, note in part]
    alt = t("partners.groups_alt", rows=t("separator").join(rows))
    return illustrate(partner_charts.blocks(parts), alt, caption, selection.language)


def _bars(selection: Selection, scheme: str) -> list[tuple[str, int, str]]:
    """Label, number of pairs and note of each group of a list that has any."""
    rows, names = selection.classes(scheme)
    counts = rows["class"].value_counts()
    notes = {
        code: selection.language.text(
            "partners.count_note", count=int(counts[code]), share=_percent(selection, counts[code] / len(rows))
        )
        for code in counts.index
    }
    return [(label, int(counts[code]), notes[code]) for code, label in names.items() if code in counts.index]


def countries(selection: Selection) -> HTML:
    """The countries with most pairs."""
    t = selection.language.text
    counts = selection.distinct["country"].value_counts()
    if counts.empty:
        return note(t("partners.none_settled"))
    ranked = (
        counts.rename_axis("country")
        .reset_index(name="count")
        .sort_values(["count", "country"], ascending=[False, True])
    )
    shown = ranked.head(MOST_COUNTRIES)
    named = [selection.language.countries[code] for code in shown["country"]]
    notes = [
        t("partners.count_note", count=count, share=_percent(selection, count / counts.sum()))
        for count in shown["count"]
    ]
    bars = list(zip(named, shown["count"], notes, strict=True))
    heading = t("partners.countries_heading", count=len(shown), total=len(counts))
    caption = Caption(
        t("partners.countries_reading", country=named[0], count=int(shown["count"].iloc[0]), total=int(counts.sum())),
        t("partners.countries_scope", scope=selection.scope),
        selection.cite(selection.distinct),
    )
    alt = t("partners.countries_alt", rows=t("separator").join(f"{name} {note}" for name, _, note in bars))
    return illustrate(partner_charts.blocks({heading: bars}), alt, caption, selection.language)


def concentration(selection: Selection, by: str) -> HTML:
    """How far the pairs of each class concentrate on few countries."""
    t = selection.language.text
    rows, names = selection.classes(by)
    settled = rows[rows["country"].notna()]
    if settled.empty:
        return note(t("partners.none_settled"))
    found = geography.concentrations(settled, ["class"]).set_index("class")
    found = found.reindex([*(code for code in names if code in found.index), *found.index[found.index.isna()]])
    table = pd.DataFrame(
        {
            t(COLUMNS[by]): [names.get(code, t("partners.not_documented")) for code in found.index],
            t("partners.pairs"): found["links"].array,
            t("partners.countries"): found["countries"].array,
            t("partners.hhi"): _decimals(selection, found["hhi"], 3),
            t("partners.entropy"): _decimals(selection, found["entropy"], 2),
            t("partners.effective"): _decimals(selection, found["effective_shannon"], 1),
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t(
            "partners.concentration_reading",
            label=first.iloc[0],
            pairs=int(first.iloc[1]),
            countries=int(first.iloc[2]),
            effective=first.iloc[5],
        ),
        t("partners.concentration_scope", scope=selection.scope),
        selection.cite(rows),
    )
    return tabulate(table, t(CONCENTRATION[by]), caption, selection.language)


def decades(selection: Selection) -> HTML:
    """When the pairs that are dated began."""
    t = selection.language.text
    dated = selection.distinct.dropna(subset="decade")
    if dated.empty:
        return note(t("partners.none_dated"))
    twinned = dated["kind"].eq("twinning").map({True: "twinning", False: "other"})
    counts = pd.crosstab(dated["decade"].astype(int), twinned).reindex(columns=["twinning", "other"], fill_value=0)
    counts = counts.reindex(range(counts.index.min(), counts.index.max() + 10, 10), fill_value=0)
    names = [selection.language.label("partnership_kind", "twinning"), t("partners.other_kinds")]
    peak = int(counts.sum(axis="columns").idxmax())
    numbers = {
        "decade": str(peak),
        "count": int(counts.loc[peak].sum()),
        "twinnings": int(counts.loc[peak, "twinning"]),
    }
    caption = Caption(
        t("partners.decades_reading", **numbers),
        t("partners.decades_scope", dated=len(dated), pairs=len(selection.distinct)),
        selection.cite(dated),
    )
    rows = [
        t("partners.decades_row", decade=str(decade), twinnings=int(row["twinning"]), others=int(row["other"]))
        for decade, row in counts.iterrows()
    ]
    alt = t("partners.decades_alt", rows=t("separator").join(rows))
    return illustrate(partner_charts.stacks(counts, names, t("partners.pairs")), alt, caption, selection.language)
