"""What the explorer's page draws once: filters, outlines, and the places of marks, points and arcs."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from citydiplo.explorer import map_widget
from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, PARTNERSHIP_FIELDS, Choice, Chosen, Material
from citydiplo.explorer.wording import title
from citydiplo.html import render

MOST_MARKS = 400  # on the map of France: of more collectivities, those with most partnerships
LONG = 10  # a filter with more options can be searched
LEVELS = 4  # shades of countries
UNDER_ONE = 0.005  # a smaller share would be written 0 %

# The fields whose counts are charts.
CHARTS = ("kind", "decade", "continent", "country", "domain", "stratum", "collectivity", "publisher")

# Filter → field of a choice, in the order in which a reader asks: who, what, with whom, by what source.
ORDER = (*COLLECTIVITY_FIELDS, "kind", "domain", "country_group", "country", "source", "publisher")
FILTERS = {name: (COLLECTIVITY_FIELDS | PARTNERSHIP_FIELDS)[name] for name in ORDER}


@dataclass(frozen=True)
class Scene:
    """Where everything of a material stands on the maps.

    Attributes
    ----------
    material : Material
    """

    material: Material

    @cached_property
    def homes(self) -> pd.DataFrame:
        """The marks of the map of France, by name: collectivity_id, name, group, x and y.

        The index is the position in ``material.collectivities``.
        """
        rows = self.material.collectivities.reset_index()
        places = map_widget.points("france", rows["longitude"], rows["latitude"])
        rows = rows.assign(x=places[:, 0], y=places[:, 1])
        shown = rows[rows["x"].notna()].nlargest(MOST_MARKS, "n_documented").index
        return rows.loc[sorted(shown), ["collectivity_id", "name", "group", "x", "y"]]

    @cached_property
    def _places(self) -> tuple[np.ndarray, pd.DataFrame]:
        """The number of the point of each partnership (-1 without one), and the points in degrees."""
        rows = self.material.partnerships[["longitude", "latitude"]]
        numbers = rows.groupby(["longitude", "latitude"]).ngroup().fillna(-1).to_numpy(dtype=int)
        distinct = rows.dropna().drop_duplicates().sort_values(["longitude", "latitude"], ignore_index=True)
        return numbers, distinct

    @cached_property
    def _arcs(self) -> dict[tuple[str, str, int], str]:
        return {}

    def marks(self, chosen: Chosen) -> dict[str, list[Any]]:
        """How many partnerships each mark has, and the state of its collectivity: ``out`` if it is not kept."""
        rows = chosen.collectivities.reindex(self.homes["collectivity_id"])
        counts = rows["n_partnerships"].fillna(0).astype(int)
        return {"counts": counts.tolist(), "states": rows["state"].fillna("out").tolist()}

    def dots(self, rows: pd.DataFrame) -> list[int]:
        """The numbers of the points of partnerships."""
        numbers = np.unique(self._places[0][rows.index])
        return numbers[numbers >= 0].tolist()

    def ways(self, rows: pd.DataFrame) -> list[tuple[str, int]]:
        """The collectivity and the number of the point of partnerships, each pair once."""
        numbers = self._places[0][rows.index].tolist()
        pairs = zip(rows["collectivity_id"], numbers, strict=True)
        return list(dict.fromkeys(pair for pair in pairs if pair[1] >= 0))

    def arc(self, view: str, home: str, point: int) -> str:
        """The way from a collectivity to a point, as an SVG path: see `map_widget.arc`; empty without both points."""
        if (view, home, point) not in self._arcs:
            city, partner = self.material.collectivities.loc[home], self._places[1].loc[point]
            start = (city["longitude"], city["latitude"])
            end = (partner["longitude"], partner["latitude"])
            self._arcs[view, home, point] = "" if pd.isna(start[0]) else map_widget.arc(view, start, end)
        return self._arcs[view, home, point]

    @cached_property
    def breaks(self) -> list[int]:
        """The least number of French collectivities of each shade of a country: 1, then in even ratios."""
        most = self.material.chosen(Choice()).countries["n_collectivities"].max()
        return sorted({round(float(most) ** (level / LEVELS)) for level in range(LEVELS)}) if most > 0 else [1]

    @cached_property
    def _texts_of(self) -> dict[tuple[str, int], str]:
        return {}

    def written(self, number: int) -> str:
        """A number as the language writes it; each is worked out once, since a click shows dozens."""
        key = ("number", number)
        if key not in self._texts_of:
            self._texts_of[key] = self.material.language.number(number)
        return self._texts_of[key]

    def percent(self, share: float) -> str:
        """A share, 0 to 1, as a whole percentage: as `written`."""
        percent = round(100 * share) if share >= UNDER_ONE else -1
        key = ("percent", percent)
        if key not in self._texts_of:
            t = self.material.language.text
            self._texts_of[key] = t("partners.under_one") if percent < 0 else t("percent", value=percent)
        return self._texts_of[key]

    def fixed(self) -> dict[str, Any]:
        """What the browser is told once: see `map_widget.ExplorerWidget`."""
        homes, points = self.homes, self._places[1]
        return {
            "fields": [
                {"field": field, "options": [[code, label] for label, code in self.material.options(field)]}
                for field in FILTERS.values()
            ],
            "homes": [
                {"id": id_, "label": name, "group": group, "x": float(x), "y": float(y), "rank": rank}
                for rank, (id_, name, group, x, y) in enumerate(homes.itertuples(index=False))
            ],
            "points": {
                view: [
                    [None, None] if np.isnan(x) else [float(x), float(y)]
                    for x, y in map_widget.points(view, points["longitude"], points["latitude"])
                ]
                for view in ("world", "europe")
            },
            "breaks": self.breaks,
            "most": int(max(self.material.collectivities["n_documented"].max(), 1)),
            "texts": self._texts(),
        }

    def _texts(self) -> dict[str, str]:
        """What the browser itself says; fields in braces are filled there."""
        t = self.material.language.text
        name, count = "{name}", "{count}"
        return {
            "lang": self.material.language.code,
            "chosen": t("explorer.filter_chosen", number=count),
            "more": t("explorer.filter_more", number=count),
            "mark_shown": t("explorer.mark_shown", name=name, number=count),
            "mark_filtered": t("explorer.mark_filtered", name=name),
            "mark_none_found": t("explorer.mark_none_found", name=name),
            "mark_not_sought": t("explorer.mark_not_sought", name=name),
            "country": t("explorer.mark_country", name=name, homes="{homes}", links="{links}"),
            "country_none": t("explorer.mark_country_none", name=name),
            "opened": t("explorer.opened", name=name),
            "making": t("explorer.making"),
            "copied": t("explorer.copied"),
            "copy_by_hand": t("explorer.copy_by_hand"),
            "compare_full": t("explorer.too_many"),
        }

    def frame(self) -> str:
        """The HTML that stands from the start."""
        material, t = self.material, self.material.language.text
        return render(
            "explorer.html.j2",
            t=t,
            fields=[
                {"field": FILTERS[name], "label": title(material, name), "size": self._size(name)} for name in ORDER
            ],
            long=LONG,
            years=material.years,
            homes=list(material.collectivities["name"].items()),
            countries=material.options("countries"),
            maps={name: self._map(name) for name in map_widget.MAPS},
            home_legend=[
                ("commune", "shown", t("explorer.legend_commune")),
                ("epci", "shown", t("explorer.legend_other")),
                ("commune", "filtered", t("explorer.legend_filtered")),
                ("commune", "none_found", t("explorer.legend_none_found")),
                ("commune", "not_sought", t("explorer.legend_not_sought")),
            ],
            country_legend=list(self._shades()),
            figures=list(self._figures()),
            off=self._without_mark(),
        ).data

    def _without_mark(self) -> str:
        """Which collectivities the map of France has no mark for, in words; empty if there are none."""
        t, names = self.material.language.text, self.material.collectivities["name"]
        if len(names) > MOST_MARKS:
            return t("explorer.most_marks", shown=len(self.homes), total=len(names))
        off = names.drop(self.homes["collectivity_id"])
        return t("explorer.off_map", names=", ".join(off)) if len(off) else ""

    def _figures(self) -> Iterator[tuple[str, str]]:
        """What can be drawn as a file, with its name."""
        t = self.material.language.text
        views = {"world": t("panel.world"), "europe": t("panel.europe"), "france": t("explorer.france")}
        yield from ((view, t("explorer.figure_map", view=name)) for view, name in views.items())
        yield from ((field, title(self.material, field)) for field in CHARTS)

    def _size(self, name: str) -> int:
        return len(self.material.classes[name].labels)

    def _map(self, name: str) -> dict[str, Any]:
        """The outlines of a map; the countries that have a partnership are buttons, in the order of their names."""
        names = self.material.classes["country"].labels
        ranks = {iso3: rank for rank, iso3 in enumerate(names)} if name != "france" else {}
        outlines = [
            {"at": outline, "name": names.get(outline.iso3), "rank": ranks.get(outline.iso3)}
            for outline in map_widget.outlines(name, self.material.boundaries)
        ]
        return {"width": map_widget.WIDE, "height": map_widget.height(name), "countries": outlines}

    def _shades(self) -> list[tuple[str, str]]:
        """The legend of countries: the class of a shade, and what it means."""
        t, ends = self.material.language.text, [least - 1 for least in self.breaks[1:]]
        shades = [("none", t("explorer.legend_none"))]
        for number, least in enumerate(self.breaks):
            last = ends[number] if number < len(ends) else None
            key = "explorer.legend_from" if last is None else "explorer.legend_range"
            text = (
                t("explorer.legend_one", count=least)
                if last == least
                else t(key, first=least, **({} if last is None else {"last": last}))
            )
            shades.append((f"level{number + 1}", text))
        return shades
