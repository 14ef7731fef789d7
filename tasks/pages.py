"""The stage that publishes the documentation page of a delivery."""

from mergewright.clients.ports import Wiki
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.page import Page, PageDraft
from mergewright.errors import ChangeRefused
from mergewright.texts.delivery import page_body
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import PageBefore, PageWanted


@stage("Publish the page", kept=False)
def publish_page(run: Run, delivery: Delivery) -> Page:
    """Publish what was changed and why as a page, one page per ticket.

    Raises:
        ServiceError: The wiki refused or did not answer.
    """
    if delivery.ticket is None:
        raise ChangeRefused("There is nothing to publish a page about.")
    profile = profile_of(run)
    wiki = profile.wiki.connect()
    draft = PageDraft(
        space="deliveries",
        slug=delivery.ticket.key.lower(),
        title=f"{delivery.ticket.key}: {delivery.ticket.title}",
        body=page_body(delivery),
    )
    return perform(
        journal_of(run, "page", profile),
        effect="page",
        target=f"{draft.space}/{draft.slug}",
        form=Page,
        wanted=PageWanted(draft=draft),
        act=lambda: wiki.publish(draft),
        reference=lambda page: page.url,
        before=lambda: _before(wiki, draft),
    )


def _before(wiki: Wiki, draft: PageDraft) -> PageBefore:
    page = wiki.page(draft)
    return PageBefore(version=page.version if page else None)
