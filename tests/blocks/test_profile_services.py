"""A profile keeps which services it names, through Prefect's server and back."""

import pytest
from prefect.blocks.core import Block
from prefect_slack import SlackCredentials
from pydantic import ValidationError

from blocks import (
    AtlassianCredentials,
    ConsoleMessenger,
    DeliveryProfile,
    JiraProject,
    SlackChannelMessenger,
    TicketFolder,
)
from blocks.profile import ensure_local_profile, load_profile
from mergewright.clients.jira import JiraTracker
from mergewright.clients.slack import SlackChannel

pytestmark = pytest.mark.engine

TOKEN = "atlassian-token-1"  # noqa: S105 - an example
SLACK_TOKEN = "xoxb-slack-token-1"  # noqa: S105 - an example


def jira(**changes):
    about = {"url": "https://example.atlassian.net", "username": "me@example.org"} | changes
    return JiraProject(credentials=AtlassianCredentials(token=TOKEN, **about))


def slack():
    return SlackChannelMessenger(
        credentials=SlackCredentials(token=SLACK_TOKEN), channel="#deliveries"
    )


def saved(block: Block, name: str) -> Block:
    block.save(name, overwrite=True)
    return block


def check_services(profile: DeliveryProfile):
    assert type(profile.tracker) is JiraProject
    assert type(profile.messenger) is SlackChannelMessenger
    assert profile.tracker.credentials.token.get_secret_value() == TOKEN
    assert profile.messenger.credentials.token.get_secret_value() == SLACK_TOKEN
    assert profile.messenger.channel == "#deliveries"
    assert isinstance(profile.tracker.connect(), JiraTracker)
    assert isinstance(profile.messenger.connect(), SlackChannel)


def test_a_profile_with_services_that_were_saved_before_it():
    tracker = saved(
        JiraProject(
            credentials=saved(
                AtlassianCredentials(url="https://example.atlassian.net", token=TOKEN), "team-jira"
            )
        ),
        "team-tickets",
    )
    messenger = saved(
        SlackChannelMessenger(
            credentials=saved(SlackCredentials(token=SLACK_TOKEN), "team-slack"),
            channel="#deliveries",
        ),
        "team-channel",
    )
    saved(DeliveryProfile(tracker=tracker, messenger=messenger), "nested")
    check_services(load_profile("nested"))
    saved(load_profile("nested"), "copied")
    check_services(load_profile("copied"))


def test_a_profile_sees_what_was_changed_in_a_service_it_names():
    saved(SlackCredentials(token="xoxb-old"), "rotated-slack")
    messenger = saved(
        SlackChannelMessenger(credentials=SlackCredentials.load("rotated-slack"), channel="#a"),
        "rotated-channel",
    )
    saved(DeliveryProfile(messenger=messenger), "rotated")
    SlackCredentials(token="xoxb-new").save("rotated-slack", overwrite=True)
    loaded = load_profile("rotated").messenger
    assert isinstance(loaded, SlackChannelMessenger)
    assert loaded.credentials.token.get_secret_value() == "xoxb-new"


def test_a_profile_with_services_of_its_own():
    saved(DeliveryProfile(tracker=jira(), messenger=slack()), "inline")
    check_services(load_profile("inline"))


def test_a_profile_without_services_has_the_embedded_ones():
    saved(DeliveryProfile(), "plain")
    loaded = load_profile("plain")
    assert type(loaded.tracker) is TicketFolder
    assert type(loaded.messenger) is ConsoleMessenger


def test_the_local_profile_needs_no_saving_and_can_be_saved():
    assert type(load_profile("local").tracker) is TicketFolder
    for _ in range(2):
        ensure_local_profile()
        assert type(DeliveryProfile.load("local").tracker) is TicketFolder


def test_no_token_is_shown():
    profile = DeliveryProfile(tracker=jira(), messenger=slack())
    for text in (repr(profile), str(profile.model_dump()), profile.model_dump_json()):
        assert TOKEN not in text
        assert SLACK_TOKEN not in text


@pytest.mark.parametrize(
    "url",
    [
        "example.atlassian.net",
        "https://me:secret@example.atlassian.net",
        "https://example.atlassian.net/?next=x",
        "ftp://example.org",
        "",
    ],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(url):
    with pytest.raises(ValidationError):
        jira(url=url)
