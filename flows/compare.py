"""compare: a team's old script and a workflow on one ticket, from the same commit, by the same gates."""

from pathlib import PurePath
from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from flows._gates import check_gates
from flows._improving import Understanding
from flows._phases import build, propose, publish, understand
from flows._reproducing import reproduce
from flows._work import Work, delivering
from mergewright.domain.changeset import Changeset
from mergewright.domain.compare_request import CompareRequest
from mergewright.domain.comparison import DONE, Comparison, Side, count_tests
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.workspace import Workspace
from mergewright.errors import PolicyError, RunInterrupted, SecretFound, WorkError
from mergewright.safety.redaction import redact
from mergewright.texts.templates import count, unpaid
from tasks import checks, guards, old_scripts, stages


def name_run() -> str:
    """Return the run's name: the script and the ticket."""
    request = flow_run.parameters.get("request", {})
    if not isinstance(request, dict):
        request = cast(CompareRequest, request).model_dump()
    script = PurePath(str(request.get("script", "script"))).name
    return f"{script} against {request.get('compared', 'standard_dev')} on {request.get('ticket')}"


@flow(flow_run_name=name_run, validate_parameters=True)
def compare(request: CompareRequest, run_id: str = "") -> Delivery:
    """Run a team's old script and a workflow on one ticket, and compare what came of both.

    In order: fetch the ticket, check that it is ready, prepare a worktree, analyse the repository,
    run its checks; then the old script in a working copy of its own, shut in, without network and
    without anything of ours unless the request says so, and the checks and the guard over what it
    left; then the workflow as in a dry run. Both begin from the same commit, and nothing of either is
    published: no push, no pull request, no message.

    Whatever becomes of a side is a result: it fails, is ended by a limit or changes nothing. The
    workflow spends at most `budget_usd`, as in any run. Killed at any point and started again with
    the same request, it goes on where it was.

    Args:
        request: What is asked for.
        run_id: Id of the run to go on with; empty goes on with an interrupted run of the same
            request, or starts one.
    """
    old_scripts.see_script(request)
    with delivering("compare", request, run_id or None) as work:
        known = understand(work)
        comparison = _run_script(work, known, request)
        work.learn(comparison=comparison)
        ended = _run_workflow(work, known)
        new = _new_side(work, known, request, ended)
        work.learn(comparison=comparison.model_copy(update={"new": new}), outcome=Outcome.REHEARSED)
    return work.delivery


def _run_script(work: Work, known: Understanding, request: CompareRequest) -> Comparison:
    """Run the script, and hold what it left against the gates that the workflow's change is held to."""
    place = known.workspace
    inputs = (known.ticket, place, known.codebase, request)
    done = work.do("script", old_scripts.run_script, *inputs)
    change = old_scripts.script_change(place, known.ticket, done)
    side = Side(
        name=done.name,
        ended=done.ended,
        files=change.files,
        seconds=done.seconds,
        cost_usd=done.cost_usd,
        cost_detail=done.cost_fault
        or ("as it says" if done.cost_usd is not None else "it says nothing"),
    )
    if not change.is_empty:
        seen = work.do("script-check", checks.check_script, *known[1:], change)
        gates = (*check_gates(known.ticket, seen), *_guard(work, place, change))
        counts = count_tests(known.base, seen.report)
        side = side.model_copy(update={"tests": counts, "gates": gates})
    kept = done.model_copy(update={"patch": ""})
    return Comparison(script=kept, diff=redact(change.diff), old=side)


def _guard(work: Work, place: Workspace, change: Changeset) -> tuple[Gate, ...]:
    """Hold the script's change against the guard; what that refuses is a failed gate here."""
    try:
        # a result that is used again comes back from JSON, where a tuple is a list
        return (*work.do("script-guard", guards.guard_change, place, change),)
    except PolicyError as error:
        name = "Secrets" if isinstance(error, SecretFound) else "Change policy"
        return (Gate(name=name, status=GateStatus.FAILED, summary=redact(error.message)),)


def _run_workflow(work: Work, known: Understanding) -> str:
    """Do what the workflow does in a dry run; return how it ended.

    Raises:
        MergewrightError: It failed of something that may be mended: the comparison can go on.
    """
    try:
        if work.policy.reproduction:
            reproduce(work, known)
        research, plan = propose(work, known)
        publish(work, known, build(work, known, research, plan))
    except (PolicyError, WorkError) as error:
        if error.resumable or isinstance(error, RunInterrupted):
            raise
        return f"failed: {redact(error.message)}"
    return DONE


def _new_side(work: Work, known: Understanding, request: CompareRequest, ended: str) -> Side:
    told = work.counted()
    change, costs = told.changeset, told.costs
    paid = "; recorded answers, nothing was paid" if costs.recorded else ""
    return Side(
        name=request.compared.value.replace("_", "-"),
        ended=ended,
        files=change.files if change else (),
        tests=count_tests(known.base, told.checks) if told.checks else None,
        gates=told.gates,
        seconds=stages.worked_seconds(work.run, apart_from=old_scripts.STAGE),
        cost_usd=costs.settled_usd,
        cost_detail=f"{count(costs.calls, 'model call')}{unpaid(costs)}{paid}",
    )
