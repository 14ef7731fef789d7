from decimal import Decimal
from pathlib import Path

import pytest

from mergewright.cli.formats import count, duration, money, place, plain, plain_lines


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0s"),
        (0.44, "0.4s"),
        (9.99, "10s"),
        (12.4, "12s"),
        (59.7, "1m 00s"),
        (65, "1m 05s"),
        (3599.9, "1h 00m"),
        (7380, "2h 03m"),
    ],
)
def test_durations_are_short(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("0.0004", "<$0.01"), ("0.417", "$0.42"), ("12", "$12.00"), (3.0, "$3.00")],
)
def test_money_is_never_shown_as_nothing_when_it_is_something(amount, text):
    assert money(Decimal(amount) if isinstance(amount, str) else amount) == text


def test_counts_take_an_s_unless_one():
    assert [count(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


def test_places_are_written_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place(str(tmp_path / "a" / "b")) == "a/b"
    assert place(f"file://{tmp_path}/a") == "a"
    assert place(str(Path.home() / "x")) in {"~/x", "x"}
    assert place("/srv/git/tally") == "/srv/git/tally"
    assert place("https://host/x.git") == "https://host/x.git"
    assert place("TALLY-7") == "TALLY-7"


def test_untrusted_text_cannot_steer_the_terminal():
    hostile = "a\x1b]0;title\x07b\x1b[2J\nc\u202ed"
    assert plain(hostile) == "a ]0;title b [2J c d"
    assert plain_lines(hostile).count("\n") == 1
    assert "\x1b" not in plain_lines(hostile)
