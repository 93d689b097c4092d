"""Ask a public service politely: who asks, patience with a busy server, no half answer taken for a whole one."""

import datetime
import email.utils
import gzip
import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

from citydiplo.errors import UserError

# A server that is busy or down is asked again, each time after twice as long, or after what it asks for.
BUSY = (429, 500, 502, 503, 504)
TRIES, FIRST_WAIT, LONGEST_WAIT = 5, 5.0, 300.0


def check_address(address: str) -> None:
    """Refuse what is no address of the web: a file of this machine, for one.

    Raises
    ------
    UserError
    """
    if not address.startswith(("http://", "https://")):
        raise UserError(f"« {address} » is not an address: expected http://… or https://…")


def answers(folder: Path, start: str, suffix: str) -> list[Path]:
    """The answers kept in a folder to one question, whose names begin with ``start``; the newest is the last."""
    return sorted(folder.glob(f"{start}-*{suffix}"))


def keep(folder: Path, start: str, suffix: str, content: bytes) -> Path:
    """Keep an answer as ``START-DATE.SUFFIX``; what is there is never half an answer."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{start}-{datetime.date.today().isoformat()}{suffix}"
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    return draft.replace(path)


def ask(
    address: str,
    accept: str,
    *,
    form: Mapping[str, str] | None = None,
    contact: str = "",
    timeout: float = 120,
    wait: Callable[[float], None] = time.sleep,
) -> bytes:
    """Send a request, again while the server is busy or the connection breaks.

    Parameters
    ----------
    address : str
        With its query, if it has one.
    accept : str
        The media type wanted.
    form : mapping, optional
        Fields to post; without them, the address is read.
    contact : str
        An address at which the server's operators can reach the user; sent with the request.
    timeout : float
        Seconds to wait for the server.
    wait : callable
        How to wait between two tries, in seconds.

    Returns
    -------
    bytes
        The answer, whole and unpacked.

    Raises
    ------
    UserError
        If none comes, or the server refuses.
    """
    check_address(address)
    about = "; ".join(filter(None, ("research kit on French city diplomacy", contact)))
    agent = f"citydiplo/{metadata.version('citydiplo')} ({about})"
    request = urllib.request.Request(  # noqa: S310 -- its scheme is checked
        address,
        data=urllib.parse.urlencode(form).encode() if form else None,
        headers={"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": agent},
    )
    service = address.partition("?")[0]
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
                raise UserError(f"{service} refuses the query: {failure}{excerpt(error.read())}") from None
            pause = max(pause, _retry_after(error.headers.get("Retry-After")))
        except (OSError, http.client.HTTPException, EOFError, zlib.error) as error:  # no connection, slow, cut off
            failure = str(getattr(error, "reason", error)) or type(error).__name__
        if pause > LONGEST_WAIT:
            raise UserError(f"{service} asks to come back in {pause:.0f} seconds ({failure}): try again later")
        if attempt < TRIES - 1:
            wait(pause)
    raise UserError(f"no answer from {service} in {TRIES} tries (last: {failure}): try again later")


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


def excerpt(content: bytes) -> str:
    """The first words of a message, without marks of HTML, after a colon; nothing of an empty one."""
    words = " ".join(re.sub(r"<[^>]*>", " ", content[:5000].decode("utf-8", "replace")).split())
    return f": {words[:200]}" if words else ""
