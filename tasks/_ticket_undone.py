"""How a ticket that a person had made is taken back, and its links to others."""

from mergewright.clients.ports import Compensation, TicketMaking
from mergewright.domain.ticket_new import RELATION
from mergewright.domain.undo import UndoStep
from tasks._places import Place, trace_of
from tasks._traces import RelationWanted, TicketWanted

_CANNOT = Compensation("kept", "The profile's tracker makes no tickets.")


def take_ticket_back(place: Place, step: UndoStep) -> Compensation:
    """Remove the ticket, if it is as we made it.

    Raises:
        ServiceError: The tracker refused or did not answer.
        Rejected: The log does not tell what was made.
    """
    wanted = trace_of(TicketWanted, step.wanted, step)
    tracker = place.profile.tracker.connect()
    if not isinstance(tracker, TicketMaking):
        return _CANNOT
    found = None if step.done else tracker.find_made(wanted.draft, marker=wanted.marker)
    key = str(step.result["value"]) if step.done else found
    if key is None:
        return Compensation("already", "It was not made.")
    if place.rehearse and any(one.effect == RELATION for one in place.so_far):
        return Compensation(
            "undone", "Its links go first; then it is removed if nobody changed it."
        )
    return tracker.remove_created(key, wanted.draft, marker=wanted.marker, rehearse=place.rehearse)


def take_relation_back(place: Place, step: UndoStep) -> Compensation:
    """Take the link between two tickets away.

    Raises:
        ServiceError: The tracker refused or did not answer.
        Rejected: The log does not tell what was made.
    """
    wanted = trace_of(RelationWanted, step.wanted, step)
    tracker = place.profile.tracker.connect()
    if not isinstance(tracker, TicketMaking):
        return _CANNOT
    return tracker.unrelate(wanted.key, wanted.other, wanted.kind, rehearse=place.rehearse)
