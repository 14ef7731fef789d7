"""hotfix: a fault in what is released is mended there, and in the main branch as well."""

from pathlib import PurePath
from typing import cast

from prefect import flow
from prefect.runtime import flow_run

from flows._phases import build, propose, publish, understand
from flows._reproducing import reproduce
from flows._work import delivering
from mergewright.domain.delivery import Delivery
from mergewright.domain.hotfix_request import HotfixRequest


def name_run() -> str:
    """Return the run's name: the ticket, and the release if it is named."""
    request = flow_run.parameters.get("request", {})
    if not isinstance(request, dict):
        request = cast(HotfixRequest, request).model_dump()
    ticket = PurePath(str(request.get("ticket", "ticket"))).stem
    return f"Hotfix {ticket} of {request.get('base') or 'the latest release'}"


@flow(flow_run_name=name_run, validate_parameters=True)
def hotfix(request: HotfixRequest, run_id: str = "") -> Delivery:
    """Mend a fault in a release: small, shown by a test first, and seen by a second person.

    In order: fetch the ticket, find the release, tell people on call, run the release's checks,
    show the fault by a test that is red there, plan, implement, check the bounds, check the tests
    next to it, check all, review, guard, ask a person other than who asked for it, push, open the
    pull request to the release's branch, bring the same fix to the main branch by a second one,
    publish the timeline, update the ticket, notify, report.

    Where the fault does not show, nothing is changed: the ticket is told what was tried, and asked.
    The change is limited in files and lines; nothing is refactored, and no dependency changed. It
    spends at most `budget_usd`, and works at most as long as its policy says; waiting for a person is
    not counted. While it goes, a second hotfix of the same ticket is refused.

    Args:
        request: What is asked for.
        run_id: Id of the run to go on with; empty goes on with an interrupted run of the same
            request, or starts one.
    """
    with delivering("hotfix", request, run_id or None) as work:
        known = understand(work)
        reproduce(work, known)
        research, plan = propose(work, known)
        publish(work, known, build(work, known, research, plan))
    return work.delivery
