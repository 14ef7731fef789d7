"""The files of a message that is sent later: the log keeps its text, and what the files are made of."""

from mergewright.domain.approval_action import ApprovalQuestion
from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.delivery import Run
from mergewright.domain.notice import Notice, NoticeEvent, NoticeFile
from mergewright.events import projections
from mergewright.texts.notices import question_files, run_files
from tasks._runs import event_store

_ENDS = (NoticeEvent.DELIVERED, NoticeEvent.FAILED, NoticeEvent.NOT_READY, NoticeEvent.REHEARSED)


def with_files(run: Run, notice: Notice) -> Notice:
    """Return a message with the files that it had when it was first to be sent.

    What is to be approved comes from the question in the log, so that its digest holds. The report
    is as the run's end has it; before that there is none.

    Raises:
        StoreFailed: The log cannot be read.
    """
    if notice.approval is not None:
        return notice.model_copy(update={"files": _of_question(run, notice.approval)})
    if notice.event not in _ENDS:
        return notice
    report = projections.report_of(projections.read_events(event_store(), run.id))
    return notice.model_copy(update={"files": run_files(report) if report else ()})


def _of_question(run: Run, question: ApprovalQuestion) -> tuple[NoticeFile, ...]:
    stored = event_store().read(run_id=run.id, types=("approval_requested",))
    asked = (entry.event for entry in stored if isinstance(entry.event, ApprovalRequested))
    return next(
        (
            question_files(question.point, one.subject)
            for one in asked
            if (one.point, one.digest) == (question.point, question.digest)
        ),
        (),
    )
