"""A notice as the two texts of a mail: HTML with inline style, and plain text."""

import html
import re
from collections.abc import Sequence

from mergewright.domain.notice import Notice, NoticeLink
from mergewright.texts.escaping import visible
from mergewright.texts.markup import is_web_address, markdown_html, render_html

_ACCENTS = {"warning": "#d97706", "information": "#16a34a"}
_CODE_OR_ESCAPE = re.compile(
    r"(?P<code>(?<!`)(?P<run>`+)(?!`).+?(?<!`)(?P=run)(?!`))"
    r"|\\(?P<sign>[!-/:-@\[-`{-~])|(?P<entity>&(?:lt|gt|amp|quot);)"
)
_ZERO_WIDTH_SPACE = "\u200b"


def mail_text(notice: Notice) -> str:
    """Return a notice as plain text: Markdown as people type it, without its escapes."""
    details = "\n".join(f"{detail.name}: {_flat(detail.value)}" for detail in notice.details)
    links = "\n".join(f"{_flat(link.label)}: {_flat(link.url)}" for link in _links(notice))
    run = f"-- \nRun {_flat(notice.run_id)}" if notice.run_id else ""
    parts = (details, _plain(visible(notice.body).strip()), links, run)
    return "\n\n".join(part for part in parts if part) + "\n"


def mail_html(notice: Notice, *, note: str = "") -> str:
    """Return a notice as an HTML document that needs nothing else.

    Args:
        notice: What to tell.
        note: Plain text about the mail itself, as what is not attached.
    """
    links = _links(notice)
    return render_html(
        "notice",
        notice=notice,
        subject=_flat(notice.subject),
        event=notice.event.value if notice.event else "",
        accent=_ACCENTS[notice.level],
        details=[(detail.name, _flat(detail.value)) for detail in notice.details],
        body=markdown_html(notice.body),
        links=[link for link in links if is_web_address(link.url)],
        places=[link for link in links if not is_web_address(link.url)],
        note=note,
    )


def _links(notice: Notice) -> Sequence[NoticeLink]:
    first = NoticeLink(label=notice.url_label, url=notice.url)
    return [link for link in (first, *notice.links) if link.url]


def _flat(text: str) -> str:
    return " ".join(visible(text).split())


def _plain(markdown: str) -> str:
    lines: list[str] = []
    fence = ""
    for line in markdown.replace(_ZERO_WIDTH_SPACE, "").split("\n"):
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif mark:
            fence = mark[0]
        else:
            line = _CODE_OR_ESCAPE.sub(_unescaped, line)  # noqa: PLW2901 - the same line, plain
        lines.append(line)
    return "\n".join(lines)


def _unescaped(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    return found["sign"] or html.unescape(found["entity"])
