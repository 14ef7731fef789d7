"""What a person is shown before they approve; the answer is bound to these very bytes."""

import re
from collections.abc import Sequence

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_question import SHOWN_CHARACTERS, Bound
from mergewright.domain.delivery import Delivery
from mergewright.domain.plan import Plan
from mergewright.domain.ticket import Ticket
from mergewright.texts.approvals_plan import plan_document
from mergewright.texts.commits import commit_subject
from mergewright.texts.escaping import Markdown
from mergewright.texts.templates import render

MAX_REASON_CHARACTERS = 8000

_CUT = "*… cut here: the attached file or the run's log holds all.*"


def plan_subject(ticket: Ticket, plan: Plan) -> str:
    """Return the plan as a person decides about it."""
    return render("plan_approval", ticket=ticket, plan=plan)


def change_subject(delivery: Delivery) -> str:
    """Return the change, its gates and its target as a person decides about them."""
    return render("change_approval", delivery=delivery, changeset=delivery.changeset)


def objections_subject(delivery: Delivery, names: Sequence[str]) -> str:
    """Return what is held against the change, by name, and the change, as a person decides about them."""
    change = Markdown(change_subject(delivery))
    return render("objections_approval", delivery=delivery, names=names, change=change)


def publish_subject(delivery: Delivery) -> str:
    """Return what is going to be seen by others, and where, as a person decides about it."""
    ticket, changeset = delivery.ticket, delivery.changeset
    subject = commit_subject(ticket, changeset) if ticket and changeset else ""
    return render(
        "publish_approval", delivery=delivery, changeset=changeset, commit_subject=subject
    )


def rejected_plan(plan: Plan, reason: str) -> str:
    """Say to an agent why a person sent its plan back: data, whoever wrote it."""
    return (
        "A person read the following plan and sent it back. Plan again, so that what they say is met."
        f"\n\nWhat they say:\n{reason.strip()[:MAX_REASON_CHARACTERS]}"
        f"\n\nThe plan that they sent back:\n{plan_document(plan)}"
    )


def rejected_change(reason: str) -> str:
    """Say to an agent why a person sent its change back: data, whoever wrote it."""
    return (
        "All checks passed, and a person read the change and sent it back. What they say:"
        f"\n\n{reason.strip()[:MAX_REASON_CHARACTERS]}"
    )


def question_text(bound: Bound, rules: ApprovalRequested) -> str:
    """Return what is shown, with what else the answer is bound to below it.

    Args:
        bound: What is asked about.
        rules: The question as it is going to be written to the log, without its text.
    """
    return render(
        "question",
        shown=Markdown(bound.shown),
        bound=bound,
        rules=rules,
        digest=rules.digest[:SHOWN_CHARACTERS],
    )


def form_description(question: ApprovalRequested, refusals: tuple[str, ...], limit: int) -> str:
    """Return what stands above the fields of a form: the question, and why answers were refused."""
    told = render("form_approval", question=question, refusals=refusals)
    return f"{told}\n{beginning(question.subject, limit)}"


def beginning(text: str, limit: int) -> str:
    """Return the beginning of a Markdown text; code that is cut is closed.

    Args:
        text: Markdown.
        limit: Most characters.
    """
    if len(text) <= limit:
        return text.strip()
    kept = text[:limit].rpartition("\n")[0]
    mark = ""
    for line in kept.split("\n"):
        if mark:
            mark = "" if line == mark else mark
        elif found := re.match(r"`{3,}", line):
            mark = found[0]
    return "\n".join(part for part in (kept, mark, f"\n{_CUT}") if part)
