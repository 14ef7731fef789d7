"""What is written to a page of ours: its text with the note, its digests, and its marker."""

import hashlib
import json
import re
import unicodedata

from mergewright.clients.confluence_pages import MESSAGE_PREFIX, Memory, PageRecord
from mergewright.clients.storage_format import to_storage
from mergewright.clients.storage_format_inline import attribute, macro, parameter, text
from mergewright.clients.storage_format_sections import part_digest, part_name, parts_of
from mergewright.domain.page import PageDraft, PageOrigin
from mergewright.errors import Rejected

MAX_TITLE_CHARACTERS = 255
MAX_LABEL_CHARACTERS = 255
MAX_REMEMBERED_CHARACTERS = 28_000
"""Source: a content property holds 32 768 characters of JSON."""

_SPACE_KEY = re.compile(r"~?[A-Za-z0-9._-]{1,255}")
_PAGE_ID = re.compile(r"\d{1,20}")
_NOT_IN_LABEL = re.compile(r"[\s!#&()*,.:;<>?@\[\]^\x00-\x1f\x7f]")
_WEB = re.compile(r"https?://", re.IGNORECASE)


def checked_draft(draft: PageDraft) -> PageDraft:
    """Return a draft in the form that Confluence takes, or refuse it before anything is changed.

    Raises:
        Rejected: Its space, id, a title or a label cannot be one of Confluence's.
    """
    if not _SPACE_KEY.fullmatch(draft.space):
        raise Rejected(
            f"{draft.space!r} cannot be the key of a space in Confluence.",
            hint="Name the space by its key, as in 'ENG'; it stands in the addresses of its pages.",
        )
    if draft.page_id and not _PAGE_ID.fullmatch(draft.page_id):
        raise Rejected(
            f"{draft.page_id!r} cannot be the id of a page in Confluence.",
            hint="The id is the number in the page's address.",
        )
    title = _checked_title(draft.title)
    parent = tuple(_checked_title(one) for one in draft.parent)
    if title in parent:
        raise Rejected(
            f"The page {title!r} cannot be below itself.", hint="Give the page another title."
        )
    labels = tuple(dict.fromkeys(_checked_label(one) for one in draft.labels))
    return draft.model_copy(update={"title": title, "parent": parent, "labels": labels})


def _checked_title(title: str) -> str:
    line = " ".join(title.split())
    hidden = any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} for letter in line)
    if not line or len(line) > MAX_TITLE_CHARACTERS or hidden:
        why = "it is empty" if not line else f"it has {len(line)} characters"
        raise Rejected(
            f"{line[:80]!r} cannot be the title of a page: "
            f"{'it has characters that are not seen' if hidden else why}.",
            hint=f"Give it a title of 1 to {MAX_TITLE_CHARACTERS} visible characters.",
        )
    return line


def _checked_label(label: str) -> str:
    name = "-".join(label.lower().split())
    if not name or len(name) > MAX_LABEL_CHARACTERS or _NOT_IN_LABEL.search(name):
        raise Rejected(
            f"{label!r} cannot be a label in Confluence.",
            hint="Labels have letters, digits, dashes and underscores.",
        )
    return name


def marker_of(draft: PageDraft, space: str) -> str:
    """Return what the page of a draft is known by, whatever its title is.

    Args:
        draft: What is published.
        space: The draft's own space, before the wiki's key took its place.
    """
    return f"{space}/{draft.slug}"


def label_of(marker: str) -> str:
    """Return the label that finds the page with a marker."""
    return f"mergewright-{hashlib.sha256(marker.encode()).hexdigest()[:16]}"


def is_marked(storage: str, marker: str) -> bool:
    """Whether a page has the anchor that was written with it."""
    name = re.escape(label_of(marker))
    return re.search(rf'<ac:parameter\s+ac:name=""\s*>{name}</ac:parameter>', storage) is not None


def anchor(marker: str) -> str:
    """Return an anchor that nobody sees: it is there as soon as the page is."""
    name = f"<ac:parameter ac:name={attribute('')}>{label_of(marker)}</ac:parameter>"
    return macro("anchor", name)


def body_of(draft: PageDraft, template: str) -> str:
    """Return a page's text without the note.

    Args:
        draft: What is published.
        template: Markdown in which `{{ body }}` stands for the text; empty means just the text.
    """
    body = template.replace("{{ body }}", draft.body) if template else draft.body
    sections = "".join(
        f"<h2>{text(section.heading)}</h2>{to_storage(section.body)}" for section in draft.sections
    )
    return to_storage(body) + sections


def note_of(origin: PageOrigin, marker: str) -> str:
    """Return the note that says what generated a page, and how long changes by hand last."""
    links = [
        f"<a href={attribute(url)}>{label}</a>" if _WEB.match(url) else f"<code>{text(url)}</code>"
        for url, label in ((origin.run_url, "run"), (origin.pull_request_url, "pull request"))
        if url
    ]
    of = f": {', '.join(links)}" if links else ""
    told = "Changes by hand stay, unless the same part is generated anew with another text."
    inside = f"<p>{anchor(marker)}Generated by Mergewright{of}. {told}</p>"
    title = parameter("title", "Generated page")
    return macro("info", title, f"<ac:rich-text-body>{inside}</ac:rich-text-body>")


def digest_of(title: str, body: str) -> str:
    """Return the digest of a title and a text."""
    return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()[:32]


def message_of(digest: str) -> str:
    """Return the comment on a version of ours; people read it in the page's history."""
    return f"{MESSAGE_PREFIX}{digest}"


def says(record: PageRecord, digest: str) -> bool:
    """Whether a version was made for a text: known even if we were killed before we noted it."""
    return record.message == message_of(digest)


def part_digests(body: str) -> dict[str, str]:
    """Return a digest for each part of a text without its note."""
    return {part_name(key): part_digest(part) for key, part in parts_of(body).items()}


def remembered(memory: Memory) -> Memory:
    """Return a memory that fits into a content property."""
    if len(json.dumps(memory.parts)) <= MAX_REMEMBERED_CHARACTERS:
        return memory
    return memory.model_copy(update={"parts": {}})
