"""What is to be written to a page that is there: all of ours, or sections, around others' changes.

Others' changes stay where they are in other parts than ours. In the same part they are not lost
without a word: the write is refused, with who changed what.
"""

from dataclasses import dataclass

from mergewright.clients.confluence_pages import (
    MESSAGE_PREFIX,
    Memory,
    PageRecord,
    Pages,
    StoredMemory,
)
from mergewright.clients.confluence_texts import (
    body_of,
    digest_of,
    note_of,
    part_digests,
    says,
)
from mergewright.clients.storage_format import to_storage
from mergewright.clients.storage_format_inline import text
from mergewright.clients.storage_format_sections import (
    MergeConflict,
    merge,
    part_digest,
    replace_section,
    section_of,
)
from mergewright.clients.storage_format_tree import NotStorage, canonical
from mergewright.domain.page import PageDraft, PageSection
from mergewright.errors import Rejected

_HINT = (
    "Take over what they wrote into the source, or undo it on the page, then start the run again."
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written."""

    storage: str | None
    """None when the page says it already."""
    digest: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class Known:
    """A page that is there, and what we remember of it."""

    page: PageRecord
    memory: Memory | None
    marker: str
    stored: StoredMemory | None = None
    """The same, as Confluence keeps it."""


def whole_change(pages: Pages, known: Known, draft: PageDraft, template: str) -> Change:
    """Return what is to be written so that a page says all that a draft says.

    Raises:
        Rejected: Others changed what would be written.
        ServiceError: Confluence did not answer, or refused.
    """
    body = body_of(draft, template)
    digest = digest_of(draft.title, body)
    page, memory = known.page, known.memory
    fresh = Memory(marker=known.marker, digest=digest, parts=part_digests(body))
    if says(page, digest) or (memory and memory.digest == digest and not _is_newer(pages, known)):
        kept = {} if memory is None else memory.foreign
        version = memory.version if memory and memory.digest == digest else page.version
        return Change(None, digest, fresh.model_copy(update={"version": version, "foreign": kept}))
    note = note_of(draft.origin, known.marker)
    if memory is None:
        if canonical(page.storage) == canonical(note + body):
            return Change(None, digest, fresh.model_copy(update={"version": page.version}))
        _check_untouched(pages, page)
        return Change(note + body, digest, fresh)
    base = _base(pages, known)
    sent = {} if _is_newer(pages, known) else memory.parts
    foreign = memory.foreign
    try:
        merged = merge(base, body, page.storage, note=note, sent=sent, foreign=foreign)
    except MergeConflict as conflict:
        raise _refusal(pages, page, conflict.parts, foreign) from conflict
    except NotStorage as error:
        raise _unreadable(page) from error
    who = pages.name_of(page) if merged.kept else ""
    kept = {name: foreign.get(name, who) for name in merged.kept}
    fresh = fresh.model_copy(update={"foreign": kept})
    same = page.title == draft.title and canonical(merged.storage) == canonical(page.storage)
    if same:
        return Change(None, digest, fresh.model_copy(update={"version": page.version}))
    return Change(merged.storage, digest, fresh)


def section_change(pages: Pages, known: Known, draft: PageDraft) -> Change:
    """Return what is to be written so that sections of a page say what a draft's sections say.

    Raises:
        Rejected: Others changed these sections, or a heading is there twice.
        ServiceError: Confluence did not answer, or refused.
    """
    page = known.page
    memory = known.memory or Memory(marker=known.marker, owned=False)
    try:
        foreign = memory.foreign | _foreign_sections(pages, known, memory)
        storage, blocked = page.storage, []
        parts = dict(memory.parts)
        for section in draft.sections:
            body, name = to_storage(section.body), section_name(section)
            if parts.get(name) == part_digest(body):
                continue
            if name in foreign:
                blocked.append(section.heading)
                continue
            storage = _with_section(page, storage, section.heading, body)
            parts[name] = part_digest(body)
    except NotStorage as error:
        raise _unreadable(page) from error
    if blocked:
        named = {title: foreign[f"section:{title}"] for title in blocked}
        raise _refusal(pages, page, tuple(repr(title) for title in blocked), named)
    digest = digest_of(page.title, storage)
    fresh = memory.model_copy(update={"parts": parts, "foreign": foreign})
    if storage == page.storage:
        return Change(None, digest, fresh.model_copy(update={"version": page.version}))
    return Change(storage, digest, fresh)


def section_name(section: PageSection) -> str:
    """Return the name under which a section is remembered."""
    return f"section:{section.heading}"


def _with_section(page: PageRecord, storage: str, heading: str, body: str) -> str:
    now = section_of(storage, heading)
    if now is None:
        return f"{storage}<h2>{text(heading)}</h2>{body}"
    if canonical(now) == canonical(body):
        return storage
    try:
        return replace_section(storage, heading, body)
    except KeyError as error:
        raise Rejected(
            f"The page {page.title!r} has more than one heading {heading!r}.",
            hint=f"Give the headings different texts: {page.url}",
        ) from error


def _foreign_sections(pages: Pages, known: Known, memory: Memory) -> dict[str, str]:
    """Return the sections of ours that others changed since, and who that was."""
    page = known.page
    if not memory.parts or memory.version == page.version or _is_own(pages, page):
        return {}
    base = pages.get(page.id, memory.version)
    changed = {}
    for name in memory.parts:
        heading = name.removeprefix("section:")
        before = section_of(base.storage, heading) if base and name != heading else None
        now = section_of(page.storage, heading)
        if name != heading and (before is None or canonical(before) != canonical(now or "")):
            changed[name] = pages.name_of(page)
    return changed


def _is_own(pages: Pages, page: PageRecord) -> bool:
    return page.message.startswith(MESSAGE_PREFIX) and page.author == pages.account().id


def _is_newer(pages: Pages, known: Known) -> bool:
    """Whether a version of ours is there that we were killed before noting."""
    memory = known.memory
    return memory is not None and known.page.version > memory.version and _is_own(pages, known.page)


def _base(pages: Pages, known: Known) -> str:
    """Return the page as it was when we wrote it last."""
    page, memory = known.page, known.memory
    if memory is None or memory.version == page.version or _is_own(pages, page):
        return page.storage
    earlier = pages.get(page.id, memory.version)
    if earlier is None:
        raise _refusal(pages, page, ("the text",), {})
    return earlier.storage


def _check_untouched(pages: Pages, page: PageRecord) -> None:
    """Refuse to write over a page of ours that we know nothing of, if others wrote to it."""
    own = page.author == pages.account().id and (page.version == 1 or _is_own(pages, page))
    if not own:
        raise _refusal(pages, page, ("the text",), {})


def _refusal(
    pages: Pages, page: PageRecord, parts: tuple[str, ...], foreign: dict[str, str]
) -> Rejected:
    names = set(foreign.values()) or {pages.name_of(page)}
    return Rejected(
        f"{' and '.join(sorted(names))} changed {', '.join(parts)} of the page {page.title!r} "
        f"since we wrote it; the newest version is {page.version}.",
        hint=f"{_HINT} {page.url}",
    )


def _unreadable(page: PageRecord) -> Rejected:
    return Rejected(
        f"The page {page.title!r} is in a form that is not understood, so nothing was changed.",
        hint=f"Open the page in Confluence's editor and save it again: {page.url}",
    )
