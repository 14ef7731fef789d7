"""Holding a run of a log in a file: a lock of the system's on a file beside the log.

The system lets go of it when the process ends, however it ends. The file says who holds the run; it
lies in the folder `<log>.holds` and is removed when the run is let go of.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from mergewright.errors import StoreFailed
from mergewright.events.holds import held_by_another, read_holder, this_process

_MAX_HOLDER_BYTES: Final = 4_096
_OPEN_HERE: Final[set[int]] = set()
"""Locked files of this process."""


@contextmanager
def hold_file(log: Path, run_id: str) -> Iterator[None]:
    """Hold a run of a log until the context ends.

    Raises:
        RunInterrupted: Somebody else holds it, or this process does already.
        StoreFailed: The folder of the log cannot be written.
    """
    # Whatever a run is called, this is a file's name.
    path = log.with_name(f"{log.name}.holds") / sha256(run_id.encode()).hexdigest()
    process_id = os.getpid()
    try:
        file = _lock(path, run_id)
    except OSError as error:
        raise StoreFailed(
            f"The run {run_id!r} cannot be held with the file {str(path)!r}: {error}.",
            hint="Make sure that the folder of the event log is there and writable.",
            run_id=run_id,
        ) from error
    try:
        yield
    finally:
        # A forked child that comes by here holds nothing.
        if os.getpid() == process_id:
            with suppress(OSError):
                path.unlink()
            _OPEN_HERE.discard(file)
            os.close(file)


def _lock(path: Path, run_id: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(path, file):
                os.ftruncate(file, 0)
                os.write(file, this_process(uuid.uuid4().hex).model_dump_json().encode())
                _OPEN_HERE.add(file)
                return file
        except BlockingIOError:
            told = os.pread(file, _MAX_HOLDER_BYTES, 0).decode(errors="replace")
            os.close(file)
            raise held_by_another(run_id, read_holder(told)) from None
        except BaseException:
            os.close(file)
            raise
        # Its holder removed the file before it let go of the lock: the next file is another.
        os.close(file)


def _is_still_there(path: Path, file: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file).st_ino
    except FileNotFoundError:
        return False


def _leave_to_parent() -> None:
    # A lock lives as long as any process has the file open: a child must not keep it for the parent.
    for file in _OPEN_HERE:
        with suppress(OSError):
            os.close(file)
    _OPEN_HERE.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
