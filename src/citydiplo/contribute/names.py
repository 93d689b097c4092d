"""The ids and short names that the kit gives to new rows, as those that are there."""

from collections.abc import Collection

from citydiplo.contribute.register import Row
from citydiplo.places import fold_all

LONGEST_PUBLISHER, LONGEST_TITLE = 30, 40


def slug(text: str, longest: int | None = None) -> str:
    """Small letters, figures and hyphens; empty for a name in another script."""
    return fold_all([text])[0].replace(" ", "-")[:longest].strip("-")


def new_id(table: str, row: Row, taken: Collection[str]) -> str:
    """An id that no row has: marseille-naples-twinning, rennes-budget-share, ville-de-rennes-nos-jumelages.

    A fact with the same collectivity and indicator as another has its year too; then come numbers from 2.
    """
    if table == "partnerships":
        parts = [row["collectivity"], row["place"], row["kind"]]
    elif table == "facts":
        parts = [row["collectivity"], row["indicator"]]
    else:
        parts = [slug(row["publisher"], LONGEST_PUBLISHER), slug(row["title"], LONGEST_TITLE)]
    name = "-".join(filter(None, map(slug, parts))) or table
    if name in taken and table == "facts" and row["year"]:
        name = f"{name}-{row['year']}"
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(free for free in numbered if free not in taken)


def short_name(source: Row) -> str:
    """A source as it is cited: its publisher, and its year if it has one."""
    return ", ".join(filter(None, [source["publisher"], source["published"][:4]]))
