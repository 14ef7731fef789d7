"""A GitHub issue as a ticket: its names, what GitHub's answers hold, and what a ticket keeps.

An issue's key is `GH-NUMBER`, the form that GitHub itself links; it is that of the tracker's own
repository.

Source: GitHub's own description of its REST API (`issue`, `timeline-issue-events`), 2026-11-20.
"""

import re
from urllib.parse import urlsplit

from pydantic import Field

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_answers import Account, IssueComment, Milestone, Named
from mergewright.clients.ticket_file import criteria_of
from mergewright.domain.ticket import Comment, StatusCategory, Ticket, TicketKind, TicketSummary
from mergewright.errors import NotFound

MAX_TITLE_CHARACTERS = 300
KEY_PREFIX = "GH"

_NAME = re.compile(
    rf"(?:{KEY_PREFIX}-|#|(?P<repository>[A-Za-z0-9_-]+/[A-Za-z0-9._-]+)#)?(?P<number>[1-9][0-9]{{0,8}})",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?P<repository>[^/]+/[^/]+)/issues/(?P<number>[1-9][0-9]{0,8})/?")
_KINDS = (
    (TicketKind.BUG, ("bug", "defect", "regression", "incident")),
    (TicketKind.DOCUMENTATION, ("doc",)),
    (TicketKind.FEATURE, ("feature", "enhancement", "improvement", "story", "epic")),
)
_PRIORITY = re.compile(
    r"(?:priority|prio)\s*[:/ -]\s*(?P<name>\S.*)|(?P<short>p[0-4])", re.IGNORECASE
)


class StatusLabels(Form):
    """The labels that say where an open issue stands; GitHub's own states are open and closed."""

    in_progress: str = "in progress"
    in_review: str = "in review"

    def of(self, status: StatusCategory) -> str:
        """Return the label of a status; empty for those that have none."""
        names = {
            StatusCategory.IN_PROGRESS: self.in_progress,
            StatusCategory.IN_REVIEW: self.in_review,
        }
        return names.get(status, "")


class Linked(Form):
    """Another issue or pull request."""

    number: int
    title: str = ""
    state: str = ""
    html_url: str = ""
    pull_request: dict[str, object] | None = None
    repository_url: str = ""


class Source(Form):
    """What mentions an issue."""

    issue: Linked | None = None


class TimelineEvent(Form):
    """Something that happened to an issue."""

    event: str = ""
    source: Source | None = None


class Issue(Form):
    """An issue."""

    number: int
    title: str = ""
    body: str = ""
    html_url: str = ""
    state: str = "open"
    user: Account = Field(default_factory=Account)
    labels: tuple[Named, ...] = ()
    kind: Named | None = Field(default=None, alias="type")
    milestone: Milestone | None = None
    pull_request: dict[str, object] | None = None
    repository_url: str = ""

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of its labels."""
        return tuple(label.name for label in self.labels)

    def status(self, labels: StatusLabels) -> StatusCategory:
        """Return where it stands."""
        if self.state == "closed":
            return StatusCategory.DONE
        known = {name.casefold() for name in self.label_names}
        for status in (StatusCategory.IN_REVIEW, StatusCategory.IN_PROGRESS):
            if labels.of(status).casefold() in known:
                return status
        return StatusCategory.TO_DO


def key_of(number: int) -> str:
    """Return the key of an issue."""
    return f"{KEY_PREFIX}-{number}"


def number_of(name: str, *, repository: str, web: str) -> int:
    """Return the number of the issue that a name means.

    Args:
        name: `GH-7`, `#7`, `7`, `OWNER/NAME#7` or the issue's address.
        repository: The tracker's repository, as OWNER/NAME.
        web: Root of GitHub's pages.

    Raises:
        NotFound: It names no issue of this repository.
    """
    found = _NAME.fullmatch(name) or _PATH.fullmatch(_below(name, web))
    if found is None:
        raise NotFound(
            f"There is no issue {name!r}.",
            hint=f"Name it as 'GH-7', '#7', '{repository}#7' or by its address.",
        )
    named = found["repository"]
    if named is not None and named.lower() != repository.lower():
        raise NotFound(
            f"The issue {name!r} is not in {repository!r}.",
            hint="The tracker's block names one repository: choose the profile of the other one.",
        )
    return int(found["number"])


def _below(name: str, web: str) -> str:
    """Return the path of an address below GitHub's root; empty when it is elsewhere."""
    try:
        parts, home = urlsplit(name), urlsplit(web)
    except ValueError:
        return ""
    root = f"{home.path.rstrip('/')}/"
    same = parts.netloc.lower() == home.netloc.lower() and parts.scheme == home.scheme
    if not same or parts.query or not parts.path.startswith(root):
        return ""
    return parts.path.removeprefix(root)


def ticket_of(
    issue: Issue,
    comments: tuple[IssueComment, ...],
    links: tuple[str, ...],
    *,
    status_labels: StatusLabels,
) -> Ticket:
    """Return the ticket that an issue is.

    Args:
        issue: The issue.
        comments: Its comments in their order.
        links: What it is linked with.
        status_labels: The labels that say where it stands.
    """
    description = issue.body.replace("\r\n", "\n").strip()
    milestone = (f"in the milestone {issue.milestone.title!r}",) if issue.milestone else ()
    return Ticket(
        key=key_of(issue.number),
        title=_title_of(issue),
        description=description,
        kind=_kind_of(issue),
        status=issue.status(status_labels),
        acceptance_criteria=tuple(dict.fromkeys(criteria_of(description))),
        labels=issue.label_names,
        priority=_priority_of(issue),
        reporter=issue.user.login,
        links=(*milestone, *links),
        comments=tuple(
            Comment(author=one.user.login, body=one.body, created_at=one.created_at)
            for one in comments
        ),
        url=issue.html_url,
    )


def summary_of(issue: Issue, *, status_labels: StatusLabels) -> TicketSummary:
    """Return the ticket that an issue is, in short."""
    return TicketSummary(
        key=key_of(issue.number),
        title=_title_of(issue),
        kind=_kind_of(issue),
        status=issue.status(status_labels),
        url=issue.html_url,
    )


def _title_of(issue: Issue) -> str:
    return (" ".join(issue.title.split()) or key_of(issue.number))[:MAX_TITLE_CHARACTERS]


def _kind_of(issue: Issue) -> TicketKind:
    names = [issue.kind.name] if issue.kind else []
    for name in (*names, *issue.label_names):
        for kind, words in _KINDS:
            if any(re.search(rf"\b{word}", name.casefold()) for word in words):
                return kind
    return TicketKind.TASK


def _priority_of(issue: Issue) -> str:
    for name in issue.label_names:
        if found := _PRIORITY.fullmatch(name):
            return str(found["name"] or found["short"])
    return ""
