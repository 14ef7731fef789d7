"""What we say about a pull request that is a file: a text beside it, so that people's stays theirs.

A reply begins with a line that quotes what it replies to.
"""

from pathlib import Path

from mergewright.clients.comment_section import (
    as_written,
    find_comment,
    remove_comment,
    write_comment,
)
from mergewright.clients.documents import Document, locked, read_text, write_file
from mergewright.clients.local_comments import comments_file, id_of, texts_in
from mergewright.clients.local_handling import LocalHandling
from mergewright.clients.local_pulls import numbered
from mergewright.clients.ports import Compensation, Effect
from mergewright.errors import NotFound

MAX_QUOTE_CHARACTERS = 120


class LocalRemarks(LocalHandling):
    """Remarks on pull requests and replies to comments, in `0001-name.answers.md`.

    All methods raise:
        NotFound: There is no such local repository or pull request.
        AccessDenied: A file may not be read or written.
        Rejected: The file is no text.
        ServiceUnavailable: The disk is full or failed.
        SettingInvalid: The repository is a URL and this forge has no folder.
    """

    def remark(self, repository: str, number: int, body: str, *, marker: str) -> Effect[str]:
        """Write one remark per marker, over an earlier one; return where it is."""
        return self._written(self.required(repository, number), body, marker)

    def remove_remark(
        self, repository: str, number: int, *, marker: str, body: str, rehearse: bool = False
    ) -> Compensation:
        """Remove the remark with this marker, if it is as we wrote it."""
        return self._removed(repository, number, body, marker, rehearse=rehearse)

    def reply(
        self, repository: str, number: int, thread: str, body: str, *, marker: str
    ) -> Effect[str]:
        """Write one reply per marker to a comment, over an earlier one; return where it is.

        Raises:
            NotFound: There is no such comment any more, or somebody changed it.
        """
        document = self.required(repository, number)
        comments = texts_in(comments_file(document.path))
        text = next((one for one in comments if id_of(one) == thread), None)
        if text is None:
            raise NotFound(
                f"There is no comment {thread!r} on the pull request {number!r} any more.",
                hint=f"Look whether somebody changed it: {comments_file(document.path)}",
            )
        said = f"{_quote(text)}\n\n{body}"
        return self._written(document, said, _reply_marker(thread, marker))

    def remove_reply(
        self,
        repository: str,
        number: int,
        thread: str,
        *,
        marker: str,
        body: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Remove the reply with this marker to a comment, if it is as we wrote it."""
        marker = _reply_marker(thread, marker)
        return self._removed(repository, number, body, marker, rehearse=rehearse, quoted=True)

    def _written(self, document: Document, body: str, marker: str) -> Effect[str]:
        path = _answers_file(document.path)
        with locked(path.parent):
            text = _read(path)
            new = write_comment(text, body, marker=marker, at=self.clock(), newline="\n")
            if new != text:
                write_file(path, new)
        return Effect(path.as_uri(), found=new == text)

    def _removed(
        self,
        repository: str,
        number: int,
        body: str,
        marker: str,
        *,
        rehearse: bool,
        quoted: bool = False,
    ) -> Compensation:
        document = numbered(self.pulls_folder(repository), number)
        if document is None:
            return Compensation("already", "The pull request is not there any more.")
        path = _answers_file(document.path)
        with locked(path.parent):
            text = _read(path)
            there = find_comment(text, marker)
            if there is None:
                return Compensation("already", "The remark is not there any more.")
            # The comment that is quoted may be gone by now: only what we said is compared.
            said = there.partition("\n\n")[2] if quoted else there
            if said != as_written(body):
                return Compensation("kept", "Somebody changed the remark since.", path.as_uri())
            if not rehearse:
                write_file(path, remove_comment(text, marker))
        return Compensation("undone", "It was not there before: it is removed.", path.as_uri())


def _quote(text: str) -> str:
    line = text.splitlines()[0]
    cut = line if len(line) <= MAX_QUOTE_CHARACTERS else f"{line[:MAX_QUOTE_CHARACTERS]}…"
    return f"> {cut}"


def _reply_marker(thread: str, marker: str) -> str:
    return f"reply:{thread}:{marker}"


def _answers_file(pull_request: Path) -> Path:
    return pull_request.with_suffix(".answers.md")


def _read(path: Path) -> str:
    return read_text(path) if path.exists() else ""
