"""What goes on after a pull request is open: what others found wrong with it, and our answer."""

from collections.abc import Sequence

from mergewright.domain.pull_request import ExternalChecks, ReviewComment
from mergewright.domain.review import CriterionVerdict
from mergewright.texts.escaping import one_line
from mergewright.texts.templates import render

MAX_LOG_CHARACTERS = 3000
MAX_COMMENT_CHARACTERS = 4000
MAX_CRITERION_CHARACTERS = 300
MAX_COMMENTS = 50


def external_complaint(seen: ExternalChecks) -> str:
    """Say which checks of others failed, with the ends of their logs: data, whoever wrote it."""
    parts = ["Our own checks passed, and these checks of the code host failed on the change:"]
    for check in seen.failed:
        parts.append(f"{check.name}: {check.summary}".rstrip(": "))
        if check.log:
            parts.append(f"End of its log:\n{check.log[-MAX_LOG_CHARACTERS:]}")
    return "\n\n".join(parts)


def review_complaint(comments: Sequence[ReviewComment]) -> str:
    """Say what people asked for in review: data, whoever wrote it."""
    parts = ["People reviewed the pull request. Do what they ask for, as far as it is sound:"]
    parts += [
        f"{_about(comment)} wrote:\n{comment.body.strip()[:MAX_COMMENT_CHARACTERS]}"
        for comment in comments[:MAX_COMMENTS]
    ]
    parts.append(
        "Where a comment only asks a question, change nothing for it and answer it in `summary`."
    )
    return "\n\n".join(parts)


def review_criteria(comments: Sequence[ReviewComment]) -> tuple[str, ...]:
    """Return what people asked for as criteria that a reviewer judges by."""
    return tuple(
        f"The review comment of {_about(comment)} is dealt with: "
        + one_line(comment.body, MAX_CRITERION_CHARACTERS)
        for comment in comments[:MAX_COMMENTS]
    )


def answer(comments: Sequence[ReviewComment], *, summary: str, commit: str) -> str:
    """Return what people are told who commented: one remark for all of their comments.

    Args:
        comments: What they said.
        summary: What was done, in the words of who did it.
        commit: Where it was done; empty when nothing was changed.
    """
    shown = [(comment, _about(comment)) for comment in comments[:MAX_COMMENTS]]
    return render("answer", comments=shown, summary=summary, commit=commit)


def thread_answer(
    comments: Sequence[ReviewComment],
    *,
    summary: str,
    commit: str,
    verdicts: Sequence[CriterionVerdict],
) -> str:
    """Return what people are told in one thread: what was done, and what shows it for their comments.

    Args:
        comments: What they said there.
        summary: What was done in all, in the words of who did it.
        commit: Where it was done; empty when nothing was changed.
        verdicts: What a reviewer found of all that was asked for.
    """
    asked = set(review_criteria(comments))
    shown = dict.fromkeys(one.evidence for one in verdicts if one.met and one.criterion in asked)
    told = "\n\n".join((summary, *(f"Shown by: {evidence}" for evidence in shown)))
    return answer(comments, summary=told, commit=commit)


def _about(comment: ReviewComment) -> str:
    place = f" on {comment.path}" if comment.path else ""
    line = f":{comment.line}" if comment.path and comment.line else ""
    return f"{comment.author}{place}{line}"
