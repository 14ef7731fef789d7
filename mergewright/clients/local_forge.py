"""A code host that is a folder: one Markdown file per pull request, beside the repository.

The branch holds the change; the file holds what a reviewer reads about it. People comment on
`0001-name.md` in a file `0001-name.comments.md`. Nothing runs here: there are no workflows, and no
checks but our own.
"""

from mergewright.clients.documents import (
    Document,
    locked,
    parse_document,
    read_document,
    replace_field,
    write_file,
)
from mergewright.clients.local_comments import comments_on
from mergewright.clients.local_gates import LocalGates
from mergewright.clients.local_places import slug
from mergewright.clients.local_pulls import (
    documents_in,
    is_open,
    number_of,
    numbered,
    pull_request_of,
    text_of,
    updated,
)
from mergewright.clients.local_readiness import LocalReadiness
from mergewright.clients.local_remarks import LocalRemarks
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import PullRequest, PullRequestDraft, ReviewComment

_GONE = Compensation("already", "The pull request is not there any more.")


class LocalForge(LocalRemarks, LocalReadiness, LocalGates):
    """Pull requests as Markdown files.

    Those of the repository `/x/name` or `/x/name.git` are in `/x/name.pulls`.

    Args:
        folder: Where pull requests of all repositories are kept instead.
        fallback: Where those of a repository that is a URL are kept when there is no folder.
        clock: Tells the instant that a pull request carries.
    """

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it is now.

        Raises:
            NotFound: There is no such local repository or pull request.
            AccessDenied: A file may not be read.
            Rejected: A file is no longer a pull request.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        return pull_request_of(self.required(repository, number))

    def review_comments(self, repository: str, number: int) -> tuple[ReviewComment, ...]:
        """Return what people wrote into the file of comments, in its order.

        Raises:
            NotFound: There is no such local repository or pull request.
            AccessDenied: A file may not be read.
            Rejected: A file is no longer a pull request, or no text.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        return comments_on(self.required(repository, number))

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket, oldest first.

        Raises:
            NotFound: There is no such local repository.
            AccessDenied: A file may not be read.
            Rejected: A file is no longer a pull request.
            ServiceUnavailable: The disk failed.
            SettingInvalid: The repository is a URL and this forge has no folder.
        """
        documents = documents_in(self.pulls_folder(repository))
        return tuple(
            pull_request_of(document)
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
            documents = documents_in(folder)
            for document in documents:
                if is_open(document) and document.fields.get("head") == draft.head:
                    return Effect(updated(document, draft), found=True)
            number = max((number_of(document.path) for document in documents), default=0) + 1
            path = folder / f"{number:04}-{slug(draft.head)}.md"
            text = text_of(draft, number=number, created_at=self.clock().isoformat())
            write_file(path, text)
            return Effect(pull_request_of(read_document(path)), found=False)

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
        if numbered(folder, number) is None:
            return _GONE
        with locked(folder):
            document = numbered(folder, number)
            if document is None:
                return _GONE
            found, where = pull_request_of(document), document.path.as_uri()
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
            "closed_at": self.clock().isoformat(),
            "closed_because": " ".join(reason.split()),
        }
        for name, value in fields.items():
            document = parse_document(document.path, replace_field(document, name, value))
        return document.text
