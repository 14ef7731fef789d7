"""Worktrees: where a run works, and how the state of its disk is recorded and brought back.

Recording and restoring go through an index of their own, so that a worktree's HEAD and index stay as
they were made. That index starts as a copy of the worktree's: only what changed is read again.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mergewright.clients.git import Git, git_in, scratch_index
from mergewright.clients.mirrors import mirror_lock
from mergewright.clients.trees import resolve_object
from mergewright.errors import NotFound, Rejected, StoreFailed


def add_worktree(mirror: Path, path: Path, *, commit: str) -> None:
    """Check a commit out at a path, on no branch; leave a whole worktree of it as it is.

    What an interrupted attempt left at the path is made anew: its files are lost, recorded trees are
    not. One worktree is made at a time: git 2.39 loses worktrees that are made at once.

    Raises:
        NotFound: There is no such mirror or commit.
        Rejected: Something else is at the path, or a worktree of another commit.
        ServiceUnavailable: Another process does not let go of the mirror.
        StoreFailed: The disk is full or may not be written.
    """
    path = path.resolve()
    commit = resolve_object(git_in(mirror), commit, "commit")
    with mirror_lock(mirror) as lock:
        if _is_whole(mirror, path, commit):
            return
        try:
            _clear(mirror, path)
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreFailed(
                f"The folder {str(path)!r} cannot be written: {error.strerror}.",
                hint="Free space on the disk, or check who owns the folder.",
            ) from error
        git = replace(git_in(mirror), lock=lock)
        git.run("worktree", "add", "--quiet", "--detach", "--", str(path), commit)


def record_tree(worktree: Path) -> str:
    """Write what is on disk into a git tree and return its id; what git ignores is left out.

    Raises:
        NotFound: There is no worktree at the path.
        StoreFailed: The disk is full.
        Rejected: A file cannot be read.
    """
    with _private_index(worktree) as git:
        git.run("add", "--all", "--no-warn-embedded-repo")
        return git.line("write-tree")


def restore_tree(worktree: Path, tree: str) -> None:
    """Make the disk exactly a recorded tree; what git ignores stays.

    Raises:
        NotFound: There is no worktree at the path, or no such tree.
        StoreFailed: The disk is full.
        Rejected: A file cannot be written.
    """
    with _private_index(worktree) as git:
        git.run("read-tree", "--reset", "-u", resolve_object(git, tree, "tree"))
        git.run("clean", "--quiet", "--force", "--force", "-d")


@contextlib.contextmanager
def _private_index(worktree: Path) -> Iterator[Git]:
    path = worktree.resolve()
    admin = _admin_of(path)
    if admin is None:
        raise NotFound(
            f"There is no worktree at {str(path)!r}.",
            hint="Start the same run again: it is made anew and brought to the recorded state.",
        )
    git = Git(
        subject=str(path),
        variables={"GIT_DIR": str(admin), "GIT_WORK_TREE": str(path)},
        folder=path,
    )
    with scratch_index(git, seed=admin / "index") as aimed:
        yield aimed


def _admin_of(path: Path) -> Path | None:
    """Return git's folder about a worktree, if both point at each other."""
    try:
        text = (path / ".git").read_text()
        admin = Path(text.removeprefix("gitdir:").strip())
        points_back = Path((admin / "gitdir").read_text().strip())
    except (OSError, UnicodeDecodeError):
        return None
    whole = (admin / "commondir").is_file() and (admin / "index").is_file()
    return admin if whole and points_back == path / ".git" else None


def _is_whole(mirror: Path, path: Path, commit: str) -> bool:
    """Whether the worktree was made to its end; that of another commit is refused."""
    admin = _admin_of(path)
    if admin is None or admin.parent != mirror.resolve() / "worktrees":
        return False
    under_way = (admin / "locked").exists() or (admin / "index.lock").exists()
    if under_way:
        return False
    head = (admin / "HEAD").read_text().strip()
    if head != commit:
        raise Rejected(
            f"The worktree {str(path)!r} stands on {head[:12]} and not on {commit[:12]}.",
            hint="Start the run again with --fresh.",
        )
    return True


def _clear(mirror: Path, path: Path) -> None:
    """Remove what an interrupted attempt left; touch nothing that is not of this mirror."""
    admins = list((mirror / "worktrees").glob("*"))
    ours = [admin for admin in admins if _is_about(admin, path)]
    pointer = path / ".git"
    started = bool(ours) or (pointer.is_file() and str(mirror.resolve()) in pointer.read_text())
    if path.exists() and not started and any(path.iterdir()):
        raise Rejected(
            f"The folder {str(path)!r} is not empty and no worktree of {str(mirror)!r}.",
            hint="Nothing was removed: move the folder away, then start again.",
        )
    if path.exists():
        shutil.rmtree(path)
    for admin in (*ours, *(admin for admin in admins if not (admin / "gitdir").exists())):
        shutil.rmtree(admin, ignore_errors=True)


def _is_about(admin: Path, path: Path) -> bool:
    pointer = admin / "gitdir"
    return pointer.is_file() and Path(pointer.read_text().strip()) == path / ".git"
