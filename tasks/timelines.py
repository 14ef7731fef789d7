"""The stage that publishes what happened when, for the report of an incident."""

from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.page import Page, PageDraft, PageOrigin
from mergewright.errors import ChangeRefused
from mergewright.events import projections
from mergewright.texts.timeline import timeline
from tasks._addresses import run_address
from tasks._policies import stage
from tasks._runs import event_store
from tasks.pages import SPACE, publish_draft


@stage("Publish the timeline", kept=False, repeats=1)
def publish_timeline(run: Run, delivery: Delivery) -> Page:
    """Publish what happened when as a page, one per ticket.

    Raises:
        ChangeRefused: There is no ticket to tell about.
        ServiceError: The wiki refused or did not answer.
    """
    ticket, opened = delivery.ticket, delivery.pull_request
    if ticket is None:
        raise ChangeRefused("There is nothing to publish a timeline about.")
    draft = PageDraft(
        space=SPACE,
        slug=f"{ticket.key.lower()}-timeline",
        title=f"{ticket.key}: timeline of the hotfix",
        body=timeline(delivery, projections.read_events(event_store(), run.id)),
        origin=PageOrigin(run_url=run_address(run), pull_request_url=opened.url if opened else ""),
    )
    return publish_draft(run, draft, stage_id="timeline")
