"""What people are told for each event: short, complete, and harmless whatever a ticket says."""

import hashlib
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.notice import NoticeEvent
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.undo import UndoneEffect, UndoReport
from mergewright.texts.notices import (
    MAX_QUESTION_CHARACTERS,
    approval_answered,
    approval_wanted,
    cost_alarm,
    daily_digest,
    finished,
    pull_request_opened,
    run_files,
    started,
    undone,
)
from tests.texts.conftest import DIFF, delivery_of, ticket_of

RUN_ID = "track-42-20260504-093000-ab12"
WEB = "https://tracker.example.org/TRACK-42"


def run_of(**changes):
    fields = {
        "id": RUN_ID,
        "workflow": "standard-dev",
        "profile": "team",
        "ticket": "TRACK-42",
        "repository": "https://me:secret-token@git.example.org/parcels.git",
        "base": "main",
        "model": None,
        "budget_usd": Decimal(3),
        "started_at": datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
    }
    return Run.model_validate(fields | changes)


def details(notice):
    return {detail.name: detail.value for detail in notice.details}


def ask(subject, **changes):
    digest = hashlib.sha256(subject.encode()).hexdigest()
    return approval_wanted(
        run_of(), ticket_of(**changes), ApprovalPoint.PLAN, digest=digest, subject=subject
    )


def test_a_run_that_begins():
    notice = started(run_of(approve=("plan", "change")), ticket_of(url=WEB))
    assert notice.event is NoticeEvent.STARTED
    assert notice.subject.startswith("TRACK-42 started: Latest status")
    assert details(notice) == {
        "Repository": "https://git.example.org/parcels.git",
        "Base": "main",
        "Budget": "3.00 USD",
        "Reported by": "Ada",
    }
    assert notice.body.endswith("It will stop and ask about the plan and the change.")
    assert (notice.url, notice.url_label, notice.run_id) == (WEB, "Ticket", RUN_ID)
    assert "nothing will be published" in started(run_of(dry_run=True), ticket_of()).body


def test_a_run_that_waits_for_an_answer():
    notice = ask("## Plan\n\nDo it.")
    assert notice.event is NoticeEvent.APPROVAL_WANTED
    assert notice.level == "warning"
    assert notice.people == ("Ada",)
    assert f"`mergewright approve {RUN_ID} --stage plan`" in notice.body
    assert notice.body.endswith("## Plan\n\nDo it.")
    assert notice.approval is not None
    assert notice.approval.digest == hashlib.sha256(b"## Plan\n\nDo it.").hexdigest()
    assert [(file.name, file.text) for file in notice.files] == [("plan.md", "## Plan\n\nDo it.")]


@pytest.mark.parametrize("mark", ["```", "````"])
def test_a_long_question_is_cut_and_its_code_is_closed(mark):
    notice = ask(f"Text\n\n{mark}diff\n" + "+line\n```\n" * 2000 + f"{mark}\n")
    assert len(notice.body) < MAX_QUESTION_CHARACTERS + 600
    shown, _, rest = notice.body.rpartition("\n\n")
    assert rest.startswith("*… cut here")
    assert shown.endswith(f"\n{mark}")
    assert len(notice.files[0].text) > MAX_QUESTION_CHARACTERS


@pytest.mark.parametrize(
    ("outcome", "event", "level"),
    [
        (Outcome.DELIVERED, NoticeEvent.DELIVERED, "information"),
        (Outcome.REHEARSED, NoticeEvent.REHEARSED, "information"),
        (Outcome.NOT_READY, NoticeEvent.NOT_READY, "warning"),
        (Outcome.FAILED, NoticeEvent.FAILED, "warning"),
    ],
)
def test_each_end_of_a_run(outcome, event, level):
    notice = finished(delivery_of(outcome=outcome, error="It broke." if level == "warning" else ""))
    assert (notice.event, notice.level) == (event, level)
    assert notice.subject.startswith(f"TRACK-42 {outcome.value}: ")
    assert [file.name for file in notice.files] == ["report.md", "TRACK-42.patch"]
    assert notice.files[1].text == DIFF


def test_a_pull_request_is_told_with_where_it_is():
    notice = pull_request_opened(delivery_of(ticket=ticket_of(url=WEB)))
    assert notice.event is NoticeEvent.PULL_REQUEST_OPENED
    assert notice.url_label == "Pull request #1"
    assert [link.label for link in notice.links] == ["Ticket", "Page"]
    assert details(notice) == {
        "Branch": "fix/track-42-latest-status-is-wrong",
        "Changed": "2 files, +16 -1",
        "Cost": "0.21 USD",
        "Took": "1 min 33 s",
    }
    assert notice.files == ()


def test_recorded_answers_are_no_money():
    assert details(finished(delivery_of(recorded=True)))["Cost"] == "0.21 USD (recorded, not paid)"


def test_a_run_without_ticket_or_change():
    empty = delivery_of(outcome=Outcome.FAILED, ticket=None, changeset=None, pull_request=None)
    notice = finished(empty)
    assert notice.subject == f"{RUN_ID} failed"
    assert (notice.url, notice.people) == ("", ())
    assert [file.name for file in run_files(empty)] == ["report.md"]


@pytest.mark.parametrize(
    ("spent", "cap", "part"),
    [("2.5", "3", "83%"), ("0.004", "0.005", "80%"), ("0", "0", "all")],
)
def test_a_cost_alarm_says_how_much_is_used(spent, cap, part):
    notice = cost_alarm(
        run_of(), ticket_of(), spent_usd=Decimal(spent), cap_usd=Decimal(cap), calls=1
    )
    assert notice.event is NoticeEvent.COST_ALARM
    assert f"has used {part} of its budget" in notice.subject
    assert details(notice)["Paid for"] == "1 model call"
    assert details(notice)["Spent"].endswith("USD")


def test_what_was_taken_back_and_what_is_still_there():
    effects = (
        UndoneEffect(effect="pull request", target="1", outcome="undone", reason="closed"),
        UndoneEffect(effect="page", target="TRACK-42", outcome="kept", reason="changed by Bob"),
    )
    notice = undone(UndoReport(run_id=RUN_ID, effects=effects), ticket_of())
    assert (notice.event, notice.level) == (NoticeEvent.UNDONE, "warning")
    assert notice.subject.startswith("TRACK-42 undone in part")
    assert "- pull request `1`" in notice.body
    assert "- page `TRACK-42`: changed by Bob" in notice.body
    complete = undone(UndoReport(run_id=RUN_ID, effects=effects[:1]))
    assert complete.level == "information"
    assert complete.subject == f"{RUN_ID} undone"


def test_a_digest_names_each_message_with_warnings_first():
    good = finished(delivery_of(ticket=ticket_of(url=WEB), pull_request=None))
    bad = finished(delivery_of(outcome=Outcome.FAILED, ticket=ticket_of(title="A [b] <c>")))
    digest = daily_digest([good, bad])
    assert digest.subject == "2 messages since the last digest, 1 warning"
    first, second = digest.body.splitlines()
    assert first.startswith("- **Warning:** TRACK-42 failed: A [b] &lt;c>")
    assert second.startswith("- [TRACK-42 delivered: Latest status")
    assert second.endswith(f"]({WEB})")
    assert len(daily_digest([good] * 150).body.splitlines()) == 101


HOSTILE = "x\r\n[l](http://evil.example) <!channel> <@U1> ![i](http://evil.example/i.png) @all #12"


@pytest.mark.parametrize("make", [started, ask, finished], ids=["started", "asked", "finished"])
def test_hostile_text_stays_on_its_line_and_links_nowhere(make):
    ticket = ticket_of(title=HOSTILE, description=HOSTILE, reporter=HOSTILE)
    notice = {
        started: lambda: started(run_of(), ticket),
        ask: lambda: ask("Plan", title=HOSTILE),
        finished: lambda: finished(delivery_of(ticket=ticket)),
    }[make]()
    assert "\n" not in notice.subject
    assert "\r" not in notice.subject + notice.body
    assert not re.findall(r"(?<!\\)\]\(http://evil", notice.body)


def test_an_answered_question_has_no_buttons_and_says_who_answered():
    asked = ask("The plan.")
    said = approval_answered(asked, approved=False, by="Ada *O*")
    assert said.approval is None
    assert said.files == ()
    assert said.body.startswith("**Rejected** by Ada ")
    assert "*O*" not in said.body
    assert said.body.endswith(asked.body)
