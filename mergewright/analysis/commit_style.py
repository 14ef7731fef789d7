"""How a project writes its commit messages, as its last ones show."""

import re
from collections.abc import Sequence

from mergewright.domain.codebase import Convention

MIN_COMMITS = 5
CLEAR_MAJORITY = 0.6

_STYLES = (
    (
        re.compile(r"[a-z]+(\([^)]+\))?!?: \S"),
        "Conventional Commits: `type(scope): subject`, such as `fix: ...`",
    ),
    (re.compile(r"\[?[A-Z][A-Z0-9_]+-\d+\]?:? \S"), "the ticket key first, then the subject"),
    (re.compile(r"[A-Z][^.]*$"), "a capital letter first, no full stop at the end"),
    (re.compile(r"[a-z][^.]*$"), "lower case first, no full stop at the end"),
)


def commit_style(subjects: Sequence[str]) -> Convention | None:
    """Return the first style that a clear majority of the subjects has; None without one."""
    if len(subjects) < MIN_COMMITS:
        return None
    for pattern, rule in _STYLES:
        matching = sum(bool(pattern.match(subject)) for subject in subjects)
        if matching >= CLEAR_MAJORITY * len(subjects):
            return Convention(
                topic="commit messages",
                rule=rule,
                source=f"{matching} of the last {len(subjects)} commits",
            )
    return None
