"""What a ticket's readers are told when a run ends before there is a pull request."""

from mergewright.domain.delivery import Delivery
from mergewright.texts.templates import render

NOBODY_WORKS_ON_IT = "no process works on it, and nobody goes on with it."


def closing_error(stage: str, reason: str = "") -> str:
    """Say that an interrupted run was closed, where it had got to, and why."""
    where = f" in stage {stage!r}" if stage else ""
    return f"The run was interrupted{where} and closed: {reason.strip() or NOBODY_WORKS_ON_IT}"


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
