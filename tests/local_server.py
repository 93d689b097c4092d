"""A server on this machine that gives the replies it is told to: late, cut off, compressed, or refusing."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Reply:
    """One reply: what the server sends, and what it claims to send."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    pause: float = 0


@dataclass
class Server:
    """A server that gives the replies in turn, the last one for ever, and remembers what it was asked.

    Attributes
    ----------
    address : str
    replies : list of Reply
    asked : list of dict
        path, query (of the address or posted) and headers of each request.
    released : threading.Event
        Ends all pauses.
    """

    address: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def reply(self, query: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(query).items()}
            path = unquote(urlsplit(self.path).path)
            server.asked.append({"path": path, "query": fields, "headers": dict(self.headers)})
            reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
            server.released.wait(reply.pause)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as service:
        server = Server(f"http://127.0.0.1:{service.server_port}")
        threading.Thread(target=service.serve_forever, daemon=True).start()
        yield server
        server.released.set()
        service.shutdown()
