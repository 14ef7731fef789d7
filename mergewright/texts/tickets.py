"""A ticket as Markdown that a person reads: all that agents are told of it."""

from mergewright.domain.ticket import Ticket, TicketSummary
from mergewright.texts.templates import render

DESCRIPTION_CHARACTERS = 30_000
"""As many as agents are shown of it; see `prompts/_shared/ticket.md.j2`."""


def ticket_text(ticket: Ticket) -> str:
    """Return a ticket as Markdown."""
    points = "" if ticket.story_points is None else f"{ticket.story_points:g}"
    epic = None if ticket.epic == ticket.parent else ticket.epic
    facts = (
        ("Epic", _short(epic)),
        ("Part of", _short(ticket.parent)),
        ("Priority", ticket.priority),
        ("Severity", ticket.severity),
        ("Labels", ", ".join(ticket.labels)),
        ("Components", ", ".join(ticket.components)),
        ("Story points", points),
        ("Team", ticket.team),
        ("Reporter", ticket.reporter),
        ("Watchers", ", ".join(ticket.watchers)),
    )
    return render(
        "ticket", ticket=ticket, facts=facts, description_characters=DESCRIPTION_CHARACTERS
    )


def _short(other: TicketSummary | None) -> str:
    return f"{other.key} {other.title}".strip() if other else ""
