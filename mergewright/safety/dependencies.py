"""New packages of a change, held against the policy: named, pinned, of the usual index, and no lookalikes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mergewright.domain.dependencies import Declared, Manifests
from mergewright.domain.objections import Objection, Rule
from mergewright.safety.lookalikes import lookalike_of

_MOSTLY: Final = 0.5
"""Share of a manifest's packages that must have exact versions for the project to be one that pins."""


def dependency_objections(
    manifests: Sequence[Manifests], known: Iterable[str] = ()
) -> tuple[Objection, ...]:
    """Return what is held against the packages that a change adds or places otherwise.

    Args:
        manifests: Each changed manifest before and after.
        known: Packages that may be added without a word, as `python:requests`.
    """
    had = {(one.ecosystem, one.name) for pair in manifests for one in pair.before}
    had |= {(kind, name) for kind, _, name in (one.partition(":") for one in known)}
    return tuple(dict.fromkeys(one for pair in manifests for one in _objections(pair, had)))


def added_packages(manifests: Iterable[Manifests]) -> tuple[str, ...]:
    """Return the packages that a change adds, as they are declared."""
    pairs = tuple(manifests)
    had = {(one.ecosystem, one.name) for pair in pairs for one in pair.before}
    added = (one for pair in pairs for one in pair.after if (one.ecosystem, one.name) not in had)
    return tuple(dict.fromkeys(f"{one.ecosystem}: {one.text}" for one in added))


def _objections(pair: Manifests, had: set[tuple[str, str]]) -> Iterator[Objection]:
    pins = _pins(pair.before)
    before = {(one.name, one.text): one for one in pair.before}
    earlier = {one.name: one for one in pair.before}
    for one in pair.after:
        if (one.name, one.text) in before:
            continue
        is_new = (one.ecosystem, one.name) not in had
        if is_new:
            yield _said(pair, Rule.NEW_PACKAGE, one, "the project did not depend on it")
        known = lookalike_of(one.ecosystem, one.name) if is_new else ""
        if known:
            yield _said(pair, Rule.LOOKALIKE_PACKAGE, one, f"it is named nearly like {known!r}")
        old = earlier.get(one.name)
        if not one.is_pinned and (pins if old is None else old.is_pinned):
            message = f"{one.text!r} has no exact version, and this manifest's packages have one"
            yield _said(pair, Rule.UNPINNED_PACKAGE, one, message)
        if one.is_foreign and not (old and old.is_foreign):
            message = f"{one.text!r} does not come from the index of its ecosystem"
            yield _said(pair, Rule.FOREIGN_SOURCE, one, message)
    for setting in pair.new_indexes:
        yield Objection(
            rule=Rule.FOREIGN_SOURCE,
            path=pair.path,
            subject=setting[:80],
            message="it names another place to take packages from",
        )


def _pins(declared: Sequence[Declared]) -> bool:
    pinned = sum(one.is_pinned for one in declared)
    return pinned > len(declared) * _MOSTLY


def _said(pair: Manifests, rule: Rule, one: Declared, message: str) -> Objection:
    return Objection(rule=rule, path=pair.path, subject=one.name, message=message)
