"""Issues at GitHub as tickets of one repository.

Where an issue stands is told by labels while it is open: one for work in progress, one for review,
neither for work to do. Done is closed. Sub-issues, the parent and the pull requests that mention
an issue come from the REST API (the timeline), which every kind of token may read.

A comment of ours ends with a tag that people do not see; only those of our own account count.

Source: docs.github.com/en/rest/issues (issues, comments, labels, sub-issues, timeline), 2026-11-20.
"""

from itertools import islice
from urllib.parse import quote

from pydantic import ValidationError

from mergewright.clients.github_answers import Anything
from mergewright.clients.github_comments import OwnComments, tag_of, untagged
from mergewright.clients.github_connection import GitHubConnection
from mergewright.clients.github_issue import (
    Issue,
    Linked,
    StatusLabels,
    TimelineEvent,
    number_of,
    summary_of,
    ticket_of,
)
from mergewright.clients.github_repository import Repositories
from mergewright.clients.github_search import search_issues
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.ticket import StatusCategory, Ticket, TicketSummary
from mergewright.errors import NotFound, Rejected

MAX_LINKS = 50

_GONE = Compensation("already", "The ticket is not there any more.")


class GitHubIssues:
    """Tickets that are the issues of one repository.

    Args:
        connection: As `open_github` or `open_github_app` makes it.
        repository: URL of the repository, or OWNER/NAME.
        status_labels: The labels that say where an open issue stands.

    Raises:
        SettingInvalid: The repository is none of this GitHub, or holds a password.
    """

    def __init__(
        self,
        connection: GitHubConnection,
        repository: str,
        *,
        status_labels: StatusLabels | None = None,
    ) -> None:
        self._at = Repositories(connection)
        self._api = connection.api
        self._repository = str(self._at.repository(repository))
        self._labels = status_labels or StatusLabels()

    def ticket(self, name: str) -> Ticket:
        """Return the issue with this key, number or address.

        Raises:
            NotFound: There is no such issue, or the account may not see it.
            AccessDenied: The credential is wrong or too weak.
            Rejected: It is a pull request, or cannot be read as a ticket.
            RateLimited: GitHub asks to wait.
            ServiceUnavailable: GitHub does not answer.
        """
        issue = self._issue(self._number(name))
        comments = tuple(self._at.comments(self._repository, issue.number))
        try:
            return ticket_of(issue, comments, self._links(issue), status_labels=self._labels)
        except ValidationError as error:
            raise Rejected(
                f"The issue {name!r} cannot be read as a ticket: {error.errors()[0]['msg']}.",
                hint="Correct it at GitHub.",
            ) from error

    def search(self, query: str, *, limit: int = 50) -> tuple[TicketSummary, ...]:
        """Return the issues that a query in GitHub's search language finds, the oldest first.

        Raises:
            Rejected: The query is empty or wrong, with what GitHub says about it.
            AccessDenied: The credential is wrong or too weak.
            RateLimited: GitHub asks to wait.
            ServiceUnavailable: GitHub does not answer.
        """
        found = search_issues(self._api, self._repository, query)
        return tuple(summary_of(one, status_labels=self._labels) for one in islice(found, limit))

    def comment(self, key: str, body: str, *, marker: str) -> Effect[str]:
        """Write one comment per marker, replacing an earlier one; return where it is.

        Raises:
            NotFound: There is no such issue, or the account may not see it.
            AccessDenied: The account may not comment.
            Rejected: GitHub refused the comment.
            RateLimited: GitHub asks to wait.
            ServiceUnavailable: GitHub does not answer.
        """
        written = self._own_comments(key).write(body, _tag(marker))
        return Effect(written.url, written.was_there)

    def own_comment(self, key: str, *, marker: str) -> str | None:
        """Return the text of the comment with this marker, or None when there is none.

        Raises:
            NotFound: There is no such issue, or the account may not see it.
            ServiceError: GitHub did not answer, or refused.
        """
        tag = _tag(marker)
        comment = self._own_comments(key).find(tag)
        return None if comment is None else untagged(comment.body, tag)

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
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            comments = self._own_comments(key)
            return comments.remove(body, _tag(marker), earlier=earlier, rehearse=rehearse)
        except NotFound:
            return _GONE

    def transition(self, key: str, status: StatusCategory) -> Effect[StatusCategory]:
        """Move the ticket: by its labels while it is open, and by closing it when it is done.

        Raises:
            NotFound: There is no such issue, or the account may not see it.
            AccessDenied: The account may not change it.
            Rejected: It is a pull request, or GitHub refused.
            RateLimited: GitHub asks to wait.
            ServiceUnavailable: GitHub does not answer.
        """
        issue = self._issue(self._number(key))
        if issue.status(self._labels) is status:
            return Effect(status, found=True)
        self._move(issue, status)
        return Effect(status, found=False)

    def transition_back(
        self, key: str, *, made: StatusCategory, before: StatusCategory, rehearse: bool = False
    ) -> Compensation:
        """Move the ticket back, if it is where we moved it to.

        Raises:
            AccessDenied: The account may not change it.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            issue = self._issue(self._number(key))
        except NotFound:
            return _GONE
        now = issue.status(self._labels)
        if now is before:
            return Compensation("already", f"The ticket is {before.value!r}, as before.")
        if now is not made:
            told = f"Somebody moved it to {now.value!r} since."
            return Compensation("kept", told, issue.html_url)
        if not rehearse:
            self._move(issue, before)
        return Compensation("undone", f"From {made.value!r} back to {before.value!r}.")

    def _move(self, issue: Issue, status: StatusCategory) -> None:
        """Label first and take labels off last: cut short, the issue never looks like new work."""
        about = f"move the ticket 'GH-{issue.number}'"
        path = self._path(str(issue.number))
        known = {name.casefold(): name for name in issue.label_names}
        wanted = self._labels.of(status)
        if wanted and wanted.casefold() not in known:
            body = {"labels": [wanted]}
            self._api.send("POST", f"{path}/labels", about=about, body=body, safe_to_repeat=True)
        is_done = status is StatusCategory.DONE
        if is_done and issue.state != "closed":
            body_done = {"state": "closed", "state_reason": "completed"}
            self._api.replace(Anything, path, body_done, about=about)
        elif not is_done and issue.state == "closed":
            body_open = {"state": "open", "state_reason": "reopened"}
            self._api.replace(Anything, path, body_open, about=about)
        for other in (self._labels.in_progress, self._labels.in_review):
            if other != wanted and (name := known.get(other.casefold())) is not None:
                self._api.remove(f"{path}/labels/{quote(name, safe='')}", about=about)

    def _issue(self, number: int) -> Issue:
        issue = self._api.read(
            Issue, self._path(str(number)), about=f"read the ticket 'GH-{number}'"
        )
        if issue.number != number:
            raise NotFound(
                f"The issue #{number} of {self._repository!r} was moved to {issue.html_url!r}.",
                hint="Name it there, with the profile of that repository.",
            )
        if issue.pull_request is not None:
            raise Rejected(
                f"#{number} of {self._repository!r} is a pull request, and no issue.",
                hint="Name the issue that it is for.",
            )
        return issue

    def _links(self, issue: Issue) -> tuple[str, ...]:
        path, about = self._path(str(issue.number)), f"read the links of 'GH-{issue.number}'"
        links = []
        try:
            parent = self._api.read(Linked, f"{path}/parent", about=about)
            links.append(f"is a part of {self._named(parent)}")
        except NotFound:
            pass
        try:
            parts = self._api.pages(Linked, f"{path}/sub_issues", about=about)
            links += [f"has the part {self._named(one)}" for one in islice(parts, MAX_LINKS)]
        except NotFound:
            # An older GitHub Enterprise knows no sub-issues.
            pass
        events = self._api.pages(TimelineEvent, f"{path}/timeline", about=about)
        mentions = (event.source.issue for event in events if event.source and event.source.issue)
        pulls = {one.html_url: one for one in mentions if one.pull_request is not None}
        links += [f"pull request {self._named(one)}" for one in islice(pulls.values(), MAX_LINKS)]
        return tuple(links)

    def _named(self, other: Linked) -> str:
        """Return what a person reads: `#7: its title (open)`, with its repository if it is elsewhere."""
        home = "/".join(other.repository_url.rstrip("/").split("/")[-2:])
        place = "" if home.lower() in {"", self._repository.lower()} else home
        title = " ".join(other.title.split())
        return f"{place}#{other.number}: {title} ({other.state or 'unknown'})"

    def _number(self, name: str) -> int:
        return number_of(name, repository=self._repository, web=self._api.address.web)

    def _own_comments(self, key: str) -> OwnComments:
        return self._at.own_comments(self._repository, self._number(key))

    def _path(self, below: str) -> str:
        return f"repos/{self._repository}/issues/{below}"


def _tag(marker: str) -> str:
    return tag_of("comment", {"marker": marker})
