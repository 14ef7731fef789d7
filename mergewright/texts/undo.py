"""What people read when a run is undone: the reason on the pull request, the correction, the report."""

from mergewright.domain.notice import Notice
from mergewright.domain.undo import MESSAGE, UndoneEffect, UndoReport
from mergewright.texts.delivery import one_line_cut
from mergewright.texts.templates import render

MAX_SUBJECT_CHARACTERS = 120

_WORDS = {
    "undone": ("undone", "would be undone"),
    "already": ("gone already", "gone already"),
    "kept": ("kept", "would be kept"),
    "impossible": ("corrected", "would be corrected"),
}


def outcome_words(effect: UndoneEffect, *, dry_run: bool = False) -> str:
    """Say what came of undoing an effect, or would come of it."""
    return _WORDS[effect.outcome][dry_run]


def closing_reason(run_id: str) -> str:
    """Return what the readers of a pull request are told when it is closed."""
    return f"Run {run_id}, which opened it, was undone."


def correction(run_id: str, *, subject: str, url: str, effects: tuple[UndoneEffect, ...]) -> Notice:
    """Return the message to people who were told of something that was taken back.

    Args:
        run_id: The run.
        subject: Subject of what they were told.
        url: Where it led them.
        effects: What came of undoing the run's other effects.
    """
    others = [effect for effect in effects if effect.effect != MESSAGE]
    return Notice(
        subject=one_line_cut(f"Taken back: {subject}", MAX_SUBJECT_CHARACTERS),
        body=render(
            "correction",
            run_id=run_id,
            subject=subject,
            gone=[effect for effect in others if effect.outcome != "kept"],
            kept=[effect for effect in others if effect.outcome == "kept"],
        ).strip(),
        url=url,
        level="warning",
    )


def undo_report(report: UndoReport) -> str:
    """Return what came of undoing a run as Markdown."""
    rows = [(effect, outcome_words(effect, dry_run=report.dry_run)) for effect in report.effects]
    return render("undo", report=report, rows=rows)
