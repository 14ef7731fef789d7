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
from mergewright.clients.markdown_sections import with_sections
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.page import Page, PageDraft
from mergewright.errors import Rejected

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REPAIR = "Repair the file's front matter, or move the file away and publish again."
_GONE = Compensation("already", "The page is not there any more.")


class FolderWiki:
    """Pages as Markdown files: `<folder>/<space>/<slug>.md`.

    Earlier versions are in `<folder>/<space>/.versions/<slug>.<version>.md`, attachments in
    `<folder>/<space>/<slug>.files/`. Parents, labels and what generated a page are in its front
    matter; who may see a folder is a matter of its own rights.

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
            Rejected: The page's space or slug or an attachment's name is no file name, or its file
                is no longer a page.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._path(draft)
        for attachment in draft.attachments:
            _file_name(attachment.name, "attachment")
        title = " ".join(draft.title.split())
        with locked(path.parent):
            known = _read(path)
            version = _version(known) if known else 0
            if draft.sections and known is not None:
                title = str(known.fields.get("title") or title)
            self._attach(draft, path)
            if known is not None and known.body.strip() == _body(draft, known):
                if not _same_fields(known, _about(draft, title)):
                    write_file(path, self._text(draft, title, version, known))
                return Effect(Page(url=path.as_uri(), title=title, version=version), found=True)
            if known is not None:
                _keep(known, version)
            write_file(path, self._text(draft, title, version + 1, known))
        return Effect(Page(url=path.as_uri(), title=title, version=version + 1), found=False)

    def page(self, draft: PageDraft) -> Page | None:
        """Return the page as it is that a draft would be published to, or None.

        Raises:
            AccessDenied: The file may not be read.
            Rejected: The page's space or slug is no file name, or its file is no longer a page.
            ServiceUnavailable: The disk failed.
        """
        path = self._path(draft)
        known = _read(path)
        if known is None:
            return None
        title = str(known.fields.get("title") or "")
        return Page(url=path.as_uri(), title=title, version=_version(known))

    def restore(
        self, draft: PageDraft, *, version: int, before: int | None, rehearse: bool = False
    ) -> Compensation:
        """Bring back what a page was before, as a new version; remove it if it was not there.

        Raises:
            AccessDenied: The folder may not be written to.
            Rejected: The page's space or slug is no file name, or its file is no longer a page.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._path(draft)
        if _read(path) is None:
            return _GONE
        with locked(path.parent):
            known = _read(path)
            earlier = None if before is None else _read(_kept(path, before))
            if known is None:
                return _GONE
            if found := _reason_to_keep(draft, version, known, earlier):
                return found._replace(reference=path.as_uri())
            if before is not None and earlier is None:
                told = f"Version {before} is not there any more, so it cannot be put back."
                return Compensation("kept", told, path.as_uri())
            if not rehearse:
                self._put_back(draft, version, known, earlier)
        if earlier is None:
            return Compensation("undone", "It was not there before: it is removed.")
        told = f"It says again what version {before} said."
        return Compensation("undone", told, path.as_uri())

    def _put_back(
        self, draft: PageDraft, version: int, known: Document, earlier: Document | None
    ) -> None:
        _keep(known, version)
        if earlier is None:
            with file_errors(known.path, "remove"):
                known.path.unlink()
            return
        title = str(earlier.fields.get("title") or draft.title)
        back = PageDraft(
            space=draft.space,
            slug=draft.slug,
            title=title,
            body=earlier.body,
            parent=_texts(earlier, "parent"),
            labels=_texts(earlier, "labels"),
        )
        write_file(known.path, self._text(back, title, version + 1, None))

    def _path(self, draft: PageDraft) -> Path:
        space = self.folder / _file_name(draft.space, "space")
        return space / f"{_file_name(draft.slug, 'slug')}.md"

    def _attach(self, draft: PageDraft, path: Path) -> None:
        for attachment in draft.attachments:
            file = path.parent / f"{draft.slug}.files" / attachment.name
            with file_errors(file, "write"):
                file.parent.mkdir(parents=True, exist_ok=True)
                if not file.exists() or file.read_bytes() != attachment.content:
                    file.write_bytes(attachment.content)

    def _text(self, draft: PageDraft, title: str, version: int, known: Document | None) -> str:
        updated_at = self._clock().isoformat()
        fields = {"title": title, "version": version, "updated_at": updated_at}
        return format_document(fields | _about(draft, title), _written(draft, known))


def _about(draft: PageDraft, title: str) -> dict[str, object]:
    """Return the front matter that a draft asks for."""
    origin = [url for url in (draft.origin.run_url, draft.origin.pull_request_url) if url]
    fields = {"parent": [*draft.parent], "labels": [*draft.labels], "generated_by": origin}
    about: dict[str, object] = {"title": title}
    about.update((name, value) for name, value in fields.items() if value)
    return about


def _same_fields(known: Document, wanted: dict[str, object]) -> bool:
    # What generated a page may differ each time: by itself it changes nothing.
    return all(
        known.fields.get(name) == value for name, value in wanted.items() if name != "generated_by"
    )


def _texts(document: Document, field: str) -> tuple[str, ...]:
    value = document.fields.get(field)
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _read(path: Path) -> Document | None:
    with file_errors(path, "read"):
        return read_document(path, hint=_REPAIR) if path.exists() else None


def _reason_to_keep(
    draft: PageDraft, version: int, known: Document, earlier: Document | None
) -> Compensation | None:
    """Return why a page is not brought back to what it was; None when it may be."""
    now = _version(known)
    if now == version + 1 and earlier is not None and known.body.strip() == earlier.body.strip():
        return Compensation("already", f"Version {now} says what it said before.")
    if now != version:
        return Compensation("kept", f"Others have written version {now} since ours, {version}.")
    if known.body.strip() != _body(draft, known):
        return Compensation("kept", "Its text was changed by hand since.")
    return None


def _kept(path: Path, version: int) -> Path:
    """Return where a version of a page is once it is no longer the newest."""
    return path.parent / ".versions" / f"{path.stem}.{version}.md"


def _keep(document: Document, version: int) -> None:
    """Keep a page before it is replaced: killed in between, the same copy is written again."""
    write_file(_kept(document.path, version), document.text)


def _body(draft: PageDraft, known: Document | None) -> str:
    written = _written(draft, known).encode("utf-8", "replace").decode()
    return written.replace("\r\n", "\n").strip()


def _written(draft: PageDraft, known: Document | None) -> str:
    """Return a page's text: the draft's own, or what is there with the draft's sections."""
    start = known.body if known is not None and draft.sections else draft.body
    body = with_sections(start, draft.sections)
    for attachment in draft.attachments:
        body = body.replace(f"]({attachment.name})", f"]({draft.slug}.files/{attachment.name})")
    return body


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
