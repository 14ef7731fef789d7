"""Parts of a page under their headings: replaced, and merged, with all other bytes as they are."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from mergewright.clients.storage_format_tree import Element, canonical, parse

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_TRANSPARENT = frozenset({"ac:layout", "ac:layout-section", "ac:layout-cell", "div", "section"})
"""Elements whose headings are headings of the page."""


class Key(NamedTuple):
    """What a part is known by: its heading, and how many of that heading came before."""

    level: int
    title: str
    number: int

    @property
    def shown(self) -> str:
        """What a person is told."""
        return repr(self.title) if self.level else "the text before the first heading"


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    title: str
    start: int
    """Where it begins."""
    body_start: int
    section_end: int
    """Where the next heading of its level or a higher one begins, or its surroundings end."""


class Merged(NamedTuple):
    """A page with the changes of both sides."""

    storage: str
    kept: tuple[str, ...]
    """Names of the parts that are as others left them."""


class MergeConflict(Exception):
    """Both sides changed the same parts."""

    def __init__(self, parts: Sequence[str]) -> None:
        super().__init__(", ".join(parts))
        self.parts = tuple(parts)


def section_of(storage: str, title: str) -> str | None:
    """Return what stands below a heading; None when there is no such heading.

    Raises:
        NotStorage: The page is not well-formed.
    """
    raw = storage.encode()
    for heading in _headings(storage):
        if heading.title == _plain(title):
            return raw[heading.body_start : heading.section_end].decode()
    return None


def replace_section(storage: str, title: str, body: str) -> str:
    """Return a page with another text below a heading, and every other byte as it was.

    A heading that is not there is added at the end by the caller: see `section_of`.

    Raises:
        NotStorage: The page is not well-formed.
        KeyError: There is no such heading, or there are several.
    """
    found = [heading for heading in _headings(storage) if heading.title == _plain(title)]
    if len(found) != 1:
        raise KeyError(title)
    raw = storage.encode()
    [heading] = found
    return (raw[: heading.body_start] + body.encode() + raw[heading.section_end :]).decode()


def parts_of(storage: str) -> dict[Key, str]:
    """Cut a page into the text before its first heading, and one part per heading.

    Raises:
        NotStorage: The page is not well-formed.
    """
    raw = storage.encode()
    headings = list(_headings(storage))
    starts = [heading.start for heading in headings] + [len(raw)]
    parts = {Key(0, "", 0): raw[: starts[0]].decode()}
    seen: Counter[str] = Counter()
    for heading, end in zip(headings, starts[1:], strict=True):
        key = Key(heading.level, heading.title, seen[heading.title])
        seen[heading.title] += 1
        parts[key] = raw[heading.start : end].decode()
    return parts


def merge(
    base: str,
    ours: str,
    theirs: str,
    *,
    note: str = "",
    sent: Mapping[str, str] = MappingProxyType({}),
    foreign: Collection[str] = (),
) -> Merged:
    """Return a page with our changes and theirs, as far as they are in different parts.

    Args:
        base: The page as it was before both.
        ours: The text that we want.
        theirs: The page as others left it.
        note: What stands before our text on the page.
        sent: Digests of the parts as we sent them last: the page keeps them in other bytes.
        foreign: Names of the parts that others had changed before the base.

    Raises:
        MergeConflict: Both changed the same parts.
        NotStorage: One of them, or the outcome, is not well-formed.
    """
    old, new, other = parts_of(base), parts_of(ours), parts_of(theirs)
    merged: dict[Key, str] = {}
    kept: list[str] = []
    conflicts: list[str] = []
    for key in [*new, *(key for key in other if key not in new)]:
        we = _by_us(key, old, new, sent)
        they = part_name(key) in foreign or _differs(key, old, other)
        agreed = key in new and key in other and _same(new[key], other[key])
        if we and they and not agreed:
            conflicts.append(key.shown)
            continue
        text = new.get(key) if we else other.get(key)
        if text is not None:
            merged[key] = note + text if we and not key.level else text
        if they and not agreed:
            kept.append(part_name(key))
    if conflicts:
        raise MergeConflict(conflicts)
    storage = "".join(merged[key] for key in _in_order(merged, new, other))
    parse(storage)
    return Merged(storage, tuple(kept))


def part_name(key: Key) -> str:
    """Return the name under which a part is remembered."""
    return _short(f"{key.level}:{key.number}:{key.title}")


def part_digest(part: str) -> str:
    """Return a digest that is equal for parts that say the same."""
    return _short(canonical(part))


def _short(text: str) -> str:
    # Ten digits tell the parts of one page apart, and a thousand of them fit into a property.
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _by_us(
    key: Key, old: Mapping[Key, str], new: Mapping[Key, str], sent: Mapping[str, str]
) -> bool:
    """Whether we changed, added or removed a part since we wrote the page last."""
    name = part_name(key)
    if name in sent:
        return key not in new or sent[name] != part_digest(new[key])
    return key in new if sent else _differs(key, old, new)


def _differs(key: Key, old: Mapping[Key, str], now: Mapping[Key, str]) -> bool:
    if key not in old or key not in now:
        return (key in old) != (key in now)
    return not _same(old[key], now[key])


def _in_order(
    merged: Mapping[Key, str], new: Mapping[Key, str], other: Mapping[Key, str]
) -> list[Key]:
    """Return the parts in our order, what others added behind the part that it followed."""
    order = [key for key in new if key in merged]
    theirs = list(other)
    for key in merged:
        if key not in new:
            before = theirs[: theirs.index(key)]
            place = max((order.index(one) + 1 for one in before if one in order), default=0)
            order.insert(place, key)
    return order


def _same(one: str, other: str) -> bool:
    return one == other or canonical(one) == canonical(other)


def _headings(storage: str) -> Iterator[_Heading]:
    raw = storage.encode()
    yield from sorted(_below(parse(storage), raw, len(raw)), key=lambda one: one.start)


def _below(parent: Element, raw: bytes, end: int) -> Iterator[_Heading]:
    """Walk the places where a heading is one of the page: not in macros and tables."""
    children = list(parent.elements)
    for number, child in enumerate(children):
        if child.name in _TRANSPARENT:
            yield from _below(child, raw, child.inside_end)
        level = _HEADINGS.get(child.name)
        if level is None:
            continue
        later = (
            other.start
            for other in children[number + 1 :]
            if _HEADINGS.get(other.name, len(_HEADINGS) + 1) <= level
        )
        body_start = raw.index(b">", child.inside_end) + 1
        yield _Heading(
            level, _plain(child.text), child.start, body_start, min(next(later, end), end)
        )


def _plain(title: str) -> str:
    return " ".join(title.split())
