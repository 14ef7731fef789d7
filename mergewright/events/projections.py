"""What the log means: costs, stages and state of a run, worked out from its events alone.

Nothing here is stored. A function takes a run's events in order; the readers at the end fetch them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import AwareDatetime, ValidationError

from mergewright.domain.approval_events import ApprovalDecided, ApprovalRequested
from mergewright.domain.close import AFTERWARDS
from mergewright.domain.delivery import Costs, Delivery, StageRecord, StageState
from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    EffectDone,
    EffectIntended,
    Event,
    GateChecked,
    Noted,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    StepReplayed,
    ToolFinished,
    ToolStarted,
)
from mergewright.domain.value import Value
from mergewright.errors import NotFound, StoreFailed
from mergewright.events.store import EventStore

RUNNING: Final = "running"
"""Outcome of a run that has not finished: it is at work, or was interrupted."""

_SUMMARY_TYPES: Final = (
    "run_started",
    "run_finished",
    "stage_started",
    "stage_finished",
    "noted",
    "call_reserved",
    "call_settled",
    "tool_started",
    "step_replayed",
)


class RunSummary(Value):
    """One run in a line."""

    run_id: str
    workflow: str
    ticket: str
    repository: str
    outcome: str
    """How it ended; `running` when it has not."""
    resumable: bool
    """Whether the same request goes on with it."""
    started_at: AwareDatetime
    last_event_at: AwareDatetime
    """Of its own work, without undoing or closing it; not before the start, whatever clocks said."""
    cost_usd: Decimal
    """Settled; at list price where the answers are recorded ones."""
    calls: int
    recorded: bool
    stage: str
    """The last stage that did something."""
    process: str
    """Host and process id that worked on it last."""
    request_digest: str


@dataclass(slots=True)
class _Call:
    reserved: CallReserved | None = None
    settled: CallSettled | None = None

    @property
    def stage(self) -> str:
        # The reservation's stage is the one whose cap was asked.
        known = self.reserved or self.settled
        return known.stage if known else ""

    @property
    def recorded(self) -> bool:
        known = self.reserved or self.settled
        return known.recorded if known else False

    @property
    def was_paid(self) -> bool:
        return self.settled is not None and self.settled.outcome != "failed"


@dataclass(slots=True)
class _StageDraft:
    started_at: datetime
    state: StageState = StageState.RUNNING
    seconds: float = 0.0
    detail: str = ""
    calls: list[_Call] = field(default_factory=list)

    def see(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self.state = StageState.RUNNING
        elif isinstance(event, StageFinished):
            self.state = StageState(event.state)
            self.seconds += max(event.seconds, 0.0)
        self.detail = _words(event) or self.detail

    def record(self, name: str) -> StageRecord:
        settled = (call.settled.cost_usd for call in self.calls if call.settled)
        return StageRecord(
            name=name,
            state=self.state,
            started_at=self.started_at,
            seconds=self.seconds,
            cost_usd=sum(settled, Decimal(0)),
            calls=sum(call.was_paid for call in self.calls),
            detail=self.detail,
        )


def costs(events: Iterable[Event]) -> Costs:
    """Add up what was spent and what is still set aside."""
    events = tuple(events)
    calls = _calls(events)
    settled = [call.settled for call in calls if call.settled]
    open_calls = [call.reserved for call in calls if call.reserved and not call.settled]
    return Costs(
        settled_usd=sum((event.cost_usd for event in settled), Decimal(0)),
        reserved_usd=sum((event.worst_case_usd for event in open_calls), Decimal(0)),
        calls=sum(call.was_paid for call in calls),
        replayed=sum(isinstance(event, StepReplayed) and event.kind == "model" for event in events),
        input_tokens=sum(event.input_tokens for event in settled),
        output_tokens=sum(event.output_tokens for event in settled),
        recorded=bool(calls) and all(call.recorded for call in calls),
        recorded_usd=sum((event.cost_usd for event in settled if event.recorded), Decimal(0)),
        recorded_calls=sum(call.was_paid for call in calls if call.recorded),
    )


def stages(events: Iterable[Event]) -> tuple[StageRecord, ...]:
    """Tell how far each stage is, in the order in which they began.

    A stage that ran several times has one record: its latest state, the seconds and costs of all
    its attempts.
    """
    events = tuple(events)
    drafts: dict[str, _StageDraft] = {}
    for event in events:
        if event.stage:
            drafts.setdefault(event.stage, _StageDraft(event.at)).see(event)
    for call in _calls(events):
        if call.stage:
            drafts[call.stage].calls.append(call)
    return tuple(draft.record(name) for name, draft in drafts.items())


def summarise(events: Sequence[Event]) -> RunSummary:
    """Sum a run up.

    Raises:
        NotFound: There are no events.
    """
    if not events:
        raise NotFound(
            "There is no such run: the log holds no event of it.",
            hint="`mergewright runs` lists the runs in the log.",
        )
    started, finished = _start_and_end(events)
    work = [event for event in events if event.stage not in AFTERWARDS] or events
    spent = costs(events)
    return RunSummary(
        run_id=events[0].run_id,
        workflow=started.workflow if started else "",
        ticket=started.ticket if started else "",
        repository=started.repository if started else "",
        outcome=finished.outcome if finished else RUNNING,
        resumable=finished.resumable if finished else True,
        started_at=events[0].at,
        last_event_at=max(events[0].at, work[-1].at),
        cost_usd=spent.settled_usd,
        calls=spent.calls,
        recorded=spent.recorded,
        stage=next((event.stage for event in reversed(work) if event.stage), ""),
        process=started.process if started else "",
        request_digest=started.request_digest if started else "",
    )


def report_of(events: Iterable[Event]) -> Delivery | None:
    """Return the report that the run's last end carries, if it carries one.

    Raises:
        StoreFailed: The report has a form that this version does not know.
    """
    ends = [event for event in events if isinstance(event, RunFinished)]
    if not ends or not ends[-1].report:
        return None
    try:
        return Delivery.model_validate(ends[-1].report)
    except ValidationError as error:
        raise StoreFailed(
            f"The report of the run {ends[-1].run_id!r} cannot be read:"
            f" {error.errors()[0]['msg']}.",
            hint="Read it with the version of Mergewright that wrote it.",
            run_id=ends[-1].run_id,
        ) from error


def read_events(store: EventStore, run_id: str) -> list[Event]:
    """Return all events of a run.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return [stored.event for stored in store.read(run_id=run_id)]


def read_summaries(store: EventStore, *, limit: int = 50) -> list[RunSummary]:
    """Sum up the runs in the log, the one that began last first.

    Answers and tool results are not read: `last_event_at` may lag behind by one tool call.

    Raises:
        StoreFailed: The log cannot be read.
    """
    runs = (
        [stored.event for stored in store.read(run_id=run_id, types=_SUMMARY_TYPES)]
        for run_id in store.run_ids(limit=limit)
    )
    return [summarise(events) for events in runs if events]


def find_resumable(store: EventStore, request_digest: str) -> RunSummary | None:
    """Return the newest run of this request, if it has not finished or finished to be resumed.

    An older one is never taken up again: whatever came later stands for the request. Whether another process is at work on it is not asked here: `process` says which to look for.

    Raises:
        StoreFailed: The log cannot be read.
    """
    starts = [stored.event for stored in store.read(types=("run_started",))]
    same = (
        event.run_id
        for event in reversed(starts)
        if isinstance(event, RunStarted) and event.request_digest == request_digest
    )
    newest = next(same, None)
    if newest is None:
        return None
    summary = summarise(read_events(store, newest))
    return summary if summary.resumable else None


def _start_and_end(events: Sequence[Event]) -> tuple[RunStarted | None, RunFinished | None]:
    started: RunStarted | None = None
    finished: RunFinished | None = None
    for event in events:
        if isinstance(event, RunStarted):
            started, finished = event, None
        elif isinstance(event, RunFinished):
            finished = event
    return started, finished


def _calls(events: Iterable[Event]) -> list[_Call]:
    calls: defaultdict[str, _Call] = defaultdict(_Call)
    for event in events:
        if isinstance(event, CallReserved):
            calls[event.reservation_id].reserved = event
        elif isinstance(event, CallSettled) and not calls[event.reservation_id].settled:
            calls[event.reservation_id].settled = event
    return list(calls.values())


def _words(event: Event) -> str:
    words = ""
    match event:
        case Noted():
            words = event.text
        case StageFinished() | ToolStarted() | ToolFinished():
            words = event.summary
        case CallReserved():
            words = f"{event.agent} asks {event.model}"
        case GateChecked():
            words = f"{event.gate.name}: {event.gate.summary}"
        case ApprovalRequested():
            words = f"Waiting for approval of the {event.point}"
        case ApprovalDecided():
            words = f"{'Approved' if event.approved else 'Rejected'} by {event.by}"
        case EffectIntended() | EffectDone():
            words = f"{event.effect}: {event.target}"
    return words
