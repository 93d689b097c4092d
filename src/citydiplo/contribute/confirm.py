"""What a person sees before a row is written: what is wrong, what to look at, where the place lies, the line itself."""

import geopandas as gpd
import pandas as pd
from IPython.display import HTML

from citydiplo import maps
from citydiplo.captions import Caption, illustrate
from citydiplo.contribute.fields import FIELDS, row_id, title
from citydiplo.contribute.placement import difference, insert
from citydiplo.contribute.proposal import CONFLICT, NEW, Proposal
from citydiplo.contribute.register import Register
from citydiplo.html import render
from citydiplo.language import Language
from citydiplo.places import Place
from citydiplo.schemas import table_path


def report(proposal: Proposal, register: Register, language: Language) -> HTML:
    """What is wrong with a proposed row and what to look at; if all is well, the line that would be written."""
    left = [wrong for wrong in proposal.faults if wrong.found == language.text("fault.empty")]
    differs = [
        (
            title(proposal.table, name, language) if name in FIELDS[proposal.table] else name,
            proposal.ours[name] or "–",
            proposal.row[name] or "–",
        )
        for name in proposal.differs
        if proposal.state == CONFLICT
    ]
    return render(
        "contribution.html.j2",
        left=", ".join(dict.fromkeys(wrong.title for wrong in left)),
        faults=[wrong for wrong in proposal.faults if wrong not in left],
        warnings=proposal.warnings,
        state=proposal.state,
        id=row_id(proposal.table, proposal.row),
        differs=differs,
        line="" if proposal.faults or proposal.state != NEW else planned(proposal, register),
        language=language,
    )


def planned(proposal: Proposal, register: Register) -> str:
    """The diff of the table with a new row in its place, not yet checked against the others."""
    text = register.texts[proposal.table]
    return difference(table_path(proposal.table), text, insert(proposal.table, text, proposal.row))


def place_map(proposal: Proposal, register: Register, boundaries: gpd.GeoDataFrame, language: Language) -> HTML | None:
    """The map of the collectivity and the place, to be confirmed by a person; none without the points of both.

    Parameters
    ----------
    boundaries : GeoDataFrame
        From `data.load_boundaries`.
    """
    row = proposal.row
    try:
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
    except (KeyError, ValueError):
        return None
    if row["collectivity_id"] not in register.everyone.index or not (
        -90 <= latitude <= 90 and -180 <= longitude <= 180
    ):
        return None
    home = register.everyone.loc[row["collectivity_id"]]
    if pd.isna(home["latitude"]):
        return None
    link = {"home_longitude": home["longitude"], "home_latitude": home["latitude"], "home_name": home["name"]}
    name = row["partner"] or row["place"]
    links = pd.DataFrame([link | {"longitude": longitude, "latitude": latitude, "name": name}])
    words = {
        "home": home["name"],
        "name": name,
        "country": language.countries.get(row["country"], row["country"]),
        "latitude": language.number(latitude, 2),
        "longitude": language.number(longitude, 2),
    }
    caption = Caption(
        language.text("confirm.reading", **words), language.text("confirm.scope"), language.text("confirm.source")
    )
    return illustrate(maps.world_map(links, boundaries), language.text("confirm.alt", **words), caption, language)


def described(place: Place, language: Language) -> str:
    """A place as it is offered in a list of homonyms."""
    words = {"name": place.name, "people": place.population}
    point = {"latitude": language.number(place.latitude, 2), "longitude": language.number(place.longitude, 2)}
    return language.text("confirm.place", number=str(place.geonames_id), **words, **point)
