"""Threads of one process that append at the same time, and commit together.

A sync of the disk takes far longer than the writing before it, and one sync is enough for all that
was written until then. So while one thread commits, the others queue up; the first of them then
leads: it writes the appends of all who wait, in the order in which they came, commits once, and
tells each what came of it.

Whoever leads holds a lock and nothing else, and an append stays in the queue until its own thread
takes it out: when a leader dies in the middle, the next in the queue leads, and nobody hangs.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from mergewright.domain.events import Event
from mergewright.errors import StoreFailed
from mergewright.events.store import Guard, Stored

_MAX_TOGETHER: Final = 64
"""Appends of one transaction: bounds how long the first waits for the last."""

_LOOK_AGAIN_SECONDS: Final = 0.5
"""A waiting thread is woken when its turn comes; it looks by itself only if the one died who would
have woken it."""


def _held_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class PendingAppend:
    """An append that waits for its commit."""

    events: Sequence[Event]
    bodies: Sequence[str]
    guard: Guard | None
    sync: bool
    answer: tuple[Stored, ...] = ()
    error: Exception | None = None
    is_settled: bool = False
    """Whether `answer` or `error` is the outcome, and not only what it would be after a commit."""
    _woken: threading.Lock = field(default_factory=_held_lock)

    def settle(self, error: Exception | None) -> None:
        """Say that it is over: in the log if there is no error, and not at all if there is one."""
        self.error = error
        self.is_settled = True
        self.wake()

    def wake(self) -> None:
        """Let its thread look how things are."""
        with suppress(RuntimeError):  # it was woken already
            self._woken.release()

    def wait(self) -> None:
        """Sleep until woken."""
        self._woken.acquire(timeout=_LOOK_AGAIN_SECONDS)

    def outcome(self) -> tuple[Stored, ...]:
        """Return the answer, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.answer


class CommitGroup:
    """The queue of a process's appends to one log.

    Args:
        commit: Writes appends in one transaction and settles each of them; what it raises reaches
            its own thread only, and leaves the appends that it did not settle in the queue.
    """

    def __init__(self, commit: Callable[[Sequence[PendingAppend]], None]) -> None:
        self._commit = commit
        self._waiting: deque[PendingAppend] = deque()
        self._turn = threading.Lock()
        self._leader = 0

    def append(self, pending: PendingAppend) -> tuple[Stored, ...]:
        """Have an append committed, by this thread or by another, and return its answer.

        Raises:
            StoreFailed: It was not written.
        """
        if self._leader == threading.get_ident():
            raise StoreFailed(
                "A guard cannot append: it looks at what is spent while an append waits for it.",
                hint="Append before or after.",
            )
        self._waiting.append(pending)
        try:
            while not pending.is_settled:
                if not self._lead():
                    pending.wait()
        finally:
            self._waiting.remove(pending)
            self._wake_next()
        return pending.outcome()

    def _lead(self) -> bool:
        """Commit what waits, if nobody else does."""
        if self._turn.locked():
            return False
        # Whoever comes first between the two lines makes the other wait for one commit too many. An
        # `acquire` that does not block would be open to an interrupt before its `try`.
        with self._turn:
            batch = [pending for pending in self._waiting.copy() if not pending.is_settled]
            try:
                self._leader = threading.get_ident()
                if batch:
                    self._commit(batch[:_MAX_TOGETHER])
            finally:
                self._leader = 0
        return True

    def _wake_next(self) -> None:
        following = (pending for pending in self._waiting.copy() if not pending.is_settled)
        if not self._turn.locked() and (first := next(following, None)):
            first.wake()
