"""From pairs of places to partnerships: each pair resolved, merged with those that say the same, or set aside.

Every pair is accounted for. Nothing depends on the order of the pairs, and the partnerships, imported again, give
themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from citydiplo.collectivities import directory
from citydiplo.data import Tables
from citydiplo.imports.origins import resolve_origins
from citydiplo.imports.pairs import KEPT_FIELDS
from citydiplo.imports.partners import resolve_partners
from citydiplo.imports.values import read_values, set_aside
from citydiplo.places import FRENCH_ISO3, Gazetteer, fold_all
from citydiplo.schemas import TABLES

# What is known of each side of a pair once its cells are read.
SIDE = ("name", "place", "code", "country", "latitude", "longitude", "geonames_id")

# What an import says of a row, in the two languages of the table.
SAYINGS = {
    "own_point": (
        "Not found in GeoNames (places of 1,000 inhabitants and more): name and point as the source gives them",
        "Absent de GeoNames (lieux de 1 000 habitants et plus) : nom et point tels que la source les donne",
    ),
    "former": ("The source says {said}, now a part of {name}", "La source dit {said}, aujourd’hui dans {name}"),
    "renamed": (
        "The source says {said}, read as the nearest commune whose name begins so",
        "La source dit {said}, compris comme la commune la plus proche dont le nom commence ainsi",
    ),
    "foreign": ("The source says {said}", "La source dit {said}"),
    "listed": ("GeoNames lists the place in {said}", "GeoNames place ce lieu dans un autre pays ({said})"),
    "word": ("The source calls the link “{said}”", "La source dit du lien : « {said} »"),
    "country": ("The source also gives the country {said}", "La source donne aussi le pays {said}"),
    "start_year": ("The source also gives the first year {said}", "La source donne aussi la première année {said}"),
    "end_year": ("The source also gives the last year {said}", "La source donne aussi la dernière année {said}"),
    "kind": ("The source also gives the kind {said}", "La source donne aussi la nature {said}"),
}


@dataclass(frozen=True)
class Reconciled:
    """The outcome of an import.

    Attributes
    ----------
    partnerships : DataFrame
        With the columns of partnerships.csv, valid against its schema, by partnership_id.
    rows : DataFrame
        One row a pair, indexed like the pairs: outcome (kept, merged, set_aside), reason (a code of the vocabulary
        import_reason), detail, partnership_id.
    """

    partnerships: pd.DataFrame
    rows: pd.DataFrame


def reconcile(
    pairs: pd.DataFrame, tables: Tables, boundaries: gpd.GeoDataFrame, gazetteer: Gazetteer, source: str | None
) -> Reconciled:
    """Resolve, merge or set aside each pair.

    Pairs are one partnership if they come from one source and name the same collectivity and place. It takes the
    earliest first year, with the last year that goes with it; years, kinds and countries that differ are written into
    its derivation.

    Parameters
    ----------
    pairs : DataFrame
        Text in the columns of `citydiplo.imports.pairs.FIELDS`; indexed by row of the file.
    tables : dict
        The kit's tables.
    boundaries : GeoDataFrame
        From `citydiplo.data.load_boundaries`.
    gazetteer : Gazetteer
    source : str or None
        The source_id of the partnerships where a pair does not bring its own.
    """
    told = _turned(read_values(pairs, tables))
    told["source_id"] = told["source_id"].fillna(source) if source else told["source_id"]
    set_aside(told, told["source_id"].isna(), "no_source")
    _resolve_homes(told, tables, gazetteer)
    _resolve_places(told, tables, boundaries, gazetteer)
    usable = _grouped(told[told["reason"].isna()])
    partnerships = _partnerships(usable, tables)
    rows = told[["reason", "detail"]].assign(outcome="set_aside", partnership_id=None)
    rows.loc[usable.index, "outcome"] = np.where(usable["leads"], "kept", "merged")
    rows.loc[usable.index, "reason"] = np.where(usable["leads"], usable["way"], _why_merged(usable))
    rows.loc[usable.index, "partnership_id"] = usable["group"].map(partnerships["partnership_id"])
    columns = list(TABLES["partnerships"].to_schema().columns)
    ordered = partnerships.sort_values("partnership_id", ignore_index=True)[columns]
    validated = TABLES["partnerships"].validate(ordered)
    return Reconciled(validated, rows[["outcome", "reason", "detail", "partnership_id"]])


def _turned(told: pd.DataFrame) -> pd.DataFrame:
    """Name the French side home and the other one away; a side whose country is not told may be French."""
    french, foreign = {}, {}
    for side in ("origin", "partner"):
        coded = told[f"{side}_code"].notna()
        french[side] = told[f"{side}_country"].isin(FRENCH_ISO3) | coded
        foreign[side] = told[f"{side}_country"].notna() & ~french[side]
    set_aside(told, french["partner"] & ~foreign["origin"], "domestic")
    set_aside(told, foreign["origin"] & foreign["partner"], "not_french")
    turned = foreign["origin"] & ~foreign["partner"]
    result = told.assign(by_partner=turned != (told["told_by"] == "partner"))
    for field in SIDE:
        origin, partner = told[f"origin_{field}"], told[f"partner_{field}"]
        result[f"home_{field}"] = origin.where(~turned, partner)
        result[f"away_{field}"] = partner.where(~turned, origin)
    return result.drop(columns=[f"{side}_{field}" for side in ("origin", "partner") for field in SIDE])


def _distinct(told: pd.DataFrame, side: str, fields: Iterable[str]) -> tuple[pd.DataFrame, pd.Series]:
    """The places of one side, each once, and for each row the number of its place."""
    columns = {f"{side}_{field}": field for field in fields}
    places = told.loc[told["reason"].isna(), list(columns)].rename(columns=columns)
    number = places.groupby(list(columns.values()), dropna=False, sort=False).ngroup()
    return places.assign(number=number).drop_duplicates("number").set_index("number"), number


def _resolve_homes(told: pd.DataFrame, tables: Tables, gazetteer: Gazetteer) -> None:
    homes, number = _distinct(told, "home", ("name", "code", "latitude", "longitude"))
    found = resolve_origins(homes, tables, gazetteer).reindex(number).set_index(number.index)
    for column in ("collectivity_id", "way", "listed"):
        told["home_way" if column == "way" else column] = found[column].reindex(told.index)
    reasons = found["reason"].reindex(told.index)
    for reason in reasons.dropna().unique():
        set_aside(told, reasons == reason, reason, found["detail"].reindex(told.index))


def _resolve_places(told: pd.DataFrame, tables: Tables, boundaries: gpd.GeoDataFrame, gazetteer: Gazetteer) -> None:
    fields = ("name", "place", "country", "latitude", "longitude", "geonames_id")
    places, number = _distinct(told, "away", fields)
    places["name"] = places["name"].fillna(places["place"]).fillna("")
    found = resolve_partners(places, tables["countries"], boundaries, gazetteer)
    found = found.reindex(number).set_index(number.index).reindex(told.index)
    for column in ("place", "geonames_id", "country", "latitude", "longitude", "partner_kind", "way"):
        told[column] = found[column]
    told["listed_country"] = found["listed"]
    told["partner"] = told["away_name"].fillna(told["place"])
    for reason in found["reason"].dropna().unique():
        set_aside(told, found["reason"] == reason, reason, found["detail"])
    set_aside(told, told["country"].isin(FRENCH_ISO3), "domestic")
    # A partnership needs the name of its collectivity and, without a locator, the two names to be found by.
    told["locator"] = told["locator"].fillna(told["home_name"].fillna(told["home_code"]) + " – " + told["partner"])


def _grouped(usable: pd.DataFrame) -> pd.DataFrame:
    """Number the partnerships and put the row that leads each first: the others add to it what it lacks."""
    own = usable["country"].fillna("") + " " + usable["place"]
    own += " " + usable["latitude"].astype("str") + " " + usable["longitude"].astype("str")
    place = usable["geonames_id"].astype("Int64").astype("str").where(usable["geonames_id"].notna(), own)
    group = usable.assign(where=place).groupby(["source_id", "collectivity_id", "where"]).ngroup()
    vague = usable["kind"].map({"other": 1, "not_documented": 2}).fillna(0)
    ordered = usable.assign(group=group, vague=vague).rename_axis("row").reset_index()
    told = ["start_year", "vague", "kind", "end_year", "partner", "country", "home_name", "word", "status"]
    ordered = ordered.sort_values(["group", "by_partner", *told, *KEPT_FIELDS, "row"]).set_index("row")
    return ordered.assign(leads=~ordered["group"].duplicated())


def _why_merged(usable: pd.DataFrame) -> pd.Series:
    """What a row has that the leading row of its partnership has not."""
    lead = usable[usable["leads"]].set_index("group").loc[usable["group"]].set_index(usable.index)
    same_names = pd.Series(True, index=usable.index)
    for column in ("home_name", "partner"):
        ours, theirs = (frame[column].fillna("").tolist() for frame in (usable, lead))
        same_names &= np.array(fold_all(ours)) == np.array(fold_all(theirs)) if ours else True
    why = pd.Series("repeated", index=usable.index)
    why[~same_names] = "other_spelling"
    why[usable["country"].fillna("") != lead["country"].fillna("")] = "other_country"
    why[usable["by_partner"] != lead["by_partner"]] = "other_side"
    return why


def _partnerships(usable: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """One row a partnership, indexed by group."""
    lead = usable[usable["leads"]].set_index("group").copy()
    groups = usable.groupby("group")
    for column in ("as_of", "domains", "note_fr", "note_en"):
        lead[column] = groups[column].first()
    for column in ("kind", "status"):
        documented = usable[usable[column] != "not_documented"]
        lead[column] = documented.groupby("group")[column].first().reindex(lead.index).fillna("not_documented")
    agreed = usable["country"] == usable["listed_country"]
    lead["country"] = usable[agreed].groupby("group")["country"].first().reindex(lead.index).fillna(lead["country"])
    ended = lead["end_year"] < pd.to_numeric(lead["as_of"].str[:4]).astype("Int64")
    lead["status"] = lead["status"].mask(lead["status"].eq("not_documented") & ended.fillna(False), "ended")
    lead["collectivity"] = lead["collectivity_id"].map(_names(tables))
    lead["geonames_id"] = lead["geonames_id"].astype("Int64")
    lead[["latitude", "longitude"]] = lead[["latitude", "longitude"]].astype(float).round(5)
    lead["partnership_id"] = _ids(lead)
    sayings = _sayings(usable, lead)
    for column, language in (("derivation", 0), ("derivation_fr", 1)):
        lead[column] = _joined(usable, column, sayings, language).reindex(lead.index)
    return lead


def _names(tables: Tables) -> dict[str, str]:
    names = directory(tables)["name"].to_dict()
    for table, prefix, column in (("departments", "dep-", "department_code"), ("regions", "reg-", "region_code")):
        rows = tables[table]
        names = dict(zip(prefix + rows[column], rows["name"], strict=True)) | names
    return names


def _ids(lead: pd.DataFrame) -> pd.Series:
    """Source, collectivity and place; where that is not enough, also the GeoNames entry, the point or the country."""
    slug = pd.Series(fold_all(lead["place"].tolist()), index=lead.index, dtype="str").str.replace(" ", "-")
    slug = slug.mask(slug == "", lead["country"].fillna("").str.lower() + "-place")
    ids = lead["source_id"] + "-" + lead["collectivity_id"].str.lower() + "-" + slug
    point = (lead[["latitude", "longitude"]] * 100_000).abs().round().astype("Int64").astype("str")
    point = (point["latitude"] + "-" + point["longitude"]).where(lead["latitude"].notna(), lead["country"].str.lower())
    exact = lead["geonames_id"].astype("str").where(lead["geonames_id"].notna(), point)
    return ids.where(~ids.duplicated(keep=False), ids + "-" + exact)


def _sayings(usable: pd.DataFrame, lead: pd.DataFrame) -> pd.DataFrame:
    """What is to be said of each partnership: columns group, saying (a key of `SAYINGS`), said, collectivity."""
    ours = lead.loc[usable["group"]].set_index(usable.index)
    listed = ours["listed_country"]
    said = {
        "own_point": (usable["way"] == "own_point", None),
        **{way: (usable["home_way"] == way, usable["home_name"]) for way in ("former", "renamed", "foreign")},
        "listed": (listed.notna() & (listed != ours["country"]), listed),
        "word": (usable["word"].notna(), usable["word"]),
    }
    for column in ("country", "start_year", "end_year", "kind"):
        known = usable[column].notna() & usable[column].astype("str").ne("not_documented")
        other = (usable[column] != ours[column]).fillna(True)
        said[column] = (known & other, usable[column].astype("str"))
    table = pd.DataFrame({"group": usable["group"], "collectivity": ours["collectivity"]})
    parts = [table.assign(saying=saying, said=words)[where.astype(bool)] for saying, (where, words) in said.items()]
    return pd.concat(parts).drop_duplicates()


def _joined(usable: pd.DataFrame, column: str, sayings: pd.DataFrame, language: int) -> pd.Series:
    """Join what the sources' own derivations and the import say of each partnership, each thing once."""
    given = usable.set_index("group")[column].dropna().str.split("; ").explode()
    texts = [SAYINGS[row.saying][language].format(said=row.said, name=row.collectivity) for row in sayings.itertuples()]
    added = pd.Series(texts, index=sayings["group"], dtype="str")
    everything = pd.concat([given, added.sort_values(kind="stable").sort_index(kind="stable")]).rename("text")
    distinct = everything.rename_axis("group").reset_index().drop_duplicates()
    return distinct.groupby("group")["text"].agg("; ".join)
