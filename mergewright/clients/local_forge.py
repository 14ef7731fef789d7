"""A code host that is a folder: one Markdown file per pull request, beside the repository.

The branch holds the change; the file holds what a reviewer reads about it.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

from mergewright.clients.documents import (
    Document,
    file_errors,
    format_document,
    locked,
    parse_document,
    read_document,
    rejected,
    replace_field,
    utc_now,
    write_file,
)
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.errors import NotFound, Rejected, SettingInvalid

_NAME = re.compile(r"(?P<number>[0-9]{4,9})-[a-z0-9-]+\.md")
_SCP_ADDRESS = re.compile(r"(?:[^/@:]+@)?(?P<host>[^/:@]+):(?P<path>.+)")
_MAX_SLUG_CHARACTERS = 60
_REPAIR = "Repair the file, or remove it if the pull request is of no use any more."
_GONE = Compensation("already", "The pull request is not there any more.")

State = Literal["open", "closed", "merged"]
_STATES: dict[object, State] = {"open": "open", "closed": "closed", "merged": "merged"}


class LocalForge:
    """Pull requests as Markdown files.

    Those of the repository `/x/name` or `/x/name.git` are in `/x/name.pulls`.

    Args:
        folder: Where pull requests of all repositories are kept instead.
        fallback: Where those of a repository that is a URL are kept when there is no folder.
        clock: Tells the instant that a pull request carries.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        fallback: Path | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.folder = folder.expanduser().absolute() if folder else None
        self.fallback = fallback.expanduser().absolute() if fallback else None
        self._clock = clock

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket, oldest first.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: A file may not be read.
            Rejected: A file is no longer a pull request.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        documents = _documents(self.pulls_folder(repository))
        return tuple(
            _pull_request(document)
            for document in documents
            if document.fields.get("ticket") == ticket_key
        )

    def open_pull_request(self, draft: PullRequestDraft) -> Effect[PullRequest]:
        """Open a pull request, or update the open one with the same head.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: The folder may not be written to.
            Rejected: A file in it is no longer a pull request.
            ServiceUnavailable: The disk is full or failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        folder = self.pulls_folder(draft.repository)
        # Looking for the head and taking a number are one step: two openers, one pull request.
        with locked(folder):
            documents = _documents(folder)
            for document in documents:
                if _is_open(document) and document.fields.get("head") == draft.head:
                    return Effect(_update(document, draft), found=True)
            number = max((_number(document.path) for document in documents), default=0) + 1
            path = folder / f"{number:04}-{_slug(draft.head)}.md"
            text = _text(draft, number=number, created_at=self._clock().isoformat())
            write_file(path, text)
            return Effect(_pull_request(read_document(path)), found=False)

    def close_pull_request(
        self,
        repository: str,
        number: int,
        *,
        head_commit: str,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Close a pull request without merging it, and say why in its file.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: The file may not be read or written.
            Rejected: The file is no longer a pull request, or its state cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        folder = self.pulls_folder(repository)
        if _numbered(folder, number) is None:
            return _GONE
        with locked(folder):
            document = _numbered(folder, number)
            if document is None:
                return _GONE
            found, where = _pull_request(document), document.path.as_uri()
            if found.state == "merged":
                return Compensation("kept", "It was merged.", where)
            if found.state == "closed":
                return Compensation("already", "The pull request is closed.", where)
            if document.fields.get("head_commit") != head_commit:
                return Compensation("kept", "It offers other commits now.", where)
            if not rehearse:
                write_file(document.path, self._closed(document, reason))
        return Compensation("undone", "It was open; it is closed, not merged.", where)

    def _closed(self, document: Document, reason: str) -> str:
        fields = {
            "state": "closed",
            "closed_at": self._clock().isoformat(),
            "closed_because": " ".join(reason.split()),
        }
        for name, value in fields.items():
            document = parse_document(document.path, replace_field(document, name, value))
        return document.text

    def pulls_folder(self, repository: str) -> Path:
        """Return the folder of a repository's pull requests, which need not exist yet.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: The repository may not be read.
            Rejected: The repository's name is of no use.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        local = _local_path(repository)
        if local is not None:
            with file_errors(local, "read"):
                local = local.resolve()
                if not local.is_dir() or not local.name:
                    raise NotFound(
                        f"There is no repository at {str(local)!r}.",
                        hint="Name the folder of a git repository, or its URL.",
                    )
        address = str(local) if local is not None else _public(repository)
        name = re.sub(r"(?:\.git)?/*$", "", address).rpartition("/")[2].rpartition(":")[2]
        folder = self.folder if local is not None else self.folder or self.fallback
        if folder is not None:
            digest = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:8]
            return folder / f"{_slug(name)}-{digest}.pulls"
        if local is None:
            raise SettingInvalid(
                f"Pull requests of {address!r} have no place: the local forge has no folder.",
                hint="Set the local forge's folder, or choose the code host of this URL.",
            )
        return local.parent / f"{name}.pulls"


def _local_path(repository: str) -> Path | None:
    """Return the path that a repository is at; None when it is elsewhere."""
    if not repository or "\0" in repository:
        raise Rejected(f"{repository!r} is no repository.", hint="Name its folder or its URL.")
    parts = urlsplit(repository) if "://" in repository else None
    if parts is not None:
        local = parts.scheme == "file" and parts.netloc in {"", "localhost"}
        return _work_folder(Path(unquote(parts.path))) if local else None
    path = Path(repository).expanduser()
    with file_errors(path, "read"):
        if _SCP_ADDRESS.fullmatch(repository) and not path.exists():
            return None
    return _work_folder(path.absolute())


def _work_folder(path: Path) -> Path:
    return path.parent if path.name == ".git" else path


def _public(url: str) -> str:
    """Return a URL without user, password, query and `.git`: the same for all who use it."""
    if "://" not in url:
        found = _SCP_ADDRESS.fullmatch(url)
        return f"{found['host']}:{found['path']}".rstrip("/").removesuffix(".git") if found else url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    path = parts.path.rstrip("/").removesuffix(".git")
    return urlunsplit((parts.scheme.lower(), host, path, "", ""))


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_MAX_SLUG_CHARACTERS].strip("-")
    return slug or "change"


def _number(path: Path) -> int:
    found = _NAME.fullmatch(path.name)
    return int(found["number"]) if found else 0


def _documents(folder: Path) -> list[Document]:
    with file_errors(folder, "list"):
        if not folder.exists():
            return []
        paths = sorted((path for path in folder.iterdir() if _number(path)), key=_number)
    return [read_document(path, hint=_REPAIR) for path in paths]


def _numbered(folder: Path, number: int) -> Document | None:
    return next((one for one in _documents(folder) if _number(one.path) == number), None)


def _is_open(document: Document) -> bool:
    return _pull_request(document).state == "open"


def _pull_request(document: Document) -> PullRequest:
    state = _STATES.get(document.fields.get("state"))
    if state is None:
        raise rejected(
            document.path,
            document.line("state"),
            "the state is not one of open, closed, merged",
            hint=_REPAIR,
        )
    return PullRequest(
        number=_number(document.path),
        url=document.path.as_uri(),
        title=_field(document, "title"),
        head=_field(document, "head"),
        base=_field(document, "base"),
        state=state,
    )


def _field(document: Document, name: str) -> str:
    value = document.fields.get(name)
    if not isinstance(value, str) or not value:
        raise rejected(
            document.path, document.line(name), f"the field {name!r} is missing", hint=_REPAIR
        )
    return str(value)


def _update(document: Document, draft: PullRequestDraft) -> PullRequest:
    created_at = _field(document, "created_at")
    text = _text(draft, number=_number(document.path), created_at=created_at)
    if text != document.text:
        write_file(document.path, text)
    return _pull_request(read_document(document.path))


def _text(draft: PullRequestDraft, *, number: int, created_at: str) -> str:
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
    return format_document(fields, draft.body)
