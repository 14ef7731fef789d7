"""Who the app is and what it lacks is known before a run begins."""

import pytest

from mergewright.clients.slack import SlackChannel
from mergewright.errors import AccessDenied, NotFound, ServiceUnavailable
from tests.clients.slack_server import READING, TOKEN, SlackServer


@pytest.fixture
def slack():
    server = SlackServer(scopes=("chat:write", *READING))
    yield server
    server.close()


def check(server, name="#deliveries", token=TOKEN):
    return SlackChannel(token, name, base_url=server.base_url, timeout_seconds=1).check()


@pytest.mark.parametrize("name", ["#deliveries", "Deliveries", "C1"])
def test_an_app_that_may_do_everything(slack, name):
    access = check(slack, name)
    assert (access.account, access.place) == ("mergewright in Example", "#deliveries")
    assert access.missing == ()
    assert slack.messages == []


def test_an_app_that_may_only_write_is_told_what_it_cannot_do(slack):
    slack.scopes = {"chat:write"}
    access = check(slack)
    assert access.place == "#deliveries"
    assert [one.partition(":")[0] + ":" + one.split(":")[1] for one in access.missing] == [
        "channels:read",
        "channels:history",
    ]


def test_a_private_channel_needs_other_scopes(slack):
    slack.scopes -= {"groups:history"}
    assert [one.split(": ")[0] for one in check(slack, "G4").missing] == ["groups:history"]


def test_an_app_without_the_scope_for_private_channels_finds_public_ones(slack):
    slack.scopes -= {"groups:read"}
    assert check(slack, "#deliveries").place == "#deliveries"
    with pytest.raises(NotFound):
        check(slack, "#secret")


def test_an_app_outside_the_channel_may_write_with_a_scope(slack):
    slack.scopes.add("chat:write.public")
    assert check(slack, "#elsewhere").place == "#elsewhere"


@pytest.mark.parametrize(
    ("change", "name", "expected", "words"),
    [
        (
            lambda slack: slack.scopes.clear() or slack.scopes.add("x"),
            "C1",
            AccessDenied,
            "chat:write",
        ),
        (lambda _: None, "#nowhere", NotFound, "#nowhere"),
        (lambda _: None, "C99", NotFound, "C99"),
        (lambda _: None, "#elsewhere", AccessDenied, "not in the channel"),
        (lambda _: None, "C3", NotFound, "archived"),
    ],
)
def test_what_would_stop_a_message_is_said_with_what_to_do(slack, change, name, expected, words):
    change(slack)
    with pytest.raises(expected, match=words) as caught:
        check(slack, name)
    assert caught.value.hint


def test_a_wrong_token(slack):
    with pytest.raises(AccessDenied, match="our token"):
        check(slack, token="xoxb-wrong-token-1")


def test_nobody_listens(slack):
    slack.close()
    with pytest.raises(ServiceUnavailable):
        check(slack)
