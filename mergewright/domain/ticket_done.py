"""Saying on a ticket that its pull request was merged: what is asked for, and what came of it."""

from pydantic import Field

from mergewright.domain.value import Value

STAGE = "ticket-done"
"""Stage of all events about it, which may come long after the run has ended."""


class TicketDoneRequest(Value):
    """Move the ticket of a run to done, once its pull request was merged."""

    run_id: str = Field(
        title="Run",
        pattern=r"^[a-z0-9][a-z0-9-]{2,80}$",
        description="Id of the run that opened the pull request.",
        json_schema_extra={"position": 0},
    )


class TicketDone(Value):
    """What became of the ticket."""

    run_id: str
    ticket: str = ""
    moved: bool
    reason: str
    """Why it was moved or not, in words."""
