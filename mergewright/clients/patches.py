"""Recorded trees as patches: what another machine needs to make a tree that its mirror lacks.

A patch is text, so that whoever looks for secrets in it finds them. It is what git prints if that is
UTF-8; otherwise each byte stands for the character of this number, behind a first line that says so.
"""

import re
from pathlib import Path

from mergewright.clients.git import git_in, scratch_index
from mergewright.clients.trees import resolve_object

_BYTEWISE = "bytes as latin-1\n"
# Both names are the same, for there are no renames; git has quoted those that need it, but for this.
_HEADER_WITH_OPEN_END = re.compile(rb"^diff --git a/(.* /.*) b/\1$", re.MULTILINE)
# Renames as deletion and addition: one form less that applying must understand.
_DIFF_OPTIONS = (
    "-r",
    "--patch",
    "--binary",
    "--full-index",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


def holds_tree(mirror: Path, tree: str) -> bool:
    """Say whether a mirror holds a tree."""
    return git_in(mirror).attempt("cat-file", "-e", f"{tree}^{{tree}}").exit_code == 0


def make_patch(mirror: Path, before: str, after: str) -> str:
    """Return what makes one tree of another, whole and exact; empty if they are the same.

    Raises:
        NotFound: The mirror has no such tree.
    """
    patch = git_in(mirror).run("diff-tree", *_DIFF_OPTIONS, before, after, "--")
    patch = _HEADER_WITH_OPEN_END.sub(_quoted, patch)
    try:
        return patch.decode()
    except UnicodeDecodeError:
        return _BYTEWISE + patch.decode("latin-1")


def rebuild_tree(mirror: Path, *, base: str, patch: str) -> str:
    """Write the tree that a patch makes of another, and return its id.

    Raises:
        NotFound: The mirror has no such base.
        Rejected: The patch is damaged, or one of another base.
        StoreFailed: The disk is full.
    """
    bytewise = patch.startswith(_BYTEWISE)
    body = patch.removeprefix(_BYTEWISE).encode("latin-1") if bytewise else patch.encode()
    with scratch_index(git_in(mirror)) as git:
        git.run("read-tree", resolve_object(git, base, "tree"))
        if body:
            git.run("apply", "--cached", "--binary", "--whitespace=nowarn", "-", stdin=body)
        return git.line("write-tree")


def _quoted(header: re.Match[bytes]) -> bytes:
    """Quote a path with a folder that ends in a space: `git apply` takes the rest for a root."""
    return b'diff --git "a/%(path)s" "b/%(path)s"' % {b"path": header[1]}
