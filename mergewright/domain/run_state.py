"""How far a run is, at an instant: what somebody sees who watches it."""

from decimal import Decimal

from mergewright.domain.delivery import Costs, StageRecord
from mergewright.domain.shown import ShownValue


class RunState(ShownValue):
    """A run as its log tells it."""

    run_id: str
    workflow: str
    ticket: str
    """The ticket as the request names it: key or file."""
    repository: str
    base: str = ""
    model: str = ""
    """The last one that was asked, or is about to be."""
    stages: tuple[StageRecord, ...] = ()
    """In the order in which they began, each under its title."""
    costs: Costs = Costs()
    budget_usd: Decimal = Decimal(0)
    seconds: float = 0.0
    """Since it began, or until it ended."""
    outcome: str = ""
    """How it ended; empty while it goes on."""
    waits_for: str = ""
    """About which point a person has to answer before it goes on; empty where nobody is asked."""
