"""The command line: which commands there are, and how each way to end becomes an exit code.

It is imported whole for `--help` and `--version`, so that what only a fault needs is imported then.
"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from cyclopts import App, CycloptsError
from rich.console import Console

from mergewright.cli.exit_codes import BROKEN_PIPE, INTERRUPTED, OK
from mergewright.cli.output import PersonConsole, print_error
from mergewright.errors import MergewrightError, SettingInvalid

EPILOGUE = """**Start here**

```
mergewright demo
mergewright doctor
mergewright run standard-dev TICKET.md --repo PATH_OR_URL
```
"""
ROOM = "mergewright.cli"
HELP_FLAGS = {"--help", "-h"}


def package_version() -> str:
    """Return the version that is installed."""
    try:
        return f"mergewright {version('mergewright')}"
    except PackageNotFoundError:
        return "mergewright (not installed)"


app = App(
    name="mergewright",
    help="From a ticket to a reviewed pull request.",
    help_epilogue=EPILOGUE,
    version=package_version,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
    console=PersonConsole(),
)
# by name: a command's module is imported when the command is
app.command(f"{ROOM}.run:app", name="run", help="Run a workflow here and now, and watch it.")
app.command(f"{ROOM}.docs:app", name="docs", help="Look at the documentation of a repository.")
app.command(f"{ROOM}.audit:app", name="audit", help="Prove that a run's log is as it was written.")
app.command(
    f"{ROOM}.effects:app",
    name="effects",
    help="List what runs went on without, and do it later.",
)
app.command(f"{ROOM}.notices:app", name="notices", help="Send messages that were kept for people.")
app.command(f"{ROOM}.tickets:app", name="tickets", help="Find, read, make and begin tickets.")
app.command(
    f"{ROOM}.profile:app", name="profile", help="Make, apply, show and try delivery profiles."
)
for module, command, purpose in (
    ("demo", "demo", "Take a shipped ticket to a pull request: no key, no account, no cost."),
    ("runs", "runs", "List runs, newest first."),
    ("show", "show", "Show a run: outcome, stages, gates, costs, change."),
    ("resume", "resume", "Go on with an interrupted run where it stopped."),
    (
        "compare",
        "compare",
        "Run a team's old script and a workflow on one ticket, and compare what came of both.",
    ),
    ("replay", "replay", "Execute a run again from its recorded answers, and compare."),
    ("follow_up", "follow_up", "Answer people's review comments on a run's pull request."),
    ("undo", "undo", "Take back what a run did outside, as far as nobody built on it."),
    ("close", "close", "Close a run that nobody goes on with, and tell its ticket."),
    (
        "costs",
        "costs",
        "Show what model calls cost, by stage, agent, model, day, repository or run.",
    ),
    ("approvals", "approve", "Approve what a run waits for."),
    ("approvals", "reject", "Reject what a run waits for, and say why."),
    ("approvals", "question", "Show what a run waits for; a plan as a document to edit."),
    (
        "services",
        "services",
        "Show how each service outside is doing, and whether it is called now.",
    ),
    ("workflows", "workflows", "List the workflows; of one, its parameters and deployments."),
    ("doctor", "doctor", "Check this machine, and say what to do about each fault."),
    ("serve", "serve", "Start a Prefect server and a worker with the workflows deployed."),
    ("deployments", "deploy", "Bring a Prefect server to the state that the deployment files say."),
    ("setup", "setup", "Register the blocks with Prefect."),
    ("record", "record", "Keep a run's model answers in a file to play back."),
):
    app.command(f"{ROOM}.{module}:{command}", name=command.replace("_", "-"), help=purpose)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; see `mergewright.cli.exit_codes`."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        return _run(words)
    except MergewrightError as error:
        print_error(error, as_json=as_json)
        return error.exit_code
    except KeyboardInterrupt:
        Console(stderr=True).print("Interrupted.", style="yellow")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has gone, and Python would complain once more when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the one edge where nothing may pass
        from mergewright.cli.faults import report_fault  # noqa: PLC0415 - see above

        return report_fault(error, as_json=as_json)


def _run(words: list[str]) -> int:
    if HELP_FLAGS & set(words):
        _teach(words)
    try:
        result = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        command = " ".join(["mergewright", *(error.command_chain or ())])
        raise SettingInvalid(str(error), hint=f"See: {command} --help") from error
    except ValueError as error:
        from mergewright.cli.faults import bad_setting  # noqa: PLC0415 - see above

        told = bad_setting(error)
        if told is None:
            raise
        raise told from error
    return result if isinstance(result, int) else OK


def _teach(words: Sequence[str]) -> None:
    """Let the help of the command that is named be its whole docstring.

    The list of commands shows one line of each, without importing any; Cyclopts shows no more than
    that line afterwards either. Source: `cyclopts.command_spec` 5.4.0, read 2026-11-20.
    """
    command = app
    for word in words:
        if word.startswith("-") or word not in command:
            return
        command = command[word]
        if command.default_command is not None:
            command.help = None


if __name__ == "__main__":
    sys.exit(main())
