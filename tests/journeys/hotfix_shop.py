"""hotfix of a tiny release, as a workload of the crash matrix: two people, two pull requests.

`python -m mergewright.testing.crashes tests.journeys.hotfix_shop:opened` tries every point;
`tests.journeys.hotfix_shop:in_conflict` has lines to resolve on the main branch besides.
"""

from functools import partial
from pathlib import Path

from flows.hotfix import hotfix
from mergewright.cli.main import main
from mergewright.domain.delivery import Outcome
from mergewright.domain.hotfix_request import HotfixRequest
from tests.journeys import hotfix_answers as answers
from tests.journeys.killed_shop import KilledShop, served, settled, ticket_effects, ticket_text
from tests.journeys.places import MODEL

ADA = "Ada Moreau <ada@example.com>"
"""Who asks for the hotfix; the person at the machine is another one, and approves it."""


def deliver(place: Path, api: str, messages: str, event_store: str) -> None:
    """Run the flow until a second person is asked, say yes, and go on."""
    request = HotfixRequest(
        ticket=str(place / "GREET-1.md"),
        repository=str(place / "greeting"),
        model=MODEL,
        requested_by=ADA,
    )
    with settled(place, api, messages, event_store):
        done = hotfix(request)
        if done.outcome is Outcome.WAITING:
            assert main(["approve", done.run_id, "--stage", "change"]) == 0
            hotfix(request)


SAME = {"base", "branch", "conflicts", "reason"}
"""What is the same of every back-port; each place has commits of its own."""


class HotfixShop(KilledShop):
    """A release with a fault, a main branch that went on in another line, and eight answers."""

    workflow, calls, least_points = "hotfix", answers.CALLS + 1, 430
    moved = answers.OTHER_LINE
    deliver = staticmethod(deliver)
    place_of = staticmethod(answers.place_of)
    reply = staticmethod(answers.playing())

    def furnish(self, place):
        answers.make_repository(place / "greeting", self.moved)
        answers.make_ticket(place / "GREET-1.md")

    def effects(self, place):
        return ticket_effects(place)

    def state(self, place, report, events):
        backport = report.backport
        kinds = ("approval_requested", "approval_decided")
        return {
            "questions and answers": ", ".join(one.type for one in events if one.type in kinds),
            "shown by": ", ".join(report.reproduction.red) if report.reproduction else "",
            "release branch": str(report.release and report.release.branch),
            "back-port": backport.model_dump_json(include=SAME) if backport else "",
            "diff of the back-port": (
                backport.changeset.digest if backport and backport.changeset else ""
            ),
            "timeline": str((place / "home/pages/deliveries/greet-1-timeline.md").exists()),
            "ticket": ticket_text(place).split("\n---\n")[0],
        }


class ConflictShop(HotfixShop):
    """The same with a main branch that changed the faulty line, which the agent resolves."""

    moved = answers.SAME_LINE


opened = partial(served, HotfixShop)
in_conflict = partial(served, ConflictShop)
