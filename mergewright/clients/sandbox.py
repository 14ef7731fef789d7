"""The sandbox: where code that a ticket, a repository or a model brought is run.

Installed is not works: the level of this host is what a canary proved (`probe`), not what was
found on it.
"""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from mergewright.clients.bubblewrap import HOME, SYSTEM_PATH, Bind, interpreter_folders, shut_in
from mergewright.clients.canary import CanaryFinding, release_canary
from mergewright.clients.processes import CommandResult, Limits, run_limited, with_limits
from mergewright.clients.remedies import remedy
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.value import Value
from mergewright.errors import SandboxUnavailable
from mergewright.settings import settings

__all__ = [
    "Bind",
    "CanaryFinding",
    "CommandResult",
    "Limits",
    "Probe",
    "Sandbox",
    "examine",
    "interpreter_folders",
    "probe",
    "require",
]


class Probe(Value):
    """The best level that works on this host, and how that was found out."""

    level: SandboxLevel
    findings: tuple[CanaryFinding, ...]
    """What holds at this level, property by property."""
    reason: str = ""
    """Why the level is not better; empty when it is the best there is."""
    remedy: str = ""
    """The one line that mends it."""


class Sandbox:
    """Runs commands shut in at one level.

    Args:
        level: How well. Nothing is checked here: see `require`.
        bwrap: Path of the bubblewrap program; found on PATH when empty.

    Raises:
        SandboxUnavailable: There is no such program, or no way to reach the level at all.
    """

    def __init__(self, level: SandboxLevel, *, bwrap: str = "") -> None:
        self.level = level
        self._bwrap = ""
        if level is SandboxLevel.LIMITS:
            return
        if level is not SandboxLevel.BUBBLEWRAP:
            raise SandboxUnavailable(
                f"No sandbox of level {level.label!r} can be made on this host.",
                hint=f"Ask for {SandboxLevel.BUBBLEWRAP.label!r}, the best level there is.",
            )
        self._bwrap = bwrap or shutil.which("bwrap") or ""
        if not self._bwrap:
            raise SandboxUnavailable("bubblewrap (`bwrap`) is not installed.", hint=remedy(""))

    def run(
        self,
        argv: Sequence[str],
        *,
        folder: Path,
        binds: Sequence[Bind] = (),
        environment: Mapping[str, str] = {},
        timeout_seconds: float = 600,
        network: bool = False,
        memory_bytes: int = 2 << 30,
        output_bytes: int = 200_000,
        max_processes: int = 512,
    ) -> CommandResult:
        """Run a command; leave nothing of it running.

        A command that fails, that is not found (exit code 127), or that reaches a limit is a
        result, not an error.

        Args:
            argv: The command; never a shell's line.
            folder: Where it runs, and the one place of the host that it may change.
            binds: What else of the host it sees.
            environment: Its variables, over a small set of harmless ones; nothing is inherited.
            timeout_seconds: Wall time after which it is killed with all it started.
            network: Whether it may reach the network: only for installing dependencies.
            memory_bytes: Memory of all its processes together.
            output_bytes: How much of the end of its output is kept.
            max_processes: How many processes it may have at a time.

        Raises:
            SandboxUnavailable: The sandbox could not be set up, so the command did not run.
        """
        limits = Limits(timeout_seconds, memory_bytes, output_bytes, max_processes)
        place = folder.resolve()
        if self.level is SandboxLevel.LIMITS:
            return self._run_in_the_open(argv, place, environment, limits)
        command = self.command(argv, folder=place, binds=binds, network=network, limits=limits)
        with _started(self._bwrap):
            result = run_limited(
                command,
                shown=argv,
                folder=place,
                environment=_variables(HOME, "/tmp", environment),  # noqa: S108 - private inside
                limits=limits,
                level=self.level,
            )
        if not result.started:
            raise SandboxUnavailable(
                f"bubblewrap could not set up the sandbox for {argv[0]!r}: "
                f"{result.output.strip()[-500:] or 'it said nothing'}",
                hint=remedy(result.output),
            )
        return result

    def command(
        self,
        argv: Sequence[str],
        *,
        folder: Path,
        binds: Iterable[Bind] = (),
        network: bool = False,
        limits: Limits,
    ) -> list[str]:
        """Return the command line that `run` starts.

        Raises:
            SandboxUnavailable: The bubblewrap program cannot be started.
        """
        limited = with_limits(argv, limits)
        if self.level is SandboxLevel.LIMITS:
            return limited
        with _started(self._bwrap):
            return shut_in(
                self._bwrap,
                limited,
                folder=folder,
                binds=binds,
                network=network,
                memory_bytes=limits.memory_bytes,
            )

    def _run_in_the_open(
        self,
        argv: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        limits: Limits,
    ) -> CommandResult:
        with tempfile.TemporaryDirectory(
            prefix="mergewright-home-", ignore_cleanup_errors=True
        ) as home:
            return run_limited(
                with_limits(argv, limits),
                shown=argv,
                folder=folder,
                environment=_variables(home, home, environment),
                limits=limits,
                level=self.level,
            )


@contextmanager
def _started(program: str) -> Iterator[None]:
    try:
        yield
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxUnavailable(
            f"{program!r} cannot be started: {error}.", hint=remedy(str(error))
        ) from error


def _variables(home: str, temporary: str, environment: Mapping[str, str]) -> dict[str, str]:
    harmless = {
        "PATH": SYSTEM_PATH,
        "HOME": home,
        "TMPDIR": temporary,
        "USER": "sandbox",
        "LOGNAME": "sandbox",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
    }
    return harmless | dict(environment)


@cache
def probe(*, anew: bool = False) -> Probe:
    """Find the best level that works here; a real canary runs once per host and start of it.

    Args:
        anew: Whether it runs though it ran before. It does as well where it found something wrong.
    """
    bwrap = shutil.which("bwrap")
    place, host = settings().home / "sandbox.json", _describe_host(bwrap)
    with suppress(OSError, ValueError):
        kept = _KeptProbe.model_validate_json(place.read_text("utf-8"))
        if kept.host == host and not anew:
            return kept.probe
    found = examine(bwrap)
    if host and not found.reason:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(_KeptProbe(host=host, probe=found).model_dump_json(), "utf-8")
    return found


class _KeptProbe(Value):
    """What the canary found, and on what host."""

    host: tuple[str, ...]
    probe: Probe


def _describe_host(bwrap: str | None) -> tuple[str, ...]:
    """Return what the canary's findings depend on; nothing where that cannot be told."""
    if bwrap is None:
        return ()
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        file = Path(bwrap).stat()
    except OSError:
        return ()
    program = (bwrap, str(file.st_size), str(file.st_mtime_ns))
    return (version("mergewright"), started, platform.release(), str(os.geteuid()), *program)


def examine(bwrap: str | None) -> Probe:
    """Release a canary in this bubblewrap, if there is one, and else without a sandbox."""
    reason = "bubblewrap (`bwrap`) is not installed"
    said = ""
    if bwrap:
        try:
            findings = release_canary(Sandbox(SandboxLevel.BUBBLEWRAP, bwrap=bwrap))
        except SandboxUnavailable as error:
            said = error.message
            reason = said.rstrip(".")
        else:
            broken = [f"{item.property} ({item.detail})" for item in findings if not item.held]
            if not broken:
                return Probe(level=SandboxLevel.BUBBLEWRAP, findings=findings)
            reason = f"bubblewrap is installed and does not hold: {'; '.join(broken)}"
            said = reason
    findings = release_canary(Sandbox(SandboxLevel.LIMITS), grace_seconds=0.2)
    return Probe(level=SandboxLevel.LIMITS, findings=findings, reason=reason, remedy=remedy(said))


def require(minimum: SandboxLevel, *, allow_lower: bool) -> Sandbox:
    """Return a sandbox of the best level of this host.

    Args:
        minimum: The level that the policy asks for.
        allow_lower: Whether a person has said that less will do.

    Raises:
        SandboxUnavailable: The host does not reach the minimum, and less will not do.
    """
    found = probe()
    if found.level >= minimum or allow_lower:
        return Sandbox(found.level)
    raise SandboxUnavailable(
        f"Checks run code of the repository and need the sandbox {minimum.label!r}; this host "
        f"reaches {found.level.label!r}: {found.reason or 'there is no better level'}.",
        hint=found.remedy or f"Ask for {found.level.label!r}.",
    )
