"""What each kind of effect leaves in the log, so that it can be undone.

What was there before, and what was wanted: written by the stage that makes the effect, read by the
stage that undoes it.
"""

from pydantic import AwareDatetime

from mergewright.domain.delivery import StageRecord
from mergewright.domain.gates import Gate
from mergewright.domain.notice import Notice
from mergewright.domain.page import PageDraft
from mergewright.domain.pull_request import PullRequestDraft
from mergewright.domain.ticket import StatusCategory, TicketDraft
from mergewright.domain.value import Value


class BranchBefore(Value):
    """Whether the branch was there."""

    commit: str | None
    """Where it was; None when there was none."""


class BranchWanted(Value):
    """The branch that is pushed."""

    commit: str
    is_base: bool = False
    """Whether pull requests of the run are meant for it, and not made of it."""


class CommitBefore(Value):
    """Where the branch was."""

    commit: str


class CommitWanted(Value):
    """The further commit that the branch is moved to."""

    branch: str
    commit: str


class PullRequestBefore(Value):
    """Whether a pull request was open for the branch."""

    number: int | None


class PullRequestWanted(Value):
    """The pull request that is opened."""

    ticket_key: str
    head_commit: str


class PullRequestText(Value):
    """What a pull request says, and which commit it offers: as it was, or as it is wanted."""

    number: int
    draft: PullRequestDraft


class WorkflowWanted(Value):
    """The workflow that is started."""

    workflow: str
    ref: str
    commit: str


class RemarkWanted(Value):
    """The remark that is written below a pull request."""

    repository: str
    number: int
    marker: str
    body: str
    answers: tuple[str, ...] = ()
    """Ids of the review comments that it answers: nobody answers them again."""


class ReplyWanted(RemarkWanted):
    """The reply that is written in a thread of a pull request."""

    thread: str


class PageBefore(Value):
    """Whether the page was there."""

    version: int | None


class PageWanted(Value):
    """The page that is published."""

    draft: PageDraft


class CommentBefore(Value):
    """Whether a comment with the marker was there, from an earlier run on the ticket."""

    body: str | None


class CommentWanted(Value):
    """The comment that is written."""

    key: str
    marker: str
    body: str


class ProgressWanted(CommentWanted):
    """The comment that shows how far a run is."""

    parts: tuple[StageRecord, ...] = ()
    """What it tells, so that the run's end can be told in the same comment."""
    recorded: bool = False
    """Whether it says that the answers come from a recording."""


class LinkWanted(Value):
    """The link that leads from the ticket to what came of it."""

    key: str
    url: str
    title: str
    marker: str


class TicketWanted(Value):
    """The ticket that is made."""

    draft: TicketDraft
    marker: str


class RelationWanted(Value):
    """The link that is made from one ticket to another."""

    key: str
    other: str
    kind: str


class OfPullRequest(Value):
    """Which pull request something belongs to, and what that offered then."""

    number: int
    head: str
    head_commit: str


class ReadyBefore(Value):
    """Whether it was a draft."""

    draft: bool


class LabelsBefore(Value):
    """The labels that were there."""

    labels: tuple[str, ...]


class LabelsWanted(OfPullRequest):
    """The labels that are put on it."""

    labels: tuple[str, ...]


class ReviewersBefore(Value):
    """Who was asked for a review already."""

    reviewers: tuple[str, ...]
    team_reviewers: tuple[str, ...]


class ReviewersWanted(OfPullRequest):
    """Who is asked for a review."""

    reviewers: tuple[str, ...]
    team_reviewers: tuple[str, ...]


class AssignmentBefore(Value):
    """Whose it was, and which milestone it had."""

    assignees: tuple[str, ...]
    milestone: str


class AssignmentWanted(OfPullRequest):
    """Whose it becomes, and which milestone it gets."""

    assignees: tuple[str, ...]
    milestone: str


class GatesWanted(OfPullRequest):
    """The gates that are shown on its commit."""

    gates: tuple[Gate, ...]
    url: str = ""


class TransitionBefore(Value):
    """Where the ticket was."""

    status: StatusCategory


class TransitionWanted(Value):
    """Where the ticket is moved to."""

    status: StatusCategory
    key: str = ""
    """The ticket; empty where the effect's target is its key."""


class MessageWanted(Value):
    """The message that is sent, with all that sending it later needs but its files."""

    marker: str
    subject: str
    url: str = ""
    channel: str = ""
    """Which of the profile's messengers tells it, or which person; empty is the first one."""
    notice: Notice | None = None
    due_at: AwareDatetime | None = None
    """When a person wants to be told; None is at once."""
    is_digested: bool = False
    """Whether the person wants it in one message with all others that are due."""
