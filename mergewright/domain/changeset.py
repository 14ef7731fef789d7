"""A change: the difference between a base commit and a recorded tree."""

import hashlib
from typing import Literal

from pydantic import Field

from mergewright.domain.value import Value


class ImplementationSummary(Value):
    """What the implementation agent says it did: its answer, proof of nothing."""

    summary: str = Field(description="What was changed and why, for the reviewer")
    commit_subject: str = Field(
        min_length=8, max_length=100, description="Imperative, without the ticket key"
    )
    notes: tuple[str, ...] = Field(default=(), description="What a reviewer should look at")


class FileChange(Value):
    """One file of a change."""

    path: str
    status: Literal["added", "modified", "deleted", "renamed"]
    additions: int
    deletions: int


class Changeset(Value):
    """A change as git sees it, with what its author says about it."""

    base_commit: str
    tree: str
    """Id of the git tree that holds the changed repository."""
    diff: str
    """Unified diff against the base commit."""
    files: tuple[FileChange, ...]
    summary: ImplementationSummary

    @property
    def digest(self) -> str:
        """SHA-256 of the diff: what an approval is bound to."""
        return hashlib.sha256(self.diff.encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was changed."""
        return not self.files

    @property
    def changed_lines(self) -> int:
        """Lines added and deleted."""
        return sum(file.additions + file.deletions for file in self.files)


class ChangeOrigin(Value):
    """A change as it passed the gates first: before it was rebased, or repaired for others' checks."""

    base_commit: str
    digest: str
    """SHA-256 of its diff."""
