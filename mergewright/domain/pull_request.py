"""A change offered for merging."""

from typing import Literal

from mergewright.domain.value import Value


class PullRequestDraft(Value):
    """What to open."""

    repository: str
    """Path or URL of the repository, without credentials."""
    title: str
    body: str
    """Markdown."""
    head: str
    head_commit: str
    base: str
    base_commit: str
    ticket_key: str
    labels: tuple[str, ...] = ()


class PullRequest(Value):
    """What was opened."""

    number: int
    url: str
    title: str
    head: str
    base: str
    state: Literal["open", "closed", "merged"] = "open"
