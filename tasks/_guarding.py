"""The gates over the exact diff that is published: secrets, and what a change may touch."""

from collections.abc import Sequence

from mergewright.domain.changeset import Changeset
from mergewright.domain.gates import Gate, GateStatus
from mergewright.safety.outgoing import texts_of
from mergewright.safety.policy import ChangePolicy, violations
from mergewright.safety.secret_scan import SecretFinding, scan_diff, scan_text

SECRETS = "Secrets"
CHANGE_POLICY = "Change policy"


def guard_gates(
    changeset: Changeset, policy: ChangePolicy, *, branch: str = "", further: Sequence[str] = ()
) -> tuple[Gate, Gate]:
    """Return what the exact diff says: the gate about secrets, and the one about the change policy.

    Args:
        changeset: The change.
        policy: What it may touch, and how large it may be.
        branch: Name under which it is published.
        further: What is broken besides: bounds of the workflow.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    secrets = (
        *scan_diff(changeset.diff),
        *scan_text("file names", "\n".join(file.path for file in changeset.files)),
        *scan_text("words about the change", "\n".join(texts_of(changeset.summary))),
        *scan_text("branch name", branch),
    )
    broken = (*violations(changeset, policy), *further)
    size = f"{len(changeset.files)} files, {changeset.changed_lines} lines"
    return (
        _gate(
            SECRETS,
            "None in the added lines, file names and words",
            [_told(one) for one in secrets],
        ),
        _gate(CHANGE_POLICY, f"No protected path touched; {size}", broken),
    )


def _told(found: SecretFinding) -> str:
    return f"{found.path}:{found.line} ({found.rule})"


def _gate(name: str, summary: str, broken: Sequence[str]) -> Gate:
    if not broken:
        return Gate(name=name, status=GateStatus.PASSED, summary=summary)
    return Gate(
        name=name,
        status=GateStatus.FAILED,
        summary=f"{len(broken)} found",
        details=tuple(broken),
    )
