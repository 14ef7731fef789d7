"""People are told of an event once, by each way they want, and nothing that fails stops a run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from prefect_slack import SlackCredentials

from blocks.messengers import EmailServerCredentials, MailMessenger
from blocks.profile import DeliveryProfile
from blocks.services import SlackChannelMessenger
from mergewright.budget.limits import Caps
from mergewright.domain.delivery import Run
from mergewright.domain.notice import Notice, NoticeEvent, NoticePolicy
from mergewright.domain.recipients import Directory, Group, Person, Preferences
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.ticket import Ticket
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.projections import read_events
from mergewright.events.undo_list import open_effects
from mergewright.texts.notices import approval_answered, approval_wanted
from tasks._runs import event_store
from tasks._telling import replace, tell, tell_by
from tasks.digests import kept_for_later
from tasks.notices import for_on_call
from tests.clients.loopback import Answer
from tests.clients.slack_server import READING, TOKEN, SlackServer, refusal
from tests.clients.smtp_server import SmtpServer
from tests.tasks.test_policies import RUN

NOW = datetime.now(UTC)
TICKET = Ticket(key="SHOP-7", title="A comma", description="It lacks a comma.")


@pytest.fixture
def slack():
    server = SlackServer(scopes=("chat:write", *READING))
    yield server
    server.close()


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture
def run(home):
    return Run(
        id="shop-7-abc123", workflow="standard_dev", profile="telling", ticket="SHOP-7",
        repository="/r", base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
    )  # fmt: skip


def profile_with(messenger, **fields):
    return DeliveryProfile(messenger=messenger, **fields)


def channel_of(slack, **fields):
    return SlackChannelMessenger(
        credentials=SlackCredentials(token=TOKEN), channel="#deliveries",
        base_url=slack.base_url, **fields,
    )  # fmt: skip


def mail_to(smtp):
    server = EmailServerCredentials(host="127.0.0.1", port=smtp.port, security="none")
    return MailMessenger(
        credentials=server, sender="m@example.org", recipients=("team@example.org",)
    )


def notice(event, subject="SHOP-7 it is so", **fields):
    return Notice(subject=subject, body="So it is.", event=event, run_id="shop-7-abc123", **fields)


def journal_of(run):
    ledger = Ledger(event_store(), run.id, Caps(run_usd=Decimal(1)))
    return Journal(event_store(), run.id, "notify", ledger=ledger)


def tell_of(run, profile, event, **fields):
    tell_by(profile, journal_of(run), notice(event, **fields), about=str(event))


def notes(run):
    return [one.text for one in read_events(event_store(), run.id) if one.type == "noted"]


def test_the_first_message_is_the_thread_and_shows_how_far_the_run_is(run, slack):
    profile = profile_with(channel_of(slack), notices=NoticePolicy(events=frozenset(NoticeEvent)))
    for _ in range(2):
        tell_of(run, profile, NoticeEvent.STARTED)
        tell_of(run, profile, NoticeEvent.DELIVERED, subject="SHOP-7 delivered")
    first, last = slack.messages
    assert last["thread_ts"] == first["ts"]
    assert "delivered" in first["text"]
    assert len([one for one in slack.requests if one.path == "/api/chat.update"]) == 1


def test_only_what_the_profile_wants_is_told(run, slack):
    profile = profile_with(channel_of(slack))
    tell_of(run, profile, NoticeEvent.STARTED)
    assert not slack.messages
    tell_of(run, profile, NoticeEvent.DELIVERED)
    assert len(slack.messages) == 1


@pytest.mark.parametrize("changes", [{"dry_run": True}, {"workflow": "replay"}])
def test_a_rehearsal_and_a_replay_tell_nobody(run, changes):
    quiet = run.model_copy(update={"profile": "there-is-none", **changes})
    tell(quiet, notice(NoticeEvent.DELIVERED), about="delivered", stage_id="notify")
    assert not [one for one in read_events(event_store(), run.id) if one.type.startswith("effect")]


def test_a_channel_that_fails_is_noted_and_told_later(run, slack):
    profile = profile_with(channel_of(slack))
    slack.failing["chat.postMessage"] = [refusal("token_revoked")]
    tell_of(run, profile, NoticeEvent.FAILED)
    (left,) = open_effects(read_events(event_store(), run.id))
    assert (left.effect, left.target) == ("message", "failed")
    assert left.wanted["notice"]["subject"] == "SHOP-7 it is so"
    assert any("Nobody was told (failed)" in note for note in notes(run))
    tell_of(run, profile, NoticeEvent.FAILED)
    assert len(slack.messages) == 1
    assert open_effects(read_events(event_store(), run.id)) == ()


def test_a_message_that_may_have_arrived_counts_as_told(run, slack):
    profile = profile_with(channel_of(slack))
    slack.failing["chat.postMessage"] = [Answer(500, {"ok": False})]
    for _ in range(2):
        tell_of(run, profile, NoticeEvent.FAILED)
    assert len(slack.posts()) == 1
    assert any("may not have arrived" in note for note in notes(run))
    assert open_effects(read_events(event_store(), run.id)) == ()


def test_who_was_not_reached_is_in_the_log(run, smtp):
    smtp.refused_recipients = {"ben@example.org": "550 5.1.1 No such user"}
    mail = mail_to(smtp).model_copy(update={"recipients": ("team@example.org", "ben@example.org")})
    tell_of(run, profile_with(mail), NoticeEvent.DELIVERED)
    assert len(smtp.taken) == 1
    assert any("ben@example.org" in note for note in notes(run))


def test_an_answered_question_loses_its_buttons(run, slack):
    profile = profile_with(channel_of(slack, interactive=True))
    asked = approval_wanted(run, TICKET, ApprovalPoint.PLAN, digest="a" * 64, subject="A plan.")
    journal = journal_of(run)
    tell_by(profile, journal, asked, about="approval wanted plan")
    (message,) = slack.messages
    assert "mergewright.approve" in str(message["blocks"])
    answered = approval_answered(asked, approved=True, by="Ada")
    for _ in range(2):
        replace(profile, journal, "approval wanted plan", answered, about="answered", channel="")
    assert "mergewright.approve" not in str(message["blocks"])
    assert "Approved" in str(message["blocks"])
    assert len([one for one in slack.requests if one.path == "/api/chat.update"]) == 1


def test_people_of_the_directory_are_told_as_they_want(run, smtp):
    zone = ZoneInfo("UTC")
    hour = (NOW + timedelta(hours=1)).astimezone(zone).time().replace(second=0, microsecond=0)
    people = (
        Person(name="ada", mail="ada@example.org", preferences=Preferences(digest_at=hour)),
        Person(name="ben", mail="ben@example.org"),
        Person(name="cy"),
    )
    profile = profile_with(
        mail_to(smtp),
        directory=Directory(people=people, groups=(Group(name="team", members=("ada", "cy")),)),
        notices=NoticePolicy(people=("team", "ben")),
    )
    for event in (NoticeEvent.PULL_REQUEST_OPENED, NoticeEvent.DELIVERED):
        tell_of(run, profile, event)
    told = [one.recipients for one in smtp.taken]
    assert sum("ben@example.org" in str(one) for one in told) == 2
    assert sum("team@example.org" in str(one) for one in told) == 2
    assert len(told) == 4
    assert any("'cy' was not told: no address." in note for note in notes(run))
    kept = kept_for_later()
    assert [one.target for one in kept] == [
        "pull request opened by @mail:ada@example.org",
        "delivered by @mail:ada@example.org",
    ]
    assert all(one.remedy == "mergewright notices send-due" for one in kept)


def test_people_on_call_are_told_where_the_policy_names_them():
    told = notice(NoticeEvent.DELIVERED)
    assert for_on_call(RUN, told) == told
    fix = for_on_call(RUN.model_copy(update={"workflow": "hotfix"}), told)
    assert fix.people == (*told.people, "on-call")
