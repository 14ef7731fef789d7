"""What each kind of effect leaves in the log, so that it can be undone.

What was there before, and what was wanted: written by the stage that makes the effect, read by the
stage that undoes it.
"""

from mergewright.domain.page import PageDraft
from mergewright.domain.ticket import StatusCategory
from mergewright.domain.value import Value


class BranchBefore(Value):
    """Whether the branch was there."""

    commit: str | None
    """Where it was; None when there was none."""


class BranchWanted(Value):
    """The branch that is pushed."""

    commit: str


class PullRequestBefore(Value):
    """Whether a pull request was open for the branch."""

    number: int | None


class PullRequestWanted(Value):
    """The pull request that is opened."""

    ticket_key: str
    head_commit: str


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


class TransitionBefore(Value):
    """Where the ticket was."""

    status: StatusCategory


class TransitionWanted(Value):
    """Where the ticket is moved to."""

    status: StatusCategory


class MessageWanted(Value):
    """The message that is sent."""

    marker: str
    subject: str
    url: str = ""
