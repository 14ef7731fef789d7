from inline_snapshot import snapshot

from mergewright.domain.delivery import Outcome
from mergewright.texts.endings import closed_comment, closing_error, salvage_comment


def ended(delivery, **fields):
    changes = {"outcome": Outcome.FAILED, "run_id": "track-42-abc", "pull_request": None}
    return delivery.model_copy(update=changes | fields)


def test_a_closed_run_says_where_it_was_and_why():
    told = "The run was interrupted in stage 'plan' and closed: the machine was replaced."
    assert closing_error("plan", "the machine was replaced.\n") == told
    assert closing_error("") == (
        "The run was interrupted and closed: no process works on it, and nobody goes on with it."
    )


def test_the_ticket_is_told_that_a_run_is_closed(delivery):
    error = closing_error("plan", "@ada asked <b>us</b>")
    assert closed_comment(ended(delivery, error=error, hint="Start another run.")) == snapshot("""\
**Closed.** Run `track-42-abc` will not go on.

The run was interrupted in stage 'plan' and closed: @\u200bada asked &lt;b>us&lt;/b>

What to do: Start another run.
""")


def test_the_ticket_is_told_where_the_change_of_a_failed_run_is(delivery):
    failed = ended(delivery, error="It still fails: #7.", hint="Try another model.")
    assert salvage_comment(failed, "wip/fix/track-42") == snapshot("""\
**Not delivered.** Run `track-42-abc` ended before there was a pull request.

It still fails: #\u200b7.

What to do: Try another model.

What it had changed by then is on the branch `wip/fix/track-42`. It has not passed its gates: look at it, build on it or delete it, but do not merge it as it is.
""")


def test_a_change_that_was_not_pushed_is_not_promised(delivery):
    told = salvage_comment(ended(delivery, error="It still fails.", hint=""), "")
    assert "could not be pushed" in told
    assert "branch" not in told
    assert "What to do" not in told
