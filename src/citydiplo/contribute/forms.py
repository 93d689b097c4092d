"""Forms to add a fact, a partnership or a source in a notebook, without writing any code."""

import datetime
from collections.abc import Mapping
from html import escape
from typing import Any

import ipywidgets
from IPython.display import HTML

from citydiplo import data
from citydiplo.contribute.confirm import described, place_map, report
from citydiplo.contribute.fields import FIELDS, IDS, LISTS, advice, choices, required, title
from citydiplo.contribute.lookup import candidates, has_gazetteer
from citydiplo.contribute.proposal import NEW, Proposal, propose
from citydiplo.contribute.register import Register
from citydiplo.contribute.store import prepare, write
from citydiplo.contribute.workbook import worded
from citydiplo.errors import UserError
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.style import BLUE, INK, MUTED

LONG = frozenset(["statement_fr", "statement_en", "note_fr", "note_en", "derivation", "derivation_fr", "note"])
SEARCHED = frozenset(["collectivity", "country", "source_id"])  # long lists: one types a part of the name

WRONG = "#8f3d00"  # the warm colour of the pages

# Help stands below its field; on a narrow screen titles stand above. What is folded up is too pale by default.
# Text fields have no outline by default, and insist on it: only a selector with an id is stronger.
STYLE = f"""<style>
.citydiplo-form .advice {{ margin: 0 0 0 15.1em; font-size: .9em; line-height: 1.3; color: {MUTED}; }}
.citydiplo-form .advice.wrong {{ color: {WRONG}; font-weight: 600; }}
.citydiplo-form .jupyter-widget-Collapse-header {{ color: {INK}; }}
.citydiplo-form:not(#none) :focus-visible {{ outline: 3px solid {BLUE} !important; outline-offset: 1px; }}
.citydiplo-form figure {{ margin-inline: 0; }}
.citydiplo-form img {{ max-width: 100%; height: auto; }}
@media (max-width: 40em) {{
  .citydiplo-form .jupyter-widgets {{ max-width: 100% !important; min-width: 0; margin-inline: 0; }}
  .citydiplo-form .jupyter-widget-inline-hbox, .citydiplo-form .widget-inline-hbox {{
    flex-direction: column; align-items: stretch; height: auto;
  }}
  .citydiplo-form .widget-label {{ width: auto !important; max-width: none; text-align: left; white-space: normal; }}
  .citydiplo-form select:not([multiple]) {{ flex: none; height: 2.2em; }}
  .citydiplo-form .advice {{ margin-left: 0; }}
}}
</style>"""

WIDE = {"width": "100%", "max_width": "46em"}


class Desk:
    """The forms of a notebook, on one state of the tables: what one form has written, the others can cite.

    Parameters
    ----------
    lang : {"fr", "en"}
    """

    def __init__(self, lang: str):
        self.register = Register.load()
        self.language = Language.of(lang, self.register.tables)
        self.boundaries = data.load_boundaries("110m")
        self.forms: list[Form] = []

    def form(self, table: str) -> ipywidgets.VBox:
        """The form of a table, empty.

        Parameters
        ----------
        table : {"facts", "partnerships", "sources"}
        """
        self.forms.append(Form(table, self))
        return self.forms[-1].widget

    def show(self, table: str, typed: Mapping[str, str]) -> HTML:
        """What the form of a table says of a row, without a widget: what is wrong, the map, the line to be written."""
        proposal = propose(table, typed, self.register, self.language)
        pictures = place_map(proposal, self.register, self.boundaries, self.language)
        parts = [report(proposal, self.register, self.language), pictures]
        return HTML("\n".join(part.data for part in parts if part))

    def known(self, table: str, row_id: str) -> dict[str, str]:
        """A row of a table as one would type it: field → text."""
        (row,) = [row for row in self.register.rows[table] if row[IDS[table]] == row_id]
        return worded(table, row, self.language)

    def save(self, proposal: Proposal) -> str:
        """Write a row and return the diff; the forms then know it.

        Raises
        ------
        UserError
            If the tables have changed meanwhile, or would not hold together.
        """
        change = prepare([proposal], self.register)
        write(change)
        self.register = Register.load()
        for form in self.forms:
            form.refresh()
        return change.diff()


class Form:
    """One form: the fields with their help, what is wrong as one types, the map of the place, the button."""

    def __init__(self, table: str, desk: Desk):
        self.table, self.desk = table, desk
        self.places: dict[str, str] = {}
        self.shown: tuple[str, ...] = ()
        self.holding = False
        self.fields = {field: self._field(field) for field in FIELDS[table]}
        self.advices = {field: ipywidgets.HTML(layout=WIDE) for field in FIELDS[table]}
        text = desk.language.text
        self.search = ipywidgets.Dropdown(options=[("", "")], layout={"width": "auto"})
        self.search.description, self.search.style = text("form.which_place"), {"description_width": "initial"}
        self.map = ipywidgets.HTML(layout=WIDE)
        self.confirmed = ipywidgets.Checkbox(value=False, description=text("form.confirm"), indent=False, layout=WIDE)
        self.state = ipywidgets.HTML(layout=WIDE)
        self.button = ipywidgets.Button(description=text("form.save"), button_style="primary", disabled=True)
        self.clear = ipywidgets.Button(description=text("form.clear"))
        self.done = ipywidgets.HTML(layout=WIDE)
        self.widget = self._laid_out()
        for widget in self.fields.values():
            widget.observe(self._update, names="value")
        self.search.observe(self._choose, names="value")
        self.confirmed.observe(self._update, names="value")
        self.button.on_click(self._save)
        self.clear.on_click(self._clear)
        self._update()

    def _field(self, field: str) -> Any:
        language = self.desk.language
        mark = " *" if required(self.table, field) else ""
        common = {
            "description": f"{title(self.table, field, language)}{mark}",
            "style": {"description_width": "13em"},
            "layout": WIDE,
        }
        options = choices(self.table, field, self.desk.register.tables, language)
        if field in SEARCHED and options:
            names = [label for label, _ in options]
            return ipywidgets.Combobox(options=names, continuous_update=False, **common)
        if field in LISTS:
            return ipywidgets.SelectMultiple(options=options, rows=6, **common)
        if options:
            return ipywidgets.Dropdown(options=[("", ""), *options], **common)
        kind = ipywidgets.Textarea if field in LONG else ipywidgets.Text
        rows = {"rows": 2} if field in LONG else {}
        return kind(value=self._first(field), continuous_update=False, **common, **rows)

    def _first(self, field: str) -> str:
        """What a field has before anyone types: the day on which a source is read, and its language."""
        today = datetime.date.today().isoformat()
        return (
            {"accessed": today, "language": self.desk.language.code}.get(field, "") if self.table == "sources" else ""
        )

    def _laid_out(self) -> ipywidgets.VBox:
        """The required fields, then the others folded up, then what is said of them and the buttons."""
        folded = [field for field in FIELDS[self.table] if not required(self.table, field)]
        usual = {"country", "start_year", "status", "year", "unit", "published", "url"}
        parts = {
            field: ipywidgets.VBox([self.fields[field], self.advices[field]], layout={"margin": "0 0 .4em 0"})
            for field in FIELDS[self.table]
        }
        first = [part for field, part in parts.items() if field not in folded or field in usual]
        rest = ipywidgets.Accordion(
            [ipywidgets.VBox([part for field, part in parts.items() if field in folded and field not in usual])],
            layout=WIDE,
        )
        rest.set_title(0, self.desk.language.text("form.optional"))
        place = [self.search, self.map, self.confirmed] if self.table == "partnerships" else []
        buttons = ipywidgets.HBox([self.button, self.clear])
        whole = ipywidgets.VBox(
            [
                ipywidgets.HTML(STYLE),
                *first,
                rest,
                *place,
                self.state,
                buttons,
                self.done,
            ]
        )
        whole.add_class("citydiplo-form")
        return whole

    def typed(self) -> dict[str, str]:
        """The fields as typed."""
        values = {field: widget.value for field, widget in self.fields.items()}
        return {field: ";".join(value) if isinstance(value, tuple) else value or "" for field, value in values.items()}

    def proposal(self) -> Proposal:
        """What becomes of the row as typed."""
        return propose(self.table, self.typed(), self.desk.register, self.desk.language)

    def refresh(self) -> None:
        """Offer what has come in since: new sources, new collectivities."""
        for field in SEARCHED & set(self.fields):
            if isinstance(self.fields[field], ipywidgets.Combobox):
                options = choices(self.table, field, self.desk.register.tables, self.desk.language)
                self.fields[field].options = [label for label, _ in options]
        self._update()

    def _update(self, change: Any = None) -> None:
        if self.holding:
            return
        owner = change and change["owner"]
        if owner in [self.fields.get(name) for name in ("partner", "country", "place")]:
            self._forget_place()
        proposal = self.proposal()
        language = self.desk.language
        wrong = {fault.field: fault for fault in proposal.faults if fault.found != language.text("fault.empty")}
        for field, widget in self.advices.items():
            widget.value = _advice(self.table, field, wrong, language)
        located = self._look(proposal) if self.table == "partnerships" else False
        ready = proposal.state == NEW and not proposal.faults
        hint = language.text("form.to_confirm") if ready and located and not self.confirmed.value else ""
        self.state.value = report(proposal, self.desk.register, language).data + f"<p>{escape(hint)}</p>" * bool(hint)
        self.confirmed.layout.display = "" if located else "none"
        self.button.disabled = not ready or (located and not self.confirmed.value)
        if change is not None:
            self.done.value = ""

    def _look(self, proposal: Proposal) -> bool:
        """Offer the places of this name and draw the chosen one; whether there is one to confirm."""
        language, row = self.desk.language, proposal.row
        named = {**row, "geonames_id": ""}
        found = candidates(named, self.desk.register) if row["partner_kind"] in {"", "city"} else []
        options = [(described(place, language), str(place.geonames_id)) for place in found]
        first = "form.choose_place" if options else "form.no_place" if has_gazetteer() else "form.no_gazetteer"
        first = first if row["country"] and (row["partner"] or row["place"]) else "form.place_first"
        self.holding = True
        self.search.options = [(language.text(first), ""), *options]
        number = row["geonames_id"]
        self.search.value = number if number in [code for _, code in options] else ""
        self.holding = False
        point = (row["latitude"], row["longitude"], row["collectivity_id"], row["partner"], row["country"])
        if point != self.shown:
            self.shown, self.confirmed.value = point, False
            picture = place_map(proposal, self.desk.register, self.desk.boundaries, language)
            self.map.value = picture.data if picture else ""
        return bool(self.map.value)

    def _choose(self, change: Any) -> None:
        """Take the place that was chosen among those of its name."""
        if self.holding:
            return
        self._forget_place()
        self.fields["geonames_id"].value = change["new"]

    def _forget_place(self) -> None:
        """Another name is another place: what was filled in for the first does not hold."""
        self.holding = True
        for field in ("geonames_id", "latitude", "longitude"):
            if field in self.fields:
                self.fields[field].value = ""
        self.holding = False

    def _save(self, _button: Any) -> None:
        language = self.desk.language
        self.button.disabled = True
        try:
            diff = self.desk.save(self.proposal())
        except UserError as error:
            self.done.value = render("saved.html.j2", title=language.text("form.refused"), diff=str(error)).data
            return
        self._clear(None)
        self.done.value = render("saved.html.j2", title=language.text("form.saved"), diff=diff).data

    def _clear(self, _button: Any) -> None:
        """Empty the form, but for the collectivity and the source: the next row often has the same."""
        self.holding = True
        for field, widget in self.fields.items():
            if field not in {"collectivity", "source_id"} or self.table == "sources":
                widget.value = () if field in LISTS else self._first(field)
        self.confirmed.value = False
        self.holding = False
        self.done.value = ""
        self._update()


def _advice(table: str, field: str, wrong: Mapping[str, Any], language: Language) -> str:
    """The line under a field: its help, or what is wrong."""
    if field not in wrong:
        return f'<p class="advice">{escape(advice(table, field, language))}</p>'
    fault = wrong[field]
    text = language.text("form.wrong", found=fault.found, expected=fault.expected, todo=fault.todo)
    return f'<p class="advice wrong" role="alert">{escape(text)}</p>'
