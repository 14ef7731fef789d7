"""What a run's texts say beyond the fields of its report."""

import re
import shlex
from collections.abc import Mapping

from mergewright.domain.checks import SandboxLevel, TestResult
from mergewright.domain.delivery import Delivery, Outcome, StageState
from mergewright.domain.gates import Gate, GateStatus
from mergewright.texts.comparison import comparison_notes, comparison_rows
from mergewright.texts.escaping import Markdown, code, inline, link
from mergewright.texts.proofs import untested_criteria

_NO_REASON = "The ticket does not say."


def facts(delivery: Delivery) -> Mapping[str, object]:
    """Return the values that the templates of a delivery share."""
    ticket, review, compared = delivery.ticket, delivery.review, delivery.comparison
    old_failures, red_tests = _red_tests(delivery)
    return {
        "delivery": delivery,
        "ticket": ticket,
        "heading": f"{ticket.key}: {ticket.title}" if ticket else f"Run {delivery.run_id}",
        "outcome": _outcome(delivery),
        "pull_request_link": pull_request_link(delivery),
        "backport_link": _backport_link(delivery),
        "why": _why(delivery),
        "repository": public_address(delivery.repository),
        "no_sandbox": delivery.sandbox is not None and delivery.sandbox < SandboxLevel.BUBBLEWRAP,
        "gate_details": _gate_details(delivery.gates, old_failures),
        "gate_counts": _gate_counts(delivery.gates),
        "criteria_counts": _criteria_counts(delivery),
        "review_was_told": review is not None
        and any(review.summary.strip() in gate.summary for gate in delivery.gates),
        "old_failures": [test.id for test in old_failures],
        "red_tests": red_tests,
        "try_it": _try_it(delivery),
        "proof_command": shlex.join(delivery.proof.argv) if delivery.proof else "",
        "untested_criteria": untested_criteria(delivery),
        "comparison_rows": list(comparison_rows(compared)) if compared else [],
        "comparison_notes": list(comparison_notes(compared)) if compared else [],
        # The clock may have been put back meanwhile.
        "seconds": max((delivery.finished_at - delivery.started_at).total_seconds(), 0.0),
    }


def pull_request_link(delivery: Delivery) -> Markdown:
    """Return a link to the pull request; empty when there is none."""
    if delivery.pull_request is None:
        return Markdown("")
    label = Markdown(f"pull request #{delivery.pull_request.number}")
    return link(label, delivery.pull_request.url)


def _backport_link(delivery: Delivery) -> Markdown:
    opened = delivery.backport.pull_request if delivery.backport else None
    return link(Markdown(f"pull request #{opened.number}"), opened.url) if opened else Markdown("")


def public_address(repository: str) -> str:
    """Return a repository's path or URL without the credentials it may hold."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/]*@", r"\1", repository)


def _outcome(delivery: Delivery) -> Markdown:
    offered = pull_request_link(delivery)
    branch = f", from branch {code(delivery.branch)} to {code(delivery.base)}"
    if delivery.outcome is Outcome.DELIVERED:
        return Markdown(f"**Delivered:** {offered}{branch}." if offered else "**Delivered.**")
    if delivery.outcome is Outcome.REHEARSED:
        return Markdown("**Rehearsed.** This was a dry run: nothing was published.")
    if delivery.outcome is Outcome.NOTHING_TO_DO:
        return Markdown("**Nothing to do.** All is as it should be; no model was asked.")
    if delivery.outcome is Outcome.NOT_READY:
        return Markdown("**Not ready.** The ticket cannot be worked on as it is.")
    if delivery.outcome is Outcome.WAITING:
        return Markdown("**Waiting** for a person's answer.")
    failed = [stage for stage in delivery.stages if stage.state is StageState.FAILED]
    where = f" in stage {inline(failed[-1].name, 80)}" if failed else ""
    though = f" All the same there is {offered}." if offered else ""
    return Markdown(f"**Failed**{where}.{though}")


def _why(delivery: Delivery) -> str:
    research = delivery.research
    reasons = [research.summary, research.likely_cause] if research else []
    told = "\n\n".join(reason.strip() for reason in reasons if reason.strip())
    return told or (delivery.ticket.description if delivery.ticket else "") or _NO_REASON


def _red_tests(delivery: Delivery) -> tuple[list[TestResult], list[TestResult]]:
    """Return the tests that were red before, and those of which that is not known.

    The gates let no test pass that the change turned red: when none failed, all are old.
    """
    red = list(delivery.checks.red_tests) if delivery.checks else []
    passed = bool(delivery.gates) and all(
        gate.status is not GateStatus.FAILED for gate in delivery.gates
    )
    return (red, []) if passed else ([], red)


def _gate_details(
    gates: tuple[Gate, ...], old_failures: list[TestResult]
) -> list[tuple[Gate, list[str]]]:
    old = [test.id for test in old_failures]
    shown = [
        (gate, [detail for detail in gate.details if not any(name in detail for name in old)])
        for gate in gates
    ]
    return [(gate, details) for gate, details in shown if details]


def _gate_counts(gates: tuple[Gate, ...]) -> str:
    counts = {status: sum(gate.status is status for gate in gates) for status in GateStatus}
    return ", ".join(f"{number} {status.value}" for status, number in counts.items() if number)


def _criteria_counts(delivery: Delivery) -> str:
    if delivery.review is None:
        return ""
    criteria = delivery.review.criteria
    met = sum(criterion.met for criterion in criteria)
    verdict = "approved" if delivery.review.approves else "changes asked for"
    return f"{verdict}, {met} of {len(criteria)} criteria met"


def _try_it(delivery: Delivery) -> str:
    """Return the commands that fetch the branch and show the change; empty when nothing is pushed."""
    if delivery.outcome is Outcome.REHEARSED or not (delivery.branch and delivery.commit):
        return ""
    address = public_address(delivery.repository)
    base, branch = delivery.base_commit[:12] or delivery.base, shlex.quote(delivery.branch)
    if re.search(r"://|^[^/]*:|\.git/*$", address):
        return (
            f"git fetch {shlex.quote(address)} {branch}   # in a clone of the repository\n"
            f"git diff {shlex.quote(base)}...FETCH_HEAD\n"
            "git switch --detach FETCH_HEAD"
        )
    return (
        f"cd {shlex.quote(address)}\ngit diff {shlex.quote(base)}...{branch}\ngit switch {branch}"
    )
