"""Arcs and boundaries."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import LineCollection

from citydiplo import data
from citydiplo.maps import GEOD, france_map, great_circle, world_map
from citydiplo.style import to_svg

points = st.tuples(st.floats(-179, 179), st.floats(-85, 85))


@given(points, points)
def test_great_circle_is_the_shortest_way(start: tuple[float, float], end: tuple[float, float]) -> None:
    parts = great_circle(start, end)
    line = np.vstack(parts)
    assert np.allclose(line[0], start, atol=1e-6)
    assert np.allclose(line[-1], end, atol=1e-6)
    assert all((np.abs(np.diff(part[:, 0])) <= 180).all() for part in parts)
    along = GEOD.line_length(line[:, 0], line[:, 1])
    assert along == pytest.approx(GEOD.inv(*start, *end)[2], rel=1e-6, abs=1)


def test_great_circle_across_the_180th_meridian_is_cut() -> None:
    parts = great_circle((139.67, 35.28), (-149.9, 61.2))  # Yokosuka to Anchorage
    assert len(parts) == 2
    assert parts[0][-1, 0] > 170
    assert parts[1][0, 0] < -170


@pytest.mark.parametrize("scale", ["110m", "50m"])
def test_boundaries_are_valid_and_do_not_band_the_globe(scale: str) -> None:
    shapes = data.load_boundaries(scale)
    assert shapes.crs.to_epsg() == 4326
    assert shapes.is_valid.all()
    parts = shapes[shapes["name"] != "Antarctica"].explode()
    widths = parts.bounds["maxx"] - parts.bounds["minx"]
    assert widths.max() < 180
    assert {"FRA", "RUS", "FJI", "USA"} <= set(shapes["iso3"].dropna())


def links(*places: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(places, columns=["name", "longitude", "latitude"])
    return frame.assign(home_longitude=5.37, home_latitude=43.3)


def test_world_map_adds_a_close_view_where_partners_are_near() -> None:
    boundaries = data.load_boundaries("110m")
    near = world_map(links(("Naples", 14.27, 40.85), ("Dakar", -17.4, 14.7)), boundaries)
    far = world_map(links(("Yokosuka", 139.67, 35.28), ("Lima", -77, -12)), boundaries)
    assert (len(near.axes), len(far.axes)) == (2, 1)


def test_map_of_one_partner_next_door() -> None:
    figure = world_map(links(("Marseille", 5.37, 43.31)), data.load_boundaries("110m"))
    width = np.ptp(figure.axes[-1].get_xlim())
    assert width > 3_000_000  # metres: never so close that no coast is seen


def test_labels_do_not_cover_each_other() -> None:
    crowd = links(*((f"Ville {n}", 14 + n / 10, 40 + n / 10) for n in range(12)))
    figure = world_map(crowd, data.load_boundaries("110m"))
    figure.canvas.draw()
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        assert not any(box.count_overlaps(boxes[:n]) for n, box in enumerate(boxes))


def test_labels_do_not_cover_the_collectivity() -> None:
    figure = world_map(links(("À l’ouest", 4.6, 43.3)), data.load_boundaries("110m"))
    (label,) = figure.axes[-1].texts
    home = figure.axes[-1].lines[-1]
    (x, y) = figure.axes[-1].transData.transform(home.get_xydata())[0]
    assert home.get_markersize() == 6
    assert not label.get_window_extent().contains(x, y)


@pytest.mark.parametrize("far", [(-149.9, 61.2), (-118.24, 34.05)])
def test_arcs_across_the_180th_meridian_draw_no_band(far: tuple[float, float]) -> None:
    pacific = links(("Au loin", *far)).assign(home_longitude=166.45, home_latitude=-22.27)
    figure = world_map(pacific, data.load_boundaries("110m"))
    (arcs,) = (found for found in figure.axes[0].collections if isinstance(found, LineCollection))
    assert len(arcs.get_segments()) == 2
    width = np.ptp(figure.axes[0].get_xlim())
    assert all(np.ptp(arc[:, 0]) < width / 2 for arc in arcs.get_segments())


def test_figures_are_deterministic() -> None:
    boundaries = data.load_boundaries("50m")
    places = pd.DataFrame({"name": ["Lyon"], "longitude": [4.83], "latitude": [45.76], "size": [40]})
    assert to_svg(france_map(places, boundaries)) == to_svg(france_map(places, boundaries))
