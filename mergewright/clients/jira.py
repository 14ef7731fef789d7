"""Tickets in Jira, on Cloud and on Server or Data Center.

A comment of ours carries its marker as a comment property: it is written in the same request as
the comment, people do not see it, and both kinds of Jira keep it and give it back with
`expand=properties`. Only comments of our own account count, since anybody could give theirs such
a property.

Source: REST v3 description of Jira Cloud (`properties` of a comment); for Server
github.com/pycontribs/jira/issues/1011 and github.com/andygrunwald/go-jira/pull/592; 2026-11-20.
"""

from pydantic import ValidationError

from mergewright.clients.adf import to_adf
from mergewright.clients.jira_api import Client, JiraApi
from mergewright.clients.jira_issue import (
    FIELDS,
    MARKER_PROPERTY,
    CommentPage,
    Issue,
    IssueComment,
    Person,
    Status,
    text_of,
    ticket_of,
)
from mergewright.clients.jira_transitions import Transition, Transitions, choose
from mergewright.clients.ports import Compensation, Effect
from mergewright.clients.ticket_file import is_key
from mergewright.clients.wiki_writing import to_wiki
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.errors import NotFound, Rejected

MAX_MOVES = 2
"""To a review by way of the status in which work is done, and no further."""

_GONE = Compensation("already", "The ticket is not there any more.")


class JiraTracker:
    """Tickets in one Jira.

    Args:
        client: The library's client, as `open_jira` makes it.
    """

    def __init__(self, client: Client) -> None:
        self._api = JiraApi(client)
        self._account = ""

    def ticket(self, name: str) -> Ticket:
        """Return the ticket with this key.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The credential is wrong or too weak.
            Rejected: The ticket cannot be read as one.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = _checked(name)
        issue = self._issue(key, FIELDS)
        comments = tuple(self._comments(key))
        try:
            return ticket_of(issue, comments, url=f"{self._api.url}/browse/{issue.key}")
        except ValidationError as error:
            raise Rejected(
                f"The issue {key!r} cannot be read as a ticket: {_first_fault(error)}.",
                hint="Correct it in Jira.",
            ) from error

    def comment(self, key: str, body: str, *, marker: str) -> Effect[str]:
        """Write one comment per marker, replacing an earlier one; return where it is.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The account may not comment.
            Rejected: Jira refused the comment.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = _checked(key)
        about = f"comment on the ticket {key!r}"
        earlier = self._marked_comment(key, marker)
        if earlier is None:
            payload = self._payload(body, marker)
            written = self._api.create(IssueComment, f"issue/{key}/comment", payload, about=about)
            return Effect(self._place(key, written), found=False)
        if text_of(earlier.body) != self._as_shown(body):
            self._rewrite(key, earlier, body, marker)
        return Effect(self._place(key, earlier), found=True)

    def own_comment(self, key: str, *, marker: str) -> str | None:
        """Return the text of the comment with this marker, or None when there is none.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            ServiceError: Jira did not answer, or refused.
        """
        comment = self._marked_comment(_checked(key), marker)
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
            key = _checked(key)
            there = self._marked_comment(key, marker)
        except NotFound:
            return _GONE
        shown = "" if there is None else text_of(there.body)
        if there is None or (earlier is not None and shown in {earlier, self._as_shown(earlier)}):
            return Compensation("already", "The comment is not there any more.")
        if shown != self._as_shown(body):
            return Compensation("kept", "Its text was changed since.", self._place(key, there))
        if not rehearse and earlier is None:
            about = f"remove a comment of the ticket {key!r}"
            self._api.remove(f"issue/{key}/comment/{there.id}", about=about)
        elif not rehearse and earlier is not None:
            self._rewrite(key, there, earlier, marker)
        return Compensation("undone", "Nobody had changed it.")

    def transition(self, key: str, status: StatusCategory) -> Effect[StatusCategory]:
        """Move the ticket to a status of this category; return where it is then.

        A ticket goes to a review by way of the status in which work is done, if there is no
        shorter way, and stays there if its workflow has no reviews.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The account may not move it.
            Rejected: No transition leads there, or one needs fields filled in.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = _checked(key)
        now = self._status(key)
        by_way_of = StatusCategory.IN_PROGRESS if status is StatusCategory.IN_REVIEW else None
        reached = self._move(key, now, status, by_way_of)
        return Effect(reached, found=reached is now.stands_for)

    def transition_back(
        self, key: str, *, made: StatusCategory, before: StatusCategory, rehearse: bool = False
    ) -> Compensation:
        """Move the ticket back, the way it came, if it is where we moved it to.

        Raises:
            AccessDenied: The account may not move it.
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key = _checked(key)
            now = self._status(key)
        except NotFound:
            return _GONE
        place = f"{self._api.url}/browse/{key}"
        if now.stands_for is before:
            return Compensation("already", f"The ticket is {before.value!r}, as before.")
        if now.stands_for is not made:
            return Compensation("kept", f"Somebody moved it to {now.name!r} since.", place)
        by_way_of = StatusCategory.IN_PROGRESS if made is StatusCategory.IN_REVIEW else None
        try:
            self._choose(key, now, before, by_way_of)
        except Rejected as error:
            return Compensation("kept", error.message, place)
        reached = before if rehearse else self._move(key, now, before, by_way_of)
        if reached is not before:
            told = f"It is {reached.value!r} now: its workflow leads back no further."
            return Compensation("kept", told, place)
        return Compensation("undone", f"From {made.value!r} back to {before.value!r}.")

    def _move(
        self, key: str, now: Status, wanted: StatusCategory, by_way_of: StatusCategory | None
    ) -> StatusCategory:
        for _ in range(MAX_MOVES):
            chosen = None
            if now.stands_for is not wanted:
                chosen = self._choose(key, now, wanted, by_way_of)
            if chosen is None:
                break
            move_to = {"transition": {"id": chosen.id}}
            self._api.act(f"issue/{key}/transitions", move_to, about=f"move the ticket {key!r}")
            now = self._status(key)
        return now.stands_for

    def _choose(
        self, key: str, now: Status, wanted: StatusCategory, by_way_of: StatusCategory | None
    ) -> Transition | None:
        offered = self._api.read(
            Transitions,
            f"issue/{key}/transitions",
            about=f"read the transitions of the ticket {key!r}",
            params={"expand": "transitions.fields"},
        )
        return choose(offered.transitions, key=key, now=now, wanted=wanted, by_way_of=by_way_of)

    def _status(self, key: str) -> Status:
        return self._issue(key, "status").fields.status

    def _issue(self, key: str, fields: str) -> Issue:
        about = f"read the ticket {key!r}"
        return self._api.read(Issue, f"issue/{key}", about=about, params={"fields": fields})

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

    def _content(self, body: str) -> object:
        return to_adf(body) if self._api.is_cloud else to_wiki(body)

    def _as_shown(self, body: str) -> str:
        """Return a text as it comes back from Jira."""
        return text_of(self._content(body))

    def _own_account(self) -> str:
        if not self._account:
            self._account = self._api.read(Person, "myself", about="say who we are").account
        return self._account

    def _place(self, key: str, comment: IssueComment) -> str:
        return f"{self._api.url}/browse/{key}?focusedCommentId={comment.id}"


def _checked(key: str) -> str:
    """Return the key as Jira writes it; it becomes part of a path, so nothing else may pass."""
    if not is_key(key):
        raise NotFound(
            f"There is no ticket {key!r} in Jira.",
            hint="Name a ticket by its key, as in 'PROJ-7'.",
        )
    return key.upper()


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
