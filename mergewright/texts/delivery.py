"""What people read about a run: pull request, page, comments, notice, report."""

import re
import shlex

from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.notice import Notice
from mergewright.domain.readiness import Readiness, ReadinessVerdict
from mergewright.domain.ticket import Ticket
from mergewright.domain.triage import Triage
from mergewright.texts.commits import commit_subject
from mergewright.texts.escaping import Markdown, one_line
from mergewright.texts.facts import facts, public_address
from mergewright.texts.pull_request_template import fill_template
from mergewright.texts.templates import render

__all__ = [
    "cut_diff",
    "notice",
    "page_body",
    "pull_request_body",
    "pull_request_title",
    "questions_comment",
    "report",
    "ticket_comment",
]

MAX_TITLE_CHARACTERS = 120
MAX_PULL_REQUEST_CHARACTERS = 60_000
"""Source: GitHub answers 422 to more than 65 536 (renovatebot/renovate issue 2032)."""
MAX_DIFF_LINES = 3000
MAX_DIFF_CHARACTERS = 150_000

_ISSUE = re.compile(
    r"https?://(?P<host>[^/?#\s]+)/(?P<repository>[\w.-]+/[\w.-]+)/issues/(?P<number>[0-9]{1,9})",
    re.ASCII,
)

_OPENINGS = {
    ReadinessVerdict.READY: "This ticket can be worked on; one thing should be known before.",
    ReadinessVerdict.UNCLEAR: "This ticket cannot be worked on as it is. No change was made.",
    ReadinessVerdict.DUPLICATE: "There is work on this ticket already. No change was made.",
    ReadinessVerdict.DONE: "This ticket seems to be done already. No change was made.",
}
_NEXT_STEPS = {
    ReadinessVerdict.READY: "Nothing has to be done.",
    ReadinessVerdict.UNCLEAR: "Answer in the description or in a comment, then start the run again.",
    ReadinessVerdict.DUPLICATE: "Finish or close that work, then start the run again.",
    ReadinessVerdict.DONE: "If something is missing, say in the description what it is, move the "
    "ticket back, and start the run again.",
}


def pull_request_title(ticket: Ticket, changeset: Changeset) -> str:
    """Return `KEY: subject` on one line."""
    return one_line_cut(commit_subject(ticket, changeset), MAX_TITLE_CHARACTERS)


def pull_request_body(
    delivery: Delivery, triage: Triage | None = None, *, template: str = ""
) -> str:
    """Return the Markdown that a reviewer reads first.

    Args:
        delivery: The report so far.
        triage: Who is asked for a review and why, and whether it is a draft.
        template: The repository's own template; empty for ours.
    """
    triage = triage or Triage()
    told = {"triage": triage, "closing": closing_words(delivery, draft=triage.draft)}
    body = render("pull_request", **facts(delivery), **told)
    if template and delivery.ticket:
        linked = render("_ticket", **facts(delivery), **told).strip()
        body = fill_template(template, body, ticket=linked, gates=delivery.gates)
    if len(body) <= MAX_PULL_REQUEST_CHARACTERS:
        return body
    kept = body[:MAX_PULL_REQUEST_CHARACTERS].rpartition("\n")[0]
    marks = re.findall(r"^`{3,}", kept, re.MULTILINE)
    closing = f"\n{marks[-1]}" if len(marks) % 2 else ""
    return f"{kept}{closing}\n\n*… cut here: the text was too long. The run's report holds all.*\n"


def closing_words(delivery: Delivery, *, draft: bool = False) -> Markdown:
    """Return the words by which GitHub closes an issue when the change is merged; or none.

    Source: docs.github.com, "Linking a pull request to an issue", read 2026-11-20.

    Args:
        delivery: The report so far.
        draft: A draft only mentions the issue: it may never be finished.
    """
    issue = _ISSUE.fullmatch(delivery.ticket.url) if delivery.ticket else None
    if issue is None:
        return Markdown("")
    own = re.sub(r"(?:\.git)?/*$", "", public_address(delivery.repository)).lower()
    theirs = f"{issue['host']}/{issue['repository']}".lower()
    is_same = re.sub(r"^[a-z+]+://|^[^@/]*@", "", own).replace(":", "/", 1) == theirs
    name = "" if is_same else issue["repository"]
    return Markdown(f"{'Part of' if draft else 'Closes'} {name}#{issue['number']}")


def page_body(delivery: Delivery) -> str:
    """Return the documentation page of a change: what is different, why and how."""
    return render("page", **facts(delivery))


def ticket_comment(delivery: Delivery) -> str:
    """Return what the ticket's readers are told at the end of a run."""
    return render("ticket_comment", **facts(delivery))


def questions_comment(ticket: Ticket, readiness: Readiness) -> str:
    """Return what stands in the way of working on a ticket, as questions to its author."""
    return render(
        "questions",
        ticket=ticket,
        readiness=readiness,
        opening=Markdown(_OPENINGS[readiness.verdict]),
        next_step=Markdown(_NEXT_STEPS[readiness.verdict]),
    )


def notice(delivery: Delivery) -> Notice:
    """Return the message to people at the end of a run."""
    about = delivery.ticket.key if delivery.ticket else delivery.run_id
    title = f": {delivery.ticket.title}" if delivery.ticket else ""
    url = delivery.pull_request.url if delivery.pull_request else ""
    good = delivery.outcome in {Outcome.DELIVERED, Outcome.REHEARSED, Outcome.NOTHING_TO_DO}
    return Notice(
        subject=one_line_cut(f"{about} {delivery.outcome.value}{title}", MAX_TITLE_CHARACTERS),
        body=render("ticket_comment", **facts(delivery)).strip(),
        url=url or (delivery.ticket.url if delivery.ticket else ""),
        level="information" if good else "warning",
    )


def report(delivery: Delivery) -> str:
    """Return the final report of a run as Markdown."""
    diff, rest = cut_diff(delivery.changeset.diff if delivery.changeset else "")
    compared = delivery.comparison
    old_diff, old_rest = cut_diff(compared.diff if compared else "")
    results = delivery.checks.results if delivery.checks else ()
    checks = [(result, shlex.join(result.argv)) for result in results]
    return render(
        "report",
        **facts(delivery),
        diff=diff,
        diff_rest=rest,
        old_diff=old_diff,
        old_diff_rest=old_rest,
        checks=checks,
    )


def one_line_cut(text: str, limit: int) -> str:
    """Return a plain text on one line of at most `limit` characters."""
    line = one_line(text, len(text))
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def cut_diff(diff: str) -> tuple[str, int]:
    """Return the part of a diff that is shown, and how many lines are left out."""
    lines = diff.splitlines()
    kept = diff[:MAX_DIFF_CHARACTERS].splitlines()[:MAX_DIFF_LINES]
    if len(kept) < len(lines) and len(diff) > MAX_DIFF_CHARACTERS:
        kept = kept[:-1]
    return "\n".join(kept), len(lines) - len(kept)
