"""Gates over documents: pure functions, asked by the flow and by nobody else."""

from mergewright.domain.checks import CheckStatus
from mergewright.domain.documentation import (
    DocumentationCheck,
    DocumentationFault,
    DocumentationFinding,
    DocumentationState,
)
from mergewright.domain.gates import Gate, GateStatus

_KINDS = {
    "Links": (DocumentationFault.BROKEN_LINK, DocumentationFault.BROKEN_ANCHOR),
    "Code blocks": (DocumentationFault.BROKEN_BLOCK, DocumentationFault.CHANGED_HELP),
    "Names": (
        DocumentationFault.STALE_NAME,
        DocumentationFault.CHANGED_NAME,
        DocumentationFault.UNDOCUMENTED,
    ),
}
_MAY_STAY = frozenset(("Names",))
"""What was there before and may be left, with a warning: an agent may have a reason."""


def standing_gate(state: DocumentationState) -> Gate:
    """Return what was found before anything was written."""
    since = f" since {state.documented_commit[:12]}" if state.documented_commit else ""
    found = len(state.findings)
    return Gate(
        name="Documentation",
        status=GateStatus.WARNED if found else GateStatus.PASSED,
        summary=f"{found or 'No'} findings in {len(state.documents)} documents;"
        f" {state.commits_since} commits{since}",
        details=tuple(finding.told() for finding in state.findings),
    )


def proposed_gate(address: str) -> Gate:
    """Return that somebody has to look at an earlier run's pull request first."""
    return Gate(
        name="Documentation",
        status=GateStatus.PASSED,
        summary=f"A pull request about it is open: {address}. Merge or close it, then run again.",
    )


def document_gates(check: DocumentationCheck, *, in_code: bool = False) -> tuple[Gate, ...]:
    """Return what links, names, code blocks and style say about a change of documents.

    Args:
        check: What was seen.
        in_code: Whether the code is explained where it is: then there are names only.
    """
    strangers = _strangers_gate(check, "Explanations only" if in_code else "Documents only")
    if in_code:
        return strangers, _kind_gate("Names", check)
    return (strangers, *(_kind_gate(name, check) for name in _KINDS), _style_gate(check))


def _strangers_gate(check: DocumentationCheck, name: str) -> Gate:
    failed = bool(check.strangers)
    return Gate(
        name=name,
        status=GateStatus.FAILED if failed else GateStatus.PASSED,
        summary="More is changed than may be" if failed else "Nothing else is changed",
        details=check.strangers,
    )


def _kind_gate(name: str, check: DocumentationCheck) -> Gate:
    faults = _KINDS[name]
    new, left = (
        [finding for finding in findings if finding.fault in faults]
        for findings in (check.new, check.left)
    )
    return Gate(
        name=name,
        status=_status(name, new, left),
        summary=f"{len(new)} wrong by the change, {len(left)} left as they were"
        if new or left
        else "All hold",
        details=tuple(finding.told() for finding in (*new, *left)),
    )


def _status(
    name: str, new: list[DocumentationFinding], left: list[DocumentationFinding]
) -> GateStatus:
    if new or (left and name not in _MAY_STAY):
        return GateStatus.FAILED
    return GateStatus.WARNED if left else GateStatus.PASSED


def _style_gate(check: DocumentationCheck) -> Gate:
    summaries = {
        CheckStatus.PASSED: (GateStatus.PASSED, "The style check finds nothing"),
        CheckStatus.FAILED: (GateStatus.FAILED, "The style check finds something"),
        CheckStatus.BROKEN: (GateStatus.WARNED, "The style check could not run"),
        CheckStatus.SKIPPED: (GateStatus.WARNED, "Not checked: the repository has no style check"),
    }
    status, summary = summaries[check.style]
    details = (check.style_output,) if check.style_output and status != GateStatus.PASSED else ()
    return Gate(name="Style", status=status, summary=summary, details=details)
