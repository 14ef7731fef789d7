"""Reading what happened in a repository: GitPython reads, the git client does the work."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from git import Repo
from git.exc import GitError

from mergewright.analysis.reviewers import Touch
from mergewright.clients.git import git_in
from mergewright.errors import NotFound

RECENT_COMMITS = 50
COMMITS_PER_FILE = 30
MAX_FILES = 20
"""So many of the changed files are looked up, which bounds what a large change costs."""
COMMITS_TOGETHER = 200
MAX_FILES_TOGETHER = 30


def recent_subjects(mirror: Path, commit: str, *, limit: int = RECENT_COMMITS) -> tuple[str, ...]:
    """Return the subjects of the last commits before and at a commit, newest first, no merges.

    Raises:
        NotFound: The mirror has no such commit.
    """
    try:
        with Repo(mirror) as repository:
            commits = repository.iter_commits(commit, max_count=limit, no_merges=True)
            return tuple(str(one.summary) for one in commits)
    except (GitError, ValueError, OSError) as error:
        raise NotFound(
            f"The history of {commit!r} cannot be read in {str(mirror)!r}.",
            hint="Start the same run again: the mirror is fetched anew.",
        ) from error


def recent_authors(mirror: Path, commit: str, paths: Sequence[str]) -> tuple[Touch, ...]:
    """Return who changed files in their last commits before and at a commit, no merges.

    Raises:
        NotFound: The mirror has no such commit.
        ServiceUnavailable: git took too long.
    """
    # `%aN` and `%aE` follow the repository's own .mailmap, as the commit has it.
    git = replace(git_in(mirror), settings=(("mailmap.blob", f"{commit}:.mailmap"),))
    found: list[Touch] = []
    for path in paths[:MAX_FILES]:
        listing = git.run(
            "log",
            "--no-merges",
            f"--max-count={COMMITS_PER_FILE}",
            "-z",
            "--format=%aN%x1f%aE%x1f%at",
            "--end-of-options",
            commit,
            "--",
            path,
        )
        for entry in listing.decode(errors="replace").split("\0"):
            name, _, rest = entry.partition("\x1f")
            mail, _, at = rest.partition("\x1f")
            if at.strip().isdigit():
                when = datetime.fromtimestamp(int(at), UTC)
                found.append(Touch(path, name, mail, when))
    return tuple(found)


def changed_together(mirror: Path, commit: str, paths: Sequence[str]) -> dict[str, int]:
    """Return in how many of their last commits other files changed together with some files.

    Commits that change many files say nothing of any, and are left out.

    Raises:
        NotFound: The mirror has no such commit.
        ServiceUnavailable: git took too long.
    """
    listing = git_in(mirror).run(
        "log",
        "--no-merges",
        "--full-diff",
        f"--max-count={COMMITS_TOGETHER}",
        "--name-only",
        "-z",
        "--format=%x01",
        "--end-of-options",
        commit,
        "--",
        *paths[:MAX_FILES],
    )
    counts: Counter[str] = Counter()
    for entry in listing.decode(errors="replace").split("\x01"):
        names = {name.strip("\n") for name in entry.split("\0")} - {""}
        if len(names) <= MAX_FILES_TOGETHER:
            counts.update(names)
    return {path: count for path, count in counts.items() if path not in paths}
