"""Maps: places in, a matplotlib figure out."""

import textwrap
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox
from pyproj import Geod, Transformer

from citydiplo.style import BLUE, INK, LAND, NEIGHBOURS, PARAMETERS, VERMILION, new_figure

WORLD = "EPSG:8857"  # Equal Earth: areas are true, and shapes near what readers know
FRANCE = "EPSG:2154"  # RGF93 / Lambert-93, the official projection of mainland France
FRANCE_EXTENTS = (80_000, 6_030_000, 1_260_000, 7_136_000)  # of the mainland and Corsica, in metres
GEOD = Geod(ellps="WGS84")
WIDTH = 8.0  # of a world map, in inches
ANTARCTICA = "Antarctica"  # has no collectivity: maps of the world leave it out

PARTNER_SIZE, HOME_SIZE = 4, 6  # of the points of a world map, in points

FIRST_METROPOLITAN = "11"  # the codes of overseas regions come before it
FILLS = ("#a9cde5", "#dfe3e8")  # of a region with and without what the map shows

# Where a label may stand beside its mark, in points from the mark's edge, in order of preference: (x, y, horizontal
# alignment). Upwards y counts from the baseline, downwards too: it leaves room for the height of the letters.
SIDES = (
    (4, -3, "left"),
    (-4, -3, "right"),
    (0, 4, "center"),
    (0, -11, "center"),
    (2, 4, "left"),
    (-2, 4, "right"),
    (2, -10, "left"),
    (-2, -10, "right"),
    (2, 9, "left"),
    (-2, 9, "right"),
    (0, -15, "center"),
)
APART = 2.5  # space between a name and the next on its line, in points
NEARER = 2  # no other mark may be that many times nearer to a name than its own: it would seem to bear the name

Project = Callable[[Any, Any], Any]  # (longitude, latitude) in degrees → (x, y) in metres


def great_circle(start: tuple[float, float], end: tuple[float, float], step_km: float = 100) -> list[np.ndarray]:
    """The shortest way between two points on the globe, cut where it crosses the 180th meridian.

    Parameters
    ----------
    start, end : (longitude, latitude)
        Degrees, WGS 84.
    step_km : float
        Longest distance between two points of the line.

    Returns
    -------
    list of ndarray
        Arrays of (longitude, latitude) rows, each without jump.
    """
    _, _, length = GEOD.inv(*start, *end)
    count = 2 + int(length / (step_km * 1000))
    points = GEOD.inv_intermediate(*start, *end, count, initial_idx=0, terminus_idx=0, return_back_azimuth=True)
    line = np.column_stack([points.lons, points.lats])
    jumps = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180) + 1
    return np.split(line, jumps)


def world_map(links: pd.DataFrame, boundaries: gpd.GeoDataFrame) -> Figure:
    """A world map with a great-circle arc for each link; partners are named where there is room.

    Where the arcs fill less than half of the world's width, a second panel below shows that part larger, with the
    names.

    Parameters
    ----------
    links : DataFrame
        Columns home_longitude, home_latitude (the collectivity), longitude, latitude and name (the partner).
    boundaries : GeoDataFrame
        Of countries, WGS 84, with their name.
    """
    project = Transformer.from_crs(4326, WORLD, always_xy=True).transform
    shapes = boundaries.geometry[boundaries["name"] != ANTARCTICA]
    land = _projected(tuple(shapely.to_wkb(shapes.array)))
    world = Bbox.from_extents(*land.total_bounds)
    arcs = [np.column_stack(project(*line.T)) for link in links.itertuples() for line in _arc(link)]
    part = _frame(np.vstack(arcs), world)
    views = [world] if part.width > world.width / 2 else [world, part]
    height = WIDTH * world.height / world.width
    figure = new_figure(WIDTH, height * len(views))
    with mpl.rc_context(PARAMETERS):
        for row, view in enumerate(views):
            axes = figure.add_axes((0, 1 - (row + 1) / len(views), 1, 0.98 / len(views)))
            seen = land.clip_by_rect(*view.extents)
            seen[~seen.is_empty].plot(ax=axes, color=LAND, edgecolor="white", linewidth=0.4, aspect=None)
            axes.set(xlim=view.intervalx, ylim=view.intervaly, aspect="equal")
            axes.set_axis_off()
            axes.add_collection(LineCollection(arcs, color=BLUE, linewidth=1, alpha=0.7))
            _draw_points(axes, links, project)
        partners = links.drop_duplicates(["longitude", "latitude"]).assign(radius=PARTNER_SIZE / 2)
        name_places(axes, partners, _homes(links).assign(radius=HOME_SIZE / 2), project)
    return figure


@lru_cache(maxsize=2)
def _projected(shapes: tuple[bytes, ...]) -> gpd.GeoSeries:
    """Countries on the map of the world, from WKB in degrees: the same in every report. Not to be changed in place."""
    return gpd.GeoSeries.from_wkb(shapes, crs=4326).to_crs(WORLD)


def _arc(link: Any) -> list[np.ndarray]:
    return great_circle((link.home_longitude, link.home_latitude), (link.longitude, link.latitude))


def _frame(points: np.ndarray, world: Bbox) -> Bbox:
    """The part of the world that holds the points with a margin, in the world's proportions, not too small."""
    box = Bbox([points.min(axis=0), points.max(axis=0)])
    scale = max(1.35 * box.width / world.width, 1.35 * box.height / world.height, 0.12)
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return Bbox.from_bounds(
        x - scale * world.width / 2, y - scale * world.height / 2, scale * world.width, scale * world.height
    )


def _homes(links: pd.DataFrame) -> pd.DataFrame:
    homes = links[["home_longitude", "home_latitude"]].drop_duplicates()
    return homes.rename(columns={"home_longitude": "longitude", "home_latitude": "latitude"})


def _draw_points(axes: Axes, links: pd.DataFrame, project: Project) -> None:
    axes.plot(*project(links["longitude"], links["latitude"]), "o", color=BLUE, markersize=PARTNER_SIZE, mec="white")
    homes = _homes(links)
    axes.plot(*project(homes["longitude"], homes["latitude"]), "o", color=VERMILION, ms=HOME_SIZE, mec="white")


def name_places(
    axes: Axes, places: pd.DataFrame, others: pd.DataFrame, project: Project, most: int | None = None
) -> None:
    """Write each name at the first side of its mark where it covers nothing and is not far nearer to another; else not.

    Parameters
    ----------
    axes : Axes
        With its final limits.
    places : DataFrame
        Columns name, longitude, latitude and radius (of the mark, in points); those to name first come first.
    others : DataFrame
        Further marks to keep free: columns longitude, latitude and radius.
    project : callable
    most : int, optional
        How many names to write at most.
    """
    axes.apply_aspect()
    # Once for all names: a figure without a canvas makes one for each.
    renderer = FigureCanvasAgg(axes.get_figure(root=True)).get_renderer()
    pixels = axes.figure.dpi / 72
    marks = pd.concat([places, others])[["longitude", "latitude", "radius"]]
    centres = axes.transData.transform(np.column_stack(project(marks["longitude"], marks["latitude"])))
    radii = marks["radius"].to_numpy() * pixels
    names: list[Bbox] = []
    for number, place in enumerate(places.itertuples()):
        if len(names) == most:
            break
        if not axes.bbox.contains(*centres[number]):
            continue
        label = axes.annotate(
            place.name,
            tuple(axes.transData.inverted().transform(centres[number])),
            (0, 0),
            textcoords="offset points",
            size=8,
            color=INK,
            path_effects=[patheffects.withStroke(linewidth=2.2, foreground="white")],
            parse_math=False,
        )
        text = label.get_window_extent(renderer)
        for side_x, side_y, align in SIDES:
            x, y = side_x + np.sign(side_x) * place.radius, side_y + (side_x == 0) * np.sign(side_y) * place.radius
            before = {"left": 0, "center": text.width / 2, "right": text.width}[align]
            box = text.translated(x * pixels - before, y * pixels)
            inside = axes.bbox.contains(*box.min) and axes.bbox.contains(*box.max)
            gaps = _gaps(box, centres) - radii
            if (
                inside
                and gaps[number] <= NEARER * gaps.min()
                and not box.padded(APART * pixels, 0).count_overlaps(names)
            ):
                label.set(position=(x, y), ha=align)
                names.append(box)
                break
        else:
            label.remove()


def _gaps(box: Bbox, points: np.ndarray) -> np.ndarray:
    """How far points are from a box, 0 inside."""
    return np.hypot(*np.maximum(np.maximum(box.min - points, points - box.max), 0).T)


def france_map(places: pd.DataFrame, boundaries: gpd.GeoDataFrame) -> Figure:
    """A map of mainland France, one point a place; places are named where there is room, the largest points first.

    Parameters
    ----------
    places : DataFrame
        Columns name, latitude, longitude and size (area of the point, in points²).
    boundaries : GeoDataFrame
        Of countries, WGS 84, with their iso3.
    """
    figure = new_figure(6.4, 6.0)
    project = Transformer.from_crs(4326, FRANCE, always_xy=True).transform
    with mpl.rc_context(PARAMETERS):
        axes = figure.add_axes((0, 0, 1, 1))
        near = gpd.GeoSeries(boundaries.clip_by_rect(-8, 39, 13, 53)).to_crs(FRANCE)
        color = boundaries["iso3"].eq("FRA").map({True: LAND, False: NEIGHBOURS})
        shown = ~near.is_empty
        near[shown].plot(ax=axes, color=color[shown], edgecolor="white", linewidth=0.6)
        west, south, east, north = FRANCE_EXTENTS
        axes.set(xlim=(west, east), ylim=(south, north))
        axes.set_axis_off()
        x, y = project(places["longitude"], places["latitude"])
        axes.scatter(x, y, s=places["size"], color=BLUE, alpha=0.75, edgecolor="white", linewidth=0.6, zorder=3)
        largest_first = places.sort_values("size", ascending=False, kind="stable")
        largest_first["radius"] = np.sqrt(largest_first["size"]) / 2
        name_places(axes, largest_first, largest_first.iloc[:0], project)
    return figure


def region_shapes(communes: pd.DataFrame, boundaries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Approximate outlines of the 18 regions of France, from the points of their communes.

    In metropolitan France each place goes to the region of the nearest commune that has a point (a Voronoi partition
    of these points in Lambert-93), within the land of the base map; an overseas region is the land around its points.

    Parameters
    ----------
    communes : DataFrame
        The table communes.
    boundaries : GeoDataFrame
        Of countries, WGS 84, with their iso3.

    Returns
    -------
    GeoDataFrame
        Columns region_code and geometry, WGS 84, by region_code.
    """
    known = communes[communes["latitude"].notna() & (communes["region_code"].str.len() == 2)]
    points = gpd.GeoDataFrame(
        known[["region_code"]], geometry=gpd.points_from_xy(known["longitude"], known["latitude"]), crs=4326
    )
    land = boundaries[boundaries["iso3"] == "FRA"].geometry.explode()
    overseas = points["region_code"] < FIRST_METROPOLITAN
    mainland = points[~overseas].to_crs(FRANCE)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(mainland.geometry.to_list())))
    shapes = gpd.GeoDataFrame(geometry=cells, crs=FRANCE).sjoin(mainland).dissolve("region_code")
    around = shapely.box(*points[~overseas].total_bounds)
    shapes = shapes.intersection(land[land.intersects(around)].to_crs(FRANCE).union_all()).to_crs(4326)
    islands = {
        code: land[land.intersects(shapely.box(*group.total_bounds))].union_all()
        for code, group in points[overseas].groupby("region_code")
    }
    whole = pd.concat([gpd.GeoSeries(islands, crs=4326), shapes])
    return gpd.GeoDataFrame({"region_code": whole.index}, geometry=whole.to_numpy(), crs=4326)


def regions_map(regions: gpd.GeoDataFrame, boundaries: gpd.GeoDataFrame, legend: tuple[str, str]) -> Figure:
    """A map of the regions of France, those with a network filled, each with its name; overseas regions in insets.

    Parameters
    ----------
    regions : GeoDataFrame
        Columns region_code, name, network (missing where none is named) and geometry, WGS 84.
    boundaries : GeoDataFrame
        Of countries, WGS 84, with their iso3.
    legend : (with network, without)
        What the two colours mean.
    """
    figure = new_figure(WIDTH, 8.9)
    overseas = regions["region_code"] < FIRST_METROPOLITAN
    near = gpd.GeoSeries(boundaries[boundaries["iso3"] != "FRA"].clip_by_rect(-8, 39, 13, 53)).to_crs(FRANCE)
    with mpl.rc_context(PARAMETERS):
        axes = figure.add_axes((0, 0.19, 1, 0.81))
        near[~near.is_empty].plot(ax=axes, color=NEIGHBOURS, edgecolor="white", linewidth=0.6)
        _fill_regions(axes, regions[~overseas].to_crs(FRANCE))
        axes.set(xlim=(50_000, 1_290_000), ylim=(6_020_000, 7_140_000))
        count = int(overseas.sum())
        for n, (_, region) in enumerate(regions[overseas].groupby("region_code")):
            inset = figure.add_axes(((n + 0.1) / count, 0.045, 0.8 / count, 0.105))
            _fill_regions(inset, region.to_crs(region.estimate_utm_crs()), below=True)
        handles = [Patch(color=fill, label=text) for fill, text in zip(FILLS, legend, strict=True)]
        axes.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)
    return figure


def _fill_regions(axes: Axes, regions: gpd.GeoDataFrame, *, below: bool = False) -> None:
    """Fill regions and name them with their network, in their middle or below the map."""
    fills = regions["network"].notna().map({True: FILLS[0], False: FILLS[1]})
    regions.plot(ax=axes, color=fills, edgecolor="white", linewidth=1.2)
    axes.set_axis_off()
    for region in regions.itertuples():
        middle = shapely.get_point(shapely.maximum_inscribed_circle(region.geometry), 0)
        at: Any = ((0.5, -0.2), axes.transAxes) if below else ((middle.x, middle.y), axes.transData)
        name = textwrap.fill(region.name, 18)
        network = textwrap.fill(region.network, 20) if pd.notna(region.network) else ""
        over = "bottom" if network or below else "center"
        for text, shift, va, weight in ((name, 1, over, "bold"), (network, -1, "top", "normal")):
            axes.annotate(text, at[0], (0, shift), at[1], "offset points", ha="center", va=va, weight=weight, size=8.3)
