"""Checks that others run on the open pull request: waited for, and repaired where they fail."""

from prefect import get_run_logger

from flows._further import push_improved
from flows._gates import external_gate
from flows._improving import Understanding
from flows._work import Work
from mergewright.domain.delivery import Delivery
from mergewright.domain.pull_request import ExternalChecks
from mergewright.errors import (
    AnswerUnusable,
    ChecksFailed,
    LimitReached,
    PolicyError,
)
from mergewright.safety.redaction import redact
from mergewright.texts.follow_ups import external_complaint
from tasks.branch_updates import refresh_pull_request
from tasks.external_checks import (
    ExternalPolicy,
    external_policy,
    start_workflow,
    wait_for_checks,
)

GIVING_UP = (ChecksFailed, AnswerUnusable, LimitReached, PolicyError)
"""What ends repairing, and not the run: the pull request is open, and a person looks at it."""


def settle_external_checks(work: Work, known: Understanding) -> None:
    """Start a workflow and wait for checks of others, as the policy says; repair what they find.

    It spends at most the request's rounds of repair. What is still red, or has not ended in its
    time, is a warning in the report and in the pull request, which stays open.

    Raises:
        ServiceError: The repository or code host refused or did not answer when the repaired
            change was pushed.
        WorkError: The log cannot be written, or the run was told to end.
    """
    policy = external_policy(work.run, known.workspace)
    if not (policy.workflow or policy.wait_minutes):
        return
    opened = work.delivery
    looks, left = 0, work.request.max_repair_rounds
    while True:
        stage_id = f"external-checks-{looks}"
        seen = _look(work, known, policy, looks)
        if seen is None:
            return
        gate = external_gate(seen, policy.wait_minutes)
        if not seen.failed or left <= 0:
            break
        before, looks = work.delivery, looks + 1
        if refusal := _repair(work, known, seen, left):
            gate = gate.model_copy(update={"details": (*gate.details, refusal)})
            break
        left -= work.delivery.repair_rounds - before.repair_rounds
    work.gate(stage_id, (gate,))
    work.do("refresh", refresh_pull_request, known.workspace, opened, work.counted())


def _look(
    work: Work, known: Understanding, policy: ExternalPolicy, looks: int
) -> ExternalChecks | None:
    """Start the workflow and wait; return what was seen, or nothing where nobody waits."""
    place, commit = known.workspace, work.delivery.commit
    if policy.workflow:
        stage_id = f"workflow-{looks}"
        work.do_if_possible(stage_id, start_workflow, place, policy.workflow, commit, later=False)
    if not policy.wait_minutes:
        return None
    stage_id = f"external-checks-{looks}"
    seen = work.do_if_possible(
        stage_id, wait_for_checks, place, commit, policy.wait_minutes, looks, later=False
    )
    return seen or ExternalChecks(commit=commit)


def _repair(work: Work, known: Understanding, seen: ExternalChecks, rounds: int) -> str:
    """Have repaired what failed, and push it; return why not, where that does not come off."""
    published = work.delivery
    if published.changeset is None:
        return "not repaired: the run made no change"
    work.keep_origin()
    try:
        told = external_complaint(seen)
        push_improved(work, known, published.changeset, told, rounds=rounds)
    except GIVING_UP as error:
        get_run_logger().warning("What external checks found was not repaired: %s", error)
        work.delivery = _as_published(published, work.delivery)
        return f"not repaired: {redact(error.message)}"
    return ""


def _as_published(published: Delivery, tried: Delivery) -> Delivery:
    """Return the report of what is published; only the rounds that were tried are kept."""
    return published.model_copy(update={"repair_rounds": tried.repair_rounds})
