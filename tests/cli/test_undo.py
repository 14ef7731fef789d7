import io

from rich.console import Console

from mergewright.cli.undo import print_undo
from mergewright.domain.undo import UndoneEffect, UndoReport
from tests.cli import example_log


def shown(report):
    stream = io.StringIO()
    print_undo(Console(file=stream, width=40, highlight=False), report)
    return stream.getvalue()


def effect(kind, outcome, **fields):
    common = {"effect": kind, "target": "x", "outcome": outcome, "reason": f"{outcome} it is."}
    return UndoneEffect(**common | fields)


def test_each_effect_is_told_with_its_reason():
    report = UndoReport(
        run_id="t-1-abc",
        effects=(
            effect("page", "kept", reference="/wiki/x\x1b[2J.md", reason="Changed\nby hand."),
            effect("branch", "undone", reference="c" * 40),
            effect("message", "impossible", reference="https://chat.example.org/1"),
        ),
    )
    text = shown(report)
    assert (
        "kept                page x\n                    Changed by hand. (/wiki/x [2J.md)\n"
        in text
    )
    assert "undone              branch x\n                    undone it is.\n" in text
    assert "corrected           message x\n" in text
    assert "(https://chat.example.org/1)" in text
    assert "the same command tries again" in text
    assert not report.complete


def test_a_dry_run_says_what_would_come_of_it():
    text = shown(UndoReport(run_id="t-1-abc", dry_run=True, effects=(effect("page", "undone"),)))
    assert "nothing was changed" in text
    assert "would be undone     page x" in text


def test_nothing_left_is_told():
    text = shown(UndoReport(run_id="t-1-abc", earlier=(effect("page", "already"),)))
    assert "Nothing is left to undo of t-1-abc." in text
    assert "1 effect was undone before." in text


def test_a_run_that_nobody_knows_is_named_before_anything_is_started(home, mergewright):
    example_log.write(home, example_log.delivered())
    done = mergewright("undo", "nope", "--dry-run")
    assert done.returncode == 8
    assert "There is no run 'nope'" in done.stderr
    assert "Prefect" not in done.stdout
