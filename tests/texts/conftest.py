"""A realistic delivery, as a run of standard_dev leaves it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.domain.checks import (
    CheckReport,
    CheckResult,
    CheckStatus,
    SandboxLevel,
    TestOutcome,
    TestResult,
)
from mergewright.domain.codebase import CheckKind
from mergewright.domain.delivery import Costs, Delivery, Outcome, StageRecord, StageState
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.page import Page
from mergewright.domain.plan import Finding, Plan, PlannedFile, Research, Source
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.review import CriterionVerdict, Review, ReviewFinding, ReviewVerdict
from mergewright.domain.ticket import Ticket, TicketKind

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

DIFF = '''\
diff --git a/parcels/tracking.py b/parcels/tracking.py
--- a/parcels/tracking.py
+++ b/parcels/tracking.py
@@ -12,3 +12,5 @@ def latest(events):
-    return sorted(events)[-1]
+    """```latest``` by instant."""
+    return max(events, key=lambda event: event.at)
'''


def ticket_of(**changes) -> Ticket:
    fields = {
        "key": "TRACK-42",
        "title": "Latest status is wrong when events arrive out of order",
        "description": "The `latest` status is wrong.\n\n1. Send two events\n2. Look",
        "kind": TicketKind.BUG,
        "acceptance_criteria": ("The event with the latest instant wins",),
        "reporter": "Ada",
        "url": "file:///tracker/TRACK-42.md",
    }
    return Ticket.model_validate(fields | changes)


def changeset_of(**changes) -> Changeset:
    fields = {
        "summary": (
            "`latest()` compared whole events; it now compares their instants.\n\n"
            "- `tracking.latest` uses `max` with the instant as key\n"
            "- the new test sends events out of order"
        ),
        "commit_subject": "Compare events by instant",
        "notes": ("Events of the same instant keep the first one, as before",),
    }
    return Changeset(
        base_commit="1" * 40,
        tree="2" * 40,
        diff=DIFF,
        files=(
            FileChange(path="parcels/tracking.py", status="modified", additions=2, deletions=1),
            FileChange(path="tests/test_tracking.py", status="added", additions=14, deletions=0),
        ),
        summary=ImplementationSummary.model_validate(fields | changes),
    )


def _checks() -> CheckReport:
    tests = (
        TestResult(id="tests/test_tracking.py::test_out_of_order", outcome=TestOutcome.PASSED),
        TestResult(
            id="tests/test_labels.py::test_umlauts",
            outcome=TestOutcome.FAILED,
            message="assert 'Ä' == 'A'",
        ),
    )
    return CheckReport(
        tree="2" * 40,
        sandbox=SandboxLevel.BUBBLEWRAP,
        results=(
            CheckResult(kind=CheckKind.SYNTAX, status=CheckStatus.PASSED, duration_seconds=0.02),
            CheckResult(
                kind=CheckKind.TESTS,
                status=CheckStatus.FAILED,
                argv=("python", "-m", "pytest", "-q"),
                exit_code=1,
                duration_seconds=3.4,
                tests=tests,
            ),
        ),
    )


def _gates() -> tuple[Gate, ...]:
    return (
        Gate(name="Syntax", status=GateStatus.PASSED, summary="No new findings"),
        Gate(
            name="Tests",
            status=GateStatus.PASSED,
            summary="27 green, 1 of them new; 1 were red before the change and still are",
            details=("Red before the change: tests/test_labels.py::test_umlauts",),
        ),
        Gate(
            name="Proof",
            status=GateStatus.PASSED,
            summary="1 tests are red on the base and green on the change",
            details=("tests/test_tracking.py::test_out_of_order",),
        ),
        Gate(name="Lint", status=GateStatus.WARNED, summary="Not checked: nothing to run"),
        Gate(name="Secrets", status=GateStatus.PASSED, summary="None in the added lines"),
    )


def _review() -> Review:
    return Review(
        verdict=ReviewVerdict.APPROVE,
        summary="The change does what the ticket asks for and nothing else.",
        criteria=(
            CriterionVerdict(
                criterion="The event with the latest instant wins",
                met=True,
                evidence="tests/test_tracking.py::test_out_of_order",
            ),
        ),
        findings=(
            ReviewFinding(
                severity="minor",
                path="parcels/tracking.py",
                line=13,
                message="`latest` of no events still raises ValueError",
            ),
        ),
    )


def _stages() -> tuple[StageRecord, ...]:
    rows = (
        ("Read the ticket", StageState.DONE, 0.2, "0", 0, ""),
        ("Analyse the code base", StageState.REUSED, 0.0, "0", 0, "found: same commit"),
        ("Implement", StageState.DONE, 75.4, "0.1873", 6, "edited tests/test_tracking.py"),
        ("Review", StageState.DONE, 12.6, "0.0204", 1, "approved | all met"),
    )
    return tuple(
        StageRecord(
            name=name,
            state=state,
            started_at=AT,
            seconds=seconds,
            cost_usd=Decimal(cost),
            calls=calls,
            detail=detail,
        )
        for name, state, seconds, cost, calls, detail in rows
    )


def delivery_of(**changes) -> Delivery:
    fields = {
        "run_id": "track-42-20260504-093000-ab12",
        "workflow": "standard-dev",
        "outcome": Outcome.DELIVERED,
        "ticket": ticket_of(),
        "repository": "/home/ada/parcels",
        "branch": "fix/track-42-latest-status-is-wrong",
        "base": "main",
        "base_commit": "1" * 40,
        "commit": "3" * 40,
        "model": "anthropic:claude-opus-5-5",
        "sandbox": SandboxLevel.BUBBLEWRAP,
        "research": Research(
            summary="`latest()` sorts events by their fields in order of declaration.",
            likely_cause="The carrier's name comes before the instant, so it decides.",
            findings=(
                Finding(
                    statement="Only `tracking.latest` is affected",
                    sources=(Source(path="parcels/tracking.py", line=12),),
                ),
            ),
        ),
        "plan": Plan(
            summary="Compare events by instant only.",
            steps=("Write a test that sends events out of order", "Use the instant as key"),
            files=(PlannedFile(path="parcels/tracking.py", action="edit", why="the bug"),),
            acceptance_criteria=("The event with the latest instant wins",),
            test_plan=("Two events out of order",),
            risks=("Callers may rely on the order of carriers",),
        ),
        "changeset": changeset_of(),
        "checks": _checks(),
        "gates": _gates(),
        "review": _review(),
        "repair_rounds": 1,
        "pull_request": PullRequest(
            number=1,
            url="file:///home/ada/parcels.pulls/0001-fix-track-42.md",
            title="TRACK-42: Compare events by instant",
            head="fix/track-42-latest-status-is-wrong",
            base="main",
        ),
        "page": Page(url="file:///pages/deliveries/track-42.md", title="TRACK-42", version=2),
        "stages": _stages(),
        "costs": Costs(
            settled_usd=Decimal("0.2077"), calls=7, input_tokens=48210, output_tokens=3911
        ),
        "started_at": AT,
        "finished_at": AT + timedelta(seconds=93),
    }
    return Delivery.model_validate(fields | changes)


@pytest.fixture
def delivery() -> Delivery:
    return delivery_of()


BARE = {
    "ticket": None,
    "research": None,
    "plan": None,
    "changeset": None,
    "checks": None,
    "gates": (),
    "review": None,
    "pull_request": None,
    "page": None,
    "stages": (),
    "costs": Costs(),
    "sandbox": None,
    "branch": "",
    "commit": "",
    "base_commit": "",
    "model": "",
}


def hostile_delivery(text: str, outcome: Outcome = Outcome.DELIVERED):
    full = delivery_of()
    review = Review(
        verdict=ReviewVerdict.REQUEST_CHANGES,
        summary=text,
        criteria=(CriterionVerdict(criterion=text, met=False, evidence=text),),
        findings=(full.review.findings[0].model_copy(update={"path": text, "message": text}),),
    )
    plan = {"summary": text, "steps": (text,), "test_plan": (text,), "risks": (text,)}
    changeset = changeset_of(summary=text, commit_subject=f"Change {text}"[:100], notes=(text,))
    file = changeset.files[0].model_copy(update={"path": text})
    finding = full.research.findings[0].model_copy(update={"statement": text})
    research = {"summary": text, "likely_cause": text, "findings": (finding,)}
    return delivery_of(
        outcome=outcome,
        ticket=ticket_of(title=text[:300], description=text),
        repository=text,
        branch=text,
        base=text,
        model=text,
        plan=full.plan.model_copy(update=plan),
        changeset=changeset.model_copy(update={"files": (file,), "diff": f"+{text}\n"}),
        research=full.research.model_copy(update=research),
        review=review,
        gates=(
            Gate(name=text, status=GateStatus.FAILED, summary=text, details=(text, f"a\n{text}")),
        ),
        questions=(text,),
        error=text,
        hint=text,
        stages=(full.stages[0].model_copy(update={"name": text, "detail": text}),),
    )
