"""Stages about the place to work: mirror, worktree and branch name."""

from mergewright.clients import mirrors, trees
from mergewright.clients.repositories import dirty_paths
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import SettingInvalid
from mergewright.settings import settings
from mergewright.texts.branches import branch_name
from tasks._policies import stage
from tasks._runs import profile_of, run_folder
from tasks._workbench import credential_of, open_workbench, read_policy, require_sandbox

SHOWN_DIRTY_PATHS = 5


@stage("Prepare the workspace")
def prepare_workspace(run: Run, ticket: Ticket) -> Workspace:
    """Fetch the repository into its mirror and give the run a worktree of its own.

    Raises:
        NotFound: There is no such repository or base branch.
        AccessDenied: The repository refuses the credential.
        SettingInvalid: The repository has uncommitted changes, or its policy file is wrong.
        SandboxUnavailable: Nothing on this host could check the work later.
    """
    require_sandbox()
    _refuse_dirty(run.repository)
    profile = profile_of(run)
    mirror = mirrors.ensure_mirror(
        run.repository,
        settings().home / "mirrors",
        credential=credential_of(profile, run.repository),
    )
    commit = mirrors.resolve_base(mirror, run.base)
    workspace = Workspace(
        repository=run.repository,
        mirror=mirror,
        path=run_folder(run) / "worktree",
        branch=branch_name(read_policy(mirror, commit).branch, ticket),
        base=run.base,
        base_commit=commit,
        base_tree=trees.tree_of(mirror, commit),
        committed_at=run.started_at,
    )
    open_workbench(run, workspace)
    return workspace


def _refuse_dirty(repository: str) -> None:
    dirty = dirty_paths(repository)
    if dirty:
        shown = ", ".join(dirty[:SHOWN_DIRTY_PATHS])
        more = (
            f" and {len(dirty) - SHOWN_DIRTY_PATHS} more" if len(dirty) > SHOWN_DIRTY_PATHS else ""
        )
        raise SettingInvalid(
            f"The repository {repository!r} has uncommitted changes: {shown}{more}.",
            hint=(
                "They would not be part of the work: commit or stash them first. "
                f"To work from the last commit all the same, name it as --repo file://{repository}"
            ),
        )


@stage("Reopen the workspace")
def reopen_workspace(run: Run, commit: str, branch: str) -> Workspace:
    """Give the run a worktree at a commit that the mirror holds, without asking the repository.

    Raises:
        NotFound: There is no mirror, or it does not hold the commit.
        SandboxUnavailable: Nothing on this host could check the work later.
    """
    require_sandbox()
    mirror = mirrors.find_mirror(run.repository, settings().home / "mirrors")
    workspace = Workspace(
        repository=run.repository,
        mirror=mirror,
        path=run_folder(run) / "worktree",
        branch=branch,
        base=run.base,
        base_commit=commit,
        base_tree=trees.tree_of(mirror, commit),
        committed_at=run.started_at,
    )
    open_workbench(run, workspace)
    return workspace
