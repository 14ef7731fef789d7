"""Stages that look for tickets which are ready, and begin the work on each once.

What is to be begun is written to the log first, with all that the work is told of it; the run comes
after, and is told the id of what was written and nothing of the ticket. Killed in between, the next
poll finds the one without the other and asks for the same run again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from prefect.artifacts import create_markdown_artifact

from blocks.profile import DeliveryProfile, load_profile
from mergewright.clients.ports import Tracker
from mergewright.domain.polling import (
    POLLS,
    PolledTicket,
    TicketSeen,
    TicketsPollReport,
    TicketsPollRequest,
)
from mergewright.domain.repository_table import place_of
from mergewright.domain.ticket import StatusCategory, TicketSummary
from mergewright.errors import NotFound, Rejected, RunInterrupted, SettingInvalid
from mergewright.events.clock import utc_now
from mergewright.events.ticket_history import TicketHistory, read_histories
from mergewright.texts.escaping import cell
from tasks._begun_runs import Target, begin, begun_runs, find_target
from tasks._identity import as_given
from tasks._policies import stage
from tasks._polled_tickets import QUEUED, BegunRun, Places, is_gone, judge, polled
from tasks._runs import event_store
from tasks.outside_events import free_places

LOOKED_AT = 200
"""How many tickets are looked at, of those that a query finds."""

Found = Sequence[TicketSummary]


@contextmanager
def alone(profile: str) -> Iterator[None]:
    """Keep other polls of a profile's tracker out.

    Raises:
        RunInterrupted: Another one is under way.
        StoreFailed: The log cannot be read or written.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(event_store().hold(f"poll of {profile}"))
        except RunInterrupted as error:
            raise RunInterrupted(
                f"Another poll of the tracker of {profile!r} is under way. {error.message}",
                hint="Wait until it has ended; nothing is missed.",
            ) from error
        yield


@stage("Look for tickets", kept=False)
def find_tickets(request: TicketsPollRequest) -> Found:
    """Return the tickets that the query finds, and one more than are looked at if there is one.

    Raises:
        BlockMissing: There is no profile of the name.
        SettingInvalid: The tracker cannot be searched.
        ServiceError: The tracker did not answer, or refused the query.
    """
    tracker = load_profile(request.profile).tracker.connect_searching()
    return tracker.search(request.query, limit=LOOKED_AT + 1)


@stage("Begin what is ready", kept=False)
def begin_ready(request: TicketsPollRequest, found: Found) -> tuple[PolledTicket, ...]:
    """Begin the work on tickets that are ready; return what became of each.

    Raises:
        NotFound: There is no deployment that works on them.
        SettingInvalid: It works on something else.
        ServiceUnavailable: Tracker or Prefect server did not answer.
        StoreFailed: The log cannot be read or written.
    """
    target = find_target(request.begins, request.profile)
    poll = _Poll(request, target, read_histories(event_store(), request.profile))
    shown = found[:LOOKED_AT]
    came = tuple(poll.take(ticket) for ticket in shown)
    if not request.dry_run:
        poll.note_gone(shown, is_all=len(found) <= LOOKED_AT)
    return came


@stage("Report the tickets", kept=False)
def write_report(
    request: TicketsPollRequest, found: Found, came: tuple[PolledTicket, ...]
) -> TicketsPollReport:
    """Publish what became of each ticket as a Prefect artifact; return it."""
    report = TicketsPollReport(
        query=request.query,
        profile=request.profile,
        dry_run=request.dry_run,
        tickets=came,
        more=len(found) > LOOKED_AT,
    )
    lines = ["| Ticket | Title | Came out | Why |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {one.key} | {cell(one.title)} | {one.outcome} | {cell(one.reason)} |" for one in came
    ]
    create_markdown_artifact(
        key="tickets-poll", markdown="\n".join(lines), description="Tickets that were found"
    )
    return report


class _Poll:
    """One look at tickets, and what it begins.

    Args:
        request: What is asked for.
        target: What works on tickets.
        histories: What the log tells of tickets.
    """

    def __init__(
        self, request: TicketsPollRequest, target: Target, histories: Mapping[str, TicketHistory]
    ) -> None:
        self._request = request
        self._target = target
        self._profile: DeliveryProfile = load_profile(request.profile)
        self._tracker: Tracker = self._profile.tracker.connect()
        self._histories = histories
        self._awaited = {
            one.seen.key: one.seen for one in histories.values() if one.awaits_run and one.seen
        }
        self._runs = begun_runs(request.begins, self._awaited)
        queued = (
            self._awaited[event_id].repository
            for event_id, run in self._runs.items()
            if run.state in QUEUED
        )
        self._places = Places(free_places, Counter(queued))
        self._left = request.limit
        self._repository = as_given(request.repository) if request.repository else ""

    def take(self, ticket: TicketSummary) -> PolledTicket:
        """Begin the work on a ticket if it is ready, and return what became of it."""
        history = self._history(ticket.key)
        came = judge(ticket, history, self._run(history))
        if came is not None:
            return came
        if not self._left:
            return polled(ticket, "waits", f"One poll begins {self._request.limit} at most.")
        try:
            repository = self._look_again(ticket)
        except (NotFound, Rejected, SettingInvalid) as error:
            return polled(ticket, "not ready", error.message)
        if not self._places.take(repository):
            return polled(ticket, "waits", f"So many runs as may be work on {repository!r}.")
        self._left -= 1
        if self._request.dry_run:
            return polled(
                ticket, "would be begun", f"It is ready for {self._target.rule.workflow}."
            )
        run = begin(self._target, self._noted(ticket, history, repository))
        return polled(ticket, "begun", f"{self._target.rule.workflow} works on it.", run.id)

    def note_gone(self, found: Found, *, is_all: bool) -> None:
        """Write down which tickets are not ready any more: ready once more, they are begun again."""
        by_key = {ticket.key: ticket for ticket in found}
        for key, history in self._histories.items():
            ticket = by_key.get(key)
            is_known = is_all or ticket is not None
            if is_known and is_gone(history, self._run(history), self._request.query, ticket):
                self._note(key, ready=False)

    def _look_again(self, found: TicketSummary) -> str:
        """Return where a ticket is worked on, as far as it is known.

        A tracker's search lags behind what was just done to a ticket.

        Raises:
            Rejected: The ticket is not ready any more.
            SettingInvalid: The profile's table does not say where it belongs.
            ServiceError: The tracker did not answer, or refused.
        """
        ticket = self._tracker.ticket(found.key)
        if ticket.status is not StatusCategory.TO_DO:
            raise Rejected(f"It is {ticket.status.value} by now.", hint="The search lags behind.")
        named = self._repository or str(self._target.rule.request.get("repository") or "")
        if named or not self._profile.repositories:
            return named
        return place_of(ticket, self._profile.repositories).repository

    def _history(self, key: str) -> TicketHistory:
        return self._histories.get(key) or TicketHistory()

    def _run(self, history: TicketHistory) -> BegunRun | None:
        is_awaited = history.awaits_run and history.seen is not None
        return self._runs.get(history.seen.key) if is_awaited and history.seen else None

    def _noted(self, ticket: TicketSummary, history: TicketHistory, repository: str) -> str:
        """Return the id of what the log holds for the work on a ticket, written now if need be."""
        if history.awaits_run and history.seen is not None and self._run(history) is None:
            return history.seen.key  # it was written down, and nothing came after
        return self._note(ticket.key, ready=True, repository=repository)

    def _note(self, ticket: str, *, ready: bool, repository: str = "") -> str:
        request = self._request
        said = {"ticket": ticket, "repository": self._repository}
        seen = TicketSeen(
            run_id=POLLS,
            at=utc_now(),
            key=str(uuid4()),
            profile=request.profile,
            query=request.query,
            ticket=ticket,
            ready=ready,
            said={field: value for field, value in said.items() if value},
            repository=repository,
        )
        event_store().append([seen])
        return seen.key
