"""Stages that close a run which was interrupted or waits, and which nobody goes on with."""

import socket

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.close import STAGE, CloseRequest
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import StageFinished
from mergewright.domain.ticket import Ticket
from mergewright.errors import RunInterrupted
from mergewright.events import projections
from mergewright.texts.endings import closed_comment, closing_error
from tasks._policies import stage
from tasks._runs import event_store, journal_of, profile_of
from tasks._traces import CommentWanted
from tasks.notices import tell_closed
from tasks.past_runs import ALL_RUNS, find_run
from tasks.records import counted, empty_report, failed, finish_run
from tasks.suspensions import end_if_possible
from tasks.ticket_progress import tell_stopped
from tasks.tickets import comment_once


def runs_to_close(request: CloseRequest) -> tuple[Run, ...]:
    """Return the run that is named, or all of this machine that have no end, oldest first.

    Raises:
        NotFound: The log holds no start of the run.
        StoreFailed: The log cannot be read.
    """
    if request.run_id:
        return (find_run(request.run_id),)
    summaries = projections.read_summaries(event_store(), limit=ALL_RUNS)
    return tuple(
        find_run(summary.run_id)
        for summary in reversed(summaries)
        if summary.outcome == projections.RUNNING
        and summary.process.rpartition(":")[0] == socket.gethostname()
    )


def outcome_of(run: Run) -> str:
    """Return how the run ended, or `running`.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return projections.summarise(projections.read_events(event_store(), run.id)).outcome


def closing_report(run: Run, reason: str) -> Delivery:
    """Return the report of a run that is closed: it was interrupted, or waited for people.

    Raises:
        StoreFailed: The log cannot be read.
    """
    events = projections.read_events(event_store(), run.id)
    summary = projections.summarise(events)
    waited = summary.outcome == Outcome.WAITING
    error = RunInterrupted(
        closing_error(summary.stage, reason, waited=waited),
        hint="Start another run. What this one did outside is taken back with:"
        f" mergewright undo {run.id}",
    )
    known = projections.report_of(events) if waited else None
    return failed(known or empty_report(run), error)


@stage("Tell the ticket that the run is closed", kept=False)
def tell_ticket(run: Run, delivery: Delivery) -> str:
    """Write to the ticket that the run is closed, once; return where that is.

    A comment that says how far the run is says that as well, and why. Nothing is written to the
    ticket of a dry run, nor to one that the run never saw.

    Raises:
        ServiceError: The tracker refused or did not answer.
    """
    ticket = seen_ticket(run)
    if ticket is None:
        return ""
    tell_stopped(run, reason=delivery.error, stage_id=STAGE)
    return comment_once(
        run,
        journal_of(run, STAGE),
        target=f"{ticket.key}:closed",
        comment=CommentWanted(
            key=ticket.key, marker="mergewright-closed", body=closed_comment(delivery)
        ),
    )


def seen_ticket(run: Run) -> Ticket | None:
    """Return the ticket, if the run had fetched it and may write to it.

    Raises:
        ServiceError: The tracker refused or did not answer.
    """
    events = projections.read_events(event_store(), run.id)
    fetched = any(
        isinstance(event, StageFinished) and event.stage == "ticket" and event.state != "failed"
        for event in events
    )
    if run.dry_run or not fetched:
        return None
    return profile_of(run).tracker.connect().ticket(run.ticket)


def end_run(run: Run, delivery: Delivery) -> Delivery:
    """Write the end of a run that is closed to the log; calls without an answer count as spent.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    journal_of(run, STAGE).ledger.reconcile()
    return finish_run(run, counted(run, delivery), RunInterrupted(delivery.error), stage_id=STAGE)


def close_question(run: Run) -> tuple[str, ...]:
    """Let nobody answer what a closed run asked; return Prefect's runs that were ended for it.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    stored = event_store().read(run_id=run.id, types=("approval_requested",))
    if stored and isinstance(stored[-1].event, ApprovalRequested):
        tell_closed(run, stored[-1].event)
    return end_if_possible(run)


def is_ticket_untold(run: Run) -> bool:
    """Say whether the run was closed and its ticket could not be told so.

    Raises:
        StoreFailed: The log cannot be read.
    """
    states = [
        event.state
        for event in projections.read_events(event_store(), run.id)
        if isinstance(event, StageFinished) and event.stage == STAGE
    ]
    return states[-1:] == ["failed"]
