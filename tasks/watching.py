"""Showing a run of this process while it happens, from a thread beside the one that works on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event as Signal
from threading import Thread
from time import monotonic

from mergewright.domain.events import Event
from mergewright.domain.run_state import RunState
from mergewright.errors import MergewrightError
from mergewright.events.watching import own_run, state_of
from tasks._runs import event_store

POLL_SECONDS = 0.25
REDRAW_SECONDS = 2.0
"""How often a run is shown of which there is no news: its clock goes on."""
END_SECONDS = 5.0


@contextmanager
def watching(show: Callable[[RunState], None]) -> Iterator[None]:
    """Show how far the run is that this process begins meanwhile, and at last how it ended.

    Args:
        show: Shows a state in the place of the one before; called from a thread of its own.

    Raises:
        StoreFailed: The log cannot be read.
    """
    watch = _Watch(show, own_run(event_store()))
    watch.thread.start()
    try:
        yield
    finally:
        watch.stop.set()
        # not `Thread.join`: on Python 3.11 an interrupted join takes the thread for ended
        watch.ended.wait(END_SECONDS)


class _Watch:
    def __init__(
        self, show: Callable[[RunState], None], find_run: Callable[[], str | None]
    ) -> None:
        self.stop, self.ended = Signal(), Signal()
        self.thread = Thread(target=self._watch, name="mergewright-watch", daemon=True)
        self._show = show
        self._find_run = find_run
        self._run_id: str | None = None
        self._events: list[Event] = []
        self._after = 0
        self._shown_at = 0.0

    def _watch(self) -> None:
        try:
            while not self.stop.wait(POLL_SECONDS):
                self._step()
            self._step(last=True)
        except MergewrightError:
            # the log cannot be read: whoever works on the run says so
            return
        finally:
            self.ended.set()

    def _step(self, *, last: bool = False) -> None:
        self._run_id = self._run_id or self._find_run()
        if self._run_id is None:
            return
        news = event_store().read(run_id=self._run_id, after=self._after)
        self._events += [stored.event for stored in news]
        self._after = news[-1].seq if news else self._after
        if news or last or monotonic() - self._shown_at > REDRAW_SECONDS:
            self._shown_at = monotonic()
            state = state_of(self._events, datetime.now(UTC))
            if state is not None:
                self._show(state)
