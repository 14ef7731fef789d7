"""Stages that bring a release's fix to the main branch: the same change, upon another base."""

import re
import shlex

from mergewright.clients import trees
from mergewright.clients.mirrors import resolve_base
from mergewright.clients.remotes import head_state, remote_heads
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.requests import DEFAULT_BASE
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused
from mergewright.texts.branches import free_branch_name
from tasks._facts import pinned
from tasks._policies import stage
from tasks._recorded_trees import hold_tree, move_tree
from tasks._runs import event_store, journal_of, profile_of
from tasks._workbench import credential_of
from tasks.pull_requests import commit_change, push_commit
from tasks.workspace import fetch_mirror, mirror_with

BACKPORT = "backport"
"""Name of the fact and of the stages."""
MAX_SUBJECT = 100
MAX_BASE_SHOWN = 40
_MARKER = re.compile(r"^\+(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


class BackportTarget(Value):
    """Where the main branch was when the fix was to be brought there."""

    base: str
    commit: str
    branch: str
    """Name of the branch that carries the fix there."""


class Carried(Value):
    """A change upon another base, and where it is worked on."""

    workspace: Workspace
    changeset: Changeset
    conflicts: tuple[str, ...] = ()
    """Files that hold both sides of the same lines, between marks."""


@stage("Look for the main branch", kept=False)
def find_target(run: Run, workspace: Workspace, main: str) -> BackportTarget:
    """Return the branch that gets the same fix, and where it is; a run keeps what it found.

    Args:
        run: The run.
        workspace: Where the fix was made.
        main: Name of the branch; empty takes the repository's default branch.

    Raises:
        NotFound: There is no such branch.
        ServiceError: The repository refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """

    def find() -> BackportTarget:
        credential = credential_of(profile_of(run), run.repository)
        told = head_state(run.repository, workspace.base, credential=credential).default_branch
        base = main or told or DEFAULT_BASE
        commit = resolve_base(fetch_mirror(run), base)
        name = f"{workspace.branch}-to-{re.sub(r'[^A-Za-z0-9.]+', '-', base).strip('-.')}"
        heads = remote_heads(run.repository, credential=credential)
        return BackportTarget(base=base, commit=commit, branch=free_branch_name(name, heads))

    return pinned(journal_of(run, BACKPORT), BACKPORT, BackportTarget, find)


@stage("Carry the fix over", kept=False)
def carry_over(
    run: Run, workspace: Workspace, commit: str, changeset: Changeset, target: BackportTarget
) -> Carried:
    """Put a change upon another base, as a cherry-pick does, in a worktree of its own.

    Args:
        run: The run.
        workspace: Where the change was made.
        commit: The commit that holds it.
        changeset: The change.
        target: Where it goes.

    Raises:
        ChangeRefused: The base holds the whole change already.
        ServiceError: The repository refused or did not answer.
    """
    mirror = mirror_with(run, target.commit)
    merged = move_tree(
        journal_of(run, f"{BACKPORT}-carry"),
        mirror,
        changeset.tree,
        base=workspace.base_commit,
        commit=target.commit,
    )
    moved = changeset.model_copy(
        update={
            "base_commit": target.commit,
            "tree": merged.tree,
            "diff": trees.diff(mirror, target.commit, merged.tree),
            "files": trees.changed_files(mirror, target.commit, merged.tree),
            "summary": _summary(changeset.summary, target.base, f"{commit} on {workspace.base}"),
        }
    )
    if moved.is_empty:
        raise ChangeRefused(
            f"{target.base!r} holds the whole fix already.", hint="Nothing is left to do there."
        )
    place = workspace.model_copy(
        update={
            "base": target.base,
            "base_commit": target.commit,
            "base_tree": merged.parent,
            "branch": target.branch,
            "path": workspace.path.with_name("worktree-backport"),
        }
    )
    return Carried(workspace=place, changeset=moved, conflicts=merged.conflicts)


@stage("Push the fix for the main branch", kept=False)
def push(run: Run, ticket: Ticket, workspace: Workspace, changeset: Changeset) -> str:
    """Commit the carried change upon the main branch and push it as a branch; return the commit.

    Raises:
        Rejected: The branch exists with other commits.
        ServiceError: The repository refused or did not answer.
    """
    hold_tree(event_store(), run.id, workspace.mirror, changeset.tree)
    commit = commit_change(run, ticket, workspace, changeset)
    return push_commit(run, f"{BACKPORT}-push", workspace, commit, workspace.branch)


def _summary(summary: ImplementationSummary, base: str, source: str) -> ImplementationSummary:
    """Say of a change where it comes from and goes to."""
    mark = f" [{base[:MAX_BASE_SHOWN]}]"
    return ImplementationSummary(
        summary=f"{summary.summary}\n\nCherry-picked from {source}.",
        commit_subject=summary.commit_subject[: MAX_SUBJECT - len(mark)].rstrip() + mark,
        notes=summary.notes,
    )


def conflict_complaint(carried: Carried) -> str:
    """Tell the agent what it is to resolve."""
    files = "\n".join(f"- {path}" for path in carried.conflicts)
    return (
        f"The change was carried to the branch {carried.workspace.base!r}, where the same lines had"
        " changed. These files hold both sides between lines of <<<<<<<, ======= and >>>>>>>:\n"
        f"{files}\n"
        "Resolve each: keep what the branch has, and make the fix there too. Remove the marks."
    )


def conflict_gate(carried: Carried, changeset: Changeset) -> Gate:
    """Return whether the conflicts are resolved: no mark is left in the added lines."""
    left = len(_MARKER.findall(changeset.diff))
    count = len(carried.conflicts)
    return Gate(
        name="Conflicts",
        status=GateStatus.FAILED if left else GateStatus.PASSED,
        summary=f"{left} marks of conflicts are left"
        if left
        else f"{count} files in conflict, resolved"
        if count
        else "None",
        details=carried.conflicts,
    )


def cherry_pick_by_hand(delivery: Delivery, base: str) -> str:
    """Return the command by which a person brings a fix to a branch; empty means the current one."""
    pick = f"git cherry-pick -x {delivery.commit}"
    return f"git switch {shlex.quote(base)} && {pick}" if base else pick
