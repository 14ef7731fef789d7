"""Bringing back what a page in Confluence was before we wrote to it."""

from mergewright.clients.confluence_changes import Known
from mergewright.clients.confluence_errors import VersionConflict
from mergewright.clients.confluence_pages import MESSAGE_PREFIX, Memory, PageRecord, Pages
from mergewright.clients.ports import Compensation
from mergewright.clients.storage_format_tree import canonical


def bring_back(
    pages: Pages, known: Known, *, version: int, before: int | None, rehearse: bool
) -> Compensation:
    """Bring back what a page was before, as a new version; remove it if it was not there.

    Args:
        pages: Pages of one Confluence.
        known: The page as it is.
        version: The version that we made: with a newer one, the page is kept.
        before: The version to bring back; None when there was no page.
        rehearse: Only say what would come of it.

    Raises:
        ServiceError: Confluence did not answer, or refused.
    """
    page = known.page
    earlier = None if before is None else pages.get(page.id, before)
    if found := _reason_to_keep(pages, page, version, before, earlier):
        return found._replace(reference=page.url)
    if earlier is None:
        if not rehearse:
            pages.trash(page)
        return Compensation("undone", "It was not there before: it is in the trash.")
    if not rehearse:
        message = f"{MESSAGE_PREFIX}brought back version {before}"
        try:
            back = pages.update(page, title=earlier.title, storage=earlier.storage, message=message)
        except VersionConflict:
            return Compensation("kept", "Others were writing to it just now.", page.url)
        # Without a digest the next publication knows that the page does not say its text.
        owned = known.memory.owned if known.memory else True
        memory = Memory(marker=known.marker, owned=owned, version=back.version)
        pages.remember(page.id, memory, known.stored)
    return Compensation("undone", f"It says again what version {before} said.", page.url)


def _reason_to_keep(
    pages: Pages, page: PageRecord, version: int, before: int | None, earlier: PageRecord | None
) -> Compensation | None:
    if earlier is not None and page.version > version and _says_the_same(page, earlier):
        return Compensation("already", f"Version {page.version} says what version {before} said.")
    if page.version != version:
        who = pages.name_of(page)
        told = f"{who} has written version {page.version} since ours, {version}."
        return Compensation("kept", told)
    if before is not None and earlier is None:
        return Compensation(
            "kept", f"Version {before} is not there any more, so it cannot be put back."
        )
    return None


def _says_the_same(page: PageRecord, earlier: PageRecord) -> bool:
    return page.title == earlier.title and canonical(page.storage) == canonical(earlier.storage)
