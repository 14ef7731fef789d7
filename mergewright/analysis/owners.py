"""Who owns which file, by a repository's CODEOWNERS.

The last rule that matches a path says who owns it, and a rule without owners says that nobody does.
Lines that GitHub would not take (`!`, `[ ]`, something that is no owner) are skipped.

Source: docs.github.com, "About code owners", read 2026-11-20.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mergewright.domain.path_patterns import ANY_FOLDERS, fits

OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file may be; the first one that is there counts."""
MAX_OWNERS_BYTES = 3_000_000
"""A larger file is not read at all."""

_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?"
_OWNER = re.compile(rf"@{_LOGIN}(?:/[A-Za-z0-9._-]{{1,100}})?|[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


class OwnerRule(NamedTuple):
    """One line: who owns what a pattern stands for."""

    pattern: str
    parts: tuple[str, ...]
    """The pattern folder by folder; `**` stands for any folders."""
    owners: tuple[str, ...]
    """`@login`, `@organisation/team` or a mail address; empty when nobody is."""


def read_owners(text: str) -> tuple[OwnerRule, ...]:
    """Return the rules of a CODEOWNERS file in their order."""
    return tuple(rule for line in text.splitlines() if (rule := _rule(line)) is not None)


def owners_of(path: str, rules: Sequence[OwnerRule]) -> tuple[str, ...]:
    """Return who owns a path, in the order of the last rule that matches it."""
    for rule in reversed(rules):
        if fits(path, rule.parts):
            return rule.owners
    return ()


def _rule(line: str) -> OwnerRule | None:
    words = []
    for word in _WORD.findall(line.strip()):
        if word.startswith("#"):
            break
        words.append(word)
    if not words or words[0].startswith(("!", "\\#")) or "[" in words[0]:
        return None
    pattern, owners = re.sub(r"\\(.)", r"\1", words[0]), tuple(words[1:])
    parts = _parts(pattern)
    if not parts or any(_OWNER.fullmatch(owner) is None for owner in owners):
        return None
    return OwnerRule(pattern, parts, owners)


def _parts(pattern: str) -> tuple[str, ...]:
    """Split a pattern; one without a slash before its end stands for that name in every folder."""
    names = [name for name in pattern.split("/") if name]
    if not names:
        return ()
    anywhere = [] if "/" in pattern.rstrip("/") else [ANY_FOLDERS]
    # A slash at the end stands for a folder, and `**` for at least one name.
    below = [
        *(["*"] if pattern.endswith("/") else []),
        *(["*"] if names[-1] == ANY_FOLDERS else []),
    ]
    if below:
        return (*anywhere, *names, *below, ANY_FOLDERS)
    # `docs/*` stands for the files in `docs` alone; any other name for all below it as well.
    flat = len(names) > 1 and names[-1] == "*"
    return (*anywhere, *names, *([] if flat else [ANY_FOLDERS]))
