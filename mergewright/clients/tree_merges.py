"""Merging two trees that came of a third, without a worktree; and what lies between two commits."""

from pathlib import Path
from typing import NamedTuple

from mergewright.clients.git import Git, git_in
from mergewright.clients.git_errors import error_of
from mergewright.clients.trees import resolve_object, signed_by

SHOWN_COMMITS = 5
CLEAN, CONFLICTS = 0, 1
"""Exit codes of `git merge-tree --write-tree`, which came with git 2.38.

Source: git-merge-tree(1) of git 2.39; `--merge-base` came later.
"""

_NOBODY = signed_by("nobody", "nobody@localhost", "@0 +0000")


class TreeMerge(NamedTuple):
    """What came of merging two trees."""

    tree: str
    """The merged tree; with conflicts in it when there are any."""
    conflicts: tuple[str, ...]
    """Files whose same lines both changed."""


def merge_trees(mirror: Path, *, base: str, ours: str, theirs: str) -> TreeMerge:
    """Merge what two commits or trees made of a base; the same three give the same tree.

    Args:
        mirror: Where they are.
        base: What both came of, whatever their histories say.
        ours: What we made of it.
        theirs: What others made of it.

    Raises:
        NotFound: The mirror has no such object.
        Rejected: They cannot be merged at all.
    """
    git = git_in(mirror).aimed(**_NOBODY)
    # Commits of their own: the base that git finds is then the one that is meant.
    root = _commit(git, base)
    sides = [_commit(git, side, "-p", root) for side in (ours, theirs)]
    finished = git.attempt(
        "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", *sides
    )
    if finished.exit_code not in {CLEAN, CONFLICTS}:
        raise error_of(finished.stderr, command="merge-tree", subject=git.subject)
    tree, *names = finished.output.decode(errors="backslashreplace").split("\0")
    return TreeMerge(tree.strip(), tuple(dict.fromkeys(name for name in names if name)))


def common_ancestor(mirror: Path, one: str, other: str) -> str:
    """Return the commit that two commits have in common; empty when there is none.

    Raises:
        NotFound: The mirror has no such commit.
    """
    git = git_in(mirror)
    commits = [resolve_object(git, name, "commit") for name in (one, other)]
    return git.attempt("merge-base", *commits).output.decode().strip()


def commits_between(mirror: Path, old: str, new: str) -> tuple[str, ...]:
    """Return the newest commits that one commit has and another has not: id, author and subject.

    Raises:
        NotFound: The mirror has no such commit.
    """
    git = git_in(mirror)
    commits = [resolve_object(git, name, "commit") for name in (old, new)]
    listing = git.run(
        "log",
        f"--max-count={SHOWN_COMMITS}",
        "--format=%h by %aN: %s",
        "--end-of-options",
        f"{commits[0]}..{commits[1]}",
    )
    return tuple(listing.decode(errors="replace").splitlines())


def _commit(git: Git, treeish: str, *parents: str) -> str:
    return git.line("commit-tree", resolve_object(git, treeish, "tree"), *parents, "-m", "side")
