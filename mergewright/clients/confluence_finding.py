"""Where our page is in Confluence, and whether the page that is there is ours."""

from pydantic import ValidationError

from mergewright.clients.confluence_changes import Known
from mergewright.clients.confluence_pages import Memory, PageRecord, Pages, Space
from mergewright.clients.confluence_texts import is_marked, label_of
from mergewright.domain.page import PageDraft
from mergewright.errors import NotFound, Rejected

_PARENT = (
    '<ac:structured-macro ac:name="children"><ac:parameter ac:name="sort">title</ac:parameter>'
    "</ac:structured-macro>"
)
"""What a page says that was made because others are below it: the list of these."""


class NotOurs(Rejected):
    """The page that is there was made by others."""


class PageFinder:
    """Finds pages by id, title or marker.

    Args:
        pages: Pages of one Confluence.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def space(self, key: str) -> Space:
        """Return a space.

        Raises:
            NotFound: There is none, or the account may not see it.
            ServiceError: Confluence did not answer, or refused.
        """
        space = self._pages.space(key)
        if space is None:
            raise NotFound(
                f"There is no space {key!r} in Confluence, or the account may not see it.",
                hint="Check the space's key, and that the account may see the space.",
            )
        return space

    def find(self, draft: PageDraft, marker: str, space: Space) -> Known | None:
        """Return the page of a draft, whatever its title is now; None when it is to be made.

        Raises:
            NotFound: There is no page with the draft's id.
            NotOurs: The page was made by others.
            ServiceError: Confluence did not answer, or refused.
        """
        if draft.page_id:
            page = self._pages.get(draft.page_id)
            if page is None:
                raise NotFound(
                    f"There is no page {draft.page_id!r} in Confluence, or it may not be seen.",
                    hint="Check the number in the page's address, and the account's rights.",
                )
            return self._known(page, marker) if draft.sections else self._ours(page, marker)
        page = self._pages.find(space, draft.title)
        if page is not None:
            return self._ours(page, marker)
        for page_id in self._pages.labelled(space, label_of(marker)):
            page = self._pages.get(page_id)
            known = None if page is None else self._known(page, marker)
            if known is not None and _is_ours(known):
                return known
        return None

    def parent_id(self, titles: tuple[str, ...], space: Space) -> str:
        """Return the id of the lowest of these pages, made where they are missing.

        Raises:
            AccessDenied: The account may not add pages.
            ServiceError: Confluence did not answer, or refused.
        """
        parent = ""
        for title in titles:
            page = self._pages.find(space, title) or self._made(space, title, parent)
            parent = page.id
        return parent

    def _made(self, space: Space, title: str, parent: str) -> PageRecord:
        try:
            return self._pages.create(space, title, _PARENT, parent=parent, private=False)
        except Rejected:
            # Another run made it meanwhile.
            page = self._pages.find(space, title)
            if page is None:
                raise
            return page

    def _ours(self, page: PageRecord, marker: str) -> Known:
        known = self._known(page, marker)
        if not _is_ours(known):
            raise NotOurs(
                f"There is a page {page.title!r} in Confluence that is not ours; it is left alone.",
                hint="Give ours another title, or name that page by its id to write sections"
                f" of it: {page.url}",
            )
        return known

    def _known(self, page: PageRecord, marker: str) -> Known:
        stored = self._pages.memory(page.id)
        memory = None
        if stored is not None:
            try:
                memory = Memory.model_validate(stored.value)
            except ValidationError:
                memory = None
        return Known(page, memory, marker, stored)


def _is_ours(known: Known) -> bool:
    if known.memory is None:
        return is_marked(known.page.storage, known.marker)
    return known.memory.owned and known.memory.marker == known.marker
