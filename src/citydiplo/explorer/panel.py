"""
The explorer: filters, maps, counts, cards, comparison and rows of one choice, in the browser.

What the reader asks for comes as one dict, `ExplorerWidget.asked`; the answer is one dict too: see `answer`.
"""

from functools import lru_cache
from typing import Any

from IPython.display import HTML

from citydiplo import data
from citydiplo.captions import illustrate
from citydiplo.errors import UserError
from citydiplo.explorer import export, views
from citydiplo.explorer.answer import MOST_ROWS, Answer
from citydiplo.explorer.choice import Choice, Chosen, Material
from citydiplo.explorer.map_widget import ExplorerWidget
from citydiplo.explorer.scene import Scene
from citydiplo.explorer.wording import count
from citydiplo.sections import note

STANDING = ("france", "world", "kind", "decade", "continent")  # the pictures without a kernel

KEPT = 16  # choices whose views are kept: readers come back to them, to the empty one above all

MIMES = {"csv": "text/csv;charset=utf-8", "svg": "image/svg+xml", "png": "image/png"}


class Explorer:
    """Choose partnerships by linked filters and see them on maps, in counts, cards, a comparison and a table.

    Parameters
    ----------
    lang : {"fr", "en"}
    source : str
        See `data.load_partnerships`.
    material : Material, optional
        In place of both, where it is at hand.

    Attributes
    ----------
    widget : ExplorerWidget
        To display.
    chosen : Chosen
        What the views show now.

    Examples
    --------
    >>> explorer = Explorer("en")
    >>> explorer.choose(kinds=["twinning"], years=[1950, 1969])
    >>> set(explorer.chosen.partnerships["kind"])
    {'twinning'}
    """

    def __init__(self, lang: str, source: str = data.REGISTER, material: Material | None = None):
        self.material = material or Material.load(lang, source)
        self.scene = Scene(self.material)
        self._revision = 0
        self._of_choice = lru_cache(KEPT)(self._views)
        asked: dict[str, Any] = {"choice": {}, "picked": None, "compared": [], "documented": False, "serial": 0}
        self.widget = ExplorerWidget(
            frame=self.scene.frame(), fixed=self.scene.fixed(), asked=asked, shown=self._answer(asked)
        )
        self.widget.observe(self._on_asked, names="asked")
        self.widget.on_msg(self._on_message)

    def choose(self, **fields: Any) -> None:
        """Choose as by the filters.

        Parameters
        ----------
        **fields
            Those of `Choice`; the others are cleared.

        Raises
        ------
        UserError
            If a code does not occur.
        """
        self.material.chosen(Choice(**fields))
        self.widget.asked = self.widget.asked | {"choice": fields}

    def show(self, **fields: Any) -> HTML:
        """What the explorer shows of a choice, as pictures and a table that stand without a kernel.

        Parameters and errors are those of `choose`.
        """
        chosen = self.material.chosen(Choice(**fields))
        pictures = [export.drawn(chosen, view) for view in STANDING] if chosen.kept.any() else []
        parts = [
            note(count(chosen)),
            *(illustrate(made.figure, made.alt, made.caption, self.material.language) for made in pictures),
            views.listing(chosen, MOST_ROWS),
        ]
        return HTML("\n".join(part.data for part in parts))

    def _on_asked(self, change: Any) -> None:
        self.widget.shown = self._answer(change["new"])

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.chosen, shown = self._of_choice(Choice(**asked["choice"]))
        self._revision += 1
        compared = asked["compared"][: views.MOST_COMPARED]
        answer = Answer(self.scene, self.chosen, asked["picked"], compared, asked["documented"])
        return {"revision": self._revision, "asked": asked} | answer.message(shown)

    def _views(self, choice: Choice) -> tuple[Chosen, dict[str, Any]]:
        """What a choice leaves, and what the page shows of it alone."""
        chosen = self.material.chosen(choice)
        return chosen, Answer(self.scene, chosen, None, (), documented=False).of_choice()

    def _on_message(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if message.get("do") == "export":
            self._export(message["format"], message["figure"])

    def _export(self, sort: str, figure: str) -> None:
        """Send a file to the browser, which keeps it; or say why there is none."""
        t = self.material.language.text
        try:
            content = taken(self.chosen, sort, figure)
        except UserError as error:
            self.widget.send({"text": str(error)})
            return
        name = f"citydiplo-{t('explorer.rows_file') if sort == 'csv' else figure}.{sort}"
        told = t("explorer.made", name=name)
        self.widget.send({"do": "file", "name": name, "mime": MIMES[sort], "text": told}, [content])


def taken(chosen: Chosen, sort: str, figure: str) -> bytes:
    """A file of what a choice leaves.

    Parameters
    ----------
    chosen : Chosen
    sort : {"csv", "svg", "png"}
    figure : str
        See `export.svg`; the rows are the same for all.
    """
    return export.csv(chosen) if sort == "csv" else {"svg": export.svg, "png": export.png}[sort](chosen, figure)
