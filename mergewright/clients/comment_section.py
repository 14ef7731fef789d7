"""The part of a ticket file that holds comments: below the description, between HTML comments.

Each comment that was written here carries its marker, so that it is replaced and not repeated.
What a person adds by hand between the comments is read as a comment too: the natural place for
an answer to a question.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from mergewright.domain.ticket import Comment

AUTHOR = "mergewright"

_OPEN = "<!-- mergewright:comments -->"
_CLOSE = "<!-- /mergewright:comments -->"
_END = "<!-- /mergewright:comment -->"
_SECTION = re.compile(
    rf"^{_OPEN}[ \t]*\r?\n(?:## Comments[ \t]*\r?\n)?(?P<inside>.*?)(?:^{_CLOSE}[ \t]*(?:\r?\n|\Z)|\Z)",
    re.DOTALL | re.MULTILINE,
)
_BLOCK = re.compile(
    rf"^<!-- mergewright:comment (?P<about>\{{[^\r\n]*\}}) -->[ \t]*\r?\n(?P<body>.*?)^{_END}[ \t]*\r?$",
    re.DOTALL | re.MULTILINE,
)
_OURS = re.compile(r"<!--(?=\s*/?mergewright:)")


class _Block(NamedTuple):
    marker: str
    author: str
    created_at: datetime
    body: str
    body_start: int
    body_end: int
    start: int
    end: int


def split_comments(text: str) -> tuple[str, str]:
    """Return a text without its comment section, and the section as it stands."""
    found = _SECTION.search(text)
    if found is None:
        return text, ""
    return text[: found.start()] + text[found.end() :], found[0]


def neutralise(text: str) -> str:
    """Return a text that only looks as if it had a comment section of ours."""
    return _OURS.sub("&lt;!--", text)


def read_comments(text: str, *, hand: str, fallback_at: datetime) -> tuple[Comment, ...]:
    """Return the comments of a ticket file in their order.

    Args:
        text: The whole file.
        hand: Author of what somebody wrote in by hand.
        fallback_at: Instant of hand-written comments that stand before all others.
    """
    found = _SECTION.search(text)
    if found is None:
        return ()
    comments: list[Comment] = []
    at, place = fallback_at, found.start("inside")
    for block in _blocks(text, found.start("inside"), found.end("inside")):
        comments += _by_hand(text[place : block.start], hand, at)
        comments.append(
            Comment(author=block.author, body=block.body.strip(), created_at=block.created_at)
        )
        at, place = block.created_at, block.end
    comments += _by_hand(text[place : found.end("inside")], hand, at)
    return tuple(comments)


def _by_hand(text: str, author: str, at: datetime) -> list[Comment]:
    body = text.replace("\r\n", "\n").strip()
    return [Comment(author=author, body=body, created_at=at)] if body else []


def _blocks(text: str, start: int, end: int) -> Iterator[_Block]:
    for found in _BLOCK.finditer(text, start, end):
        try:
            about = json.loads(found["about"])
            at = datetime.fromisoformat(about["at"])
            marker, author = str(about["marker"]), str(about["author"])
        except (ValueError, KeyError, TypeError):
            continue
        if at.tzinfo is not None:
            body = found["body"].replace("\r\n", "\n")
            spans = (*found.span("body"), *found.span())
            yield _Block(marker, author, at, body, *spans)


def write_comment(text: str, body: str, *, marker: str, at: datetime, newline: str) -> str:
    """Return the file's text with this comment: in its old place, or as the last one."""
    body = as_written(body)
    found = _SECTION.search(text)
    if found is not None:
        for block in _blocks(text, found.start("inside"), found.end("inside")):
            if block.marker == marker:
                if block.body.strip() == body:
                    return text
                new = f"{body}\n".replace("\n", newline)
                return text[: block.body_start] + new + text[block.body_end :]
    about = json.dumps({"marker": marker, "author": AUTHOR, "at": at.isoformat()})
    about = about.replace(">", "\\u003e").replace("<", "\\u003c")
    block_text = f"\n<!-- mergewright:comment {about} -->\n{body}\n{_END}\n"
    if found is not None:
        place = found.end("inside")
        before = text[:place]
        gap = "" if before.endswith("\n") else newline
        return before + gap + block_text.replace("\n", newline) + text[place:]
    gap = "\n" if text.endswith("\n") else "\n\n"
    section = f"{gap}{_OPEN}\n## Comments\n{block_text}{_CLOSE}\n"
    return text + section.replace("\n", newline)


def as_written(body: str) -> str:
    """Return a comment's text as it stands in a file."""
    # A comment that held our own markers could close itself and open another one.
    return body.replace("<!--", "&lt;!--").replace("\r\n", "\n").strip()


def find_comment(text: str, marker: str) -> str | None:
    """Return the text of the comment with this marker, or None when there is none."""
    block = _find(text, marker)
    return None if block is None else block.body.strip()


def remove_comment(text: str, marker: str) -> str:
    """Return the file's text without a comment, and without the section if nothing else is in it."""
    block, found = _find(text, marker), _SECTION.search(text)
    if block is None or found is None:
        return text
    before, after = text[: block.start], text[block.end :]
    inside = text[found.start("inside") : block.start] + text[block.end : found.end("inside")]
    if not inside.strip():
        before, after = text[: found.start()], text[found.end() :]
    # The blank line above it came with it.
    return _without_line_end(before) + after.removeprefix("\r").removeprefix("\n")


def _without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _find(text: str, marker: str) -> _Block | None:
    found = _SECTION.search(text)
    if found is None:
        return None
    blocks = _blocks(text, found.start("inside"), found.end("inside"))
    return next((block for block in blocks if block.marker == marker), None)
