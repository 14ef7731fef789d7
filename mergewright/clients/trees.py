r"""Commits, trees and blobs of a mirror: reading them, comparing them, making new ones.

File names are UTF-8; bytes of a name that are not show as `\xNN`.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from mergewright.clients.git import Git, git_in, scratch_index
from mergewright.clients.git_objects import SUBMODULE_MODE
from mergewright.domain.changeset import FileChange
from mergewright.errors import NotFound, Rejected, SettingInvalid, StoreFailed

_IDENTITY = re.compile(r"(?P<name>[^<>\n\0]*[^<>\s\0][^<>\n\0]*) <(?P<mail>[^<>\s\0]+)>")

_Status = Literal["added", "modified", "deleted", "renamed"]
_STATUSES: dict[str, _Status] = {"A": "added", "D": "deleted", "R": "renamed"}


class TreeFile(NamedTuple):
    """One file of a tree."""

    path: str
    blob: str
    size_bytes: int
    mode: str
    """`100644`, `100755` (executable) or `120000` (symbolic link: the blob is its target)."""


def resolve_object(git: Git, name: str, kind: Literal["commit", "tree"]) -> str:
    """Return the full id of a commit or tree.

    Raises:
        NotFound: There is no such object.
    """
    found = git.attempt(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}"
    )
    if found.exit_code != 0:
        raise NotFound(
            f"There is no {kind} {name!r} in {git.subject!r}.",
            hint="Start the run again with --fresh: the mirror was replaced or removed.",
        )
    return found.output.decode().strip()


def tree_of(mirror: Path, commit: str) -> str:
    """Return the tree of a commit.

    Raises:
        NotFound: The mirror has no such commit.
    """
    return resolve_object(git_in(mirror), commit, "tree")


def diff(mirror: Path, old: str, new: str) -> str:
    """Return the unified diff between two commits or trees, with full ids and renames found.

    Raises:
        NotFound: The mirror has no such object.
    """
    text = _compare(
        mirror,
        old,
        new,
        "--patch",
        "--full-index",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--src-prefix=a/",
        "--dst-prefix=b/",
    )
    return text.decode(errors="replace")


def changed_files(mirror: Path, old: str, new: str) -> tuple[FileChange, ...]:
    """Return what changed between two commits or trees, file by file.

    A renamed file shows twice, as the new path renamed and the old path deleted: who asks whether a
    path was touched must find both.

    Raises:
        NotFound: The mirror has no such object.
    """
    listing = _compare(mirror, old, new, "--raw", "--numstat", "-z")
    tokens = iter(listing.decode(errors="backslashreplace").split("\0"))
    statuses: deque[str] = deque()
    changes: list[FileChange] = []
    for token in tokens:
        if token.startswith(":"):
            statuses.append(token.rsplit(" ", 1)[1][0])
            for _ in range(2 if statuses[-1] == "R" else 1):
                next(tokens)
        elif token:
            changes += _changes(statuses.popleft(), token, tokens)
    return tuple(changes)


def list_files(mirror: Path, treeish: str) -> tuple[TreeFile, ...]:
    """Return every file of a commit or tree; submodules are left out.

    Raises:
        NotFound: The mirror has no such object.
    """
    tree = resolve_object(git_in(mirror), treeish, "tree")
    return tuple(
        TreeFile(path, blob, int(size), mode)
        for mode, blob, size, path in _entries(git_in(mirror), "-r", "--long", tree)
        if mode != SUBMODULE_MODE
    )


def read_blob(mirror: Path, treeish: str, path: str) -> bytes | None:
    """Return what a file of a commit or tree holds; None if there is no such file.

    Raises:
        NotFound: The mirror has no such commit or tree.
    """
    tree = resolve_object(git_in(mirror), treeish, "tree")
    entry = _entry(git_in(mirror), tree, path)
    return None if entry is None else git_in(mirror).run("cat-file", "blob", entry.blob)


def commit_tree(
    mirror: Path, *, tree: str, parent: str, message: str, author: str, at: datetime
) -> str:
    """Commit a tree and return the commit's id; the same arguments give the same id.

    Args:
        mirror: Where the tree and its parent are.
        tree: What is committed.
        parent: The commit before.
        message: Subject, empty line, body.
        author: `Name <mail>`, also the committer.
        at: Instant of both, to the second.

    Raises:
        NotFound: The mirror has no such tree or parent.
        SettingInvalid: The author is not of this form, or the instant has no time zone.
    """
    identity = _IDENTITY.fullmatch(author)
    if identity is None or at.tzinfo is None:
        raise SettingInvalid(
            f"{author!r} at {at.isoformat()} cannot sign a commit.",
            hint="Give the author as 'Name <mail@example.org>', and an instant with a time zone.",
        )
    date = f"@{int(at.astimezone(UTC).timestamp())} +0000"
    signature = signed_by(identity["name"].strip(), identity["mail"], date)
    git = git_in(mirror).aimed(**signature)
    return git.line(
        "commit-tree",
        resolve_object(git, tree, "tree"),
        "-p",
        resolve_object(git, parent, "commit"),
        "-F",
        "-",
        stdin=message.replace("\0", "").encode(errors="replace"),
    )


def signed_by(name: str, mail: str, date: str) -> dict[str, str]:
    """Return the variables by which git signs a commit, as its author and its committer.

    Args:
        name: Who it is.
        mail: Their mail address.
        date: In a form that git reads, as `@0 +0000`.
    """
    return {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", name), ("EMAIL", mail), ("DATE", date))
    }


def export_tree(mirror: Path, tree: str, folder: Path) -> None:
    """Write the files of a tree into a folder that is empty or not there yet.

    Symbolic links stay links, wherever they point.

    Raises:
        NotFound: The mirror has no such tree.
        Rejected: The folder holds something, or a file cannot be written.
        StoreFailed: The disk is full.
    """
    tree = resolve_object(git_in(mirror), tree, "tree")
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(
            f"The folder {str(folder)!r} cannot be made: {error.strerror}.",
            hint="Free space on the disk, or check who owns the folder above it.",
        ) from error
    if any(folder.iterdir()):
        raise Rejected(
            f"The folder {str(folder)!r} is not empty.", hint="Export into a new folder."
        )
    with scratch_index(git_in(mirror)) as git:
        git.aimed(GIT_WORK_TREE=str(folder)).run("read-tree", "--reset", "-u", tree)


def overlay_tree(mirror: Path, *, base: str, change: str, paths: Sequence[str]) -> str:
    """Return the tree that is `base` with some files as `change` has them, or has them not.

    Raises:
        NotFound: The mirror has no such tree.
    """
    tree = resolve_object(git_in(mirror), change, "tree")
    with scratch_index(git_in(mirror)) as git:
        git.run("read-tree", resolve_object(git_in(mirror), base, "tree"))
        lines = []
        for path in paths:
            entry = _entry(git, tree, path)
            mode, blob = (entry.mode, entry.blob) if entry else ("0", "0" * len(tree))
            lines.append(f"{mode} {blob}\t{path}\0".encode(errors="replace"))
        git.run("update-index", "--replace", "-z", "--index-info", stdin=b"".join(lines))
        return git.line("write-tree")


def _compare(mirror: Path, old: str, new: str, *options: str) -> bytes:
    trees = [resolve_object(git_in(mirror), name, "tree") for name in (old, new)]
    return git_in(mirror).run("diff-tree", "-r", "-M", *options, *trees)


def _changes(status: str, counts: str, tokens: Iterator[str]) -> list[FileChange]:
    additions, deletions, path = counts.split("\t", 2)
    replaced = ""
    if status == "R":
        replaced, path = next(tokens), next(tokens)
    change = FileChange(
        path=path,
        status=_STATUSES.get(status, "modified"),
        additions=int(additions) if additions != "-" else 0,
        deletions=int(deletions) if deletions != "-" else 0,
    )
    if not replaced:
        return [change]
    return [FileChange(path=replaced, status="deleted", additions=0, deletions=0), change]


def _entries(git: Git, *arguments: str) -> Iterator[tuple[str, str, str, str]]:
    listing = git.run("ls-tree", "-z", *arguments).decode(errors="backslashreplace")
    for line in listing.split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            mode, _, blob, *size = facts.split()
            yield mode, blob, size[0] if size else "0", path


def _entry(git: Git, tree: str, path: str) -> TreeFile | None:
    """Return the file of a tree at exactly this path."""
    if not path or path.startswith("/") or not {"", ".", ".."}.isdisjoint(path.split("/")):
        return None
    if "\0" in path:
        return None
    for mode, blob, size, found in _entries(git, "--full-tree", tree, "--", path):
        if found == path and mode.startswith("1") and mode != SUBMODULE_MODE:
            return TreeFile(found, blob, int(size), mode)
    return None
