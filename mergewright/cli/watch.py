"""Showing a run while it happens, in a thread beside the one that works on it.

The thread reads the event log and nothing else, so that the same code shows a run of this process
and one of another (`mergewright show RUN --follow`).
"""

import select
import sys
import termios
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event as Signal
from threading import Thread
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule
from rich.text import Text

from mergewright.cli.approvals import TERMINAL, decide, read_answer
from mergewright.cli.formats import plain, plain_lines
from mergewright.cli.live import View, decide_commands, is_finished, line
from mergewright.cli.screen import Screen
from mergewright.clients.person import local_identity
from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_question import Verdict
from mergewright.domain.approval_standing import may_approve, open_question
from mergewright.domain.events import Event
from mergewright.errors import AnswerRefused, MergewrightError
from mergewright.events.store import EventStore

POLL_SECONDS = 0.2
END_SECONDS = 5.0
QUESTION = "Approve? [y/N, or say what is wrong] "

FindRun = Callable[[], str | None]


def can_ask(console: Console) -> bool:
    """Say whether a person sits there who sees a question and can answer it."""
    return console.is_terminal and sys.stdin.isatty()


class Watch:
    """Shows one run on a console until it is told to stop.

    Args:
        store: The event log.
        console: Where to show it; a live view on a terminal, plain lines elsewhere.
        find_run: Says which run it is, as soon as that is known.
        ask: Put a run's questions to the person at this terminal.
        lines: Show plain lines on a terminal too.
    """

    def __init__(
        self,
        store: EventStore,
        console: Console,
        find_run: FindRun,
        *,
        ask: bool = False,
        lines: bool = False,
    ) -> None:
        self._store = store
        self._console = console
        self._find_run = find_run
        self._ask = ask
        self._screen: Screen | None = None
        if console.is_terminal and not console.is_dumb_terminal and not lines:
            self._screen = Screen(console)
        self._events: list[Event] = []
        self._after = 0
        self._run_id: str | None = None
        self._told: set[str] = set()
        self._stop = Signal()
        # not `Thread.join`: on Python 3.11 an interrupted join takes the thread for ended
        self._ended = Signal()
        self._thread = Thread(target=self._show, name="mergewright-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._ended.wait(END_SECONDS)

    @property
    def run_id(self) -> str | None:
        """The run that is shown, once it is known."""
        return self._run_id

    @property
    def events(self) -> list[Event]:
        """What has been read of the run so far."""
        return list(self._events)

    def wait(self) -> None:
        """Wait until the run is finished, or its log can no longer be read."""
        while not self._is_over() and not self._ended.wait(POLL_SECONDS):
            pass

    def _is_over(self) -> bool:
        """Whether the run has ended, or waits for somebody who is not asked here."""
        return is_finished(self._events) and not (self._ask and open_question(self._events))

    def _show(self) -> None:
        try:
            while not self._stop.wait(POLL_SECONDS):
                self._step()
            self._step()
        except MergewrightError as error:
            self._console.print(Text(f"The view of the run stopped: {error}", style="yellow"))
        finally:
            if self._screen:
                self._screen.draw(self._view(whole=True))
                self._screen.leave()
            self._ended.set()

    def _step(self) -> None:
        self._run_id = self._run_id or self._find_run()
        if self._run_id is None:
            return
        for stored in self._store.read(run_id=self._run_id, after=self._after):
            self._after = stored.seq
            self._events.append(stored.event)
            if self._screen is None and (told := line(stored.event)):
                self._print_lines(told)
        if request := open_question(self._events):
            self._offer(request)
        if self._screen:
            self._screen.draw(self._view())

    def _view(self, *, whole: bool = False) -> View:
        return View(tuple(self._events), datetime.now(UTC), whole)

    def _offer(self, request: ApprovalRequested) -> None:
        if request.key in self._told:
            return
        if self._ask and may_approve(request, local_identity()):
            self._question(request)
        elif self._screen:
            self._tell_how(request)
        self._told.add(request.key)

    def _question(self, request: ApprovalRequested) -> None:
        if self._screen:
            self._screen.leave()
        self._console.print(Rule(f"Approval of the {request.point}"))
        self._console.print(Markdown(plain_lines(request.subject)))
        self._console.print(Rule())
        # what was typed before the question was not meant for it
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        self._console.print(Text(QUESTION, style="bold"), end="")
        text = self._typed_line()
        if not text:
            self._console.print()
            if text is not None:
                self._tell_how(request)
            return
        said = read_answer(text)
        try:
            decide(self._store, request, said, door=TERMINAL)
        except AnswerRefused as refused:
            self._console.print(Text(str(refused), style="yellow"))
            return
        word = "Approved" if said.verdict is Verdict.APPROVE else "Rejected"
        comment = f": {plain(said.comment)}" if said.comment else "."
        self._console.print(Text(f"{word} by {plain(local_identity().label)}{comment}"))

    def _typed_line(self) -> str | None:
        """Return what is typed, empty at its end; None when the run ends or another door answers."""
        while not self._stop.is_set():
            ready, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
            if ready:
                return sys.stdin.readline()
            if self._answered_elsewhere():
                return None
        return None

    def _answered_elsewhere(self) -> bool:
        stored = self._store.read(run_id=self._run_id, after=self._after)
        known = [*self._events, *(found.event for found in stored)]
        return open_question(known) is None

    def _tell_how(self, request: ApprovalRequested) -> None:
        approve, reject = decide_commands(request)
        self._print_lines(
            f"Approval of the {request.point} is asked for; decide with\n  {approve}\n  {reject}"
        )

    def _print_lines(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)
        self._console.file.flush()
