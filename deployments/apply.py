"""Bringing a Prefect server to the state that the files of this folder say, and showing it first.

python -m deployments.apply --plan     what would change; nothing is
python -m deployments.apply            change it
python -m deployments.apply --prune    and remove what was made from files that no longer say it
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from blocks.profile import ensure_local_profile
from blocks.setup import BLOCK_TYPES, register_blocks
from blocks.third_party import service_packages
from deployments.changing import carry_out
from deployments.desired import LOCAL_PROFILE, Wanted, wanted_state
from deployments.differences import Change, changes_between
from deployments.reading import FOLDER, read_documents
from deployments.server import Server, connected
from mergewright.errors import BlockMissing

WORDS = {
    "create": ("made", "would be made"),
    "change": ("changed", "would be changed"),
    "remove": ("removed", "would be removed"),
    "leave": ("left: no file names it any more", "left: no file names it any more"),
}
SINGULAR = {
    "limits": "limit",
    "variables": "variable",
    "pools": "work pool",
    "deployments": "deployment",
    "automations": "automation",
    "block types": "block type",
    "blocks": "block",
}


class Applied(NamedTuple):
    """What was changed on a server, or would be."""

    changes: tuple[Change, ...]
    planned: bool
    """Whether nothing was changed."""

    @property
    def is_same(self) -> bool:
        """Whether the server holds what the files say."""
        return all(change.outcome == "leave" for change in self.changes)


def apply(
    *,
    folder: Path = FOLDER,
    plan: bool = False,
    prune: bool = False,
    pool: str = "",
    directory: str = "",
) -> Applied:
    """Bring the configured server to the state that the files say.

    All is read and checked before anything is changed. It may be repeated: what is as it should be
    is not touched.

    Args:
        folder: Where the files are.
        plan: Only say what would change.
        prune: Remove what was made from files that no longer say it; nothing else is ever removed.
        pool: Where deployments run that name no pool; empty takes the default one.
        directory: Where runs begin, on the worker's machine; empty leaves that to the worker.

    Raises:
        SettingInvalid: Something in a file is wrong.
        BlockMissing: A deployment needs a block that is not there.
        Rejected: The server refused.
        ServiceUnavailable: It does not answer.
    """
    wanted = wanted_state(read_documents(folder), folder=folder, pool=pool, directory=directory)
    with connected() as server:
        types, blocks = _block_types(server), _blocks(server, wanted)
        prepared = (*types, *blocks)
        found = server.read()
        changes = (*prepared, *changes_between(found, wanted, server.kept, prune=prune))
        if plan:
            return Applied(changes, planned=True)
        if types:
            register_blocks()
        elif blocks:
            ensure_local_profile()
        for change in changes:
            if change not in prepared:
                carry_out(server, change, getattr(wanted, change.kind))
    return Applied(changes, planned=False)


def _block_types(server: Server) -> list[Change]:
    """Return the block types whose present form the server does not know."""
    further = [one.block for one in service_packages() if one.block is not None]
    return [
        Change("block types", str(kind._block_type_name or kind.__name__), "create")  # noqa: SLF001 - Prefect's documented class variable
        for kind in (*BLOCK_TYPES, *further)
        if server.ask("GET", f"/block_schemas/checksum/{kind._calculate_schema_checksum()}") is None  # noqa: SLF001 - what Prefect itself compares when it registers a block
    ]


def _blocks(server: Server, wanted: Wanted) -> list[Change]:
    """Return the blocks that come with the types; refuse to go on without any other.

    Raises:
        BlockMissing: A deployment needs a block that is not there.
    """
    missing = [name for name in sorted(wanted.blocks) if server.block_id(name) is None]
    unknown = [name for name in missing if name != LOCAL_PROFILE]
    if unknown:
        raise BlockMissing(
            f"Deployments need blocks that are not there: {', '.join(unknown)}. Nothing was changed.",
            hint="Make a profile with `mergewright profile apply FILE`, another block in the Prefect"
            " UI; or name one that is there.",
        )
    return [Change("blocks", name, "create") for name in missing]


def lines_of(applied: Applied) -> list[str]:
    """Return what was changed, or would be, for a person."""
    lines: list[str] = []
    for change in applied.changes:
        words = WORDS[change.outcome][applied.planned]
        lines.append(f"{SINGULAR[change.kind]} {change.name}: {words}")
        lines += [f"    {one.field}: {one.before} → {one.after}" for one in change.differences]
    if applied.is_same:
        lines.append("No difference: the server holds what the files say.")
    return lines


def document_of(applied: Applied) -> dict[str, Any]:
    """Return the same for a program."""
    return {
        "planned": applied.planned,
        "same": applied.is_same,
        "changes": [
            {
                "kind": SINGULAR[change.kind],
                "name": change.name,
                "outcome": change.outcome,
                "differences": [one._asdict() for one in change.differences],
            }
            for change in applied.changes
        ],
    }


def main(words: Sequence[str] | None = None) -> int:
    """Run `mergewright deploy` with the same words and return its exit code."""
    # imported here, for the command imports this module
    from mergewright.cli.main import main as command_line  # noqa: PLC0415 - as said above

    return command_line(["deploy", *(sys.argv[1:] if words is None else words)])


if __name__ == "__main__":
    sys.exit(main())
