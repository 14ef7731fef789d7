"""Calls of Slack's Web API: to one host, for a limited time, with an answer of limited size.

Source: slack_sdk 3.47, read and run against a server on loopback, 2026-11-20: its default handler
sends a post again after a reset; it ignores NO_PROXY; it follows redirects and takes the token
along; it reads an answer of any size for any time. So its handlers are left out, and requests go
through an opener of our own. A socket's own time limit starts anew with every byte; so a timer ends
a connection on which the first lines of an answer take too long.
"""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from threading import Timer
from typing import Any, TypeGuard
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    Request,
    build_opener,
)

from slack_sdk import WebClient

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.slack_errors import LIBRARY_ERRORS, Attempt, error_of_exception, no_answer
from mergewright.safety.redaction import register_secret

SLACK_URL = "https://slack.com/api/"
TIMEOUT_SECONDS = 30
MAX_ANSWER_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the refusal that it is."""

    def redirect_request(
        self, req: Request, fp: object, code: int, msg: str, headers: object, newurl: str
    ) -> None:
        """Ask nowhere else."""


@contextmanager
def _ended_in_time(connection: HTTPConnection) -> Iterator[None]:
    def end() -> None:
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(float(connection.timeout or TIMEOUT_SECONDS), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


class _Connection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:
        with _ended_in_time(self):
            return super().getresponse()


class _TlsConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:
        with _ended_in_time(self):
            return super().getresponse()


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        """Open a connection that ends in time."""
        return self.do_open(_Connection, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        """Open an encrypted connection that ends in time."""
        return self.do_open(_TlsConnection, req)


class _Client(WebClient):
    """Slack's client, whose posts and token go to the one host they are for."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        _ = url
        ends_at = time.monotonic() + self.timeout
        try:
            with build_opener(_NoRedirects, _Http, _Https).open(
                req, timeout=self.timeout
            ) as answer:
                body = _text(answer, ends_at)
                return {"status": answer.status, "headers": answer.headers, "body": body}
        except HTTPError as error:
            with error:
                body = _text(error, ends_at)
                return {"status": error.code, "headers": error.headers, "body": body}


def _text(answer: Any, ends_at: float) -> str:  # noqa: ANN401 - urllib's two kinds of answer
    body = b""
    while len(body) < MAX_ANSWER_BYTES:
        piece = answer.read1(min(_PIECE_BYTES, MAX_ANSWER_BYTES - len(body)))
        if not piece:
            break
        body += piece
        if time.monotonic() > ends_at:
            raise TimeoutError("the answer took too long")
    charset = answer.headers.get_content_charset() or "utf-8"
    return body.decode(charset, "replace")


class Answer(dict[str, Any]):
    """What Slack answered, and which scopes the token has."""

    scopes: frozenset[str] = frozenset()

    def listed(self, name: str) -> tuple[dict[str, Any], ...]:
        """Return the objects of a list; what is none is left out."""
        found = self.get(name)
        return tuple(one for one in found if isinstance(one, dict)) if _is_list(found) else ()

    @property
    def next_cursor(self) -> str:
        """Where the next page begins; empty on the last one."""
        told = self.get("response_metadata")
        cursor = told.get("next_cursor") if isinstance(told, dict) else ""
        return cursor if isinstance(cursor, str) else ""


class SlackApi:
    """Slack's Web API as one app sees it.

    Args:
        token: Bot token of the app.
        base_url: Where the API is.
        timeout_seconds: Time limit of the connection, of each pause in an answer, and of all of it.
    """

    def __init__(
        self, token: str, *, base_url: str = SLACK_URL, timeout_seconds: int = TIMEOUT_SECONDS
    ) -> None:
        register_secret(token)
        self.host = urlsplit(base_url).netloc.rpartition("@")[2]
        self._client = _Client(token, base_url=base_url, timeout=timeout_seconds, retry_handlers=[])

    def call(
        self,
        method: str,
        arguments: Mapping[str, Any],
        *,
        attempt: Attempt,
        attempts: int = 3,
    ) -> Answer:
        """Call a method with arguments as JSON or, of what only reads, as a form.

        Args:
            method: Name of the method.
            arguments: Its arguments; None is left out.
            attempt: What is tried, for messages, and whether a second call does no harm.
            attempts: How often at most.

        Raises:
            NotFound: There is no such channel or message, or the app cannot see it.
            AccessDenied: The token is wrong, or may not do this.
            Rejected: Slack refused what was asked for.
            RateLimited: Slack asks to wait.
            PostUncertain: A post got no clear answer; the message may be there.
            ServiceUnavailable: Slack cannot be reached.
        """
        return call_with_retries(
            lambda: self._once(method, arguments, attempt),
            service="Slack",
            host=self.host,
            attempts=attempts,
            safe_to_repeat=True,
        )

    def _once(self, method: str, arguments: Mapping[str, Any], attempt: Attempt) -> Answer:
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            # What only reads takes no JSON: its arguments are those of a form.
            if attempt.reads:
                response = self._client.api_call(method, params=given)
            else:
                response = self._client.api_call(method, json=given)
        except LIBRARY_ERRORS as error:
            raise error_of_exception(error, attempt=attempt, host=self.host) from error
        if not isinstance(response.data, dict):
            raise no_answer(attempt)
        answer = Answer(response.data)
        answer.scopes = _scopes(response.headers)
        return answer


def _is_list(found: object) -> TypeGuard[list[object]]:
    return isinstance(found, list)


def _scopes(headers: Mapping[str, str]) -> frozenset[str]:
    told = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes", "")
    return frozenset(scope.strip() for scope in told.split(",") if scope.strip())
