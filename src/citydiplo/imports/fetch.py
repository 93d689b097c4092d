"""Ask Wikidata for the twinnings of French collectivities: one polite request, its answer kept.

The query takes every item with an INSEE code (communes, départements, regions) or a SIREN (EPCI), whatever Wikidata
says it is an instance of: to ask for a “human settlement” loses Lyon, among others.
"""

import datetime
import email.utils
import gzip
import hashlib
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path

from citydiplo.errors import UserError

ENDPOINT = "https://query.wikidata.org/sparql"

QUERY = resources.files("citydiplo.imports").joinpath("twinnings.sparql").read_text(encoding="utf-8")
VARIABLES = re.findall(r"\?(\w+)", QUERY.partition("SELECT DISTINCT")[2].partition("WHERE")[0])

# A server that is busy or down is asked again, each time after twice as long, or after what it asks for.
BUSY = (429, 500, 502, 503, 504)
TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 5.0, 300.0


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
    if not endpoint.startswith(("http://", "https://")):
        raise UserError(f"« {endpoint} » is not an address: expected http://… or https://…")
    mark = hashlib.sha256(f"{endpoint}\n{QUERY}".encode()).hexdigest()[:8]
    answers = sorted(folder.glob(f"answer-{mark}-*.json"))
    if answers and not refresh:
        return answers[-1]
    about = "; ".join(filter(None, ("research kit on French city diplomacy", contact)))
    content = _ask(endpoint, f"citydiplo/{metadata.version('citydiplo')} ({about})", timeout, wait)
    _check(endpoint, content)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"answer-{mark}-{datetime.date.today().isoformat()}.json"
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    return draft.replace(path)


def _ask(endpoint: str, agent: str, timeout: float, wait: Callable[[float], None]) -> bytes:
    """Send the request, again while the server is busy or the connection breaks."""
    request = urllib.request.Request(  # noqa: S310 -- `fetch` has checked the scheme
        endpoint,
        data=urllib.parse.urlencode({"query": QUERY}).encode(),
        headers={"Accept": "application/sparql-results+json", "Accept-Encoding": "gzip", "User-Agent": agent},
    )
    failure = ""
    for attempt in range(TRIES):
        pause = FIRST_WAIT * 2**attempt
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:  # noqa: S310
                content = response.read()
                return gzip.decompress(content) if response.headers.get("Content-Encoding") == "gzip" else content
        except urllib.error.HTTPError as error:
            failure = f"{error.code} {error.reason}"
            if error.code not in BUSY:
                raise UserError(f"{endpoint} refuses the query: {failure}{_excerpt(error.read())}") from None
            pause = max(pause, _retry_after(error.headers.get("Retry-After")))
        except (OSError, http.client.HTTPException, EOFError) as error:  # no connection, too slow, cut off
            failure = str(getattr(error, "reason", error)) or type(error).__name__
        if pause > LONGEST_WAIT:
            raise UserError(f"{endpoint} asks to come back in {pause:.0f} seconds ({failure}): try again later")
        if attempt < TRIES - 1:
            wait(pause)
    raise UserError(f"no answer from {endpoint} in {TRIES} tries (last: {failure}): try again later")


def _retry_after(header: str | None) -> float:
    """The seconds that the header Retry-After asks for: a number, or a date."""
    if not header:
        return 0
    if header.strip().isdigit():
        return float(header)
    try:
        moment = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return 0
    return (moment - datetime.datetime.now(datetime.UTC)).total_seconds()


def _excerpt(content: bytes) -> str:
    """The first words of a message, without marks of HTML."""
    words = " ".join(re.sub(r"<[^>]*>", " ", content[:5000].decode("utf-8", "replace")).split())
    return f": {words[:200]}" if words else ""


def _check(endpoint: str, content: bytes) -> None:
    """Refuse an answer that is no complete list of results."""
    try:
        answer = json.loads(content)
        variables, bindings = answer["head"]["vars"], answer["results"]["bindings"]
    except (ValueError, KeyError, TypeError) as error:
        cut = isinstance(error, ValueError) and content.lstrip().startswith(b"{")
        what = "an answer that is cut off" if cut else f"no results{_excerpt(content)}"
        raise UserError(f"{endpoint} gave {what} ({len(content)} bytes): try again later") from None
    missing = [name for name in VARIABLES if name not in variables]
    if missing or not isinstance(bindings, list) or not bindings:
        found = f"results without {', '.join(missing)}" if missing else "no rows"
        raise UserError(f"{endpoint} gave {found}: does it hold Wikidata's statements?")
