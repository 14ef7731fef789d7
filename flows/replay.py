"""replay: execute a run again from its recorded answers."""

from collections.abc import Iterator

from prefect import flow

from flows._approving import settle_change
from flows._backporting import carry_over
from flows._documenting import correct
from flows._improving import Understanding
from flows._names import asked_run
from flows._phases import build, propose
from flows._reproducing import reproduce
from flows._work import Work, delivering
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Outcome
from mergewright.domain.replay import RecordedRun, ReplayReport, ReplayRequest
from mergewright.errors import ChecksFailed
from tasks import agents, backports, checks, codebase, documentation, guards, replays, workspace


def name_run() -> str:
    """Return the run's name: the run that is replayed."""
    return f"Replay {asked_run()}"


@flow(flow_run_name=name_run, validate_parameters=True)
def replay(request: ReplayRequest) -> ReplayReport:
    """Execute a run again from its recorded answers, and see that it comes to the same change.

    Nothing is published, no model is asked, and the repository is not contacted: the mirror holds
    what is needed. Tools, edits, checks and gates are the real ones, so that a change of a prompt
    or of the engine shows here before it costs anything. What people said of plan and change is
    taken from the log. With another version of a prompt, a model is asked from where that is first
    used, within the run's budget.

    Args:
        request: Which run, and how far.
    """
    recorded = replays.recall_run(request.run_id)
    again = replays.request_again(recorded)
    made: list[Changeset] = []
    with delivering("replay", again, until=request.until) as work:
        work.run = work.run.model_copy(update={"with_prompt": request.with_prompt})
        work.given = replays.recall_answers(recorded)
        known = _recall(work, recorded)
        made.append(_settled(work, known, _built(work, known, recorded)))
        made.extend(_carried(work, known, recorded))
        work.learn(outcome=Outcome.REHEARSED)
    report = replays.compare_replay(work.run, recorded, made)
    if not (request.until or request.with_prompt or report.same):
        raise ChecksFailed(
            f"The replay of {recorded.run_id!r} came to another change: {_differing(report)};"
            f" {report.drifted} of {report.answers} answers were played to a changed request.",
            hint=f"Compare: mergewright show {report.replay_id} --diff",
            run_id=report.replay_id,
        )
    return report


def _recall(work: Work, recorded: RecordedRun) -> Understanding:
    """Return what the run knew before it changed anything, from the log and the mirror."""
    replays.recall_pictures(work.run, recorded)
    work.learn(**agents.check_models(work.run)._asdict(), ticket=recorded.ticket)
    place = work.do("workspace", workspace.reopen_workspace, recorded.base_commit, recorded.branch)
    work.learn(branch=place.branch, base_commit=place.base_commit)
    work.learn(release=recorded.release, severity=recorded.severity)
    facts = work.do("analyse", codebase.analyse_repository, recorded.ticket, place)
    if recorded.documentation is not None:
        base = documentation.no_checks(place)
    else:
        base = work.do("baseline", checks.check_base, place, facts)
    work.learn(sandbox=base.sandbox)
    return Understanding(recorded.ticket, place, facts, base)


def _built(work: Work, known: Understanding, recorded: RecordedRun) -> Changeset:
    """Have the change made as its type of workflow makes it."""
    if recorded.documentation is not None:
        standing = documentation.standing_again(recorded.documentation)
        state = work.do("examine", documentation.examine, known.workspace, known.codebase, standing)
        work.learn(documentation=state)
        return correct(work, known, state)
    if work.policy.reproduction:
        reproduce(work, known)
    research, plan = propose(work, known)
    return build(work, known, research, plan)


def _settled(work: Work, known: Understanding, changeset: Changeset) -> Changeset:
    """Guard the change, and have it repaired where people sent it back then."""
    place = known.workspace

    def guard(one: Changeset) -> None:
        work.gate("guard", work.do("guard", guards.guard_change, place, one))

    return settle_change(work, known, changeset, guard)


def _carried(work: Work, known: Understanding, recorded: RecordedRun) -> Iterator[Changeset]:
    """Bring the change to the main branch as it was then, where the run did so."""
    backport = recorded.backport
    if backport is None:
        return
    target = backports.BackportTarget(
        base=backport.base, commit=backport.base_commit, branch=backport.branch
    )
    here = work.delivery
    work.learn(commit=recorded.commit)
    _, changeset = carry_over(work, known, target)
    carried = work.delivery.backport
    if carried is not None:
        carried = carried.model_copy(update={"changeset": changeset, "gates": work.delivery.gates})
    work.delivery = here.model_copy(update={"backport": carried})
    yield changeset


def _differing(report: ReplayReport) -> str:
    pairs = (
        ("", report.digest, report.expected_digest),
        ("for the main branch ", report.backport_digest, report.expected_backport_digest),
    )
    return ", ".join(
        f"{where}{came[:12] or 'none'} instead of {expected[:12]}"
        for where, came, expected in pairs
        if came != expected
    )
