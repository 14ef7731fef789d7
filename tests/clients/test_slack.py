"""The messenger against a Slack on loopback: posted once, or told that nobody knows."""

import time

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
from tests.clients.slack_server import TOKEN, SlackServer, refusal

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.", url="https://example.org/pull/1")


@pytest.fixture
def slack():
    server = SlackServer()
    yield server
    server.close()


def send(server, channel="#deliveries", token=TOKEN, base_url=""):
    messenger = SlackChannel(
        token, channel, base_url=base_url or server.base_url, timeout_seconds=1
    )
    return messenger.send(NOTICE, marker="run-1-delivered")


def test_a_notice_is_posted_with_what_finds_it_again(slack):
    assert send(slack) == ("C1/17.000001", False)
    [message] = slack.messages
    assert message["channel"] == "#deliveries"
    assert message["text"] == "SHOP-7 delivered"
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section"]
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert slack.requests[0].headers["content-type"].startswith("application/json")


def test_an_address_without_a_slash_at_its_end(slack):
    assert send(slack, base_url=slack.base_url.rstrip("/")).value == "C1/17.000001"


@pytest.mark.parametrize(
    "limited",
    [
        Answer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "0"}),
        Answer(429, b"slow down", {"Retry-After": "0"}),
        refusal("ratelimited"),
    ],
    ids=["429", "429 without words", "200"],
)
def test_what_was_refused_for_its_rate_is_posted_later(slack, limited):
    slack.faults = [limited]
    assert send(slack).value == "C1/17.000001"
    assert len(slack.requests) == 2


def test_a_long_wait_is_told_and_not_slept(slack):
    slack.faults = [refusal("ratelimited", 429, Retry_After="600")]
    began = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        send(slack)
    assert caught.value.retry_after_seconds == 600
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "failure",
    [
        Answer(drop=True, acts=True),
        Answer(200, b'{"ok": true, ', missing_bytes=9, acts=True),
        Answer(200, b'{"ok": true, "ts"', acts=True),
        Answer(200, b"<html>who are you?</html>", {"Content-Type": "text/html"}),
        Answer(200, {"ok": True}),
        Answer(200, [1]),
        Answer(200, b"{}", {"Content-Type": "application/json; charset=klingon"}),
        Answer(500, b"oops", acts=True),
        Answer(502, {"ok": False, "error": "bad_gateway"}),
        refusal("fatal_error"),
        refusal("internal_error"),
        Answer(200, {}, wait_seconds=20, acts=True),
    ],
    ids=[
        *("dropped", "cut short", "half a document", "a log-in page", "no timestamp", "a list"),
        *("unknown charset", "500", "502", "fatal_error", "internal_error", "hangs"),
    ],
)
def test_a_post_without_a_clear_answer_is_not_repeated(slack, failure):
    slack.faults = [failure]
    with pytest.raises(PostUncertain, match="'#deliveries'") as caught:
        send(slack)
    assert len(slack.requests) == 1
    assert not caught.value.retryable
    assert "look into the channel" in caught.value.hint


def test_nobody_listens():
    with pytest.raises(ServiceUnavailable, match=r"(?i)refused") as caught:
        SlackChannel(TOKEN, "#x", base_url="http://127.0.0.1:9/").send(NOTICE, marker="m")
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"channel": "#nowhere"}, NotFound),
        ({"token": "xoxb-wrong-token"}, AccessDenied),
        ({"base_url": "BASE/elsewhere/"}, NotFound),
    ],
)
def test_what_is_set_up_wrongly_is_refused(slack, options, expected):
    named = {name: value.replace("BASE", slack.url) for name, value in options.items()}
    with pytest.raises(expected) as caught:
        send(slack, **named)
    assert caught.value.hint
    assert slack.messages == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_follows_to_another_host(slack, status):
    other = SlackServer()
    slack.faults = [Answer(status, headers={"Location": f"{other.base_url}chat.postMessage"})]
    with pytest.raises(Rejected, match=f"status {status}") as caught:
        send(slack)
    other.close()
    assert "address" in caught.value.hint
    assert other.requests == []


def test_a_proxy_is_not_asked_for_hosts_that_need_none(slack, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert send(slack).value == "C1/17.000001"


def test_the_token_is_in_no_error(slack):
    slack.faults = [
        Answer(
            400,
            {
                "ok": False,
                "error": "invalid_x",
                "response_metadata": {"messages": [f"bad token {TOKEN}"]},
            },
        )
    ]
    with pytest.raises(Rejected) as caught:
        send(slack)
    assert TOKEN not in f"{caught.value!r} {caught.value}"
    assert "bad token [redacted]" in caught.value.message
