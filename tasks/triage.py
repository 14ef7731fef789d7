"""What a pull request is given beside its text: labels, reviewers, assignees, milestone, gates."""

from collections.abc import Iterable, Mapping

from mergewright.clients.code_host import CodeHost
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.gates import EXTERNAL_CHECKS, Gate, GateStatus
from mergewright.domain.pull_request import Assignment, PullRequest, ReviewRequests
from mergewright.domain.triage import Triage
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotFound
from mergewright.events.journal import Journal
from tasks import _traces as traces
from tasks._addresses import run_address
from tasks._decisions import TRIAGE
from tasks._effects import or_note
from tasks._facts import recall
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._triage_effects import (
    ask_reviewers,
    assign,
    mark_ready,
    put_labels,
    report_gates,
    tell_ready,
)
from tasks.pull_requests import draft_of


@stage("Hand on the pull request", kept=False)
def hand_on(run: Run, workspace: Workspace, delivery: Delivery) -> PullRequest:
    """Give the pull request labels, reviewers, assignees and milestone, and show the gates on it.

    A draft is made ready first, where the policy wants that of one whose checks are all green. What the code host does not take is noted, and the rest is done all the same.

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
    ready = None
    if decided.ready_when_green:
        ready = _made_ready(run, journal, host, workspace, delivery)
    is_draft = decided.draft and ready is None
    asked = ReviewRequests() if is_draft else _asked(run, journal, host, of, decided)
    whose = _assigned(run, journal, host, of, decided)
    show_gates(run, journal, traces.GatesWanted(**of, gates=delivery.gates, url=run_address(run)))
    return opened.model_copy(
        update={
            "draft": opened.draft and ready is None,
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
    host = profile_of(run).code_host.connect()
    what = "The gates are not shown on the commit"
    return or_note(journal, what, lambda: report_gates(run, journal, host, wanted)) or ()


def why_it_stays_a_draft(gates: Iterable[Gate]) -> str:
    """Say why a pull request is not ready for review by itself; empty when all is green."""
    by_name = {gate.name: gate for gate in gates}
    if failed := [gate.name for gate in by_name.values() if gate.status is GateStatus.FAILED]:
        return f"{', '.join(failed)} failed"
    others = by_name.get(EXTERNAL_CHECKS)
    if others is None:
        return "nobody waited for the checks of others (wait_for_checks_minutes)"
    return "" if others.status is GateStatus.PASSED else f"{others.name}: {others.summary}"


def _made_ready(
    run: Run, journal: Journal, host: CodeHost, workspace: Workspace, delivery: Delivery
) -> PullRequest | None:
    """Make a draft ready for review if all is green, and let its text say so; else return None."""
    opened, what = delivery.pull_request, "The pull request stays a draft"
    reason = why_it_stays_a_draft(delivery.gates)
    if opened is None or reason:
        journal.note(f"{what}: {reason}.")
        return None
    wanted = traces.OfPullRequest(
        number=opened.number, head=workspace.branch, head_commit=delivery.commit
    )
    ready = or_note(journal, what, lambda: mark_ready(run, journal, host, wanted))
    if ready is not None:
        before = draft_of(run, workspace, delivery)
        told = delivery.model_copy(update={"pull_request": ready})
        after = draft_of(run, workspace, told)
        what = "The pull request says what it said as a draft"
        or_note(journal, what, lambda: tell_ready(journal, host, opened.number, before, after))
    return ready


def _labelled(
    run: Run, journal: Journal, host: CodeHost, wanted: traces.LabelsWanted
) -> tuple[str, ...]:
    if not wanted.labels:
        return ()
    what = "The pull request has not all of its labels"
    return or_note(journal, what, lambda: put_labels(run, journal, host, wanted)) or ()


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
    what = "Nobody was asked for a review"
    asked = or_note(journal, what, lambda: ask_reviewers(run, journal, host, wanted))
    return asked or ReviewRequests()


def _assigned(
    run: Run, journal: Journal, host: CodeHost, of: Mapping[str, object], decided: Triage
) -> Assignment:
    if not decided.assignees and not decided.milestone:
        return Assignment()
    wanted = traces.AssignmentWanted.model_validate(
        {**of, "assignees": decided.assignees, "milestone": decided.milestone}
    )
    what = "The pull request is assigned to nobody"
    whose = or_note(journal, what, lambda: assign(run, journal, host, wanted))
    return whose or Assignment()
