"""Ask Wikidata for the twinnings of French collectivities: one polite request, its answer kept.

The query takes every item with an INSEE code (communes, départements, regions) or a SIREN (EPCI), whatever Wikidata
says it is an instance of: to ask for a “human settlement” loses Lyon, among others.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from citydiplo.errors import UserError
from citydiplo.imports import http

ENDPOINT = "https://query.wikidata.org/sparql"

QUERY = resources.files("citydiplo.imports").joinpath("twinnings.sparql").read_text(encoding="utf-8")
VARIABLES = re.findall(r"\?(\w+)", QUERY.partition("SELECT DISTINCT")[2].partition("WHERE")[0])


def fetch(
    folder: Path,
    *,
    endpoint: str = ENDPOINT,
    contact: str = "",
    timeout: float = 120,
    refresh: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Path:
    """Ask the endpoint, unless its answer to this query is in the folder.

    Parameters
    ----------
    folder : Path
        Where answers are kept.
    endpoint : str
        Address of a SPARQL endpoint with Wikidata's statements.
    contact : str
        An address at which the server's operators can reach the user; sent with the request.
    timeout : float
        Seconds to wait for the server.
    refresh : bool
        Ask again even if there is an answer.
    wait : callable
        How to wait between two tries, in seconds.

    Returns
    -------
    Path
        The answer, as JSON: ``answer-QUERY-DATE.json``, QUERY being a mark of the query and the endpoint.

    Raises
    ------
    UserError
        If no complete answer comes.
    """
    http.check_address(endpoint)
    mark = hashlib.sha256(f"{endpoint}\n{QUERY}".encode()).hexdigest()[:8]
    kept = http.answers(folder, f"answer-{mark}", ".json")
    if kept and not refresh:
        return kept[-1]
    media = "application/sparql-results+json"
    content = http.ask(endpoint, media, form={"query": QUERY}, contact=contact, timeout=timeout, wait=wait)
    _check(endpoint, content)
    return http.keep(folder, f"answer-{mark}", ".json", content)


def _check(endpoint: str, content: bytes) -> None:
    """Refuse an answer that is no complete list of results."""
    try:
        answer = json.loads(content)
        variables, bindings = answer["head"]["vars"], answer["results"]["bindings"]
    except (ValueError, KeyError, TypeError) as error:
        cut = isinstance(error, ValueError) and content.lstrip().startswith(b"{")
        what = "an answer that is cut off" if cut else f"no results{http.excerpt(content)}"
        raise UserError(f"{endpoint} gave {what} ({len(content)} bytes): try again later") from None
    missing = [name for name in VARIABLES if name not in variables]
    if missing or not isinstance(bindings, list) or not bindings:
        found = f"results without {', '.join(missing)}" if missing else "no rows"
        raise UserError(f"{endpoint} gave {found}: does it hold Wikidata's statements?")
