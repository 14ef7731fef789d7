"""A server on loopback that speaks Anthropic's Messages API as a script tells it to.

Source: the wire format that anthropic 2.10 reads (API version 2026-10-21), read in its code and
run against it, 2026-11-20.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Body = dict[str, Any]

CHARACTERS_PER_TOKEN = 4
STOP_SECONDS = 5

_REASON_OF_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One tool call in a reply."""

    name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with one request."""

    text: str = ""
    tools: tuple[ToolUse, ...] = ()
    stop_reason: str = ""
    """Empty takes `tool_use` or `end_turn`, as fits."""
    usage: dict[str, Any] = field(default_factory=dict)
    """Overrides what is counted from the length of the texts."""
    status: int = 200
    message: str = "as scripted"
    """Text of an error."""
    headers: dict[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    """Pause before the first byte."""
    breaks: Literal["", "error", "drop", "end"] = ""
    """How a stream ends in the middle: an error event, a dropped line, or nothing more."""
    error_type: str = "overloaded_error"
    """Type of the error event."""


def use(name: str, **arguments: object) -> Reply:
    """Return a reply with one tool call."""
    return Reply(tools=(ToolUse(name, arguments),))


def refuse(status: int, message: str = "as scripted", **headers: str) -> Reply:
    """Return an error reply; underscores in header names become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, message=message, headers=named)


Script = Callable[[Body, int], Reply]
"""Makes the reply to a request body; the number counts message requests from 0."""


def by_turn(*replies: Reply) -> Script:
    """Return a script that replies by how many answers the conversation already holds."""

    def reply(body: Body, _: int) -> Reply:
        turn = sum(1 for message in body["messages"] if message["role"] == "assistant")
        return replies[min(turn, len(replies) - 1)]

    return reply


class MessagesServer:
    """The server: a context manager that knows its address and what it was asked."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.requests: list[Body] = []
        """Bodies of message requests, in order."""
        self.headers: list[dict[str, str]] = []
        """Their headers, names in lower case."""
        server = self

        class Handler(_Handler):
            messages = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base URL for a client."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=STOP_SECONDS)

    def take(self, body: Body, headers: dict[str, str]) -> Reply:
        """Count a request and return the reply to it."""
        with self._lock:
            number = len(self.requests)
            self.requests.append(body)
            self.headers.append(headers)
        reply = self._script(body, number)
        self._stopped.wait(reply.wait_seconds)
        return reply


class _Handler(BaseHTTPRequestHandler):
    messages: MessagesServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent."""

    def do_POST(self) -> None:
        """Answer a request."""
        body: Body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
        path = self.path.partition("?")[0]
        try:
            if path == "/v1/messages":
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._reply(body, self.messages.take(body, headers))
            elif path == "/v1/messages/count_tokens":
                self._send(200, {"input_tokens": _input_tokens(body)})
            else:
                self._send(404, _error("not_found_error", f"no {path}"))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _reply(self, body: Body, reply: Reply) -> None:
        if reply.status != HTTPStatus.OK:
            kind = _REASON_OF_STATUS.get(reply.status, "api_error")
            self._send(reply.status, _error(kind, reply.message), reply.headers)
        elif body.get("stream"):
            self._stream(body, reply)
        else:
            self._send(200, _message(body, reply), reply.headers)

    def _send(self, status: int, answer: Body, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        named = {"content-type": "application/json", "request-id": _id("req", answer)}
        for name, value in {**named, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, body: Body, reply: Reply) -> None:
        message = _message(body, reply)
        self.send_response(200)
        named = {"content-type": "text/event-stream", "request-id": _id("req", message)}
        for name, value in {**named, **reply.headers, "transfer-encoding": "chunked"}.items():
            self.send_header(name, value)
        self.end_headers()
        events = _stream_events(message)
        if reply.breaks:
            events = events[: len(events) // 2]
        if reply.breaks == "error":
            events.append(_error(reply.error_type, reply.message))
        for event in events:
            self._chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        if reply.breaks == "drop":
            self.close_connection = True
            return
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


def _error(kind: str, message: str) -> Body:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _id(prefix: str, *parts: object) -> str:
    """Return an id that follows from what it names, so that the same history has the same ids."""
    text = json.dumps(parts, sort_keys=True)
    return f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def _input_tokens(body: Body) -> int:
    told = {key: body.get(key) for key in ("system", "messages", "tools")}
    return len(json.dumps(told)) // CHARACTERS_PER_TOKEN + 1


def _message(body: Body, reply: Reply) -> Body:
    content: list[Body] = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [
        {
            "type": "tool_use",
            "id": _id("toolu", body["messages"], index),
            "name": tool.name,
            "input": tool.input,
        }
        for index, tool in enumerate(reply.tools)
    ]
    counted = {
        "input_tokens": _input_tokens(body),
        "output_tokens": len(json.dumps(content)) // CHARACTERS_PER_TOKEN + 1,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    return {
        "id": _id("msg", body["messages"]),
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": reply.stop_reason or ("tool_use" if reply.tools else "end_turn"),
        "stop_sequence": None,
        "usage": {**counted, **reply.usage},
    }


def _stream_events(message: Body) -> list[Body]:
    begun = {**message, "content": [], "stop_reason": None}
    begun["usage"] = {**message["usage"], "output_tokens": 1}
    events: list[Body] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, block in enumerate(message["content"]):
        empty: Body = {"text": ""} if block["type"] == "text" else {"input": {}}
        events.append(
            {"type": "content_block_start", "index": index, "content_block": {**block, **empty}}
        )
        events += [
            {"type": "content_block_delta", "index": index, "delta": delta}
            for delta in _deltas(block)
        ]
        events.append({"type": "content_block_stop", "index": index})
    stop = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": stop, "usage": message["usage"]})
    return [*events, {"type": "message_stop"}]


def _deltas(block: Body) -> list[Body]:
    """Cut a block in two, as a stream does."""
    if block["type"] == "text":
        kind, key, text = "text_delta", "text", block["text"]
    else:
        kind, key, text = "input_json_delta", "partial_json", json.dumps(block["input"])
    middle = len(text) // 2
    return [{"type": kind, key: part} for part in (text[:middle], text[middle:]) if part]
