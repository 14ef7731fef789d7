"""Money for model calls: set aside before a call, settled after it, never both forgotten.

The ledger keeps nothing of its own. What is spent is a sum over the log, taken in the same
transaction that adds to it, so caps hold across processes and restarts.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Literal, NamedTuple

from mergewright.budget.limits import Caps, Spending, check
from mergewright.budget.prices import PRICE_SOURCE, Usage, charge, worst_case_usd
from mergewright.domain.events import CallReserved, CallSettled, Event, ModelAnswered
from mergewright.events.clock import utc_now
from mergewright.events.store import EventStore


class Reservation(NamedTuple):
    """Money set aside for one model call."""

    id: str
    model: str
    agent: str
    worst_case_usd: Decimal
    recorded: bool
    """The answer comes from a recording: shown at list price, not counted against the day."""


class Ledger:
    """The money of one run.

    Args:
        store: The log that all runs share.
        run_id: Whose money it is.
        caps: What may be spent.
        clock: Says what time it is.
    """

    def __init__(
        self,
        store: EventStore,
        run_id: str,
        caps: Caps,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.run_id = run_id
        self.caps = caps
        self._clock = clock

    def reserve(
        self,
        *,
        stage: str,
        step_key: str,
        agent: str,
        model: str,
        input_tokens: int,
        max_output_tokens: int,
        recorded: bool = False,
    ) -> Reservation:
        """Set the worst case of a call aside.

        Args:
            stage: Stage that pays.
            step_key: Natural key of the answer that is about to be asked for.
            agent: Who asks.
            model: `provider:name`; for a recording, the model that it was recorded from.
            input_tokens: Upper estimate.
            max_output_tokens: What the request allows.
            recorded: The answer comes from a recording.

        Raises:
            BudgetExceeded: It does not fit under a cap, or the model has no known price.
            StoreFailed: The log cannot be written.
        """
        worst = worst_case_usd(
            model, input_tokens=input_tokens, max_output_tokens=max_output_tokens
        )
        reservation = Reservation(uuid.uuid4().hex, model, agent, worst, recorded)
        event = CallReserved(
            run_id=self.run_id,
            stage=stage,
            at=self._clock(),
            key=reservation.id,
            reservation_id=reservation.id,
            step_key=step_key,
            agent=agent,
            model=model,
            worst_case_usd=worst,
            input_tokens=input_tokens,
            max_output_tokens=max_output_tokens,
            recorded=recorded,
        )
        self.store.append([event], guard=partial(self._check, worst, recorded))
        return reservation

    def settle(
        self, reservation: Reservation, *, stage: str, usage: Usage, answered: ModelAnswered
    ) -> Decimal:
        """Record an answer together with what it cost; return that cost in USD.

        A call that was served otherwise than reserved (a batch, a faster or dearer tier, a region)
        is booked at that price, and at the worst case where there is none; `price_source` says so.

        A reservation that is settled already keeps its first settlement, whose cost is returned.

        Raises:
            BudgetExceeded: The model has no known price.
            StoreFailed: The log cannot be written; the reservation stands.
        """
        charged = charge(reservation.model, usage, reserved_usd=reservation.worst_case_usd)
        settled = self._settlement(
            reservation, stage, "answered", charged.cost_usd, usage, price_source=charged.source
        )
        return self._write([answered, settled])

    def release(
        self, reservation: Reservation, *, stage: str, outcome: Literal["failed", "unknown"]
    ) -> None:
        """Settle a call that brought no answer.

        Args:
            reservation: What was set aside.
            stage: Stage that paid.
            outcome: `failed`: the service refused and charges nothing; `unknown`: it may have
                answered, so the worst case is taken as spent.

        Raises:
            StoreFailed: The log cannot be written; the reservation stands.
        """
        cost = Decimal(0) if outcome == "failed" else reservation.worst_case_usd
        self._write([self._settlement(reservation, stage, outcome, cost)])

    def reconcile(self) -> Decimal:
        """Take the calls that nobody settled as spent at their worst case; return the sum in USD.

        A recorded answer costs nothing, whatever became of it. For the start of a run that was interrupted, when no other process works on it.

        Raises:
            StoreFailed: The log cannot be read or written.
        """
        types = ("call_reserved", "call_settled")
        events = [stored.event for stored in self.store.read(run_id=self.run_id, types=types)]
        settled = {event.reservation_id for event in events if isinstance(event, CallSettled)}
        lost = [
            self._settlement(_reservation(event), event.stage, "failed", Decimal(0))
            if event.recorded
            else self._settlement(_reservation(event), event.stage, "unknown", event.worst_case_usd)
            for event in events
            if isinstance(event, CallReserved) and event.reservation_id not in settled
        ]
        self.store.append(lost)
        return sum((event.cost_usd for event in lost), Decimal(0))

    def _check(self, worst: Decimal, recorded: bool, spending: Spending) -> None:
        check(spending, worst, self.caps, recorded=recorded)

    def _settlement(
        self,
        reservation: Reservation,
        stage: str,
        outcome: Literal["answered", "failed", "unknown"],
        cost: Decimal,
        usage: Usage | None = None,
        price_source: str = PRICE_SOURCE,
    ) -> CallSettled:
        tokens = usage or Usage(input_tokens=0, output_tokens=0)
        return CallSettled(
            run_id=self.run_id,
            stage=stage,
            at=self._clock(),
            key=reservation.id,
            reservation_id=reservation.id,
            agent=reservation.agent,
            model=reservation.model,
            cost_usd=cost,
            input_tokens=tokens.input_tokens,
            output_tokens=tokens.output_tokens,
            cache_read_tokens=tokens.cache_read_tokens,
            cache_write_tokens=tokens.cache_write_tokens,
            outcome=outcome,
            recorded=reservation.recorded,
            price_source=price_source,
        )

    def _write(self, events: list[Event]) -> Decimal:
        last = self.store.append(events)[-1].event
        return last.cost_usd if isinstance(last, CallSettled) else Decimal(0)


def _reservation(event: CallReserved) -> Reservation:
    return Reservation(
        event.reservation_id, event.model, event.agent, event.worst_case_usd, event.recorded
    )
