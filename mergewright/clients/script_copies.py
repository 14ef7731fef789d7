"""A working copy for a team's old script, which may do with it whatever it likes.

It is a clone and no worktree of the mirror: a script commits, switches branches and pushes. Its origin
is a bare repository beside it that nobody else knows, so that a push goes through and nothing is
published. Afterwards the files are recorded by a git of ours that reads nothing of what the script
left in `.git`; what has to be asked of that is asked in the script's own sandbox.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mergewright.clients.check_environment import make_folder
from mergewright.clients.checks import remove_folder
from mergewright.clients.git import Git, git_in, scratch_index
from mergewright.clients.sandbox import CommandResult
from mergewright.clients.trees import tree_of
from mergewright.errors import Rejected

MAX_TIPS = 20
_AUTHOR = (("user.name", "Old script"), ("user.email", "old-script@localhost"))
_TIPS = (
    *("for-each-ref", f"--count={MAX_TIPS}", "--sort=-committerdate"),
    *("--format=%(objectname) %(refname)", "refs/heads", "refs/remotes"),
)

RunInside = Callable[[Sequence[str]], CommandResult]


class Left(NamedTuple):
    """What a script left."""

    tree: str
    found_in: str = ""
    """Reference that it was found under; empty for the files as they lie there."""


@dataclass(frozen=True, slots=True)
class ScriptCopy:
    """A working copy with a throw-away origin."""

    mirror: Path
    base_commit: str
    folder: Path
    """Where the files are."""
    origin: Path

    def record(self, inside: RunInside) -> Left:
        """Write what the script left into a git tree of the mirror.

        That is the files as they lie there, committed or not, on whatever branch. Where they are those
        of the base, it is the newest commit of a branch that holds something else.

        Args:
            inside: Runs a command in the script's sandbox, in the working copy.

        Raises:
            Rejected: A file cannot be read, or the working copy is gone.
            StoreFailed: The disk is full.
            SandboxUnavailable: The sandbox could not be set up.
        """
        base = tree_of(self.mirror, self.base_commit)
        tree = self._record_files()
        if tree != base:
            return Left(tree)
        for commit, name in self._tips(inside):
            checked_out = inside(["git", "checkout", "--quiet", "--force", "--detach", commit])
            if checked_out.exit_code == 0 and (tree := self._record_files()) != base:
                return Left(tree, name)
        return Left(base)

    def _record_files(self) -> str:
        if self.folder.is_symlink() or not self.folder.is_dir():
            raise Rejected(
                "The old script removed the working copy that it was given.",
                hint="Let it work in the folder that it is started in.",
            )
        git = Git(
            subject=str(self.folder),
            variables={"GIT_DIR": str(self.mirror), "GIT_WORK_TREE": str(self.folder)},
            folder=self.folder,
        )
        with scratch_index(git) as aimed:
            aimed.run("read-tree", self.base_commit)
            aimed.run("add", "--all", "--no-warn-embedded-repo")
            return aimed.line("write-tree")

    def _tips(self, inside: RunInside) -> list[tuple[str, str]]:
        listed = inside(["git", *_TIPS])
        lines = listed.output.splitlines() if listed.exit_code == 0 else []
        found = [(commit, name) for commit, _, name in (line.partition(" ") for line in lines)]
        return [one for one in found if one[0] != self.base_commit and one[0].isalnum()]


def make_copy(mirror: Path, *, commit: str, branch: str, place: Path) -> ScriptCopy:
    """Make a working copy of a commit on a branch, in place of what an earlier attempt left there.

    Args:
        mirror: Repository that holds the commit.
        commit: What the script begins from.
        branch: What the branch is called.
        place: Folder for the working copy and its origin.

    Raises:
        NotFound: The mirror has no such commit.
        StoreFailed: The folder cannot be written.
    """
    remove_folder(place)
    place = place.resolve()
    make_folder(place)
    copy = ScriptCopy(mirror, commit, folder=place / "repository", origin=place / "origin.git")
    head = f"refs/heads/{branch}"
    origin = git_in(copy.origin)
    make_folder(copy.origin)
    origin.run("init", "--quiet", "--bare", "--template=")
    git_in(mirror).run("push", "--quiet", str(copy.origin), f"{commit}:{head}")
    origin.run("symbolic-ref", "HEAD", head)
    Git(subject=str(copy.folder)).run("clone", "--quiet", "--", str(copy.origin), str(copy.folder))
    for name, value in _AUTHOR:
        git_in(copy.folder / ".git").run("config", name, value)
    return copy
