"""How fast the event logs take events, and how long it takes to make sense of a long one."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from statistics import median
from typing import Final, NamedTuple

from benchmarks.conversation import AGENT, MODEL_NAME, REPORT, TOOL, TOOL_RESULT
from benchmarks.stopwatch import Stopwatch
from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    Event,
    ModelAnswered,
    StageStarted,
    ToolFinished,
    ToolStarted,
)
from mergewright.events.projections import costs, stages, summarise
from mergewright.events.store import EventStore

BATCHES: Final = {1: 200, 10: 100, 100: 20}
"""Events of one append, and how many appends make a round."""
ROUNDS: Final = 3
STEPS_PER_STAGE: Final = 500
EVENTS_PER_FILLING_APPEND: Final = 1_000
DIGEST: Final = "0" * 64


class Throughput(NamedTuple):
    """How fast a log took events in appends of one size."""

    store: str
    batch: int
    events_per_second: float
    append_milliseconds: float
    cpu_milliseconds_per_event: float


class Rebuilding(NamedTuple):
    """Seconds to work out each projection of a run from its events."""

    store: str
    events: int
    fill: float
    read: float
    costs: float
    stages: float
    summarise: float


def append_throughputs(name: str, store: EventStore) -> list[Throughput]:
    """Append batches of each size, in turns; take the median round of each."""
    seconds: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    cpu_seconds: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    for number in range(ROUNDS):
        for batch, appends in BATCHES.items():
            events = list(islice(run_events(f"append-{number}-{batch}"), batch * appends))
            with (stopwatch := Stopwatch()):
                for start in range(0, len(events), batch):
                    store.append(events[start : start + batch])
            seconds[batch].append(stopwatch.wall_seconds)
            cpu_seconds[batch].append(stopwatch.cpu_seconds)
    return [
        Throughput(
            store=name,
            batch=batch,
            events_per_second=batch * appends / median(seconds[batch]),
            append_milliseconds=median(seconds[batch]) / appends * 1_000,
            cpu_milliseconds_per_event=median(cpu_seconds[batch]) / (batch * appends) * 1_000,
        )
        for batch, appends in BATCHES.items()
    ]


def rebuild(name: str, store: EventStore, count: int) -> Rebuilding:
    """Write one run of so many events, read it back, and work out what it means."""
    run_id = "rebuild"
    events = run_events(run_id)
    began = time.perf_counter()
    for start in range(0, count, EVENTS_PER_FILLING_APPEND):
        store.append(list(islice(events, min(EVENTS_PER_FILLING_APPEND, count - start))))
    fill = time.perf_counter() - began
    began = time.perf_counter()
    read = [stored.event for stored in store.read(run_id=run_id)]
    read_seconds = time.perf_counter() - began
    if len(read) != count:
        raise RuntimeError(f"{name} gave {len(read)} of {count} events back.")
    return Rebuilding(
        store=name,
        events=count,
        fill=fill,
        read=read_seconds,
        costs=_seconds(lambda: costs(read)),
        stages=_seconds(lambda: stages(read)),
        summarise=_seconds(lambda: summarise(read)),
    )


def run_events(run_id: str) -> Iterator[Event]:
    """Make the events of a run that never ends: stages of model calls, each with a tool call."""
    at = datetime.now(UTC)
    step = 0
    while True:
        stage = f"stage-{step // STEPS_PER_STAGE}"
        if step % STEPS_PER_STAGE == 0:
            yield StageStarted(run_id=run_id, stage=stage, at=at, title="Look around")
        yield from _step_events(run_id, stage, at, step)
        step += 1


def _step_events(run_id: str, stage: str, at: datetime, step: int) -> Iterator[Event]:
    reservation, summary = f"reservation-{step:08}", f"look at part {step}"
    yield CallReserved(
        run_id=run_id,
        stage=stage,
        at=at,
        reservation_id=reservation,
        step_key=f"model-{step:08}",
        agent=AGENT,
        model=MODEL_NAME,
        worst_case_usd=Decimal("0.05"),
        input_tokens=1_000,
        max_output_tokens=1_000,
    )
    yield ModelAnswered(
        run_id=run_id,
        stage=stage,
        at=at,
        key=f"model-{step:08}",
        agent=AGENT,
        model=MODEL_NAME,
        prompt_name=AGENT,
        prompt_digest=DIGEST,
        turn=step,
        request_digest=DIGEST,
        answer={"content": REPORT},
        seconds=0.1,
    )
    yield CallSettled(
        run_id=run_id,
        stage=stage,
        at=at,
        reservation_id=reservation,
        agent=AGENT,
        model=MODEL_NAME,
        cost_usd=Decimal("0.01"),
        input_tokens=1_000,
        output_tokens=40,
        outcome="answered",
    )
    yield ToolStarted(run_id=run_id, stage=stage, at=at, agent=AGENT, tool=TOOL, summary=summary)
    yield ToolFinished(
        run_id=run_id,
        stage=stage,
        at=at,
        key=f"tool-{step:08}",
        agent=AGENT,
        tool=TOOL,
        summary=summary,
        result={"content": TOOL_RESULT, "status": "success"},
        seconds=0.1,
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
