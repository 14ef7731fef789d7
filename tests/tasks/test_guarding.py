"""The gates over the exact diff: what is added, what the commit says, and what the branch is called."""

import pytest

from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.domain.gates import GateStatus
from mergewright.safety.policy import ChangePolicy
from tasks._guarding import guard_gates
from tests.golden.golden_cases import SECRET

PASSED, FAILED = GateStatus.PASSED, GateStatus.FAILED


def change(path="a.py", text="x = 1", said="Mend what is broken"):
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"
    return Changeset(
        base_commit="b", tree="t", diff=diff,
        files=(FileChange(path=path, status="modified", additions=1, deletions=0),),
        summary=ImplementationSummary(summary=said, commit_subject="Mend what is broken"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changeset", "branch", "further", "statuses"),
    [
        (change(), "feature/a", (), (PASSED, PASSED)),
        (change(text=f'TOKEN = "{SECRET}"'), "", (), (FAILED, PASSED)),
        (change(said=f"The token {SECRET} was wrong."), "", (), (FAILED, PASSED)),
        (change(), f"feature/{SECRET}", (), (FAILED, PASSED)),
        (change(path=".github/workflows/ci.yml"), "", (), (PASSED, FAILED)),
        (change(), "", ("too far",), (PASSED, FAILED)),
    ],
)
def test_each_gate_fails_of_its_own(changeset, branch, further, statuses):
    gates = guard_gates(changeset, ChangePolicy(), branch=branch, further=further)
    assert tuple(gate.status for gate in gates) == statuses
    assert SECRET not in "".join(gate.model_dump_json() for gate in gates)
