"""What a check printed, made the same for equal trees and free of secrets."""

import re
from collections.abc import Callable
from pathlib import Path

from mergewright.safety.redaction import redact

MAX_OUTPUT_CHARACTERS = 6_000
_CHANGING = (
    (re.compile(r"\s+in \d+(?:\.\d+)?\s?m?s(?:econds)?\b(?: \(\d+:\d\d:\d\d\))?"), ""),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x..."),
    (re.compile(r"[^\s'\"=:]*/mergewright-home-\w+"), "~"),
    (re.compile(r"^([=_!-])\1{3,} ?(.*?) ?\1{3,}$", re.MULTILINE), r"\1\1 \2 \1\1"),
)


def tidier(folder: Path) -> Callable[[str], str]:
    """Return what takes a scratch folder's path, times, addresses and secrets out of a text."""
    place = str(folder)

    def tidy(text: str) -> str:
        text = text.replace(f"{place}/", "").replace(place, ".")
        for pattern, replacement in _CHANGING:
            text = pattern.sub(replacement, text)
        return redact(text)

    return tidy


def keep_end(text: str) -> str:
    """Return the end of a long output, from the start of a line on."""
    text = text.strip()
    if len(text) <= MAX_OUTPUT_CHARACTERS:
        return text
    return "...\n" + text[-MAX_OUTPUT_CHARACTERS:].partition("\n")[2]
