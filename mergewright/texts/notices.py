"""What people are told while a run goes on and when it ends: one notice per event.

Each is a subject, a few details at a glance, Markdown to read and links; how a medium shows them is
the medium's affair. Text of a ticket or a model is escaped before it becomes Markdown.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from mergewright.domain.approval_action import ApprovalQuestion
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.notice import Notice, NoticeDetail, NoticeEvent, NoticeFile, NoticeLink
from mergewright.domain.release import Release
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.ticket import Ticket
from mergewright.domain.undo import UndoReport
from mergewright.texts.approvals import beginning
from mergewright.texts.delivery import MAX_TITLE_CHARACTERS, notice, one_line_cut, report
from mergewright.texts.escaping import inline
from mergewright.texts.facts import public_address
from mergewright.texts.templates import count, duration, render, unpaid, usd

MAX_QUESTION_CHARACTERS = 6000
"""What is asked about may hold a whole diff; a message shows its beginning."""

_TICKET = "Ticket"
_CENT = Decimal("0.01")

_EVENTS = {
    Outcome.DELIVERED: NoticeEvent.DELIVERED,
    Outcome.REHEARSED: NoticeEvent.REHEARSED,
    Outcome.NOTHING_TO_DO: NoticeEvent.DELIVERED,
    Outcome.NOT_READY: NoticeEvent.NOT_READY,
    Outcome.FAILED: NoticeEvent.FAILED,
}


def started(run: Run, ticket: Ticket) -> Notice:
    """Return the message that work on a ticket has begun."""
    details = {
        "Repository": public_address(run.repository),
        "Base": run.base,
        "Budget": _money(run.budget_usd),
        "Reported by": ticket.reporter,
    }
    return Notice(
        subject=_subject(ticket, "started"),
        body=render("notice_started", run=run).strip(),
        url=ticket.url,
        url_label=_TICKET,
        event=NoticeEvent.STARTED,
        run_id=run.id,
        details=_details(details),
    )


def on_call(run: Run, ticket: Ticket, release: Release, severity: str) -> Notice:
    """Return the message that a fault in a release is being mended."""
    details = {
        "Severity": severity,
        "Release": release.name,
        "Repository": public_address(run.repository),
        "Reported by": ticket.reporter,
    }
    return Notice(
        subject=_subject(ticket, f"hotfix of {release.name} begun"),
        body=render("notice_on_call", run=run, release=release, severity=severity).strip(),
        url=ticket.url,
        url_label=_TICKET,
        level="warning",
        event=NoticeEvent.ON_CALL,
        run_id=run.id,
        details=_details(details),
    )


def approval_wanted(
    run: Run,
    ticket: Ticket,
    point: ApprovalPoint,
    *,
    digest: str,
    subject: str,
    until: datetime | None = None,
    needed: int = 1,
    people: Iterable[str] = (),
    again: bool = False,
) -> Notice:
    """Return the message that a run waits for a person's decision.

    Args:
        run: The run.
        ticket: What it works on.
        point: What is to be decided about.
        digest: SHA-256 of what the answer is bound to.
        subject: Markdown that shows it.
        until: Until when it may be answered; None is for ever.
        needed: How many people must approve.
        people: Who may, by mail address or name.
        again: Whether it is a reminder.
    """
    told = {"point": point.value, "until": until, "needed": needed, "again": again}
    asked = "still waits" if again else "waits"
    return Notice(
        subject=_subject(ticket, f"{asked} for your yes to the {point}"),
        body=render("notice_approval", run=run, **told).strip()
        + f"\n\n{beginning(subject, MAX_QUESTION_CHARACTERS)}",
        url=ticket.url,
        url_label=_TICKET,
        level="warning",
        event=NoticeEvent.APPROVAL_WANTED,
        run_id=run.id,
        people=tuple(dict.fromkeys(one for one in (*people, ticket.reporter) if one)),
        approval=ApprovalQuestion(run_id=run.id, point=point, digest=digest),
        files=question_files(point, subject),
    )


def question_files(point: ApprovalPoint, subject: str) -> tuple[NoticeFile, ...]:
    """Return what goes with a question: what is to be decided about."""
    return (NoticeFile(name=f"{point}.md", media_type="text/markdown", text=subject),)


def approval_answered(question: Notice, *, approved: bool, by: str) -> Notice:
    """Return what the message that asked says once it is answered: nothing is to be pressed."""
    return _closed(question, f"**{'Approved' if approved else 'Rejected'}** by {inline(by)}.")


def approval_expired(question: Notice) -> Notice:
    """Return what the message that asked says once its time is over: nothing is to be pressed."""
    return _closed(question, "**Nobody answered in time.**")


def approval_closed(question: Notice) -> Notice:
    """Return what the message that asked says once its run was closed: nothing is to be pressed."""
    return _closed(question, "**The run was closed: there is nothing left to answer.**")


def _closed(question: Notice, came: str) -> Notice:
    return question.model_copy(
        update={
            "body": f"{came}\n\n{question.body}",
            "level": "information",
            "approval": None,
            "files": (),
            "people": (),
        }
    )


def pull_request_opened(delivery: Delivery) -> Notice:
    """Return the message that there is a pull request to review."""
    return _of_delivery(delivery, "pull request opened", NoticeEvent.PULL_REQUEST_OPENED)


def cost_alarm(
    run: Run, ticket: Ticket | None, *, spent_usd: Decimal, cap_usd: Decimal, calls: int = 0
) -> Notice:
    """Return the message that a run has spent much of what it may.

    Args:
        run: The run.
        ticket: What it works on, if that is known yet.
        spent_usd: What it has spent and holds back.
        cap_usd: What it may spend.
        calls: Model calls that were paid for.
    """
    part = f"{spent_usd / cap_usd:.0%}" if cap_usd else "all"
    details = {
        "Spent": _money(spent_usd),
        "Budget": _money(cap_usd),
        "Paid for": count(calls, "model call") if calls else "",
    }
    return Notice(
        subject=_subject(ticket, f"has used {part} of its budget", run.id),
        body=render("notice_cost", run=run, part=part).strip(),
        url=ticket.url if ticket else "",
        url_label=_TICKET,
        level="warning",
        event=NoticeEvent.COST_ALARM,
        run_id=run.id,
        details=_details(details),
    )


def finished(delivery: Delivery) -> Notice:
    """Return the message how a run ended: delivered, rehearsed, not ready or failed."""
    return _of_delivery(delivery, delivery.outcome.value, _EVENTS[delivery.outcome])


def undone(undo: UndoReport, ticket: Ticket | None = None) -> Notice:
    """Return the message that what a run did was taken back, as far as that was possible."""
    kept = [effect for effect in undo.effects if effect.outcome in {"kept", "impossible"}]
    gone = [effect for effect in undo.effects if effect.outcome in {"undone", "already"}]
    return Notice(
        subject=_subject(ticket, "undone" if undo.complete else "undone in part", undo.run_id),
        body=render("notice_undone", undo=undo, gone=gone, kept=kept).strip(),
        url=ticket.url if ticket else "",
        url_label=_TICKET,
        level="information" if undo.complete else "warning",
        event=NoticeEvent.UNDONE,
        run_id=undo.run_id,
    )


def daily_digest(notices: Sequence[Notice]) -> Notice:
    """Return one message with what several would have said, the warnings first."""
    ordered = sorted(notices, key=lambda one: one.level != "warning")
    warnings = sum(one.level == "warning" for one in notices)
    told = f", {count(warnings, 'warning')}" if warnings else ""
    return Notice(
        subject=f"{count(len(notices), 'message')} since the last digest{told}",
        body=render("notice_digest", notices=ordered).strip(),
        level="warning" if warnings else "information",
    )


def run_files(delivery: Delivery) -> tuple[NoticeFile, ...]:
    """Return what goes with the last message of a run: its report, and its change as a patch."""
    report_file = NoticeFile(name="report.md", media_type="text/markdown", text=report(delivery))
    diff = delivery.changeset.diff if delivery.changeset else ""
    if not diff:
        return (report_file,)
    name = delivery.ticket.key if delivery.ticket else delivery.run_id
    patch = NoticeFile(name=f"{name}.patch", media_type="text/x-patch", text=diff)
    return report_file, patch


def _of_delivery(delivery: Delivery, what: str, event: NoticeEvent) -> Notice:
    ticket, costs, request = delivery.ticket, delivery.costs, delivery.pull_request
    changes = delivery.changeset.files if delivery.changeset else ()
    lines = (sum(file.additions for file in changes), sum(file.deletions for file in changes))
    details = {
        "Branch": delivery.branch,
        "Changed": f"{count(len(changes), 'file')}, +{lines[0]} -{lines[1]}" if changes else "",
        "Cost": _money(costs.settled_usd)
        + (" (recorded, not paid)" if delivery.recorded else unpaid(costs)),
        "Took": duration((delivery.finished_at - delivery.started_at).total_seconds()),
    }
    links = [
        *([(_TICKET, ticket.url)] if ticket else []),
        *([("Page", delivery.page.url)] if delivery.page else []),
    ]
    told = notice(delivery)
    return told.model_copy(
        update={
            "subject": _subject(ticket, what, delivery.run_id),
            "event": event,
            "url_label": f"Pull request #{request.number}" if request else _TICKET,
            "run_id": delivery.run_id,
            "details": _details(details),
            "links": tuple(
                NoticeLink(label=label, url=url)
                for label, url in links
                if url not in {"", told.url}
            ),
            "people": (ticket.reporter,) if ticket and ticket.reporter else (),
            "files": () if event is NoticeEvent.PULL_REQUEST_OPENED else run_files(delivery),
        }
    )


def _subject(ticket: Ticket | None, what: str, otherwise: str = "") -> str:
    text = f"{ticket.key} {what}: {ticket.title}" if ticket else f"{otherwise} {what}"
    return one_line_cut(text, MAX_TITLE_CHARACTERS)


def _money(amount: Decimal) -> str:
    return f"{amount:.2f} USD" if amount >= _CENT else usd(amount)


def _details(told: dict[str, str]) -> tuple[NoticeDetail, ...]:
    return tuple(NoticeDetail(name=name, value=value) for name, value in told.items() if value)
