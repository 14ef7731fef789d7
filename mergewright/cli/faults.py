"""What the command line tells of an error that is not one of ours: a bad setting, or a fault."""

import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from mergewright.cli.exit_codes import FAULT
from mergewright.cli.options import explain_setting
from mergewright.cli.output import print_json
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact
from mergewright.settings import Settings, settings


def bad_setting(error: ValueError) -> SettingInvalid | None:
    """Say which environment variable is wrong; nothing where the error is about something else."""
    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return explain_setting(error)
    return None


def report_fault(error: Exception, *, as_json: bool) -> int:
    """Tell of a fault in Mergewright, keep its traceback, and return the exit code."""
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
