"""The map of the index: a disc or a ring for each collectivity, which is a link to its report."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.text import Annotation
from pyproj import Transformer

from citydiplo import maps

POINTS = 72  # in an inch
LEAST, EACH = 70, 5  # area of a disc, in square points, and what each fact adds to it; see `rings`

ANCHORS = {"left": "start", "center": "middle", "right": "end"}
ORDER = ("commune", "epci", "other")  # from the middle outwards


@dataclass(frozen=True)
class Name:
    """A place's name, at x and y points from the top left corner; anchor is start, middle or end."""

    text: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class LinkMap:
    """What the template draws, in points.

    Attributes
    ----------
    width, height : float
    land : list of (path, colour)
    marks : DataFrame
        The rows of the table with x, y, inner and outer (radii): the outermost first.
    names : list of Name
    off : DataFrame
        Rows that are outside the map.
    """

    width: float
    height: float
    land: list[tuple[str, str]]
    marks: pd.DataFrame
    names: list[Name]
    off: pd.DataFrame


def link_map(table: pd.DataFrame, boundaries: gpd.GeoDataFrame) -> LinkMap:
    """Lay out the map: the collectivities of one point are rings around each other.

    Parameters
    ----------
    table : DataFrame
        From `catalogue.summary`.
    boundaries : GeoDataFrame
        See `maps.france_map`, which draws the land and places the names.
    """
    x, y = Transformer.from_crs(4326, maps.FRANCE, always_xy=True).transform(table["longitude"], table["latitude"])
    west, south, east, north = maps.FRANCE_EXTENTS
    inside = (west <= x) & (x <= east) & (south <= y) & (y <= north)
    marks = rings(table.assign(x=x, y=y)[inside])
    places = marks.groupby(["latitude", "longitude"], as_index=False, sort=False).agg(
        name=("name", "last"), size=("outer", lambda radii: (2 * radii.max()) ** 2)
    )
    figure = maps.france_map(places, boundaries)
    (axes,) = figure.axes
    width, height = figure.get_size_inches() * POINTS

    def on_page(points: np.ndarray) -> np.ndarray:
        """From metres to points of the page, from its top left corner."""
        x, y = (axes.transData.transform(points) * POINTS / figure.dpi).T
        return np.column_stack([x, height - y]).round(1)

    land: Any = axes.collections[0]
    marks[["x", "y"]] = on_page(marks[["x", "y"]].to_numpy())
    return LinkMap(
        width,
        height,
        [
            (_outline([on_page(np.asarray(ring)) for ring in path.to_polygons()]), to_hex(color))
            for path, color in zip(land.get_paths(), land.get_facecolor(), strict=True)
        ],
        marks,
        [_name(text, *on_page(np.array([text.xy]))[0]) for text in axes.texts if isinstance(text, Annotation)],
        table[~inside],
    )


def rings(table: pd.DataFrame) -> pd.DataFrame:
    """Give the collectivities of each point their radii: a commune in the middle, the others around it.

    The area of a disc grows with the number of facts; a ring is half as wide as such a disc. Where there is no commune,
    the middle is empty.

    Returns
    -------
    DataFrame
        The rows with ``inner`` and ``outer`` (radii in points), the largest first, so that none hides another.
    """
    ordered = table.sort_values("group", key=lambda groups: groups.map(ORDER.index), kind="stable")
    disc = ordered["group"] == "commune"
    radius = np.sqrt((LEAST + EACH * ordered["facts"]) / np.pi)
    wide = radius.where(disc, radius / 2)
    place = [ordered["latitude"], ordered["longitude"]]
    hole = np.sqrt(LEAST / np.pi) * ~disc.groupby(place).transform("any")
    outer = hole + wide.groupby(place).cumsum()
    inner = (outer - wide).where(~disc, 0.0)
    radii = ordered.assign(inner=inner.round(2), outer=outer.round(2))
    return radii.sort_values("outer", ascending=False, kind="stable")


def ring_path(mark: Any) -> str:
    """A disc, or a ring that is empty in its middle, as an SVG path around a mark's point."""
    circles = [
        f"M{mark.x - radius:.2f} {mark.y:.2f}a{radius} {radius} 0 1 0 {2 * radius:.2f} 0"
        f"a{radius} {radius} 0 1 0 {-2 * radius:.2f} 0z"
        for radius in (mark.outer, mark.inner)
        if radius
    ]
    return "".join(circles)


def _outline(polygons: list[np.ndarray]) -> str:
    return "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in polygon) + "z" for polygon in polygons)


def _name(text: Any, x: float, y: float) -> Name:
    right, up = text.get_position()
    return Name(text.get_text(), round(x + right, 1), round(y - up, 1), ANCHORS[text.get_ha()])
