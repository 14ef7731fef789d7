"""A change offered for merging, and what people and machines say about it."""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from mergewright.domain.value import Value


class PullRequestDraft(Value):
    """What to open."""

    repository: str
    """Path or URL of the repository, without credentials."""
    title: str
    body: str
    """Markdown."""
    head: str
    head_commit: str
    base: str
    base_commit: str
    ticket_key: str
    labels: tuple[str, ...] = ()
    draft: bool = False
    """Whether it is opened as a draft, which nobody is asked to review yet."""


class PullRequest(Value):
    """What was opened."""

    number: int
    url: str
    title: str
    head: str
    """Name of its branch; as `owner:branch` when the branch is in another repository."""
    base: str
    state: Literal["open", "closed", "merged"] = "open"
    draft: bool = False
    head_commit: str = ""
    """What it offers now; empty when the code host does not say."""
    author: str = ""
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    """Who is asked for a review and has not given one yet."""
    team_reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""


class Refusal(Value):
    """Somebody or something that the code host did not take, while it took the rest."""

    name: str
    reason: str


class ReviewRequests(Value):
    """Who was asked for a review."""

    reviewers: tuple[str, ...] = ()
    """Of the people named, those who are asked now or have reviewed already."""
    team_reviewers: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Assignment(Value):
    """Whose a pull request is, and which milestone it belongs to."""

    assignees: tuple[str, ...] = ()
    milestone: str = ""
    refused: tuple[Refusal, ...] = ()


class WorkflowRun(Value):
    """One run of a workflow of the code host."""

    id: int
    """Zero when the code host did not say which run it started."""
    url: str = ""
    status: str = "queued"
    """The code host's word: queued, in_progress, completed ..."""
    conclusion: str = ""
    """Empty until it has ended."""


class ExternalCheckStatus(StrEnum):
    """How a check that others run came out."""

    PENDING = "pending"
    PASSED = "passed"
    SKIPPED = "skipped"
    """It did not run, or has no say."""
    FAILED = "failed"


class ExternalCheck(Value):
    """A check that the code host or another service runs on a commit."""

    name: str
    status: ExternalCheckStatus
    url: str = ""
    summary: str = ""
    """What it says about itself: untrusted."""
    log: str = ""
    """End of the log of a failed one, where it can be read: redacted, and untrusted."""


class ExternalChecks(Value):
    """All checks that others run on a commit, as they stand."""

    commit: str
    checks: tuple[ExternalCheck, ...] = ()
    complete: bool = False
    """Whether all of them have ended and no more are to come; not so when the time was over."""

    @property
    def failed(self) -> tuple[ExternalCheck, ...]:
        """Those that say no."""
        return tuple(one for one in self.checks if one.status is ExternalCheckStatus.FAILED)

    @property
    def pending(self) -> tuple[ExternalCheck, ...]:
        """Those that have not ended."""
        return tuple(one for one in self.checks if one.status is ExternalCheckStatus.PENDING)


class ReviewComment(Value):
    """What a person said about a pull request."""

    id: str
    """The code host's id, the same whenever it is read."""
    kind: Literal["line", "review", "conversation"]
    author: str
    body: str
    """Markdown, as its author wrote it: untrusted."""
    created_at: AwareDatetime
    url: str = ""
    path: str = ""
    """File that it is about; empty when it is about the whole."""
    line: int | None = Field(default=None, ge=1)
    """Line of the file as the pull request has it; None when that line is gone."""
    thread: str = ""
    """The thread that it belongs to, as the code host knows it; empty where it belongs to none."""
    verdict: Literal["", "approved", "changes requested"] = ""
    member: bool = False
    """Whether its author is the owner, a member or a collaborator; anybody may comment in public."""
