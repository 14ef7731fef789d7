"""People are reminded of a question, and a run that nobody answers in time ends, without a process."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.profile import DeliveryProfile
from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalRequested,
)
from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.events import FactPinned, RunFinished, RunStarted
from mergewright.domain.ticket import Ticket
from mergewright.events.projections import read_events, report_of, summarise
from tasks._runs import event_store, forget_profiles
from tasks.records import empty_report
from tasks.reminders import look_after_questions
from tests.clients.smtp_server import SmtpServer
from tests.tasks.test_telling import mail_to

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

NOW = datetime.now(UTC)
RUN = "shop-7-aaaaaa"
DIGEST = "ab" * 32


@pytest.fixture
def smtp(home):
    server = SmtpServer()
    DeliveryProfile(messenger=mail_to(server)).save("reminding", overwrite=True)
    forget_profiles()
    yield server
    server.close()


def begin(*further, **rules):
    """Write a run to the log that asked an hour ago and let go of its process."""
    common = {"run_id": RUN, "at": NOW}
    run = Run(
        id=RUN, workflow="standard_dev", profile="reminding", ticket="SHOP-7", repository="/r",
        base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
    )  # fmt: skip
    ticket = Ticket(key="SHOP-7", title="A comma", description="It lacks a comma.")
    about = {"point": "plan", "digest": DIGEST, "stage": "approve-plan"}
    report = empty_report(run).model_copy(update={"outcome": Outcome.WAITING})
    event_store().append(
        [
            RunStarted(
                **common, workflow="standard_dev", request={"profile": "reminding"},
                request_digest="x", ticket="SHOP-7", repository="/r", process="here:1",
                package_version="1",
            ),
            FactPinned(
                **common, key="ticket", name="ticket", value=ticket.model_dump(mode="json")
            ),
            ApprovalRequested(**common, **about, key=f"plan:{DIGEST}", subject="A plan.", **rules),
            ApprovalAwaited(**common, **about),
            RunFinished(
                **common, outcome="waiting", resumable=True, report=report.model_dump(mode="json")
            ),
            *further,
        ]
    )  # fmt: skip


def mails(smtp):
    return [str(mail.message["Subject"]) for mail in smtp.taken]


def test_each_reminder_is_told_once_and_missed_ones_are_not_made_up_for(smtp):
    begin(remind_seconds=3600)
    assert look_after_questions(NOW + timedelta(minutes=59)) == ()
    for _ in range(2):
        look_after_questions(NOW + timedelta(minutes=61))
    assert len(smtp.taken) == 1
    (came,) = look_after_questions(NOW + timedelta(hours=5))
    assert (came.run_id, came.outcome, came.target) == (RUN, "done", "plan")
    assert len(smtp.taken) == 2
    assert "still waits for your yes" in str(smtp.taken[-1])


def test_what_nobody_answers_in_time_ends_and_can_be_gone_on_with(smtp):
    begin(expires_at=NOW + timedelta(hours=4), remind_seconds=3600)
    (came,) = look_after_questions(NOW + timedelta(hours=4))
    assert "nobody answered in time" in came.reason
    events = read_events(event_store(), RUN)
    summary = summarise(events)
    assert (summary.outcome, summary.resumable) == ("failed", True)
    assert "Nobody decided about the plan" in report_of(events).error
    assert [stored.event.key for stored in event_store().read(types=("approval_expired",))] == [
        f"plan:{DIGEST}"
    ]
    told = len(smtp.taken)
    assert look_after_questions(NOW + timedelta(hours=9)) == ()
    assert len(smtp.taken) == told


def test_what_is_answered_or_at_work_is_left_alone(smtp):
    answered = ApprovalDecided(
        run_id=RUN, at=NOW, key=f"plan:{DIGEST} yes ada", point="plan", digest=DIGEST,
        approved=True, by="ada", door="command", question=f"plan:{DIGEST}",
    )  # fmt: skip
    begin(answered, expires_at=NOW, remind_seconds=1)
    assert look_after_questions(NOW + timedelta(days=9)) == ()
    assert smtp.taken == []
