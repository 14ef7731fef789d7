"""Secrets in a change: found by kingfisher's rules and among the values this process knows.

Nothing leaves the process and nothing is validated against a service. Comments that tell scanners
to look away are not heeded: whoever wrote the change could have written them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock

from kingfisher_sdk import Finding, Scanner

from mergewright.domain.value import Value
from mergewright.safety.diff_reading import FileDiff, read_diff
from mergewright.safety.redaction import MARKER, mask, redact, registered_spans

MAX_PREVIEW_CHARACTERS = 120

REGISTERED_RULE = "known-secret"
"""A value that this process was given as a secret."""

_lock = Lock()


class SecretFinding(Value):
    """One secret, without showing it."""

    path: str
    line: int
    rule: str
    preview: str
    """The line with the secret taken out."""


def scan_diff(diff: str) -> tuple[SecretFinding, ...]:
    """Return the secrets in the lines that a unified diff adds.

    Raises:
        ChangeRefused: The diff cannot be read.
    """
    return tuple(finding for file in read_diff(diff) for finding in _scan_file(file))


def scan_text(label: str, text: str) -> tuple[SecretFinding, ...]:
    """Return the secrets in a text; `label` stands for its path."""
    return tuple(hit.finding(label, hit.first_line) for hit in _hits(text))


@dataclass(frozen=True, slots=True)
class _Hit:
    """A secret's place in a scanned text, lines counted from 1."""

    rule: str
    first_line: int
    last_line: int
    preview: str

    def finding(self, path: str, line: int) -> SecretFinding:
        return SecretFinding(path=path, line=line, rule=self.rule, preview=self.preview)


def _scan_file(file: FileDiff) -> Iterator[SecretFinding]:
    """Scan the added lines among their unchanged neighbours, which some rules need to see."""
    if not any(line.is_added for line in file.lines):
        return
    for hit in _hits("\n".join(line.text.removesuffix("\n") for line in file.lines)):
        covered = file.lines[hit.first_line - 1 : hit.last_line]
        added = next((line.number for line in covered if line.is_added), None)
        if added is not None:
            yield hit.finding(file.path, added)


def _hits(text: str) -> list[_Hit]:
    found = _kingfisher_findings(text)
    secrets = [part for finding in found for part in finding.secret.split("\n") if part.strip()]
    lines = text.split("\n")
    hits = {
        _Hit(
            rule=finding.rule_id,
            first_line=finding.location["line"],
            last_line=finding.location["end_line"],
            # An encoded secret is not in the line as such and could not be taken out of it.
            preview=MARKER
            if finding.is_base64_encoded
            else _preview(lines[finding.location["line"] - 1], secrets),
        )
        for finding in found
        if finding.visible
    }
    for span in registered_spans(text):
        first = text.count("\n", 0, span.start)
        last = text.count("\n", 0, span.end)
        hits.add(_Hit(REGISTERED_RULE, first + 1, last + 1, _preview(lines[first], secrets)))
    return sorted(hits, key=lambda hit: (hit.first_line, hit.rule))


def _preview(line: str, secrets: list[str]) -> str:
    return mask(redact(line), secrets).strip()[:MAX_PREVIEW_CHARACTERS]


def _kingfisher_findings(text: str) -> list[Finding]:
    with _lock:
        return _scanner().scan(text.encode(errors="replace"))


@cache
def _scanner() -> Scanner:
    """Compile the rules, which takes seconds the first time and is cached on disk."""
    return Scanner()
