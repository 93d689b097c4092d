"""Interactive exploration in JupyterLab; every widget shows HTML that also stands without a kernel."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice

import geopandas as gpd
import ipywidgets
import pandas as pd
from IPython.display import HTML

from citydiplo import collectivities, data, geography, sections
from citydiplo.captions import Caption, tabulate
from citydiplo.data import Tables
from citydiplo.exhibits.geography import links
from citydiplo.exhibits.partnerships import partnerships
from citydiplo.exhibits.selection import Selection
from citydiplo.explorer.panel import Explorer
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.profile import build

__all__ = ["CityBrowser", "Explorer", "PartnershipPanel"]

MOST_ROWS = 200  # of the panel's table: a longer one is slow to show, and nobody reads it


class CityBrowser:
    """Choose a collectivity that the sources name, and see its facts and its map.

    Parameters
    ----------
    tables : dict
        From `data.load_tables`.
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    language : Language
    """

    def __init__(self, tables: Tables, boundaries: gpd.GeoDataFrame, language: Language):
        self.tables, self.boundaries, self.language = tables, boundaries, language
        self.everyone = collectivities.directory(tables)
        listed = tables["collectivities"].sort_values("name", key=collectivities.by_name)
        self.choice = ipywidgets.Dropdown(
            options=list(zip(listed["name"], listed["collectivity_id"], strict=True)),
            description=language.text("widgets.city"),
        )
        self.card = ipywidgets.HTML()
        self.widget = ipywidgets.VBox([self.choice, self.card])
        self.choice.observe(self._update, names="value")
        self._update()

    def _update(self, _change: object = None) -> None:
        self.card.value = str(self.show(self.choice.value).data)

    def show(self, collectivity_id: str) -> HTML:
        """What the widget shows for one collectivity, without a widget."""
        city = collectivities.get(self.everyone, collectivity_id)
        profile = build(city, self.everyone, self.tables, data.load_accounts())
        parts = [
            sections.title(profile, self.language),
            self._heading("widgets.links"),
            partnerships(profile, self.language, self.boundaries),
            self._heading("widgets.facts"),
            sections.facts(profile, self.language),
        ]
        return HTML("\n".join(str(part.data) for part in parts))

    def _heading(self, key: str) -> HTML:
        return render("heading.html.j2", text=self.language.text(key), level=2)


ALL = ""  # the line of a list that stands for all the others


class PartnershipPanel:
    """Choose partnerships by collectivity, kind and first year, and see them on a map and in a table.

    Parameters
    ----------
    selection : Selection
        The partnerships to choose among.
    """

    def __init__(self, selection: Selection):
        self.selection, self.language = selection, selection.language
        self.rows = _links(selection.chosen)
        t = self.language.text
        homes = self.rows.drop_duplicates("collectivity_id")
        used = set(self.rows["kind"])
        years = self.rows["start_year"].dropna()
        first, last = (int(years.min()), int(years.max())) if len(years) else (0, 0)
        self.collectivities = ipywidgets.SelectMultiple(
            options=[
                (t("panel.all_collectivities"), ALL),
                *zip(homes["collectivity"], homes["collectivity_id"], strict=True),
            ],
            value=(ALL,),
            description=t("panel.collectivities"),
        )
        kinds = selection.names("partnership_kind").items()
        self.kinds = ipywidgets.SelectMultiple(
            options=[(t("panel.all_kinds"), ALL), *((label, code) for code, label in kinds if code in used)],
            value=(ALL,),
            description=t("panel.kinds"),
        )
        self.years = ipywidgets.IntRangeSlider(
            min=first,
            max=last,
            value=(first, last),
            description=t("panel.years"),
            disabled=years.empty,
            continuous_update=False,
            layout={"width": "32em"},  # narrower, the second year is cut off
        )
        self.undated = ipywidgets.Checkbox(value=True, description=t("panel.undated"), indent=False)
        self.view = ipywidgets.Dropdown(
            options=[(t("panel.world"), "world"), (t("panel.europe"), "europe")], description=t("panel.view")
        )
        self.area = ipywidgets.HTML()
        controls = [self.collectivities, self.kinds, self.years, self.undated, self.view]
        for control in controls:
            control.style = {"description_width": "initial"}
            control.observe(self._update, names="value")
        lists, rest = ipywidgets.HBox(controls[:2]), ipywidgets.HBox(controls[2:])
        self.widget = ipywidgets.VBox([lists, ipywidgets.Label(t("panel.hint")), rest, self.area])
        self._update()

    def _update(self, _change: object = None) -> None:
        chosen = [control.value for control in (self.collectivities, self.kinds)]
        collectivity_ids, kinds = ([] if ALL in values else values for values in chosen)
        shown = (
            self.show(collectivity_ids, kinds, self.years.value, self.undated.value, self.view.value)
            if all(chosen)
            else self._nothing()
        )
        self.area.value = str(shown.data)

    def show(
        self,
        collectivity_ids: Collection[str] = (),
        kinds: Collection[str] = (),
        years: Sequence[int] = (),
        undated: bool = True,
        view: str = "world",
    ) -> HTML:
        """What the panel shows for some choices, without a widget; an empty choice keeps all.

        Parameters
        ----------
        collectivity_ids, kinds : collection of str
        years : (first, last)
            A link is kept if any source gives a first year in these, both included.
        undated : bool
            Whether to keep the links of which no source gives the first year.
        view : {"world", "europe"}
        """
        rows = _from_years(geography.select(self.rows, collectivity_ids, kinds), years, undated)
        if rows.empty:
            return self._nothing()
        count = self.language.text(
            "panel.count",
            count=rows["link"].nunique(),
            pairs=len(geography.once(rows)),
            collectivities=rows["collectivity_id"].nunique(),
            places=geography.places(rows).nunique(),
            countries=rows["country"].nunique(),
        )
        parts = [sections.note(count), links(replace(self.selection, chosen=rows), view), self._table(rows)]
        return HTML("\n".join(part.data for part in parts))

    def _nothing(self) -> HTML:
        return sections.note(self.language.text("panel.none"))

    def _table(self, rows: pd.DataFrame) -> HTML:
        t, language, selection = self.language.text, self.language, self.selection
        shorts = selection.tables["sources"].set_index("source_id")["short"]
        groups = rows.groupby("link", sort=False)
        shown = [statements for _, statements in islice(groups, MOST_ROWS)]
        firsts = [statements.iloc[0] for statements in shown]
        table = pd.DataFrame(
            {
                t("widgets.city"): [first["collectivity"] for first in firsts],
                t("panel.partner"): [first["name"] for first in firsts],
                t("panel.country"): [language.countries.get(first["country"], "") for first in firsts],
                t("panel.kind"): [language.label("partnership_kind", first["kind"]) for first in firsts],
                t("panel.since"): [_distinct(statements["start_year"]) for statements in shown],
                t("panel.until"): [_distinct(statements["end_year"]) for statements in shown],
                t("panel.distance"): [statements["distance_km"].max() for statements in shown],
                t("caption.source"): [_distinct(statements["source_id"].map(shorts)) for statements in shown],
            }
        ).round({t("panel.distance"): 0})
        collectivity, name, _, kind = table.iloc[0, :4]
        more = groups.ngroups - len(shown)
        scope = t("panel.table_scope", count=groups.ngroups)
        caption = Caption(
            t("panel.table_reading", collectivity=collectivity, name=name, kind=kind),
            f"{scope} {t('panel.table_more', shown=len(shown), count=more)}" if more else scope,
            selection.cite(*shown, *selection.drawn_with("geonames", "decoupage-administratif-2026")),
        )
        return tabulate(table, t("panel.table_title"), caption, language)


def _links(statements: pd.DataFrame) -> pd.DataFrame:
    """The partnerships with the number of their link, by name of collectivity and partner.

    The rows of one collectivity, place and kind are one link, which several sources may state.
    """
    keys = statements.assign(to=geography.places(statements)).groupby(["collectivity_id", "to", "kind"])
    rows = statements.assign(link=keys.ngroup())
    by_name = rows[["collectivity", "name"]].apply(collectivities.by_name).assign(link=rows["link"])
    return rows.loc[by_name.sort_values(["collectivity", "name", "link"], kind="stable").index]


def _from_years(rows: pd.DataFrame, years: Sequence[int], undated: bool) -> pd.DataFrame:
    """Keep the links whose first year, by any source, is in some years, or in none."""
    dated = rows["link"].isin(rows.loc[rows["start_year"].notna(), "link"])
    within = rows["link"].isin(geography.select(rows, years=years)["link"])
    return rows[within & dated | (undated & ~dated)]


def _distinct(cells: pd.Series) -> str:
    """What several sources say, each once."""
    return ", ".join(dict.fromkeys(str(cell) for cell in cells.dropna()))
