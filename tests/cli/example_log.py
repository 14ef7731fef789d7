"""Events of made-up runs, as the workflow writes them, to fill a log with."""

import hashlib
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.delivery import Costs, Delivery, Outcome
from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    EffectDone,
    Event,
    GateChecked,
    ModelAnswered,
    Noted,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    ToolFinished,
    ToolStarted,
)
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.ticket import Ticket
from mergewright.events.sqlite import SqliteEventStore

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MODEL = "anthropic:claude-opus-5-5"
NO_PROCESS = 2**22 + 1
DIFF = "--- a/split.py\n+++ b/split.py\n@@ -1 +1 @@\n-cents = total / 3\n+cents = total // 3\n"
STAGES = (
    ("ticket", "Fetch the ticket"),
    ("ready", "Check that the ticket is ready"),
    ("workspace", "Prepare the workspace"),
    ("analyse", "Analyse the repository"),
    ("baseline", "Check the base"),
    ("research", "Research"),
    ("plan", "Plan the change"),
    ("implement", "Implement the change"),
    ("check-0", "Check the change"),
    ("review-0", "Review the change"),
    ("guard", "Guard the change"),
    ("push", "Commit and push"),
    ("pull-request", "Open the pull request"),
    ("page", "Publish the page"),
    ("ticket-update", "Update the ticket"),
    ("notify", "Notify"),
)
PAID = {"research": "0.041", "plan": "0.062", "implement": "0.213", "review-0": "0.104"}
GATES = (
    Gate(name="Lint", status=GateStatus.PASSED, summary="No new findings"),
    Gate(name="Tests", status=GateStatus.PASSED, summary="42 green, 2 of them new"),
    Gate(name="Licence", status=GateStatus.WARNED, summary="Not checked: no policy asks for it"),
)


class ExampleRun:
    """Collects one run's events with a clock of its own."""

    def __init__(
        self, run_id: str, *, at: datetime = START, recorded: bool = False, process_id: int = 1
    ) -> None:
        self.run_id = run_id
        self.at = at
        self.recorded = recorded
        self.events: list[Event] = []
        self.add(
            RunStarted,
            workflow="standard_dev",
            request={"base": "main", "budget_usd": 3.0, "model": None},
            request_digest=hashlib.sha256(run_id.encode()).hexdigest(),
            ticket="TALLY-7",
            repository="/srv/git/tally",
            process=f"{socket.gethostname()}:{process_id}",
            package_version="0.1.0",
        )

    def add(self, form: type[Event], *, stage: str = "", **fields: object) -> None:
        self.at += timedelta(seconds=1)
        self.events.append(form(run_id=self.run_id, stage=stage, at=self.at, **fields))

    def do(self, stage: str, *, state: str = "done", summary: str = "") -> None:
        self.begin(stage)
        if stage in PAID:
            self.call(stage, PAID[stage])
        self.at += timedelta(seconds=3)
        self.add(StageFinished, stage=stage, state=state, seconds=4.0, summary=summary)

    def begin(self, stage: str) -> None:
        self.add(StageStarted, stage=stage, title=dict(STAGES).get(stage, stage))

    def call(self, stage: str, cost: str) -> None:
        name = f"{self.run_id}-{stage}-{len(self.events)}"
        common = {"agent": stage, "model": MODEL, "recorded": self.recorded}
        self.add(
            CallReserved,
            stage=stage,
            key=name,
            reservation_id=name,
            step_key=name,
            worst_case_usd=Decimal("0.9"),
            input_tokens=9000,
            max_output_tokens=16000,
            **common,
        )
        self.add(
            CallSettled,
            stage=stage,
            key=name,
            reservation_id=name,
            cost_usd=Decimal(cost),
            input_tokens=8000,
            output_tokens=900,
            outcome="answered",
            **common,
        )
        self.add(
            ModelAnswered,
            stage=stage,
            key=name,
            agent=stage,
            model=MODEL,
            prompt_name=stage,
            prompt_digest="0" * 64,
            turn=0,
            request_digest="1" * 64,
            answer={"role": "assistant", "content": "ok"},
            seconds=1.0,
        )

    def tool(self, stage: str, summary: str, *, done: bool = True) -> None:
        key = f"{stage}-{len(self.events)}"
        common = {"agent": "implementation", "tool": "edit_file", "summary": summary}
        self.add(ToolStarted, stage=stage, **common)
        if done:
            self.add(ToolFinished, stage=stage, key=key, result={}, seconds=0.2, **common)

    def ask(self, point: str, subject: str) -> None:
        stage = f"approve-{point}"
        digest = hashlib.sha256(subject.encode()).hexdigest()
        self.add(StageStarted, stage=stage, title=f"Ask for approval of the {point}")
        self.add(
            ApprovalRequested,
            stage=stage,
            key=f"{point}:{digest}",
            point=point,
            digest=digest,
            subject=subject,
        )

    def finish(self, report: Delivery, *, resumable: bool = False) -> None:
        self.add(
            RunFinished,
            outcome=report.outcome,
            resumable=resumable,
            report=report.model_dump(mode="json"),
        )

    def report(self, outcome: Outcome, **facts: object) -> Delivery:
        return Delivery(
            run_id=self.run_id,
            workflow="standard_dev",
            outcome=outcome,
            ticket=Ticket(key="TALLY-7", title="A split loses a cent", description="It does."),
            repository="/srv/git/tally",
            base="main",
            branch="feature/tally-7-a-split-loses-a-cent",
            model=MODEL,
            recorded=self.recorded,
            sandbox=SandboxLevel.BUBBLEWRAP,
            costs=Costs(settled_usd=Decimal("0.42"), calls=4, recorded=self.recorded),
            started_at=self.events[0].at,
            finished_at=self.at,
            **facts,
        )


def changeset() -> Changeset:
    return Changeset(
        base_commit="a" * 40,
        tree="b" * 40,
        diff=DIFF,
        files=(FileChange(path="split.py", status="modified", additions=1, deletions=1),),
        summary=ImplementationSummary(summary="Split in whole cents", commit_subject="Split cents"),
    )


def delivered(run_id: str = "tally-7-aaaaaa", **options: object) -> list[Event]:
    run = ExampleRun(run_id, **options)
    for stage, _ in STAGES:
        run.do(stage)
        if stage == "check-0":
            run.events.extend(
                GateChecked(run_id=run_id, stage=stage, at=run.at, gate=gate) for gate in GATES
            )
    run.add(
        EffectDone,
        stage="pull-request",
        effect="pull request",
        target="TALLY-7",
        found=False,
        reference="/srv/git/tally.pull-requests/1.md",
    )
    opened = PullRequest(
        number=1,
        url="/srv/git/tally.pull-requests/1.md",
        title="Split cents",
        head="feature/tally-7-a-split-loses-a-cent",
        base="main",
    )
    run.finish(
        run.report(Outcome.DELIVERED, gates=GATES, pull_request=opened, changeset=changeset())
    )
    run.do("report")
    return run.events


def failed(run_id: str = "tally-7-bbbbbb", **options: object) -> list[Event]:
    run = ExampleRun(run_id, **options)
    run.do("ticket")
    run.do("ready", state="failed", summary="ServiceUnavailable")
    run.finish(
        run.report(
            Outcome.FAILED, error="The tracker does not answer.", hint="Try again in a minute."
        ),
        resumable=True,
    )
    return run.events


def working(run_id: str = "tally-7-cccccc", **options: object) -> list[Event]:
    run = ExampleRun(run_id, **options)
    for stage, _ in STAGES[:7]:
        run.do(stage)
    run.begin("implement")
    run.add(Noted, stage="implement", text="Read 4 files")
    run.tool("implement", "edit src/tally/split.py", done=False)
    return run.events


def asking(run_id: str = "tally-7-dddddd", *, subject: str, **options: object) -> list[Event]:
    run = ExampleRun(run_id, **options)
    run.do("plan")
    run.ask("plan", subject)
    return run.events


def write(home: Path, *runs: list[Event]) -> None:
    """Append runs to the log of a home folder."""
    store = SqliteEventStore(home / "events.db")
    try:
        for events in runs:
            store.append(events)
    finally:
        store.close()
