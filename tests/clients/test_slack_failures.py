"""What becomes of a message for every way in which Slack, or the way to it, can fail."""

import time
from dataclasses import dataclass

import pytest

from mergewright.clients.slack import SlackChannel
from mergewright.domain.notice import Notice
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.loopback import Answer
from tests.clients.slack_server import TOKEN, SlackServer, lacking, refusal
from tests.clients.wire_server import WireServer, drip, reset

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.")
HTML = {"Content-Type": "text/html"}
SOON = {"Retry-After": "0"}


@pytest.fixture
def slack():
    server = SlackServer()
    yield server
    server.close()


def send(url, marker="m"):
    return SlackChannel(TOKEN, "C1", base_url=url, timeout_seconds=1).send(NOTICE, marker=marker)


@dataclass(frozen=True)
class Case:
    name: str
    answer: Answer
    becomes: type | None
    """The error; None when the message is posted in the end."""
    posts: int = 1
    """How often a post is tried."""


CASES = (
    Case("429 with Retry-After", Answer(429, {"ok": False, "error": "ratelimited"}, SOON), None, 2),
    Case("429 without Retry-After", Answer(429, b"slow down"), None, 2),
    Case("429 for ten minutes", refusal("ratelimited", 429, Retry_After="600"), RateLimited),
    Case("200 and ratelimited", refusal("ratelimited"), None, 2),
    Case("closed before the answer", Answer(drop=True, acts=True), PostUncertain),
    Case("cut in the answer", Answer(200, b'{"ok": true, ', missing_bytes=9), PostUncertain),
    Case("half a JSON document", Answer(200, b'{"ok": true, "ts"', acts=True), PostUncertain),
    Case("HTML, status 200", Answer(200, b"<html>log in</html>", HTML), PostUncertain),
    Case("JSON called HTML", Answer(200, {"ok": True}, HTML, acts=True), PostUncertain),
    Case("no timestamp", Answer(200, {"ok": True}), PostUncertain),
    Case("a list", Answer(200, [1]), PostUncertain),
    Case(
        "unknown charset",
        Answer(200, b"{}", {"Content-Type": "text/x; charset=klingon"}),
        PostUncertain,
    ),
    Case("hangs", Answer(200, {}, wait_seconds=20, acts=True), PostUncertain),
    Case(
        "50 MB", Answer(200, b'{"ok": true, "x": "' + b"x" * 50_000_000, acts=True), PostUncertain
    ),
    Case("50 MB and an error", Answer(503, b"x" * 50_000_000), PostUncertain),
    Case("500", Answer(500, b"oops", acts=True), PostUncertain),
    Case("502", Answer(502, {"ok": False, "error": "bad_gateway"}), PostUncertain),
    Case("503", Answer(503, b"<html>busy</html>", HTML), PostUncertain),
    Case("fatal_error", refusal("fatal_error"), PostUncertain),
    Case("internal_error", refusal("internal_error"), PostUncertain),
    Case("401", Answer(401, b"who?"), AccessDenied),
    Case("403", Answer(403, b"<html>no</html>", HTML), AccessDenied),
    Case("404", Answer(404, b"<html>nothing</html>", HTML), NotFound),
    Case("410", Answer(410, b"gone"), NotFound),
    Case("422", Answer(422, b"no"), Rejected),
    Case("token_revoked", refusal("token_revoked"), AccessDenied),
    Case("missing_scope", lacking("chat:write"), AccessDenied),
    Case("not_in_channel", refusal("not_in_channel"), AccessDenied),
    Case("channel_not_found", refusal("channel_not_found"), NotFound),
    Case("is_archived", refusal("is_archived"), Rejected),
    Case("invalid_blocks", refusal("invalid_blocks"), Rejected),
    Case("msg_too_long", refusal("msg_too_long"), Rejected),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_failure(slack, case):
    slack.failing["chat.postMessage"] = [case.answer]
    began = time.monotonic()
    if case.becomes is None:
        assert send(slack.base_url) == ("C1/17.000001", False)
    else:
        with pytest.raises(case.becomes) as caught:
            send(slack.base_url)
        assert caught.type is case.becomes
        assert caught.value.hint
        assert "'C1'" in caught.value.message
        assert "<html>" not in caught.value.message
        assert caught.value.retryable == (case.becomes is RateLimited)
    assert len(slack.posts()) == case.posts
    assert len(slack.messages) <= 1
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_follows_to_another_host(slack, status):
    other = SlackServer()
    where = {"Location": f"{other.base_url}chat.postMessage"}
    slack.failing["chat.postMessage"] = [Answer(status, headers=where)]
    with pytest.raises(Rejected, match=f"status {status}") as caught:
        send(slack.base_url)
    other.close()
    assert "address" in caught.value.hint
    assert other.requests == []


def _drip(connection, released):
    connection.recv(1 << 16)
    drip(connection, released, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")


def _drip_headers(connection, released):
    connection.recv(1 << 16)
    drip(connection, released, b"HTTP/1.1 200 OK\r\nX-Long: ", piece=b"x")


def _reset(connection, _released):
    connection.recv(1 << 16)
    reset(connection)


def _reset_in_the_answer(connection, _released):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    reset(connection)


@pytest.mark.parametrize("act", [_drip, _drip_headers, _reset, _reset_in_the_answer])
def test_failures_below_http(act):
    server = WireServer(act)
    began = time.monotonic()
    with pytest.raises(PostUncertain):
        send(f"{server.url}/api/")
    server.close()
    assert time.monotonic() - began < 6


def test_tls_where_there_is_none(slack):
    with pytest.raises(Rejected, match="SSL") as caught:
        send(slack.base_url.replace("http:", "https:"))
    assert "address" in caught.value.hint


def test_an_open_circuit_makes_no_calls(slack):
    slack.failing["chat.postMessage"] = [Answer(500, b"x")] * 5
    for number in range(5):
        with pytest.raises(PostUncertain):
            send(slack.base_url, marker=f"m{number}")
    made = len(slack.requests)
    with pytest.raises(ServiceUnavailable, match="not called now") as caught:
        send(slack.base_url)
    assert not isinstance(caught.value, PostUncertain)
    assert len(slack.requests) == made
