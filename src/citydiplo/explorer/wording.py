"""How the explorer says in words what is chosen, how much is left, and how far it is documented."""

from collections.abc import Sequence

from citydiplo.captions import source_line
from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, PARTNERSHIP_FIELDS, Choice, Chosen, Material
from citydiplo.explorer.fields import SCHEMES
from citydiplo.explorer.universe import NOT_SOUGHT

# What the fields are called; those of `SCHEMES` are in the vocabulary country_scheme.
TITLES = {
    "collectivity": "explorer.by_collectivity",
    "group": "explorer.by_group",
    "stratum": "explorer.by_stratum",
    "region": "explorer.by_region",
    "form": "explorer.by_form",
    "domain": "explorer.by_domain",
    "kind": "explorer.by_kind",
    "decade": "explorer.by_decade",
    "country_group": "explorer.by_country_group",
    "country": "explorer.by_country",
    "source": "explorer.by_source",
    "publisher": "explorer.by_publisher",
}

STATES = {
    "shown": "explorer.shown",
    "filtered": "explorer.filtered",
    "none_found": "explorer.none_found",
    "not_sought": "explorer.nobody_looked",
}

MOST_LABELS = 5  # of one field that a caption names


def title(material: Material, field: str) -> str:
    """What a field of `FIELDS`, or country_group, is called."""
    language = material.language
    return language.label("country_scheme", field) if field in SCHEMES else language.text(TITLES[field])


def cited(chosen: Chosen, *more: str) -> str:
    """The line of the sources that state the partnerships left, and of further ones by their source_id."""
    material = chosen.material
    names = list(material.classes["source"].labels)
    _, codes = material.classes["source"].within(chosen.kept)
    used = {names[code] for code in set(codes.tolist())} | set(more)
    sources = material.tables["sources"]
    return source_line(material.language, sources, sources[sources["source_id"].isin(used)])


def count(chosen: Chosen) -> str:
    """How much is left, in one sentence."""
    rows = chosen.partnerships
    return chosen.material.language.text(
        "explorer.count",
        count=len(rows),
        collectivities=rows["collectivity_id"].nunique(),
        listed=len(chosen.collectivities),
        places=rows["place_id"].nunique(),
        countries=rows["country"].nunique(),
    )


def described(chosen: Chosen) -> str:
    """The choice in words, for captions."""
    material, choice = chosen.material, chosen.choice
    t = material.language.text
    parts = [
        t("explorer.field", field=t(TITLES[field]), labels=_some(material, field, getattr(choice, plural)))
        for field, plural in (COLLECTIVITY_FIELDS | PARTNERSHIP_FIELDS).items()
        if getattr(choice, plural)
    ]
    if years := _years(material, choice):
        parts.append(t("explorer.field", field=t("explorer.years"), labels=years))
    return t("separator").join(parts) or t("explorer.everything")


def _some(material: Material, field: str, codes: Sequence[str]) -> str:
    """The labels of codes, the first ones if they are many."""
    labels = [material.classes[field].labels[code] for code in codes[:MOST_LABELS]]
    more = len(codes) - len(labels)
    return ", ".join([*labels, *([material.language.text("explorer.more_labels", count=more)] if more else [])])


def _years(material: Material, choice: Choice) -> str:
    t = material.language.text
    if not choice.years:
        return "" if choice.undated else t("explorer.dated_only")
    first, last = choice.years
    years = t("explorer.years_chosen", first=str(first), last=str(last))
    return t("explorer.with_undated", years=years) if choice.undated else years


def completeness(material: Material, code: str) -> str:
    """How complete the list of a collectivity's partnerships is, in words."""
    if code == NOT_SOUGHT:
        return material.language.text("explorer.not_sought")
    return material.language.label("completeness", code)
