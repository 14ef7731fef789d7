"""What a ticket's readers are told when a run ends before there is a pull request."""

from mergewright.domain.delivery import Delivery
from mergewright.texts.templates import render

NOBODY_WORKS_ON_IT = "no process works on it, and nobody goes on with it."


NOBODY_ANSWERS = "nobody is to answer any more."


def closing_error(stage: str, reason: str = "", *, waited: bool = False) -> str:
    """Say that a run was closed, where it had got to, and why.

    Args:
        stage: The last stage that did something.
        reason: Why, in a person's words; empty says it in ours.
        waited: Whether it waited for people; else it was interrupted.
    """
    where = f" in stage {stage!r}" if stage else ""
    came = "waited for an answer" if waited else "was interrupted"
    why = reason.strip() or (NOBODY_ANSWERS if waited else NOBODY_WORKS_ON_IT)
    return f"The run {came}{where} and {'was ' if waited else ''}closed: {why}"


def closed_comment(delivery: Delivery) -> str:
    """Return what a ticket is told when a run on it is closed."""
    return render("closed_comment", delivery=delivery)


def salvage_comment(delivery: Delivery, branch: str) -> str:
    """Return what a ticket is told when a run on it fails after it has changed something.

    Args:
        delivery: The report of the failed run.
        branch: Branch that holds the change so far; empty when it could not be pushed.
    """
    return render("salvage_comment", delivery=delivery, branch=branch)
