"""One call to GitHub over httpx: behind the circuit breaker, its failures as our errors.

A redirect is followed where GitHub's own lead after a rename: to the same address only. A token
that is refused is renewed once, if its source can; it is asked for outside the circuit, since
making one is a call of its own. Answers are read up to a size and a time.

Source: docs.github.com/en/rest/using-the-rest-api (best practices: redirects), httpx 0.28 as run
against a server on loopback, 2026-11-20.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.github_errors import (
    LIBRARY_ERRORS,
    error_of_answer,
    error_of_exception,
    not_github,
    redirected,
    too_large,
    too_slow,
)
from mergewright.clients.github_tokens import TokenSource
from mergewright.clients.media_types import is_json

TIMEOUT_SECONDS = 30.0
"""For the connection, and again for each pause in the answer."""
LONGEST_ANSWER_SECONDS = 120.0
"""For a whole answer, however steadily it drips."""
MAX_ANSWER_BYTES = 20 * 1024 * 1024
MAX_REDIRECTS = 3
API_VERSION = "2022-11-28"

_ANY_METHOD = frozenset({307, 308})
_READING_ONLY = frozenset({301, 302})
_FIRST_REDIRECT = 300
_FIRST_ERROR = 400
_REFUSED_TOKEN = 401


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much is read of one answer."""

    timeout_seconds: float = TIMEOUT_SECONDS
    answer_seconds: float = LONGEST_ANSWER_SECONDS
    answer_bytes: int = MAX_ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of GitHub."""

    status: int
    headers: httpx.Headers
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for."""

    method: str
    url: str
    about: str
    """What is done, for errors: `read the pull request #7`."""
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None


class GitHubWire:
    """Makes guarded calls as one account.

    Args:
        host: Where GitHub is, for the circuit and for errors.
        tokens: Gives the token to call with.
        limits: How long and how much is read of one answer.
    """

    def __init__(self, host: str, tokens: TokenSource, limits: Limits) -> None:
        self._host = host
        self._tokens = tokens
        self._limits = limits
        self._client = httpx.Client(timeout=limits.timeout_seconds, follow_redirects=False)

    def exchange(self, call: Call, *, safe_to_repeat: bool, refer: bool = False) -> Answer:
        """Make one call and return the answer, which is no failure.

        Args:
            call: What is asked for.
            safe_to_repeat: Whether a second call does no harm when the first one did arrive.
            refer: Whether the answer is a reference to another place, which is not followed.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        token = self._tokens.current()
        answer = self._guarded(call, token, safe_to_repeat=safe_to_repeat, refer=refer)
        if answer.status == _REFUSED_TOKEN and self._tokens.renew(token):
            token = self._tokens.current()
            answer = self._guarded(call, token, safe_to_repeat=safe_to_repeat, refer=refer)
        if answer.status == _REFUSED_TOKEN:
            raise self._error_of(call, answer)
        return answer

    def _guarded(self, call: Call, token: str, *, safe_to_repeat: bool, refer: bool) -> Answer:
        def attempt() -> Answer:
            answer = self._followed(call, token, refer=refer)
            if answer.status >= _FIRST_ERROR and answer.status != _REFUSED_TOKEN:
                raise self._error_of(call, answer)
            if answer.status < _FIRST_REDIRECT and answer.content and not _is_json(answer):
                raise not_github(about=call.about, host=self._host)
            return answer

        return call_with_retries(
            attempt, service="GitHub", host=self._host, safe_to_repeat=safe_to_repeat
        )

    def _error_of(self, call: Call, answer: Answer) -> Exception:
        said = _json_of(answer)
        return error_of_answer(answer.status, answer.headers, said, about=call.about)

    def _followed(self, call: Call, token: str, *, refer: bool) -> Answer:
        url, params = call.url, dict(call.params)
        for _ in range(MAX_REDIRECTS):
            answer = self._exchanged(call, url, params, token)
            if not _FIRST_REDIRECT <= answer.status < _FIRST_ERROR or refer:
                return answer
            target = urljoin(url, answer.headers.get("Location", ""))
            may_follow = answer.status in _ANY_METHOD or (
                answer.status in _READING_ONLY and call.method == "GET"
            )
            if not may_follow or urlsplit(target)[:2] != urlsplit(url)[:2]:
                raise redirected(target, about=call.about, host=self._host)
            url, params = target, {}
        raise redirected(url, about=call.about, host=self._host)

    def _exchanged(self, call: Call, url: str, params: dict[str, str], token: str) -> Answer:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "mergewright",
        }
        try:
            with self._client.stream(
                call.method, url, params=params or None, json=call.body, headers=headers
            ) as answer:
                content = self._content(answer, call.about)
                return Answer(answer.status_code, answer.headers, content)
        except LIBRARY_ERRORS as error:
            raise error_of_exception(error, about=call.about, host=self._host) from error

    def _content(self, answer: httpx.Response, about: str) -> bytes:
        limits = self._limits
        ends_at = time.monotonic() + limits.answer_seconds
        content = bytearray()
        for part in answer.iter_bytes():
            content += part
            if len(content) > limits.answer_bytes:
                raise too_large(about=about, host=self._host, limit_bytes=limits.answer_bytes)
            if time.monotonic() > ends_at:
                raise too_slow(about=about, host=self._host, limit_seconds=limits.answer_seconds)
        return bytes(content)


def _is_json(answer: Answer) -> bool:
    if not is_json(answer.headers.get("Content-Type")):
        return False
    try:
        json.loads(answer.content)
    except ValueError:
        return False
    return True


def _json_of(answer: Answer) -> object:
    try:
        return json.loads(answer.content)
    except ValueError:
        return None
