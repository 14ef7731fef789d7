"""standard_dev: from a ticket to a reviewed pull request."""

from pathlib import PurePath
from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from flows._phases import build, propose, publish, understand
from flows._work import delivering
from mergewright.domain.delivery import Delivery
from mergewright.domain.requests import StandardDevRequest


def name_run() -> str:
    """Return the run's name: the ticket and the repository."""
    request = flow_run.parameters.get("request", {})
    if not isinstance(request, dict):
        request = cast(StandardDevRequest, request).model_dump()
    ticket = PurePath(str(request.get("ticket", "ticket"))).stem
    repository = PurePath(str(request.get("repository", "repository"))).stem
    return f"{ticket} in {repository}"


@flow(flow_run_name=name_run, validate_parameters=True)
def standard_dev(request: StandardDevRequest, run_id: str = "") -> Delivery:
    """Take a ticket to a reviewed pull request.

    In order: fetch the ticket, check that it is ready, prepare a worktree, analyse the repository,
    run its checks, start on the ticket, research, plan, implement, check, review, repair what
    failed, guard, commit and push, open the pull request, give it labels, reviewers and gates,
    publish a page, update the ticket, notify, report.

    It spends at most `budget_usd` on model calls, counted before each call is made. It stops to ask
    a person where `approve` says so. Killed at any point and started again with the same request,
    it goes on where it was and pays for no answer twice.

    Args:
        request: What is asked for.
        run_id: Id of the run to go on with; empty goes on with an interrupted run of the same
            request, or starts one.
    """
    with delivering("standard_dev", request, run_id or None) as work:
        known = understand(work)
        research, plan = propose(work, known)
        publish(work, known, build(work, known, research, plan))
    return work.delivery
