"""Read amounts as spreadsheets write them."""

import re

from citydiplo.schemas import EUROS

AMOUNT = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]{1,2})?")
BLANKS = re.compile(r"\s+")

EXPECTED = f"an amount in euros from 0 to {EUROS:.0e}, like 1234,56 or 1234.56"


def euros(cell: str, unit: float = 1) -> float | None:
    """Read an amount, told in so many euros: spaces between its digits, a decimal point or comma.

    Returns
    -------
    float or None
        To the cent; None if it is no number, less than 0, or more than any account can have.
    """
    bare = BLANKS.sub("", cell).removesuffix("€")
    if not AMOUNT.fullmatch(bare):
        return None
    amount = float(bare.replace(",", ".")) * unit
    return round(amount, 2) if 0 <= amount <= EUROS else None
