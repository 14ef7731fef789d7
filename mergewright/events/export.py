"""One run as one text that can leave the house: secrets taken out, and still checkable.

JSON Lines: a header, then one line per event with its place in the log and its digest. An event
that held a secret is marked: its digest stays as it was, so the chain goes on from it, but its own
text can no longer be compared with it; a digest over all the lines holds it fast instead.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

from pydantic import ValidationError

from mergewright.domain.logged_event import Json
from mergewright.domain.value import Value
from mergewright.errors import StoreFailed
from mergewright.events.audit_result import MAX_FINDINGS, AuditFinding, AuditResult, is_finished
from mergewright.events.chain import link
from mergewright.events.rows import encode
from mergewright.events.store import EventStore, Stored, read_run

FORMAT: Final = "mergewright-run"
VERSION: Final = 1


class ExportHeader(Value):
    """First line of an export."""

    format: str = FORMAT
    version: int = VERSION
    run_id: str
    package_version: str
    """The version of Mergewright that wrote the file."""
    events: int
    scrubbed: int
    finished: bool
    head: str
    """Digest of the run's last event."""
    lines_digest: str
    """SHA-256 over all the lines that follow, each with its line end."""


class ExportLine(Value):
    """One event in an export."""

    seq: int
    digest: str
    scrubbed: bool = False
    event: Json
    """As it is in the log; with something in place of its secrets if it was scrubbed."""


def export_run(store: EventStore, run_id: str, *, scrub: Callable[[str], str]) -> str:
    """Return a run as JSON Lines, each ended by a line feed and nothing else.

    Args:
        store: The log.
        run_id: Which run.
        scrub: Takes secrets out of a text, as `safety.redaction.redact` does.

    Raises:
        NotFound: The log holds no event of the run.
        StoreFailed: The log cannot be read.
    """
    stored = read_run(store, run_id)
    lines = [_line(event, scrub) for event in stored]
    text = "".join(f"{_dump(line.model_dump(exclude_defaults=True))}\n" for line in lines)
    header = ExportHeader(
        run_id=run_id,
        package_version=version("mergewright"),
        events=len(lines),
        scrubbed=sum(line.scrubbed for line in lines),
        finished=is_finished([event.event for event in stored]),
        head=stored[-1].digest,
        lines_digest=_digest(text),
    )
    return f"{_dump(header.model_dump())}\n{text}"


def verify_export(text: str) -> AuditResult:
    """Check an exported run by itself; compare its head with one that you have from elsewhere.

    Raises:
        StoreFailed: It is no export, or one of a newer version.
    """
    first, _, rest = text.partition("\n")
    header = _header(first)
    lines, findings = _lines(rest)
    findings += _links(lines)
    if len(lines) != header.events or (lines and lines[-1].digest != header.head):
        detail = f"The header tells of {header.events} events up to the digest {header.head!r}."
        findings.append(AuditFinding(kind="torn", seq=None, detail=detail))
    if not findings and _digest(rest) != header.lines_digest:
        detail = "A scrubbed event or the form of a line is not as it was when the file was made."
        findings.append(AuditFinding(kind="changed", seq=None, detail=detail))
    return AuditResult(
        run_id=header.run_id,
        events=len(lines),
        scrubbed=sum(line.scrubbed for line in lines),
        head=lines[-1].digest if lines else "",
        finished=header.finished,
        findings=tuple(findings[:MAX_FINDINGS]),
    )


def _line(stored: Stored, scrub: Callable[[str], str]) -> ExportLine:
    event = json.loads(encode(stored.event))
    clean = _in_context(_scrubbed(event, scrub), scrub)
    return ExportLine(seq=stored.seq, digest=stored.digest, scrubbed=clean != event, event=clean)


def _scrubbed(value: Any, scrub: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [_scrubbed(item, scrub) for item in value]
    if isinstance(value, dict):
        return {scrub(name): _scrubbed(item, scrub) for name, item in value.items()}
    return value


def _in_context(event: Json, scrub: Callable[[str], str]) -> Json:
    """Scrub what is a secret only beside its name, as in a header."""
    text = _dump(event)
    clean = scrub(text)
    if clean == text:
        return event
    try:
        return dict(json.loads(clean))
    except ValueError:
        return {"withheld": "A secret could not be taken out of the event without breaking it."}


def _header(line: str) -> ExportHeader:
    try:
        header = ExportHeader.model_validate_json(line)
    except ValidationError as error:
        raise StoreFailed(
            f"This is no exported run: {error.errors()[0]['msg']}.",
            hint="Give the file that `mergewright audit export` wrote, from its first line on.",
        ) from error
    if (header.format, header.version) != (FORMAT, VERSION):
        raise StoreFailed(
            f"The export is {header.format!r} of version {header.version}; this Mergewright knows"
            f" {FORMAT!r} of version {VERSION}.",
            hint="Update Mergewright.",
        )
    return header


def _lines(text: str) -> tuple[list[ExportLine], list[AuditFinding]]:
    lines: list[ExportLine] = []
    # Only a line feed ends a line: texts hold other separators as they are.
    whole, _, torn = text.rpartition("\n")
    for number, line in enumerate(whole.split("\n") if whole else (), 2):
        try:
            lines.append(ExportLine.model_validate_json(line))
        except ValidationError as error:
            detail = f"Line {number} cannot be read: {error.errors()[0]['msg']}."
            return lines, [AuditFinding(kind="unreadable", seq=None, detail=detail)]
    if torn:
        return lines, [AuditFinding(kind="torn", seq=None, detail="The last line is not whole.")]
    return lines, []


def _links(lines: Sequence[ExportLine]) -> list[AuditFinding]:
    findings: list[AuditFinding] = []
    previous, last_seq = "", 0
    digests = {"", *(line.digest for line in lines)}
    for line in lines:
        body = _dump(line.event)
        fits = line.scrubbed or link(previous, body) == line.digest
        if line.seq <= last_seq or (not fits and any(link(d, body) in digests for d in digests)):
            detail = f"Event {line.seq} belongs to another place of the run."
            findings.append(AuditFinding(kind="moved", seq=line.seq, detail=detail))
        elif not fits:
            detail = f"Event {line.seq} was changed, or one before it is missing."
            findings.append(AuditFinding(kind="changed", seq=line.seq, detail=detail))
        previous, last_seq = line.digest, line.seq
        if len(findings) == MAX_FINDINGS:
            break
    return findings


def _dump(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
