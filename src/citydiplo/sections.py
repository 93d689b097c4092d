"""The sections of a city report: a profile and a language in, HTML out; all prose that depends on data is here."""

import csv
import io
from typing import Any

import pandas as pd
from IPython.display import HTML

from citydiplo import charts
from citydiplo.captions import Caption, illustrate, source_line
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.profile import Profile, counts, stated
from citydiplo.spreadsheet import safe_cell

# What an elected official wants first, if it is documented.
HEADLINES = (
    "partner_cities_total",
    "budget_class",
    "budget_share",
    "staff_count",
    "carrier",
    "new_twinnings",
    "consulates_total",
    "diaspora_diagnosis",
    "territorial_diagnosis",
    "most_active_metropolis",
    "network_created",
    "network_presidency",
    "presides",
    "priority",
)

# The State's delegation and agency, which the study presents first; the others are folded away.
MAIN_FUNDERS = ("daect", "afd")

# The table of networks states these facts too: they are listed only where they are evidence for a recommendation.
IN_NETWORK_TABLE = ("network_membership", "network_presidency", "presides")


def title(profile: Profile, language: Language) -> HTML:
    """The heading of the report."""
    city = profile.city
    key = "title.place" if profile.department else "title.place_region"
    kind = language.label("collectivity_kind", city.kind)
    place = language.text(key, kind=kind, department=profile.department, region=profile.region)
    return render("title.html.j2", name=city.name, place=place, language=language)


def brief(profile: Profile, language: Language) -> HTML:
    """The figures and the statements to read first."""
    documented = counts(profile)
    order = {indicator: position for position, indicator in enumerate(HEADLINES)}
    rank = profile.facts["indicator"].map(order)
    headlines = profile.facts.assign(rank=rank).dropna(subset="rank").sort_values("rank", kind="stable").head(5)
    silent = not (documented["facts"] or documented["partnerships"] or documented["networks"])
    return render("brief.html.j2", counts=documented, headlines=rows_of(headlines), silent=silent, language=language)


def sources_of(profile: Profile, *source_ids: str) -> pd.DataFrame:
    return profile.sources[profile.sources["source_id"].isin(source_ids)]


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, missing cells as None."""
    columns = [
        [None if lacks else cell for cell, lacks in zip(cells.tolist(), cells.isna(), strict=True)]
        for _, cells in frame.items()
    ]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def identity(profile: Profile, language: Language) -> HTML:
    """Codes, population, membership, peers."""
    peers = profile.peers
    caption = None
    if len(peers):
        first = peers.iloc[0]
        reading = language.text("peers.reading", name=first["name"], population=int(first["population"]))
        stratum = language.label(str(profile.city.strata), str(profile.city.stratum))
        scope = language.text("peers.scope", count=len(peers), stratum=stratum)
        reference = sources_of(profile, "decoupage-administratif-2026")
        caption = Caption(reading, scope, source_line(language, profile.sources, reference))
    landmarks = profile.facts[profile.facts["theme"] == "context"]
    return render(
        "identity.html.j2",
        profile=profile,
        city=profile.city,
        landmarks=rows_of(landmarks),
        peers=rows_of(peers),
        caption=caption,
        language=language,
    )


def facts(profile: Profile, language: Language) -> HTML:
    """The facts, theme by theme, each with its source; disagreements between sources are said.

    Those on partnerships and networks are in the sections of these names.
    """
    rows = stated(profile.facts)
    rows = rows[~rows["theme"].isin(["partnerships", "networks"])]
    themes = [(theme, rows_of(group), _disagreements(group)) for theme, group in rows.groupby("theme", sort=False)]
    return render("facts.html.j2", themes=themes, related=rows_of(profile.related), language=language)


def _disagreements(rows: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """The facts on one indicator that give numbers which differ from source to source."""
    numbered = rows[rows["unit"].notna()]
    groups = [group for _, group in numbered.groupby(["indicator", "unit"], sort=False)]
    return [
        rows_of(group)
        for group in groups
        if group["value"].nunique() > 1 and group["source_id"].nunique() == len(group)
    ]


def survey(profile: Profile, language: Language) -> HTML:
    """Budget and staff on the distribution of the survey's answers, where documented."""
    parts = [_answers(profile, topic, language) for topic in ("budget_class", "staff_class")]
    if not any(parts):
        return note(language.text("survey.none"))
    half = [
        note(language.text("survey.half", topic=language.text(f"survey.{topic}")))
        for topic, part in zip(("budget_class", "staff_class"), parts, strict=True)
        if part is None
    ]
    return HTML("\n".join(part.data for part in [*filter(None, parts), *half]))


def _answers(profile: Profile, topic: str, language: Language) -> HTML | None:
    answers = profile.survey[profile.survey["topic"] == topic]
    if not answers["own"].any():
        return None
    labels = [language.label(topic, code) for code in answers["category"]]
    mine = answers[answers["own"]].iloc[0]
    label = language.label(topic, mine["category"])
    bars = [
        language.text("survey.bar", label=name, count=language.alternatives(values))
        for name, values in zip(labels, answers["values"], strict=True)
    ]
    base = int(mine["base"])
    scope = language.text("survey.scope", base=base, base_label=language.label("base_label", mine["base_label"]))
    if (answers["assignment"] == "ambiguous").any():
        scope += " " + language.text("survey.order")
    caption = Caption(
        language.text("survey.reading", count=language.alternatives(mine["values"]), base=base, label=label),
        scope,
        source_line(language, profile.sources, answers),
    )
    figure = charts.class_distribution(
        labels, answers["values"].tolist(), answers["own"].tolist(), language.alternatives
    )
    heading = render("heading.html.j2", text=language.text(f"survey.{topic}"))
    own = language.text("survey.own", label=label)
    alt = language.text("survey.alt", bars=language.text("separator").join(bars), own=own)
    return HTML(heading.data + illustrate(figure, alt, caption, language).data)


def note(text: str) -> HTML:
    return render("note.html.j2", text=text)


def networks(profile: Profile, language: Language) -> HTML:
    """Memberships, the region's multi-actor network, and who can finance."""
    members = profile.memberships
    on_networks = profile.facts[profile.facts["theme"] == "networks"]
    main = profile.schemes["actor_id"].isin(MAIN_FUNDERS)
    in_table = on_networks["indicator"].isin(IN_NETWORK_TABLE) & on_networks["recommendations"].isna()
    caption = None
    if len(members):
        first = members.iloc[0]
        role = language.label("membership_role", first["role"])
        caption = Caption(
            language.text("networks.reading", network=language.pick(first, "name"), role=role),
            language.text("networks.scope", count=len(members)),
            source_line(language, profile.sources, members),
        )
    return render(
        "networks.html.j2",
        rows=rows_of(members),
        caption=caption,
        region=profile.region,
        facts=rows_of(on_networks[~in_table]),
        regional=rows_of(profile.regional_networks),
        schemes=rows_of(profile.schemes[main]),
        others=rows_of(profile.schemes[~main]),
        language=language,
    )


def recommendations(profile: Profile, language: Language) -> HTML:
    """The study's ten recommendations: documented, with the evidence, or not documented."""
    table = profile.recommendations
    statements = profile.facts.set_index("fact_id")[f"statement_{language.code}"]
    found = [[(fact, statements[fact]) for fact in ids] for ids in table["evidence"]]
    documented = table[table["evidence"].map(bool)]
    state = "documented" if len(documented) else "missing"
    first = (documented if len(documented) else table).iloc[0]
    caption = Caption(
        language.text(f"recommendations.reading_{state}", number=int(first["number"])),
        language.text("recommendations.scope"),
        source_line(language, profile.sources, table, profile.facts[profile.facts["recommendations"].notna()]),
    )
    rows = [row | {"found": facts} for row, facts in zip(rows_of(table), found, strict=True)]
    return render("recommendations.html.j2", rows=rows, caption=caption, language=language)


def to_fill_in(profile: Profile, language: Language) -> HTML:
    """What is not documented yet, and the form that a city's officer can fill in and send back."""
    return render(
        "missing.html.j2",
        rows=rows_of(profile.missing),
        form=form(profile, language),
        file=f"{profile.city.id}-{language.text('missing.file')}.csv",
        language=language,
    )


def form(profile: Profile, language: Language) -> str:
    """The undocumented items as a CSV text with empty columns for the answers.

    Semicolons and a byte order mark, so that a French Excel opens it as a table.
    """
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    columns = language.text("missing.columns").split(";")
    writer.writerow(columns)
    for item in rows_of(profile.missing):
        known = [
            profile.city.id,
            profile.city.name,
            item["item_id"],
            language.pick(item, "question"),
            language.pick(item, "answer"),
        ]
        writer.writerow([safe_cell(cell) for cell in known] + [""] * (len(columns) - len(known)))
    return "\N{BYTE ORDER MARK}" + target.getvalue()


def used_sources(profile: Profile, language: Language) -> HTML:
    """Every source that a row of the report cites, and those of the reference data."""
    return render("sources.html.j2", rows=rows_of(profile.sources), language=language)
