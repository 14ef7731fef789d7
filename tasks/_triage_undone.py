"""How readiness, labels, reviewers, assignment and gates of a pull request are taken back.

They stay where the pull request stays: on one that was merged, or that others work on by now.
"""

from mergewright.clients.code_host import DraftMarking
from mergewright.clients.ports import Compensation
from mergewright.clients.remotes import remote_heads
from mergewright.domain.events import EffectIntended
from mergewright.domain.undo import UndoStep
from mergewright.errors import NotFound
from mergewright.texts.undo import closing_reason
from tasks import _traces as traces
from tasks._places import Place, trace_of
from tasks._runs import event_store
from tasks._triage_effects import READY
from tasks._workbench import credential_of


def take_labels_back(place: Place, step: UndoStep) -> Compensation:
    """Take off the labels that were not there before.

    Raises:
        ServiceError: The code host refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    before = trace_of(traces.LabelsBefore, step.before, step)
    wanted = trace_of(traces.LabelsWanted, step.wanted, step)
    ours = _beyond(wanted.labels, before.labels)
    return _kept(place, wanted, ours) or place.profile.code_host.connect().unlabel(
        place.run.repository, wanted.number, ours, rehearse=place.rehearse
    )


def take_ready_back(place: Place, step: UndoStep) -> Compensation:
    """Make the pull request a draft again, if it was one.

    Raises:
        ServiceError: The code host refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    before = trace_of(traces.ReadyBefore, step.before, step)
    wanted = trace_of(traces.OfPullRequest, step.wanted, step)
    host = place.profile.code_host.connect()
    if not isinstance(host, DraftMarking):
        return Compensation("kept", "The profile's code host has no drafts.")
    kept = _kept(place, wanted, (READY,) if before.draft else ())
    return kept or host.mark_draft(place.run.repository, wanted.number, rehearse=place.rehearse)


def take_reviewers_back(place: Place, step: UndoStep) -> Compensation:
    """Ask those no more for a review who were not asked before.

    Raises:
        ServiceError: The code host refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    before = trace_of(traces.ReviewersBefore, step.before, step)
    wanted = trace_of(traces.ReviewersWanted, step.wanted, step)
    people = _beyond(wanted.reviewers, before.reviewers)
    teams = _beyond(wanted.team_reviewers, before.team_reviewers)
    kept = _kept(place, wanted, (*people, *teams))
    return kept or place.profile.code_host.connect().withdraw_reviews(
        place.run.repository, wanted.number, people, teams, rehearse=place.rehearse
    )


def take_assignment_back(place: Place, step: UndoStep) -> Compensation:
    """Take people and milestone off that it did not have before.

    Raises:
        ServiceError: The code host refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    before = trace_of(traces.AssignmentBefore, step.before, step)
    wanted = trace_of(traces.AssignmentWanted, step.wanted, step)
    people = _beyond(wanted.assignees, before.assignees)
    milestone = "" if before.milestone else wanted.milestone
    kept = _kept(place, wanted, (*people, *([milestone] if milestone else [])))
    return kept or place.profile.code_host.connect().unassign(
        place.run.repository, wanted.number, people, milestone, rehearse=place.rehearse
    )


def take_gates_back(place: Place, step: UndoStep) -> Compensation:
    """Say on the commit that the gates do not count any more.

    Raises:
        ServiceError: The code host refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    wanted = trace_of(traces.GatesWanted, step.wanted, step)
    kept = _kept(place, wanted, tuple(gate.name for gate in wanted.gates))
    return kept or place.profile.code_host.connect().withdraw_gates(
        place.run.repository,
        wanted.head_commit,
        wanted.gates,
        wanted.url,
        reason=closing_reason(place.run.id),
        rehearse=place.rehearse,
    )


def _beyond(wanted: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    there = {name.casefold() for name in before}
    return tuple(name for name in wanted if name.casefold() not in there)


def _kept(place: Place, wanted: traces.OfPullRequest, ours: tuple[str, ...]) -> Compensation | None:
    """Say why nothing is taken back; None when there is something to take back."""
    if not ours:
        return Compensation("already", "It was there before the run.")
    repository = place.run.repository
    try:
        found = place.profile.code_host.connect().pull_request(repository, wanted.number)
    except NotFound:
        return None
    if found.state == "merged":
        return Compensation("kept", "It was merged.", found.url)
    credential = credential_of(place.profile, repository)
    head = remote_heads(repository, credential=credential).get(wanted.head)
    if head in {None, wanted.head_commit, *_own_commits(place, wanted.head)}:
        return None
    return Compensation("kept", f"Its branch has commits of others: it holds {head}.", found.url)


def _own_commits(place: Place, branch: str) -> set[str]:
    """Return the commits that the run pushed as a branch, or was about to."""
    stored = event_store().read(run_id=place.run.id, types=("effect_intended",))
    return {
        str(entry.event.wanted["commit"])
        for entry in stored
        if isinstance(entry.event, EffectIntended)
        and entry.event.target.startswith(branch)
        and "commit" in entry.event.wanted
    }
