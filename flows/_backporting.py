"""Bringing the fix of a release to the main branch: a second pull request, or the reason for none."""

from prefect import get_run_logger

from flows._further import joined
from flows._gates import failures
from flows._improving import Understanding, improve, repair
from flows._work import Work
from mergewright.domain.backport import Backport
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.open_effects import LeftOver
from mergewright.domain.workspace import Workspace
from mergewright.errors import (
    ChangeRefused,
    ConfigError,
    PolicyError,
    RunCancelled,
    RunInterrupted,
    ServiceError,
    StoreFailed,
    WorkError,
)
from mergewright.safety.redaction import redact
from tasks import backports, checks, codebase, guards, pull_requests, triage

NOT_ITS_OWN = (StoreFailed, RunInterrupted, RunCancelled)
"""What ends the run and not only the bringing over."""


def port_back(work: Work, known: Understanding) -> None:
    """Open a second pull request with the same fix for the main branch.

    Conflicts are resolved by the implementation agent, within the bounds of the policy and as many
    rounds as the request allows. Where it does not come off, the report, the ticket and the messages
    say why, and what a person is to do: the pull request to the release is open, and stays.

    Raises:
        WorkError: The log cannot be written, or the run was told to end.
    """
    published = work.delivery
    main = work.request.main if isinstance(work.request, HotfixRequest) else ""
    backport: Backport | None
    try:
        backport = _brought_over(work, known, main)
    except NOT_ITS_OWN:
        raise
    except (PolicyError, WorkError, ServiceError, ConfigError) as error:
        get_run_logger().warning("The fix was not brought to the main branch: %s", error)
        reason = redact(f"{error.message} {error.hint}".strip())
        begun = work.delivery.backport or Backport(base=main)
        backport = begun.model_copy(update={"reason": reason})
    rounds = work.delivery.repair_rounds
    work.place = known.workspace
    work.delivery = published.model_copy(
        update={"backport": backport, "repair_rounds": rounds, "left": _left(published, backport)}
    )


def _brought_over(work: Work, known: Understanding, main: str) -> Backport | None:
    """Return what became of it; nothing where the fix was made for the main branch itself."""
    target = work.do("backport", backports.find_target, known.workspace, main)
    if target.base == known.workspace.base:
        return None
    there, changeset = carry_over(work, known, target)
    backport = work.delivery.backport or Backport(base=target.base)
    commit = work.do("backport-push", backports.push, known.ticket, there.workspace, changeset)
    work.learn(commit=commit)
    opened = work.do(
        "backport-pull-request",
        pull_requests.open_pull_request,
        there.workspace,
        _told(work, there.workspace),
    )
    work.learn(pull_request=opened)
    handed = work.do_if_possible(
        "backport-triage",
        triage.hand_on,
        there.workspace,
        _told(work, there.workspace),
        later=False,
    )
    return backport.model_copy(
        update={
            "commit": commit,
            "changeset": changeset,
            "gates": work.delivery.gates,
            "pull_request": handed or opened,
        }
    )


def carry_over(
    work: Work, known: Understanding, target: backports.BackportTarget
) -> tuple[Understanding, Changeset]:
    """Put the change upon another base, resolve what is in conflict, and hold it to all gates there.

    Raises:
        ChangeRefused: The base holds the fix already, or conflicts were not resolved.
        MergewrightError: What else was against it, as in the build of a change.
    """
    backport = Backport(base=target.base, base_commit=target.commit, branch=target.branch)
    work.learn(backport=backport)
    carried = work.do(
        "backport-carry",
        backports.carry_over,
        known.workspace,
        work.delivery.commit,
        _changeset_of(work),
        target,
    )
    work.learn(backport=backport.model_copy(update={"conflicts": carried.conflicts}))
    return _judged(work, known, carried)


def _judged(
    work: Work, known: Understanding, carried: backports.Carried
) -> tuple[Understanding, Changeset]:
    """Resolve what is in conflict, and hold the change to all gates upon its new base."""
    place, changeset = carried.workspace, carried.changeset
    work.place = place
    work.learn(changeset=changeset, gates=(), review=None, base_commit=place.base_commit)
    facts = work.do("backport-analyse", codebase.analyse_repository, known.ticket, place)
    base = work.do("backport-baseline", checks.check_base, place, facts)
    there = Understanding(known.ticket, place, facts, base)
    rounds = work.request.max_repair_rounds
    if carried.conflicts:
        changeset = repair(work, there, changeset, backports.conflict_complaint(carried))
        rounds = max(rounds - 1, 0)
    else:
        work.round += 1
    conflicts = (backports.conflict_gate(carried, changeset),)
    work.gate("backport-carry", conflicts)
    if failures(conflicts):
        files = ", ".join(carried.conflicts)
        raise ChangeRefused(
            f"The conflicts in {files} were not resolved: marks are left.",
            hint="Resolve them by hand.",
        )
    changeset = improve(work, there, changeset, rounds=rounds)
    guarded = work.do("backport-guard", guards.guard_change, place, changeset)
    work.gate("backport-guard", guarded)
    if changeset.digest != carried.changeset.digest:
        summary = joined(carried.changeset.summary, changeset.summary)
        changeset = changeset.model_copy(update={"summary": summary})
    work.learn(changeset=changeset)
    return there, changeset


def _changeset_of(work: Work) -> Changeset:
    if work.delivery.changeset is None:
        raise ChangeRefused("The run made no change that could be brought over.")
    return work.delivery.changeset


def _told(work: Work, place: Workspace) -> Delivery:
    """Return the report as the second pull request tells it: of its own branch and base."""
    about = {"branch": place.branch, "base": place.base, "base_commit": place.base_commit}
    return work.counted().model_copy(update=about)


def _left(published: Delivery, backport: Backport | None) -> tuple[LeftOver, ...]:
    if backport is None or backport.pull_request is not None:
        return published.left
    remedy = backports.cherry_pick_by_hand(published, backport.base)
    left = LeftOver(
        effect="backport", target=backport.base, reason=backport.reason, remedy=redact(remedy)
    )
    return (*published.left, left)
