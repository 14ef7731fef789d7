"""The stage that guards: secrets, protected paths and size of the exact change."""

from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, SecretFound
from mergewright.safety.policy import violations
from mergewright.safety.secret_scan import scan_diff, scan_text
from tasks._policies import stage
from tasks._time_limits import interruptibly
from tasks._workbench import change_policy_of


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
    broken = violations(changeset, change_policy_of(run, workspace))
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
