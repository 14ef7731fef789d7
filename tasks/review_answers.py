"""The stage that answers people's review comments: in the thread of each, or below the pull request."""

import hashlib
from collections import defaultdict
from typing import NamedTuple

from mergewright.clients.code_host import CodeHost, ThreadReplying
from mergewright.domain.delivery import Run
from mergewright.domain.pull_request import ReviewComment
from mergewright.domain.review import CriterionVerdict, Review
from mergewright.domain.undo import REMARK, REPLY
from mergewright.errors import NotFound
from mergewright.events.journal import Journal
from mergewright.texts.follow_ups import answer, thread_answer
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import RemarkWanted, ReplyWanted
from tasks.follow_ups import Reviewed

Comments = tuple[ReviewComment, ...]


class Done(NamedTuple):
    """What was done about review comments."""

    summary: str
    commit: str
    """Where; empty when nothing was changed."""
    verdicts: tuple[CriterionVerdict, ...] = ()
    """What shows for each comment that it is dealt with."""


@stage("Answer the review comments", kept=False)
def answer_reviews(
    run: Run, reviewed: Reviewed, summary: str, commit: str, review: Review | None
) -> tuple[str, ...]:
    """Say what was done about each comment: in its thread, or in one remark for all others; return where.

    Args:
        run: The run.
        reviewed: What people said.
        summary: What was done.
        commit: Where; empty when nothing was changed.
        review: What shows for each comment that it is dealt with; None when nothing was judged.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    profile = profile_of(run)
    host, journal = profile.code_host.connect(), journal_of(run, "answer", profile)
    verdicts = review.criteria if review else ()
    return answer_all(run, journal, host, reviewed, Done(summary, commit, verdicts))


def answer_all(
    run: Run, journal: Journal, host: CodeHost, reviewed: Reviewed, done: Done
) -> tuple[str, ...]:
    """Write the answers as effects; return where they are.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    number = reviewed.pull_request.number
    where: list[str] = []
    others: list[ReviewComment] = []
    for thread, comments in _by_thread(reviewed.comments).items():
        if not (thread and isinstance(host, ThreadReplying)):
            others += comments
            continue
        wanted = ReplyWanted(
            repository=run.repository,
            number=number,
            marker=run.id,
            body=thread_answer(comments, **done._asdict()),
            answers=_ids(comments),
            thread=thread,
        )
        try:
            where.append(_reply(journal, host, wanted))
        except NotFound as error:
            journal.note(f"{error.message} It is answered below the pull request.")
            others += comments
    if others:
        wanted_remark = RemarkWanted(
            repository=run.repository,
            number=number,
            marker=run.id,
            body=answer(others, summary=done.summary, commit=done.commit),
            answers=_ids(tuple(others)),
        )
        where.append(_remark(journal, host, wanted_remark))
    return tuple(where)


def _by_thread(comments: Comments) -> dict[str, Comments]:
    """Return comments by their thread, in the order of its first; under no name those without one."""
    found: defaultdict[str, Comments] = defaultdict(tuple)
    for comment in comments:
        found[comment.thread] += (comment,)
    return found


def _reply(journal: Journal, host: ThreadReplying, wanted: ReplyWanted) -> str:
    return perform(
        journal,
        effect=REPLY,
        target=_target(wanted),
        form=str,
        wanted=wanted,
        act=lambda: host.reply(
            wanted.repository, wanted.number, wanted.thread, wanted.body, marker=wanted.marker
        ),
        reference=str,
    )


def _remark(journal: Journal, host: CodeHost, wanted: RemarkWanted) -> str:
    return perform(
        journal,
        effect=REMARK,
        target=_target(wanted),
        form=str,
        wanted=wanted,
        act=lambda: host.remark(
            wanted.repository, wanted.number, wanted.body, marker=wanted.marker
        ),
        reference=str,
    )


def _target(wanted: RemarkWanted) -> str:
    digest = hashlib.sha256("\n".join(wanted.answers).encode()).hexdigest()[:12]
    return f"#{wanted.number}:{digest}"


def _ids(comments: Comments) -> tuple[str, ...]:
    return tuple(comment.id for comment in comments)
