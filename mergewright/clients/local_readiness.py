"""Whether a pull request that is a file is a draft or ready for review."""

from mergewright.clients.documents import locked
from mergewright.clients.local_handling import LocalHandling
from mergewright.clients.local_pulls import changed, numbered, pull_request_of
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import PullRequest
from mergewright.errors import Rejected


class LocalReadiness(LocalHandling):
    """Drafts, by the field `draft` of their files.

    All methods raise:
        NotFound: There is no such local repository or pull request.
        AccessDenied: The file may not be read or written.
        Rejected: The file is no longer a pull request, or a draft is closed.
        ServiceUnavailable: The disk is full or failed.
        SettingInvalid: The repository is a URL and this forge has no folder.
    """

    def mark_ready(self, repository: str, number: int) -> Effect[PullRequest]:
        """Strike out that it is a draft; return the pull request as it is then."""
        with locked(self.required(repository, number).path.parent):
            document = self.required(repository, number)
            there = pull_request_of(document)
            if not there.draft:
                return Effect(there, found=True)
            if there.state != "open":
                raise Rejected(
                    f"The pull request {number!r} of {repository!r} is closed:"
                    " it cannot be made ready.",
                    hint=f"Write `state: open` into its file first: {document.path}",
                )
            changed(document, {"draft": False})
        return Effect(pull_request_of(self.required(repository, number)), found=False)

    def mark_draft(self, repository: str, number: int, *, rehearse: bool = False) -> Compensation:
        """Write down that it is a draft again."""
        folder = self.pulls_folder(repository)
        if numbered(folder, number) is None:
            return Compensation("already", "The pull request is not there any more.")
        with locked(folder):
            document = self.required(repository, number)
            there, where = pull_request_of(document), document.path.as_uri()
            if there.state == "merged":
                return Compensation("kept", "It was merged.", where)
            if there.state == "closed" or there.draft:
                told = "It is a draft." if there.draft else "The pull request is closed."
                return Compensation("already", told, where)
            if not rehearse:
                changed(document, {"draft": True})
        return Compensation("undone", "It was ready; it is a draft again.", where)
