"""What model calls cost, over all runs: a projection of the log, grouped by what one asks for.

Recorded answers are counted at list price and nobody paid for them: they are kept apart, and no sum
holds both.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import AwareDatetime

from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    Event,
    RunStarted,
    StepReplayed,
)
from mergewright.domain.value import Value
from mergewright.events.entries import day_of
from mergewright.events.store import EventStore

UNKNOWN: Final = "unknown"
"""Key of what the log does not tell."""

_TYPES: Final = ("run_started", "call_reserved", "call_settled", "step_replayed")


class CostKey(StrEnum):
    """By what costs are grouped."""

    STAGE = "stage"
    AGENT = "agent"
    MODEL = "model"
    DAY = "day"
    """UTC day on which the call was made, whose cap it counts against."""
    REPOSITORY = "repository"
    RUN = "run"


class CostRow(Value):
    """What the calls of one key cost."""

    key: str
    settled_usd: Decimal = Decimal(0)
    """Spent; calls of unknown outcome are in it at their worst case."""
    unknown_usd: Decimal = Decimal(0)
    """The part of `settled_usd` that calls of unknown outcome have."""
    reserved_usd: Decimal = Decimal(0)
    """Worst case of calls that nobody has settled yet."""
    calls: int = 0
    """Calls that were answered, or may have been."""
    unknown_calls: int = 0
    open_calls: int = 0
    replayed: int = 0
    """Answers taken from the log instead of being paid for again."""
    input_tokens: int = 0
    """Those read from and written to the provider's cache among them."""
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class CostTable(Value):
    """Rows and their sum."""

    rows: tuple[CostRow, ...] = ()
    """Days in order; anything else from the dearest on."""
    total: CostRow


class CostReport(Value):
    """What was paid, and apart from it what recorded answers would have cost."""

    by: CostKey
    since: AwareDatetime | None = None
    """Calls made before are left out."""
    paid: CostTable
    recorded: CostTable


class _Place(NamedTuple):
    """What a call can be grouped by."""

    run: str
    stage: str
    agent: str
    model: str
    repository: str
    at: datetime
    recorded: bool


_KEYS: Final[Mapping[CostKey, Callable[[_Place], str]]] = {
    CostKey.STAGE: lambda place: place.stage,
    CostKey.AGENT: lambda place: place.agent,
    CostKey.MODEL: lambda place: place.model,
    CostKey.DAY: lambda place: day_of(place.at),
    CostKey.REPOSITORY: lambda place: place.repository,
    CostKey.RUN: lambda place: place.run,
}


@dataclass(slots=True)
class _Call:
    place: _Place
    reserved: CallReserved | None = None
    settled: CallSettled | None = None


@dataclass(slots=True)
class _Seen:
    """The log as far as it was read: calls, replays, and what tells where they belong."""

    calls: dict[tuple[str, str], _Call] = field(default_factory=dict)
    replays: list[_Place] = field(default_factory=list)
    repositories: dict[str, str] = field(default_factory=dict)
    asked: dict[tuple[str, str, str], CallReserved] = field(default_factory=dict)
    """The last call of a run's stage and agent: its model is the one of what is replayed there."""

    def see(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case RunStarted():
                self.repositories[event.run_id] = event.repository
            case CallReserved():
                self.asked[event.run_id, event.stage, event.agent] = event
                self._call(event).reserved = event
            case CallSettled():
                call = self._call(event)
                call.settled = call.settled or event
            case StepReplayed(kind="model"):
                asked = self.asked.get((event.run_id, event.stage, event.agent))
                model, recorded = (asked.model, asked.recorded) if asked else (UNKNOWN, False)
                self.replays.append(self._place(event, model, recorded=recorded))
            case _:
                pass

    def _call(self, event: CallReserved | CallSettled) -> _Call:
        """Return the call of an event: stage and day are those of its reservation."""
        place = self._place(event, event.model, recorded=event.recorded)
        return self.calls.setdefault((event.run_id, event.reservation_id), _Call(place))

    def _place(
        self, event: CallReserved | CallSettled | StepReplayed, model: str, *, recorded: bool
    ) -> _Place:
        repository = self.repositories.get(event.run_id, UNKNOWN)
        return _Place(event.run_id, event.stage, event.agent, model, repository, event.at, recorded)


def report_costs(
    events: Iterable[Event], by: CostKey = CostKey.STAGE, *, since: datetime | None = None
) -> CostReport:
    """Add up what calls cost.

    Args:
        events: Of any number of runs, in the order of the log.
        by: How to group them.
        since: Leave out what was asked for before.
    """
    seen = _Seen()
    for event in events:
        seen.see(event)
    return CostReport(
        by=by,
        since=since,
        paid=_table(seen, by, since, recorded=False),
        recorded=_table(seen, by, since, recorded=True),
    )


def read_costs(
    store: EventStore, by: CostKey = CostKey.STAGE, *, since: datetime | None = None
) -> CostReport:
    """Add up what the calls of all runs in a log cost.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return report_costs((stored.event for stored in store.read(types=_TYPES)), by, since=since)


def _table(seen: _Seen, by: CostKey, since: datetime | None, *, recorded: bool) -> CostTable:
    def wanted(place: _Place) -> bool:
        return place.recorded is recorded and (since is None or place.at >= since)

    key_of = _KEYS[by]
    calls = [call for call in seen.calls.values() if wanted(call.place)]
    calls_of: defaultdict[str, list[_Call]] = defaultdict(list)
    for call in calls:
        calls_of[key_of(call.place)].append(call)
    replayed = Counter(key_of(place) for place in seen.replays if wanted(place))
    rows = [_row(key, calls_of[key], replayed[key]) for key in sorted({*calls_of, *replayed})]
    if by is not CostKey.DAY:
        rows.sort(key=lambda row: row.settled_usd + row.reserved_usd, reverse=True)
    return CostTable(rows=tuple(rows), total=_row("total", calls, replayed.total()))


def _row(key: str, calls: Sequence[_Call], replayed: int) -> CostRow:
    settled = [call.settled for call in calls if call.settled]
    unknown = [event for event in settled if event.outcome == "unknown"]
    still_open = [call.reserved for call in calls if call.reserved and not call.settled]
    return CostRow(
        key=key,
        settled_usd=sum((event.cost_usd for event in settled), Decimal(0)),
        unknown_usd=sum((event.cost_usd for event in unknown), Decimal(0)),
        reserved_usd=sum((event.worst_case_usd for event in still_open), Decimal(0)),
        calls=sum(event.outcome != "failed" for event in settled),
        unknown_calls=len(unknown),
        open_calls=len(still_open),
        replayed=replayed,
        input_tokens=sum(event.input_tokens for event in settled),
        output_tokens=sum(event.output_tokens for event in settled),
        cache_read_tokens=sum(event.cache_read_tokens for event in settled),
        cache_write_tokens=sum(event.cache_write_tokens for event in settled),
    )
