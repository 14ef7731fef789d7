"""Pages in Confluence, on Cloud and on Server or Data Center.

A page is ours if it carries our marker, as a content property or as an anchor that is written with
its text; a page of the same title that does not is never written over. The comment on each version
of ours holds a digest of what we sent, so that a write whose answer was lost is found again.
"""

from mergewright.clients.confluence_api import Client, ConfluenceApi
from mergewright.clients.confluence_changes import Change, Known, section_change, whole_change
from mergewright.clients.confluence_cloud import CloudPages
from mergewright.clients.confluence_errors import VersionConflict
from mergewright.clients.confluence_extras import Extras
from mergewright.clients.confluence_finding import NotOurs, PageFinder
from mergewright.clients.confluence_pages import Memory, PageRecord, Pages, Space
from mergewright.clients.confluence_server import ServerPages
from mergewright.clients.confluence_texts import (
    body_of,
    checked_draft,
    digest_of,
    label_of,
    marker_of,
    message_of,
    note_of,
    part_digests,
    remembered,
)
from mergewright.clients.confluence_undo import bring_back
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.access import Access
from mergewright.domain.page import Page, PageAccess, PageDraft
from mergewright.errors import AccessDenied, NotFound, Rejected

MAX_TURNS = 4
"""How often a page is read again because others wrote to it in between."""


class ConfluenceWiki:
    """Pages in one Confluence.

    Args:
        client: The library's client, as `open_confluence` makes it.
        space: Key of the space of all pages; empty takes each draft's.
        parent: Titles of the pages above all pages, from the top.
        labels: Labels of all pages.
        access: Who may see and edit pages whose drafts do not say.
        template: Markdown in which `{{ body }}` stands for a page's text.
    """

    def __init__(
        self,
        client: Client,
        *,
        space: str = "",
        parent: tuple[str, ...] = (),
        labels: tuple[str, ...] = (),
        access: PageAccess | None = None,
        template: str = "",
    ) -> None:
        api = ConfluenceApi(client)
        self._pages: Pages = CloudPages(api) if api.is_cloud else ServerPages(api)
        self._extras = Extras(api)
        self._finder = PageFinder(self._pages)
        self._space = space
        self._parent = parent
        self._labels = labels
        self._access = access or PageAccess()
        self._template = template

    def publish(self, draft: PageDraft) -> Effect[Page]:
        """Write a page; the same body makes no new version.

        Raises:
            NotFound: There is no such space, or no page with the draft's id.
            AccessDenied: The account may not write there.
            Rejected: The title is taken by a page of others, or others changed the same part.
            RateLimited: Confluence asks to wait.
            ServiceUnavailable: Confluence does not answer.
        """
        settled, marker = self._settled(draft)
        space = self._finder.space(settled.space)
        page, found = self._written(settled, marker, space)
        # The label is what finds the page when its title has changed.
        labels = (*settled.labels, label_of(marker)) if not settled.page_id else settled.labels
        if labels:
            self._extras.label(page, labels)
        for attachment in settled.attachments:
            self._extras.attach(page, attachment)
        if settled.access != PageAccess():
            self._extras.restrict(page, settled.access, self._pages.account())
        return Effect(_shown(page), found)

    def page(self, draft: PageDraft) -> Page | None:
        """Return the page as it is that a draft would be published to, or None.

        Raises:
            NotFound: There is no such space.
            Rejected: The title is taken by a page of others.
            ServiceError: Confluence did not answer, or refused.
        """
        settled, marker = self._settled(draft)
        known = self._finder.find(settled, marker, self._finder.space(settled.space))
        return None if known is None else _shown(known.page)

    def restore(
        self, draft: PageDraft, *, version: int, before: int | None, rehearse: bool = False
    ) -> Compensation:
        """Bring back what a page was before, as a new version; remove it if it was not there.

        Raises:
            NotFound: There is no such space, or the account may not see it any more.
            AccessDenied: The account may not change it.
            ServiceError: Confluence did not answer, or refused.
        """
        settled, marker = self._settled(draft)
        space = self._finder.space(settled.space)
        try:
            known = self._finder.find(settled, marker, space)
        except (NotFound, NotOurs):
            known = None
        if known is None:
            return Compensation("already", "The page is not there any more.")
        return bring_back(self._pages, known, version=version, before=before, rehearse=rehearse)

    def check(self) -> Access:
        """Say who we are, and what we may not do in the wiki's own space.

        Raises:
            NotFound: There is no such space, or the account may not see it.
            AccessDenied: The credential is wrong, or the account may not add pages.
            ServiceError: Confluence did not answer, or refused.
        """
        own = self._pages.account()
        account = own.name or own.id
        if not self._space:
            return Access(account=account)
        space = self._pages.with_rights(self._finder.space(self._space))
        if not space.may_create:
            raise _may_not_create(space)
        if not space.tells_rights:
            account += " (this Confluence does not tell rights: the first page shows them)"
        return Access(account=account, place=space.key, missing=space.lacks)

    def _settled(self, draft: PageDraft) -> tuple[PageDraft, str]:
        marker = marker_of(draft, draft.space)
        access = draft.access if draft.access != PageAccess() else self._access
        settled = draft.model_copy(
            update={
                "space": self._space or draft.space,
                "parent": (*self._parent, *draft.parent),
                "labels": (*self._labels, *draft.labels),
                "access": access,
            }
        )
        return checked_draft(settled), marker

    def _written(self, draft: PageDraft, marker: str, space: Space) -> tuple[PageRecord, bool]:
        for _ in range(MAX_TURNS):
            found = self._finder.find(draft, marker, space)
            try:
                if found is None:
                    return self._made(draft, marker, space), False
                return self._changed(draft, found)
            except VersionConflict:
                # Somebody was faster: look again at what is there now.
                continue
        raise Rejected(
            f"Others write to the page {draft.title!r} faster than it can be read.",
            hint="Start the same run again when they have finished.",
        )

    def _made(self, draft: PageDraft, marker: str, space: Space) -> PageRecord:
        if not space.may_create:
            raise _may_not_create(space)
        parent = self._finder.parent_id(draft.parent, space)
        body = body_of(draft, self._template)
        storage = note_of(draft.origin, marker) + body
        private = bool(draft.access.viewers)
        try:
            page = self._pages.create(space, draft.title, storage, parent=parent, private=private)
        except Rejected as refused:
            # Two runs at once: a title is there once in a space, so one of them was first.
            if self._finder.find(draft, marker, space) is None:
                raise
            raise VersionConflict(refused.message, hint=refused.hint) from refused
        digest = digest_of(draft.title, body)
        memory = Memory(
            marker=marker, version=page.version, digest=digest, parts=part_digests(body)
        )
        self._pages.remember(page.id, remembered(memory), None)
        return page

    def _changed(self, draft: PageDraft, known: Known) -> tuple[PageRecord, bool]:
        change = self._change(draft, known)
        page = known.page
        if change.storage is not None:
            title = page.title if draft.sections else draft.title
            message = message_of(change.digest)
            page = self._updated(page, title=title, storage=change.storage, message=message)
            change.memory.version = page.version
        memory = remembered(change.memory)
        if memory != known.memory:
            self._pages.remember(page.id, memory, known.stored)
        return page, change.storage is None

    def _updated(self, page: PageRecord, *, title: str, storage: str, message: str) -> PageRecord:
        try:
            return self._pages.update(page, title=title, storage=storage, message=message)
        except Rejected as refused:
            # Not every Confluence answers 409 when somebody was faster.
            now = self._pages.get(page.id)
            if now is None or now.version == page.version:
                raise
            raise VersionConflict(refused.message, hint=refused.hint) from refused

    def _change(self, draft: PageDraft, known: Known) -> Change:
        if draft.sections:
            return section_change(self._pages, known, draft)
        return whole_change(self._pages, known, draft, self._template)


def _shown(page: PageRecord) -> Page:
    return Page(url=page.url, title=page.title, version=page.version, id=page.id)


def _may_not_create(space: Space) -> AccessDenied:
    return AccessDenied(
        f"The account may not add pages to the space {space.key!r}.",
        hint="Ask the space's administrator for the permission to add pages.",
    )
