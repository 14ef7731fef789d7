"""The messenger against a Slack on loopback: posted once, in the run's thread, changed in place."""

import re

import pytest

from mergewright.clients.slack import SlackChannel
from mergewright.domain.approval_action import ApprovalQuestion, action_value
from mergewright.domain.notice import Notice
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    Rejected,
    ServiceUnavailable,
    SettingInvalid,
)
from tests.clients.loopback import Answer
from tests.clients.slack_server import READING, TOKEN, SlackServer, refusal

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.", url="https://example.org/pull/1")
LATER = Notice(subject="SHOP-7 delivered, seen", body="All good.")


@pytest.fixture
def slack():
    server = SlackServer()
    yield server
    server.close()


def channel(server, name="#deliveries", token=TOKEN, base_url="", **options):
    return SlackChannel(
        token, name, base_url=base_url or server.base_url, timeout_seconds=1, **options
    )


def send(server, **options):
    return channel(server, **options).send(NOTICE, marker="run-1-delivered")


def test_a_notice_is_posted_with_what_finds_it_again(slack):
    assert send(slack) == ("C1/17.000001", False)
    [message] = slack.messages
    assert message["text"] == "SHOP-7 delivered"
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section"]
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert message["metadata"]["event_payload"] == {"marker": "run-1-delivered"}
    assert slack.posts()[0].headers["content-type"].startswith("application/json")


def test_an_address_without_a_slash_at_its_end(slack):
    assert send(slack, base_url=slack.base_url.rstrip("/")).value == "C1/17.000001"


def test_later_messages_of_a_run_are_in_its_thread(slack):
    first = send(slack).value
    second = channel(slack).send(LATER, marker="run-1-later", thread=first)
    assert second == ("C1/17.000002", False)
    assert [message.get("thread_ts") for message in slack.messages] == [None, "17.000001"]


def test_a_message_is_changed_in_place_and_may_be_changed_again(slack):
    slack.failing["chat.update"] = [Answer(503, b"later"), Answer(drop=True, acts=True)]
    messenger = channel(slack)
    reference = messenger.send(NOTICE, marker="m").value
    assert messenger.update(reference, LATER) == (reference, False)
    [message] = slack.messages
    assert message["text"] == "SHOP-7 delivered, seen"
    assert message["metadata"]["event_payload"] == {"marker": "m"}


def test_a_message_that_is_gone_cannot_be_changed(slack):
    with pytest.raises(NotFound) as caught:
        channel(slack).update("C1/99.000001", LATER)
    assert "new one" in caught.value.hint


@pytest.mark.parametrize("reference", ["", "C1", "C1/x", "../C1/1.1", "C1/1.1/x", "#a/1.1"])
def test_what_is_no_reference_cannot_be_changed_and_hinders_no_message(slack, reference):
    with pytest.raises(Rejected):
        channel(slack).update(reference, LATER)
    assert slack.requests == []
    channel(slack).send(NOTICE, marker="m", thread=reference)
    assert "thread_ts" not in slack.messages[0]


@pytest.mark.parametrize("name", ["#deliveries", "C1", "deliveries"])
def test_an_app_that_may_read_sends_each_message_once(slack, name):
    slack.scopes.update(READING)
    slack.channels["C1"]["name"] = "deliveries"
    first = channel(slack, name="#deliveries").send(NOTICE, marker="m")
    for number in range(3):
        channel(slack, name="C1").send(LATER, marker=f"other-{number}")
    again = channel(slack, name=name).send(NOTICE, marker="m")
    assert again == (first.value, True)
    assert channel(slack).send(LATER, marker="below", thread=first.value).value == "C1/17.000005"
    assert channel(slack).send(LATER, marker="below", thread=first.value).found
    assert len(slack.messages) == 5


@pytest.mark.parametrize("answer", [Answer(drop=True, acts=True), Answer(500, b"x", acts=True)])
def test_a_message_whose_answer_got_lost_is_found(slack, answer):
    slack.scopes.update(READING)
    slack.failing["chat.postMessage"] = [answer]
    assert send(slack).value == "C1/17.000001"
    assert len(slack.messages) == 1


def test_a_message_that_cannot_be_found_after_a_lost_answer_stays_uncertain(slack):
    slack.scopes.update(READING)
    slack.failing["chat.postMessage"] = [Answer(drop=True)]
    with pytest.raises(PostUncertain):
        send(slack)
    assert slack.messages == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, b"x"),
        refusal("ratelimited", 429),
        Answer(200, b"<html>"),
        refusal("fatal_error"),
    ],
)
def test_a_look_that_fails_stops_no_message(slack, answer):
    slack.scopes.update(READING)
    slack.failing["conversations.list"] = [answer]
    assert send(slack).value == "C1/17.000001"


@pytest.mark.parametrize(
    "page",
    [
        {"messages": "x", "response_metadata": []},
        {"messages": ["x", None, {"metadata": "x"}, {"metadata": {"event_type": 1}}]},
        {"messages": [{"metadata": {"event_type": "mergewright_notice", "event_payload": 1}}]},
        {"messages": [], "response_metadata": {"next_cursor": 7}},
    ],
)
def test_an_odd_page_stops_no_message(slack, page):
    slack.scopes.update(READING)
    slack.failing["conversations.history"] = [Answer(200, {"ok": True, **page})]
    assert send(slack, name="C1").value == "C1/17.000001"


def test_what_may_not_be_looked_at_is_asked_for_once(slack):
    messenger = channel(slack)
    for marker in ("a", "b", "c"):
        messenger.send(NOTICE, marker=marker)
    looks = [one for one in slack.requests if one.path.startswith("/api/conversations")]
    assert len(looks) == 2  # all channels, then the public ones
    assert len(slack.messages) == 3


def test_people_are_mentioned_by_the_mapping_and_by_nothing_else(slack):
    notice = Notice(
        subject="<!channel> <@U666>",
        body="<!here> <@U666> @channel",
        people=("Ada@example.org", "<@U666>", "nobody"),
    )
    channel(slack, mentions={"ada@example.org": "U1ADA"}).send(notice, marker="m")
    [message] = slack.messages
    # The title is plain text, in which Slack reads no mentions.
    assert message["blocks"][0]["text"]["type"] == "plain_text"
    text = str([message["text"], *message["blocks"][1:]])
    assert re.findall(r"<[@!#][^>]*>", text) == ["<@U1ADA>"]


@pytest.mark.parametrize("slack_id", ["ada", "<@U1>", "U1>", "", "!channel", "C1"])
def test_an_id_that_is_none_is_refused(slack, slack_id):
    with pytest.raises(SettingInvalid):
        channel(slack, mentions={"ada": slack_id})


def test_buttons_carry_the_question_and_only_where_somebody_answers(slack):
    question = ApprovalQuestion(run_id="run-1", point="plan", digest="0" * 64)
    asking = NOTICE.model_copy(update={"approval": question})
    channel(slack, with_buttons=True).send(asking, marker="a")
    channel(slack).send(asking, marker="b")
    [actions] = [block for block in slack.messages[0]["blocks"] if block["type"] == "actions"]
    assert [one["action_id"] for one in actions["elements"]] == [
        "mergewright.approve",
        "mergewright.reject",
    ]
    assert {one["value"] for one in actions["elements"]} == {action_value(question)}
    assert "actions" not in {block["type"] for block in slack.messages[1]["blocks"]}


def test_nobody_listens():
    with pytest.raises(ServiceUnavailable, match=r"(?i)refused") as caught:
        SlackChannel(TOKEN, "C1", base_url="http://127.0.0.1:9/").send(NOTICE, marker="m")
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "#nowhere"}, NotFound),
        ({"name": "#elsewhere"}, AccessDenied),
        ({"name": "#old"}, Rejected),
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


def test_a_proxy_is_not_asked_for_hosts_that_need_none(slack, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert send(slack).value == "C1/17.000001"


def test_the_token_is_in_no_error(slack):
    said = {"messages": [f"bad token {TOKEN}"]}
    refused = {"ok": False, "error": "invalid_x", "response_metadata": said}
    slack.failing["chat.postMessage"] = [Answer(400, refused)]
    with pytest.raises(Rejected) as caught:
        send(slack)
    assert TOKEN not in f"{caught.value!r} {caught.value}"
    assert "bad token [redacted]" in caught.value.message
