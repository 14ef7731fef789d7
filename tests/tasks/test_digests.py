"""What is kept for people is sent when it is due: a digest is one message, whatever is in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from blocks.profile import DeliveryProfile
from mergewright.domain.delivery import Run
from mergewright.domain.events import RunStarted
from mergewright.domain.notice import Notice, NoticeEvent, NoticePolicy
from mergewright.domain.recipients import Directory, Person, Preferences
from tasks._runs import event_store, forget_profiles
from tasks._telling import tell
from tasks.digests import kept_for_later, send_all_due
from tasks.notices import watch_costs
from tests.clients.smtp_server import SmtpServer
from tests.tasks.test_telling import journal_of, mail_to

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

NOW = datetime.now(UTC)


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.close()


def begin(run_id):
    run = Run(
        id=run_id, workflow="standard_dev", profile="digests", ticket="SHOP-7", repository="/r",
        base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
    )  # fmt: skip
    started = RunStarted(
        run_id=run_id, at=NOW, workflow="standard_dev", request={"profile": "digests"},
        request_digest="x", ticket="SHOP-7", repository="/r", flow_run_id="",
        process="here:1", package_version="1",
    )  # fmt: skip
    event_store().append([started])
    return run


def test_a_digest_of_two_runs_is_one_mail_and_costs_are_told_once(home, smtp):
    hour = (NOW + timedelta(hours=1)).time().replace(second=0, microsecond=0, tzinfo=None)
    ada = Person(name="ada", mail="ada@example.org", preferences=Preferences(digest_at=hour))
    DeliveryProfile(
        messenger=mail_to(smtp),
        directory=Directory(people=(ada,)),
        notices=NoticePolicy(people=("ada",)),
    ).save("digests", overwrite=True)
    forget_profiles()
    runs = [begin("shop-7-aaaaaa"), begin("shop-8-bbbbbb")]
    for run in runs:
        told = Notice(subject=f"{run.id} delivered", body="So.", event=NoticeEvent.DELIVERED)
        tell(run, told, about="delivered", stage_id="notify")
    assert len(smtp.taken) == 2
    assert len(kept_for_later()) == 2
    assert send_all_due(NOW) == ()
    tomorrow = NOW + timedelta(hours=26)
    assert [one.outcome for one in send_all_due(tomorrow)] == ["done", "done"]
    assert smtp.taken[-1].message["Subject"] == "2 messages since the last digest"
    assert "ada@example.org" in str(smtp.taken[-1].recipients)
    assert send_all_due(tomorrow) == kept_for_later() == ()
    assert len(smtp.taken) == 3

    journal = journal_of(runs[0])
    watch_costs(runs[0], "plan")
    reservation = journal.ledger.reserve(
        stage="plan", step_key="k", agent="plan", model="anthropic:claude-opus-5-5",
        input_tokens=1000, max_output_tokens=8000,
    )  # fmt: skip
    tight = runs[0].model_copy(update={"budget_usd": reservation.worst_case_usd})
    watch_costs(tight, "plan")
    assert len(smtp.taken) == 3
    journal.ledger.release(reservation, stage="plan", outcome="unknown")
    for _ in range(2):
        watch_costs(tight, "plan")
    # to the team and, because somebody waits for them, to ada at once
    assert [one.message["Subject"] for one in smtp.taken[3:]] == [
        "shop-7-aaaaaa has used 100% of its budget"
    ] * 2
