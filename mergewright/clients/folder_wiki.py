"""A wiki that is a folder: one Markdown file per page, earlier versions kept beside it."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from mergewright.clients.documents import (
    Document,
    file_errors,
    format_document,
    locked,
    read_document,
    rejected,
    utc_now,
    write_file,
)
from mergewright.clients.ports import Effect
from mergewright.domain.page import Page, PageDraft
from mergewright.errors import Rejected

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REPAIR = "Repair the file's front matter, or move the file away and publish again."


class FolderWiki:
    """Pages as Markdown files: `<folder>/<space>/<slug>.md`.

    Earlier versions are in `<folder>/<space>/.versions/<slug>.<version>.md`.

    Args:
        folder: Where the spaces are; made when first written to.
        clock: Tells the instant that a version carries.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder.expanduser().absolute()
        self._clock = clock

    def publish(self, draft: PageDraft) -> Effect[Page]:
        """Write a page; the same body makes no new version.

        Raises:
            AccessDenied: The folder may not be written to.
            Rejected: The page's space or slug is no file name, or its file is no longer a page.
            ServiceUnavailable: The disk is full or failed.
        """
        space = self.folder / _file_name(draft.space, "space")
        path = space / f"{_file_name(draft.slug, 'slug')}.md"
        title = " ".join(draft.title.split())
        with locked(space):
            with file_errors(path, "read"):
                known = read_document(path, hint=_REPAIR) if path.exists() else None
            version = _version(known) if known else 0
            if known is not None and known.body.strip() == _body(draft):
                if known.fields.get("title") != title:
                    write_file(path, self._text(draft, title, version))
                return Effect(Page(url=path.as_uri(), title=title, version=version), found=True)
            if known is not None:
                # Kept before it is replaced: killed in between, the same copy is written again.
                write_file(space / ".versions" / f"{draft.slug}.{version}.md", known.text)
            write_file(path, self._text(draft, title, version + 1))
        return Effect(Page(url=path.as_uri(), title=title, version=version + 1), found=False)

    def _text(self, draft: PageDraft, title: str, version: int) -> str:
        updated_at = self._clock().isoformat()
        fields = {"title": title, "version": version, "updated_at": updated_at}
        return format_document(fields, draft.body)


def _body(draft: PageDraft) -> str:
    written = draft.body.encode("utf-8", "replace").decode()
    return written.replace("\r\n", "\n").strip()


def _file_name(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise Rejected(
            f"The page's {what} {name!r} cannot be a file name.",
            hint="Use up to 100 letters, digits, dots, dashes and underscores.",
        )
    return name


def _version(document: Document) -> int:
    version = document.fields.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise rejected(
            document.path, document.line("version"), "the version is no number", hint=_REPAIR
        )
    return int(version)
