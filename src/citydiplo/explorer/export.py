"""What is taken away from the explorer: rows as CSV, pictures as SVG and PNG that carry their words with them."""

import io
import re
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from citydiplo import maps, partner_charts, partner_maps
from citydiplo.canvas import LINE, NOTE, SIZE, wrap
from citydiplo.captions import Caption
from citydiplo.errors import UserError
from citydiplo.explorer.choice import COLLECTIVITY_FIELDS, Chosen
from citydiplo.explorer.views import by, table
from citydiplo.explorer.wording import cited, described, title
from citydiplo.language import Language
from citydiplo.spreadsheet import to_csv
from citydiplo.style import MUTED, PARAMETERS, to_svg

# The maps; any other picture is of the bars of a field.
MAPS = {"world": "panel.world", "europe": "panel.europe", "france": "explorer.france"}

MOST_NAMED = 15  # places that an alternative text names
MOST_BARS = 20
SEVERAL = ("domain", "form", "source", "publisher")  # of which a partnership may have more than one
SEPARATORS = {"fr": ";", "en": ","}  # what spreadsheets of the language expect
# How the bar of what is not documented looks: told from the others without colour.
GAP: Any = {"facecolor": "white", "edgecolor": MUTED, "hatch": "////"}

RESOLUTION = 200  # of PNG, in dots an inch
MARGIN = 0.12  # inches
ROOM = 0.94  # of the width that a line fills: letters fitted to pixels are wider than drawn ones


def csv(chosen: Chosen) -> bytes:
    """The rows of `views.table` with what traces them: a CSV file for the spreadsheets of the reader's language.

    Columns that are added: the code of the collectivity, the state of the link, the passages and the addresses of the
    sources, their identifiers, and those of the rows of partnerships.csv.
    """
    material = chosen.material
    t, language, rows = material.language.text, material.language, chosen.partnerships
    urls = material.tables["sources"].set_index("source_id")["url"].dropna().to_dict()
    added = {
        t("explorer.collectivity_code"): rows["collectivity_id"],
        t("explorer.status"): rows["statuses"].map(
            lambda codes: language.list_labels("partnership_status", codes), na_action="ignore"
        ),
        t("explorer.passages"): rows["cited"],
        t("explorer.addresses"): rows["source_ids"].map(
            lambda ids: " ".join(urls[source_id] for source_id in ids.split(";") if source_id in urls)
        ),
        t("explorer.source_ids"): rows["source_ids"],
        t("explorer.partnership_ids"): rows["partnership_ids"],
    }
    whole = table(chosen).assign(**{name: column.array for name, column in added.items()})
    return to_csv(whole, SEPARATORS[language.code]).encode("utf-8")


@dataclass(frozen=True)
class Picture:
    """A figure and its words.

    Attributes
    ----------
    figure : Figure
        With title and caption.
    title, alt : str
    caption : Caption
    """

    figure: Figure
    title: str
    alt: str
    caption: Caption

    def description(self, language: Language) -> str:
        """The alternative text and the caption, a line each."""
        return "\n".join([self.alt, *_lines(self.caption, language)])


def svg(chosen: Chosen, view: str) -> bytes:
    """Draw a picture as SVG; its elements title and desc have its title, alternative text and caption.

    Parameters
    ----------
    chosen : Chosen
    view : str
        A key of `MAPS`, or a field of `views.FIELDS` for its bars.

    Raises
    ------
    UserError
        If there is nothing to draw.
    """
    drawn = picture(chosen, view)
    words = escape(drawn.title), escape(drawn.description(chosen.material.language))
    head = '<title id="title">{}</title>\n<desc id="desc">{}</desc>\n'.format(*words)
    opened = r'\1 role="img" aria-labelledby="title desc">' + "\n"
    text = to_svg(drawn.figure).decode("utf-8")
    start = re.search(r"(<svg\b[^>]*)>", text)
    assert start  # noqa: S101
    return (text[: start.start()] + start.expand(opened) + head + text[start.end() :]).encode("utf-8")


def png(chosen: Chosen, view: str) -> bytes:
    """Draw a picture as PNG; its text chunks Title and Description have its title, alternative text and caption.

    Parameters and errors are those of `svg`.
    """
    drawn = picture(chosen, view)
    words = {"Title": drawn.title, "Description": drawn.description(chosen.material.language), "Software": None}
    target = io.BytesIO()
    with mpl.rc_context(PARAMETERS):
        drawn.figure.savefig(target, format="png", dpi=RESOLUTION, metadata=words)
    return target.getvalue()


def picture(chosen: Chosen, view: str) -> Picture:
    """Draw a picture with title and caption, and put it in words: see `svg`."""
    whole = drawn(chosen, view)
    _frame(whole, chosen.material.language)
    return whole


def drawn(chosen: Chosen, view: str) -> Picture:
    """As `picture`, for a page that writes title and caption itself: the figure has neither."""
    t = chosen.material.language.text
    if not chosen.kept.any():
        raise UserError(t("explorer.none"))
    what = t(MAPS[view]) if view in MAPS else title(chosen.material, view)
    draw = _bars if view not in MAPS else _homes if view == "france" else _links
    bare = draw(chosen, view)
    return Picture(bare.figure, t("explorer.picture_title", what=what), bare.alt, bare.caption)


def _links(chosen: Chosen, view: str) -> Picture:
    """The world or Europe, an arc a pair."""
    t = chosen.material.language.text
    pairs = partner_maps.named_pairs(chosen.partnerships, chosen.partnerships["name"])
    drawn = partner_maps.inside(pairs, view)
    if drawn.empty:
        raise UserError(t("partners.none_on_map"))
    places = partner_maps.linked_places(drawn)
    first = places.iloc[0]
    rows = [t("partners.map_row", name=row.name, count=row.count) for row in places.head(MOST_NAMED).itertuples()]
    caption = _caption(
        chosen,
        t("partners.map_reading", name=first["name"], count=int(first["count"])),
        t("explorer.map_note", shown=len(drawn), total=len(pairs)),
        "geonames",
        "natural-earth",
    )
    figure = partner_maps.links_map(
        pairs,
        chosen.material.boundaries,
        view,
        t("partners.home"),
        lambda count: t("partners.circle", count=count),
    )
    alt = t("partners.map_alt", places=len(places), shown=len(drawn), rows=", ".join(rows))
    return Picture(figure, "", alt, caption)


def _homes(chosen: Chosen, _view: str) -> Picture:
    """France, a point a collectivity."""
    t = chosen.material.language.text
    pairs = partner_maps.named_pairs(chosen.partnerships, chosen.partnerships["name"])
    points, outside = partner_maps.home_points(pairs)
    if points.empty:
        raise UserError(t("partners.none_on_map"))
    first = points.iloc[0]
    rows = [t("partners.homes_row", name=row.name, count=row.count) for row in points.head(MOST_NAMED).itertuples()]
    caption = _caption(
        chosen,
        t("partners.homes_reading", name=first["name"], count=int(first["count"])),
        t("explorer.homes_note", shown=len(points), outside=outside),
        "geonames",
        "natural-earth",
    )
    alt = t("partners.homes_alt", shown=len(points), rows=", ".join(rows))
    return Picture(maps.france_map(points, chosen.material.boundaries), "", alt, caption)


def _bars(chosen: Chosen, field: str) -> Picture:
    """The partnerships of each class of a field; of many classes the largest."""
    t = chosen.material.language.text
    counts = by(chosen, field)
    counts = counts[counts["count"] > 0]
    largest = counts.nlargest(MOST_BARS, "count")
    shown = largest if len(counts) > MOST_BARS else counts
    total = len(chosen.partnerships)
    bars = [(row.label, row.count, _note(chosen, row)) for row in shown.itertuples(index=False)]
    notes = [t("explorer.bars_several")] if field in SEVERAL else []
    notes += [t("explorer.bars_most", shown=len(shown), total=len(counts))] if len(shown) < len(counts) else []
    label, count, _ = bars[0]
    caption = _caption(
        chosen,
        t("explorer.bars_reading", label=label, count=int(count), total=total),
        " ".join(notes),
        *_definers(chosen, field),
    )
    alt = t("explorer.bars_alt", rows=t("separator").join(f"{label} {note}" for label, _, note in bars))
    # A dollar sign would begin a formula.
    safe = [(label.replace("$", r"\$"), count, note) for label, count, note in bars]
    figure = partner_charts.blocks({title(chosen.material, field): safe})
    for bar, documented in zip(figure.axes[0].patches, shown["documented"], strict=True):
        if not documented:
            bar.set(**GAP)
    return Picture(figure, "", alt, caption)


def _definers(chosen: Chosen, field: str) -> list[str]:
    """The sources that say what the classes of a field are, which no row cites."""
    tables = chosen.material.tables
    lists, rules = tables["country_groups"], tables["typology_rules"]
    if field in COLLECTIVITY_FIELDS and field != "form":
        return ["decoupage-administratif-2026"]
    defining = rules[rules["typology"] == field] if field == "form" else lists[lists["scheme"] == field]
    return defining["source_id"].unique().tolist()


def _note(chosen: Chosen, row: Any) -> str:
    t = chosen.material.language.text
    percent = t("partners.under_one") if row.share < 0.005 else t("percent", value=round(100 * row.share))
    return t("partners.count_note", count=row.count, share=percent)


def _caption(chosen: Chosen, reading: str, note: str, *references: str) -> Caption:
    t, count = chosen.material.language.text, len(chosen.partnerships)
    scope = t("explorer.picture_scope", count=count, choice=described(chosen), note=note)
    return Caption(reading, scope.strip(), cited(chosen, *references))


def _lines(caption: Caption, language: Language) -> list[str]:
    """The parts of a caption with their names."""
    colon = language.text("colon")
    parts = {
        language.text("caption.reading"): caption.reading,
        language.text("caption.scope"): caption.scope,
        language.text("caption.source"): f"{language.typeset(caption.source)}.",
    }
    return [f"{name}{colon}{part}" for name, part in parts.items()]


def _frame(drawn: Picture, language: Language) -> None:
    """Make room above a figure for its title, and below for its caption."""
    figure = drawn.figure
    width, height = figure.get_size_inches()
    lines = [line for part in _lines(drawn.caption, language) for line in wrap(part, ROOM * (width - 2 * MARGIN), NOTE)]
    top, bottom = 2 * LINE + MARGIN, LINE * len(lines) + 2 * MARGIN
    whole = height + top + bottom
    box = (0.0, bottom / whole, 1.0, height / whole)
    figure.set_size_inches(width, whole)
    if engine := figure.get_layout_engine():
        side = MARGIN / width
        engine.set(rect=(side, box[1], 1 - 2 * side, box[3]))  # type: ignore[call-arg]
    else:
        for axes in figure.axes:
            x, y, wide, high = axes.get_position(original=True).bounds
            axes.set_position((x, box[1] + y * box[3], wide, high * box[3]))
    for legend in figure.legends:
        legend.set_bbox_to_anchor(box, transform=figure.transFigure)
    with mpl.rc_context(PARAMETERS):
        words: Any = {"parse_math": False, "in_layout": False}
        figure.text(MARGIN / width, 1 - MARGIN / whole, drawn.title, va="top", weight="bold", size=SIZE + 2, **words)
        for number, line in enumerate(lines):
            y = bottom - MARGIN - number * LINE
            figure.text(MARGIN / width, y / whole, line, va="top", size=NOTE, color=MUTED, **words)
