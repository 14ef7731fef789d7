"""What a person is shown before they approve; the answer is bound to these very bytes."""

from mergewright.domain.delivery import Delivery
from mergewright.domain.plan import Plan
from mergewright.domain.ticket import Ticket
from mergewright.texts.templates import render


def plan_subject(ticket: Ticket, plan: Plan) -> str:
    """Return the plan as a person decides about it."""
    return render("plan_approval", ticket=ticket, plan=plan)


def change_subject(delivery: Delivery) -> str:
    """Return the change, its gates and its target as a person decides about them.

    Costs and times are left out: they differ after an interruption, and the change does not.
    """
    return render("change_approval", delivery=delivery, changeset=delivery.changeset)
