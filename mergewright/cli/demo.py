"""A whole run on a repository that ships with Mergewright, with recorded answers."""

import os
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from git import Repo
from git.exc import GitError
from rich.console import Console
from rich.text import Text

from mergewright.cli.formats import place
from mergewright.cli.options import build_request
from mergewright.cli.output import human_console
from mergewright.cli.report import report_path
from mergewright.cli.run import run_delivery
from mergewright.domain.checks import SandboxLevel
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import SettingInvalid, WorkError
from mergewright.events.connect import open_event_store
from mergewright.events.projections import report_of
from mergewright.settings import settings

MARKER = ".made-by-mergewright-demo"
SHIPPED = Path(str(files("mergewright"))) / "demo"
BUNDLE = SHIPPED / "tally.bundle"
TICKET = SHIPPED / "TALLY-7.md"
CASSETTE = SHIPPED / "tally.cassette.json"
FOREIGN_SETTINGS = ("PREFECT_", "MERGEWRIGHT_")


def demo(
    *,
    folder: Path = Path(".demo"),
    keep: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Take a shipped ticket to a pull request with recorded answers: no key, no account, no cost.

    Everything happens below one folder; nothing else of yours is read or written.

    Args:
        folder: Where to work; made afresh.
        keep: Go on in the folder as it is instead of making it afresh.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    console = human_console(as_json=json)
    folder = folder.expanduser().resolve()
    request = set_up(folder, keep=keep)
    _announce(console, folder)
    code = run_delivery("standard_dev", request, as_json=json)
    _print_next_steps(console, folder)
    return code


def set_up(folder: Path, *, keep: bool) -> StandardDevRequest:
    """Make the demo's folder, keep this process within it, and return what the demo asks for.

    To be called before Prefect is imported.

    Raises:
        SettingInvalid: The folder is there and is not the demo's, or cannot be written.
        WorkError: The shipped repository cannot be unpacked.
    """
    prepare_folder(folder, keep=keep)
    _isolate(folder)
    return build_request(
        StandardDevRequest,
        ticket=str(folder / TICKET.name),
        repository=str(folder / "tally"),
        model=f"recorded:{CASSETTE}",
    )


def prepare_folder(folder: Path, *, keep: bool) -> None:
    """Make the demo's folder with the repository and the ticket in it.

    Only a folder that an earlier demo made is ever removed.

    Raises:
        SettingInvalid: The folder is there and is not the demo's, or cannot be written.
        WorkError: The shipped repository cannot be unpacked.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            if not (folder / MARKER).is_file():
                raise SettingInvalid(
                    f"--folder {str(folder)!r}: the folder is there and no demo made it.",
                    hint="Name a folder that does not exist yet.",
                )
            if keep:
                return
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text("This folder is removed by the next `mergewright demo`.\n")
        shutil.copyfile(TICKET, folder / TICKET.name)
    except OSError as error:
        raise SettingInvalid(
            f"--folder {str(folder)!r}: {error.strerror}.",
            hint="Name a folder that can be written to, with --folder.",
        ) from error
    try:
        Repo.clone_from(str(BUNDLE), folder / "tally", branch="main").close()
    except GitError as error:
        raise WorkError(
            f"The shipped repository {str(BUNDLE)!r} cannot be unpacked: {error}",
            hint="See whether git works: mergewright doctor",
        ) from error


def _isolate(folder: Path) -> None:
    """Keep the demo away from the user's own Prefect and Mergewright, before either is set up."""
    environment = os.environ  # noqa: TID251 - Prefect reads its home from there at its import
    for name in [name for name in environment if name.startswith(FOREIGN_SETTINGS)]:
        del environment[name]
    environment["MERGEWRIGHT_HOME"] = str(folder / "home")
    environment["PREFECT_HOME"] = str(folder / "prefect")
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    environment["DO_NOT_TRACK"] = "1"
    from mergewright.clients.sandbox import probe  # noqa: PLC0415 - only where a check may run

    if probe().level < SandboxLevel.BUBBLEWRAP:
        environment["MERGEWRIGHT_ALLOW_UNSANDBOXED"] = "true"
    settings.cache_clear()


def _announce(console: Console, folder: Path) -> None:
    console.print(
        f"A demo of standard_dev in {place(str(folder))}: the ticket {TICKET.stem} on the "
        "repository 'tally', both shipped with Mergewright."
    )
    console.print(
        "The model's answers are recorded answers: no model is asked and nothing is paid. Agents, "
        "tools, edits, checks and gates are the real ones."
    )
    if settings().allow_unsandboxed:
        _announce_sandbox(console)
    console.print()


def _announce_sandbox(console: Console) -> None:
    from mergewright.clients.sandbox import probe  # noqa: PLC0415 - see _isolate

    found = probe()
    console.print(
        Text(
            f"NO SANDBOX: checks run at the level '{found.level.label}', because {found.reason}",
            style="bold yellow",
        )
    )
    console.print(
        "That is acceptable here and only here: the tests that run are the shipped repository's, "
        "and the code they test comes from the shipped recording. For any other repository a run "
        "refuses until a sandbox works."
    )
    console.print(Text(f"To mend it: {found.remedy}", style="bold"), soft_wrap=True)


def _print_next_steps(console: Console, folder: Path) -> None:
    store = open_event_store(settings().event_store_url)
    run_id = store.run_ids(limit=1)[0]
    report = report_of([stored.event for stored in store.read(run_id=run_id)])
    home = shlex.quote(place(str(settings().home)))
    shown = [report_path(run_id)]
    if report and report.page:
        shown.insert(0, Path(place(report.page.url)))
    if report and report.pull_request:
        shown.insert(0, Path(place(report.pull_request.url)))
    _print_commands(
        console,
        "Try next: the pull request, the page and the report, and the change",
        *(f"less {shlex.quote(place(str(path)))}" for path in shown),
        f"MERGEWRIGHT_HOME={home} {_program()} show last --diff",
    )
    _print_commands(
        console,
        "Your own repository, with a ticket in a Markdown file like "
        + place(str(folder / TICKET.name)),
        "export ANTHROPIC_API_KEY=...",
        f"{_program()} doctor",
        f"{_program()} run standard-dev TICKET.md --repo PATH --approve plan,change",
    )


def _program() -> str:
    """Return what a person types to start this program: it need not be on their PATH."""
    own = Path(sys.argv[0])
    found = shutil.which("mergewright")
    if found and Path(found).resolve() == own.resolve():
        return "mergewright"
    return shlex.quote(place(str(own))) if own.name == "mergewright" else "mergewright"


def _print_commands(console: Console, purpose: str, *commands: str) -> None:
    console.print(Text(f"\n{purpose}"))
    for command in commands:
        console.print(Text(f"  {command}"), soft_wrap=True)
