"""Whether a package is named nearly like a well-known one: what people who plant packages count on."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

MIN_CHARACTERS: Final = 4
"""Shorter names are all near to each other."""

_LIST: Final = "popular_packages.toml"
_CONFUSABLE: Final = str.maketrans(
    {"0": "o", "1": "l", "3": "e", "5": "s", "7": "t", "\u0430": "a", "\u0435": "e", "\u043e": "o",
     "\u0440": "p", "\u0441": "c", "\u0445": "x", "\u0443": "y", "\u0456": "i", "\u0131": "i"}
)  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SEPARATORS: Final = re.compile(r"[-_.]+")
_AFFIXES: Final = re.compile(r"^(?:python-?|py-?|node-?|go-?)|(?:-?python|-?py|-?js|-?node|\d+)$")


def lookalike_of(ecosystem: str, name: str) -> str:
    """Return the well-known package that a name is nearly that of; empty for none."""
    known = popular(ecosystem)
    folded = name.lower()
    if folded in known or len(folded) < MIN_CHARACTERS:
        return ""
    return next((one for one in sorted(known) if _is_near(folded, one)), "")


@cache
def popular(ecosystem: str) -> frozenset[str]:
    """Return the well-known packages of an ecosystem, in lower case."""
    return frozenset(_lists().get(ecosystem, ()))


@cache
def _lists() -> Mapping[str, tuple[str, ...]]:
    text = (files("mergewright.safety") / _LIST).read_text("utf-8")
    packages: dict[str, str] = tomllib.loads(text)["packages"]
    return MappingProxyType({name: tuple(words.split()) for name, words in packages.items()})


def _is_near(name: str, known: str) -> bool:
    if len(known) < MIN_CHARACTERS:
        return False
    if _SEPARATORS.sub("", name) == _SEPARATORS.sub("", known):
        return True
    if set(_skeletons(name)) & {known} or _AFFIXES.sub("", name) == known:
        return True
    return abs(len(name) - len(known)) <= 1 and is_one_slip(name, known)


def _skeletons(name: str) -> Iterator[str]:
    """Yield how a hasty reader takes a name."""
    plain = unicodedata.normalize("NFKC", name).translate(_CONFUSABLE)
    yield plain
    for written, read in _PAIRS:
        yield plain.replace(written, read)


def is_one_slip(name: str, known: str) -> bool:
    """Say whether one character more, less, other or swapped makes one name of the other."""
    start = 0
    while start < min(len(name), len(known)) and name[start] == known[start]:
        start += 1
    ours, theirs = name[start:], known[start:]
    return (
        ours[1:] == theirs
        or ours == theirs[1:]
        or ours[1:] == theirs[1:]
        or (ours[:2] == theirs[:2][::-1] and ours[2:] == theirs[2:])
    )
