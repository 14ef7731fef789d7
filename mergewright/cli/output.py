"""Where output goes: a person reads the console, a program reads JSON on standard output."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.text import Text

from mergewright.cli.formats import plain_lines
from mergewright.errors import MergewrightError, SettingInvalid


class PersonConsole(Console):
    """A console whose reader may go away: an error, where Rich would exit with its own code."""

    def on_broken_pipe(self) -> NoReturn:
        """Tell the command line's one edge.

        Raises:
            BrokenPipeError: Always.
        """
        raise BrokenPipeError


def human_console(*, as_json: bool = False) -> Console:
    """Return the console for people: standard error when standard output belongs to JSON."""
    # a file of its own: what is redirected while a live view is shown does not redirect the view
    return PersonConsole(file=sys.stderr if as_json else sys.stdout, highlight=False)


def print_text(text: str) -> None:
    """Write text to standard output exactly as it is, for a program to read."""
    sys.stdout.write(text)
    sys.stdout.flush()


def print_json(document: Mapping[str, Any] | list[Any]) -> None:
    """Write one JSON document to standard output."""
    print_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def refuse_existing(path: Path, *, option: str, force: bool) -> None:
    """See that a file that an option names may be written.

    Raises:
        SettingInvalid: It is there, and nobody said `--force`.
    """
    if path.exists() and not force:
        raise SettingInvalid(
            f"{option} {str(path)!r}: the file is there already.",
            hint="Choose another name, or replace it with --force.",
        )


def write_file(path: Path, text: str, *, option: str) -> None:
    """Write a file that an option names.

    Raises:
        SettingInvalid: It cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingInvalid(
            f"{option} {str(path)!r}: {error.strerror}.", hint="Name a file that can be written."
        ) from error


def error_document(error: MergewrightError) -> dict[str, Any]:
    """Return the JSON form of an error."""
    return {
        "error": {
            "type": type(error).__name__,
            "message": error.message,
            "hint": error.hint,
            "exit_code": error.exit_code,
            "run_id": error.run_id,
            "step": error.step,
        }
    }


def print_error(error: MergewrightError, *, as_json: bool) -> None:
    """Tell what happened and what to do next, on standard error and, if asked, as JSON."""
    console = Console(stderr=True, highlight=False)
    for label, style, text in (
        ("error:", "bold red", error.message),
        ("hint:", "bold", error.hint),
    ):
        if text:
            console.print(Text.assemble((label, style), " ", plain_lines(text)), soft_wrap=True)
    if as_json:
        print_json(error_document(error))
