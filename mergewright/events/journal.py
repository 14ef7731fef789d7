"""The steps of one stage of one run: written once, found again after an interruption."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

from mergewright.domain.events import Event, ModelAnswered, Noted, StepReplayed, ToolFinished
from mergewright.domain.value import Value
from mergewright.events.clock import utc_now
from mergewright.events.ledger import Ledger
from mergewright.events.store import EventStore

__all__ = ["Journal", "utc_now"]

E = TypeVar("E", bound=Value)


class Journal:
    """What a stage writes down, and what it finds written down.

    Step keys belong to the whole run: whoever makes one puts the stage into it.

    Args:
        store: The log.
        run_id: Whose steps these are.
        stage: Stage that they belong to.
        ledger: The run's money.
        clock: Says what time it is.
    """

    def __init__(
        self,
        store: EventStore,
        run_id: str,
        stage: str,
        *,
        ledger: Ledger,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.run_id = run_id
        self.stage = stage
        self.ledger = ledger
        self._clock = clock

    def note(self, text: str) -> None:
        """Write down something worth showing while it happens.

        Raises:
            StoreFailed: The log cannot be written.
        """
        self.append(self.make(Noted, text=text))

    def recorded_answer(self, key: str) -> ModelAnswered | None:
        """Return the answer that this step got before, if it got one.

        Raises:
            StoreFailed: The log cannot be read.
        """
        stored = self.store.find(self.run_id, "model_answered", key)
        return stored.event if stored and isinstance(stored.event, ModelAnswered) else None

    def recorded_tool(self, key: str) -> ToolFinished | None:
        """Return the result that this tool call had before, if it had one.

        Raises:
            StoreFailed: The log cannot be read.
        """
        stored = self.store.find(self.run_id, "tool_finished", key)
        return stored.event if stored and isinstance(stored.event, ToolFinished) else None

    def replayed(self, kind: Literal["model", "tool"], agent: str, key: str) -> None:  # noqa: ARG002 - the event has no field for it; part of what every caller knows
        """Write down that a recorded step was used again; each time counts.

        Raises:
            StoreFailed: The log cannot be written.
        """
        self.append(self.make(StepReplayed, kind=kind, agent=agent), sync=False)

    def append(self, *events: Event, sync: bool = True) -> None:
        """Write events down, all or none.

        Args:
            events: In order.
            sync: False for what is only done again if a power cut takes it; see `EventStore.append`.

        Raises:
            StoreFailed: The log cannot be written.
        """
        self.store.append(events, sync=sync)

    def make(self, event_type: type[E], **fields: object) -> E:
        """Return an event of this run and stage, of now."""
        return event_type.model_validate(
            {"run_id": self.run_id, "stage": self.stage, "at": self._clock(), **fields}
        )
