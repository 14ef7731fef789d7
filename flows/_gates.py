"""Gates over what checks and reviews found: pure functions, asked by the flow and by nobody else."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from flows._lost_tests import lost_tests
from mergewright.domain.checks import CheckResult, CheckStatus, Verification
from mergewright.domain.codebase import CheckKind
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.pull_request import ExternalChecks
from mergewright.domain.reproduction import Reproduction
from mergewright.domain.review import Review
from mergewright.domain.ticket import Ticket, TicketKind
from mergewright.safety.integrity import integrity_gates

PASSED, WARNED, FAILED = GateStatus.PASSED, GateStatus.WARNED, GateStatus.FAILED


NOBODY: Mapping[str, str] = MappingProxyType({})
"""No objection was approved by anybody."""


def check_gates(
    ticket: Ticket, verification: Verification, approved: Mapping[str, str] = NOBODY
) -> tuple[Gate, ...]:
    """Return what syntax, lint, tests, the proof and the evidence say about a change.

    Args:
        ticket: What was asked for.
        verification: What was seen.
        approved: Who approved, by the names of objections.
    """
    return (
        _findings_gate("Syntax", CheckKind.SYNTAX, verification),
        _findings_gate("Lint", CheckKind.LINT, verification),
        *(
            _findings_gate(kind.value.capitalize(), kind, verification)
            for kind in (CheckKind.FORMAT, CheckKind.TYPES)
            if verification.report.result(kind) is not None
        ),
        _tests_gate(verification),
        _proof_gate(ticket, verification),
        *integrity_gates(verification.evidence, approved),
    )


def affected_gate(verification: Verification) -> Gate:
    """Return what the tests next to a change say, before the whole suite runs."""
    return _tests_gate(verification).model_copy(update={"name": "Affected tests"})


def reproduction_gate(reproduction: Reproduction, verification: Verification) -> Gate:
    """Return whether the tests that showed the fault are green now, and still show it on the base."""
    left = sorted({*reproduction.red} - {*verification.proof})
    shown = len(reproduction.red)
    return Gate(
        name="Reproduction",
        status=FAILED if left else PASSED,
        summary=f"{shown - len(left)} of {shown} tests that showed the fault are red on the base and"
        " green on the change",
        details=tuple(f"Not red on the base and green on the change: {name}" for name in left),
    )


def review_gate(review: Review) -> Gate:
    """Return what the QA agent says about a change."""
    unmet = [verdict for verdict in review.criteria if not verdict.met]
    details = [f"Not met: {verdict.criterion} ({verdict.evidence})" for verdict in unmet]
    details += [
        f"{finding.severity}: {finding.path}"
        + (f":{finding.line}" if finding.line else "")
        + f" {finding.message}"
        for finding in review.findings
    ]
    met = len(review.criteria) - len(unmet)
    return Gate(
        name="Review",
        status=PASSED if review.approves else FAILED,
        summary=f"{met} of {len(review.criteria)} criteria met. {review.summary}",
        details=tuple(details),
    )


def external_gate(seen: ExternalChecks, wait_minutes: int) -> Gate:
    """Return what checks of others say: a warning at the worst, for the pull request is open."""
    if seen.failed:
        summary = f"{len(seen.failed)} of {len(seen.checks)} failed"
    elif not seen.complete:
        summary = f"Not ended within {wait_minutes} minutes, or not to be read"
    elif not seen.checks:
        summary = "None appeared"
    else:
        summary = f"None of {len(seen.checks)} failed"
    good = seen.complete and seen.checks and not seen.failed
    return Gate(
        name="External checks",
        status=PASSED if good else WARNED,
        summary=summary,
        details=tuple(
            f"{check.name}: {check.status}" + (f" ({check.url})" if check.url else "")
            for check in (*seen.failed, *seen.pending)
        ),
    )


def failures(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """Return the gates that failed."""
    return tuple(gate for gate in gates if gate.status is FAILED)


def complaint(gates: Iterable[Gate]) -> str:
    """Say what failed, in the smallest form that an agent can act on."""
    parts = []
    for gate in failures(gates):
        parts.append(f"{gate.name}: {gate.summary}")
        parts.extend(f"  - {detail}" for detail in gate.details)
    return "\n".join(parts)


def _findings_gate(name: str, kind: CheckKind, verification: Verification) -> Gate:
    result = verification.report.result(kind)
    if result is None or result.status is CheckStatus.SKIPPED:
        return Gate(name=name, status=WARNED, summary="Not checked: nothing was found to run")
    if result in verification.delta.broken:
        return _broken_gate(name, result)
    if result.status is CheckStatus.BROKEN:
        summary = "Not checked: the command could not run, on the base either"
        return Gate(name=name, status=WARNED, summary=summary, details=(result.output,))
    own = {finding.identity for finding in result.findings}
    new = [finding for finding in verification.delta.new_findings if finding.identity in own]
    return Gate(
        name=name,
        status=FAILED if new else PASSED,
        summary=f"New findings: {len(new)}" if new else "No new findings",
        details=tuple(
            f"{finding.path}:{finding.line} {finding.rule} {finding.message}" for finding in new
        ),
    )


def _broken_gate(name: str, result: CheckResult) -> Gate:
    could_run = result.status is CheckStatus.FAILED
    summary = "Fails as a whole, and not on the base" if could_run else "Could not run"
    return Gate(name=name, status=FAILED, summary=summary, details=(result.output,))


def _tests_gate(verification: Verification) -> Gate:
    result, delta = verification.report.result(CheckKind.TESTS), verification.delta
    if result is None or result.status is CheckStatus.SKIPPED:
        return Gate(name="Tests", status=WARNED, summary="Not checked: there are no tests")
    if result in delta.broken:
        return _broken_gate("Tests", result)
    details = [f"{test.id}: {test.message}" for test in delta.new_failures]
    missing = lost_tests(verification)
    details += [f"{name}: ran on the base and does not run any more" for name in missing]
    chance = tuple(f"Flaky, red and green on the same code: {name}" for name in delta.flaky)
    if details:
        summary = f"{len(delta.new_failures)} newly red, {len(missing)} gone"
        return Gate(name="Tests", status=FAILED, summary=summary, details=(*details, *chance))
    green = sum(not test.is_red and test.id not in delta.flaky for test in result.tests)
    summary = f"{green} green, {len(delta.added)} of them new"
    if delta.fixed:
        summary += f", {len(delta.fixed)} fixed"
    if delta.old_failures:
        summary += f"; {len(delta.old_failures)} red before the change and still red"
    if chance:
        summary += f"; {len(chance)} flaky"
    old = tuple(f"Red before the change: {name}" for name in delta.old_failures)
    return Gate(
        name="Tests",
        status=WARNED if chance else PASSED,
        summary=summary,
        details=(*old, *chance),
    )


def _tests(number: int) -> str:
    return "1 test is" if number == 1 else f"{number} tests are"


def _proof_gate(ticket: Ticket, verification: Verification) -> Gate:
    proof = verification.proof
    if proof:
        return Gate(
            name="Proof",
            status=PASSED,
            summary=f"{_tests(len(proof))} red on the base and green on the change",
            details=proof,
        )
    if ticket.kind is TicketKind.BUG:
        return Gate(
            name="Proof",
            status=FAILED,
            summary="No test shows the bug: none is red on the base and green on the change",
        )
    return Gate(
        name="Proof", status=WARNED, summary="No test is red on the base and green on the change"
    )
