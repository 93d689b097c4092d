"""The partnerships and the collectivities that the explorer knows: one row each, as tables say and as readers see."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from citydiplo import collectivities, data, geography, typologies
from citydiplo.collectivities import EPCI_KINDS
from citydiplo.data import Tables
from citydiplo.exhibits.selection import reader_names
from citydiplo.language import Language
from citydiplo.profile import stated

# Completeness of a collectivity whose list of partnerships nobody sought, or of which an import says nothing.
NOT_SOUGHT = "not_sought"

# What belongs to one statement, not to the partnership that several state.
DETAILS = ["publisher", "passage", "status", "partner", "as_of", "note_fr", "note_en", "locator"]
DETAILS += ["derivation", "derivation_fr"]


def partnerships(statements: pd.DataFrame, tables: Tables, language: Language) -> pd.DataFrame:
    """Gather the statements of sources into partnerships.

    Parameters
    ----------
    statements : DataFrame
        Rows of partnerships.csv.
    tables : dict
        From `data.load_tables`, the sources with all that the statements cite.
    language : Language

    Returns
    -------
    DataFrame
        One row a collectivity, place (`geography.places`) and kind, by name of collectivity, name of partner and kind:
        the columns of `geography.measure` and ``name`` (the partner for readers), from the earliest statement, or where
        it has nothing from the next; ``start_year`` is the earliest and ``end_year`` the latest that a source gives.
        ``place_id`` is the place; ``years``, ``ends``, ``domains``, ``statuses``, ``partnership_ids``, ``source_ids``
        and ``publishers`` have all that the statements say, each once, separated by ``;``; ``cited`` names the sources
        and the passages.
    """
    published = tables["sources"].set_index("source_id")
    source = statements["source_id"]
    rows = statements.assign(
        name=reader_names(statements, tables, language),
        place_id=geography.places(statements),
        publisher=source.map(published["publisher_kind"]),
        passage=source.map(published["short"]) + ", " + statements["locator"],
    )
    rows = geography.measure(rows, collectivities.directory(tables))
    rows = rows.sort_values(["start_year", "partnership_id"], kind="stable")
    rows["number"] = rows.groupby(["collectivity_id", "place_id", "kind"], sort=False).ngroup()
    gathered = rows.groupby("number").first()
    said = {
        "years": "start_year",
        "ends": "end_year",
        "domains": "domains",
        "statuses": "status",
        "partnership_ids": "partnership_id",
        "source_ids": "source_id",
        "publishers": "publisher",
    }
    gathered = gathered.assign(
        end_year=rows.groupby("number")["end_year"].max(),
        **{name: _joined(rows, column, ";") for name, column in said.items()},
        cited=_joined(rows, "passage", language.text("separator")),
    )
    rank = {kind: number for number, (name, kind) in enumerate(language.labels) if name == "partnership_kind"}
    keys = gathered[["collectivity", "name"]].apply(collectivities.by_name).assign(kind=gathered["kind"].map(rank))
    order = keys.sort_values(["collectivity", "name", "kind"], kind="stable").index
    return gathered.loc[order].drop(columns=DETAILS).reset_index(drop=True)


def _joined(rows: pd.DataFrame, column: str, separator: str) -> pd.Series:
    """What the rows of each number say in a column, each value once, in the order of the rows; missing if nothing."""
    known = rows[["number", column]].dropna()
    if column == "domains":
        known = known.assign(domains=known["domains"].str.split(";")).explode("domains")
    texts = known.astype({column: "str"}).drop_duplicates()
    alone = ~texts["number"].duplicated(keep=False)
    several = texts[~alone].groupby("number")[column].agg(separator.join)
    return pd.concat([texts[alone].set_index("number")[column], several])


def collectivities_of(linked: pd.DataFrame, statements: pd.DataFrame, tables: Tables, source: str) -> pd.DataFrame:
    """List the collectivities to choose among: those of collectivities.csv, and all that have a partnership.

    Parameters
    ----------
    linked : DataFrame
        From `partnerships`.
    statements : DataFrame
        The rows it was gathered from.
    tables : dict
    source : str
        See `data.load_partnerships`. How complete lists are is known of the register only.

    Returns
    -------
    DataFrame
        One row a collectivity, indexed by id, by name: the columns of `collectivities.directory`, ``group`` (commune,
        epci, departement, region), ``size`` (vocabulary and code of its size class, missing without one), ``forms``
        (documented forms of action separated by ``;``, missing without any), ``n_documented`` (partnerships),
        ``n_facts`` (on its international action, see `profile.stated`) and ``completeness`` (a code of that vocabulary,
        or `NOT_SOUGHT`).
    """
    named = linked.drop_duplicates("collectivity_id").set_index("collectivity_id")["collectivity"]
    ids = tables["collectivities"]["collectivity_id"]
    ids = pd.Index(pd.unique(pd.concat([ids, named.index.to_series()])), name="collectivity_id")
    rows = collectivities.directory(tables).reindex(ids)
    coverage = tables["partnership_coverage"].set_index("collectivity_id")["completeness"]
    known = coverage if source == data.REGISTER else coverage.iloc[:0]
    sort = np.where(rows["kind"].isin(EPCI_KINDS), "epci_stratum", "commune_stratum")
    rows = rows.assign(
        name=rows["name"].fillna(named.reindex(ids)),
        group=rows["kind"].mask(rows["kind"].isin(EPCI_KINDS), "epci"),
        size=pd.Series(sort, index=ids) + " " + rows["stratum"],
        forms=_forms(tables | {"partnerships": statements}).reindex(ids),
        n_documented=linked["collectivity_id"].value_counts().reindex(ids, fill_value=0),
        n_facts=stated(tables["facts"])["collectivity_id"].value_counts().reindex(ids, fill_value=0),
        completeness=known.reindex(ids).fillna(NOT_SOUGHT),
    )
    return rows.sort_values("name", key=collectivities.by_name, kind="stable")


def _forms(tables: Tables) -> pd.Series:
    """The forms of action of which each collectivity has a documented mark, separated by ``;``."""
    rules = tables["typology_rules"]
    placed = typologies.placements(rules[rules["typology"] == "form"], tables)
    marks = placed[["collectivity_id", "category"]].drop_duplicates()
    return marks.groupby("collectivity_id")["category"].agg(";".join)


def readable(linked: pd.DataFrame, tables: Tables, language: Language) -> pd.DataFrame:
    """The partnerships as readers see them.

    Parameters
    ----------
    linked : DataFrame
        From `partnerships`.
    tables : dict
    language : Language

    Returns
    -------
    DataFrame
        The same rows, columns named in the reader's language: collectivity, partner, country, kind, first and last
        years, domains, distance (whole km) and sources. Empty where nothing is documented.
    """
    t = language.text
    shorts = tables["sources"].set_index("source_id")["short"]
    return pd.DataFrame(
        {
            t("widgets.city"): linked["collectivity"],
            t("panel.partner"): linked["name"],
            t("panel.country"): linked["country"].map(language.countries),
            t("panel.kind"): linked["kind"].map(lambda kind: language.label("partnership_kind", kind)),
            t("panel.since"): _separated(linked["years"]),
            t("panel.until"): _separated(linked["ends"]),
            t("explorer.domains"): _each(linked["domains"], lambda codes: language.list_labels("domain", codes)),
            t("panel.distance"): linked["distance_km"].round().astype("Int64"),
            t("caption.source"): _each(linked["source_ids"], lambda ids: t("separator").join(shorts[ids.split(";")])),
        }
    )


def _separated(codes: pd.Series) -> pd.Series:
    return _each(codes, lambda text: text.replace(";", ", "))


def _each(cells: pd.Series, write: Callable[[str], str]) -> pd.Series:
    """Write each cell that is not missing; the same cell is written once."""
    return cells.map({cell: write(cell) for cell in cells.dropna().unique()})
