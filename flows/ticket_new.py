"""ticket_new: make a ticket that a person asks for, and link it to others."""

from prefect import flow
from prefect.runtime import flow_run

from mergewright.domain.ticket_new import TicketMade, TicketNewRequest
from tasks import ticket_new as making


def name_run() -> str:
    """Return the run's name: the ticket's title."""
    request = flow_run.parameters.get("request", {})
    title = request.get("title") if isinstance(request, dict) else getattr(request, "title", "")
    return f"Make the ticket {title}"


@flow(flow_run_name=name_run, validate_parameters=True)
def ticket_new(request: TicketNewRequest, run_id: str = "") -> TicketMade:
    """Make a ticket in the tracker of a profile, and link it to others.

    First it is seen whether project, parent, other tickets and permission are there. Ticket and
    links are effects of a run: the same request makes nothing twice, and `undo` takes it back as
    far as nobody worked on it. It costs nothing.

    Args:
        request: What is asked for.
        run_id: The run to go on with; without it, the newest one that made this ticket, or none yet.
    """
    draft = making.draft_of(request)
    if request.dry_run:
        relations = tuple(f"{request.link_as} {other}" for other in request.links)
        return TicketMade(draft=draft, relations=relations, dry_run=True)
    run = making.run_of(request, draft, run_id or None)
    with making.recorded(run, request, draft) as outcome:
        made = making.make_ticket(run, request, draft)
        outcome.summary = made.key
    return made
