"""Commit messages: what `git log` shows for ever, and what hosts act upon."""

import re
import textwrap

from mergewright.domain.changeset import Changeset
from mergewright.domain.ticket import Ticket
from mergewright.texts.escaping import visible

MAX_SUBJECT_CHARACTERS = 72
MAX_BODY_CHARACTERS = 4000

_GAP = "\u200b"
_SKIP_CI = re.compile(r"\[((?:skip|no)[ -](?:ci|actions)|(?:ci|actions)[ -]skip)\]", re.IGNORECASE)
_SPEAKS_TO_HOSTS = re.compile(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)")
_TRAILER = re.compile(
    r"^([a-z-]+-by|skip-checks|request-checks|change-id|ticket|mergewright-run):",
    re.IGNORECASE | re.MULTILINE,
)
_RULE = re.compile(r"[-=*_#~`\s]*")
_BULLET = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s+")


def commit_message(ticket: Ticket, changeset: Changeset, run_id: str) -> str:
    """Return the message of a change's commit: subject, wrapped body, trailers.

    The model's words cannot bring trailers, mention people, close issues or switch CI off.
    Source: git-interpret-trailers(1); docs.github.com, "Skipping workflow runs".
    """
    subject = commit_subject(ticket, changeset)
    short = textwrap.shorten(subject, MAX_SUBJECT_CHARACTERS, placeholder=" …")
    # One long word leaves nothing to shorten at.
    if len(short) <= len(f"{ticket.key}: …"):
        short = subject[: MAX_SUBJECT_CHARACTERS - 1].rstrip() + "…"
    body = _wrapped(changeset.summary.summary)
    if short != subject:
        body = f"{textwrap.fill(subject, MAX_SUBJECT_CHARACTERS)}\n\n{body}".strip()
    trailers = f"Ticket: {ticket.key}\nMergewright-Run: {run_id}"
    return "\n\n".join(part for part in (short, body, trailers) if part) + "\n"


def commit_subject(ticket: Ticket, changeset: Changeset) -> str:
    """Return `KEY: subject` on one line of any length."""
    subject = " ".join(_silenced(changeset.summary.commit_subject).split()).rstrip(".")
    said = re.match(rf"\[?{re.escape(ticket.key)}\b\]?[\s:-]*", subject, re.IGNORECASE)
    subject = subject[said.end() :] if said and said.end() < len(subject) else subject
    return f"{ticket.key}: {subject or ' '.join(ticket.title.split())}"


def _silenced(text: str) -> str:
    text = _SKIP_CI.sub(r"(\1)", visible(text))
    return _SPEAKS_TO_HOSTS.sub(lambda found: found[0] + _GAP, text)


def _wrapped(text: str) -> str:
    if len(text) > MAX_BODY_CHARACTERS:
        text = f"{text[:MAX_BODY_CHARACTERS].rstrip()} …"
    paragraphs: list[list[str]] = [[]]
    for line in _silenced(text).split("\n"):
        line_text = line.strip()
        # A line of dashes ends the message for tools that read patches from mails.
        if _RULE.fullmatch(line_text):
            paragraphs.append([])
        elif _BULLET.match(line_text):
            paragraphs[-1].append(line_text)
        elif paragraphs[-1]:
            paragraphs[-1][-1] += f" {line_text}"
        else:
            paragraphs[-1].append(line_text)
    return "\n\n".join(
        _TRAILER.sub(r"\1 -", "\n".join(_item(item) for item in paragraph))
        for paragraph in paragraphs
        if paragraph
    )


def _item(text: str) -> str:
    found = _BULLET.match(text)
    return textwrap.fill(
        text,
        MAX_SUBJECT_CHARACTERS,
        subsequent_indent=" " * len(found[0]) if found else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
