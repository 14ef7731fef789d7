"""Which release a fix is for: found among tags and branches, or the one that is named.

A version is read out of a name: `v1.4.2`, `shop-1.4.2`, `release/1.4`. Source: semver.org 2.0.0 for
the order; a name with a pre-release part is never taken for the latest.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import NamedTuple

from mergewright.domain.value import Value
from mergewright.domain.workflow_policy import ReleaseStrategy
from mergewright.errors import NotFound, SettingInvalid

_VERSION = re.compile(
    r"(?:^|[^0-9.])(?P<major>\d{1,9})(?:\.(?P<minor>\d{1,9}))?(?:\.(?P<patch>\d{1,9}))?"
    r"(?P<pre>-[0-9A-Za-z][0-9A-Za-z.-]*|(?:a|b|rc|\.dev)\d+)?(?:\+[0-9A-Za-z.-]+)?$"
)
_SHOWN = 5


class Release(Value):
    """A release that is mended, and the branch that the fix goes to."""

    name: str
    """How it is called: its tag, or its branch where there is none."""
    commit: str
    """What the fix is built on: of the branch, or of the tag where no branch is there yet."""
    branch: str
    """Branch that the pull request is meant for."""
    is_branch_made: bool = False
    """Whether the branch has to be made of the tag first."""


class Version(NamedTuple):
    """A version as its name tells it; what it does not tell is None."""

    major: int
    minor: int | None
    patch: int | None
    is_final: bool

    @property
    def order(self) -> tuple[int, int, int, bool]:
        """By what versions are compared: what is not told counts as zero."""
        return self.major, self.minor or 0, self.patch or 0, self.is_final


def read_version(name: str) -> Version | None:
    """Return the version that a name ends with, or None."""
    found = _VERSION.search(name)
    if found is None:
        return None
    minor, patch = (int(found[part]) if found[part] else None for part in ("minor", "patch"))
    return Version(int(found["major"]), minor, patch, is_final=not found["pre"])


def choose_release(
    asked: str, *, branches: Mapping[str, str], tags: Mapping[str, str], strategy: ReleaseStrategy
) -> Release:
    """Return the release that is meant, with the branch that its fix goes to.

    A branch that is named is taken as it is. A tag's fix goes to the branch of its line, as
    `release/1.4` for `v1.4.2`; where there is none, one is to be made of the tag. Without a name, it
    is the latest tag; without tags, the latest release branch.

    Args:
        asked: Tag or branch; empty takes the latest release.
        branches: Commits of the branches, by name.
        tags: Commits of the tags, by name.
        strategy: Where releases are.

    Raises:
        NotFound: There is no such release, or none at all.
        SettingInvalid: The strategy makes no name of a branch.
    """
    lines = [name for name in branches if _is_line(name, strategy)]
    if asked in branches:
        return Release(name=asked, commit=branches[asked], branch=asked)
    if asked and asked not in tags:
        raise NotFound(f"There is no release {asked!r}.", hint=_nearest(asked, [*tags, *lines]))
    tag = asked or _latest(tags)
    if tag:
        return _of_tag(tag, branches=branches, lines=lines, tags=tags, strategy=strategy)
    line = _latest(lines)
    if not line:
        raise NotFound(
            "There is no release: no tag such as v1.4.2, and no branch such as"
            f" {', '.join(strategy.branches)}.",
            hint="Tag what is released, or name its branch: --base BRANCH",
        )
    return Release(name=line, commit=branches[line], branch=line)


def list_releases(
    *, branches: Iterable[str], tags: Iterable[str], strategy: ReleaseStrategy
) -> tuple[str, ...]:
    """Return the tags and branches that are releases: the highest version first, a tag before a branch.

    Args:
        branches: Names of branches.
        tags: Names of tags.
        strategy: Where releases are.
    """
    lines = [name for name in branches if _is_line(name, strategy)]
    found = [
        (version.order, is_tag, name)
        for names, is_tag in ((tags, True), (lines, False))
        for name in names
        if (version := read_version(name))
    ]
    return tuple(name for _, _, name in sorted(found, reverse=True))


def _of_tag(
    tag: str,
    *,
    branches: Mapping[str, str],
    lines: Iterable[str],
    tags: Mapping[str, str],
    strategy: ReleaseStrategy,
) -> Release:
    version = read_version(tag)
    line = _line_of(version, lines) if version else ""
    if line:
        return Release(name=tag, commit=branches[line], branch=line)
    made = _made_branch(tag, version, strategy)
    return Release(name=tag, commit=tags[tag], branch=made, is_branch_made=True)


def _made_branch(tag: str, version: Version | None, strategy: ReleaseStrategy) -> str:
    parts = {"tag": tag}
    if version is not None:
        parts |= {name: str(value or 0) for name, value in version._asdict().items()}
    try:
        return strategy.branch.format_map(parts)
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise SettingInvalid(
            f"No branch can be made for the release {tag!r}: {strategy.branch!r} asks for {error}.",
            hint="Name a branch that is there: --base BRANCH",
        ) from error


def _line_of(version: Version, lines: Iterable[str]) -> str:
    """Return the branch of a version's line, the one that names it closest."""
    wanted = (version.major, version.minor or 0, version.patch or 0)
    found = []
    for name in lines:
        line = read_version(name)
        told = [part for part in line[:3] if part is not None] if line else []
        if told and tuple(told) == wanted[: len(told)]:
            found.append((len(told), name))
    return max(found)[1] if found else ""


def _is_line(branch: str, strategy: ReleaseStrategy) -> bool:
    known = any(fnmatchcase(branch, glob) for glob in strategy.branches)
    return known and read_version(branch) is not None


def _latest(names: Iterable[str]) -> str:
    """Return the name of the highest final version; empty when there is none.

    A name with one number only, as `build-1207`, is taken where there is no other.
    """
    versions = [(version, name) for name in names if (version := read_version(name))]
    final = [
        (version.minor is not None, version.order, name)
        for version, name in versions
        if version.is_final
    ]
    return max(final)[2] if final else ""


def _nearest(asked: str, names: Iterable[str]) -> str:
    """Say which names come next to one that is not there."""
    known = sorted(set(names))
    close = get_close_matches(asked, known, n=3, cutoff=0.5)
    version = read_version(asked)
    if version is not None:
        versions = {name: found for name in known if (found := read_version(name))}
        by_version = sorted(versions, key=lambda name: _distance(version, versions[name]))
        close = [*by_version[:1], *close]
    if close:
        others = ", ".join(repr(name) for name in dict.fromkeys(close) if name != close[0])
        return f"The nearest is {close[0]!r}." + (f" There are also: {others}." if others else "")
    newest = ", ".join(known[-_SHOWN:])
    return f"There are: {newest}." if newest else "There is no tag, and no release branch."


def _distance(one: Version, other: Version) -> tuple[int, ...]:
    return tuple(abs(mine - theirs) for mine, theirs in zip(one.order, other.order, strict=True))
