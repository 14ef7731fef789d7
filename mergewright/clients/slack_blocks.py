"""A notice as Block Kit: title, whom it concerns, details, text, links, buttons and where it is from.

Every limit of Slack is kept here, for it refuses a message that breaks one: 50 blocks; header 150
characters, section 3 000 or 10 fields of 2 000, button text 75 and value 2 000, context 10 elements.
All mrkdwn is `verbatim`: Slack then makes no links or mentions of its own out of plain words.

Source: docs.slack.dev/reference/block-kit (blocks, composition objects, block elements), 2026-11-20.
"""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Any

from mergewright.clients.service_words import one_line
from mergewright.clients.slack_text import (
    MAX_SECTION_CHARACTERS,
    cut_at_word,
    escape,
    link,
    linkable,
    sections,
    to_mrkdwn,
)
from mergewright.domain.approval_action import APPROVE, REJECT, ApprovalQuestion, action_value
from mergewright.domain.notice import Notice

MAX_HEADER_CHARACTERS = 150
MAX_TEXT_SECTIONS = 40
"""Slack takes 50 blocks; the rest is for what stands around the text."""
MAX_FIELDS = 10
MAX_FIELD_CHARACTERS = 2000
MAX_FALLBACK_CHARACTERS = 3000
MAX_PEOPLE = 20
APPROVAL_BLOCK = "mergewright.approval"

SLACK_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
SLACK_GROUP = re.compile(r"S[A-Z0-9]{1,30}")

_CUT = "_… cut here: the message was too long._"

Block = dict[str, Any]


def fallback_of(notice: Notice) -> str:
    """Return the line for notifications and for readers without blocks, as mrkdwn."""
    line = f"{_sign(notice)}{one_line(notice.subject)}"
    return cut_at_word(escape(line), MAX_FALLBACK_CHARACTERS)


def blocks_of(
    notice: Notice, *, mentions: Mapping[str, str] | None = None, with_buttons: bool = True
) -> list[Block]:
    """Return the notice as Block Kit blocks.

    Args:
        notice: What to tell.
        mentions: Slack's id of a person or group, by mail address or name in lower case.
        with_buttons: Whether an approval can be given here.
    """
    parts = (
        _header(notice),
        _people(notice, mentions or {}),
        _details(notice),
        _text(notice),
        _links(notice),
        _buttons(notice.approval) if notice.approval and with_buttons else [],
        _context(notice),
    )
    return list(chain.from_iterable(parts))


def _header(notice: Notice) -> list[Block]:
    title = cut_at_word(f"{_sign(notice)}{one_line(notice.subject)}", MAX_HEADER_CHARACTERS)
    text = {"type": "plain_text", "text": title, "emoji": False}
    return [{"type": "header", "text": text}] if title else []


def _people(notice: Notice, mentions: Mapping[str, str]) -> list[Block]:
    named = [mentions.get(name.casefold(), "") for name in notice.people[:MAX_PEOPLE]]
    told = [_mention(slack_id) for slack_id in dict.fromkeys(named) if slack_id]
    return [_section(f"For {', '.join(told)}")] if told else []


def _mention(slack_id: str) -> str:
    return f"<!subteam^{slack_id}>" if SLACK_GROUP.fullmatch(slack_id) else f"<@{slack_id}>"


def _details(notice: Notice) -> list[Block]:
    fields = [
        _mrkdwn(cut_at_word(f"*{escape(one_line(detail.name))}*\n{shown}", MAX_FIELD_CHARACTERS))
        for detail in notice.details[:MAX_FIELDS]
        if (shown := escape(one_line(detail.value)))
    ]
    return [{"type": "section", "fields": fields}] if fields else []


def _text(notice: Notice) -> list[Block]:
    parts = list(sections(to_mrkdwn(notice.body)))
    blocks = [_section(part) for part in parts[:MAX_TEXT_SECTIONS]]
    if len(parts) > MAX_TEXT_SECTIONS:
        rest = f" {link(notice.url, 'Read the rest')}" if linkable(notice.url) else ""
        blocks.append(_section(f"{_CUT}{rest}"))
    return blocks


def _links(notice: Notice) -> list[Block]:
    places = [(notice.url_label, notice.url), *((one.label, one.url) for one in notice.links[:10])]
    shown = [
        link(url, cut_at_word(one_line(label), 75))
        if linkable(url)
        else f"{escape(one_line(label))}: {cut_at_word(escape(one_line(url)), 1000)}"
        for label, url in places
        if url
    ]
    return [_section(part) for part in sections("\n".join(shown))][:3] if shown else []


def _buttons(question: ApprovalQuestion) -> list[Block]:
    value = action_value(question)
    sure = {
        "title": _plain("Reject?"),
        "text": _plain(f"The run ends. It has waited for the {question.point.value}."),
        "confirm": _plain("Reject"),
        "deny": _plain("Cancel"),
        "style": "danger",
    }
    approve = {**_button("Approve", APPROVE, value), "style": "primary"}
    reject = {**_button("Reject", REJECT, value), "style": "danger", "confirm": sure}
    return [{"type": "actions", "block_id": APPROVAL_BLOCK, "elements": [approve, reject]}]


def _button(label: str, action_id: str, value: str) -> Block:
    return {"type": "button", "text": _plain(label), "action_id": action_id, "value": value}


def _context(notice: Notice) -> list[Block]:
    told = [f"run {notice.run_id}" if notice.run_id else "", notice.event or ""]
    parts = [one_line(part) for part in told if part]
    if not parts:
        return []
    text = cut_at_word(escape(" · ".join(["Mergewright", *parts])), 500)
    return [{"type": "divider"}, {"type": "context", "elements": [_mrkdwn(text)]}]


def _sign(notice: Notice) -> str:
    return "⚠️ " if notice.level == "warning" else ""


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text[:MAX_SECTION_CHARACTERS])}
