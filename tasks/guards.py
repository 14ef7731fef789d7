"""The stages that guard: secrets, protected paths, size and bounds of the exact change."""

from collections.abc import Iterator

from mergewright.analysis.definitions import lost_definitions
from mergewright.clients import trees
from mergewright.clients.safe_parsing import read_definitions
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, SecretFound
from mergewright.safety.bounds import bound_violations
from mergewright.safety.policy import violations
from tasks._guarding import guard_gates
from tasks._policies import stage
from tasks._runs import policy_of
from tasks._time_limits import interruptibly
from tasks._workbench import change_policy_of, is_explained_only


@stage("Guard the change")
def guard_change(run: Run, workspace: Workspace, changeset: Changeset) -> tuple[Gate, ...]:
    """Scan the diff for secrets and hold it against the change policy.

    Raises:
        SecretFound: An added line holds a secret.
        ChangeRefused: A protected path is touched or the change is too large.
    """
    policy = change_policy_of(run, workspace)
    bounds = _bounds(run, workspace, changeset)
    gates = interruptibly(
        lambda: guard_gates(changeset, policy, branch=workspace.branch, further=bounds)
    )
    secrets, rules = gates
    if secrets.status is GateStatus.FAILED:
        raise SecretFound(
            f"The change holds what looks like a secret: {', '.join(secrets.details)}.",
            hint="Nothing was published. If it was real, revoke it; then run again with --fresh.",
        )
    if rules.status is GateStatus.FAILED:
        raise ChangeRefused(
            f"The change breaks the change policy: {'; '.join(rules.details)}.",
            hint=(
                "Nothing was published. Narrow the ticket, or change the policy in the delivery "
                "profile or in .mergewright.yml."
            ),
        )
    return gates


@stage("Check the bounds", run_name="Check the bounds (round {attempt})")
def check_bounds(run: Run, workspace: Workspace, changeset: Changeset, attempt: int) -> Gate:
    """Say whether a change keeps the bounds of its workflow, while it can still be made smaller.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    _ = attempt
    policy = change_policy_of(run, workspace)
    broken = (*violations(changeset, policy), *_bounds(run, workspace, changeset))
    return Gate(
        name="Bounds",
        status=GateStatus.FAILED if broken else GateStatus.PASSED,
        summary=f"{len(changeset.files)} of {policy.max_files} files,"
        f" {changeset.changed_lines} of {policy.max_changed_lines} lines",
        details=broken,
    )


def _bounds(run: Run, workspace: Workspace, changeset: Changeset) -> tuple[str, ...]:
    """Return every bound of the workflow that is broken, besides the change policy."""
    workflow = policy_of(run)
    return (
        *bound_violations(changeset, workflow),
        *(() if workflow.refactoring else _lost(workspace, changeset, workflow.workflow)),
        *(_other_code(workspace, changeset) if workflow.comments_only else ()),
    )


def _lost(workspace: Workspace, changeset: Changeset, workflow: str) -> Iterator[str]:
    """Yield definitions that a change renames or removes."""
    for file in changeset.files:
        if file.status != "modified":
            continue
        before, after = (
            trees.read_blob(workspace.mirror, treeish, file.path)
            for treeish in (changeset.base_commit, changeset.tree)
        )
        for name in lost_definitions(file.path, before or b"", after or b"", read_definitions):
            yield f"{file.path!r} defines {name!r} no more, and a {workflow} renames and removes nothing"


def _other_code(workspace: Workspace, changeset: Changeset) -> Iterator[str]:
    """Yield files whose code is another one, where only what explains it may change."""
    for file in changeset.files:
        if not is_explained_only(workspace, changeset.tree, file):
            yield f"the code of {file.path!r} is changed, and only what explains it may be"
