"""Who should review a change: who owns its files, who is named for it, who worked on them lately."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from mergewright.analysis.owners import OwnerRule, owners_of
from mergewright.domain.triage import Suggestion

HALF_LIFE_DAYS = 90.0
"""A commit counts half as much as one that is this much younger."""
SHOWN_FILES = 2
MAX_SUGGESTED = 5

_DAY_SECONDS = 86_400
_NOREPLY = re.compile(
    r"(?:[0-9]+\+)?(?P<login>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\[bot\])?)@users\.noreply\.[a-z0-9.-]+",
    re.IGNORECASE,
)
"""Source: docs.github.com, "Setting your commit email address", read 2026-11-20."""
_BOT = re.compile(
    r"\[bot\]|\bbot@|(?<![a-z])(?:dependabot|renovate|github-actions|greenkeeper|snyk)(?![a-z])"
    r"|-bot(?![a-z])|^bot(?![a-z])",
    re.IGNORECASE,
)


class Touch(NamedTuple):
    """One commit to one file."""

    path: str
    name: str
    mail: str
    at: datetime


class Candidates(NamedTuple):
    """What is known about who could review a change."""

    paths: Sequence[str]
    """Files that it touches."""
    rules: Sequence[OwnerRule] = ()
    named: Sequence[str] = ()
    """Who the repository's policy names: logins, and teams as `organisation/team`."""
    touches: Sequence[Touch] = ()
    logins: Mapping[str, str] = {}
    """Logins by mail address."""
    never: Sequence[str] = ()
    """Logins and mail addresses that are not asked: the author."""
    open_reviews: Mapping[str, int] = {}
    """How many open pull requests wait for somebody, as far as the code host can say."""


class _Found(NamedTuple):
    suggestion: Suggestion
    rank: tuple[int, int, float, str]
    known: bool
    """Whether there is an account to ask."""


def choose_reviewers(
    known: Candidates, *, at_most: int
) -> tuple[tuple[Suggestion, ...], tuple[Suggestion, ...]]:
    """Return who is to be asked, and who else came into question.

    Owners come before people who are named, and these before people who worked on the files;
    within each, those for whom fewer open pull requests wait, then those with the larger share.
    The same facts always give the same answer.

    Args:
        known: Who comes into question.
        at_most: How many are asked.
    """
    found: dict[str, _Found] = {}
    for one in sorted(_all(known), key=lambda one: one.rank):
        found.setdefault(one.suggestion.name.casefold(), one)
    asked = [one.suggestion for one in found.values() if one.known][:at_most]
    rest = [one.suggestion for one in found.values() if one.suggestion not in asked]
    return tuple(asked), tuple(rest[:MAX_SUGGESTED])


def is_bot(name: str, mail: str) -> bool:
    """Say whether commits under a name and mail address are a machine's."""
    return any(_BOT.search(text) for text in (name, mail))


def login_of(mail: str, logins: Mapping[str, str]) -> str:
    """Return whose account a mail address is; empty when nothing says so."""
    known = {address.casefold(): login for address, login in logins.items()}
    found = _NOREPLY.fullmatch(mail)
    return known.get(mail.casefold(), found["login"] if found else "")


def _all(known: Candidates) -> Iterable[_Found]:
    never = {name.casefold().lstrip("@") for name in known.never if name}
    for one in (*_owners(known), *_named(known), *_authors(known, never)):
        if one.suggestion.name.casefold() not in never:
            yield one


def _found(
    known: Candidates, tier: int, name: str, did: str, *, share: float, account: bool = True
) -> _Found:
    plain = name.lstrip("@")
    team = account and "/" in plain
    shown = plain.partition("/")[2] if team else plain
    load = known.open_reviews.get(shown.casefold(), 0)
    reason = did.replace("they own", "it owns").replace("they are", "it is") if team else did
    suggestion = Suggestion(name=shown, reason=reason, team=team)
    return _Found(suggestion, (tier, load, -share, shown.casefold()), known=account)


def _owners(known: Candidates) -> Iterable[_Found]:
    owned: dict[str, list[str]] = defaultdict(list)
    for path in known.paths:
        for owner in owners_of(path, known.rules):
            owned[owner].append(path)
    for owner, paths in owned.items():
        reason = f"they own {_files(paths)} by CODEOWNERS"
        if owner.startswith("@"):
            yield _found(known, 0, owner, reason, share=len(paths))
            continue
        login = login_of(owner, known.logins)
        yield _found(known, 0, login or owner, reason, share=len(paths), account=bool(login))


def _named(known: Candidates) -> Iterable[_Found]:
    for place, name in enumerate(known.named):
        yield _found(known, 1, name, "they are named in .mergewright.yml", share=-place)


def _authors(known: Candidates, never: Iterable[str]) -> Iterable[_Found]:
    """Return who worked on the files; the newest commit to any of them is the measure of age."""
    people = [
        touch
        for touch in known.touches
        if not is_bot(touch.name, touch.mail) and touch.mail.casefold() not in never
    ]
    newest = max((touch.at for touch in people), default=None)
    by_person: dict[str, list[Touch]] = defaultdict(list)
    for touch in people:
        by_person[login_of(touch.mail, known.logins).casefold() or touch.mail.casefold()].append(
            touch
        )
    for touches in by_person.values():
        last = max(touches, key=lambda touch: touch.at)
        ages = [(newest - touch.at).total_seconds() / _DAY_SECONDS for touch in touches if newest]
        share = sum(0.5 ** (age / HALF_LIFE_DAYS) for age in ages)
        reason = f"they worked on {_files(sorted({touch.path for touch in touches}))} lately"
        login = login_of(last.mail, known.logins)
        yield _found(known, 2, login or last.name, reason, share=share, account=bool(login))


def _files(paths: Sequence[str]) -> str:
    shown = ", ".join(paths[:SHOWN_FILES])
    more = len(paths) - SHOWN_FILES
    return f"{shown} and {more} more" if more > 0 else shown
