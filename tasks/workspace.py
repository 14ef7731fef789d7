"""Stages about the place to work: mirror, worktree and branch name."""

from pathlib import Path

from pydantic import AwareDatetime

from mergewright.clients import mirrors, trees
from mergewright.clients.remotes import remote_heads
from mergewright.clients.repositories import dirty_paths
from mergewright.domain.delivery import Run
from mergewright.domain.release import Release
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotFound, SettingInvalid
from mergewright.safety.repository_policy import RepositoryPolicy
from mergewright.settings import settings
from mergewright.texts.branches import branch_name, free_branch_name
from tasks._facts import pinned, recall
from tasks._policies import stage
from tasks._recorded_trees import commits_moved_to, hold_trees
from tasks._runs import event_store, journal_of, profile_of, run_folder
from tasks._workbench import credential_of, open_workbench, read_policy, require_sandbox

BASE = "base"
"""Name of the fact."""
SHOWN_DIRTY_PATHS = 5


class Base(Value):
    """What a run pins of the repository when it begins."""

    commit: str
    branch: str
    """The branch that the change is pushed as."""
    committed_at: AwareDatetime
    """Instant that the run's commits carry."""


@stage("Prepare the workspace", kept=False)
def prepare_workspace(run: Run, ticket: Ticket, release: Release | None = None) -> Workspace:
    """Fetch the repository into its mirror and give the run a worktree of its own.

    A run keeps the base that it began with. Begun again, it makes on this machine what is missing
    of the mirror, the worktree and the recorded trees, and asks the repository for nothing that
    the mirror holds.

    Args:
        run: The run.
        ticket: What is asked for.
        release: The release that is mended; None works on the request's base.

    Raises:
        NotFound: There is no such repository or base branch, or the base is gone from it.
        AccessDenied: The repository refuses the credential.
        SettingInvalid: The repository has uncommitted changes, or its policy file is wrong.
        SandboxUnavailable: Nothing on this host could check the work later.
        StoreFailed: The log or the disk cannot be read or written.
    """
    require_sandbox()
    journal = journal_of(run, "workspace")
    held = recall(journal, BASE, Base)
    name = release.branch if release else run.base
    if held is not None:
        mirror = mirror_with(run, held.commit)
        for commit in commits_moved_to(journal.store, run.id):
            mirror_with(run, commit)
        return _open(run, mirror, held, name)
    _refuse_dirty(run.repository)
    mirror = fetch_mirror(run)

    def find() -> Base:
        commit = release.commit if release else mirrors.resolve_base(mirror, name)
        branch = _branch_for(run, ticket, name, read_policy(mirror, commit))
        return Base(commit=commit, branch=branch, committed_at=run.started_at)

    return _open(run, mirror, pinned(journal, BASE, Base, find), name)


@stage("Reopen the workspace", kept=False)
def reopen_workspace(run: Run, commit: str, branch: str) -> Workspace:
    """Give the run a worktree at a commit that the mirror holds, without asking the repository.

    Raises:
        NotFound: There is no mirror, or it does not hold the commit.
        SandboxUnavailable: Nothing on this host could check the work later.
    """
    require_sandbox()
    base = Base(commit=commit, branch=branch, committed_at=run.started_at)
    return _open(run, _known_mirror(run), base, run.base)


def _open(run: Run, mirror: Path, base: Base, name: str) -> Workspace:
    """Return the run's workspace on this machine, with the worktree as the run recorded it last."""
    workspace = Workspace(
        repository=run.repository,
        mirror=mirror,
        path=run_folder(run) / "worktree",
        branch=base.branch,
        base=name,
        base_commit=base.commit,
        base_tree=trees.tree_of(mirror, base.commit),
        committed_at=base.committed_at,
    )
    last = hold_trees(event_store(), run.id, mirror)
    open_workbench(run, workspace, tree=last or None)
    return workspace


def mirror_with(run: Run, commit: str) -> Path:
    """Return the mirror if it holds the commit; else fetch the repository.

    Raises:
        ServiceError: The repository refused or did not answer.
    """
    try:
        mirror = _known_mirror(run)
        trees.tree_of(mirror, commit)
    except NotFound:
        return fetch_mirror(run)
    return mirror


def _known_mirror(run: Run) -> Path:
    return mirrors.find_mirror(run.repository, settings().home / "mirrors")


def fetch_mirror(run: Run) -> Path:
    """Bring the repository's mirror up to date and return it.

    Raises:
        ServiceError: The repository refused or did not answer.
    """
    credential = credential_of(profile_of(run), run.repository)
    return mirrors.ensure_mirror(run.repository, settings().home / "mirrors", credential=credential)


def _branch_for(run: Run, ticket: Ticket, base: str, policy: RepositoryPolicy) -> str:
    """Return the name of the run's branch, which no branch of the repository stands in the way of."""
    name = branch_name(
        policy.branch,
        ticket,
        workflow=run.workflow,
        base=base,
        prefixes={str(part): prefix for part, prefix in policy.branch_prefixes.items()},
    )
    credential = credential_of(profile_of(run), run.repository)
    return free_branch_name(name, remote_heads(run.repository, credential=credential))


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
