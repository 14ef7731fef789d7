"""Trees that a run recorded, found again on a machine whose mirror has never seen them.

Two things make trees: an agent's tool of the tree before it, and moving a change upon another commit.
The log tells of both what they were made from, down to commits that the repository has.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mergewright.clients.patches import holds_tree, make_patch, rebuild_tree
from mergewright.clients.tree_merges import merge_trees
from mergewright.clients.trees import tree_of
from mergewright.domain.events import FactPinned, ToolFinished
from mergewright.domain.value import Value
from mergewright.errors import NotFound, Rejected, StoreFailed
from mergewright.events.journal import Journal
from mergewright.events.store import EventStore
from tasks._facts import pinned

MOVED = "tree of "
"""What names of facts begin with that tell of a tree upon another commit."""
SHOWN_CHARACTERS = 16
"""Of an id, in such a name."""


class MovedTree(Value):
    """A change upon another commit than the one that it was made upon."""

    commit: str
    """The commit, which the repository has."""
    tree: str
    parent: str
    """The commit's tree."""
    patch: str
    """What makes the tree of it."""
    conflicts: tuple[str, ...] = ()
    """Files that hold both sides of the same lines, between marks."""


class _Made(NamedTuple):
    """How a tree was made."""

    tree: str
    parent: str
    patch: str


def move_tree(journal: Journal, mirror: Path, tree: str, *, base: str, commit: str) -> MovedTree:
    """Merge a tree that was made upon one commit with another commit; a run does so once.

    Args:
        journal: Journal of the stage.
        mirror: Where both commits are.
        tree: The tree.
        base: The commit that it was made upon.
        commit: The commit that it goes upon.

    Raises:
        NotFound: Neither the mirror nor the log knows the tree, or the mirror lacks a commit.
        StoreFailed: The log cannot be read or written, or holds a patch that makes another tree.
    """
    name = f"{MOVED}{tree[:SHOWN_CHARACTERS]} upon {commit[:SHOWN_CHARACTERS]}"

    def move() -> MovedTree:
        hold_tree(journal.store, journal.run_id, mirror, tree)
        merge = merge_trees(mirror, base=base, ours=tree, theirs=commit)
        return MovedTree(
            commit=commit,
            tree=merge.tree,
            parent=tree_of(mirror, commit),
            patch=make_patch(mirror, commit, merge.tree),
            conflicts=merge.conflicts,
        )

    moved = pinned(journal, name, MovedTree, move)
    hold_tree(journal.store, journal.run_id, mirror, moved.tree)
    return moved


def commits_moved_to(store: EventStore, run_id: str) -> tuple[str, ...]:
    """Return the commits that a run moved its change upon: a mirror needs them for its trees.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return tuple(moved.commit for moved in _moves(store, run_id))


def hold_trees(store: EventStore, run_id: str, mirror: Path) -> str:
    """See that a mirror holds every tree of a run that its log tells how to make.

    Returns:
        The tree that the run recorded last in its first worktree; empty if it recorded none there.

    Raises:
        NotFound: The mirror lacks a tree from which others were made, and the log does not know it.
        StoreFailed: The log cannot be read, or holds a patch that makes another tree.
    """
    last, has_moved = "", False
    for stored in store.read(run_id=run_id, types=("tool_finished", "fact_pinned")):
        event = stored.event
        if isinstance(event, FactPinned):
            # from here on work is done in another worktree, upon another commit
            has_moved = has_moved or event.name.startswith(MOVED)
        elif isinstance(event, ToolFinished) and event.tree:
            last = last if has_moved else event.tree
            if event.patch:
                hold_tree(store, run_id, mirror, event.tree)
    return last


def hold_tree(store: EventStore, run_id: str, mirror: Path, tree: str) -> None:
    """See that a mirror holds a tree of a run; one that it lacks is made anew from the log.

    Raises:
        NotFound: Neither the mirror nor the log knows the tree.
        StoreFailed: The log cannot be read, or holds a patch that makes another tree.
    """
    if holds_tree(mirror, tree):
        return
    for change in reversed(_missing_changes(store, run_id, mirror, tree)):
        _make(run_id, mirror, change)


def _missing_changes(store: EventStore, run_id: str, mirror: Path, tree: str) -> list[_Made]:
    """Return the changes that lead from the tree to one that the mirror holds, the last first."""
    changes: dict[str, _Made] = {}
    for made in _made_trees(store, run_id):
        # The first that made a tree: what it was made from is older, so no way leads in a circle.
        changes.setdefault(made.tree, made)
    missing: list[_Made] = []
    wanted = tree
    while not holds_tree(mirror, wanted):
        change = changes.pop(wanted, None)
        if change is None:
            raise NotFound(
                f"There is no tree {wanted!r} in {str(mirror)!r}, and the log of the run"
                f" {run_id!r} does not tell how it was made.",
                hint="Go on with the run where it was made, or start another one with --fresh.",
                run_id=run_id,
            )
        missing.append(change)
        wanted = change.parent
    return missing


def _made_trees(store: EventStore, run_id: str) -> Iterator[_Made]:
    yield from (_Made(one.tree, one.parent, one.patch) for one in _moves(store, run_id))
    for stored in store.read(run_id=run_id, types=("tool_finished",)):
        event = stored.event
        if isinstance(event, ToolFinished) and event.patch:
            yield _Made(event.tree, event.parent, event.patch)


def _moves(store: EventStore, run_id: str) -> Iterator[MovedTree]:
    for stored in store.read(run_id=run_id, types=("fact_pinned",)):
        event = stored.event
        if isinstance(event, FactPinned) and event.name.startswith(MOVED):
            yield MovedTree.model_validate(event.value)


def _make(run_id: str, mirror: Path, change: _Made) -> None:
    hint = f"See what is wrong with the log: mergewright audit verify {run_id}"
    try:
        made = rebuild_tree(mirror, base=change.parent, patch=change.patch)
    except Rejected as error:
        raise StoreFailed(
            f"The patch that made the tree {change.tree!r} cannot be applied: {error.message}",
            hint=hint,
            run_id=run_id,
        ) from error
    if made != change.tree:
        raise StoreFailed(
            f"The patch that made the tree {change.tree!r} now makes {made!r}.",
            hint=hint,
            run_id=run_id,
        )
