from decimal import Decimal
from io import StringIO

from rich.console import Console

from mergewright.cli.bars import Bar, Bars

BARS = Bars(
    (
        Bar("implement", Decimal("0.8"), Decimal("0.2"), Decimal(0)),
        Bar("plan", Decimal("0.25"), Decimal(0), Decimal("0.25")),
        Bar("a/" + "long/" * 20 + "name", Decimal("0.0001"), Decimal(0), Decimal(0)),
        Bar("nothing", Decimal(0), Decimal(0), Decimal(0)),
    )
)


def drawn(bars: Bars, *, width: int, encoding: str = "utf-8") -> list[str]:
    console = Console(file=StringIO(), width=width, legacy_windows=False)
    options = console.options.update(width=width)
    options.encoding = encoding
    lines = console.render_lines(bars, options, pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


def test_bars_are_as_long_as_their_amounts_on_one_scale():
    first, second, third, nothing, _, key = drawn(BARS, width=80)
    full = first.count("█") + first.count("▓")
    assert abs(first.count("▓") * 5 - full) <= 5
    assert second.count("█") == second.count("░")
    assert abs(second.count("█") * 4 - full) <= 4
    assert third.count("█") == 1
    assert "…" in third
    assert nothing.strip().split() == ["nothing", "$0.00"]
    assert "▓ unknown outcome, at the worst case" in key
    assert {len(line) for line in (first, second, third, nothing)} == {80}


def test_a_narrow_terminal_still_shows_a_bar():
    for line in drawn(BARS, width=30)[:3]:
        assert len(line) == 30
        assert "█" in line


def test_every_part_has_a_cell_of_its_own():
    tiny = Bars((Bar("x", Decimal(100), Decimal("0.01"), Decimal("0.01")),))
    (line,) = drawn(tiny, width=40)[:1]
    assert (line.count("▓"), line.count("░")) == (1, 1)


def test_a_terminal_that_knows_ascii_only_gets_ascii():
    lines = drawn(BARS, width=80, encoding="ascii")
    assert "".join(lines).isascii()
    assert "#" in lines[0]


def test_bars_of_one_kind_need_no_key():
    assert len(drawn(Bars((Bar("plan", Decimal(1), Decimal(0), Decimal(0)),)), width=60)) == 1
