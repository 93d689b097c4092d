"""
Functions of the charts of accounts: which ones are function 04, international action, and which cannot be told.

In M14 041 is a global subsidy and 048 other actions; in M57 they go from 041 to 048. A budget that is voted by function
puts 90 (investment), 92 or 93 (operating) before the code: 93048. Where a spreadsheet took the zero away, 41 may be
function 041 or another one (sport in M14, health in M57).
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

SECTIONS = {"90": "investment", "92": "operating", "93": "operating"}

EXPECTED = "a code that begins with 04, with its zero and nothing after its digits"

WHOLE_NUMBER = re.compile(r"([0-9]+)[.,]0+")
PARTS = re.compile(r"(?P<prefix>9[023])?(?P<function>04[0-9]*|4[1-8]?|48[0-9]+)(?P<rest>[^0-9].*)?", re.DOTALL)
WITH_ZERO = re.compile(r"(?:9[023])?0[0-9]")
LONGEST = len("04") + 3


class Function(NamedTuple):
    """What a code of a file says.

    Attributes
    ----------
    code : str or None
        04 or a function within it, with its zero; None if it is another function, or cannot be told.
    section : str or None
        Section that its prefix says, a code of account_section.
    ambiguous : bool
        Whether it may be function 04 or another: a row with such a code is to be refused.
    """

    code: str | None = None
    section: str | None = None
    ambiguous: bool = False


def zeros_kept(codes: Iterable[str]) -> bool:
    """Whether the codes of a whole file have their leading zeros: one that shows it is enough."""
    return any(WITH_ZERO.match(code.strip()) for code in codes)


def canonical(code: str, zeros: bool) -> Function:
    """Read a code.

    Parameters
    ----------
    code : str
        As the file has it.
    zeros : bool
        Whether the codes of the file have their zeros (see `zeros_kept`). If so 41 to 47 are what they say; 48, which
        neither M14 nor M57 has, is ambiguous all the same.
    """
    bare = code.strip()
    # A column of numbers is often written with decimals.
    if number := WHOLE_NUMBER.fullmatch(bare):
        bare = number[1]
    found = PARTS.fullmatch(bare)
    if not found:
        return Function()
    function, section = found["function"], SECTIONS.get(found["prefix"])
    if function.startswith("04"):
        readable = len(function) <= LONGEST and not found["rest"]
        return Function(function, section) if readable else Function(ambiguous=True)
    return Function(ambiguous=not zeros or function.startswith("48"))
