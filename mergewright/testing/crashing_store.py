"""An event store that kills its own process at a chosen write: what a crash point is made of."""

import hashlib
import os
import signal
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import count, pairwise
from pathlib import Path
from typing import Literal

from pydantic import Field

from mergewright.domain.events import Event
from mergewright.domain.value import Value
from mergewright.events.store import EventStore, Guard, Stored


class CrashPoint(Value):
    """An instant at which a run can be killed: before or after one write to its event log.

    Calls and effects lie between two writes (reserve, call, settle; intent, act, outcome), so the
    instant before an outcome's write is the instant after the act.
    """

    number: int = Field(ge=0)
    """Which write of the run, counted from 0."""
    moment: Literal["before", "after"]
    stage: str
    types: tuple[str, ...]
    """Types of the events that are written together."""

    @property
    def name(self) -> str:
        """The point in short, as it is asked for: `51-before`."""
        return f"{self.number}-{self.moment}"

    @property
    def is_window(self) -> bool:
        """Whether an answer was received here and is not yet recorded.

        No client can close this window: the service has counted the call, and nobody else knows.
        """
        return self.moment == "before" and "model_answered" in self.types

    @property
    def is_at_effect(self) -> bool:
        """Whether something outside is about to change or has just changed."""
        return any(name.startswith("effect_") for name in self.types)

    @property
    def is_before_act(self) -> bool:
        """Whether something outside is asked or changed right after it."""
        acts = ("call_reserved", "effect_intended")
        return self.moment == "after" and any(name in self.types for name in acts)

    @property
    def write(self) -> str:
        """What is written, in one word for each event."""
        return " + ".join(dict.fromkeys(self.types))

    def __str__(self) -> str:
        where = f" in {self.stage}" if self.stage else ""
        return f"{self.moment} write {self.number} ({self.write}{where})"


class CrashingStore:
    """A store that notes each crash point it passes, and dies with SIGKILL at one of them.

    Args:
        inner: The log that is really written.
        passed: File that names the points that were passed, one JSON document in each line.
        deadly: Where to die; None lets the run live.
        watched: Folder whose content is noted at each point, beside the file.
    """

    def __init__(
        self,
        inner: EventStore,
        *,
        passed: Path,
        deadly: CrashPoint | None = None,
        watched: Path | None = None,
    ) -> None:
        self._inner = inner
        self._passed = passed
        self._deadly = deadly
        self._watched = watched
        self._numbers = count()

    def append(
        self, events: Sequence[Event], *, guard: Guard | None = None, sync: bool = True
    ) -> tuple[Stored, ...]:
        """Write events, or die before or after it; see `EventStore.append`.

        Raises:
            StoreFailed: The log cannot be read or written; nothing was.
            RunInterrupted: This store held the run, and no longer does; nothing was written.
        """
        if not events:
            return self._inner.append(events, guard=guard, sync=sync)
        number = next(self._numbers)
        self._pass(number, "before", events)
        stored = self._inner.append(events, guard=guard, sync=sync)
        self._pass(number, "after", events)
        return stored

    def read(
        self,
        *,
        run_id: str | None = None,
        after: int = 0,
        types: Collection[str] = (),
        limit: int | None = None,
    ) -> list[Stored]:
        """Return events in the order of the log; see `EventStore.read`.

        Raises:
            StoreFailed: The log cannot be read.
        """
        return self._inner.read(run_id=run_id, after=after, types=types, limit=limit)

    def find(self, run_id: str, event_type: str, key: str) -> Stored | None:
        """Return the run's event of this type with this natural key.

        Raises:
            StoreFailed: The log cannot be read.
        """
        return self._inner.find(run_id, event_type, key)

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return the runs in the log, the one that began last first.

        Raises:
            StoreFailed: The log cannot be read.
        """
        return self._inner.run_ids(limit=limit)

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Keep everyone else from working on a run; see `EventStore.hold`.

        Raises:
            RunInterrupted: Somebody else works on it.
            StoreFailed: The log cannot be read or written.
        """
        return self._inner.hold(run_id)

    def close(self) -> None:
        """Let go of the log; the next use takes hold of it again."""
        self._inner.close()

    def _pass(
        self, number: int, moment: Literal["before", "after"], events: Sequence[Event]
    ) -> None:
        point = CrashPoint(
            number=number,
            moment=moment,
            stage=events[0].stage,
            types=tuple(event.type for event in events),
        )
        with self._passed.open("a", encoding="utf-8") as file:
            file.write(f"{point.model_dump_json()}\n")
        if self._watched:
            with _contents(self._passed).open("a", encoding="utf-8") as file:
                file.write(f"{_digest_of(self._watched)}\n")
        if self._deadly and (number, moment) == (self._deadly.number, self._deadly.moment):
            os.kill(os.getpid(), signal.SIGKILL)


def passed_points(path: Path) -> tuple[CrashPoint, ...]:
    """Return the points that a run has passed, in order."""
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(CrashPoint.model_validate_json(line) for line in lines)


def same_instants(path: Path) -> dict[str, str]:
    """Return of which points the next one is the same instant, by their names.

    Whoever is killed at the one leaves what is left at the other: between them nothing outside was
    asked or changed, and not a byte of the watched folder was.
    """
    if not _contents(path).exists():
        return {}
    contents = _contents(path).read_text(encoding="utf-8").splitlines()
    noted = list(zip(passed_points(path), contents, strict=True))
    return {
        point.name: following.name
        for (point, here), (following, there) in pairwise(noted)
        if here == there and point.moment == "after" and not point.is_before_act
    }


def _contents(passed: Path) -> Path:
    return passed.with_suffix(".contents")


def _digest_of(folder: Path) -> str:
    """Return a digest of all names and bytes below a folder; a file that goes meanwhile has none.

    The index of SQLite's log does not count: whoever opens a database first makes it anew.
    Source: sqlite.org/walformat.html, "The WAL-Index File Format", read 2026-11-20.
    """
    digest = hashlib.blake2b()
    for path in sorted(folder.rglob("*")):
        if path.name.endswith("-shm"):
            continue
        digest.update(f"\0{path.relative_to(folder)}\0".encode(errors="surrogateescape"))
        with suppress(OSError):
            if path.is_symlink():
                digest.update(os.fsencode(path.readlink()))
            elif path.is_file():
                digest.update(path.read_bytes())
    return digest.hexdigest()
