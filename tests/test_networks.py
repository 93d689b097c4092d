"""Graphs of actors and networks, their drawings, and the notebook's exhibits."""

import re
from itertools import combinations

import geopandas as gpd
import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from citydiplo import canvas, data, graphs, maps, memberships, networks, statements
from citydiplo.data import Tables
from citydiplo.exhibits import actors as exhibits
from citydiplo.language import Language
from citydiplo.style import to_svg

# Areas in km² (INSEE, cadastral or geographic area of the regions).
AREAS = {"11": 12_011, "24": 39_151, "27": 47_784, "28": 29_907, "32": 31_806, "44": 57_441, "52": 32_082}
AREAS |= {"53": 27_208, "75": 84_036, "76": 72_724, "84": 69_711, "93": 31_400, "94": 8_680, "03": 83_534}


@pytest.fixture(scope="module")
def graph(tables: Tables) -> nx.MultiDiGraph:
    return networks.actor_graph(tables["actors"], tables["actor_links"])


@pytest.fixture(scope="module")
def members(tables: Tables) -> nx.Graph:
    return networks.membership_graph(tables["memberships"])


@pytest.fixture
def field(tables: Tables, language: Language) -> exhibits.Field:
    return exhibits.Field(tables, language)


def actors(**kinds: str) -> pd.DataFrame:
    frame = pd.DataFrame({"actor_id": list(kinds), "kind": list(kinds.values()), "level": "national"})
    return frame.assign(name_fr=frame["actor_id"], name_en=frame["actor_id"])


def links(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["from_actor", "to_actor", "relation", "assignment"])


SMALL = actors(city="collectivities", state="state", union="collectivity_association", club="think_tank")
SMALL_LINKS = links(
    ("state", "city", "finance", "text"),
    ("state", "city", "coordinate_and_advise", "inferred"),
    ("city", "union", "compose_and_finance", "ambiguous"),
    ("union", "state", "lobbying", "printed"),
)


# The graph of actors


def test_degrees_count_actors_not_links() -> None:
    found = networks.degrees(networks.actor_graph(SMALL, SMALL_LINKS)).set_index("actor_id")
    assert found.loc["state"].to_dict() == {"acts_on": 1, "acted_on_by": 1, "finances": 1, "financed_by": 0}
    assert found.loc["city"].to_dict() == {"acts_on": 1, "acted_on_by": 1, "finances": 0, "financed_by": 1}
    assert found.loc["club"].eq(0).all()


def test_links_that_no_text_states_are_counted_apart() -> None:
    found = networks.by_relation(networks.actor_graph(SMALL, SMALL_LINKS)).set_index("relation")
    assert found["inferred"].to_dict() == {
        "coordinate_and_advise": 1,
        "compose_and_finance": 1,
        "finance": 0,
        "lobbying": 0,
    }


def test_a_link_to_an_unknown_actor_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the table of actors: mars"):
        networks.actor_graph(SMALL, links(("state", "mars", "finance", "text")))


def test_who_finances_the_collectivities(graph: nx.MultiDiGraph) -> None:
    givers = {start for start, _, relation in graph.in_edges(exhibits.HUB, keys=True) if relation in networks.FINANCING}
    # Said of the State's side, of Europe, and of collectivities and their associations (l. 860-885, 1576-1582,
    # 1737-1739, 1833-1841, 1878-1895, 1930-1937); the Commission and the structural funds are inferred.
    assert givers == {
        *("meae", "daect", "afd", "agences-eau"),
        *("union-europeenne", "commission-europeenne", "europe-pour-les-citoyens", "fonds-structurels", "interreg"),
        *("regions", "departements", "collectivity-associations", "cites-unies-france"),
    }
    advisers = {start for start, _, key in graph.in_edges(exhibits.HUB, keys=True) if key == "coordinate_and_advise"}
    assert givers & advisers == {"meae", "daect", "afd", "collectivity-associations", "cites-unies-france"}


def test_degrees_that_the_notebook_speaks_of(graph: nx.MultiDiGraph) -> None:
    found = networks.degrees(graph).set_index("actor_id")
    assert found.loc["collectivites"].tolist() == [5, 24, 1, 13]
    assert found.loc["cncd", "acted_on_by"] == 6
    assert found.loc["commission-europeenne", "finances"] == 3
    assert set(graph.predecessors("etat")) == {
        *("collectivity-associations", "france-urbaine", "cites-unies-france", "afccre", "aimf", "regions")
    }
    relations = networks.by_relation(graph).set_index("relation")
    assert relations.loc["compose_and_finance", ["links", "inferred"]].tolist() == [14, 13]


def test_the_caption_of_the_map_reads_two_real_arrows(graph: nx.MultiDiGraph) -> None:
    assignments = dict(graph[exhibits.EXAMPLE][exhibits.HUB])
    assert assignments["finance_and_support_projects"]["assignment"] in networks.STATED
    assert assignments["coordinate_and_advise"]["assignment"] not in networks.STATED


# Networks and their members


@st.composite
def bipartite_graphs(draw: st.DrawFn) -> nx.Graph:
    pairs = draw(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14))
    rows = [(f"c{a}", f"n{b}") for a, b in sorted(pairs)]
    return networks.membership_graph(pd.DataFrame(rows, columns=["collectivity_id", "network_id"]))


@given(bipartite_graphs())
def test_untangling_keeps_every_node_and_does_not_add_crossings(graph: nx.Graph) -> None:
    sides = networks.untangle(graph)
    start: list[list[str]] = [[node for node, side in graph.nodes("bipartite") if side == wanted] for wanted in (0, 1)]
    assert [sorted(side) for side in sides] == [sorted(side) for side in start]
    by_component: list[list[str]] = [[], []]
    for part in sorted(nx.connected_components(graph), key=min):
        for found, side in zip(by_component, start, strict=True):
            found.extend(sorted(node for node in side if node in part))
    assert networks.crossings(graph, *sides) <= networks.crossings(graph, *by_component)


def test_untangling_a_simple_knot() -> None:
    frame = pd.DataFrame(
        {"collectivity_id": ["a", "b", "b", "c", "d"], "network_id": ["y", "y", "x", "x", "alone"]},
    )
    graph = networks.membership_graph(frame)
    left, right = networks.untangle(graph)
    assert networks.crossings(graph, left, right) == 0
    assert (left[-1], right[-1]) == ("d", "alone")  # the smaller component last


def test_crossings() -> None:
    graph = networks.membership_graph(pd.DataFrame({"collectivity_id": ["a", "b"], "network_id": ["x", "y"]}))
    assert networks.crossings(graph, ["a", "b"], ["x", "y"]) == 0
    assert networks.crossings(graph, ["a", "b"], ["y", "x"]) == 1


def test_shared_networks() -> None:
    frame = pd.DataFrame(
        {"collectivity_id": ["a", "b", "a", "b", "c", "d"], "network_id": ["x", "x", "y", "y", "y", "z"]},
    )
    found = networks.shared_networks(networks.membership_graph(frame))
    assert found.to_numpy().tolist() == [["a", "b", 2], ["a", "c", 1], ["b", "c", 1]]


def test_no_two_collectivities_are_documented_in_two_same_networks(members: nx.Graph) -> None:
    found = networks.shared_networks(members)
    assert (len(found), found["networks"].max()) == (31, 1)
    nantes = found[(found["collectivity_id"] == "244400404") & (found["other_id"] == "44109")]
    assert len(nantes) == 1  # the city and the métropole: France urbaine (l. 54-59)


def test_few_members_are_documented(tables: Tables) -> None:
    found = networks.coverage(tables["networks"], tables["memberships"]).set_index("network_id")
    assert found.loc["france-urbaine", ["members", "documented"]].tolist() == [106, 6]  # l. 2118-2120
    assert found.loc["maires-pour-la-paix", ["members", "documented"]].tolist() == [5238, 1]
    assert "arricod" not in found.index


def test_the_summary_table_is_the_study_s(tables: Tables, source_lines: dict[str, list[str]]) -> None:
    rows = networks.condensed(tables["networks"])
    regional = rows[rows["kind"] == "regional_network"].squeeze()
    assert len(rows) == len(tables["networks"]) - 10
    assert (regional["perimeter_fr"], regional["perimeter_en"]) == (
        "Europe et international",
        "Europe and international",
    )
    printed = source_lines["france-urbaine-inet-2021"][1766:1789]
    acronyms = [match[0] for line in printed if (match := re.match(r"[A-Z]{3,}", line))]
    assert acronyms == ["ARRICOD", "CUF", "AFCCRE", "AIMF", "RRMA"]
    known = tables["networks"].set_index("network_id").loc[list(exhibits.IN_SUMMARY), "acronym"]
    assert known.tolist() == acronyms[:-1]


def test_regional_networks(tables: Tables, source_lines: dict[str, list[str]]) -> None:
    found = networks.of_the_regions(tables["regions"], tables["regional_networks"], tables["networks"])
    assert len(found) == 18
    named = found.dropna(subset="name_fr")
    assert len(named) == 11
    assert set(named.loc[named["region_code"] < "11", "name"]) == {"Guadeloupe"}
    silent = {"Île-de-France", "Pays de la Loire", "Corse", "Martinique", "Guyane", "La Réunion", "Mayotte"}
    assert set(found["name"]) - set(named["name"]) == silent
    passage = re.sub(r"[\s-]", "", "".join(source_lines["france-urbaine-inet-2021"][1710:1720])).casefold()
    for name, acronym in zip(named["name_fr"], named["acronym"], strict=True):
        printed = name if pd.isna(acronym) else acronym
        assert re.sub(r"[\s-]", "", printed).casefold() in passage


# National counts


def test_counts_stated_twice(tables: Tables) -> None:
    found = networks.stated_twice(tables["national_aggregates"])
    engaged = found[found["group"] == "collectivities_engaged"]
    assert engaged[["year", "value", "qualifier"]].to_numpy().tolist() == [
        [2021, 5000, "nearly"],
        [2021, 4700, "exact"],
        [2025, 3000, "more_than"],
    ]
    assert found.loc[found["group"] == "projects", "indicator"].tolist() == ["projects", "partnerships_ongoing"]
    assert "city_networks" not in set(found["group"])
    assert found.groupby("group")["year"].apply(lambda years: years.is_monotonic_increasing).all()


# Regions


@pytest.fixture(scope="module")
def shapes(tables: Tables) -> pd.DataFrame:
    return maps.region_shapes(tables["communes"], data.load_boundaries("50m"))


def test_regions_have_about_their_area(shapes: pd.DataFrame) -> None:
    assert len(shapes) == 18
    areas = shapes.set_index("region_code").to_crs("ESRI:54034").area / 1e6
    for code, area in AREAS.items():
        assert areas[code] == pytest.approx(area, rel=0.03)


def test_regions_hold_their_cities_and_do_not_overlap(tables: Tables, shapes: pd.DataFrame) -> None:
    collectivities = tables["collectivities"].dropna(subset=["latitude"])
    cities = gpd.GeoDataFrame(
        collectivities,
        geometry=gpd.points_from_xy(collectivities["longitude"], collectivities["latitude"]),
        crs=4326,
    )
    joined = cities.sjoin(shapes.rename(columns={"region_code": "shape"}))
    inland = joined[joined["kind"].isin(["commune", "metropole"])]
    assert len(inland) > 40
    assert (inland["region_code"] == inland["shape"]).all()
    flat = shapes.to_crs("ESRI:54034")
    assert flat.area.sum() == pytest.approx(flat.union_all().area, rel=1e-6)


# Drawings


def drawn_texts(figure: Figure) -> list[Text]:
    """Texts of the drawing and of the legend; not those of the hidden axes."""
    figure.draw_without_rendering()
    legends = figure.findobj(Legend)
    texts = [*(text for axes in figure.axes for text in axes.texts), *(t for part in legends for t in part.get_texts())]
    return [text for text in texts if text.get_text().strip()]


def assert_legible(figure: Figure, smallest: float = 8) -> None:
    """No text covers another, none is cut by the edge, none is tiny."""
    texts = drawn_texts(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    covering = [(a, b) for (a, one), (b, other) in combinations(boxes, 2) if one.padded(-1).overlaps(other.padded(-1))]
    assert not covering
    page = figure.bbox
    assert not [text for text, box in boxes if not (page.x0 <= box.x0 and box.x1 <= page.x1)]
    assert not [text for text, box in boxes if not (page.y0 <= box.y0 and box.y1 <= page.y1)]
    assert min(text.get_size() for text in texts) >= smallest


def test_actor_map_is_legible(graph: nx.MultiDiGraph, tables: Tables, language: Language) -> None:
    figure = graphs.actor_map(graph, tables["actors"], language)
    assert_legible(figure)
    said = "\n".join(text.get_text() for text in drawn_texts(figure)).replace("\n", " ")
    for _, row in tables["actors"].iterrows():
        assert language.pick(row, "name") in said


def test_names_stay_in_their_cards(graph: nx.MultiDiGraph, tables: Tables, language: Language) -> None:
    figure = graphs.actor_map(graph, tables["actors"], language)
    cards = [patch.get_window_extent() for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    inside = 0
    for text in drawn_texts(figure):
        box = text.get_window_extent()
        for card in cards:
            if card.overlaps(box):
                assert card.x0 < box.x0
                assert box.x1 < card.x1
                assert card.y0 < box.y0
                assert box.y1 < card.y1
                inside += 1
    assert inside >= len(cards)


def heads(figure: Figure) -> list[str]:
    """The arrow heads drawn outside the legend."""
    return [line.get_marker() for line in figure.axes[0].lines if line.get_marker() in "<>"]


def test_every_link_has_an_arrow(graph: nx.MultiDiGraph, tables: Tables, language: Language) -> None:
    figure = graphs.actor_map(graph, tables["actors"], language)
    to_hub, from_hub = graph.in_degree(exhibits.HUB), graph.out_degree(exhibits.HUB)
    others = {(end, key) for start, end, key in graph.edges(keys=True) if exhibits.HUB not in (start, end)}
    assert heads(figure).count("<") == from_hub
    assert heads(figure).count(">") == to_hub + len(others)


def test_a_small_map(tables: Tables, language: Language) -> None:
    figure = graphs.actor_map(networks.actor_graph(SMALL, SMALL_LINKS), SMALL, language, hub="city")
    assert sorted(heads(figure)) == ["<", ">", ">", ">"]
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "None"]
    dashed = {line.get_color() for line in lines if line.get_linestyle() == "--"}
    assert dashed == {graphs.RELATIONS[code][0] for code in ("coordinate_and_advise", "compose_and_finance")}
    assert_legible(figure)


def test_every_code_has_a_colour(tables: Tables) -> None:
    codes = tables["labels"].groupby("vocabulary")["code"].agg(set)
    assert set(graphs.FAMILY) == codes["actor_kind"]
    assert set(graphs.FAMILY.values()) == set(graphs.FAMILIES)
    assert set(graphs.RELATIONS) == codes["actor_relation"]
    assert set(memberships.ROLES) == codes["membership_role"]
    assert set(graphs.LEVELS) == codes["actor_level"]
    assert set(statements.BOUNDS) < codes["qualifier"]
    for signs in (graphs.RELATIONS, memberships.ROLES):
        assert len({color for color, _ in signs.values()}) == len({sign for _, sign in signs.values()}) == len(signs)


def test_membership_map_is_legible(members: nx.Graph, tables: Tables, language: Language) -> None:
    links = tables["memberships"]
    figure = memberships.membership_map(members, networks.untangle(members), links, tables["networks"], language)
    assert_legible(figure)
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert len(lines) == len(links)


def test_statements_are_legible(tables: Tables, language: Language) -> None:
    found = networks.stated_twice(tables["national_aggregates"])
    figure = statements.statement_chart(found, tables["sources"], language)
    assert_legible(figure)
    said = {text.get_text() for text in drawn_texts(figure)}
    thousand = {"fr": "près de 5\u202f000 collectivités", "en": "nearly 5,000 collectivities"}
    assert thousand[language.code] in said
    markers = [line.get_marker() for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert markers[:3] == ["<", "o", ">"]


def test_map_of_regions_is_legible(tables: Tables, shapes: pd.DataFrame) -> None:
    found = networks.of_the_regions(tables["regions"], tables["regional_networks"], tables["networks"])
    found = found.assign(network=found["acronym"].fillna(found["name_fr"]))
    figure = maps.regions_map(shapes.merge(found, on="region_code"), data.load_boundaries("50m"), ("oui", "inconnu"))
    assert_legible(figure)
    said = " ".join(text.get_text() for text in drawn_texts(figure)).replace("\n", " ")
    assert "Karib Horizon" in said
    assert all(name.split("-")[0] in said for name in found["name"])


@given(st.lists(st.text("abcdeéïœ’-()", min_size=1, max_size=30), min_size=1, max_size=15), st.floats(0.5, 4))
def test_wrapping_keeps_the_words_and_the_width(words: list[str], width: float) -> None:
    lines = canvas.wrap(" ".join(words), width)
    assert " ".join(lines).split() == words
    assert all(canvas.text_width(line) <= width for line in lines if " " in line)


def test_drawings_are_deterministic(graph: nx.MultiDiGraph, tables: Tables, language: Language) -> None:
    once, again = (to_svg(graphs.actor_map(graph, tables["actors"], language)) for _ in range(2))
    assert once == again


# Exhibits


@pytest.mark.parametrize(
    "name", ["actor_map", "relations", "money", "actors", "summary", "others", "memberships", "coverage", "statements"]
)
def test_exhibits_have_captions(field: exhibits.Field, name: str) -> None:
    html = getattr(exhibits, name)(field).data
    for part in ("reading", "scope", "source"):
        assert f"<b>{field.language.text(f'caption.{part}')}</b>" in html
    assert not re.search(r"\b(nan|None|&lt;NA&gt;)\b", re.sub(r"base64,[^\"]*", "", html))


def test_the_map_of_regions_says_how_it_was_made(field: exhibits.Field) -> None:
    html = exhibits.regions(field, data.load_boundaries("50m")).data
    for source in (
        "GeoNames",
        "Natural Earth",
        {"fr": "Contours approchés", "en": "Approximate outlines"}[field.language.code],
    ):
        assert source in html


def test_the_table_of_actors_has_no_nought(field: exhibits.Field) -> None:
    html = exhibits.actors(field).data
    assert ">0</td>" not in html
    assert html.count("<tr>") == len(field.tables["actors"]) + 1


def test_what_is_shared_is_said_with_its_numbers(field: exhibits.Field) -> None:
    said = exhibits.shared(field).data
    assert re.findall(r"\d+", said) == ["25", "30", "31", "1"]
