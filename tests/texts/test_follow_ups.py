"""What agents and people read after a pull request is open."""

from datetime import UTC, datetime

from mergewright.domain.pull_request import (
    ExternalCheck,
    ExternalChecks,
    ExternalCheckStatus,
    ReviewComment,
)
from mergewright.texts.follow_ups import (
    MAX_LOG_CHARACTERS,
    answer,
    external_complaint,
    review_complaint,
    review_criteria,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)
COMMENTS = (
    ReviewComment(
        id="1", kind="line", author="ada", body="Use `sum`.", created_at=AT, path="a.py", line=3,
        url="https://github.com/t/s/pull/1#r1",
    ),
    ReviewComment(id="2", kind="review", author="bob", body="<b>Why</b>?\n\n| x |", created_at=AT),
)  # fmt: skip


def test_failed_checks_come_with_the_end_of_their_logs():
    log = "first line\n" + "x" * MAX_LOG_CHARACTERS
    checks = (
        ExternalCheck(name="integration", status=ExternalCheckStatus.FAILED, summary="1 of 9", log=log),
        ExternalCheck(name="style", status=ExternalCheckStatus.FAILED),
        ExternalCheck(name="build", status=ExternalCheckStatus.PASSED, summary="fine"),
    )  # fmt: skip
    text = external_complaint(ExternalChecks(commit="a" * 40, checks=checks, complete=True))
    assert "integration: 1 of 9\n\nEnd of its log:\nxxx" in text
    assert "first line" not in text
    assert text.endswith("\n\nstyle")
    assert "build" not in text


def test_comments_are_told_with_author_and_place():
    text = review_complaint(COMMENTS)
    assert "ada on a.py:3 wrote:\nUse `sum`." in text
    assert "bob wrote:\n<b>Why</b>?" in text
    assert review_criteria(COMMENTS) == (
        "The review comment of ada on a.py:3 is dealt with: Use `sum`.",
        "The review comment of bob is dealt with: <b>Why</b>? | x |",
    )


def test_the_answer_names_each_comment_and_escapes_what_people_wrote():
    text = answer(COMMENTS, summary="It uses `sum` now.", commit="c" * 40)
    assert text.startswith(f"Thank you. This was done in `{'c' * 12}`:\n")
    assert "- [ada on a.py:3](https://github.com/t/s/pull/1#r1): Use `sum`." in text
    assert "<b>" not in text
    assert "Nothing was changed" in answer(COMMENTS, summary="It is right.", commit="")
