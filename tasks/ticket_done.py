"""The stage that moves a ticket to done when the pull request of its run was merged."""

from mergewright.domain.delivery import Run
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.ticket_done import STAGE, TicketDone
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import TransitionBefore, TransitionWanted
from tasks.follow_ups import recall_delivery


@stage("Move the ticket to done", kept=False)
def move_ticket(run: Run) -> TicketDone:
    """Move the ticket to done, if the code host says that the run's pull request was merged.

    Raises:
        NotFound: The log holds no such run, or the ticket is gone.
        NotReady: The run opened no pull request.
        ServiceError: The tracker or the code host refused or did not answer.
    """
    delivery = recall_delivery(run.id)
    opened, ticket = delivery.pull_request, delivery.ticket
    if opened is None or ticket is None:
        return TicketDone(run_id=run.id, moved=False, reason="The run opened no pull request.")
    profile = profile_of(run)
    found = profile.code_host.connect().pull_requests(run.repository, ticket.key)
    now = next((one for one in found if one.number == opened.number), None)
    if now is None or now.state != "merged":
        state = now.state if now else "gone"
        reason = f"Its pull request is {state}, not merged: {opened.url}"
        return TicketDone(run_id=run.id, ticket=ticket.key, moved=False, reason=reason)
    tracker = profile.tracker.connect()
    wanted = TransitionWanted(status=StatusCategory.DONE, key=ticket.key)
    perform(
        journal_of(run, STAGE, profile),
        effect="transition",
        target=f"{ticket.key}:done",
        form=StatusCategory,
        wanted=wanted,
        act=lambda: tracker.transition(ticket.key, StatusCategory.DONE),
        reference=str,
        before=lambda: TransitionBefore(status=tracker.ticket(ticket.key).status),
    )
    reason = f"Its pull request was merged: {opened.url}"
    return TicketDone(run_id=run.id, ticket=ticket.key, moved=True, reason=reason)
