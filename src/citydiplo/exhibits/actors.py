"""The exhibits of the notebook on actors and networks."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import networkx as nx
import pandas as pd
from IPython.display import HTML, Markdown

from citydiplo import data, graphs, maps, networks
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.data import Tables
from citydiplo.language import Language
from citydiplo.memberships import membership_map, network_name
from citydiplo.statements import said, statement_chart

HUB = "collectivites"
EXAMPLE = "afd"  # the actor that the caption of the map reads: one full and one dashed arrow

STUDY = "france-urbaine-inet-2021"

# The rows of the study's summary table of networks (l. 1767-1789) that are one network each; the other is the RRMA.
IN_SUMMARY = ("arricod", "cites-unies-france", "afccre", "aimf")

# The sources of the outlines of regions.
OUTLINES = ("decoupage-administratif-2026", "geonames", "natural-earth")


@dataclass(frozen=True)
class Field:
    """The tables on actors and networks in one language, with their graphs.

    Attributes
    ----------
    tables : dict
        From `data.load_tables`.
    language : Language
    """

    tables: Tables
    language: Language

    @classmethod
    def load(cls, lang: str) -> "Field":
        """Load the tables."""
        tables = data.load_tables()
        return cls(tables, Language.of(lang, tables))

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """The graph of the actors."""
        return networks.actor_graph(self.tables["actors"], self.tables["actor_links"])

    @cached_property
    def memberships(self) -> nx.Graph:
        """The graph of collectivities and networks."""
        return networks.membership_graph(self.tables["memberships"])

    @cached_property
    def actor_names(self) -> dict[str, str]:
        """The name of each actor."""
        return {row["actor_id"]: self.language.pick(row, "name") for _, row in self.tables["actors"].iterrows()}

    @cached_property
    def network_names(self) -> dict[str, str]:
        """The name of each network, with its acronym."""
        rows = self.tables["networks"].iterrows()
        return {row["network_id"]: network_name(row, self.language) for _, row in rows}

    def cite(self, *frames: pd.DataFrame) -> str:
        """The sources of the rows shown, with their passages in the order of the text."""
        ordered = [frame.sort_values("locator", key=_first_line, kind="stable") for frame in frames]
        return source_line(self.language, self.tables["sources"], *ordered, passages=True)

    def passages(self, frame: pd.DataFrame) -> list[str]:
        """The passage of each row, for a column of a table; with its source where that is not the study."""
        short = self.tables["sources"].set_index("source_id")["short"]
        return [
            row.locator if row.source_id == STUDY else f"{short[row.source_id]}, {row.locator}"
            for row in frame.itertuples()
        ]

    def written(self, frame: pd.DataFrame, field: str) -> list[str]:
        """A column ``field_fr`` or ``field_en`` of a table."""
        return [self.language.pick(row, field) for _, row in frame.iterrows()]


def _first_line(locators: pd.Series) -> pd.Series:
    return locators.str.extract(r"(\d+)", expand=False).astype(int)


def actor_map(field: Field) -> HTML:
    """The graph of the actors around the collectivities."""
    t = field.language.text
    links = field.tables["actor_links"]
    found = networks.by_relation(field.graph)
    alone = sum(1 for actor in field.graph if not field.graph.degree(actor))
    total = len(field.graph)
    caption = Caption(
        t("actors.map_reading", name=field.actor_names[EXAMPLE]),
        t(
            "actors.map_scope",
            count=len(links),
            inferred=int(found["inferred"].sum()),
            linked=total - alone,
            total=total,
            alone=alone,
        ),
        field.cite(links),
    )
    labels = [field.language.label("actor_relation", code) for code in found["relation"]]
    rows = [t("actors.map_alt_relation", label=a, links=b) for a, b in zip(labels, found["links"], strict=True)]
    alt = t("actors.map_alt", count=total - alone - 1, relations=t("separator").join(rows))
    drawing = graphs.actor_map(field.graph, field.tables["actors"], field.language, HUB)
    return illustrate(drawing, alt, caption, field.language)


def relations(field: Field) -> HTML:
    """Who acts on whom, relation by relation."""
    t = field.language.text
    found = networks.by_relation(field.graph)
    labels = [field.language.label("actor_relation", code) for code in found["relation"]]

    def named(actors: list[str]) -> str:
        return ", ".join(field.actor_names[actor] for actor in actors)

    table = pd.DataFrame(
        {
            t("actors.relation"): labels,
            t("actors.acting"): found["acting"].map(named),
            t("actors.acted_on"): found["acted_on"].map(named),
            t("actors.links"): found["links"].tolist(),
            t("actors.inferred"): found["inferred"].tolist(),
        }
    )
    first = found.iloc[0]
    numbers = {"links": int(first["links"]), "inferred": int(first["inferred"])}
    caption = Caption(
        t("actors.relations_reading", label=labels[0], **numbers),
        t("actors.relations_scope", count=int(found["links"].sum())),
        source_line(field.language, field.tables["sources"], field.tables["actor_links"]),
    )
    return tabulate(table, t("actors.relations_title"), caption, field.language)


def money(field: Field) -> HTML:
    """Who finances whom, link by link."""
    t, label = field.language.text, field.language.label
    links = field.tables["actor_links"]
    links = links[links["relation"].isin(networks.FINANCING)]
    order = list(field.graph)
    links = links.sort_values(["from_actor", "to_actor"], key=lambda column: column.map(order.index))
    table = pd.DataFrame(
        {
            t("actors.financing"): links["from_actor"].map(field.actor_names),
            t("actors.financed"): links["to_actor"].map(field.actor_names),
            t("actors.relation"): [label("actor_relation", code) for code in links["relation"]],
            t("actors.certainty"): [label("assignment", code) for code in links["assignment"]],
            t("actors.passage"): field.passages(links),
        }
    )
    first = table.iloc[0]
    caption = Caption(
        t("actors.money_reading", start=first.iloc[0], end=first.iloc[1], certainty=first.iloc[3].lower()),
        t("actors.money_scope", count=len(links), actors=int(links["from_actor"].nunique())),
        source_line(field.language, field.tables["sources"], links),
    )
    return tabulate(table, t("actors.money_title"), caption, field.language)


def actors(field: Field) -> HTML:
    """What each actor does, and with how many others it has a documented link."""
    t, label = field.language.text, field.language.label
    known = field.tables["actors"]
    counts = networks.degrees(field.graph).set_index("actor_id")
    kinds = [
        t("actors.kind_level", kind=label("actor_kind", row.kind), level=label("actor_level", row.level).lower())
        for row in known.itertuples()
    ]
    table = pd.DataFrame(
        {
            t("actors.actor"): field.written(known, "name"),
            t("actors.kind"): kinds,
            t("actors.role"): field.written(known, "role"),
            t("actors.acts_on"): counts["acts_on"].to_numpy(),
            t("actors.acted_on_by"): counts["acted_on_by"].to_numpy(),
            t("actors.finances"): counts["finances"].to_numpy(),
            t("actors.financed_by"): counts["financed_by"].to_numpy(),
            t("actors.passage"): field.passages(known),
        }
    )
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].astype("Int64").mask(table[numbers] == 0)
    hub = {name: int(count) for name, count in counts.loc[HUB].items()}
    caption = Caption(
        t(
            "actors.actors_reading",
            name=field.actor_names[HUB],
            acted_on_by=hub["acted_on_by"],
            financed_by=hub["financed_by"],
            acts_on=hub["acts_on"],
        ),
        t("actors.actors_scope", count=len(table)),
        source_line(field.language, field.tables["sources"], known, field.tables["actor_links"]),
    )
    return tabulate(table, t("actors.actors_title"), caption, field.language)


def _in_summary(rows: pd.DataFrame) -> pd.Series:
    return rows["network_id"].isin(IN_SUMMARY) | (rows["kind"] == "regional_network")


def summary(field: Field) -> HTML:
    """The networks of the study's summary table; the regional ones are one row."""
    t = field.language.text
    known = field.tables["networks"]
    rows = networks.condensed(known)
    rows = rows[_in_summary(rows)]
    names = rows["network_id"].map(field.network_names)
    count = int((known["kind"] == "regional_network").sum())
    table = pd.DataFrame(
        {
            t("actors.network"): names.mask(rows["kind"] == "regional_network", t("actors.rrma", count=count)),
            t("actors.perimeter"): field.written(rows, "perimeter"),
            t("actors.governance"): field.written(rows, "governance"),
            t("actors.services"): field.written(rows, "services"),
        }
    )
    name, perimeter, governance, _ = table.iloc[0]
    caption = Caption(
        t("actors.summary_reading", name=name, perimeter=perimeter, governance=governance),
        t("actors.summary_scope", count=len(table)),
        field.cite(known[_in_summary(known)]),
    )
    return tabulate(table, t("actors.summary_title"), caption, field.language)


def others(field: Field) -> HTML:
    """The networks that the study's summary table leaves out, kind by kind."""
    t = field.language.text
    known = field.tables["networks"]
    order = field.tables["labels"].query("vocabulary == 'network_kind'")["code"].tolist()
    rows = known[~_in_summary(known)].sort_values("kind", key=lambda kind: kind.map(order.index), kind="stable")
    governed = [t("actors.governed", who=who) if who else "" for who in field.written(rows, "governance")]
    founded = ["" if pd.isna(year) else t("actors.founded", year=str(year)) for year in rows["founded"]]
    members = ["" if pd.isna(count) else t("actors.members", count=int(count)) for count in rows["members"]]
    table = pd.DataFrame(
        {
            t("actors.network"): rows["network_id"].map(field.network_names),
            t("actors.network_kind"): [field.language.label("network_kind", kind) for kind in rows["kind"]],
            t("actors.perimeter_governance"): _joined(field, field.written(rows, "perimeter"), governed),
            t("actors.services"): field.written(rows, "services"),
            t("actors.size"): _joined(field, founded, members),
            t("actors.passage"): field.passages(rows),
        }
    )
    counted = rows.dropna(subset="members").iloc[0]
    caption = Caption(
        t("actors.others_reading", name=field.network_names[counted["network_id"]], members=int(counted["members"])),
        t("actors.others_scope", count=len(table)),
        source_line(field.language, field.tables["sources"], rows),
    )
    return tabulate(table, t("actors.others_title"), caption, field.language)


def _joined(field: Field, *columns: list[str]) -> list[str]:
    """Cells of several columns in one, without the empty ones."""
    return [field.language.text("separator").join(filter(None, cells)) for cells in zip(*columns, strict=True)]


def memberships(field: Field) -> HTML:
    """Which documented collectivity is in which network."""
    t = field.language.text
    links = field.tables["memberships"]
    sides = networks.untangle(field.memberships)
    first = links.iloc[0]
    most = links["collectivity"].value_counts()
    numbers = {"links": len(links), "collectivities": len(sides[0]), "networks": len(sides[1])}
    caption = Caption(
        t(
            "actors.memberships_reading",
            name=first["collectivity"],
            role=field.language.label("membership_role", first["role"]),
            network=field.network_names[first["network_id"]],
        ),
        t("actors.memberships_scope", total=len(field.tables["networks"]), **numbers),
        field.cite(links),
    )
    alt = t("actors.memberships_alt", name=most.index[0], most=int(most.iloc[0]), **numbers)
    drawing = membership_map(field.memberships, sides, links, field.tables["networks"], field.language)
    return illustrate(drawing, alt, caption, field.language)


def shared(field: Field) -> Markdown:
    """How little the documented memberships say of who shares networks with whom."""
    pairs = networks.shared_networks(field.memberships)
    degrees = [field.memberships.degree(node) for node in field.tables["memberships"]["collectivity_id"].unique()]
    return Markdown(
        field.language.text(
            "actors.shared",
            single=degrees.count(1),
            total=len(degrees),
            pairs=len(pairs),
            most=int(pairs["networks"].max()),
        )
    )


def coverage(field: Field) -> HTML:
    """Announced members and documented collectivities of the same networks."""
    t = field.language.text
    found = networks.coverage(field.tables["networks"], field.tables["memberships"])
    table = pd.DataFrame(
        {
            t("actors.network"): found["network_id"].map(field.network_names),
            t("actors.announced"): [int(count) for count in found["members"]],
            t("actors.documented"): found["documented"].tolist(),
        }
    )
    name, members, documented = table.iloc[0]
    links = field.tables["memberships"]
    caption = Caption(
        t("actors.coverage_reading", name=name, members=int(members), documented=int(documented)),
        t("actors.coverage_scope", count=len(table)),
        field.cite(found, links[links["network_id"].isin(found["network_id"])]),
    )
    return tabulate(table, t("actors.coverage_title"), caption, field.language)


def regions(field: Field, boundaries: gpd.GeoDataFrame) -> HTML:
    """The regions for which a source names a regional multi-actor network.

    Parameters
    ----------
    field : Field
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    """
    t, tables = field.language.text, field.tables
    found = networks.of_the_regions(tables["regions"], tables["regional_networks"], tables["networks"])
    found = found.assign(network=found["acronym"].fillna(found[f"name_{field.language.code}"]))
    named = found.dropna(subset="network")
    others = found.loc[found["network"].isna(), "name"]
    shapes = maps.region_shapes(tables["communes"], boundaries).merge(found, on="region_code")
    first = named.iloc[0]
    outlines = tables["sources"][tables["sources"]["source_id"].isin(OUTLINES)]
    sources = [field.cite(named), source_line(field.language, tables["sources"], outlines)]
    caption = Caption(
        t("actors.regions_reading", region=first["name"], network=first["network"]),
        t("actors.regions_scope", total=len(found), count=len(named)),
        t("separator").join(sources),
    )
    alt = t("actors.regions_alt", named=", ".join(named["name"]), others=", ".join(others))
    drawing = maps.regions_map(shapes, boundaries, (t("actors.regions_with"), t("actors.regions_without")))
    return illustrate(drawing, alt, caption, field.language)


def statements(field: Field) -> HTML:
    """The national counts that the sources give more than once."""
    t = field.language.text
    found = networks.stated_twice(field.tables["national_aggregates"])
    numbers = [said(row, field.language) for row in found.itertuples()]
    rows = [
        t("actors.statements_alt_row", year=str(year), said=words)
        for year, words in zip(found["year"], numbers, strict=True)
    ]
    caption = Caption(
        t("actors.statements_reading", source=field.cite(found.head(1)), said=numbers[0]),
        t("actors.statements_scope", count=len(found), groups=int(found["group"].nunique())),
        field.cite(found),
    )
    alt = t("actors.statements_alt", rows=t("separator").join(rows))
    return illustrate(statement_chart(found, field.tables["sources"], field.language), alt, caption, field.language)
