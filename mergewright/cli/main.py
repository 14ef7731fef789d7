"""The command line: which commands there are, and how each way to end becomes an exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cyclopts import App, CycloptsError
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from mergewright.cli.exit_codes import BROKEN_PIPE, FAULT, INTERRUPTED, OK
from mergewright.cli.options import explain_setting
from mergewright.cli.output import PersonConsole, print_error, print_json
from mergewright.errors import MergewrightError, SettingInvalid
from mergewright.safety.redaction import redact
from mergewright.settings import Settings, settings

EPILOGUE = """**Start here**

```
mergewright demo
mergewright doctor
mergewright run standard-dev TICKET.md --repo PATH_OR_URL
```
"""
ROOM = "mergewright.cli"


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
app.command(f"{ROOM}.audit:app", name="audit", help="Prove that a run's log is as it was written.")
app.command(
    f"{ROOM}.effects:app",
    name="effects",
    help="List what runs went on without, and do it later.",
)
app.command(f"{ROOM}.notices:app", name="notices", help="Send messages that were kept for people.")
app.command(
    f"{ROOM}.profile:app", name="profile", help="Make, apply, show and try delivery profiles."
)
for module, command, purpose in (
    ("demo", "demo", "Take a shipped ticket to a pull request: no key, no account, no cost."),
    ("runs", "runs", "List runs, newest first."),
    ("show", "show", "Show a run: outcome, stages, gates, costs, change."),
    ("resume", "resume", "Go on with an interrupted run where it stopped."),
    ("replay", "replay", "Execute a run again from its recorded answers, and compare."),
    ("follow_up", "follow_up", "Answer people's review comments on a run's pull request."),
    ("undo", "undo", "Take back what a run did outside, as far as nobody built on it."),
    ("close", "close", "Close an interrupted run that nobody goes on with, and tell its ticket."),
    (
        "costs",
        "costs",
        "Show what model calls cost, by stage, agent, model, day, repository or run.",
    ),
    ("approvals", "approve", "Approve what a run waits for."),
    ("approvals", "reject", "Reject what a run waits for, which ends the run."),
    (
        "services",
        "services",
        "Show how each service outside is doing, and whether it is called now.",
    ),
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
        return _report_fault(error, as_json=as_json)


def _run(words: list[str]) -> int:
    try:
        result = app(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        command = " ".join(["mergewright", *(error.command_chain or ())])
        raise SettingInvalid(str(error), hint=f"See: {command} --help") from error
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        raise explain_setting(error) from error
    return result if isinstance(result, int) else OK


def _report_fault(error: Exception, *, as_json: bool) -> int:
    message = f"Mergewright failed: {type(error).__name__}: {redact(str(error))}"
    try:
        where = f"The traceback is in {str(_write_traceback(error))!r}."
    except (OSError, ValidationError):
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
        where = "The traceback is above: the home folder cannot be written."
    for text in (message, where):
        Console(stderr=True, highlight=False).print(Text(text), soft_wrap=True)
    if as_json:
        document = {"type": type(error).__name__, "message": message, "hint": where}
        print_json({"error": {**document, "exit_code": FAULT}})
    return FAULT


def _write_traceback(error: Exception) -> Path:
    folder = settings().home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"fault-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    path.write_text(redact("".join(traceback.format_exception(error))), encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
