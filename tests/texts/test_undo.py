import pytest
from inline_snapshot import snapshot

from mergewright.domain.undo import UndoneEffect, UndoReport
from mergewright.texts.undo import closing_reason, correction, outcome_words, undo_report

BRANCH = UndoneEffect(
    effect="branch", target="fix/t-1", outcome="undone", reason="It held only ours."
)
PAGE = UndoneEffect(
    effect="page", target="deliveries/t|1", outcome="kept", reason="Changed <by> @hand since."
)
MESSAGE = UndoneEffect(
    effect="message", target="delivered", outcome="impossible", reason="It stays sent."
)


def test_the_correction_tells_what_is_gone_and_what_is_still_there():
    notice = correction(
        "t-1-abc",
        subject="T-1 delivered: *Totals*",
        url="https://example.org/1",
        effects=(PAGE, BRANCH, MESSAGE),
    )
    assert notice.subject == "Taken back: T-1 delivered: *Totals*"
    assert (notice.level, notice.url) == ("warning", "https://example.org/1")
    assert notice.body == snapshot("""\
You were told: *T-1 delivered: \\*Totals\\**. This does not hold any more: the run `t-1-abc` was undone.

Taken back:

- branch `fix/t-1`

Still there:

- page `deliveries/t|1`: Changed &lt;by> @\u200bhand since.\
""")


def test_a_long_subject_stays_on_one_line():
    told = correction("t-1-abc", subject="word " * 60 + "\nx", url="", effects=(BRANCH,))
    assert len(told.subject) <= 120
    assert "\n" not in told.subject
    assert "Still there" not in told.body


def test_the_report_tells_each_effect():
    report = UndoReport(run_id="t-1-abc", effects=(PAGE, BRANCH, MESSAGE), earlier=(BRANCH,))
    assert undo_report(report) == snapshot("""\
# Run `t-1-abc` undone

| Effect | What | Outcome | Why |
| --- | --- | --- | --- |
| page | `deliveries/t\\|1` | kept | Changed &lt;by> @\u200bhand since. |
| branch | `fix/t-1` | undone | It held only ours. |
| message | `delivered` | corrected | It stays sent. |

1 effect had been undone before.

What was kept stays as it is, for the reason told. Undo the run again once that reason is gone, or take it back by hand.
""")


def test_a_dry_run_says_so_and_nothing_left_too():
    assert "nothing was changed" in undo_report(UndoReport(run_id="t-1-abc", dry_run=True))
    assert "Nothing is left to undo." in undo_report(UndoReport(run_id="t-1-abc"))


@pytest.mark.parametrize(
    ("dry_run", "words"),
    [(False, ["kept", "undone"]), (True, ["would be kept", "would be undone"])],
)
def test_outcomes_in_words(dry_run, words):
    assert [outcome_words(effect, dry_run=dry_run) for effect in (PAGE, BRANCH)] == words


def test_a_closed_pull_request_names_the_run():
    assert "t-1-abc" in closing_reason("t-1-abc")
