"""What is shown of a choice: counts for charts, tables and sentences. All read the same rows, so that all agree."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd
from IPython.display import HTML

from citydiplo import geography, peers
from citydiplo.captions import Caption, tabulate
from citydiplo.errors import UserError
from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, PARTNERSHIP_FIELDS, Chosen
from citydiplo.explorer.fields import GAPS, SCHEMES
from citydiplo.explorer.wording import STATES, cited, completeness, described
from citydiplo.sections import note

# The fields to count by, and the field of a `Choice` that takes their codes; a decade is a choice of years.
FIELDS = {
    **{field: plural for field, plural in PARTNERSHIP_FIELDS.items() if field != "country_group"},
    "decade": "years",
    **dict.fromkeys(SCHEMES, "country_groups"),
    **COLLECTIVITY_FIELDS,
}

MOST_COMPARED = 4
MOST_ROWS = 200  # of a table on a page: a longer one is slow to show, and nobody reads it

# The sources of size classes and of points, which no row cites.
REFERENCES = ("decoupage-administratif-2026", "geonames")


def by(chosen: Chosen, field: str) -> pd.DataFrame:
    """Count the partnerships left, class by class.

    Parameters
    ----------
    chosen : Chosen
    field : str
        A key of `FIELDS`.

    Returns
    -------
    DataFrame
        The columns of `Chosen.tally`, in reading order, with ``share`` (of all partnerships left, 0 to 1; missing if
        there are none) and ``documented`` (False for the class of those of which the field is not documented). Counts
        sum to the rows of `table`, save where one may be in several classes (domain, form, source, publisher).
    """
    counts = chosen.tally(field)
    total = int(chosen.kept.sum())
    share = counts["count"] / total if total else float("nan")
    return counts.assign(share=share, documented=~counts["code"].isin(GAPS))


def table(chosen: Chosen) -> pd.DataFrame:
    """The partnerships left as readers see them: see `universe.readable`; in the order of ``chosen.partnerships``."""
    return chosen.material.readable[chosen.kept].reset_index(drop=True)


def documentation(chosen: Chosen) -> pd.DataFrame:
    """The collectivities kept and how far each is documented, for readers: one row each, by name.

    Numbers of partnerships are missing, not nought, where none is documented.
    """
    t, rows = chosen.material.language.text, chosen.collectivities
    known = rows["n_documented"] > 0
    return pd.DataFrame(
        {
            t("widgets.city"): rows["name"],
            t("explorer.by_stratum"): rows["size"].map(chosen.material.classes["stratum"].labels),
            t("explorer.kept"): rows["n_partnerships"].astype("Int64").where(known),
            t("explorer.documented"): rows["n_documented"].astype("Int64").where(known),
            t("explorer.facts"): rows["n_facts"].astype("Int64").where(rows["n_facts"] > 0),
            t("explorer.completeness"): rows["completeness"].map(lambda code: completeness(chosen.material, code)),
            t("explorer.state"): rows["state"].map({state: t(key) for state, key in STATES.items()}),
        }
    ).reset_index(drop=True)


def compare(chosen: Chosen, collectivity_ids: Sequence[str]) -> pd.DataFrame:
    """Put collectivities side by side, for readers; of their partnerships only those that the choice leaves.

    Parameters
    ----------
    chosen : Chosen
    collectivity_ids : sequence of str
        Up to `MOST_COMPARED`; the choice's filters of collectivities need not keep them.

    Returns
    -------
    DataFrame
        The first column says what is compared; then one column of texts each collectivity, named after it. A text says
        so where nothing is documented.

    Raises
    ------
    UserError
        If there are more, or one is not in the material.
    """
    t = chosen.material.language.text
    if len(collectivity_ids) > MOST_COMPARED:
        raise UserError(t("explorer.too_many"))
    own = of_collectivities(chosen, collectivity_ids)
    measured = peers.indicators(geography.once(own.partnerships), own.material.tables["country_groups"])
    names = own.collectivities["name"]
    columns = {
        # Homonyms are told apart by their codes.
        f"{names[each]} ({each})" if (names == names[each]).sum() > 1 else names[each]: _compared(
            own, own.collectivities.loc[each], measured.reindex([each]).iloc[0]
        )
        for each in collectivity_ids
    }
    return pd.DataFrame(columns).rename_axis(t("explorer.compared")).reset_index()


def of_collectivities(chosen: Chosen, collectivity_ids: Sequence[str]) -> Chosen:
    """The same filters of partnerships, on some collectivities."""
    own: dict[str, Any] = dict.fromkeys(COLLECTIVITY_FIELDS.values(), ())
    own["collectivities"] = tuple(collectivity_ids)
    return chosen.material.chosen(dataclasses.replace(chosen.choice, **own))


def _compared(own: Chosen, city: pd.Series, measured: pd.Series) -> dict[str, str]:
    """What is compared of one collectivity, in words, row by row."""
    material, language = own.material, own.material.language
    t, classes = language.text, own.material.classes
    gap = t("partners.not_documented")
    why = gap if city["state"] == "shown" else t(STATES[city["state"]])
    unseen = why if city["state"] == "filtered" else gap

    def number(value: Any, missing: str = gap) -> str:
        return missing if pd.isna(value) or value == 0 else language.number(round(float(value)))

    def share(value: Any) -> str:
        return unseen if pd.isna(value) else t("percent", value=round(100 * value))

    forms = [] if pd.isna(city["forms"]) else city["forms"].split(";")
    return {
        t("explorer.by_stratum"): classes["stratum"].labels.get(city["size"], t("explorer.no_size")),
        t("explorer.population"): number(city["population"]),
        t("explorer.completeness"): completeness(material, city["completeness"]),
        t("explorer.documented"): number(city["n_documented"], why),
        t("explorer.kept"): number(city["n_partnerships"], why),
        t("explorer.places"): number(measured["links"], unseen),
        t("explorer.countries"): number(measured["countries"], unseen),
        t("explorer.median"): number(measured["median_km"], unseen),
        t("explorer.eu_share"): share(measured["eu_share"]),
        t("explorer.oda_share"): share(measured["oda_share"]),
        t("explorer.first_year"): unseen if pd.isna(measured["first_year"]) else str(int(measured["first_year"])),
        t("explorer.facts"): number(city["n_facts"]),
        t("explorer.forms"): ", ".join(classes["form"].labels[code] for code in forms) or gap,
    }


def listing(chosen: Chosen, most: int = MOST_ROWS) -> HTML:
    """The partnerships left as a table with its caption, at most so many rows of it; a sentence if none is left."""
    t = chosen.material.language.text
    return listed(chosen, t("explorer.table_title"), t("explorer.none"), most)


def listed(chosen: Chosen, title: str, silence: str, most: int = MOST_ROWS) -> HTML:
    """`listing` with another title, and another sentence where nothing is left."""
    t, language = chosen.material.language.text, chosen.material.language
    rows = table(chosen)
    if rows.empty:
        return note(silence)
    first = chosen.partnerships.iloc[0]
    reading = t(
        "panel.table_reading",
        collectivity=first["collectivity"],
        name=first["name"],
        kind=language.label("partnership_kind", first["kind"]),
    )
    scope = t("explorer.table_scope", count=len(rows), choice=described(chosen))
    if len(rows) > most:
        scope = f"{scope} {t('explorer.table_more', shown=most, count=len(rows) - most)}"
    return tabulate(rows.head(most), title, Caption(reading, scope, cited(chosen, *REFERENCES)), language)


def comparison(chosen: Chosen, collectivity_ids: Sequence[str]) -> HTML:
    """`compare` as a table with its caption; at least one collectivity."""
    t = chosen.material.language.text
    rows = compare(chosen, collectivity_ids)
    label, value = rows.iloc[3, :2]
    caption = Caption(
        t("explorer.compare_reading", name=rows.columns[1], value=value, label=label),
        t("explorer.compare_scope", choice=described(chosen)),
        cited(of_collectivities(chosen, collectivity_ids), *REFERENCES),
    )
    return tabulate(rows, t("explorer.compare_title"), caption, chosen.material.language)
