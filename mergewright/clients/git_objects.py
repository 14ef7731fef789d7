"""The objects of a commit, streamed: no work tree, no fetch, and no more memory than one blob takes.

What a repository lacks (a partial clone) is told, never fetched: the transport is closed.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple

from mergewright.clients.git import Git, git_in
from mergewright.clients.git_errors import error_of
from mergewright.errors import NotFound, ServiceUnavailable

SUBMODULE_MODE: Final = "160000"
LINK_MODE: Final = "120000"

_NO_FETCH: Final = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
_NAME: Final = re.compile(r"[^\s\0-][^\s\0]*")
_PRESENT_WORDS: Final = 3


class TreeEntry(NamedTuple):
    r"""One entry of a commit's tree; bytes of a path that are no UTF-8 show as `\xNN`."""

    path: str
    blob: str
    size_bytes: int | None
    """None for a submodule, and for a blob that is missing."""
    mode: str


def list_tree(repository: Path, treeish: str) -> list[TreeEntry]:
    """Return every entry of a commit or tree in git's order, submodules included.

    Raises:
        NotFound: There is no such repository, commit or tree; or trees are missing.
        ServiceUnavailable: git was killed or took too long.
        SettingInvalid: git is not installed.
    """
    git = _reader(repository)
    if not _NAME.fullmatch(treeish):
        raise NotFound(f"{treeish!r} names no commit.")
    found = git.attempt("rev-parse", "--verify", "--quiet", f"{treeish}^{{tree}}")
    if found.exit_code != 0:
        raise NotFound(
            f"There is no commit {treeish!r} in {git.subject!r}.",
            hint="Make a first commit if the repository is empty; or fetch the one that is meant.",
        )
    tree = found.output.decode().strip()
    listing = git.attempt("ls-tree", "-r", "-l", "-z", tree)
    if listing.exit_code == 0:
        return [_entry(line) for line in listing.output.split(b"\0") if line]
    # Sizes need every blob, and git gives up at the first that a partial clone has not.
    listing = git.attempt("ls-tree", "-r", "-z", tree)
    if listing.exit_code != 0:
        raise error_of(listing.stderr, command="ls-tree", subject=git.subject)
    sizes = _present_sizes(git)
    entries = (_entry(line) for line in listing.output.split(b"\0") if line)
    return [entry._replace(size_bytes=sizes.get(entry.blob)) for entry in entries]


def _present_sizes(git: Git) -> dict[str, int]:
    """Return the size of every object that is here, without asking for others."""
    form = "--batch-check=%(objectname) %(objectsize)"
    lines = git.run("cat-file", "--batch-all-objects", "--unordered", form).decode().splitlines()
    return {name: int(size) for name, _, size in (line.partition(" ") for line in lines)}


def stream_blobs(repository: Path, blobs: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """Yield blobs with their content in the order asked for; None for what is missing.

    In a partial clone ask only for what has a size in the tree's list: git ends at what it would
    have to fetch.

    Raises:
        ServiceUnavailable: git ended before it had answered.
        SettingInvalid: git is not installed.
    """
    names = list(dict.fromkeys(blobs))
    if not names:
        return
    with _reader(repository).process("cat-file", "--batch", "--buffer") as process:
        questions, answers, complaints = process.stdin, process.stdout, process.stderr
        if questions is None or answers is None or complaints is None:
            raise ServiceUnavailable("git was started without pipes.")
        threads = (
            threading.Thread(target=_ask, args=(questions, names), daemon=True),
            threading.Thread(target=complaints.read, daemon=True),
        )
        for thread in threads:
            thread.start()
        for name in names:
            yield name, read_answer(answers, name)
        for thread in threads:
            thread.join()


def _reader(repository: Path) -> Git:
    return git_in(repository).aimed(**_NO_FETCH)


def _ask(questions: IO[bytes], names: list[str]) -> None:
    with suppress(BrokenPipeError, ValueError):
        for name in names:
            questions.write(f"{name}\n".encode())
        questions.close()


def read_answer(answers: IO[bytes], name: str) -> bytes | None:
    """Read what `git cat-file --batch` says of one object; None for one that is missing.

    Raises:
        ServiceUnavailable: git ended before it had answered.
    """
    header = answers.readline().split()
    if not header:
        raise ServiceUnavailable(
            f"git ended before it had told what {name!r} holds.",
            hint="Look whether the repository is whole: git fsck.",
        )
    if len(header) != _PRESENT_WORDS:
        return None
    content = answers.read(int(header[2]))
    answers.read(1)
    return content


def _entry(line: bytes) -> TreeEntry:
    attributes, _, path = line.partition(b"\t")
    mode, _, blob, *size = attributes.decode().split()
    known = size[0] if size else "-"
    return TreeEntry(
        path.decode(errors="backslashreplace"), blob, int(known) if known.isdigit() else None, mode
    )
