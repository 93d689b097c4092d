"""The exhibits of the notebook on the geography of partnerships: partners in common, and what is not known."""

import pandas as pd
from IPython.display import HTML

from citydiplo import common_partners, coverage, data, geography, partner_charts
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.exhibits.selection import Selection, known_sources
from citydiplo.sections import note

MOST_ROWS = 15


def shared_places(selection: Selection) -> HTML:
    """The places with which most collectivities work."""
    t = selection.language.text
    rows = selection.distinct[selection.distinct["partner_kind"].isin(common_partners.PLACES)]
    rows = rows.assign(key=geography.places(rows)).sort_values("collectivity")
    found = rows.groupby("key").agg(
        name=("name", "first"),
        country=("country", "first"),
        count=("collectivity_id", "nunique"),
        who=("collectivity", ", ".join),
    )
    found = found[found["count"] > 1].sort_values(["count", "name"], ascending=[False, True])
    if found.empty:
        return note(t("shared.none"))
    shown = found.head(MOST_ROWS)
    table = pd.DataFrame(
        {
            t("partners.partner"): shown["name"],
            t("partners.country"): shown["country"].map(selection.language.countries),
            t("partners.collectivities"): shown["count"],
            t("shared.who"): shown["who"],
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t("shared.places_reading", name=first.iloc[0], count=int(first.iloc[2]), who=first.iloc[3]),
        t("shared.places_scope", shown=len(shown), count=len(found), scope=selection.scope),
        selection.cite(rows[rows["key"].isin(shown.index)]),
    )
    return tabulate(table, t("shared.places_title"), caption, selection.language)


def shared_pairs(selection: Selection) -> HTML:
    """The collectivities that have most places in common, two by two."""
    t = selection.language.text
    found = common_partners.pairs_in_common(selection.distinct)
    if found.empty:
        return note(t("shared.none"))
    shown = found.head(MOST_ROWS)
    names = dict(zip(selection.distinct["place"], selection.distinct["name"], strict=True))
    table = pd.DataFrame(
        {
            t("shared.pair"): [t("shared.two", one=row.collectivity, other=row.other) for row in shown.itertuples()],
            t("shared.count"): [len(places) for places in shown["places"]],
            t("shared.places"): [", ".join(sorted(names[place] for place in places)) for places in shown["places"]],
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t("shared.pairs_reading", pair=first.iloc[0], count=int(first.iloc[1]), places=first.iloc[2]),
        t("shared.pairs_scope", shown=len(shown), count=len(found), scope=selection.scope),
        selection.cite(selection.distinct),
    )
    return tabulate(table, t("shared.pairs_title"), caption, selection.language)


def completeness(selection: Selection) -> HTML:
    """How complete what the register has of each collectivity is."""
    t = selection.language.text
    known = selection.tables["partnership_coverage"]
    counts = known["completeness"].value_counts()
    names = {code: label for code, label in selection.names("completeness").items() if code in counts.index}
    listed = known.groupby("completeness")["collectivity"].agg(", ".join)
    table = pd.DataFrame(
        {
            t("coverage.completeness"): list(names.values()),
            t("partners.collectivities"): [int(counts[code]) for code in names],
            t("coverage.which"): [listed[code] for code in names],
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t("coverage.completeness_reading", label=first.iloc[0], count=int(first.iloc[1]), names=first.iloc[2]),
        t("coverage.completeness_scope", count=len(known)),
        selection.cite(known.dropna(subset="source_id"), selection.distinct),
    )
    return tabulate(table, t("coverage.completeness_title"), caption, selection.language)


def announced(selection: Selection) -> HTML:
    """How many of the partners that a source counts are found, city by city."""
    t = selection.language.text
    known = selection.tables["partnership_coverage"].dropna(subset="announced_total")
    register = geography.once(selection.tables["partnerships"])
    found = register[register["partner_kind"] == "city"]["collectivity_id"].value_counts()
    known = known.assign(found=known["collectivity_id"].map(found).fillna(0).astype(int))
    known = known.sort_values(["announced_total", "collectivity"], ascending=[False, True])
    totals = known["announced_total"].astype(int).tolist()
    notes = [t("coverage.of", found=count, total=total) for count, total in zip(known["found"], totals, strict=True)]
    first = known.iloc[0]
    caption = Caption(
        t("coverage.announced_reading", name=first["collectivity"], total=totals[0], found=int(first["found"])),
        t("coverage.announced_scope", count=len(known)),
        selection.cite(known),
    )
    rows = [
        t("coverage.announced_row", name=name, note=said)
        for name, said in zip(known["collectivity"], notes, strict=True)
    ]
    names = t("coverage.found"), t("coverage.announced")
    drawing = partner_charts.gaps(known["collectivity"].tolist(), known["found"].tolist(), totals, notes, names)
    return illustrate(drawing, t("coverage.announced_alt", rows=t("separator").join(rows)), caption, selection.language)


def statements(selection: Selection) -> HTML:
    """How many pairs each sort of source states, and how many two or more do."""
    t = selection.language.text
    told = coverage.stated(selection.chosen, selection.tables["sources"])
    counts = coverage.by_city(told).set_index("collectivity_id")
    sorts = [sort for sort in selection.names("publisher_kind") if sort in counts.columns]
    names = selection.chosen.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"]
    counts = counts.sort_values("places", ascending=False, kind="stable").head(MOST_ROWS)
    table = pd.DataFrame({t("partners.collectivity"): names[counts.index].array})
    for sort in sorts:
        table[selection.language.label("publisher_kind", sort)] = counts[sort].array
    table[t("coverage.all_places")] = counts["places"].array
    table[t("coverage.shared")] = counts["shared"].array
    first = table.iloc[0]
    caption = Caption(
        t("coverage.statements_reading", name=first.iloc[0], places=int(first.iloc[-2]), shared=int(first.iloc[-1])),
        t("coverage.statements_scope", shown=len(table), scope=selection.scope),
        selection.cite(selection.chosen),
    )
    return tabulate(table, t("coverage.statements_title"), caption, selection.language)


def recaptured(selection: Selection, source: str) -> HTML:
    """The register's whole lists beside another list, city by city, with how many both may miss.

    Parameters
    ----------
    selection : Selection
    source : str
        Of the other list: see `data.load_partnerships`; nothing to compare if empty.
    """
    t = selection.language.text
    if not source:
        return note(t("coverage.no_comparison"))
    known = selection.tables["partnership_coverage"]
    whole = known.loc[known["completeness"] == "listed", "collectivity_id"]
    lists = [data.load_partnerships(name).assign(source=name) for name in (data.REGISTER, source)]
    rows = pd.concat(lists, ignore_index=True)
    rows = rows[rows["collectivity_id"].isin(whole)]
    told = rows[["collectivity_id", "source"]].assign(place=geography.places(rows))
    found = coverage.estimates(told, data.REGISTER, source)
    if found.empty:
        return note(t("coverage.nothing_common", source=source))
    names = known.set_index("collectivity_id")["collectivity"]
    table = pd.DataFrame(
        {
            t("partners.collectivity"): names[found["collectivity_id"]].array,
            t("coverage.register"): found["first"].array,
            source: found["second"].array,
            t("coverage.both"): found["both"].array,
            t("coverage.estimate"): found["total"].round(1).array,
            t("coverage.interval"): [
                t("chance.from_to", low=round(row.low, 1), high=round(row.high, 1)) for row in found.itertuples()
            ],
        }
    )
    first = found.iloc[0]
    caption = Caption(
        t(
            "coverage.recaptured_reading",
            name=names[first["collectivity_id"]],
            first=int(first["first"]),
            second=int(first["second"]),
            both=int(first["both"]),
            total=round(first["total"], 1),
        ),
        t("coverage.recaptured_scope", warning=t(coverage.WARNING), lists=t(coverage.LISTS_ONLY)),
        source_line(
            selection.language,
            known_sources(selection.tables["sources"], rows),
            rows[rows["collectivity_id"].isin(found["collectivity_id"])],
        ),
    )
    return tabulate(table, t("coverage.recaptured_title"), caption, selection.language)
