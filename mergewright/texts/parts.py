"""Parts of a run's report that people look at on their own: the change, the gates, the costs."""

from mergewright.domain.delivery import Delivery
from mergewright.texts.delivery import cut_diff
from mergewright.texts.facts import facts
from mergewright.texts.templates import render


def change_text(delivery: Delivery) -> str:
    """Return what is changed so far, with the diff."""
    diff, rest = cut_diff(delivery.changeset.diff if delivery.changeset else "")
    return render("part_change", **facts(delivery), diff=diff, diff_rest=rest)


def gates_text(delivery: Delivery) -> str:
    """Return how the gates came out, each as it was seen last."""
    return render("part_gates", **facts(delivery))


def costs_text(delivery: Delivery) -> str:
    """Return what model calls cost, and in which stages."""
    return render("part_costs", **facts(delivery))
