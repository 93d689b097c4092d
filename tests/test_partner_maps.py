"""Maps of many partnerships at once."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from citydiplo import data, geography
from citydiplo.data import Tables
from citydiplo.language import Language
from citydiplo.partner_maps import ARC_ALPHA, VIEWS, home_points, inside, linked_places, links_map, named_pairs
from citydiplo.style import LAND, to_svg

PARIS = {"home_name": "Paris", "home_longitude": 2.35, "home_latitude": 48.86}
LYON = {"home_name": "Lyon", "home_longitude": 4.83, "home_latitude": 45.76}
NAPLES = {"name": "Naples", "longitude": 14.27, "latitude": 40.85}
TOKYO = {"name": "Tokyo", "longitude": 139.69, "latitude": 35.69}


def pairs_of(*pairs: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(
        pairs, columns=["home_name", "home_longitude", "home_latitude", "name", "longitude", "latitude"]
    )


def between(start: tuple[float, float], end: tuple[float, float]) -> pd.DataFrame:
    return pairs_of(
        {"home_name": "Ici", "home_longitude": start[0], "home_latitude": start[1]}
        | {"name": "Là", "longitude": end[0], "latitude": end[1]}
    )


def draw(pairs: pd.DataFrame, view: str = "world", land: str = "iso3 in ['FRA', 'USA']") -> Figure:
    """The map, by default with the land of two countries, which is drawn faster."""
    boundaries = data.load_boundaries("110m").query(land)
    return links_map(pairs, boundaries, view, "collectivité", "lieu lié à {}".format)


def marks(figure: Figure, marker: str) -> list[Line2D]:
    return [line for line in figure.axes[0].lines if line.get_marker() == marker]


def arcs(figure: Figure) -> list[np.ndarray]:
    (lines,) = (found for found in figure.axes[0].collections if isinstance(found, LineCollection))
    return lines.get_segments()


def mark_boxes(figure: Figure) -> list[Bbox]:
    """In pixels, without the border of the marks."""
    boxes = []
    for line in [*marks(figure, "o"), *marks(figure, "s")]:
        side = line.get_markersize() * figure.dpi / 72
        for x, y in figure.axes[0].transData.transform(line.get_xydata()):
            boxes.append(Bbox.from_bounds(x - side / 2, y - side / 2, side, side))
    return boxes


@pytest.fixture(scope="module")
def measured(tables: Tables, everyone: pd.DataFrame) -> pd.DataFrame:
    return geography.measure(tables["partnerships"], everyone)


@pytest.fixture(scope="module", params=VIEWS)
def register_map(request: pytest.FixtureRequest, measured: pd.DataFrame) -> Figure:
    return draw(named_pairs(measured, measured["place"]), request.param, land="name != ''")


def test_names_cover_neither_names_nor_marks(register_map: Figure) -> None:
    boxes = [text.get_window_extent() for text in register_map.axes[0].texts]
    assert len(boxes) >= 20
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    covered = mark_boxes(register_map)
    assert not [box for box in boxes if box.count_overlaps(covered)]
    frame = register_map.axes[0].bbox
    assert all(frame.contains(*box.min) and frame.contains(*box.max) for box in boxes)


def test_names_are_legible(register_map: Figure) -> None:
    assert register_map.get_figwidth() == 8
    for text in [*register_map.axes[0].texts, *register_map.legends[0].get_texts()]:
        assert text.get_fontsize() >= 8


def test_maps_of_the_register_are_small_files(register_map: Figure) -> None:
    assert len(to_svg(register_map)) < 600_000


def test_most_linked_places_are_named_first() -> None:
    near = {"name": "Pozzuoli", "longitude": 14.28, "latitude": 40.85}
    figure = draw(pairs_of(PARIS | near, PARIS | NAPLES, LYON | NAPLES))
    assert figure.axes[0].texts[0].get_text() == "Naples"


def test_no_more_names_than_a_reader_can_use() -> None:
    grid = [
        PARIS | {"name": f"Lieu {x} {y}", "longitude": x, "latitude": y}
        for x in range(-150, 160, 30)
        for y in range(-50, 70, 15)
    ]
    figure = draw(pairs_of(*grid))
    assert 30 <= len(figure.axes[0].texts) < len(grid)


def test_collectivities_and_places_have_their_own_shape_and_colour(register_map: Figure) -> None:
    circles, squares = marks(register_map, "o"), marks(register_map, "s")
    assert circles
    assert squares
    assert {line.get_marker() for line in register_map.axes[0].lines} == {"o", "s"}
    assert not {line.get_color() for line in circles} & {line.get_color() for line in squares}


def luminance(color: tuple[float, float, float]) -> float:
    """Relative luminance (WCAG 2.2): what is left of a colour in greyscale."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(color: tuple[float, float, float], ground: tuple[float, float, float]) -> float:
    dark, light = sorted([luminance(color), luminance(ground)])
    return (light + 0.05) / (dark + 0.05)


def test_marks_and_arcs_stand_out_from_the_land_in_greyscale(register_map: Figure) -> None:
    land = to_rgb(LAND)
    assert contrast(land, to_rgb("white")) < 1.3  # the formula: a pale ground is near white
    for line in register_map.axes[0].lines:
        assert contrast(to_rgb(line.get_color()), land) >= 3
    (lines,) = (found for found in register_map.axes[0].collections if isinstance(found, LineCollection))
    assert lines.get_alpha() == ARC_ALPHA
    seen = [ARC_ALPHA * c + (1 - ARC_ALPHA) * ground for c, ground in zip(lines.get_color()[0], land, strict=False)]
    assert contrast((seen[0], seen[1], seen[2]), land) >= 3


def test_area_of_circles_is_in_proportion_to_links() -> None:
    figure = draw(pairs_of(PARIS | TOKYO, PARIS | NAPLES, LYON | NAPLES))
    one, two = sorted(line.get_markersize() for line in marks(figure, "o"))
    assert two**2 / one**2 == pytest.approx(2)


def test_legend_names_shapes_and_sizes() -> None:
    many = [PARIS | {"home_name": f"Ville {n}", "home_latitude": 43 + n / 2} for n in range(5)]
    figure = draw(pairs_of(*(home | NAPLES for home in many), PARIS | TOKYO))
    written = [text.get_text() for text in figure.legends[0].get_texts()]
    assert written == ["collectivité", "lieu lié à 1", "lieu lié à 3", "lieu lié à 5"]


@pytest.mark.parametrize("view", VIEWS)
def test_legend_fits_below_the_map(view: str, language: Language) -> None:
    home = language.text("partners.home")
    many = [PARIS | {"home_name": f"Ville {n}", "home_latitude": 43 + n / 2} for n in range(5)]
    pairs = pairs_of(*(home | NAPLES for home in many))
    figure = links_map(
        pairs,
        data.load_boundaries("110m"),
        view,
        home,
        lambda count: language.text("partners.circle", count=1000 * count),
    )
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1
    assert not box.overlaps(figure.axes[0].bbox.shrunk(1, 0.999))


@pytest.mark.parametrize(
    ("start", "end"),
    [((139.67, 35.28), (-149.9, 61.2)), ((166.45, -22.27), (-118.24, 34.05))],  # Yokosuka–Anchorage, Nouméa–Los Angeles
)
def test_arcs_across_the_180th_meridian_are_split(start: tuple[float, float], end: tuple[float, float]) -> None:
    drawn = arcs(draw(between(start, end)))
    assert len(drawn) == 2
    assert drawn[0][:, 0].min() > 0 > drawn[1][:, 0].max()


spots = st.tuples(st.floats(-179, 179), st.floats(-55, 80))


@settings(max_examples=25, deadline=None)
@given(spots, spots)
def test_no_arc_draws_a_band(start: tuple[float, float], end: tuple[float, float]) -> None:
    west, _, east, _ = VIEWS["world"].extents
    for arc in arcs(draw(between(start, end))):
        assert (np.hypot(*np.diff(arc, axis=0).T) <= (east - west) / 2).all()


@pytest.mark.parametrize(
    ("name", "longitude", "latitude"),
    [
        ("Reykjavík", -21.9, 64.1),
        ("Las Palmas", -15.4, 28.1),
        ("Nordkapp", 25.8, 71.2),
        ("Iekaterinbourg", 60.6, 56.8),
        ("Ouargla", 5.3, 31.9),
        ("Tel Aviv", 34.8, 32.1),
        ("Ramallah", 35.2, 31.9),
        ("Erevan", 44.5, 40.2),
    ],
)
def test_europe_and_the_mediterranean_hold_their_ends(name: str, longitude: float, latitude: float) -> None:
    pair = pairs_of(PARIS | {"name": name, "longitude": longitude, "latitude": latitude})
    assert len(inside(pair, "europe")) == 1


@pytest.mark.parametrize(("name", "longitude", "latitude"), [("Dakar", -17.4, 14.7), ("Montréal", -73.6, 45.5)])
def test_europe_does_not_hold_other_places(name: str, longitude: float, latitude: float) -> None:
    pair = pairs_of(PARIS | {"name": name, "longitude": longitude, "latitude": latitude})
    assert inside(pair, "europe").empty


def test_pairs_outside_of_a_view_are_not_drawn() -> None:
    noumea = {"home_name": "Nouméa", "home_longitude": 166.45, "home_latitude": -22.27}
    pairs = pairs_of(PARIS | TOKYO, PARIS | NAPLES, noumea | NAPLES)
    assert inside(pairs, "europe").index.tolist() == [1]
    figure = draw(pairs, "europe")
    assert len(arcs(figure)) == 1
    assert [len(line.get_xdata()) for line in marks(figure, "o") + marks(figure, "s")] == [1, 1]
    assert [text.get_text() for text in figure.axes[0].texts] == ["Naples"]


def test_a_pair_without_point_is_outside_of_every_view() -> None:
    pairs = pairs_of(PARIS | NAPLES | {"latitude": np.nan, "longitude": np.nan})
    assert all(inside(pairs, view).empty for view in VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_a_map_without_pairs_is_land_only(view: str) -> None:
    figure = draw(pairs_of(), view)
    assert not figure.axes[0].texts
    assert to_svg(figure)


def test_names_are_not_read_as_formulas() -> None:
    name = r"$\frac{"
    figure = draw(pairs_of(PARIS | NAPLES | {"name": name}))
    assert figure.axes[0].texts[0].get_text() == name
    assert to_svg(figure)


def test_same_pairs_same_bytes(measured: pd.DataFrame) -> None:
    pairs = named_pairs(measured, measured["place"])
    shuffled = pairs.sample(frac=1, random_state=1)
    assert to_svg(draw(pairs, "europe")) == to_svg(draw(pairs, "europe"))
    assert linked_places(pairs).equals(linked_places(shuffled))


def test_named_pairs_are_those_of_the_geography(measured: pd.DataFrame) -> None:
    pairs = named_pairs(measured, measured["place"].str.upper())
    assert len(pairs) == len(geography.pairs(measured))
    assert pairs.notna().all(axis=None)
    strasbourg = pairs[pairs["home_name"] == "Strasbourg"].set_index("name")
    assert strasbourg.loc["BOSTON", "longitude"] == pytest.approx(-71.06, abs=0.05)
    assert (strasbourg["home_latitude"].round(1) == 48.6).all()


def test_points_for_the_map_of_france() -> None:
    metropole = LYON | {"home_name": "Métropole de Lyon"}
    reunion = {"home_name": "Saint-Denis", "home_longitude": 55.45, "home_latitude": -20.88}
    points, outside = home_points(
        pairs_of(LYON | NAPLES, LYON | TOKYO, metropole | NAPLES, PARIS | TOKYO, reunion | TOKYO)
    )
    assert points[["name", "count"]].values.tolist() == [["Lyon", 2], ["Paris", 1]]
    assert points["size"].tolist() == [18, 9]
    assert outside == 1


def test_a_place_that_two_names_tell_is_one_and_has_a_name(measured: pd.DataFrame) -> None:
    (row,) = measured[(measured["collectivity"] == "Strasbourg") & (measured["place"] == "Boston")].head(1).index
    twice = pd.concat(
        [
            measured.loc[[row]].assign(partnership_id="a", place="Bostonville", start_year=1960),
            measured.loc[[row]].assign(partnership_id="b", place="Boston", start_year=1970),
        ],
        ignore_index=True,
    )
    assert named_pairs(twice, twice["place"])["name"].tolist() == ["Bostonville"]
