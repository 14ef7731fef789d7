"""What runs cost so far, as an estimate of what the next one will."""

from collections.abc import Sequence
from statistics import median

from mergewright.cli.formats import count, duration, money
from mergewright.events.projections import RunSummary, read_summaries
from mergewright.events.store import EventStore

LOOKED_AT = 200
ENDED_WELL = {"delivered", "rehearsed"}


def past_costs(store: EventStore, workflow: str, repository: str) -> str:
    """Say what runs of a workflow cost that ended well: on this repository, or else on any.

    Args:
        store: The event log.
        workflow: Name of the flow.
        repository: Path or URL.

    Raises:
        StoreFailed: The log cannot be read.
    """
    paid = [
        one
        for one in read_summaries(store, limit=LOOKED_AT)
        if one.workflow == workflow and one.outcome in ENDED_WELL and one.calls and not one.recorded
    ]
    here = [one for one in paid if one.repository == repository]
    if not paid:
        return "nothing is known yet: no run like it was paid for"
    where = "on this repository" if here else "on other repositories"
    return _in_words(here or paid, where)


def _in_words(runs: Sequence[RunSummary], where: str) -> str:
    spent = [one.cost_usd for one in runs]
    seconds = [(one.last_event_at - one.started_at).total_seconds() for one in runs]
    span = money(median(spent))
    if len(runs) > 1:
        span += f" ({money(min(spent))} to {money(max(spent))})"
    number = count(len(runs), "run")
    return f"about {span}, {duration(median(seconds))}: {number} {where} ended well"
