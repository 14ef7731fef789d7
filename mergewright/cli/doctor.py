"""What a run needs of this machine, whether it is there, and what to do if not."""

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergewright.cli.exit_codes import CHECK_FAILED, OK
from mergewright.cli.formats import count, plain
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import open_log
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.health import ServiceState
from mergewright.domain.value import Value
from mergewright.errors import MergewrightError
from mergewright.events.health import open_health
from mergewright.safety.redaction import redact
from mergewright.settings import settings

PYTHON_NEEDED = (3, 11)
GIT_NEEDED = (2, 38)
"""`git merge-tree --write-tree` came with it. Source: git's RelNotes/2.38.0.txt"""
GIT_TIMEOUT_SECONDS = 10
GIGABYTE = 1024**3
LOW_DISK_BYTES = 2 * GIGABYTE
NO_DISK_BYTES = GIGABYTE // 10

Status = Literal["ok", "warn", "fail"]
MARKS: dict[Status, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "warn": ("warn", "yellow"),
    "fail": ("FAIL", "bold red"),
}


class Check(Value):
    """One thing that was looked at."""

    name: str
    status: Status
    detail: str
    remedy: str = ""
    """What to do, if anything is to be done."""
    parts: tuple[str, ...] = ()
    """What was found in detail."""


def doctor(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check that this machine can run Mergewright, and say what to do about each fault.

    Args:
        json: Print what was found as JSON.
    """
    console = human_console(as_json=json)
    checks: list[Check] = []
    for look in LOOKS:
        with console.status(f"{look.__name__.removeprefix('check_').replace('_', ' ')} …"):
            checks.append(look())
    worst = CHECK_FAILED if any(check.status == "fail" for check in checks) else OK
    if json:
        print_json({"checks": [check.model_dump(mode="json") for check in checks]})
    else:
        _print_checks(console, checks)
    return worst


def check_python() -> Check:
    """Look at the interpreter."""
    needed = ".".join(map(str, PYTHON_NEEDED))
    return Check(
        name="Python",
        status="ok" if sys.version_info >= PYTHON_NEEDED else "fail",
        detail=f"{platform.python_version()} ({sys.executable})",
        remedy="" if sys.version_info >= PYTHON_NEEDED else f"Install Python {needed} or later.",
    )


def check_git() -> Check:
    """Look at the git binary."""
    needed = ".".join(map(str, GIT_NEEDED))
    remedy = f"Install git {needed} or later."
    git = shutil.which("git")
    if git is None:
        return Check(name="git", status="fail", detail="not found", remedy=remedy)
    try:
        said = subprocess.run(  # noqa: S603 - an argument list without outside input
            [git, "--version"],
            capture_output=True,
            text=True,
            timeout=GIT_TIMEOUT_SECONDS,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        return Check(name="git", status="fail", detail=f"{git}: {error}", remedy=remedy)
    match = re.search(r"(\d+)\.(\d+)", said)
    recent = match is not None and (int(match[1]), int(match[2])) >= GIT_NEEDED
    return Check(
        name="git",
        status="ok" if recent else "fail",
        detail=f"{said} ({git})",
        remedy="" if recent else remedy,
    )


def check_home() -> Check:
    """Look whether the home folder can be written to and has room."""
    home = settings().home
    remedy = "Free some space, or set MERGEWRIGHT_HOME to a folder that can be written to."
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"x")
            file.flush()
        free = shutil.disk_usage(home).free
    except OSError as error:
        detail = f"{str(home)!r} cannot be written: {error.strerror}"
        return Check(name="home", status="fail", detail=detail, remedy=remedy)
    status: Status = "ok" if free >= LOW_DISK_BYTES else "warn"
    status = status if free >= NO_DISK_BYTES else "fail"
    detail = f"{home}, {free / GIGABYTE:.1f} GB free"
    return Check(name="home", status=status, detail=detail, remedy="" if status == "ok" else remedy)


def check_event_log() -> Check:
    """Look whether the event log opens."""
    try:
        found = len(open_log().run_ids())
    except MergewrightError as error:
        return Check(name="event log", status="fail", detail=error.message, remedy=error.hint)
    detail = f"{settings().event_store_url}, {count(found, 'run')}"
    return Check(name="event log", status="ok", detail=detail)


def check_services() -> Check:
    """Look at how the calls to services outside went, without making one."""
    now = datetime.now(UTC)
    try:
        known = open_health(settings().event_store_url).services()
    except MergewrightError as error:
        return Check(name="services", status="warn", detail=error.message, remedy=error.hint)
    ill = [one for one in known if one.state(now) in {ServiceState.ILL, ServiceState.OPEN}]
    return Check(
        name="services",
        status="warn" if ill else "ok",
        detail=f"{len(known)} called so far, {len(ill)} ill",
        remedy="See: mergewright services" if ill else "",
        parts=tuple(f"{one.service} at {one.host}: {one.calls.last_error}" for one in ill),
    )


def check_sandbox() -> Check:
    """Look, with a canary, at what the sandbox of this host really holds back."""
    from mergewright.clients.sandbox import probe  # noqa: PLC0415 - only this check needs it

    found = probe(anew=True)
    parts = tuple(
        f"{'holds' if finding.held else 'DOES NOT HOLD'}: {finding.property}"
        + (f" ({finding.detail})" if finding.detail and not finding.held else "")
        for finding in found.findings
    )
    detail = found.level.label
    if found.level >= SandboxLevel.BUBBLEWRAP:
        return Check(name="sandbox", status="ok", detail=detail, parts=parts)
    allowed = settings().allow_unsandboxed
    return Check(
        name="sandbox",
        status="warn" if allowed else "fail",
        detail=f"{detail}: {found.reason}",
        remedy=found.remedy,
        parts=parts,
    )


def check_prefect() -> Check:
    """Look whether Prefect can be imported and its API, if one is configured, is reachable."""
    try:
        import prefect  # noqa: PLC0415 - a second that only this check pays

        from mergewright.cli.engine import api_url, check_api  # noqa: PLC0415 - with it
    except ImportError as error:
        detail = f"cannot be imported: {error}"
        return Check(name="Prefect", status="fail", detail=detail, remedy="Run: make setup")
    api = api_url()
    if not api:
        detail = f"{prefect.__version__}, a temporary server for each run"
        return Check(name="Prefect", status="ok", detail=detail)
    try:
        check_api(api)
    except MergewrightError as error:
        return Check(name="Prefect", status="fail", detail=error.message, remedy=error.hint)
    return Check(name="Prefect", status="ok", detail=f"{prefect.__version__}, API at {api}")


def check_blocks() -> Check:
    """Look whether the profile `local` is known to the configured Prefect API."""
    from mergewright.cli.engine import api_url, has_profile  # noqa: PLC0415 - imports Prefect

    later = "profile 'local' is made at its first use"
    if not api_url():
        return Check(name="blocks", status="ok", detail=later)
    try:
        known = has_profile("local")
    except MergewrightError:
        # a fault of Prefect's line, which is told there
        return Check(name="blocks", status="warn", detail="not looked up: no API answers")
    if known:
        return Check(name="blocks", status="ok", detail="profile 'local' is registered")
    return Check(
        name="blocks",
        status="warn",
        detail=f"not registered; {later}",
        remedy="To see the blocks in the UI now, run: mergewright setup",
    )


def check_service_packages() -> Check:
    """Look whether the services of other packages that are installed can be used in a profile."""
    name = "service packages"
    try:
        from blocks.third_party import service_packages  # noqa: PLC0415 - imports Prefect

        found = service_packages()
    except Exception as error:  # noqa: BLE001 - a fault of a package is a line here, and Prefect's has one
        said = redact(f"not looked up: {type(error).__name__}: {error}")
        return Check(name=name, status="warn", detail=said)
    broken = [one for one in found if one.block is None]
    return Check(
        name=name,
        status="warn" if broken else "ok",
        detail=f"{count(len(found), 'service')}, {len(broken)} broken" if found else "none",
        remedy="Mend or remove the package; profiles that name its services do not load."
        if broken
        else "",
        parts=tuple(
            f"{one.name} ({one.package} {one.version}): "
            + (one.reason or f"ok, a {one.kind}: {one.block and one.block.get_block_type_slug()}")
            for one in found
        ),
    )


def check_key() -> Check:
    """Look whether there is a key for the default provider; it is never shown."""
    if settings().anthropic_api_key is not None:
        base_url = settings().anthropic_base_url
        detail = "present" + (f", for {base_url}" if base_url else "")
        return Check(name="Anthropic key", status="ok", detail=detail)
    return Check(
        name="Anthropic key",
        status="warn",
        detail="not set; recorded answers and `mergewright demo` need none",
        remedy="For runs that ask a Claude model, set ANTHROPIC_API_KEY or a block in the profile.",
    )


LOOKS: tuple[Callable[[], Check], ...] = (
    check_python,
    check_git,
    check_home,
    check_event_log,
    check_services,
    check_sandbox,
    check_prefect,
    check_blocks,
    check_service_packages,
    check_key,
)


def _print_checks(console: Console, checks: list[Check]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        mark, style = MARKS[check.status]
        table.add_row(Text(mark, style=style), check.name, Text(plain(check.detail)))
        for part in check.parts:
            table.add_row("", "", Text(plain(part), style="dim"))
        if check.remedy:
            table.add_row("", "", Text(f"→ {plain(check.remedy)}", style="bold"))
    console.print(table)
    failed = sum(check.status == "fail" for check in checks)
    if failed:
        console.print(f"\n{count(failed, 'fault')} to mend before a run.", style="red")
    else:
        console.print("\nReady for a run.", style="green")
