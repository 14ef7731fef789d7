"""The run's worktree and check runner, brought to a recorded tree before anything uses them."""

from dataclasses import dataclass
from pathlib import Path

from blocks.profile import DeliveryProfile
from mergewright.analysis.comments_only import is_same_code
from mergewright.clients import patches, trees, worktrees
from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import Environment, prepare_environment
from mergewright.clients.git import Credential
from mergewright.clients.sandbox import Sandbox, require
from mergewright.domain.changeset import FileChange
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.workspace import Workspace
from mergewright.safety.bounds import narrowed
from mergewright.safety.integrity import strictest
from mergewright.safety.policy import ChangePolicy
from mergewright.safety.repository_policy import FILE_NAME, RepositoryPolicy
from mergewright.settings import installer_environment, settings
from tasks._recorded_trees import hold_tree
from tasks._runs import event_store, policy_of, profile_of, run_folder


@dataclass(frozen=True, slots=True)
class Workbench:
    """A worktree whose states are recorded as git trees."""

    run: Run
    workspace: Workspace
    base: str
    """Tree that it was opened at."""

    def current(self) -> str:
        """Record what is on disk and return its tree."""
        return worktrees.record_tree(self.workspace.path)

    def restore(self, tree: str) -> None:
        """Bring the disk to a recorded tree, whichever machine recorded it."""
        hold_tree(event_store(), self.run.id, self.workspace.mirror, tree)
        worktrees.restore_tree(self.workspace.path, tree)

    def patch(self, before: str, after: str) -> str:
        """Return what makes the second tree of the first."""
        return patches.make_patch(self.workspace.mirror, before, after)


def open_workbench(run: Run, workspace: Workspace, *, tree: str | None = None) -> Workbench:
    """Return the run's worktree at a tree (by default its base), repaired if need be.

    Raises:
        NotFound: The mirror is gone, or nothing tells what the tree was.
        StoreFailed: The disk is full, or the log cannot be read.
    """
    worktrees.add_worktree(workspace.mirror, workspace.path, commit=workspace.base_commit)
    bench = Workbench(run, workspace, tree or workspace.base_tree)
    bench.restore(bench.base)
    return bench


def require_sandbox() -> Sandbox:
    """Return the best sandbox of this host.

    Raises:
        SandboxUnavailable: It is below bubblewrap and nobody allowed less.
    """
    return require(SandboxLevel.BUBBLEWRAP, allow_lower=settings().allow_unsandboxed)


def check_environment(run: Run, workspace: Workspace, codebase: Codebase) -> Environment:
    """Build or find the environment that the repository's checks need.

    Raises:
        SettingInvalid: Something the repository declares cannot be installed.
        SandboxUnavailable: There is no sandbox to build it in.
    """
    _ = run
    return prepare_environment(
        codebase,
        workspace.mirror,
        settings().home / "environments",
        require_sandbox(),
        installer_environment=installer_environment(),
    )


def check_runner(run: Run, workspace: Workspace, codebase: Codebase) -> CheckRunner:
    """Return what runs the repository's checks on a recorded tree.

    Raises:
        SettingInvalid: Something the repository declares cannot be installed.
        SandboxUnavailable: There is no sandbox to run them in.
    """
    return CheckRunner(
        workspace.mirror,
        require_sandbox(),
        codebase.commands,
        check_environment(run, workspace, codebase),
        run_folder(run) / "checks",
    )


def credential_of(profile: DeliveryProfile, repository: str) -> Credential | None:
    """Return what git proves itself with at a repository, if the profile has anything for it.

    Raises:
        ServiceError: The code host did not make a token.
        MergewrightError: The secret is a reference that leads to none.
    """
    return profile.git_credential(repository)


def read_policy(mirror: Path, commit: str) -> RepositoryPolicy:
    """Read `.mergewright.yml` of a commit; without one, the defaults.

    Raises:
        SettingInvalid: The file is wrong, with line and column.
    """
    body = trees.read_blob(mirror, commit, FILE_NAME)
    if body is None:
        return RepositoryPolicy()
    return RepositoryPolicy.parse(body.decode("utf-8", "replace"))


def change_policy_of(run: Run, workspace: Workspace) -> ChangePolicy:
    """Return what a change may touch: by the profile, the workflow and the repository's own policy.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    policy = narrowed(profile_of(run).change_policy, policy_of(run))
    own = read_policy(workspace.mirror, workspace.base_commit)
    return policy.model_copy(
        update={
            "protected_paths": policy.protected_paths + own.protected_paths,
            "objections": strictest(policy.objections, own.objections),
            "licence_header": policy.licence_header or own.licence_header,
        }
    )


def is_explained_only(workspace: Workspace, tree: str, file: FileChange) -> bool:
    """Say whether a changed file is the code that it was on the base, explained otherwise.

    Raises:
        NotFound: The mirror does not have the tree.
        ConfigError: The grammar of a known language does not load.
    """
    if file.status != "modified":
        return False
    before, after = (
        (trees.read_blob(workspace.mirror, treeish, file.path) or b"").decode(errors="replace")
        for treeish in (workspace.base_commit, tree)
    )
    return is_same_code(file.path, before, after)
