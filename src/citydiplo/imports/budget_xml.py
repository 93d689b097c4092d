"""
Read a budget document (« TOTEM ») as a stream of groups of values; refuse at once what no such document has.

The file may come from anywhere. Entities and document types are refused by defusedxml; nesting, long tokens and endless
lists by the limits below, each well beyond the largest document, so that no file costs much memory or time.
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, Never
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import create_parser

from citydiplo.errors import DataError, Problem

ROOT = "DocumentBudgetaire"

# The groups to read: the element that each lies in, and the children whose values are kept.
GROUPS = {
    "EnTeteDocBudgetaire": (ROOT, {"LibelleColl", "IdColl"}),
    "EnTeteBudget": ("Budget", {"LibelleEtab", "IdEtab", "CodBud", "Nomenclature"}),
    "BlocBudget": ("Budget", {"NatDec", "Exer", "ProjetBudget", "DteDec", "CodTypBud"}),
    "InformationsGenerales": ("Budget", {"Information/PopTot"}),
    "LigneBudget": (
        "Budget",
        {"Nature", "Fonction", "ContNat", "CaracSup/Section", "CodRD", "MtPrev", "MtReal", "OpBudg"},
    ),
    "CONCOURS": ("DATA_CONCOURS", {"CodArticle", "CodNatJurBenefCA", "LibOrgaBenef", "MtSubv", "LibPrestaNat"}),
}

CHUNK = 2**16
LONGEST_SILENCE = 2**20  # bytes in which no element begins
DEEPEST = 32
MOST_ATTRIBUTES = 50
LONGEST_VALUE = 10_000
MOST_ELEMENTS = 3_000_000
MOST_GROUPS = 300_000
MOST_TEXT = 50_000_000  # characters of all the values that are kept


class Group(NamedTuple):
    """An element and the values of its children.

    Attributes
    ----------
    name : str
        Its local name: one of `GROUPS`, or Budget, which has no values and says that another budget begins.
    line, column : int
        Where it begins; the first line is 1, the first column 0.
    values : dict
        What the children that are kept have in their attribute ``V``, by local name, with their ``Code`` if they have
        one: ``Information/PopTot``. Of several with one name, the first.
    computed : bool
        Whether the file says that the element sums up others.
    """

    name: str
    line: int
    column: int
    values: dict[str, str]
    computed: bool


class _RefusedError(Exception):
    def __init__(self, found: str, expected: str):
        super().__init__(found)
        self.found = found
        self.expected = expected


def _refuse_beyond(limit: int, number: int, what: str) -> None:
    if number > limit:
        raise _RefusedError(f"more than {limit} {what}", "a budget document, which has far fewer")


class _Groups(ContentHandler):
    """Keeps the groups of the events that a parser tells."""

    def __init__(self, locator: Locator) -> None:
        super().__init__()
        self.locator = locator
        self.open: list[str] = []
        self.elements = 0
        self.groups = 0
        self.text = 0
        self.current: Group | None = None
        self.depth = 0
        self.complete: list[Group] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        local = name.rpartition(":")[2]
        self.elements += 1
        self._check(local, attrs)
        if self.current:
            self._keep(self.current, local, attrs)
        elif local == "Budget" and len(self.open) == 1:
            self.complete.append(self._group(local, attrs))
        elif local in GROUPS and self._in(GROUPS[local][0]):
            self.current = self._group(local, attrs)
        self.open.append(local)

    def endElement(self, name: str) -> None:  # noqa: N802
        self.open.pop()
        if self.current and len(self.open) == self.depth:
            self.complete.append(self.current)
            self.current = None

    def _in(self, parent: str) -> bool:
        return self.open[-1:] == [parent] and self.open[1:2] in ([], ["Budget"])

    def _check(self, local: str, attrs: AttributesImpl) -> None:
        if not self.open and local != ROOT:
            raise _RefusedError(f"the element « {local[:80]} »", f"« {ROOT} », the first element of a budget document")
        _refuse_beyond(DEEPEST, len(self.open), "elements one inside the other")
        _refuse_beyond(MOST_ELEMENTS, self.elements, "elements")
        _refuse_beyond(MOST_ATTRIBUTES, len(attrs), "attributes of one element")
        for value in attrs.values():
            _refuse_beyond(LONGEST_VALUE, len(value), "characters in one attribute")

    def _group(self, local: str, attrs: AttributesImpl) -> Group:
        self.groups += 1
        _refuse_beyond(MOST_GROUPS, self.groups, "lines and beneficiaries")
        self.depth = len(self.open)
        computed = attrs.get("calculated", "false") not in {"false", "0", ""}
        line, column = self.locator.getLineNumber() or 1, self.locator.getColumnNumber() or 0
        return Group(local, line, column, {}, computed)

    def _keep(self, group: Group, local: str, attrs: AttributesImpl) -> None:
        name = f"{local}/{attrs['Code']}" if "Code" in attrs else local
        if name in GROUPS[group.name][1] and "V" in attrs and len(self.open) == self.depth + 1:
            value = group.values.setdefault(name, attrs["V"])
            self.text += len(value)
            _refuse_beyond(MOST_TEXT, self.text, "characters of values")


def groups(stream: BinaryIO, file: str) -> Iterator[Group]:
    """Read the groups of a budget document, in its order.

    Parameters
    ----------
    stream : binary file
        Read in parts, no further than the first thing that is refused.
    file : str
        Its name, for messages.

    Raises
    ------
    DataError
        If the file is not XML, is cut short, is not a budget document, or has what no such document has.
    """
    parser = create_parser(forbid_dtd=True)
    handler = _Groups(parser)
    parser.setContentHandler(handler)
    silence = 0
    try:
        while chunk := stream.read(CHUNK):
            before = handler.elements
            parser.feed(chunk)
            silence = 0 if handler.elements > before else silence + len(chunk)
            _refuse_beyond(LONGEST_SILENCE, silence, "bytes in which no element begins")
            yield from handler.complete
            handler.complete.clear()
        parser.close()
        if not handler.elements:
            raise _RefusedError("an empty file", "a budget document (XML)")
    except _RefusedError as refused:
        _refuse(file, parser.getLineNumber(), refused.found, refused.expected)
    except DefusedXmlException:
        _refuse(file, parser.getLineNumber(), "a document type or entities", "a budget document, which declares none")
    except SAXParseException as error:
        found = f"not readable as XML ({error.getMessage()})"
        _refuse(file, error.getLineNumber(), found, "a complete file in the encoding that its first line declares")
    except (LookupError, ValueError) as error:
        _refuse(
            file, 1, f"an encoding that cannot be read ({error})", "UTF-8 or ISO-8859-1, as its first line declares"
        )


def _refuse(file: str, row: int | None, found: str, expected: str) -> Never:
    raise DataError([Problem(file, row, None, found, expected)]) from None
