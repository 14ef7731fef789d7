"""What a service says, as one line that may stand in an error or a message."""

from typing import Final

MAX_CHARACTERS: Final = 400


def one_line(text: str) -> str:
    """Return a text on one line, with a blank for what does not print."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def shortened(text: str, max_characters: int = MAX_CHARACTERS) -> str:
    """Return a text on one line that is not too long, with a mark where it was cut."""
    line = one_line(text)
    return line if len(line) <= max_characters else f"{line[:max_characters]}…"
