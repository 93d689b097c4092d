"""What the explorer's page shows of one choice: everything read from one `Chosen`, so that no view can differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from citydiplo.captions import Caption, tabulate
from citydiplo.explorer import cards, code, facets, views
from citydiplo.explorer.choice import Chosen
from citydiplo.explorer.scene import CHARTS, FILTERS, Scene
from citydiplo.explorer.wording import cited, count, described, title
from citydiplo.html import render
from citydiplo.typologies import NOT_DOCUMENTED

MOST_ROWS = 30  # of the table in the page: the files have all
MOST_BARS = 10  # of a chart
MOST_ARCS = 120
MOST_LISTED = 150  # collectivities of the list of what is documented

RANKED = ("country", "collectivity")  # charts whose classes have no order of their own: the largest come first
DECADE = 10

# The sources of the maps themselves.
DRAWN = ("geonames", "decoupage-administratif-2026", "natural-earth")

# What is picked on a map: the field of a choice that keeps it alone.
PICKED = {"city": "collectivities", "country": "countries"}


@dataclass(frozen=True)
class Answer:
    """The views of one choice.

    Attributes
    ----------
    scene : Scene
    chosen : Chosen
    picked : dict or None
        ``kind`` ("city" or "country") and ``code`` of the card to show.
    compared : sequence of str
        Ids of collectivities.
    documented : bool
        Whether to list how far each collectivity is documented.
    """

    scene: Scene
    chosen: Chosen
    picked: dict[str, str] | None
    compared: Sequence[str]
    documented: bool

    def message(self, shown: dict[str, Any]) -> dict[str, Any]:
        """What the browser is sent: see map_widget.js.

        Parameters
        ----------
        shown : dict
            From `of_choice`, which need not be made anew for each card.
        """
        own = {"card": self._card(), "comparison": self._comparison(), "documentation": self._documentation()}
        return shown | {"picked": self._picked(), "html": shown["html"] | own}

    def of_choice(self) -> dict[str, Any]:
        """What depends on the choice alone."""
        chosen, countries = self.chosen, self.chosen.countries
        columns = ["country", "n_collectivities", "n_partnerships"]
        material = chosen.material
        return {
            "rows": int(chosen.kept.sum()),
            "counts": facets.counts(material, chosen.choice),
            "homes": self.scene.marks(chosen),
            "countries": {iso3: [homes, links] for iso3, homes, links in countries[columns].to_numpy().tolist()},
            "dots": self.scene.dots(chosen.partnerships),
            "html": {
                "count": count(chosen),
                "choice": self._chips(),
                "map_caption": self._map_caption(),
                "charts": self._charts(),
                "table": views.listing(chosen, MOST_ROWS).data,
                "code": self._render("code", code=code.as_code(chosen.choice, material.language.code, material.source)),
            },
        }

    def _render(self, template: str, **values: Any) -> str:
        language = self.chosen.material.language
        return str(render(f"explorer_{template}.html.j2", t=language.text, language=language, **values).data)

    def _chips(self) -> str:
        """What is chosen, each with a button that takes it back."""
        material, choice, t = self.chosen.material, self.chosen.choice, self.chosen.material.language.text
        kept = [
            {"do": "toggle", "field": field, "code": each, "name": title(material, name), "label": label}
            for name, field in FILTERS.items()
            for each in getattr(choice, field)
            for label in [material.classes[name].labels[each]]
        ]
        if choice.years:
            first, last = map(str, choice.years)
            label = t("explorer.years_chosen", first=first, last=last)
            kept.append({"do": "years", "field": "years", "code": "", "name": t("explorer.years"), "label": label})
        if not choice.undated:
            label = t("explorer.dated_only")
            kept.append({"do": "undated", "field": "undated", "code": "", "name": t("explorer.years"), "label": label})
        return self._render("choice", kept=kept)

    def _picked(self) -> dict[str, Any] | None:
        """What the maps show of the collectivity or country picked: its partners, its points, and the ways between."""
        if not self.picked:
            return None
        rows, ways = self._of_picked
        arcs = {
            view: "".join(self.scene.arc(view, home, point) for home, point in ways[:MOST_ARCS])
            for view in ("world", "europe")
        }
        return self.picked | {
            "dots": self.scene.dots(rows),
            "homes": rows["collectivity_id"].drop_duplicates().tolist(),
            "arcs": arcs,
        }

    @cached_property
    def _of_picked(self) -> tuple[pd.DataFrame, list[tuple[str, int]]]:
        """The partnerships of the collectivity or country picked, and the ways between their points."""
        assert self.picked  # noqa: S101
        column = {"city": "collectivity_id", "country": "country"}[self.picked["kind"]]
        rows = self.chosen.partnerships
        rows = rows[rows[column] == self.picked["code"]]
        return rows, self.scene.ways(rows)

    def _card(self) -> str:
        if not self.picked:
            return ""
        kind, each = self.picked["kind"], self.picked["code"]
        make = {"city": cards.card, "country": cards.country}[kind]
        name = {"city": "collectivity", "country": "country"}[kind]
        label = self.chosen.material.classes[name].labels[each]
        body = make(self.chosen, each).data
        total = len(self._of_picked[1])
        return self._render(
            "card",
            kind=kind,
            code=each,
            field=PICKED[kind],
            name=label,
            arcs={"shown": MOST_ARCS, "total": total} if total > MOST_ARCS else None,
            body=body,
        )

    def _comparison(self) -> str:
        names = self.chosen.material.collectivities["name"]
        compared = [{"code": each, "name": names[each]} for each in self.compared]
        body = views.comparison(self.chosen, self.compared).data if compared else ""
        return self._render("comparison", compared=compared, body=body)

    def _documentation(self) -> str:
        """The collectivities kept, and how far each is documented."""
        language, listed = self.chosen.material.language, views.documentation(self.chosen)
        if not self.documented or listed.empty:
            return ""
        t, shown = language.text, listed.head(MOST_LISTED)
        first = shown.iloc[0]
        scope = t("explorer.documentation_scope", count=len(listed), shown=len(shown), choice=described(self.chosen))
        if len(shown) < len(listed):
            scope = f"{scope} {t('explorer.documentation_more')}"
        caption = Caption(
            t("explorer.documentation_reading", name=first.iloc[0], state=first.iloc[-1]),
            scope,
            cited(self.chosen, "decoupage-administratif-2026"),
        )
        return str(tabulate(shown, t("explorer.documentation"), caption, language).data)

    def _map_caption(self) -> str:
        t = self.chosen.material.language.text
        scope = t("explorer.map_scope", count=int(self.chosen.kept.sum()), choice=described(self.chosen))
        return self._render("caption", caption=Caption(t("explorer.map_reading"), scope, cited(self.chosen, *DRAWN)))

    def _charts(self) -> str:
        counted = {field: views.by(self.chosen, field) for field in CHARTS}
        if not self.chosen.kept.any():
            return self._render("charts", charts=[])
        t, first = self.chosen.material.language.text, counted["kind"].nlargest(1, "count").iloc[0]
        reading = t(
            "explorer.charts_reading",
            count=int(first["count"]),
            label=first["label"],
            share=self.scene.percent(first["share"]),
        )
        scope = t("explorer.charts_scope", count=int(self.chosen.kept.sum()), choice=described(self.chosen))
        charts = [self._chart(field, rows) for field, rows in counted.items()]
        return self._render("charts", charts=charts, caption=Caption(reading, scope, cited(self.chosen)))

    def _chart(self, field: str, rows: pd.DataFrame) -> dict[str, Any]:
        """A chart as its template takes it: the largest class fills the width."""
        rows = rows[rows["count"] > 0]
        name = title(self.chosen.material, field)
        if field in RANKED or len(rows) > 2 * MOST_BARS:
            rows = rows.sort_values("count", ascending=False, kind="stable")
            if len(rows) > MOST_BARS:
                t = self.chosen.material.language.text
                name = t("explorer.first_bars", title=name, shown=MOST_BARS, total=len(rows))
                rows = rows.head(MOST_BARS)
        most = rows["count"].max()
        return {
            "field": field,
            "filter": views.FIELDS[field],
            "title": name,
            "bars": [self._bar(field, row, most) for row in rows.to_dict("records")],
        }

    def _bar(self, field: str, row: dict[str, Any], most: int) -> dict[str, Any]:
        """A bar, with what a click on its label asks for."""
        target, code = views.FIELDS[field], row["code"]
        asks, wanted, chosen = "toggle", code, code in getattr(self.chosen.choice, target)
        if target == "years":
            years = () if code == NOT_DOCUMENTED else (int(code), int(code) + DECADE - 1)
            chosen = bool(years) and self.chosen.choice.years == years
            asks, wanted = ("years" if years else ""), ("" if chosen else "-".join(map(str, years)))
        return row | {
            "amount": self.scene.written(row["count"]),
            "share": self.scene.percent(row["share"]),
            "width": round(100 * row["count"] / most, 1),
            "do": asks,
            "target": wanted,
            "chosen": chosen,
        }
