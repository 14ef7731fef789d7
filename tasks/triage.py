"""What a pull request is given beside its text: labels, reviewers, assignees, milestone, gates."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from mergewright.clients.code_host import CodeHost
from mergewright.clients.ports import Effect
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.pull_request import Assignment, PullRequest, ReviewRequests
from mergewright.domain.triage import Triage
from mergewright.domain.workspace import Workspace
from mergewright.errors import AccessDenied, NotFound, Rejected
from mergewright.events.journal import Journal
from tasks import _traces as traces
from tasks._addresses import run_address
from tasks._decisions import TRIAGE
from tasks._effects import perform
from tasks._facts import recall
from tasks._policies import stage
from tasks._runs import journal_of, profile_of

V = TypeVar("V")


@stage("Hand on the pull request", kept=False)
def hand_on(run: Run, workspace: Workspace, delivery: Delivery) -> PullRequest:
    """Give the pull request labels, reviewers, assignees and milestone, and show the gates on it.

    What the code host does not take is noted, and the rest is done all the same.

    Raises:
        ServiceUnavailable: The code host did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, TRIAGE)
    opened, decided = delivery.pull_request, recall(journal, TRIAGE, Triage)
    if opened is None:
        raise NotFound("There is no pull request to hand on.", hint="Start the same run again.")
    if decided is None:
        return opened
    host = profile_of(run).code_host.connect()
    of = {"number": opened.number, "head": workspace.branch, "head_commit": delivery.commit}
    labels = _labelled(run, journal, host, traces.LabelsWanted(**of, labels=decided.labels))
    asked = _asked(run, journal, host, of, decided)
    whose = _assigned(run, journal, host, of, decided)
    show_gates(run, journal, traces.GatesWanted(**of, gates=delivery.gates, url=run_address(run)))
    return opened.model_copy(
        update={
            "labels": labels or opened.labels,
            "reviewers": asked.reviewers or opened.reviewers,
            "team_reviewers": asked.team_reviewers or opened.team_reviewers,
            "assignees": whose.assignees or opened.assignees,
            "milestone": whose.milestone or opened.milestone,
        }
    )


def show_gates(run: Run, journal: Journal, wanted: traces.GatesWanted) -> tuple[str, ...]:
    """Show gates on a commit, once per commit; return the names they have there.

    Raises:
        ServiceUnavailable: The code host did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    if not wanted.gates:
        return ()
    host, commit = profile_of(run).code_host.connect(), wanted.head_commit
    shown = _or_note(
        journal,
        "The gates are not shown on the commit",
        lambda: perform(
            journal,
            effect="gates",
            target=commit[:12],
            form=tuple[str, ...],
            wanted=wanted,
            act=lambda: host.report_gates(run.repository, commit, wanted.gates, wanted.url),
            reference=lambda _: commit,
        ),
    )
    return shown or ()


def _labelled(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.LabelsWanted
) -> tuple[str, ...]:
    if not wanted.labels:
        return ()
    number = wanted.number
    there = _or_note(
        journal,
        "The pull request has not all of its labels",
        lambda: perform(
            journal,
            effect="labels",
            target=f"#{number}",
            form=tuple[str, ...],
            wanted=wanted,
            act=lambda: host.label(run.repository, number, wanted.labels),
            reference=", ".join,
            before=lambda: traces.LabelsBefore(
                labels=host.pull_request(run.repository, number).labels
            ),
        ),
    )
    return there or ()


def _asked(
    run: Run, journal: Journal, host: CodeHost, of: Mapping[str, object], decided: Triage
) -> ReviewRequests:
    people = tuple(one.name for one in decided.reviewers if not one.team)
    teams = tuple(one.name for one in decided.reviewers if one.team)
    if not decided.reviewers:
        return ReviewRequests()
    wanted = traces.ReviewersWanted.model_validate(
        {**of, "reviewers": people, "team_reviewers": teams}
    )

    def before() -> traces.ReviewersBefore:
        found = host.pull_request(run.repository, wanted.number)
        return traces.ReviewersBefore(
            reviewers=found.reviewers, team_reviewers=found.team_reviewers
        )

    def act() -> Effect[ReviewRequests]:
        done = host.request_reviews(run.repository, wanted.number, people, teams)
        _note_refused(journal, "was not asked for a review", done.value)
        return done

    asked = _or_note(
        journal,
        "Nobody was asked for a review",
        lambda: perform(
            journal,
            effect="reviewers",
            target=f"#{wanted.number}",
            form=ReviewRequests,
            wanted=wanted,
            act=act,
            reference=lambda done: ", ".join((*done.reviewers, *done.team_reviewers)),
            before=before,
        ),
    )
    return asked or ReviewRequests()


def _assigned(
    run: Run, journal: Journal, host: CodeHost, of: Mapping[str, object], decided: Triage
) -> Assignment:
    if not decided.assignees and not decided.milestone:
        return Assignment()
    wanted = traces.AssignmentWanted.model_validate(
        {**of, "assignees": decided.assignees, "milestone": decided.milestone}
    )

    def before() -> traces.AssignmentBefore:
        found = host.pull_request(run.repository, wanted.number)
        return traces.AssignmentBefore(assignees=found.assignees, milestone=found.milestone)

    def act() -> Effect[Assignment]:
        done = host.assign(run.repository, wanted.number, wanted.assignees, wanted.milestone)
        _note_refused(journal, "was not taken", done.value)
        return done

    whose = _or_note(
        journal,
        "The pull request is assigned to nobody",
        lambda: perform(
            journal,
            effect="assignment",
            target=f"#{wanted.number}",
            form=Assignment,
            wanted=wanted,
            act=act,
            reference=lambda done: ", ".join(filter(None, (*done.assignees, done.milestone))),
            before=before,
        ),
    )
    return whose or Assignment()


def _or_note(journal: Journal, what: str, act: Callable[[], V]) -> V | None:
    """Do what a pull request is well without; what is refused is noted, with what would help."""
    try:
        return act()
    except (AccessDenied, NotFound, Rejected) as error:
        journal.note(f"{what}: {error.message} {error.hint}".strip())
        return None


def _note_refused(journal: Journal, what: str, value: ReviewRequests | Assignment) -> None:
    for one in value.refused:
        journal.note(f"{one.name!r} {what}: {one.reason}")
