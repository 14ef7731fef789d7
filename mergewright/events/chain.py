"""The chain over each run's events that shows when one was changed, removed or moved."""

import hashlib
from collections.abc import Sequence

from mergewright.errors import StoreFailed
from mergewright.events.rows import encode
from mergewright.events.store import Stored


def link(previous: str, body: str) -> str:
    """Return the digest of an event that follows `previous` in its run.

    Args:
        previous: Digest of the run's event before; empty for its first.
        body: The event's canonical JSON.
    """
    return hashlib.sha256(f"{previous}{body}".encode()).hexdigest()


def verify_chain(stored: Sequence[Stored]) -> None:
    """Prove that whole runs are as they were written.

    Events cut off at the end leave no gap, so a chain cannot show them: a run that came to its end
    ends with `run_finished`.

    Args:
        stored: Every event of one run or of several, as the store returned them.

    Raises:
        StoreFailed: An event was changed or moved, or one before it is missing; names its seq.
    """
    digests: dict[str, str] = {}
    last_seq = 0
    for seq, event, digest in stored:
        expected = link(digests.get(event.run_id, ""), encode(event))
        if seq <= last_seq or digest != expected:
            raise StoreFailed(
                f"Event {seq} of the log ({event.type!r} of the run {event.run_id!r}) does not"
                " follow from the events before it: it was changed or moved, or one before it is"
                " missing.",
                hint="Do not continue this run; compare the log with a backup from before.",
                run_id=event.run_id,
            )
        digests[event.run_id] = digest
        last_seq = seq
