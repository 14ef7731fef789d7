"""Comments of ours on a ticket in Jira: one per marker, brought up to date in its place.

A comment of ours carries its marker as a comment property: it is written in the same request as
the comment, people do not see it, and both kinds of Jira keep it and give it back with
`expand=properties`. Only comments of our own account count, since anybody could give theirs such
a property.

Source: REST v3 description of Jira Cloud (`properties` of a comment); for Server
github.com/pycontribs/jira/issues/1011 and github.com/andygrunwald/go-jira/pull/592; 2026-11-20.
"""

from mergewright.clients.jira_issue import MARKER_PROPERTY, CommentPage, IssueComment, text_of
from mergewright.clients.jira_site import GONE, JiraSite, checked
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.errors import AccessDenied, NotFound


class JiraComments(JiraSite):
    """The comments of tickets in one Jira."""

    def comment(self, key: str, body: str, *, marker: str) -> Effect[str]:
        """Write one comment per marker, replacing an earlier one; return where it is.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The account may not comment.
            Rejected: Jira refused the comment.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = checked(key)
        earlier = self._marked_comment(key, marker)
        if earlier is None:
            written = self._write_comment(key, body, marker)
            return Effect(self._comment_place(key, written), found=False)
        if text_of(earlier.body) != self._as_shown(body):
            self._rewrite(key, earlier, body, marker)
        return Effect(self._comment_place(key, earlier), found=True)

    def own_comment(self, key: str, *, marker: str) -> str | None:
        """Return the text of the comment with this marker, or None when there is none.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            ServiceError: Jira did not answer, or refused.
        """
        comment = self._marked_comment(checked(key), marker)
        return None if comment is None else text_of(comment.body)

    def remove_comment(
        self,
        key: str,
        *,
        marker: str,
        body: str,
        earlier: str | None = None,
        rehearse: bool = False,
    ) -> Compensation:
        """Remove the comment with this marker, or put its earlier text back.

        Raises:
            AccessDenied: The account may not remove it.
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key = checked(key)
            there = self._marked_comment(key, marker)
        except NotFound:
            return GONE
        shown = "" if there is None else text_of(there.body)
        if there is None or (earlier is not None and shown in {earlier, self._as_shown(earlier)}):
            return Compensation("already", "The comment is not there any more.")
        if shown != self._as_shown(body):
            place = self._comment_place(key, there)
            return Compensation("kept", "Its text was changed since.", place)
        if not rehearse and earlier is None:
            about = f"remove a comment of the ticket {key!r}"
            self._api.remove(f"issue/{key}/comment/{there.id}", about=about)
        elif not rehearse and earlier is not None:
            self._rewrite(key, there, earlier, marker)
        return Compensation("undone", "Nobody had changed it.")

    def _write_comment(self, key: str, body: str, marker: str) -> IssueComment:
        about = f"comment on the ticket {key!r}"
        payload = self._payload(body, marker)
        try:
            return self._api.create(IssueComment, f"issue/{key}/comment", payload, about=about)
        except AccessDenied as error:
            raise self._explained(error, "ADD_COMMENTS", about=about, issue=key) from error

    def _comments(self, key: str) -> list[IssueComment]:
        comments: list[IssueComment] = []
        pages = self._api.pages(
            CommentPage,
            f"issue/{key}/comment",
            about=f"read the comments of the ticket {key!r}",
            params={"expand": "properties", "orderBy": "created"},
        )
        for page in pages:
            comments += page.comments
            if not page.comments or len(comments) >= page.total:
                break
        return comments

    def _marked_comment(self, key: str, marker: str) -> IssueComment | None:
        marked = [comment for comment in self._comments(key) if comment.marker == marker]
        own = self._own_account() if marked else ""
        return next((one for one in marked if one.author and one.author.account == own), None)

    def _rewrite(self, key: str, comment: IssueComment, body: str, marker: str) -> None:
        self._api.replace(
            f"issue/{key}/comment/{comment.id}",
            self._payload(body, marker),
            about=f"change a comment of the ticket {key!r}",
        )

    def _payload(self, body: str, marker: str) -> dict[str, object]:
        kept = {"key": MARKER_PROPERTY, "value": {"marker": marker}}
        return {"body": self._content(body), "properties": [kept]}

    def _comment_place(self, key: str, comment: IssueComment) -> str:
        return f"{self._place(key)}?focusedCommentId={comment.id}"
