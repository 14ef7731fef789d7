"""ticket_done: say on the ticket that the pull request of a run was merged."""

from prefect import flow
from prefect.runtime import flow_run

from mergewright.domain.ticket_done import TicketDone, TicketDoneRequest
from tasks.ticket_done import move_ticket
from tasks.undo import find_run, holding


def name_run() -> str:
    """Return the run's name: the run whose ticket is done."""
    request = flow_run.parameters.get("request", {})
    run_id = request.get("run_id") if isinstance(request, dict) else getattr(request, "run_id", "")
    return f"Ticket of {run_id}"


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
    with holding(run):
        return move_ticket(run)
