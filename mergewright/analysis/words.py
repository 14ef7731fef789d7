"""Identifiers and prose as comparable words: split at case and underscores, stemmed."""

import re
from functools import lru_cache

MIN_WORD_LENGTH = 2
MIN_STEM_LENGTH = 3

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_STOP_TEXT = (
    "a an and are as at be been but by can cannot could do does for from had has have how i if "
    "in into is it its may me must my no not of on or our out should so some than that the "
    "their them then there these they this to too up us was we were what when where which who "
    "why will with would you your"
)
STOP_WORDS = frozenset(_STOP_TEXT.split())
"""Words that say nothing about what a text is about."""

_ENDINGS = (
    ("ations", "at"),
    ("ation", "at"),
    ("ities", "iti"),
    ("ity", "iti"),
    ("ingly", ""),
    ("ings", ""),
    ("ing", ""),
    ("ied", "i"),
    ("ies", "i"),
    ("edly", ""),
    ("ed", ""),
    ("sses", "ss"),
    ("es", "e"),
    ("ers", "er"),
    ("ly", ""),
)
_VOWEL = re.compile("[aeiouy]")
_DOUBLED = re.compile(r"([bdfgmnprt])\1$")


def identifiers(text: str) -> list[str]:
    """Return every identifier or word of a text, as written."""
    return _IDENTIFIER.findall(text)


@lru_cache(maxsize=200_000)
def words_of(identifier: str) -> tuple[str, ...]:
    """Return an identifier's stemmed parts, and the whole of it when it has several."""
    parts = [part.lower() for part in _PART.findall(identifier)]
    stems = [stem(part) for part in parts if len(part) >= MIN_WORD_LENGTH]
    whole = identifier.strip("_").lower()
    return tuple((*stems, whole) if len(parts) > 1 else stems)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return what a lower-case English word has in common with its other forms."""
    for ending, replacement in _ENDINGS:
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= MIN_STEM_LENGTH and _VOWEL.search(rest):
            return _smoothed(rest + replacement)
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > MIN_STEM_LENGTH:
        return _smoothed(word[:-1])
    return _smoothed(word)


def _smoothed(word: str) -> str:
    """Take off what remains differ in: a final `e`, a `y` for an `i`, a doubled consonant."""
    word = _DOUBLED.sub(r"\1", word)
    if len(word) > MIN_STEM_LENGTH and word.endswith("e"):
        return word[:-1]
    return f"{word[:-1]}i" if len(word) > MIN_STEM_LENGTH - 1 and word.endswith("y") else word
