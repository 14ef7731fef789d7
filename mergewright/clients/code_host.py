"""The port of a code host; what it has in common with the other ones is told in `ports`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from mergewright.clients.outcomes import Compensation, Effect
from mergewright.domain.gates import Gate
from mergewright.domain.pull_request import (
    Assignment,
    ExternalCheck,
    ExternalChecks,
    PullRequest,
    PullRequestDraft,
    ReviewComment,
    ReviewRequests,
    WorkflowRun,
)


class CodeHost(Protocol):
    """Where pull requests are."""

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket."""
        ...

    def open_pull_request(self, draft: PullRequestDraft) -> Effect[PullRequest]:
        """Open a pull request, or update the open one with the same head."""
        ...

    def close_pull_request(
        self,
        repository: str,
        number: int,
        *,
        head_commit: str,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Close a pull request without merging it.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            head_commit: The commit that we offered: with any other it stays open.
            reason: What its readers are told.
            rehearse: Only say what would come of it.
        """
        ...

    def pull_request(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it is now.

        Raises:
            NotFound: There is none with this number.
        """
        ...

    def label(self, repository: str, number: int, labels: Sequence[str]) -> Effect[tuple[str, ...]]:
        """Put labels on a pull request, beside those it has; return all of them."""
        ...

    def unlabel(
        self, repository: str, number: int, labels: Sequence[str], *, rehearse: bool = False
    ) -> Compensation:
        """Take labels off a pull request."""
        ...

    def request_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
    ) -> Effect[ReviewRequests]:
        """Ask people and teams for a review, never its author; say who was not taken.

        Those who have reviewed already are not asked again.
        """
        ...

    def withdraw_reviews(
        self,
        repository: str,
        number: int,
        reviewers: Sequence[str],
        team_reviewers: Sequence[str] = (),
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Ask people and teams no more for a review; a review that was given stays."""
        ...

    def assign(
        self, repository: str, number: int, assignees: Sequence[str], milestone: str = ""
    ) -> Effect[Assignment]:
        """Assign a pull request to people and to a milestone; say who and what was not taken.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            assignees: Names of accounts, beside those it is assigned to already.
            milestone: Title of a milestone; empty, or when it has another one, leaves it as it is.
        """
        ...

    def unassign(
        self,
        repository: str,
        number: int,
        assignees: Sequence[str],
        milestone: str = "",
        *,
        rehearse: bool = False,
    ) -> Compensation:
        """Take people and a milestone off a pull request."""
        ...

    def report_gates(
        self, repository: str, commit: str, gates: Sequence[Gate], url: str = ""
    ) -> Effect[tuple[str, ...]]:
        """Show gates on a commit, with a link; return the names they have there."""
        ...

    def withdraw_gates(
        self,
        repository: str,
        commit: str,
        gates: Sequence[Gate],
        url: str = "",
        *,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Say on a commit that gates are taken back: they do not count as passed any more.

        Args:
            repository: Path or URL of the repository.
            commit: Id of the commit.
            gates: As they were reported: one that says something else now is kept.
            url: As it was reported.
            reason: What its readers are told.
            rehearse: Only say what would come of it.
        """
        ...

    def dispatch_workflow(
        self,
        repository: str,
        workflow: str,
        ref: str,
        inputs: Mapping[str, str],
        *,
        marker: str,
        since: datetime | None = None,
    ) -> Effect[WorkflowRun]:
        """Start a workflow, unless a run of it is ours already; return the run.

        Args:
            repository: Path or URL of the repository.
            workflow: Name of its file, as `deploy.yml`.
            ref: Branch or tag to run it on.
            inputs: What it is given.
            marker: What makes two calls the same, where the workflow's runs show it.
            since: When this was first meant to be done: a run that we started on this branch since
                then is taken for ours, though it shows no marker.
        """
        ...

    def cancel_workflow(
        self, repository: str, run_id: int, *, rehearse: bool = False
    ) -> Compensation:
        """Cancel a run of a workflow; one that has ended is kept."""
        ...

    def external_checks(self, repository: str, commit: str) -> tuple[ExternalCheck, ...]:
        """Return the checks that others run on a commit, with the end of the logs of failed ones."""
        ...

    def wait_for_checks(
        self, repository: str, commit: str, *, timeout_seconds: float
    ) -> ExternalChecks:
        """Wait until those checks have ended; when the time is over, say how they stand."""
        ...

    def review_comments(self, repository: str, number: int) -> tuple[ReviewComment, ...]:
        """Return what people said about a pull request, but for what is settled, oldest first.

        All of it is data that anybody may have written.
        """
        ...

    def remark(self, repository: str, number: int, body: str, *, marker: str) -> Effect[str]:
        """Write one remark per marker below a pull request, over an earlier one; return its place."""
        ...

    def remove_remark(
        self, repository: str, number: int, *, marker: str, body: str, rehearse: bool = False
    ) -> Compensation:
        """Remove the remark with this marker.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            marker: The marker that it was written with.
            body: The text that we gave it: with any other text it is kept.
            rehearse: Only say what would come of it.
        """
        ...


@runtime_checkable
class ReviewCounting(Protocol):
    """What a code host may offer: who has how much to review. Ask with `isinstance`."""

    def open_reviews(self, repository: str) -> Mapping[str, int]:
        """Return how many open pull requests wait for whom, by the lower-case name."""
        ...


@runtime_checkable
class ThreadReplying(Protocol):
    """What a code host may offer: replies in the threads of remarks. Ask with `isinstance`."""

    def reply(
        self, repository: str, number: int, thread: str, body: str, *, marker: str
    ) -> Effect[str]:
        """Write one reply per thread and marker, over an earlier one; return its place.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            thread: As a review comment names it.
            body: Markdown.
            marker: What makes two calls the same.

        Raises:
            NotFound: There is no such thread.
        """
        ...

    def remove_reply(
        self,
        repository: str,
        number: int,
        thread: str,
        *,
        marker: str,
        body: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Remove the reply with this marker from a thread.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            thread: As a review comment names it.
            marker: The marker that it was written with.
            body: The text that we gave it: with any other text it is kept.
            rehearse: Only say what would come of it.
        """
        ...


@runtime_checkable
class DraftMarking(Protocol):
    """What a code host may offer: to make a draft ready, and a draft again. Ask with `isinstance`."""

    def mark_ready(self, repository: str, number: int) -> Effect[PullRequest]:
        """Say that a draft is ready for review; return the pull request as it is then.

        Raises:
            Rejected: It is closed.
        """
        ...

    def mark_draft(self, repository: str, number: int, *, rehearse: bool = False) -> Compensation:
        """Make a pull request a draft again, which it was before we marked it ready."""
        ...


class BranchRules(NamedTuple):
    """What a code host asks of a branch."""

    may_be_made: bool
    """Whether a branch of the name may be pushed where there is none."""
    asks: tuple[str, ...]
    """What must hold before anything gets into it, each in words."""


@runtime_checkable
class RuleTelling(Protocol):
    """What a code host may offer: the rules of a branch. Ask with `isinstance`."""

    def branch_rules(self, repository: str, branch: str) -> BranchRules:
        """Return what holds for a branch of this name, whether or not it is there."""
        ...
