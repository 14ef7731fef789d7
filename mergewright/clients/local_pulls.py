"""A pull request as a Markdown file: front matter for what it is, the body for what it says."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from mergewright.clients.documents import (
    Document,
    file_errors,
    format_document,
    read_document,
    rejected,
    write_file,
)
from mergewright.domain.pull_request import PullRequest, PullRequestDraft

_NAME = re.compile(r"(?P<number>[0-9]{4,9})-[a-z0-9-]+\.md")
_REPAIR = "Repair the file, or remove it if the pull request is of no use any more."

State = Literal["open", "closed", "merged"]
_STATES: dict[object, State] = {"open": "open", "closed": "closed", "merged": "merged"}

KEPT = ("reviewers", "team_reviewers", "assignees", "milestone")
"""Fields that a new text of the pull request leaves as they are."""


def number_of(path: Path) -> int:
    """Return the number in a file's name; zero when it is not that of a pull request."""
    found = _NAME.fullmatch(path.name)
    return int(found["number"]) if found else 0


def documents_in(folder: Path) -> list[Document]:
    """Return the files of the pull requests in a folder, lowest number first.

    Raises:
        AccessDenied: A file may not be read.
        Rejected: A file is no longer a pull request.
        ServiceUnavailable: The disk failed.
    """
    with file_errors(folder, "list"):
        if not folder.exists():
            return []
        paths = sorted((path for path in folder.iterdir() if number_of(path)), key=number_of)
    return [read_document(path, hint=_REPAIR) for path in paths]


def numbered(folder: Path, number: int) -> Document | None:
    """Return the file of one pull request, or None when there is none.

    Raises:
        AccessDenied: A file may not be read.
        Rejected: A file is no longer a pull request.
        ServiceUnavailable: The disk failed.
    """
    return next((one for one in documents_in(folder) if number_of(one.path) == number), None)


def is_open(document: Document) -> bool:
    """Whether it is neither closed nor merged."""
    return pull_request_of(document).state == "open"


def pull_request_of(document: Document) -> PullRequest:
    """Return the pull request that a file describes.

    Raises:
        Rejected: A field is missing or has a wrong form.
    """
    state = _STATES.get(document.fields.get("state"))
    if state is None:
        raise rejected(
            document.path,
            document.line("state"),
            "the state is not one of open, closed, merged",
            hint=_REPAIR,
        )
    return PullRequest(
        number=number_of(document.path),
        url=document.path.as_uri(),
        title=_field(document, "title"),
        head=_field(document, "head"),
        base=_field(document, "base"),
        state=state,
        draft=document.fields.get("draft") is True,
        head_commit=str(document.fields.get("head_commit") or ""),
        labels=names_in(document, "labels"),
        reviewers=names_in(document, "reviewers"),
        team_reviewers=names_in(document, "team_reviewers"),
        assignees=names_in(document, "assignees"),
        milestone=str(document.fields.get("milestone") or ""),
    )


def _field(document: Document, name: str) -> str:
    value = document.fields.get(name)
    if not isinstance(value, str) or not value:
        raise rejected(
            document.path, document.line(name), f"the field {name!r} is missing", hint=_REPAIR
        )
    return str(value)


def names_in(document: Document, name: str) -> tuple[str, ...]:
    """Return the names that a field lists.

    Raises:
        Rejected: It is no list.
    """
    value = document.fields.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise rejected(
            document.path, document.line(name), f"the field {name!r} is no list", hint=_REPAIR
        )
    return tuple(str(one) for one in value)


def changed(document: Document, changes: Mapping[str, str | bool | Sequence[str]]) -> None:
    """Write fields of a pull request; a field that is empty then is left out.

    Raises:
        AccessDenied: The file may not be written.
        ServiceUnavailable: The disk is full or failed.
    """
    fields = dict(document.fields)
    for name, value in changes.items():
        fields.pop(name, None)
        if value or name == "labels":
            fields[name] = value if isinstance(value, str | bool) else list(value)
    write_file(document.path, format_document(fields, document.body))


def updated(document: Document, draft: PullRequestDraft) -> PullRequest:
    """Give a pull request a new title and text; what it has been given since stays.

    Raises:
        AccessDenied: The file may not be written.
        Rejected: The file is no longer a pull request.
        ServiceUnavailable: The disk is full or failed.
    """
    created_at = _field(document, "created_at")
    labels = (*names_in(document, "labels"), *draft.labels)
    draft = draft.model_copy(
        update={
            "labels": tuple(dict.fromkeys(labels)),
            "draft": document.fields.get("draft") is True,
        }
    )
    kept = {name: document.fields[name] for name in KEPT if name in document.fields}
    text = text_of(draft, number=number_of(document.path), created_at=created_at, kept=kept)
    if text != document.text:
        write_file(document.path, text)
    return pull_request_of(read_document(document.path))


def text_of(
    draft: PullRequestDraft,
    *,
    number: int,
    created_at: str,
    kept: Mapping[str, object] | None = None,
) -> str:
    """Return the text of a pull request's file.

    Args:
        draft: What it offers.
        number: Its number.
        created_at: When it was opened.
        kept: Fields that it has been given since.
    """
    fields: dict[str, object] = {
        "number": number,
        "title": " ".join(draft.title.split()),
        "state": "open",
        "head": draft.head,
        "head_commit": draft.head_commit,
        "base": draft.base,
        "base_commit": draft.base_commit,
        "ticket": draft.ticket_key,
        "labels": list(draft.labels),
        "created_at": created_at,
    }
    fields |= {"draft": True} if draft.draft else {}
    return format_document({**fields, **(kept or {})}, draft.body)
