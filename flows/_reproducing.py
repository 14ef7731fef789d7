"""Showing a fault by a test before anything is mended: no reproduction, no fix."""

from flows._improving import Understanding
from flows._work import Work
from mergewright.domain.changeset import Changeset
from mergewright.errors import NotReady
from tasks import reproductions, tickets


def reproduce(work: Work, known: Understanding) -> None:
    """Have the fault shown by a test that is red on the base; ask the ticket where that fails.

    Raises:
        NotReady: The fault does not show; the ticket was told what was tried, and asked.
        WorkError: The agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    earlier: Changeset | None = None
    complaint, attempt = "", 0
    while True:
        inputs = (*known, earlier, complaint, attempt)
        found = work.do(f"reproduce-{attempt}", reproductions.reproduce, *inputs)
        work.learn(reproduction=found)
        if found.shows_the_fault:
            return
        attempt += 1
        if not found.answer.reproduced or attempt == work.policy.reproduction_rounds:
            break
        complaint = reproductions.complaint_of(found)
        earlier = None if found.changeset.is_empty else found.changeset
    readiness = reproductions.not_reproduced(found, work.delivery.release)
    work.learn(questions=readiness.questions)
    if not work.run.dry_run:
        work.do("ask", tickets.ask_questions, known.ticket, readiness)
    raise NotReady(
        " ".join(readiness.reasons),
        hint="Answer on the ticket: " + " ".join(readiness.questions),
        run_id=work.run.id,
    )
