"""Reading what happened in a repository: GitPython reads, the git client does the work."""

from pathlib import Path

from git import Repo
from git.exc import GitError

from mergewright.errors import NotFound

RECENT_COMMITS = 50


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
