"""The canary: a command that tries to get out, so that each promise of the sandbox is proved."""

import json
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from mergewright.clients.bubblewrap import Bind, interpreter_folders
from mergewright.clients.processes import CommandResult, Limits
from mergewright.clients.scout import SCOUT
from mergewright.domain.value import Value

_PYTHON = ("-I", "-S", "-c")
_HOG_BYTES = 96 << 20
_HARMLESS_VARIABLES = frozenset(
    {"HOME", "LANG", "LC_CTYPE", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHLVL", "TERM", "TMPDIR"}
    | {"TZ", "USER", "_", "__CF_USER_TEXT_ENCODING"}
)


class CanaryFinding(Value):
    """Whether one promise was kept."""

    property: str
    held: bool
    detail: str = ""
    """What was seen."""


class Cage(Protocol):
    """What the canary is released in."""

    def run(
        self,
        argv: Sequence[str],
        *,
        folder: Path,
        binds: Sequence[Bind] = (),
        timeout_seconds: float = 600,
        memory_bytes: int = 2 << 30,
        max_processes: int = 512,
    ) -> CommandResult:
        """Run a command in it."""
        ...

    def command(
        self, argv: Sequence[str], *, folder: Path, binds: Iterable[Bind] = (), limits: Limits
    ) -> list[str]:
        """Return the command line that runs a command in it."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a canary lives."""

    cage: Cage
    folder: Path
    """What it may change."""
    shown: Path
    """What it may only see."""
    outside: Path
    """What it should not even see."""
    grace_seconds: float
    """How long a command may take to die with its parent."""

    @property
    def binds(self) -> tuple[Bind, ...]:
        shown = Bind(self.shown, writable=False)
        return (*(Bind(path, writable=False) for path in interpreter_folders()), shown)


def release_canary(cage: Cage, *, grace_seconds: float = 2) -> tuple[CanaryFinding, ...]:
    """Try to break each promise of a sandbox; takes less than a second where all are kept.

    Args:
        cage: The sandbox.
        grace_seconds: How long a command may take to die with its parent on a busy host.

    Raises:
        SandboxUnavailable: The sandbox cannot be set up at all.
    """
    with tempfile.TemporaryDirectory(prefix="mergewright-canary-") as name:
        place = _make_place(cage, Path(name).resolve(), grace_seconds)
        # Three of the four wait for a limit to be reached, so they wait together.
        with ThreadPoolExecutor(max_workers=4) as pool:
            trials: tuple[Callable[[_Place], list[CanaryFinding]], ...] = (
                _scout,
                _memory,
                _time_and_processes,
                _orphan,
            )
            found = list(pool.map(lambda trial: trial(place), trials))
    return tuple(finding for findings in found for finding in findings)


def _make_place(cage: Cage, root: Path, grace_seconds: float) -> _Place:
    place = _Place(cage, root / "folder", root / "shown", root / "outside", grace_seconds)
    for folder in (place.folder, place.shown, place.outside):
        folder.mkdir()
    for folder in (place.shown, place.outside):
        (folder / "file.txt").write_text("as it was")
    return place


def _scout(place: _Place) -> list[CanaryFinding]:
    home = Path.home()
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        facts = {
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "outside": str(place.outside / "file.txt"),
            "shown": str(place.shown / "file.txt"),
            "home": str(home),
        }
        result = place.cage.run(
            [sys.executable, *_PYTHON, SCOUT, json.dumps(facts)],
            folder=place.folder,
            binds=place.binds,
            timeout_seconds=20,
        )
        heard = b""
        with suppress(BlockingIOError):
            heard = udp.recv(16)
    try:
        seen = json.loads(result.output)
    except json.JSONDecodeError:
        said = result.output.strip()[-300:]
        return [CanaryFinding(property="commands run", held=False, detail=said)]
    return [*_about_network(seen, heard), *_about_files(seen, place, home), *_about_secrets(seen)]


def _about_network(seen: dict[str, str], heard: bytes) -> list[CanaryFinding]:
    return [
        CanaryFinding(
            property="no TCP to the outside",
            held=bool(seen["tcp"] and seen["far"]),
            detail=seen["far"] if seen["tcp"] else "reached a port of this host",
        ),
        CanaryFinding(
            property="no UDP to the outside",
            held=not heard,
            detail="a packet arrived" if heard else seen["udp"] or "sent, and never arrived",
        ),
        CanaryFinding(
            property="loopback works inside", held=not seen["loopback"], detail=seen["loopback"]
        ),
    ]


def _about_files(seen: dict[str, str], place: _Place, home: Path) -> list[CanaryFinding]:
    files = [folder / "file.txt" for folder in (place.outside, place.shown)]
    untouched = all(file.read_text() == "as it was" for file in files)
    bound = {
        bind.path.relative_to(home).parts[0]
        for bind in (*place.binds, Bind(place.folder, writable=True))
        if bind.path.is_relative_to(home) and bind.path != home
    }
    visible = sorted(set(seen["home"]) - bound)
    settings = seen["settings"]
    return [
        CanaryFinding(
            property="its folder is writable", held=not seen["inside"], detail=seen["inside"]
        ),
        CanaryFinding(
            property="nothing else is writable",
            held=untouched,
            detail=seen["outside"] if untouched else "changed a file outside its folder",
        ),
        CanaryFinding(
            property="kernel settings are not writable",
            held=not settings,
            detail=", ".join(settings),
        ),
        CanaryFinding(
            property="the home folder is hidden",
            held=not visible,
            detail=f"sees {len(visible)} entries of it" if visible else "",
        ),
    ]


def _about_secrets(seen: dict[str, list[str]]) -> list[CanaryFinding]:
    leaked = sorted(set(seen["variables"]) - _HARMLESS_VARIABLES)
    own_processes = 8
    return [
        CanaryFinding(
            property="the environment is cleared",
            held=not leaked,
            detail=f"sees {', '.join(leaked[:5])}" if leaked else "",
        ),
        CanaryFinding(
            property="other processes are hidden",
            held=0 < int(str(seen["processes"])) < own_processes,
            detail=f"sees {seen['processes']} processes",
        ),
    ]


def _memory(place: _Place) -> list[CanaryFinding]:
    hog = f"import time; held = b'x' * {4 * _HOG_BYTES}; time.sleep(20)"
    result = place.cage.run(
        [sys.executable, *_PYTHON, hog],
        folder=place.folder,
        binds=place.binds,
        memory_bytes=_HOG_BYTES,
        timeout_seconds=10,
    )
    return [
        CanaryFinding(
            property="a memory hog is stopped",
            held="memory" in result.stopped,
            detail=result.stopped or result.output.strip()[-200:],
        )
    ]


def _time_and_processes(place: _Place) -> list[CanaryFinding]:
    late = place.cage.run(["sleep", "20"], folder=place.folder, timeout_seconds=0.3)
    crowd = "for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 20 & done; wait"
    many = place.cage.run(
        ["sh", "-c", crowd], folder=place.folder, timeout_seconds=10, max_processes=12
    )
    return [
        CanaryFinding(
            property="a time limit is kept",
            held=late.timed_out,
            detail=f"ended after {late.duration_seconds:.1f} s",
        ),
        CanaryFinding(
            property="a crowd of processes is stopped",
            held="process" in many.stopped,
            detail=many.stopped,
        ),
    ]


def _orphan(place: _Place) -> list[CanaryFinding]:
    """Kill the parent of a shut-in command and see whether the command goes with it."""
    inner = place.cage.command(
        ["sh", "-c", "echo up; exec sleep 20"], folder=place.folder, limits=Limits()
    )
    shell = shutil.which("sh") or "/bin/sh"
    with subprocess.Popen(  # noqa: S603 - a fixed shell line; the command is its arguments
        [shell, "-c", '"$@" & wait', "sh", *inner],
        cwd=place.folder,
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as parent:
        if parent.stdout is None:
            raise AssertionError("a process started with a pipe has one")
        up = b"up" in parent.stdout.readline()
        family = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
        # Whoever of them lives holds the pipe; a process list would show dead ones too.
        with selectors.DefaultSelector() as selector:
            selector.register(parent.stdout, selectors.EVENT_READ)
            gone = bool(selector.select(place.grace_seconds)) and not parent.stdout.read(1)
        for process in family:
            with suppress(psutil.Error):
                process.kill()
    return [
        CanaryFinding(
            property="commands die with their parent",
            held=up and gone,
            detail="" if gone else "a command went on without its parent",
        )
    ]
