import io
from datetime import UTC, datetime

from rich.console import Console

from mergewright.cli.effects import effect_document, print_effects, print_retried
from mergewright.domain.open_effects import EffectsReport, OpenEffect, RetriedEffect
from tests.cli import example_log

RUN = "shop-12-3f9a1c"


def shown(print_it, value):
    stream = io.StringIO()
    print_it(Console(file=stream, width=60, highlight=False), value)
    return stream.getvalue()


def test_what_is_open_is_told_with_why_and_what_does_it():
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    page = OpenEffect(
        run_id=RUN, stage="page", effect="page", target="deliveries/shop-12\x1b[2J",
        wanted_at=at, reason="The wiki does not answer.",
    )  # fmt: skip
    kept = page.model_copy(
        update={"effect": "message", "wanted": {"due_at": "2026-05-05T06:00:00Z"}, "reason": ""}
    )
    text = shown(print_effects, [page, kept])
    assert "\x1b" not in text
    assert f"of {RUN}, wanted" in text
    assert "  The wiki does not answer.\n" in text
    assert f"→ mergewright effects retry {RUN}\n" in text
    assert "(due 2026-05-05T06:00:00Z)" in text
    assert "→ mergewright notices send-due\n" in text


def test_what_was_refused_for_good_comes_last_and_by_itself():
    at = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
    start = OpenEffect(
        run_id=RUN, stage="ticket-start", effect="start", target="SHOP-12", wanted_at=at,
        refused=True, reason="The account may not.",
    )  # fmt: skip
    labels = start.model_copy(update={"effect": "labels", "target": "#1"})
    later, gone = shown(print_effects, [start, labels]).split("Refused, and nothing does it later:")
    assert "labels #1" in later
    assert f"→ mergewright effects retry {RUN}\n" in later
    assert "start SHOP-12" in gone
    assert "  refused: The account may not.\n" in gone
    assert "→" not in gone
    assert effect_document(start)["can_be_retried"] is False
    assert effect_document(labels)["refused"] is True


def test_what_came_of_it_is_told():
    report = EffectsReport(
        effects=(
            RetriedEffect(
                run_id=RUN, effect="page", target="a", outcome="done", reference="https://w/1"
            ),
            RetriedEffect(
                run_id=RUN,
                effect="message",
                target="b",
                outcome="open",
                reason="Gone.",
                hint="Ask.",
            ),
        )
    )
    text = shown(print_retried, report)
    assert f"done         page a of {RUN} (https://w/1)\n" in text
    assert f"still open   message b of {RUN}\n             Gone.\n             Ask.\n" in text
    assert not report.complete


def test_nothing_is_open_and_a_run_must_be_named(home, mergewright):
    example_log.write(home, example_log.delivered())
    done = mergewright("effects", "list")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Nothing is open.\n"
    neither = mergewright("effects", "retry")
    assert neither.returncode == 2
    assert "name a run, or ask for all of them" in neither.stderr
    unknown = mergewright("effects", "retry", "nope")
    assert unknown.returncode == 8
    assert "There is no run 'nope'" in unknown.stderr
