"""A ticket as a Markdown file: YAML front matter for the fields, the body for the description."""

import mimetypes
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from mergewright.clients.comment_section import read_comments, split_comments
from mergewright.clients.documents import Document, rejected
from mergewright.domain.ticket import StatusCategory, Ticket, TicketKey, TicketKind, TicketSummary

EXAMPLE = """The least that a ticket file holds:

    ---
    key: TODO-7
    title: One line that says what is wanted
    ---
    What should be different, and why.
"""
ORIGIN = "imported_from"
"""Front matter field of the tracker's copy that names the file it was made from."""
OUTSIDE_LINKS = "outside_links"
"""Front matter field with the links that a run made: to its pull request, to itself."""
MAKER = "made_with"
"""Front matter field of a ticket that a run made: the marker."""

_KEY: TypeAdapter[str] = TypeAdapter(TicketKey)
_FIELDS = (
    *("key", "title", "kind", "status", "priority", "labels", "reporter", "links"),
    *("acceptance_criteria", "parent", "components", "story_points", "team", "severity"),
    *(ORIGIN, OUTSIDE_LINKS, MAKER),
)
_MAX_TITLE_CHARACTERS = 300
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(?P<title>.*?)[\s#:]*$")
_ITEM = re.compile(r"\s{0,3}(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?(?P<text>\S.*)$")

E = TypeVar("E", bound=StrEnum)


def is_key(name: str) -> bool:
    """Say whether a name has the form of a ticket key."""
    try:
        _KEY.validate_python(name)
    except ValidationError:
        return False
    return True


def read_ticket(document: Document, *, url: str) -> Ticket:
    """Return the ticket that a file describes.

    Args:
        document: The file.
        url: Where a person finds the ticket.

    Raises:
        Rejected: A field is missing, unknown by a letter or of the wrong form.
    """
    _check_names(document)
    key = _line_of_text(document, "key", required=True)
    if not is_key(key):
        raise _refused(
            document, "key", f"the key {key!r} is not of the form LETTERS-NUMBER, as in 'TODO-7'"
        )
    title = _line_of_text(document, "title", required=True)
    if len(title) > _MAX_TITLE_CHARACTERS:
        raise _refused(document, "title", f"the title is longer than {_MAX_TITLE_CHARACTERS}")
    description = split_comments(document.body)[0].strip()
    if not re.search(r"[^\W_]", description):
        raise rejected(
            document.path,
            document.text.count("\n", 0, document.body_start) + 1,
            "there is no description below the front matter",
            hint=EXAMPLE,
        )
    reporter = _line_of_text(document, "reporter")
    criteria = (*_list_of_text(document, "acceptance_criteria"), *criteria_of(description))
    return Ticket(
        key=key,
        title=title,
        description=description,
        kind=_choice(document, "kind", TicketKind, TicketKind.TASK),
        status=_choice(document, "status", StatusCategory, StatusCategory.TO_DO),
        acceptance_criteria=tuple(dict.fromkeys(criteria)),
        labels=_list_of_text(document, "labels"),
        priority=_line_of_text(document, "priority"),
        reporter=reporter,
        links=_list_of_text(document, "links"),
        parent=_parent(document),
        components=_list_of_text(document, "components"),
        story_points=_number(document, "story_points"),
        team=_line_of_text(document, "team"),
        severity=_line_of_text(document, "severity"),
        comments=read_comments(
            document.body,
            hand=reporter or "somebody",
            fallback_at=datetime.fromtimestamp(0, UTC),
        ),
        url=url,
    )


def media_type_of(name: str) -> str:
    """Return the type of a file by its name; empty when the name does not tell."""
    return mimetypes.guess_type(name, strict=False)[0] or ""


def criteria_of(description: str) -> tuple[str, ...]:
    """Return the items of the list below the heading `Acceptance criteria`."""
    criteria: list[str] = []
    inside = False
    for line in _lines_outside_fences(description):
        if heading := _HEADING.match(line):
            inside = heading["title"].casefold() == "acceptance criteria"
        elif inside and (item := _ITEM.match(line)):
            criteria.append(item["text"].strip())
        elif inside and criteria and re.match(r"\s+\S", line):
            criteria[-1] += f" {line.strip()}"
    return tuple(criteria)


def items_of(text: str) -> tuple[str, ...]:
    """Return the items of all lists outside code, wherever they are."""
    found = (_ITEM.match(line) for line in _lines_outside_fences(text))
    return tuple(item["text"].strip() for item in found if item)


def _lines_outside_fences(text: str) -> Iterator[str]:
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence):
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield line


def _refused(document: Document, field: str, reason: str) -> Exception:
    return rejected(document.path, document.line(field), reason, hint=EXAMPLE)


def _check_names(document: Document) -> None:
    for name in document.fields:
        near = get_close_matches(name.casefold(), _FIELDS, n=1, cutoff=0.8)
        if name not in _FIELDS and near and near[0] not in document.fields:
            raise rejected(
                document.path,
                document.line(name),
                f"there is no field {name!r}",
                hint=f"Write {near[0]!r} if that is meant.",
            )


def _line_of_text(document: Document, field: str, *, required: bool = False) -> str:
    value = document.fields.get(field)
    if value is None or value == "":
        if required:
            raise _refused(document, field, f"the field {field!r} is missing or empty")
        return ""
    if not isinstance(value, str):
        raise _wrong_type(document, field, value, "text")
    if not value.strip().isprintable():
        raise _refused(document, field, f"the field {field!r} is not one line of plain text")
    return value.strip()


def _list_of_text(document: Document, field: str) -> tuple[str, ...]:
    value = document.fields.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _wrong_type(document, field, value, "a list, as in `[one, two]`")
    for item in value:
        if not isinstance(item, str):
            raise _wrong_type(document, field, item, "a list of texts")
    return tuple(str(item).strip() for item in value if item.strip())


def _wrong_type(document: Document, field: str, value: object, wanted: str) -> Exception:
    shown = f"{value!r}" if isinstance(value, (int, float)) else f"a {type(value).__name__}"
    return rejected(
        document.path,
        document.line(field),
        f"the field {field!r} must be {wanted}, and holds {shown}",
        hint=f'Numbers, dates and yes/no that are meant as text are put in quotes: {field}: "..."',
    )


def _parent(document: Document) -> TicketSummary | None:
    key = _line_of_text(document, "parent")
    if key and not is_key(key):
        raise _refused(document, "parent", f"the parent {key!r} is not the key of a ticket")
    return TicketSummary(key=key) if key else None


def _number(document: Document, field: str) -> float | None:
    value = document.fields.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(document, field, f"the field {field!r} must be a number")
    return float(value)


def _choice(document: Document, field: str, choices: type[E], default: E) -> E:
    text = re.sub(r"[\s_-]+", " ", _line_of_text(document, field).casefold())
    if not text:
        return default
    try:
        return choices("to do" if text == "todo" else text)
    except ValueError:
        allowed = ", ".join(choice.value for choice in choices)
        raise rejected(
            document.path,
            document.line(field),
            f"the {field} {document.fields[field]!r} is unknown",
            hint=f"Write one of: {allowed}.",
        ) from None
