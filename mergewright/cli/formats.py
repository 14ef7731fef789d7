"""Numbers, instants and places as a person reads them in a terminal."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

MINUTE_SECONDS = 60
HOUR_SECONDS = 3600
CENT = Decimal("0.01")
TEN_SECONDS = 10


def duration(seconds: float) -> str:
    """Return a span like `0.4s`, `12s`, `1m 05s` or `2h 03m`."""
    seconds = max(seconds, 0.0)
    if round(seconds, 1) < TEN_SECONDS:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < MINUTE_SECONDS:
        return f"{whole}s"
    if whole < HOUR_SECONDS:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def money(amount_usd: Decimal | float) -> str:
    """Return an amount like `$0.42`; what is not nothing is never shown as nothing."""
    amount = Decimal(str(amount_usd))
    if Decimal(0) < amount < CENT:
        return "<$0.01"
    return f"${amount.quantize(CENT, rounding=ROUND_HALF_UP)}"


def instant(at: datetime) -> str:
    """Return an instant of the last year in the local time zone, to the minute."""
    return at.astimezone().strftime("%b %d %H:%M")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an `s` unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def place(name: str) -> str:
    """Return a path as short as it can be written from here; anything else as it is."""
    path = Path(name.removeprefix("file://"))
    if not path.is_absolute():
        return name
    for start, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(start) and path != start:
            return f"{prefix}{path.relative_to(start)}"
    return str(path)


def plain(text: str) -> str:
    """Return untrusted text as one line that cannot steer a terminal."""
    return " ".join(plain_lines(text).split())


def plain_lines(text: str) -> str:
    """Return untrusted text without anything but printable characters and line ends."""
    return "".join(
        character if character == "\n" or character.isprintable() else " " for character in text
    )
