"""What the log tells of tickets: whether they were begun, by whom, and whether that is over.

A ticket that was begun is not begun again until it was seen elsewhere: a run moved it, or a poll
missed it. What a run moved and `undo` moved back counts as begun: somebody wanted it taken back.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from mergewright.domain.delivery import Outcome
from mergewright.domain.events import (
    EffectDone,
    EffectUndone,
    Event,
    FactPinned,
    RunFinished,
    RunStarted,
)
from mergewright.domain.polling import TicketSeen
from mergewright.events.store import EventStore

_MOVES: Final = frozenset({"start", "transition"})
"""Effects that move a ticket to another status."""
_TYPES: Final = (
    "run_started", "run_finished", "fact_pinned", "effect_done", "effect_undone", "ticket_seen",
)  # fmt: skip


@dataclass(slots=True)
class TicketHistory:
    """What became of one ticket so far."""

    is_begun: bool = False
    """Whether it was begun, and has been nowhere else since."""
    seen: TicketSeen | None = None
    """When a poll had it begun last."""
    awaits_run: bool = False
    """Whether no run has come of that yet."""
    tries: int = 0
    """How often polls had it begun in a row, and no run came of it."""
    run_id: str = ""
    """The run that worked on it last."""
    is_open: bool = False
    """Whether that run has not ended: it works, waits or was interrupted."""


class _Reader:
    """Goes through the events of a log in their order.

    Args:
        profile: Whose tickets: keys of two trackers may be the same.
    """

    def __init__(self, profile: str) -> None:
        self.histories: defaultdict[str, TicketHistory] = defaultdict(TicketHistory)
        self._profile = profile
        self._tickets: dict[str, str] = {}
        """Keys of tickets by run."""
        self._readers: dict[type[Any], Callable[[Any], None]] = {
            TicketSeen: self._see,
            RunStarted: self._start,
            FactPinned: self._name,
            EffectDone: self._move,
            EffectUndone: self._move_back,
            RunFinished: self._finish,
        }

    def read(self, events: Iterable[Event]) -> None:
        for event in events:
            if reader := self._readers.get(type(event)):
                reader(event)

    def _see(self, event: TicketSeen) -> None:
        if event.profile != self._profile:
            return
        history = self.histories[event.ticket]
        history.is_begun = history.awaits_run = event.ready
        history.tries = history.tries + 1 if event.ready else 0
        if event.ready:
            history.seen = event

    def _start(self, event: RunStarted) -> None:
        is_ours = event.request.get("profile") == self._profile
        if event.run_id in self._tickets:
            self.histories[self._tickets[event.run_id]].is_open = True
        elif is_ours and not event.request.get("dry_run"):
            self._work(event.run_id, event.ticket)

    def _name(self, event: FactPinned) -> None:
        known = self._tickets.get(event.run_id)
        key = event.value.get("key") if event.name == "ticket" else None
        if key and known and key != known:
            self._work(event.run_id, str(key))

    def _work(self, run_id: str, ticket: str) -> None:
        self._tickets[run_id] = ticket
        history = self.histories[ticket]
        history.run_id, history.is_open = run_id, True
        history.is_begun, history.awaits_run, history.tries = True, False, 0

    def _move(self, event: EffectDone) -> None:
        if event.effect in _MOVES and (ticket := self._tickets.get(event.run_id)):
            self.histories[ticket].is_begun = False

    def _move_back(self, event: EffectUndone) -> None:
        is_back = event.effect in _MOVES and event.outcome == "undone"
        if is_back and (ticket := self._tickets.get(event.run_id)):
            self.histories[ticket].is_begun = True

    def _finish(self, event: RunFinished) -> None:
        history = self.histories.get(self._tickets.get(event.run_id, ""))
        if history is not None and history.run_id == event.run_id:
            history.is_open = event.outcome == Outcome.WAITING


def read_histories(store: EventStore, profile: str) -> dict[str, TicketHistory]:
    """Return what the log tells of the tickets of a profile, by their keys.

    Raises:
        StoreFailed: The log cannot be read.
    """
    reader = _Reader(profile)
    reader.read(stored.event for stored in store.read(types=_TYPES))
    return dict(reader.histories)
