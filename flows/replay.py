"""replay: execute a run again from its recorded answers."""

from prefect import flow

from flows._improving import Understanding
from flows._names import asked_run
from flows._phases import build, propose
from flows._work import Work, delivering
from mergewright.domain.delivery import Outcome
from mergewright.domain.replay import RecordedRun, ReplayReport, ReplayRequest
from mergewright.errors import ChecksFailed
from tasks import agents, checks, codebase, guards, replays, workspace


def name_run() -> str:
    """Return the run's name: the run that is replayed."""
    return f"Replay {asked_run()}"


@flow(flow_run_name=name_run, validate_parameters=True)
def replay(request: ReplayRequest) -> ReplayReport:
    """Execute a run again from its recorded answers, and see that it comes to the same change.

    Nothing is published, no model is asked, and the repository is not contacted: the mirror holds
    what is needed. Tools, edits, checks and gates are the real ones, so that a change of a prompt
    or of the engine shows here before it costs anything. With another version of a prompt, a model
    is asked from where that is first used, within the run's budget.

    Args:
        request: Which run, and how far.
    """
    recorded = replays.recall_run(request.run_id)
    again = replays.request_again(recorded)
    with delivering("replay", again, until=request.until) as work:
        work.run = work.run.model_copy(update={"with_prompt": request.with_prompt})
        known = _recall(work, recorded)
        research, plan = propose(work, known)
        changeset = build(work, known, research, plan)
        work.gate("guard", work.do("guard", guards.guard_change, known.workspace, changeset))
        work.learn(outcome=Outcome.REHEARSED)
    changed = work.delivery.changeset
    report = replays.compare_replay(work.run, recorded, changed.digest if changed else "")
    if not (request.until or request.with_prompt or report.same):
        raise ChecksFailed(
            f"The replay of {recorded.run_id!r} came to another change: {report.digest[:12]} "
            f"instead of {report.expected_digest[:12]}; {report.drifted} of {report.answers} "
            "answers were played to a changed request.",
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
    facts = work.do("analyse", codebase.analyse_repository, recorded.ticket, place)
    base = work.do("baseline", checks.check_base, place, facts)
    work.learn(sandbox=base.sandbox)
    return Understanding(recorded.ticket, place, facts, base)
