"""What we say below a pull request that is a file: a text beside it, so that people's stays theirs."""

from pathlib import Path

from mergewright.clients.comment_section import (
    as_written,
    find_comment,
    remove_comment,
    write_comment,
)
from mergewright.clients.documents import locked, read_text, write_file
from mergewright.clients.local_handling import LocalHandling
from mergewright.clients.local_pulls import numbered
from mergewright.clients.ports import Compensation, Effect


class LocalRemarks(LocalHandling):
    """Remarks on pull requests, in `0001-name.answers.md`.

    All methods raise:
        NotFound: There is no such local repository or pull request.
        AccessDenied: A file may not be read or written.
        Rejected: The file is no text.
        ServiceUnavailable: The disk is full or failed.
        SettingInvalid: The repository is a URL and this forge has no folder.
    """

    def remark(self, repository: str, number: int, body: str, *, marker: str) -> Effect[str]:
        """Write one remark per marker, over an earlier one; return where it is."""
        path = _answers_file(self.required(repository, number).path)
        with locked(path.parent):
            text = _read(path)
            new = write_comment(text, body, marker=marker, at=self.clock(), newline="\n")
            if new != text:
                write_file(path, new)
        return Effect(path.as_uri(), found=new == text)

    def remove_remark(
        self, repository: str, number: int, *, marker: str, body: str, rehearse: bool = False
    ) -> Compensation:
        """Remove the remark with this marker, if it is as we wrote it."""
        document = numbered(self.pulls_folder(repository), number)
        if document is None:
            return Compensation("already", "The pull request is not there any more.")
        path = _answers_file(document.path)
        with locked(path.parent):
            text = _read(path)
            there = find_comment(text, marker)
            if there is None:
                return Compensation("already", "The remark is not there any more.")
            if there != as_written(body):
                return Compensation("kept", "Somebody changed the remark since.", path.as_uri())
            if not rehearse:
                write_file(path, remove_comment(text, marker))
        return Compensation("undone", "It was not there before: it is removed.", path.as_uri())


def _answers_file(pull_request: Path) -> Path:
    return pull_request.with_suffix(".answers.md")


def _read(path: Path) -> str:
    return read_text(path) if path.exists() else ""
