"""The code that gives what the explorer shows."""

import dataclasses

from citydiplo import data
from citydiplo.explorer.choice import Choice


def as_code(choice: Choice, lang: str, source: str = data.REGISTER) -> str:
    """Write the calls that give the table of a choice.

    Parameters
    ----------
    choice : Choice
    lang : {"fr", "en"}
    source : str
        See `data.load_partnerships`.

    Returns
    -------
    str
        Python text; executed, it leaves `views.table` of the choice in ``rows``. Only what the choice restricts is
        written.
    """
    plain = Choice()
    given = [
        f"    {field.name}={getattr(choice, field.name)!r},\n"
        for field in dataclasses.fields(Choice)
        if getattr(choice, field.name) != getattr(plain, field.name)
    ]
    written = f"Choice(\n{''.join(given)})" if given else "Choice()"
    return (
        "from citydiplo.explorer.choice import Choice, Material\n"
        "from citydiplo.explorer.views import table\n\n"
        f"material = Material.load({lang!r}, {source!r})\n"
        f"choice = {written}\n"
        "rows = table(material.chosen(choice))\n"
        "rows\n"
    )
