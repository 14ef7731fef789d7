"""What an event adds to the sums that caps are held against, in whole millionths of a dollar.

A reservation adds its worst case; its settlement adds the cost less that worst case, to the same
stage and the same day, even when it arrives after midnight: the cap that was asked is the cap that
is kept, and every sum is a plain sum over the log.
"""

from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from mergewright.domain.events import CallReserved, CallSettled, Event

_MICROS_PER_USD = 1_000_000


class Entry(NamedTuple):
    """One event's part of the sums."""

    micros: int
    """Millionths of a dollar; negative when a call cost less than was set aside."""
    stage: str
    day: str | None
    """UTC day whose cap it counts against; None when the answer is a recording."""


def entry_of(event: Event, reservation: Entry | None) -> Entry | None:
    """Return what an event adds, or None when it is not about money.

    Args:
        event: What is about to be written.
        reservation: For a settlement, the entry of the reservation that it settles, if there is one.
    """
    if isinstance(event, CallReserved):
        return Entry(to_micros(event.worst_case_usd), event.stage, _day(event))
    if not isinstance(event, CallSettled):
        return None
    cost = to_micros(event.cost_usd)
    if reservation is None:
        return Entry(cost, event.stage, _day(event))
    return reservation._replace(micros=cost - reservation.micros)


def day_of(at: datetime) -> str:
    """Return the UTC day of an instant, as in `2026-11-20`."""
    return at.astimezone(UTC).date().isoformat()


def to_micros(amount_usd: Decimal) -> int:
    """Return an amount in millionths of a dollar, rounded up."""
    return int((amount_usd * _MICROS_PER_USD).to_integral_value(rounding=ROUND_CEILING))


def to_usd(micros: int) -> Decimal:
    """Return millionths of a dollar as an amount."""
    return Decimal(micros) / _MICROS_PER_USD


def _day(event: CallReserved | CallSettled) -> str | None:
    return None if event.recorded else day_of(event.at)
