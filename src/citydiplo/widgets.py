"""Interactive exploration in JupyterLab; every widget shows HTML that also stands without a kernel."""

from collections.abc import Collection
from itertools import islice

import geopandas as gpd
import ipywidgets
import pandas as pd
from IPython.display import HTML

from citydiplo import collectivities, geography, partner_maps, sections
from citydiplo.captions import Caption, illustrate, source_line, tabulate
from citydiplo.data import Tables
from citydiplo.exhibits.partnerships import partnerships
from citydiplo.exhibits.selection import known_sources, reader_names
from citydiplo.language import Language
from citydiplo.profile import build

MOST_ROWS = 200  # of the panel's table: a longer one is slow to show, and nobody reads it
MOST_NAMED = 10  # places in the alternative text of its map


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
        profile = build(collectivities.get(self.everyone, collectivity_id), self.everyone, self.tables)
        parts = [
            sections.title(profile, self.language),
            partnerships(profile, self.language, self.boundaries),
            sections.facts(profile, self.language),
        ]
        return HTML("\n".join(str(part.data) for part in parts))


ALL = ""  # the line of a list that stands for all the others


class PartnershipPanel:
    """Choose partnerships by collectivity, kind and first year, and see them on a map and in a table.

    Parameters
    ----------
    links : DataFrame
        Rows of partnerships.csv, of the register or of an import.
    tables : dict
        From `data.load_tables`.
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    language : Language
    """

    def __init__(self, links: pd.DataFrame, tables: Tables, boundaries: gpd.GeoDataFrame, language: Language):
        self.boundaries, self.language = boundaries, language
        self.sources = known_sources(tables["sources"], links)
        self.rows = _statements(links, tables, language)
        t = language.text
        homes = self.rows.drop_duplicates("collectivity_id")
        used = set(self.rows["kind"])
        kinds = [(label, code) for (words, code), label in language.labels.items() if words == "partnership_kind"]
        years = self.rows["start_year"].dropna()
        first, last = (int(years.min()), int(years.max())) if len(years) else (0, 0)
        self.views = {"world": t("panel.world"), "europe": t("panel.europe")}
        self.collectivities = ipywidgets.SelectMultiple(
            options=[
                (t("panel.all_collectivities"), ALL),
                *zip(homes["collectivity"], homes["collectivity_id"], strict=True),
            ],
            value=(ALL,),
            description=t("panel.collectivities"),
        )
        self.kinds = ipywidgets.SelectMultiple(
            options=[(t("panel.all_kinds"), ALL), *((label, code) for label, code in kinds if code in used)],
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
            options=[(label, view) for view, label in self.views.items()], description=t("panel.view")
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
        shown = self.show(
            None if ALL in self.collectivities.value else self.collectivities.value,
            None if ALL in self.kinds.value else self.kinds.value,
            self.years.value,
            self.undated.value,
            self.view.value,
        )
        self.area.value = str(shown.data)

    def show(
        self,
        collectivity_ids: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        years: tuple[int, int] | None = None,
        undated: bool = True,
        view: str = "world",
    ) -> HTML:
        """What the panel shows for some choices, without a widget.

        Parameters
        ----------
        collectivity_ids, kinds : collection of str, optional
            None for all.
        years : (first, last), optional
            A link is kept if any source gives a first year in these, both included.
        undated : bool
            Whether to keep the links of which no source gives the first year.
        view : {"world", "europe"}
        """
        rows = self.rows
        if collectivity_ids is not None:
            rows = rows[rows["collectivity_id"].isin(collectivity_ids)]
        if kinds is not None:
            rows = rows[rows["kind"].isin(kinds)]
        rows = _from_years(rows, years, undated)
        if rows.empty:
            return sections.note(self.language.text("panel.none"))
        count = self.language.text(
            "panel.count",
            count=rows["link"].nunique(),
            pairs=len(geography.once(rows)),
            collectivities=rows["collectivity_id"].nunique(),
            places=geography.places(rows).nunique(),
            countries=rows["country"].nunique(),
        )
        parts = [sections.note(count), self._map(rows, view), self._table(rows)]
        return HTML("\n".join(part.data for part in parts))

    def _cited(self, *source_ids: str) -> pd.DataFrame:
        return self.sources[self.sources["source_id"].isin(source_ids)]

    def _map(self, rows: pd.DataFrame, view: str) -> HTML:
        t = self.language.text
        pairs = partner_maps.inside(partner_maps.named_pairs(rows, rows["name"]), view)
        if pairs.empty:
            return sections.note(t("panel.no_map"))
        total = len(geography.once(rows))
        places = partner_maps.linked_places(pairs)
        scope = t("panel.map_scope", count=len(pairs), total=total)
        caption = Caption(
            t("panel.map_reading", name=places["name"].iloc[0], count=int(places["count"].iloc[0])),
            f"{scope} {t('panel.map_outside')}" if len(pairs) < total else scope,
            source_line(self.language, self.sources, rows, self._cited("geonames", "natural-earth")),
        )
        names = ", ".join(places["name"].head(MOST_NAMED))
        alt = t("panel.map_alt", view=self.views[view], count=len(pairs), names=names)
        figure = partner_maps.links_map(
            pairs, self.boundaries, view, t("panel.home"), lambda count: t("panel.place", count=count)
        )
        return illustrate(figure, alt, caption, self.language)

    def _table(self, rows: pd.DataFrame) -> HTML:
        t, language = self.language.text, self.language
        shorts = self.sources.set_index("source_id")["short"]
        links = rows.groupby("link", sort=False)
        shown = [statements for _, statements in islice(links, MOST_ROWS)]
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
        more = links.ngroups - len(shown)
        scope = t("panel.table_scope", count=links.ngroups)
        caption = Caption(
            t("panel.table_reading", collectivity=collectivity, name=name, kind=kind),
            f"{scope} {t('panel.table_more', shown=len(shown), count=more)}" if more else scope,
            source_line(language, self.sources, *shown, self._cited("geonames", "decoupage-administratif-2026")),
        )
        return tabulate(table, t("panel.table_title"), caption, language)


def _statements(links: pd.DataFrame, tables: Tables, language: Language) -> pd.DataFrame:
    """Each partnership with its distance, its partner's name for readers, and the number of its link, by name.

    The rows of one collectivity, place and kind are one link, which several sources may state.
    """
    rows = geography.measure(links, collectivities.directory(tables))
    rows = rows.assign(
        name=reader_names(links, tables, language),
        link=rows.assign(to=geography.places(rows)).groupby(["collectivity_id", "to", "kind"]).ngroup(),
    )
    by_name = rows[["collectivity", "name"]].apply(collectivities.by_name).assign(link=rows["link"])
    return rows.loc[by_name.sort_values(["collectivity", "name", "link"], kind="stable").index]


def _from_years(rows: pd.DataFrame, years: tuple[int, int] | None, undated: bool) -> pd.DataFrame:
    """Keep the links whose first year, by any source, is in some years, or in none."""
    starts, link = rows["start_year"], rows["link"]
    dated = set(link[starts.notna()])
    within = dated if years is None else set(link[starts.between(*years).fillna(False).astype(bool)])
    return rows[link.isin(within) | (undated & ~link.isin(dated))]


def _distinct(cells: pd.Series) -> str:
    """What several sources say, each once."""
    return ", ".join(dict.fromkeys(str(cell) for cell in cells.dropna()))
