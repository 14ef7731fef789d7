"""When documents were last changed, and which commits have come since."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from mergewright.clients.git import git_in

MAX_COMMITS = 3000
"""So far back it is looked who changed a document last."""
MAX_SUBJECTS = 40

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class DocumentHistory(NamedTuple):
    """When documents were last changed."""

    last: str
    """The last commit that changed one; empty where none did."""
    commits: tuple[str, ...]
    """The commits that changed each document last, newest first."""


class Since(NamedTuple):
    """What has come since a commit."""

    commits: int = 0
    subjects: tuple[str, ...] = ()
    """Newest first, as far as they are listed."""
    touched: frozenset[str] = frozenset()
    """Files that were changed."""


def document_history(mirror: Path, commit: str, documents: Collection[str]) -> DocumentHistory:
    """Return when the documents of a commit were last changed.

    Raises:
        NotFound: The mirror has no such commit.
        ServiceUnavailable: git took too long.
    """
    listing = git_in(mirror).run(
        "log",
        f"--max-count={MAX_COMMITS}",
        "--name-only",
        "--no-renames",
        "-z",
        "--format=%x01%H",
        "--end-of-options",
        commit,
    )
    left = set(documents)
    found: list[str] = []
    for entry in listing.decode(errors="backslashreplace").split("\x01")[1:]:
        name, *paths = (token.strip("\n") for token in entry.split("\0"))
        changed = left.intersection(paths)
        if changed:
            found.append(name)
            left -= changed
        if not left:
            break
    return DocumentHistory(found[0] if found else "", tuple(found))


def changed_since(mirror: Path, earlier: str, commit: str) -> Since:
    """Return what has come since an earlier commit.

    Raises:
        NotFound: The mirror has no such commit.
        ServiceUnavailable: git took too long.
    """
    git, span = git_in(mirror), f"{earlier}..{commit}"
    count = int(git.line("rev-list", "--count", "--no-merges", "--end-of-options", span))
    subjects = git.run(
        "log", "--no-merges", f"--max-count={MAX_SUBJECTS}", "--format=%s", "--end-of-options", span
    )
    touched = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", earlier, commit)
    return Since(
        count,
        tuple(line for line in subjects.decode(errors="replace").split("\n") if line),
        frozenset(touched.decode(errors="backslashreplace").split("\0")),
    )


def later_of(mirror: Path, commit: str, *candidates: str) -> str:
    """Return the last of some commits that lies at or before a commit; empty where none does.

    Raises:
        ServiceUnavailable: git took too long.
    """
    return _last(candidates, lambda earlier, later: _is_before(mirror, earlier, later), commit)


def _last(candidates: Collection[str], is_before: Callable[[str, str], bool], commit: str) -> str:
    best = ""
    for one in candidates:
        if _COMMIT.fullmatch(one) and is_before(one, commit) and (not best or is_before(best, one)):
            best = one
    return best


def _is_before(mirror: Path, earlier: str, later: str) -> bool:
    found = git_in(mirror).attempt("merge-base", "--is-ancestor", earlier, later)
    return found.exit_code == 0
