"""Trees that a run recorded, found again on a machine whose mirror has never seen them."""

from pathlib import Path

from mergewright.clients.patches import holds_tree, rebuild_tree
from mergewright.domain.events import ToolFinished
from mergewright.errors import NotFound, Rejected, StoreFailed
from mergewright.events.store import EventStore


def hold_trees(store: EventStore, run_id: str, mirror: Path) -> str:
    """See that a mirror holds every tree of a run that its log tells how to make.

    Returns:
        The tree that the run recorded last; empty if it recorded none.

    Raises:
        NotFound: The mirror lacks a tree from which others were made, and the log does not know it.
        StoreFailed: The log cannot be read, or holds a patch that makes another tree.
    """
    last = ""
    for stored in store.read(run_id=run_id, types=("tool_finished",)):
        event = stored.event
        if not isinstance(event, ToolFinished) or not event.tree:
            continue
        last = event.tree
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
        _make(mirror, change)


def _missing_changes(store: EventStore, run_id: str, mirror: Path, tree: str) -> list[ToolFinished]:
    """Return the changes that lead from the tree to one that the mirror holds, the last first."""
    changes: dict[str, ToolFinished] = {}
    for stored in store.read(run_id=run_id, types=("tool_finished",)):
        event = stored.event
        if isinstance(event, ToolFinished) and event.patch:
            # The first that made a tree: what it was made from is older, so no way leads in a circle.
            changes.setdefault(event.tree, event)
    missing: list[ToolFinished] = []
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


def _make(mirror: Path, change: ToolFinished) -> None:
    hint = f"See what is wrong with the log: mergewright audit verify {change.run_id}"
    try:
        made = rebuild_tree(mirror, base=change.parent, patch=change.patch)
    except Rejected as error:
        raise StoreFailed(
            f"The patch that made the tree {change.tree!r} cannot be applied: {error.message}",
            hint=hint,
            run_id=change.run_id,
        ) from error
    if made != change.tree:
        raise StoreFailed(
            f"The patch that made the tree {change.tree!r} now makes {made!r}.",
            hint=hint,
            run_id=change.run_id,
        )
