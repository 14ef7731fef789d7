"""Adding to what is published: what others found wrong with it is repaired and pushed on top."""

from functools import partial

from flows._approving import settle_change, settle_publish
from flows._improving import Understanding, improve
from flows._work import Work
from mergewright.domain.changeset import Changeset, ImplementationSummary
from tasks import guards
from tasks.branch_updates import own_part, push_further


def push_improved(
    work: Work,
    known: Understanding,
    changeset: Changeset,
    asked: str,
    *,
    rounds: int | None = None,
    may_stay: bool = False,
) -> Changeset:
    """Have a published change repaired and judged by all gates; push it as a further commit.

    The commit goes on top of the one that the report names, and is named there afterwards. A dry
    run pushes nothing.

    Args:
        work: The run under way.
        known: What is known about the base.
        changeset: The change as it is published.
        asked: What others want of it.
        rounds: How often it may be sent back; empty takes what the request says.
        may_stay: Whether nothing need be changed.

    Raises:
        WorkError: It could not be repaired within the rounds.
        PolicyError: The guard, the budget or a person refused.
        ServiceError: The repository refused or did not answer.
    """
    head, place = work.delivery.commit, known.workspace
    improved = improve(work, known, changeset, asked, rounds=rounds, may_stay=may_stay)
    if improved.digest == changeset.digest:
        _tell(work, changeset, improved)
        return improved
    improved = settle_change(
        work, known, improved, partial(_guard_further, work, known, changeset, head)
    )
    if work.run.dry_run:
        return improved
    settle_publish(work)
    commit = work.do(
        f"push-{work.round}", push_further, known.ticket, place, improved, head, work.round
    )
    work.learn(commit=commit)
    return improved


def _guard_further(
    work: Work, known: Understanding, published: Changeset, head: str, improved: Changeset
) -> None:
    """Guard what is added to what is published, and have the report tell of both."""
    _tell(work, published, improved)
    own = own_part(known.workspace, head, improved)
    stage_id = f"guard-{work.round}"
    work.gate(stage_id, work.do(stage_id, guards.guard_change, known.workspace, own))


def _tell(work: Work, published: Changeset, improved: Changeset) -> None:
    summary = joined(published.summary, improved.summary)
    work.learn(changeset=improved.model_copy(update={"summary": summary}))


def joined(first: ImplementationSummary, further: ImplementationSummary) -> ImplementationSummary:
    """Tell of the whole change: the subject stays, what was done since comes below."""
    return ImplementationSummary(
        summary=f"{first.summary}\n\n{further.summary}",
        commit_subject=first.commit_subject,
        notes=tuple(dict.fromkeys((*first.notes, *further.notes))),
    )
