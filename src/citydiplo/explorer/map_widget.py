"""The explorer's widget in the browser, and the outlines of its maps as SVG: projected and simplified, drawn once."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import geopandas as gpd
import numpy as np
import shapely
import traitlets

from citydiplo.maps import ANTARCTICA, FRANCE, FRANCE_EXTENTS, Project, great_circle
from citydiplo.partner_maps import VIEWS, View
from citydiplo.style import LAND, NEIGHBOURS

FOLDER = Path(__file__).parent

MAPS = {"france": View(FRANCE, FRANCE_EXTENTS, (-8, 39, 13, 53), 0), **VIEWS}

WIDE = 1000  # units of a map from west to east
DETAIL = 1.2  # of outlines, in these units: on a screen a unit is less than a pixel
TINY = 12  # a country smaller than this is no easy target: it has a circle
ARC_STEP = 400  # of an arc, in kilometres


class ExplorerWidget(anywidget.AnyWidget):
    """What the browser and Python tell each other; see map_widget.js.

    Attributes
    ----------
    frame : str
        HTML that stands from the start.
    fixed : dict
        What never changes: options of the filters, marks, points, texts.
    asked : dict
        What the reader asks for: ``choice``, ``picked`` (a collectivity or a country), ``compared`` (ids),
        ``documented`` (whether the list of what is documented is open), ``serial``.
    shown : dict
        The answer: every view of one choice, in one message, so that all change together.
    """

    _esm = FOLDER / "map_widget.js"
    _css = FOLDER / "map_widget.css"

    frame = traitlets.Unicode().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    asked = traitlets.Dict().tag(sync=True, echo_update=False)
    shown = traitlets.Dict().tag(sync=True)


@dataclass(frozen=True)
class Outline:
    """A country on a map.

    Attributes
    ----------
    iso3 : str
        Empty for a country without code.
    path : str
        Its outline in SVG.
    x, y : float or None
        Where its circle stands if it is tiny.
    fill : str
        A colour, where the map shows nothing of it.
    """

    iso3: str
    path: str
    x: float | None
    y: float | None
    fill: str


def height(name: str) -> int:
    """The height of a map that is `WIDE` wide."""
    x0, y0, x1, y1 = MAPS[name].extents
    return round(WIDE * (y1 - y0) / (x1 - x0))


def points(name: str, longitude: Any, latitude: Any) -> np.ndarray:
    """Project points to the units of a map.

    Parameters
    ----------
    name : {"france", "world", "europe"}
    longitude, latitude : array of float
        Degrees.

    Returns
    -------
    ndarray
        Rows (x, y) from the top left corner; not a number outside of the map.
    """
    found = _projected(name, np.asarray(longitude, float), np.asarray(latitude, float))
    return np.where(_inside(name, found)[:, None], found, np.nan).round(1)


def _projected(name: str, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    return _to_units(MAPS[name], np.column_stack(_project(name)(longitude, latitude)))


@cache
def _project(name: str) -> Project:
    """Made once: it takes longer than to project all points."""
    return MAPS[name].project()


def _inside(name: str, found: np.ndarray) -> np.ndarray:
    return (found >= 0).all(axis=1) & (found[:, 0] <= WIDE) & (found[:, 1] <= height(name))


def _to_units(view: View, metres: np.ndarray) -> np.ndarray:
    x0, _, x1, y1 = view.extents
    return (metres - [x0, y1]) * [1, -1] * WIDE / (x1 - x0)


def outlines(name: str, boundaries: gpd.GeoDataFrame) -> list[Outline]:
    """The countries of a map.

    Parameters
    ----------
    name : {"france", "world", "europe"}
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    """
    view = MAPS[name]
    countries = boundaries[boundaries["name"] != ANTARCTICA]
    seen = countries.geometry.clip_by_rect(*view.bounds)
    seen = seen[~seen.is_empty].to_crs(view.crs).clip_by_rect(*view.extents).buffer(0)
    drawn = gpd.GeoSeries(shapely.transform(seen.array, lambda metres: _to_units(view, metres)), index=seen.index)
    ground = NEIGHBOURS if name == "france" else LAND
    return [
        _outline(countries["iso3"][row], shape, LAND if countries["iso3"][row] == "FRA" else ground)
        for row, shape in drawn[~drawn.is_empty].items()
    ]


def _outline(iso3: Any, shape: Any, fill: str) -> Outline:
    x0, y0, x1, y1 = shape.bounds
    tiny = max(x1 - x0, y1 - y0) < TINY
    middle = shapely.point_on_surface(shape)
    x, y = (round(middle.x, 1), round(middle.y, 1)) if tiny else (None, None)
    return Outline(iso3 if isinstance(iso3, str) else "", _path(shape.simplify(DETAIL)), x, y, fill)


def _path(shape: Any) -> str:
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [ring for part in polygons for ring in (part.exterior, *part.interiors)]
    return "".join(f"{_line(np.asarray(ring.coords)[:-1])}z" for ring in rings)


def _line(coordinates: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in coordinates)


def arc(name: str, home: tuple[float, float], partner: tuple[float, float]) -> str:
    """The shortest way between two points, as an SVG path; empty if an end is outside of the map.

    Parameters
    ----------
    name : {"world", "europe"}
    home, partner : (longitude, latitude)
        Degrees.
    """
    if not _inside(name, _projected(name, *np.array([home, partner]).T)).all():
        return ""
    parts = [_projected(name, *part.T) for part in great_circle(home, partner, ARC_STEP)]
    return "".join(_line(part) for part in parts if len(part) > 1)
