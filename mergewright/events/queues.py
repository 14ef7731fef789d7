"""The event log as a queue: every event, at least once, to each group of consumers.

A group stands for one piece of work, such as counting or forwarding; its consumers share it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from mergewright.events.store import Stored

CONSUME_COUNT = 100
DELIVER_AGAIN_AFTER_SECONDS = 60.0


class EventQueue(Protocol):
    """A log whose events are handed out to groups of consumers."""

    def consume(
        self,
        group: str,
        consumer: str,
        *,
        count: int = CONSUME_COUNT,
        block_seconds: float = 0.0,
        again_after_seconds: float = DELIVER_AGAIN_AFTER_SECONDS,
    ) -> list[Stored]:
        """Take events that nobody in the group has acknowledged, in the order of the log.

        First those that were handed out and not acknowledged for a while, then new ones. A group
        comes into being when it is first named, and begins with the oldest event that there is.

        Args:
            group: What is being done.
            consumer: Who does it: one name per process.
            count: At most so many.
            block_seconds: How long to wait when there is none.
            again_after_seconds: When an event without acknowledgement is handed out again, to
                whoever asks: longer than the work on one answer takes.

        Raises:
            StoreFailed: The log cannot be read.
        """
        ...

    def acknowledge(self, group: str, seqs: Iterable[int]) -> int:
        """Say that events are dealt with; return how many were not before.

        Raises:
            StoreFailed: The log cannot be written.
        """
        ...

    def trim(self, finished_before: datetime) -> tuple[str, ...]:
        """Remove old runs with everything that belongs to them, and return their ids.

        A run goes whole, so what stays can still be verified: only if it has come to its end and
        cannot be resumed, and every group has acknowledged everything up to its last event. What it
        spent stays in the sum of its day. Nothing can be added to it any more.

        Args:
            finished_before: Runs that ended earlier.

        Raises:
            StoreFailed: The log cannot be written.
        """
        ...
