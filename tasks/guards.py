"""The stages that guard: secrets, protected paths, size and bounds of the exact change."""

from collections.abc import Iterator

from mergewright.analysis.definitions import lost_definitions
from mergewright.clients import trees
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, SecretFound
from mergewright.safety.bounds import bound_violations
from mergewright.safety.policy import violations
from mergewright.safety.secret_scan import scan_diff, scan_text
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
    words = f"{changeset.summary.commit_subject}\n{changeset.summary.summary}"
    secrets = interruptibly(lambda: scan_diff(changeset.diff) + scan_text("commit message", words))
    if secrets:
        places = ", ".join(f"{found.path}:{found.line} ({found.rule})" for found in secrets)
        raise SecretFound(
            f"The change holds what looks like a secret: {places}.",
            hint="Nothing was published. If it was real, revoke it; then run again with --fresh.",
        )
    broken = _broken(run, workspace, changeset)
    if broken:
        raise ChangeRefused(
            f"The change breaks the change policy: {'; '.join(broken)}.",
            hint=(
                "Nothing was published. Narrow the ticket, or change the policy in the delivery "
                "profile or in .mergewright.yml."
            ),
        )
    size = f"{len(changeset.files)} files, {changeset.changed_lines} lines"
    return (
        Gate(name="Secrets", status=GateStatus.PASSED, summary="None in the added lines"),
        Gate(
            name="Change policy",
            status=GateStatus.PASSED,
            summary=f"No protected path touched; {size}",
        ),
    )


@stage("Check the bounds", run_name="Check the bounds (round {attempt})")
def check_bounds(run: Run, workspace: Workspace, changeset: Changeset, attempt: int) -> Gate:
    """Say whether a change keeps the bounds of its workflow, while it can still be made smaller.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    _ = attempt
    broken = _broken(run, workspace, changeset)
    policy = change_policy_of(run, workspace)
    return Gate(
        name="Bounds",
        status=GateStatus.FAILED if broken else GateStatus.PASSED,
        summary=f"{len(changeset.files)} of {policy.max_files} files,"
        f" {changeset.changed_lines} of {policy.max_changed_lines} lines",
        details=broken,
    )


def _broken(run: Run, workspace: Workspace, changeset: Changeset) -> tuple[str, ...]:
    """Return every rule of the change policy, and every bound of the workflow, that is broken."""
    workflow = policy_of(run)
    return (
        *violations(changeset, change_policy_of(run, workspace)),
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
        for name in lost_definitions(file.path, before or b"", after or b""):
            yield f"{file.path!r} defines {name!r} no more, and a {workflow} renames and removes nothing"


def _other_code(workspace: Workspace, changeset: Changeset) -> Iterator[str]:
    """Yield files whose code is another one, where only what explains it may change."""
    for file in changeset.files:
        if not is_explained_only(workspace, changeset.tree, file):
            yield f"the code of {file.path!r} is changed, and only what explains it may be"
