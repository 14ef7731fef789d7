"""Readiness, labels, reviewers, assignment and gates of a pull request, each as an effect of its run.

What is refused raises: the stage that hands the pull request on notes it and goes on, and whoever does
it later says that it is still open.
"""

from mergewright.clients.code_host import CodeHost, DraftMarking
from mergewright.clients.ports import Effect
from mergewright.domain.delivery import Run
from mergewright.domain.pull_request import (
    Assignment,
    PullRequest,
    PullRequestDraft,
    ReviewRequests,
)
from mergewright.errors import Rejected
from mergewright.events.journal import Journal
from tasks import _traces as traces
from tasks._effects import perform

READY = "ready"
"""The effect that a draft is ready for review."""


def mark_ready(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.OfPullRequest
) -> PullRequest:
    """Say that the pull request is ready for review, which was a draft.

    Raises:
        ServiceError: The code host refused or did not answer.
    """

    def act() -> Effect[PullRequest]:
        if not isinstance(host, DraftMarking):
            raise Rejected(
                "The profile's code host cannot make a draft ready for review.",
                hint="Say on the pull request that it is ready.",
            )
        return host.mark_ready(run.repository, wanted.number)

    return perform(
        journal,
        effect=READY,
        target=f"#{wanted.number}",
        form=PullRequest,
        wanted=wanted,
        act=act,
        reference=lambda opened: opened.url,
        before=lambda: traces.ReadyBefore(
            draft=host.pull_request(run.repository, wanted.number).draft
        ),
    )


def tell_ready(
    journal: Journal,
    host: CodeHost,
    number: int,
    before: PullRequestDraft,
    after: PullRequestDraft,
) -> str:
    """Let a pull request say what one says that is no draft, if that is something else.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    if before.body == after.body:
        return ""
    return perform(
        journal,
        effect="pull request text",
        target=f"#{number}@{READY}",
        form=PullRequest,
        wanted=traces.PullRequestText(number=number, draft=after),
        act=lambda: host.open_pull_request(after),
        reference=lambda opened: opened.url,
        before=lambda: traces.PullRequestText(number=number, draft=before),
    ).url


def put_labels(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.LabelsWanted
) -> tuple[str, ...]:
    """Put labels on the pull request; return all that it has.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    return perform(
        journal,
        effect="labels",
        target=f"#{wanted.number}",
        form=tuple[str, ...],
        wanted=wanted,
        act=lambda: host.label(run.repository, wanted.number, wanted.labels),
        reference=", ".join,
        before=lambda: traces.LabelsBefore(
            labels=host.pull_request(run.repository, wanted.number).labels
        ),
    )


def ask_reviewers(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.ReviewersWanted
) -> ReviewRequests:
    """Ask people and teams for a review, and note who was not taken.

    Raises:
        ServiceError: The code host refused or did not answer.
    """

    def before() -> traces.ReviewersBefore:
        found = host.pull_request(run.repository, wanted.number)
        return traces.ReviewersBefore(
            reviewers=found.reviewers, team_reviewers=found.team_reviewers
        )

    def act() -> Effect[ReviewRequests]:
        people, teams = wanted.reviewers, wanted.team_reviewers
        done = host.request_reviews(run.repository, wanted.number, people, teams)
        _note_refused(journal, "was not asked for a review", done.value)
        return done

    return perform(
        journal,
        effect="reviewers",
        target=f"#{wanted.number}",
        form=ReviewRequests,
        wanted=wanted,
        act=act,
        reference=lambda done: ", ".join((*done.reviewers, *done.team_reviewers)),
        before=before,
    )


def assign(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.AssignmentWanted
) -> Assignment:
    """Assign the pull request to people and a milestone, and note what was not taken.

    Raises:
        ServiceError: The code host refused or did not answer.
    """

    def before() -> traces.AssignmentBefore:
        found = host.pull_request(run.repository, wanted.number)
        return traces.AssignmentBefore(assignees=found.assignees, milestone=found.milestone)

    def act() -> Effect[Assignment]:
        done = host.assign(run.repository, wanted.number, wanted.assignees, wanted.milestone)
        _note_refused(journal, "was not taken", done.value)
        return done

    return perform(
        journal,
        effect="assignment",
        target=f"#{wanted.number}",
        form=Assignment,
        wanted=wanted,
        act=act,
        reference=lambda done: ", ".join(filter(None, (*done.assignees, done.milestone))),
        before=before,
    )


def report_gates(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.GatesWanted
) -> tuple[str, ...]:
    """Show gates on a commit; return the names they have there.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    commit = wanted.head_commit
    return perform(
        journal,
        effect="gates",
        target=commit[:12],
        form=tuple[str, ...],
        wanted=wanted,
        act=lambda: host.report_gates(run.repository, commit, wanted.gates, wanted.url),
        reference=lambda _: commit,
    )


def _note_refused(journal: Journal, what: str, value: ReviewRequests | Assignment) -> None:
    for one in value.refused:
        journal.note(f"{one.name!r} {what}: {one.reason}")
