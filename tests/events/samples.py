"""Events by hand, and what other processes do in tests."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from pathlib import Path

from mergewright.budget.limits import Caps
from mergewright.budget.prices import Usage
from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    ModelAnswered,
    Noted,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
)
from mergewright.errors import BudgetExceeded
from mergewright.events.ledger import Ledger, Reservation
from mergewright.events.redis_streams import RedisEventStore
from mergewright.events.sqlite import SqliteEventStore

OPUS = "anthropic:claude-opus-5-5"
STORES = ["sqlite", "redis"]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(seconds=0):
    return NOON + timedelta(seconds=seconds)


def note(text="hello", *, run_id="run-1", stage="plan", key="", seconds=0):
    return Noted(run_id=run_id, stage=stage, at=at(seconds), key=key, text=text)


def started(run_id="run-1", *, digest="d1", process="host:1", seconds=0):
    return RunStarted(
        run_id=run_id,
        at=at(seconds),
        workflow="standard_dev",
        request={"ticket": "T-1"},
        request_digest=digest,
        ticket="T-1",
        repository="/repo",
        process=process,
        package_version="0.1.0",
    )


def finished(run_id="run-1", *, outcome="delivered", resumable=False, report=None, seconds=60):
    return RunFinished(
        run_id=run_id,
        at=at(seconds),
        outcome=outcome,
        resumable=resumable,
        report=report or {},
    )


def stage_started(stage, *, seconds=0):
    return StageStarted(run_id="run-1", stage=stage, at=at(seconds), title=stage.title())


def stage_finished(stage, state="done", *, took=1.0, summary="", seconds=0):
    return StageFinished(
        run_id="run-1", stage=stage, at=at(seconds), state=state, seconds=took, summary=summary
    )


def reserved(name, worst="0.5", *, run_id="run-1", stage="plan", moment=NOON, recorded=False):
    return CallReserved(
        run_id=run_id,
        stage=stage,
        at=moment,
        reservation_id=name,
        step_key="step",
        agent="analysis",
        model=OPUS,
        worst_case_usd=Decimal(worst),
        input_tokens=100,
        max_output_tokens=100,
        recorded=recorded,
    )


def settled(name, cost="0.1", *, run_id="run-1", stage="plan", moment=NOON, **fields):
    return CallSettled(
        run_id=run_id,
        stage=stage,
        at=moment,
        reservation_id=name,
        agent="analysis",
        model=OPUS,
        cost_usd=Decimal(cost),
        outcome=fields.pop("outcome", "answered"),
        **fields,
    )


def answered(key, *, run_id="run-1", stage="plan"):
    return ModelAnswered(
        run_id=run_id,
        stage=stage,
        at=NOON,
        key=key,
        agent="analysis",
        model=OPUS,
        prompt_name="analysis",
        prompt_digest="p",
        turn=0,
        request_digest=key,
        answer={"content": "yes"},
        seconds=1.5,
    )


def open_anew(url: str) -> SqliteEventStore | RedisEventStore:
    """Open a log as another process would: not the store that this one may have of it."""
    if url.startswith("redis"):
        return RedisEventStore(url)
    return SqliteEventStore(Path(url.removeprefix("sqlite:///")))


def texts(store):
    """Return what the notes of a log say, in its order."""
    return [stored.event.text for stored in store.read()]


def reserve_five_cents(ledger: Ledger, call: int = 0) -> Reservation:
    """Reserve for a call that costs 0.05 USD at worst."""
    return ledger.reserve(
        stage="plan",
        step_key=f"{call}",
        agent="a",
        model=OPUS,
        input_tokens=1_250,  # 0.01
        max_output_tokens=2_000,  # 0.04
    )


def spend_until_refused(url: str, number: int, together: Barrier) -> None:
    """Reserve 0.05 USD at a time; settle every second call for 0.02."""
    store = open_anew(url)
    together.wait(60)
    ledger = Ledger(
        store, f"run-{number}", Caps(run_usd=Decimal(10), day_usd=Decimal(1)), clock=lambda: NOON
    )
    for call in range(20):
        try:
            reservation = reserve_five_cents(ledger, call)
        except BudgetExceeded:
            break
        if call % 2:
            ledger.settle(
                reservation,
                stage="plan",
                usage=Usage(input_tokens=0, output_tokens=1_000),
                answered=answered(f"{call}", run_id=f"run-{number}"),
            )
    store.close()


def write_for_ever(url: str, acknowledged: Path, sync: bool = True) -> None:
    """Append events and name each one in a file once it is acknowledged."""
    store = open_anew(url)
    out = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    number = 0
    while True:
        batch = [note(f"{os.getpid()}-{number + step}" + "x" * 2_000) for step in range(3)]
        number += 3
        for stored in store.append(batch, sync=sync):
            os.write(out, f"{stored.seq} {stored.digest}\n".encode())
