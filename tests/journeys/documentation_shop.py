"""documentation of a tiny library, as a workload of the crash matrix.

`python -m mergewright.testing.crashes tests.journeys.documentation_shop:opened` tries every point.
"""

from functools import partial
from pathlib import Path

from flows.documentation import documentation
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.testing.messages_server import Reply
from tests.journeys import documentation_answers as answers
from tests.journeys.killed_shop import KilledShop, served, settled
from tests.journeys.places import MODEL
from tests.journeys.tally_answers import turn_of

POLICY = "documentation: {pages: [docs/**]}\nreviewers: [zoe]\n"


def deliver(place: Path, api: str, messages: str, event_store: str) -> None:
    """Run the flow in this process, which is a fresh one."""
    with settled(place, api, messages, event_store):
        documentation(DocumentationRequest(repository=str(place / "greeting"), model=MODEL))


class DocumentationShop(KilledShop):
    """A library whose two documents tell what its code had, and a server that corrects them."""

    workflow, calls, least_points = "documentation", 3, 130
    deliver = staticmethod(deliver)
    place_of = staticmethod(lambda body: ("write", turn_of(body)))
    reply = staticmethod(answers.playing(Reply(tools=answers.MENDS), answers.CHECKED, answers.DONE))

    def furnish(self, place):
        answers.make_repository(place / "greeting", policy=POLICY)
        answers.rename(place / "greeting")

    def state(self, place, report, events):
        found = report.documentation.findings if report.documentation else ()
        pages = sorted((place / "home" / "pages" / "documentation").glob("*.md"))
        return {
            "findings": ", ".join(f"{one.fault} {one.path}" for one in found),
            "pages": "\n".join(page.read_text().partition("\n---\n")[2] for page in pages),
        }


opened = partial(served, DocumentationShop)
