"""Interactive exploration in JupyterLab; every widget shows HTML that also stands without a kernel."""

import geopandas as gpd
import ipywidgets
from IPython.display import HTML

from citydiplo import collectivities, sections
from citydiplo.data import Tables
from citydiplo.exhibits.partnerships import partnerships
from citydiplo.language import Language
from citydiplo.profile import build


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
