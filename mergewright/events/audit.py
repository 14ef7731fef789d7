"""Proof that a run's events are as they were written, in the log and in an export of it.

The chain shows what was changed, moved or removed between two events. It cannot show by itself that
its end was cut off, or that someone made the whole of it anew: for that, keep a digest somewhere
else (an export, a report) and compare.
"""

from collections.abc import Sequence
from typing import Final

from mergewright.domain.events import RunFinished, RunStarted
from mergewright.errors import StoreFailed
from mergewright.events.audit_result import MAX_FINDINGS, AuditFinding, AuditResult, is_finished
from mergewright.events.chain import link
from mergewright.events.export import export_run, verify_export
from mergewright.events.projections import costs, report_of
from mergewright.events.rows import encode
from mergewright.events.store import EventStore, Stored, read_run

__all__ = ["AuditFinding", "AuditResult", "export_run", "verify_export", "verify_run"]

_PAGE: Final = 500


def verify_run(store: EventStore, run_id: str, *, head: str = "") -> AuditResult:
    """Check a run in the log.

    Args:
        store: The log.
        run_id: Which run.
        head: A digest that the run had once, from an earlier audit or export: shows whether the end
            was cut off or everything made anew.

    Raises:
        NotFound: The log holds no event of the run.
        StoreFailed: The log cannot be read at all.
    """
    stored, unreadable = _read(store, run_id)
    findings = [*_links(stored, store), *unreadable]
    if head and head not in {event.digest for event in stored}:
        detail = f"No event has the digest {head!r} any more: the end was cut off or all made anew."
        findings.append(AuditFinding(kind="torn", seq=None, detail=detail))
    events = [event.event for event in stored]
    if not unreadable:
        findings += _ends(stored)
    return AuditResult(
        run_id=run_id,
        events=len(stored),
        head=stored[-1].digest if stored else "",
        finished=is_finished(events),
        findings=tuple(findings[:MAX_FINDINGS]),
    )


def _read(store: EventStore, run_id: str) -> tuple[list[Stored], list[AuditFinding]]:
    try:
        return read_run(store, run_id), []
    except StoreFailed as failed:
        store.run_ids(limit=1)  # the log as a whole must answer, or this is no finding
        return _readable(store, run_id), [
            AuditFinding(kind="unreadable", seq=None, detail=failed.message)
        ]


def _readable(store: EventStore, run_id: str) -> list[Stored]:
    stored: list[Stored] = []
    try:
        while found := store.read(run_id=run_id, after=stored[-1].seq if stored else 0, limit=1):
            stored += found
    except StoreFailed:
        pass
    return stored


def _links(stored: Sequence[Stored], store: EventStore) -> list[AuditFinding]:
    findings: list[AuditFinding] = []
    previous = Stored(0, stored[0].event, "") if stored else None
    digests = {"", *(event.digest for event in stored)}
    for event in stored:
        if previous and link(previous.digest, encode(event.event)) != event.digest:
            findings.append(_broken_link(event, previous, digests, store))
        if len(findings) == MAX_FINDINGS:
            break
        previous = event
    return findings


def _broken_link(
    event: Stored, previous: Stored, digests: set[str], store: EventStore
) -> AuditFinding:
    where = f"Event {event.seq} ({event.event.type!r})"
    body = encode(event.event)
    if any(link(digest, body) in digests for digest in digests):
        return AuditFinding(
            kind="moved", seq=event.seq, detail=f"{where} belongs to another place of the run."
        )
    gap = _gap(store, previous.seq, event.seq)
    if gap:
        detail = f"{where} does not follow from the one before it, and the log has no event {gap}."
        return AuditFinding(kind="missing", seq=event.seq, detail=detail)
    detail = f"{where} was changed: it does not have the text that its digest was made from."
    return AuditFinding(kind="changed", seq=event.seq, detail=detail)


def _gap(store: EventStore, after: int, before: int) -> int | None:
    """Return the first number between two events that no event of any run has."""
    expected = after + 1
    while expected < before:
        try:
            page = store.read(after=expected - 1, limit=min(_PAGE, before - expected))
        except StoreFailed:
            return None
        for event in page:
            if event.seq != expected:
                return expected
            expected += 1
        if not page:
            return expected
    return None


def _ends(stored: Sequence[Stored]) -> list[AuditFinding]:
    """What a run that says it finished must have, from its beginning to its end."""
    events = [event.event for event in stored]
    if not is_finished(events):
        return []
    findings: list[AuditFinding] = []
    if not isinstance(events[0], RunStarted):
        detail = "The run does not begin with its start: events before the first are missing."
        findings.append(AuditFinding(kind="torn", seq=stored[0].seq, detail=detail))
    place = max(i for i, event in enumerate(events) if isinstance(event, RunFinished))
    try:
        report = report_of(events[: place + 1])
    except StoreFailed as failed:
        return [
            *findings,
            AuditFinding(kind="unreadable", seq=stored[place].seq, detail=failed.message),
        ]
    spent = costs(events[:place])
    told = report.costs if report else spent
    if (told.settled_usd, told.reserved_usd) != (spent.settled_usd, spent.reserved_usd):
        detail = "The report at the end of the run tells other costs than the events before it."
        findings.append(AuditFinding(kind="torn", seq=stored[place].seq, detail=detail))
    return findings
