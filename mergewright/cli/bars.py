"""Horizontal bars of money, as wide as the terminal allows."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, OverflowMethod, RenderResult
from rich.text import Text

from mergewright.cli.formats import money

MAX_WIDTH = 100
MAX_LABEL_WIDTH = 40
LEAST_BAR_WIDTH = 10
GAP = 2


class Part(NamedTuple):
    """How one part of a bar is drawn."""

    name: str
    glyph: str
    plain_glyph: str
    style: str


PARTS = (
    Part("settled", "█", "#", "green"),
    Part("unknown outcome, at the worst case", "▓", "?", "bold red"),
    Part("reserved", "░", ".", "yellow"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar and its parts, in USD."""

    label: str
    known: Decimal
    unknown: Decimal
    reserved: Decimal

    @property
    def amounts(self) -> tuple[Decimal, Decimal, Decimal]:
        """The parts, in the order in which they are drawn."""
        return self.known, self.unknown, self.reserved


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars on one scale, with a key to their parts where there is more than one."""

    bars: tuple[Bar, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, MAX_WIDTH)
        amounts = [money(sum(bar.amounts, Decimal(0))) for bar in self.bars]
        amount_width = max(map(len, amounts), default=0)
        room = width - amount_width - 2 * GAP
        label_width = min(
            max((len(bar.label) for bar in self.bars), default=0),
            MAX_LABEL_WIDTH,
            max(room - LEAST_BAR_WIDTH, 1),
        )
        bar_width = max(room - label_width, 1)
        most = max((sum(bar.amounts, Decimal(0)) for bar in self.bars), default=Decimal(0))
        for bar, amount in zip(self.bars, amounts, strict=True):
            label = Text(bar.label)
            overflow: OverflowMethod = "crop" if options.ascii_only else "ellipsis"
            label.truncate(label_width, overflow=overflow, pad=True)
            drawn = _draw(bar, bar_width, most, ascii_only=options.ascii_only)
            drawn.pad_right(bar_width - drawn.cell_len)
            gap = " " * GAP
            yield Text.assemble(label, gap, drawn, gap, amount.rjust(amount_width))
        if any(bar.unknown or bar.reserved for bar in self.bars):
            yield _key(ascii_only=options.ascii_only)


def _draw(bar: Bar, width: int, most: Decimal, *, ascii_only: bool) -> Text:
    """Return a bar; what is not nothing has a cell of its own, however small."""
    drawn = Text()
    present = [(part, amount) for part, amount in zip(PARTS, bar.amounts, strict=True) if amount]
    for place, (part, amount) in enumerate(present, start=1):
        room = width - drawn.cell_len - (len(present) - place)
        cells = min(max(int(amount / most * width), 1), room)
        drawn.append((part.plain_glyph if ascii_only else part.glyph) * cells, style=part.style)
    return drawn


def _key(*, ascii_only: bool) -> Text:
    key = Text("\n")
    for part in PARTS:
        key.append(part.plain_glyph if ascii_only else part.glyph, style=part.style)
        key.append(f" {part.name}   ", style="dim")
    key.rstrip()
    return key
