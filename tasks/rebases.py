"""What becomes of a change when its base moved while it was made: it is moved on to the new base.

Which commit the base moved to is a fact of the run, like its first base: whoever goes on with the run
rebases to the same one.
"""

from mergewright.clients import trees
from mergewright.clients.mirrors import resolve_base
from mergewright.clients.remotes import remote_heads
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Run
from mergewright.domain.events import EffectIntended
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChangeRefused, NotFound
from mergewright.events.journal import Journal
from mergewright.events.undo_list import intent_key
from tasks._effects import effect_key
from tasks._facts import pinned, recall
from tasks._policies import stage
from tasks._recorded_trees import move_tree
from tasks._runs import journal_of, profile_of
from tasks._workbench import credential_of
from tasks.workspace import fetch_mirror, mirror_with

MAX_REBASES = 3
"""A base that still moves then is left behind: a person merges from there."""
STAGE = "push"


class NewBase(Value):
    """Where the base was when the change was to be published."""

    commit: str


class Rebased(Value):
    """A change on a new base, and where it is worked on from now on."""

    workspace: Workspace
    changeset: Changeset


def has_new_base(run: Run, workspace: Workspace, commit: str, rebases: int) -> bool:
    """Say whether the base moved, so that the change is to be rebased before it is pushed.

    What was pushed already is not moved: a run that goes on finds it.

    Raises:
        ServiceError: The repository refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, STAGE)
    name = _fact(rebases + 1)
    if recall(journal, name, NewBase) is not None:
        return True
    if rebases == MAX_REBASES or _is_pushed(run, journal, workspace.branch, commit):
        return False
    now = resolve_base(fetch_mirror(run), workspace.base)
    if now == workspace.base_commit:
        return False
    pinned(journal, name, NewBase, lambda: NewBase(commit=now))
    return True


@stage("Rebase the change", run_name="Rebase the change (round {rebases})", kept=False)
def rebase_change(run: Run, workspace: Workspace, changeset: Changeset, rebases: int) -> Rebased:
    """Move a change to where its base is now.

    Raises:
        ChangeRefused: The base changed the same lines.
        NotFound: The log does not tell where the base is.
        ServiceError: The repository refused or did not answer.
    """
    base = recall(journal_of(run, STAGE), _fact(rebases), NewBase)
    if base is None:
        raise NotFound(f"The run {run.id!r} does not know where {workspace.base!r} moved to.")
    mirror = mirror_with(run, base.commit)
    merged = move_tree(
        journal_of(run, f"rebase-{rebases}"),
        mirror,
        changeset.tree,
        base=workspace.base_commit,
        commit=base.commit,
    )
    if merged.conflicts:
        raise ChangeRefused(
            f"{workspace.base!r} changed the same lines since the run began: "
            f"{', '.join(merged.conflicts)}.",
            hint="Nothing was published. Run again with --fresh to work from the new base.",
        )
    moved = changeset.model_copy(
        update={
            "base_commit": base.commit,
            "tree": merged.tree,
            "diff": trees.diff(mirror, base.commit, merged.tree),
            "files": trees.changed_files(mirror, base.commit, merged.tree),
        }
    )
    if moved.is_empty:
        raise ChangeRefused(
            f"{workspace.base!r} holds the whole change already.",
            hint="Nothing was published. Close the ticket, or say in it what is still missing.",
        )
    place = workspace.model_copy(
        update={
            "base_commit": base.commit,
            "base_tree": merged.parent,
            # a worktree stays at the commit that it was made of
            "path": workspace.path.with_name(f"worktree-{rebases}"),
        }
    )
    return Rebased(workspace=place, changeset=moved)


def base_gate(before: Workspace, after: Workspace) -> Gate:
    """Return the gate that says how the base moved."""
    moved = f"{after.base} moved from {before.base_commit[:12]} to {after.base_commit[:12]}"
    return Gate(
        name="Base",
        status=GateStatus.PASSED,
        summary=f"{moved}; the change was rebased without a conflict and checked there",
    )


def _fact(rebases: int) -> str:
    return f"base-{rebases}"


def _is_pushed(run: Run, journal: Journal, branch: str, commit: str) -> bool:
    """Say whether this commit was pushed by the run, or by an attempt that did not come to say so."""
    key = effect_key(journal, "branch", branch)
    if journal.store.find(run.id, "effect_done", key) is not None:
        return True
    wanted = [
        stored.event.wanted.get("commit")
        for stored in journal.store.read(run_id=run.id, types=("effect_intended",))
        if isinstance(stored.event, EffectIntended) and intent_key(stored.event) == key
    ]
    if commit not in wanted:
        return False
    credential = credential_of(profile_of(run), run.repository)
    return remote_heads(run.repository, credential=credential).get(branch) == commit
