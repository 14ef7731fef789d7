"""What is to become of a ticket that a poll finds: by its status, the log, and Prefect's run of it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mergewright.domain.polling import PolledTicket, PollOutcome
from mergewright.domain.ticket import StatusCategory, TicketSummary
from mergewright.events.ticket_history import TicketHistory

MAX_TRIES = 3
"""How often in a row a ticket is begun whose run ends before it begins."""
UNDER_WAY = frozenset({"SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING"})
QUEUED = frozenset({"SCHEDULED", "PENDING"})


class BegunRun(NamedTuple):
    """Prefect's run that a poll began, as the server has it now."""

    id: str
    state: str
    """Type of its state."""


def judge(
    ticket: TicketSummary, history: TicketHistory, begun: BegunRun | None
) -> PolledTicket | None:
    """Return why a ticket is not begun now; None where it may be.

    Args:
        ticket: As the tracker found it.
        history: What the log tells of it.
        begun: What was begun for it last, where no run has come of that yet.
    """
    if ticket.status is not StatusCategory.TO_DO:
        return polled(ticket, "not ready", f"It is {ticket.status.value}.")
    if history.is_open:
        return polled(ticket, "under way", f"The run {history.run_id} has not ended.")
    return _judge_begun(ticket, history, begun) if history.is_begun else None


def _judge_begun(
    ticket: TicketSummary, history: TicketHistory, begun: BegunRun | None
) -> PolledTicket | None:
    if not history.awaits_run:
        why = f"The run {history.run_id} worked on it, and it was not moved since."
        return polled(ticket, "worked on", why)
    if begun is None:
        return None
    if begun.state in UNDER_WAY:
        return polled(ticket, "under way", "Its run has not begun yet.", begun.id)
    if history.tries >= MAX_TRIES:
        why = f"Its run ended {history.tries} times before it began: move it away and back."
        return polled(ticket, "given up", why, begun.id)
    return None


def is_gone(
    history: TicketHistory, begun: BegunRun | None, query: str, ticket: TicketSummary | None
) -> bool:
    """Say whether a ticket that a poll began is not ready any more.

    Args:
        history: What the log tells of it.
        begun: As for `judge`.
        query: What is asked for now: only by what found it a ticket is missed.
        ticket: As the tracker found it; None where the query finds it no more.
    """
    if not history.is_begun or history.is_open or history.seen is None:
        return False
    if history.seen.query != query or (begun is not None and begun.state in UNDER_WAY):
        return False
    return ticket is None or ticket.status is not StatusCategory.TO_DO


def polled(
    ticket: TicketSummary, outcome: PollOutcome, reason: str, flow_run_id: str = ""
) -> PolledTicket:
    """Return what became of a ticket."""
    return PolledTicket(
        key=ticket.key,
        title=ticket.title,
        outcome=outcome,
        reason=reason,
        flow_run_id=flow_run_id,
    )


class Places:
    """How many runs can still begin on each repository.

    Args:
        free: Returns how many places nobody has taken.
        queued: How many runs wait to take one, by repository.
    """

    def __init__(self, free: Callable[[str], int], queued: Mapping[str, int]) -> None:
        self._free = free
        self._left: dict[str, int] = {}
        self._queued = queued

    def take(self, repository: str) -> bool:
        """Take a place, if there is one; where the repository is not known yet, there is."""
        if not repository:
            return True
        if repository not in self._left:
            self._left[repository] = self._free(repository) - self._queued.get(repository, 0)
        self._left[repository] -= 1
        return self._left[repository] >= 0
