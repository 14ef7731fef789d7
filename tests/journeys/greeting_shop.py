"""standard_dev on a tiny repository, as a workload of the crash matrix.

`python -m mergewright.testing.crashes tests.journeys.greeting_shop:opened` tries every point.
"""

from functools import partial
from pathlib import Path

from flows.standard_dev import standard_dev
from mergewright.domain.requests import StandardDevRequest
from tests.journeys.greeting_answers import CALLS, FILES, TICKET, place_of, reply
from tests.journeys.killed_shop import (
    KilledShop,
    served,
    served_on_redis,
    settled,
    ticket_effects,
    ticket_text,
)
from tests.journeys.places import MODEL, commit_all, git

POLICY = "reviewers: [zoe, org/greeters]\npull_requests: {assignees: [ada]}\n"
"""So that the pull request is given all that one can be given."""


def deliver(place: Path, api: str, messages: str, event_store: str) -> None:
    """Run the flow in this process, which is a fresh one."""
    with settled(place, api, messages, event_store):
        standard_dev(
            StandardDevRequest(
                ticket=str(place / "GREET-1.md"), repository=str(place / "greeting"), model=MODEL
            )
        )


class GreetingShop(KilledShop):
    """A repository of two files, a ticket, and a server that answers six calls."""

    workflow, calls, least_points = "standard_dev", CALLS, 190
    deliver = staticmethod(deliver)
    place_of = staticmethod(place_of)
    reply = staticmethod(reply)

    def furnish(self, place):
        repository = place / "greeting"
        repository.mkdir()
        git(repository, "init", "--quiet", "--initial-branch", "main")
        for name, text in FILES.items():
            (repository / name).write_text(text)
        (repository / ".mergewright.yml").write_text(POLICY)
        commit_all(repository, "Greet")
        (place / "GREET-1.md").write_text(TICKET)

    def effects(self, place):
        return ticket_effects(place)

    def state(self, place, report, events):
        return {
            "page": str(report.page and report.page.version),
            "ticket": ticket_text(place).split("\n---\n")[0],
        }


opened = partial(served, GreetingShop)
on_redis = partial(served_on_redis, GreetingShop)
