"""A small HTTP server on loopback that answers as its subclass says, or fails as a test says."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the line before any answer."""
    acts: bool = False
    """Do what was asked for all the same."""
    missing_bytes: int = 0
    """Promise more than is sent."""
    wait_seconds: float = 0.0


def body_of(raw):
    """What was sent: JSON, or bytes as they are (a form with files)."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw


class LoopbackServer:
    """Serves until closed; `faults` are answered first, one per request."""

    def __init__(self):
        self.requests: list[Request] = []
        self.faults: list[Answer | None] = []
        self._release = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # two small writes would wait for each other's receipt

            def handle_any(self):
                owner._handle(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - names of the standard library

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self):
        self._release.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def seen(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    def _handle(self, handler):
        url = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(length)
        request = Request(
            handler.command,
            url.path,
            {name: values[0] for name, values in parse_qs(url.query).items()},
            {name.lower(): value for name, value in handler.headers.items()},
            body_of(raw),
        )
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault and fault.acts:
            self.answer(request)
        answer = fault or self.answer(request)
        self._release.wait(answer.wait_seconds)
        self._send(handler, answer)

    def _send(self, handler, answer: Answer):
        handler.close_connection = handler.close_connection or bool(
            answer.drop or answer.missing_bytes
        )
        if answer.drop:
            return
        body = answer.body
        raw = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        if answer.status != 204:
            handler.send_header("Content-Length", str(len(raw) + answer.missing_bytes))
        handler.end_headers()
        handler.wfile.write(raw)
