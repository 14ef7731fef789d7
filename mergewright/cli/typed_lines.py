"""Lines that a person types at the terminal, completed with the tabulator key."""

import readline
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from mergewright.cli.formats import plain

SHOWN = 8
NO = ("n", "no")


def ask_line(
    console: Console, question: str, known: Sequence[str], default: str = "", told: str = ""
) -> str:
    """Ask for a line; empty takes the default.

    Args:
        console: Where the person sits.
        question: What is asked for.
        known: Answers to choose from and to complete with, whatever their case; others are taken too.
        default: What an empty line means.
        told: A remark about what there is to choose from.

    Raises:
        KeyboardInterrupt: The person ended it.
    """
    for line in shown_choices(known):
        console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
    if told:
        console.print(Text(f"  {plain(told)}", style="yellow"), soft_wrap=True)
    shown = f" [{default}]" if default else ""
    words = [plain(one).partition(" ")[0] for one in known]
    answer = _typed(f"{question}{shown}: ", words) or default
    meant = [one for one in words if one.casefold() == answer.casefold()]
    return meant[0] if len(meant) == 1 else answer


def ask_yes(console: Console, question: str) -> bool:
    """Ask a question that is answered with yes or no; empty is yes.

    Raises:
        KeyboardInterrupt: The person ended it.
    """
    console.print()
    return _typed(f"{question} [Y/n]: ", ()).lower() not in NO


def shown_choices(known: Sequence[str]) -> list[str]:
    """Return the choices as lines, so many as fit."""
    lines = [plain(one) for one in known[:SHOWN] if one]
    more = len(known) - SHOWN
    return [*lines, f"… and {more} more"] if more > 0 else lines


def completions(words: Sequence[str], begun: str) -> list[str]:
    """Return what a beginning may become, whatever its case."""
    return [one for one in words if one.casefold().startswith(begun.casefold())]


def _typed(prompt: str, words: Sequence[str]) -> str:
    def complete(begun: str, number: int) -> str | None:
        found = completions(words, begun)
        return found[number] if number < len(found) else None

    before, delimiters = readline.get_completer(), readline.get_completer_delims()
    readline.set_completer(complete)
    # keys, addresses and branches are one word each
    readline.set_completer_delims("\n")
    readline.parse_and_bind("tab: complete")
    try:
        return input(prompt).strip()
    except EOFError:
        raise KeyboardInterrupt from None
    finally:
        readline.set_completer(before)
        readline.set_completer_delims(delimiters)
