"""Secrets are taken out of every text before it is logged, stored, shown or sent.

Two nets: values that this process knows to be secret, and forms that secrets usually have.
All spans are found in the original text and replaced at once, so that overlapping secrets leave
no remainder behind.
"""

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator
from threading import Lock
from typing import NamedTuple

MARKER = "[redacted]"

MIN_SECRET_LENGTH = 6
"""Shorter values are ordinary words and would blank out half of every log."""

MAX_ROUNDS = 5

_PRIVATE_KEY = (
    r"(?s)(?P<secret>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z))"
)

_AUTHORIZATION = (
    r"(?i)\b(?:proxy-)?authorization[\"']?[ \t]*[:=][ \t]*[\"']?"
    r"(?P<secret>(?:basic|bearer|token|digest|negotiate|apikey|bot)[ \t]+[^\r\n\"']+"
    r"|[^\s\"'()\[\]{}]{16,})"
)
"""A known scheme with whatever follows, or one long word: code that declares a header stays."""

_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<secret>sk-(?:ant|proj|svcacct)-[A-Za-z0-9_-]{8,})",
        r"\b(?P<secret>(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{16,})",
        r"\b(?P<secret>github_pat_[A-Za-z0-9_]{16,})",
        r"\b(?P<secret>glpat-[A-Za-z0-9_-]{16,})",
        r"\b(?P<secret>xox[a-z]-[A-Za-z0-9-]{8,})",
        r"(?P<secret>hooks\.slack\.com/services/[A-Za-z0-9/_-]+)",
        r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})(?![0-9A-Z])",
        r"\b(?P<secret>AIza[0-9A-Za-z_-]{35})",
        r"(?<![A-Za-z0-9_-])(?P<secret>eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*)",
        _PRIVATE_KEY,
        r"(?<=://)(?P<secret>[^\s/?#\"'<>:@]*:[^\s/?#\"'<>]+)@",
        r"(?i:(?<=http://)|(?<=https://))(?P<secret>[^\s/?#\"'<>@]+)@",
        _AUTHORIZATION,
        r"(?i)\b(?:x-api-key|private-token)[\"']?[ \t]*[:=][ \t]*[\"']?(?P<secret>[^\s\"',;]+)",
    )
)

_registered: set[str] = set()
_lock = Lock()


class Span(NamedTuple):
    """A part of a text, as character offsets."""

    start: int
    end: int


def register_secret(value: str) -> None:
    """Make `redact` remove this value, and its usual encodings, from now on.

    Values shorter than `MIN_SECRET_LENGTH` characters, blank ones, and parts of the marker itself
    are not taken: nothing could be read any more.
    """
    if len(value.strip()) < MIN_SECRET_LENGTH or value in MARKER:
        return
    with _lock:
        _registered.update(_encodings(value))


def redact(text: str) -> str:
    """Return the text without registered secrets and without anything of a secret's form."""
    return mask(text, _known())


def registered_spans(text: str) -> tuple[Span, ...]:
    """Return where a text holds registered secrets."""
    return tuple(sorted(_spans_of_values(text, _known())))


def _known() -> tuple[str, ...]:
    with _lock:
        return tuple(_registered)


def mask(text: str, secrets: Collection[str]) -> str:
    """Return the text without these values and without anything of a secret's form."""
    masked = _replace(text, (*_spans_of_values(text, secrets), *_spans_of_forms(text)))
    for _ in range(MAX_ROUNDS):
        spans = tuple(_spans_of_values(masked, secrets))
        if not spans:
            return masked
        # A marker and its surroundings can together spell another secret.
        masked = _replace(masked, spans)
    return MARKER


def _encodings(value: str) -> Iterator[str]:
    raw = value.encode(errors="surrogatepass")
    yield value
    yield value.strip()
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield base64.b64encode(raw).decode()
    yield base64.urlsafe_b64encode(raw).decode()
    yield "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in raw)


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _spans_of_values(text: str, secrets: Iterable[str]) -> Iterator[Span]:
    for secret in secrets:
        start = text.find(secret)
        while start >= 0:
            yield Span(start, start + len(secret))
            start = text.find(secret, start + 1)


def _spans_of_forms(text: str) -> Iterator[Span]:
    for form in _FORMS:
        for match in form.finditer(text):
            yield Span(*match.span("secret"))


def _replace(text: str, spans: Iterable[Span]) -> str:
    pieces: list[str] = []
    position = 0
    for span in sorted(spans):
        if span.start >= position or not pieces:
            pieces += (text[position : span.start], MARKER)
        position = max(position, span.end)
    return "".join((*pieces, text[position:]))
