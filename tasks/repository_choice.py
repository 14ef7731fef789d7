"""Choosing the repository of a request that names none, by the profile's table."""

from typing import TypeVar

from blocks.profile import load_profile
from mergewright.domain.repository_table import place_of
from mergewright.domain.requests import DeliveryRequest
from tasks._identity import ticket_as_given

Q = TypeVar("Q", bound=DeliveryRequest)


def with_repository(request: Q) -> Q:
    """Return a request that names its repository; one that names none gets its ticket's.

    The ticket and the table are read anew at each start. A run that is to go on after either has
    changed is named: `mergewright resume` knows where it was.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: The table says nothing about the ticket, or two things.
        ServiceError: The tracker does not answer, or has no such ticket.
    """
    if request.repository:
        return request
    profile = load_profile(request.profile)
    ticket = profile.tracker.connect().ticket(ticket_as_given(request.ticket))
    place = place_of(ticket, profile.repositories)
    chosen = {"repository": place.repository}
    if place.base:
        chosen |= request.with_table_base(place.base)
    return request.model_copy(update=chosen)
