"""ticket_done: say on the ticket that the pull request of a run was merged."""

from prefect import flow

from flows._names import asked_run
from mergewright.domain.ticket_done import STAGE, TicketDone, TicketDoneRequest
from tasks.past_runs import find_run, holding
from tasks.ticket_done import move_ticket


def name_run() -> str:
    """Return the run's name: the run whose ticket is done."""
    return f"Ticket of {asked_run()}"


@flow(flow_run_name=name_run, validate_parameters=True)
def ticket_done(request: TicketDoneRequest) -> TicketDone:
    """Move the ticket of a run to done, once its pull request was merged.

    Asks the code host first: a ticket whose pull request is still open stays where it is. It is an
    effect of the run like any other, and `undo` takes it back. It may be repeated, and costs
    nothing.

    Args:
        request: Which run.
    """
    run = find_run(request.run_id)
    with holding(run, to=STAGE):
        return move_ticket(run)
