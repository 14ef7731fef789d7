"""A message that is sent later has the files that it had when it was first to be sent."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import RunFinished
from mergewright.domain.notice import Notice, NoticeEvent
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.ticket import Ticket
from mergewright.texts.notices import approval_wanted
from tasks._message_files import with_files
from tasks._runs import event_store

NOW = datetime.now(UTC)
TICKET = Ticket(key="SHOP-7", title="A comma", description="It lacks a comma.")
SUBJECT = "# The plan\n\nA comma."


@pytest.fixture
def run(home):
    return Run(
        id="shop-7-abc123", workflow="standard_dev", profile="local", ticket="SHOP-7",
        repository="/r", base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
    )  # fmt: skip


def test_a_question_has_what_is_to_be_decided_about(run):
    digest = hashlib.sha256(SUBJECT.encode()).hexdigest()
    question = approval_wanted(run, TICKET, ApprovalPoint.PLAN, digest=digest, subject=SUBJECT)
    kept = question.model_copy(update={"files": ()})
    assert with_files(run, kept).files == ()
    for subject, name in (("Another plan.", "f" * 64), (SUBJECT, digest)):
        event_store().append(
            [
                ApprovalRequested(
                    run_id=run.id, at=NOW, key=f"plan:{name}", point="plan", digest=name,
                    subject=subject,
                )
            ]
        )  # fmt: skip
    assert with_files(run, kept) == question
    assert question.files[0].text == SUBJECT


def test_the_last_message_has_the_report_and_others_have_none(run):
    end = Notice(subject="Delivered", body="So.", event=NoticeEvent.DELIVERED)
    assert with_files(run, end).files == ()
    delivery = Delivery(
        run_id=run.id, workflow="standard_dev", outcome=Outcome.DELIVERED, repository="/r",
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip
    event_store().append(
        [
            RunFinished(
                run_id=run.id, at=NOW, outcome="delivered", report=delivery.model_dump(mode="json")
            )
        ]
    )
    assert [one.name for one in with_files(run, end).files] == ["report.md"]
    alarm = end.model_copy(update={"event": NoticeEvent.COST_ALARM})
    assert with_files(run, alarm) is alarm
