"""What happened when in a run, for the report of an incident: only what a reader of it asks for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mergewright.domain.approval_events import ApprovalDecided, ApprovalRequested
from mergewright.domain.delivery import Delivery
from mergewright.domain.events import (
    EffectDone,
    EffectUndone,
    Event,
    GateChecked,
    RunFinished,
    RunStarted,
    StageFinished,
)
from mergewright.domain.gates import GateStatus
from mergewright.texts.facts import facts
from mergewright.texts.templates import render

MAX_ROWS = 300
_TOLD_STAGES = (
    "release",
    "baseline",
    "reproduce",
    "plan",
    "implement",
    "repair",
    "check",
    "review",
    "rebase",
    "guard",
    "backport",
    "backport-carry",
)
"""Stages whose end says something to who was not there."""


class TimelineRow(NamedTuple):
    """One thing that happened."""

    at: datetime
    what: str
    more: str = ""
    reference: str = ""
    is_fault: bool = False


def timeline(delivery: Delivery, events: Sequence[Event]) -> str:
    """Return what happened when, as Markdown.

    Args:
        delivery: The report so far.
        events: The run's events, in their order.
    """
    starts = 0
    rows: list[TimelineRow] = []
    for event in events:
        if isinstance(event, RunStarted):
            starts += 1
            what = "The run began" if starts == 1 else "The run went on after an interruption"
            rows.append(TimelineRow(event.at, what, event.process))
        elif (row := _row(event)) is not None:
            rows.append(row)
    return render("timeline", **facts(delivery), rows=rows[-MAX_ROWS:])


def _row(event: Event) -> TimelineRow | None:
    row: TimelineRow | None = None
    match event:
        case StageFinished():
            row = _of_stage(event)
        case GateChecked() if event.gate.status is GateStatus.FAILED:
            told = f"Gate {event.gate.name} said no"
            row = TimelineRow(event.at, told, event.gate.summary, is_fault=True)
        case ApprovalRequested():
            row = TimelineRow(event.at, f"A person was asked about the {event.point}")
        case ApprovalDecided():
            word = "approved" if event.approved else "rejected"
            told = f"The {event.point} was {word} by {event.by}"
            row = TimelineRow(event.at, told, event.comment, is_fault=not event.approved)
        case EffectDone():
            row = TimelineRow(event.at, f"{event.effect}: {event.target}", "", event.reference)
        case EffectUndone():
            row = TimelineRow(event.at, f"{event.effect} {event.outcome}", event.reason)
        case RunFinished():
            row = TimelineRow(event.at, f"The run ended: {event.outcome}")
        case _:
            pass
    return row


def _of_stage(event: StageFinished) -> TimelineRow | None:
    plain, _, number = event.stage.rpartition("-")
    name = plain if plain and number.isdigit() else event.stage
    if event.state == "failed":
        return TimelineRow(event.at, f"{event.stage} failed", event.summary, is_fault=True)
    if name not in _TOLD_STAGES or event.state == "reused":
        return None
    return TimelineRow(event.at, f"{event.stage} done", event.summary)
