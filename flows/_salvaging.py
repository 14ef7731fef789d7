"""Keeping what a failed run had changed by then: shared by the flows that deliver."""

from collections.abc import Iterable

from prefect import get_run_logger

from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import (
    ApprovalDenied,
    BudgetExceeded,
    ChecksFailed,
    LimitReached,
    MergewrightError,
    RunCancelled,
    StageOverdue,
)
from mergewright.safety.integrity import DEPENDENCIES, INTEGRITY
from mergewright.safety.redaction import redact
from tasks import guards, salvage, stages, ticket_progress

FAILED = GateStatus.FAILED
HELD_AGAINST = frozenset({INTEGRITY, DEPENDENCIES})
"""Gates that fail of what a change would do to whoever runs it."""
WORTH_KEEPING = (
    ChecksFailed,
    LimitReached,
    BudgetExceeded,
    ApprovalDenied,
    StageOverdue,
    RunCancelled,
)
"""Errors after which a person may want the change: the work, not the change, was refused."""


def salvage_failed(run: Run, report: Delivery, place: Workspace, error: Exception) -> Delivery:
    """Push what a failed run had changed, tell the ticket, and return the report that says so.

    A dry run leaves nothing behind, and what the guard refuses is pushed nowhere. A fault in this
    never hides the one that the run failed of.
    """
    _tell_stopped(run)
    ticket, changeset = report.ticket, report.changeset
    if not isinstance(error, WORTH_KEEPING) or run.dry_run or ticket is None:
        return report
    if changeset is None or not changeset.files:
        return report
    branch = ""
    try:
        if not salvage.is_wanted(run):
            return report
        with stages.recorded_stage(run, salvage.STAGE, "Salvage the change") as outcome:
            branch, outcome.summary = _push(run, ticket, place, changeset, report.gates)
            salvage.explain_failure(run, report, branch)
    except Exception as fault:  # noqa: BLE001 - whatever it is, the run failed of something else
        get_run_logger().warning("The change could not be salvaged: %s", redact(str(fault)))
    if not branch:
        return report
    told = f"{report.hint} The change so far is on the branch {branch!r}."
    return report.model_copy(update={"hint": told.strip()})


def _tell_stopped(run: Run) -> None:
    """Say on the ticket that nobody is at work any more, if it says that somebody is."""
    if not ticket_progress.is_shown(run):
        return
    try:
        ticket_progress.tell_stopped(run)
    except MergewrightError as fault:
        get_run_logger().warning("The ticket could not be told of the end: %s", fault)


def _push(
    run: Run, ticket: Ticket, place: Workspace, changeset: Changeset, gates: Iterable[Gate]
) -> tuple[str, str]:
    """Push the change if the guard lets it pass; return the branch, and what to say of it."""
    held = [gate.name for gate in gates if gate.name in HELD_AGAINST and gate.status is FAILED]
    if held:
        return "", f"Not pushed, for others' jobs may run what is pushed: {', '.join(held)} failed"
    try:
        guards.guard_change(run, place, changeset)
        branch = salvage.push_salvage(run, ticket, place, changeset)
    except MergewrightError as fault:
        return "", f"Not pushed: {redact(fault.message)}"
    return branch, branch
