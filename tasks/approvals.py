"""The stage in which a person decides: the question and the answer are events in the log."""

import hashlib
from datetime import timedelta

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.domain.delivery import Run
from mergewright.domain.events import ApprovalDecided, ApprovalRequested
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ApprovalDenied
from mergewright.events.journal import Journal
from tasks._policies import stage
from tasks._runs import journal_of
from tasks.notices import tell_answer, tell_question

POLL_SECONDS = 0.5
APPROVAL_TIMEOUT = timedelta(hours=24)


@stage("Ask for approval", run_name="Ask for approval of the {point}", kept=False)
def ask_approval(run: Run, point: ApprovalPoint, subject: str) -> str:
    """Ask a person and wait for the answer; return who approved.

    The answer is bound to the SHA-256 of what is shown: other text needs another answer.

    Raises:
        ApprovalDenied: The answer is no, or there was none within a day.
    """
    journal = journal_of(run, f"approve-{point}")
    digest = hashlib.sha256(subject.encode()).hexdigest()
    key = f"{point}:{digest}"
    request = journal.make(ApprovalRequested, key=key, point=point, digest=digest, subject=subject)
    journal.append(request)
    if journal.store.find(run.id, "approval_decided", key) is None:
        tell_question(run, request)
    decision = _wait(journal, key, point)
    tell_answer(run, request, decision)
    if not decision.approved:
        raise ApprovalDenied(
            f"The {point} was rejected by {decision.by}: {decision.comment or 'no reason given'}.",
            hint="No pull request was opened. Change the ticket and run again.",
        )
    return decision.by


def _wait(journal: Journal, key: str, point: ApprovalPoint) -> ApprovalDecided:
    def look() -> ApprovalDecided | None:
        found = journal.store.find(journal.run_id, "approval_decided", key)
        return found.event if found and isinstance(found.event, ApprovalDecided) else None

    waiting = Retrying(
        wait=wait_fixed(POLL_SECONDS),
        stop=stop_after_delay(APPROVAL_TIMEOUT),
        retry=retry_if_result(lambda answer: answer is None),
    )
    try:
        decision = waiting(look)
    except RetryError as error:
        raise ApprovalDenied(
            f"Nobody decided about the {point} within {APPROVAL_TIMEOUT}.",
            hint="Run the same command again: the work so far is kept.",
        ) from error
    if decision is None:  # pragma: no cover - the retry goes on until there is an answer
        raise ApprovalDenied(f"Nobody decided about the {point}.")
    return decision
