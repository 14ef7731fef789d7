"""What people are told while a run goes on and at its end; a messenger that fails stops no run."""

import hashlib
from decimal import Decimal

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_standing import Standing
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import FactPinned
from mergewright.domain.notice import Notice, NoticeEvent
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.ticket import Ticket
from mergewright.events import projections
from mergewright.texts import notices as texts
from tasks._channels import team_channels
from tasks._policies import stage
from tasks._runs import event_store, journal_of, policy_of, profile_of
from tasks._telling import replace, tell


@stage("Notify", kept=False, repeats=0)
def notify(run: Run, delivery: Delivery) -> str:
    """Tell people once how the run ended.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    end = for_on_call(run, texts.finished(delivery))
    about = end.event or NoticeEvent.FAILED
    if delivery.outcome is Outcome.FAILED:
        # a run that goes on and fails of something else has something new to tell
        told = f"{about} {hashlib.sha256(delivery.error.encode()).hexdigest()[:8]}"
    else:
        told = str(about)
    tell(run, end, about=told, stage_id="notify")
    return ""


def tell_started(run: Run, ticket: Ticket) -> None:
    """Tell people that work on a ticket has begun.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    tell(run, texts.started(run, ticket), about=NoticeEvent.STARTED, stage_id="ticket")


def tell_on_call(run: Run, delivery: Delivery) -> None:
    """Tell people on call that a fault in a release is being mended, and how bad it is.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    ticket, release = delivery.ticket, delivery.release
    if ticket is None or release is None:
        return
    told = texts.on_call(run, ticket, release, delivery.severity)
    directory = profile_of(run).directory
    known = {person.name.casefold() for person in directory.people}
    known |= {group.name.casefold() for group in directory.groups}
    if unknown := [name for name in policy_of(run).on_call if name.casefold() not in known]:
        journal_of(run, "release").note(
            f"Nobody is on call: the profile's directory has no {', '.join(unknown)}."
        )
    tell(run, for_on_call(run, told), about=NoticeEvent.ON_CALL, stage_id="release")


def for_on_call(run: Run, notice: Notice) -> Notice:
    """Return a notice that goes to people on call as well, where the run's policy names them."""
    return notice.model_copy(update={"people": (*notice.people, *policy_of(run).on_call)})


def tell_opened(run: Run, delivery: Delivery) -> None:
    """Tell people that there is a pull request to review.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    opened = texts.pull_request_opened(delivery)
    tell(run, opened, about=NoticeEvent.PULL_REQUEST_OPENED, stage_id="pull-request")


def watch_costs(run: Run, stage_id: str) -> None:
    """Tell people once when the run has spent much of its budget; recorded answers cost nothing.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    types = ("call_reserved", "call_settled")
    costs = projections.costs(
        stored.event for stored in event_store().read(run_id=run.id, types=types)
    )
    share = profile_of(run).notices.cost_alarm_share
    if costs.recorded or costs.settled_usd < run.budget_usd * Decimal(str(share)):
        return
    alarm = texts.cost_alarm(
        run,
        ticket_of(run),
        spent_usd=costs.settled_usd,
        cap_usd=run.budget_usd,
        calls=costs.calls,
    )
    tell(run, alarm, about=NoticeEvent.COST_ALARM, stage_id=stage_id)


def tell_question(run: Run, request: ApprovalRequested, *, reminder: int = 0) -> None:
    """Tell people what a run waits for, and remind them.

    Args:
        run: The run.
        request: What it waits for.
        reminder: Which reminder it is; 0 is the question itself. Each is told once.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    question = _question(run, request, again=reminder > 0)
    if question is not None:
        about = _about(request) + (f" reminder {reminder}" if reminder else "")
        tell(run, question, about=about, stage_id=request.stage)


def tell_answer(run: Run, request: ApprovalRequested, standing: Standing) -> None:
    """Let the message that asked say what came of it: its buttons go.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    question = _question(run, request)
    if question is None:
        return
    if standing.is_settled:
        approved, by = standing.is_approved, " and ".join(one.by for one in standing.deciding)
        answered = texts.approval_answered(question, approved=approved, by=by)
    else:
        answered = texts.approval_expired(question)
    _replace_question(run, request, answered)


def tell_closed(run: Run, request: ApprovalRequested) -> None:
    """Let the message that asked say that its run was closed: its buttons go.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    if (question := _question(run, request)) is not None:
        _replace_question(run, request, texts.approval_closed(question))


def _replace_question(run: Run, request: ApprovalRequested, answered: Notice) -> None:
    profile = profile_of(run)
    journal = journal_of(run, request.stage, profile)
    for channel in team_channels(profile):
        replace(profile, journal, _about(request), answered, about="answered", channel=channel)


def ticket_of(run: Run) -> Ticket | None:
    """Return the ticket that the run keeps in its log; None when it has not fetched it.

    Raises:
        StoreFailed: The log cannot be read.
    """
    stored = event_store().find(run.id, "fact_pinned", "ticket")
    if stored is None or not isinstance(stored.event, FactPinned):
        return None
    return Ticket.model_validate(stored.event.value)


def _question(run: Run, request: ApprovalRequested, *, again: bool = False) -> Notice | None:
    ticket = ticket_of(run)
    if ticket is None:
        return None
    return texts.approval_wanted(
        run,
        ticket,
        ApprovalPoint(request.point),
        digest=request.digest,
        subject=request.subject,
        until=request.expires_at,
        needed=request.needed,
        people=[one.mail or one.name for one in request.approvers or ()],
        again=again,
    )


def _about(request: ApprovalRequested) -> str:
    asked = f" {request.number + 1}" if request.number else ""
    return f"{NoticeEvent.APPROVAL_WANTED} {request.point} {request.digest[:8]}{asked}"
