"""tickets_poll: begin the work on tickets that are ready, in a tracker that tells nobody."""

from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from mergewright.domain.polling import TicketsPollReport, TicketsPollRequest
from tasks import tickets_poll as polling


def name_run() -> str:
    """Return the run's name: the query."""
    request = flow_run.parameters.get("request", {})
    if not isinstance(request, dict):
        request = cast(TicketsPollRequest, request).model_dump()
    return f"Tickets: {request.get('query') or 'no query'}"


@flow(flow_run_name=name_run, validate_parameters=True)
def tickets_poll(request: TicketsPollRequest) -> TicketsPollReport:
    """Ask a tracker for tickets, and begin the work on those that are ready, once each.

    In order: find what the query finds, see what the log tells of each, begin a run of a deployment
    for those that are still to do, report. A ticket that was begun is begun again only after it was
    elsewhere: moved to another status, or no more found by the query. It may be killed anywhere and
    repeated; two polls at once are refused. It costs nothing.

    Args:
        request: Which tickets, and what begins.
    """
    with polling.alone(request.profile):
        found = polling.find_tickets(request)
        came = polling.begin_ready(request, found)
        return polling.write_report(request, found, came)
