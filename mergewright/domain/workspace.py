"""Where a run works: a mirror of the repository and a worktree of its own."""

from datetime import datetime
from pathlib import Path

from mergewright.domain.value import Value


class Workspace(Value):
    """One run's place to work; the user's own clone is never written to."""

    repository: str
    """Path or URL as the user gave it, without credentials."""
    mirror: Path
    """Bare repository that all runs on this repository share."""
    path: Path
    """Worktree of this run."""
    branch: str
    base: str
    """Name of the branch that the change is meant for."""
    base_commit: str
    base_tree: str
    committed_at: datetime
    """Instant that commits of this run carry, so that a repeated commit has the same id."""
