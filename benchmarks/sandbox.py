"""What the sandbox costs per command, against the same command without it, in one run.

Rounds alternate, so that whatever else the machine does meets both. The last table is the canary's: what
holds on this host.

    python -m benchmarks.sandbox --rounds 200
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Final, NamedTuple

from benchmarks.tables import describe_load, describe_machine, table
from mergewright.clients.check_commands import CheckPlace
from mergewright.clients.environments import prepare_environment
from mergewright.clients.sandbox import Bind, Probe, Sandbox, interpreter_folders, probe
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.codebase import Codebase

GOAL_MILLISECONDS: Final = 30.0
_PYTHON: Final = (sys.executable, "-I", "-S", "-c", "pass")


class Contender(NamedTuple):
    """One way to run a command."""

    name: str
    run: Callable[[Sequence[str], Path], object]


class Timing(NamedTuple):
    """What the rounds of one contender took, in milliseconds."""

    name: str
    command: str
    milliseconds: list[float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=100, help="how often each command is run")
    rounds = parser.parse_args().rounds
    found = probe(anew=True)
    if found.level is not SandboxLevel.BUBBLEWRAP:
        raise SystemExit(f"There is no sandbox here: {found.reason}. {found.remedy}")
    with tempfile.TemporaryDirectory(prefix="mergewright-benchmark-") as name:
        folder = Path(name).resolve()
        print(f"{describe_machine(folder)}\nLoad at the start: {describe_load()}.\n")
        timings = measure(folder, rounds)
    print(timings_table(timings), f"Load at the end: {describe_load()}.", sep="\n\n")
    print(f"\nWhat the canary found:\n\n{canary_table(found)}")


def measure(folder: Path, rounds: int) -> list[Timing]:
    """Return what each contender took for each command, in rounds that alternate."""
    commands = {"true": ("true",), "python -c pass": _PYTHON}
    own = contenders(folder)
    taken: dict[tuple[str, str], list[float]] = {
        (command, contender.name): [] for command in commands for contender in own
    }
    for number in range(rounds + 1):
        for command, argv in commands.items():
            for contender in own:
                began = time.perf_counter()
                contender.run(argv, folder)
                # The first round fills caches.
                if number:
                    spent = 1_000 * (time.perf_counter() - began)
                    taken[command, contender.name].append(spent)
    return [Timing(name, command, spent) for (command, name), spent in taken.items()]


def contenders(folder: Path) -> tuple[Contender, ...]:
    """Return the ways to run a command: bare, with limits alone, shut in, and as a check is run."""
    limits, shut_in = Sandbox(SandboxLevel.LIMITS), Sandbox(SandboxLevel.BUBBLEWRAP)
    binds = [Bind(path, writable=False) for path in interpreter_folders()]
    environment = prepare_environment(
        Codebase(commit="none", file_count=0), folder, folder, shut_in
    )
    reports = folder / "reports"
    reports.mkdir()
    place = CheckPlace(folder, reports, environment, shut_in, timeout_seconds=60)
    return (
        Contender("bare subprocess", _run_bare),
        Contender("limits alone", lambda argv, cwd: limits.run(argv, folder=cwd)),
        Contender("sandbox", lambda argv, cwd: shut_in.run(argv, folder=cwd, binds=binds)),
        Contender("sandbox, as checks run in it", lambda argv, _: place.run(argv)),
    )


def _run_bare(argv: Sequence[str], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, capture_output=True, check=True)


def timings_table(timings: Sequence[Timing]) -> str:
    """Return medians, and what the sandbox adds to the bare command's."""
    bare = {each.command: median(each.milliseconds) for each in timings if "bare" in each.name}
    rows = []
    for each in timings:
        middle = median(each.milliseconds)
        added = middle - bare[each.command]
        rows.append(
            (
                f"`{each.command}`, {each.name}",
                f"{middle:.1f}",
                "" if "bare" in each.name else f"{added:.1f}",
                f"{min(each.milliseconds):.1f}",
                f"{quantiles(each.milliseconds, n=10)[-1]:.1f}",
                _verdict(added) if each.name.startswith("sandbox") else "",
            )
        )
    goal = f"added under {GOAL_MILLISECONDS:.0f}"
    return table(("command", "median ms", "added ms", "best ms", "90 % ms", goal), rows)


def _verdict(added: float) -> str:
    return "yes" if added < GOAL_MILLISECONDS else "no"


def canary_table(found: Probe) -> str:
    """Return what was tried, and whether it held."""
    rows = [
        (each.property, "yes" if each.held else "NO", each.detail or "") for each in found.findings
    ]
    return table(("property", "held", "what was seen"), rows)


if __name__ == "__main__":
    main()
