"""Holding a run of a log in Redis: a lease, renewed while its holder lives, and a fence.

    hold:<run>    who holds the run; expires
    holders       hash: runs to who held them last and did not let go

A lease that is not renewed ends, so a holder that died keeps nobody out for long. But a holder may
also sleep, wake up after its lease has ended, and go on: an append of a process that holds a run
therefore names the lease, and `COMMIT` writes nothing if somebody else has taken the run since
(`FENCE`). If nobody has, the lease is simply taken up again, as after a restart of Redis.

Source: https://redis.io/docs/latest/commands/set/ (NX, PX), 2026-11-20.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final, cast

from mergewright.errors import MergewrightError, RunInterrupted, StoreFailed
from mergewright.events.clock import utc_now
from mergewright.events.holds import held_by_another, read_holder, this_process
from mergewright.events.redis_log import RedisLog
from mergewright.events.redis_scripts import FENCE, OPENING

HOLD_SECONDS: Final = 30.0
"""How long a run stays held without a sign of life: longer than one answer of the server may take."""

_RENEWALS: Final = 3
"""Signs of life in that time."""

Other = tuple[bytes, int, bytes]
"""Who holds a run, empty when nobody does any more; the milliseconds left; the run."""

_TAKE: Final = f"""{OPENING}
local lease, run, mine = prefix .. 'hold:' .. ARGV[2], ARGV[2], ARGV[3]
if not redis.call('SET', lease, mine, 'NX', 'PX', ARGV[4]) then
  local other = redis.call('GET', lease)
  if other ~= mine then return {{other, redis.call('PTTL', lease), run}} end
end
redis.call('HSET', prefix .. 'holders', run, mine)
return {{}}
"""
"""ARGV: log id, run, holder, milliseconds. Answers with another holder, its milliseconds
left and the run."""

_RENEW: Final = f"""{OPENING}{FENCE}
local other = fence(ARGV[2], ARGV[3], ARGV[4])
if other then return other end
redis.call('PEXPIRE', prefix .. 'hold:' .. ARGV[2], ARGV[4])
return {{}}
"""
"""ARGV and answer: as of `_TAKE`."""

_LET_GO: Final = f"""{OPENING}
local lease, run = prefix .. 'hold:' .. ARGV[2], ARGV[2]
if redis.call('GET', lease) == ARGV[3] then redis.call('DEL', lease) end
if redis.call('HGET', prefix .. 'holders', run) == ARGV[3] then
  redis.call('HDEL', prefix .. 'holders', run)
end
return 0
"""
"""ARGV: log id, run, holder."""


class RedisHolds:
    """The runs of one log that this process holds.

    Args:
        log: The log.
        hold_seconds: How long a hold outlives its holder.
    """

    def __init__(self, log: RedisLog, *, hold_seconds: float = HOLD_SECONDS) -> None:
        self._log = log
        self._seconds = hold_seconds
        self.milliseconds = round(hold_seconds * 1_000)
        self._held: dict[str, str] = {}

    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Hold a run until the context ends; see `EventStore.hold`.

        Raises:
            RunInterrupted: Somebody else holds it, or this process does already.
            StoreFailed: The log cannot be written.
        """
        holder = this_process(uuid.uuid4().hex).model_dump_json()
        if other := self._log.send(_TAKE, run_id, holder, self.milliseconds).value:
            raise _held(cast("Other", other))
        ended = threading.Event()
        threading.Thread(
            target=self._renew, args=(run_id, holder, ended), name=f"hold-{run_id}", daemon=True
        ).start()
        held = self._held
        held[run_id] = holder
        try:
            yield
        finally:
            ended.set()
            # A forked child that comes by here holds nothing: it has another dictionary.
            if held is self._held and held.pop(run_id, None) == holder:
                # Out of reach, the lease ends by itself.
                with suppress(StoreFailed):
                    self._log.send(_LET_GO, run_id, holder)

    def holder_of(self, run_id: str) -> str:
        """Return what names this process's hold of a run; empty when it has none."""
        return self._held.get(run_id, "")

    def lost(self, other: Other) -> RunInterrupted:
        """Say that a run that this process held is another's now."""
        error = _held(other)
        return RunInterrupted(
            f"This process no longer holds the run {error.run_id!r}: it gave no sign of life for"
            f" {self._seconds:g} seconds, and another took the run; nothing was written."
            f" {error.message if other[0] else 'That one has let go of it since.'}",
            hint=error.hint if other[0] else "Start the same request again.",
            run_id=error.run_id,
        )

    def leave_to_parent(self) -> None:
        """Hold nothing: for a forked child."""
        self._held = {}

    def _renew(self, run_id: str, holder: str, ended: threading.Event) -> None:
        while not ended.wait(self._seconds / _RENEWALS):
            # Out of reach is not lost; and what is lost is said to whoever appends.
            with suppress(MergewrightError):
                if self._log.send(_RENEW, run_id, holder, self.milliseconds).value:
                    return


def _held(other: Other) -> RunInterrupted:
    holder, milliseconds, run_id = other
    return held_by_another(
        run_id.decode(),
        read_holder(holder.decode(errors="replace")),
        free_at=utc_now() + timedelta(milliseconds=max(milliseconds, 0)),
    )
