"""
Maps of many partnerships at once: the world, Europe and the Mediterranean, and the points for the map of France.

All take pairs: a frame with one row a pair of a French collectivity (home_name, home_longitude, home_latitude) and a
place (name, longitude, latitude), in degrees, the names in the reader's language. See `named_pairs`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pyproj import Transformer
from scipy.spatial import KDTree

from citydiplo import geography
from citydiplo.maps import ANTARCTICA, FRANCE, FRANCE_EXTENTS, WIDTH, WORLD, Project, great_circle, name_places
from citydiplo.style import BLUE, INK, LAND, PARAMETERS, VERMILION, new_figure

STRIP = 0.36  # height of the legend, in inches
MOST_NAMES = 36  # more would hide the arcs

# Diameter of the circle of a place linked with one collectivity, in points: areas grow in proportion, until circles
# would hide their neighbours.
CIRCLE, LARGEST = 3.6, 14.0

ARC_ALPHA = 0.8  # where arcs cross they darken; a lone one keeps a contrast of 3 with the land

# Detail of coasts and arcs, as a share of the width of the map: no corner is seen, and the file stays small.
DETAIL = 1 / 1500


@dataclass(frozen=True)
class View:
    """A part of the world and how it is projected.

    Attributes
    ----------
    crs : str
    extents : (x0, y0, x1, y1)
        In metres of the projection.
    bounds : (west, south, east, north)
        Degrees that hold all of it: what lies beyond need not be projected.
    square : float
        Side of the square of a collectivity, in points.
    """

    crs: str
    extents: tuple[float, float, float, float]
    bounds: tuple[float, float, float, float]
    square: float

    @property
    def detail(self) -> float:
        """What need not be seen, in metres."""
        return (self.extents[2] - self.extents[0]) * DETAIL

    def project(self) -> Project:
        """From longitude and latitude to metres."""
        return Transformer.from_crs(4326, self.crs, always_xy=True).transform

    def holds(self, longitude: pd.Series, latitude: pd.Series) -> pd.Series:
        """Which points are in the view; a missing point is not."""
        x, y = self.project()(longitude.to_numpy(float), latitude.to_numpy(float))
        x0, y0, x1, y1 = self.extents
        return pd.Series((x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1), index=longitude.index)


VIEWS = {
    # Without Antarctica.
    "world": View(WORLD, (-17_250_000, -6_700_000, 17_250_000, 8_350_000), (-180, -60, 180, 90), 3.0),
    # ETRS89-LAEA, the European Union's own; from the Canaries and Iceland to the Urals and the Caspian Sea.
    "europe": View("EPSG:3035", (1_450_000, 780_000, 7_650_000, 5_500_000), (-75, 10, 110, 85), 5.0),
}


def named_pairs(measured: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """List each located pair once, as the maps take them.

    Parameters
    ----------
    measured : DataFrame
        From `geography.measure`.
    names : Series
        The partner of each row as the reader calls it.

    Returns
    -------
    DataFrame
        Columns home_name, home_longitude, home_latitude, name, longitude and latitude.
    """
    located = geography.once(measured[measured["distance_km"].notna()])
    homes = dict(zip(located["collectivity_id"], located["collectivity"], strict=True))
    called = dict(zip(geography.places(located), names[located.index], strict=True))
    pairs = geography.pairs(located)
    return pd.DataFrame(
        {
            "home_name": pairs["origin"].map(homes),
            "home_longitude": pairs["origin_longitude"],
            "home_latitude": pairs["origin_latitude"],
            "name": pairs["partner"].map(called),
            "longitude": pairs["partner_longitude"],
            "latitude": pairs["partner_latitude"],
        }
    )


def inside(pairs: pd.DataFrame, view: str) -> pd.DataFrame:
    """The pairs of which both ends are in a view: those that `links_map` draws.

    Parameters
    ----------
    pairs : DataFrame
    view : {"world", "europe"}
    """
    window = VIEWS[view]
    near = window.holds(pairs["home_longitude"], pairs["home_latitude"])
    return pairs[near & window.holds(pairs["longitude"], pairs["latitude"])]


def linked_places(pairs: pd.DataFrame) -> pd.DataFrame:
    """The places of pairs, the most linked first, then by name.

    Returns
    -------
    DataFrame
        Columns longitude, latitude, name and count: the French collectivities linked with it.
    """
    places = pairs.groupby(["longitude", "latitude"], as_index=False).agg(
        name=("name", "first"), count=("name", "size")
    )
    return places.sort_values(["count", "name"], ascending=[False, True], ignore_index=True)


def home_points(pairs: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The collectivities of pairs, for `maps.france_map`.

    Returns
    -------
    points : DataFrame
        Columns longitude, latitude, name, count (of partners) and size (in points², in proportion), largest first.
        A commune and its EPCI may share a point: it has the name and the count of the one with the most partners.
    outside : int
        How many collectivities are left out because the map of mainland France does not hold them.
    """
    columns = ["home_name", "home_longitude", "home_latitude"]
    homes = pairs.groupby(columns, as_index=False).size()
    homes.columns = pd.Index(["name", "longitude", "latitude", "count"])
    shown = View(FRANCE, FRANCE_EXTENTS, (-8, 39, 13, 53), 0).holds(homes["longitude"], homes["latitude"])
    points = homes[shown].sort_values(["count", "name"], ascending=[False, True])
    points = points.drop_duplicates(["longitude", "latitude"]).reset_index(drop=True)
    return points.assign(size=9 * points["count"]), int((~shown).sum())


def links_map(
    pairs: pd.DataFrame, boundaries: gpd.GeoDataFrame, view: str, home: str, place: Callable[[int], str]
) -> Figure:
    """A map of many pairs: thin arcs on the shortest way, circles for places abroad, squares for collectivities.

    Circles grow in area with the number of collectivities linked; the most linked places are named where there is
    room. Pairs of which an end is outside of the view are not drawn: see `inside`.

    Parameters
    ----------
    pairs : DataFrame
    boundaries : GeoDataFrame
        Of countries, WGS 84, with their name.
    view : {"world", "europe"}
    home : str
        What a square is, for the legend.
    place : callable
        What the circle of a place linked with so many collectivities is, for the legend.
    """
    window = VIEWS[view]
    x0, y0, x1, y1 = window.extents
    drawn = inside(pairs, view)
    places = linked_places(drawn)
    homes = drawn[["home_longitude", "home_latitude"]].drop_duplicates().set_axis(["longitude", "latitude"], axis=1)
    project = window.project()
    height = WIDTH * (y1 - y0) / (x1 - x0)
    figure = new_figure(WIDTH, height + STRIP)
    with mpl.rc_context(PARAMETERS):
        axes = figure.add_axes((0, STRIP / (height + STRIP), 1, height / (height + STRIP)))
        axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal")
        axes.set_axis_off()
        _land(boundaries, window).plot(ax=axes, color=LAND, edgecolor="white", linewidth=0.4, aspect=None)
        axes.add_collection(LineCollection(_arcs(drawn, window), color=BLUE, linewidth=0.35, alpha=ARC_ALPHA))
        for count, alike in places.groupby("count", sort=False):
            x, y = project(alike["longitude"], alike["latitude"])
            axes.plot(x, y, "o", color=BLUE, markersize=_diameter(count), mec="white", mew=0.5, zorder=3)
        x, y = project(homes["longitude"], homes["latitude"])
        axes.plot(x, y, "s", color=VERMILION, markersize=window.square, mec=INK, mew=0.6, zorder=4)
        others = homes.assign(radius=window.square / 2)
        name_places(axes, _to_name(places, project), others, project, MOST_NAMES)
        _legend(figure, places["count"], home, place)
    return figure


def _land(boundaries: gpd.GeoDataFrame, window: View) -> gpd.GeoSeries:
    """The countries in a view, with no more detail than is seen there."""
    countries = boundaries.loc[boundaries["name"] != ANTARCTICA].geometry.clip_by_rect(*window.bounds)
    seen = countries[~countries.is_empty].to_crs(window.crs).clip_by_rect(*window.extents).explode()
    return seen[seen.area > (2 * window.detail) ** 2].simplify_coverage(window.detail)


def _arcs(pairs: pd.DataFrame, window: View) -> list[np.ndarray]:
    """The shortest ways of pairs in metres, each in one part, or two where it crosses the 180th meridian."""
    project = window.project()
    lines = [
        shapely.LineString(np.column_stack(project(*part.T)))
        for pair in pairs.itertuples()
        for part in great_circle((pair.home_longitude, pair.home_latitude), (pair.longitude, pair.latitude))
        if len(part) > 1
    ]
    return [shapely.get_coordinates(line) for line in shapely.simplify(np.array(lines, dtype=object), window.detail)]


def _diameter(count: int) -> float:
    """Of the circle of a place linked with so many collectivities, in points."""
    return min(CIRCLE * count**0.5, LARGEST)


def _to_name(places: pd.DataFrame, project: Project) -> pd.DataFrame:
    """Places in the order in which they are to be named: the most linked, of equals the most distant from another."""
    points = np.column_stack(project(places["longitude"], places["latitude"]))
    gaps = KDTree(points).query(points, k=2)[0][:, 1] if len(points) else []
    order = places.assign(gap=gaps, radius=places["count"].map(_diameter) / 2)
    return order.sort_values(["count", "gap", "name"], ascending=[False, False, True])


def _legend(figure: Figure, counts: pd.Series, home: str, place: Callable[[int], str]) -> None:
    """Below the map: the square, and the circles of the least, a middle and the greatest count."""
    handles = [Line2D([], [], ls="none", marker="s", color=VERMILION, mec=INK, mew=0.5, markersize=5, label=home)]
    top = int(counts.max()) if len(counts) else 0
    for count in sorted({1, (top + 1) // 2, top} - {0} if top else ()):
        size, label = _diameter(count), place(count)
        handles.append(Line2D([], [], ls="none", marker="o", color=BLUE, mec="white", markersize=size, label=label))
    figure.legend(
        handles=handles,
        loc="lower center",
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        borderpad=0.3,
        handlelength=1,
        handletextpad=0.4,
        columnspacing=1.4,
    )
