"""Our comments at GitHub: one per tag, found again, written over, and removed as we left them.

A comment of ours ends with a tag that people do not see. Anybody could write one, so only those of
our own account count. Comments below an issue or pull request and those in a thread of a pull
request differ in their addresses alone.

Source: docs.github.com/en/rest/issues/comments and /pulls/comments, 2026-11-20.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mergewright.clients.comment_section import neutralise
from mergewright.clients.github_answers import Anything, IssueComment
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.outcomes import Compensation

MAX_BODY_CHARACTERS = 65_536
"""Source: GitHub refuses a longer body with `body is too long (maximum is 65536 characters)`."""

GONE = Compensation("already", "The comment is not there any more.")

_CUT = "\n\n*The rest was cut: GitHub takes no longer text.*"


@dataclass(frozen=True, slots=True)
class CommentPlace:
    """The addresses of comments, below the API's root."""

    new: str
    """Where one is added."""
    one: str
    """What the id of each is put behind."""
    name: str
    """What they are below, for errors: `#7 of 'team/shop'`."""


class Written(NamedTuple):
    """What became of a comment that was written."""

    url: str
    was_there: bool
    """Whether it was there before, with whatever text."""
    is_changed: bool
    """Whether it said something else before, or was not there."""


class OwnComments:
    """Our comments in one place.

    Args:
        api: GitHub.
        login: Returns the name of our account.
        place: Where they are.
        read: Returns the comments that are there, of whomever.
    """

    def __init__(
        self,
        api: GitHubApi,
        login: Callable[[], str],
        place: CommentPlace,
        read: Callable[[], Sequence[IssueComment]],
    ) -> None:
        self._api = api
        self._login = login
        self._place = place
        self._read = read

    def find(self, tag: str) -> IssueComment | None:
        """Return the comment with a tag; None when there is none of ours.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        found = [one for one in self._read() if tag in one.body]
        own = self._login().lower() if found else ""
        return next((one for one in found if one.user.login.lower() == own), None)

    def write(self, body: str, tag: str) -> Written:
        """Write the comment with a tag, over an earlier one.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        there = self.find(tag)
        if there is None:
            about = f"comment on {self._place.name}"
            sent = {"body": tagged(body, tag)}
            made = self._api.create(IssueComment, self._place.new, sent, about=about)
            return Written(made.html_url, was_there=False, is_changed=True)
        is_changed = plain(there.body) != tagged(body, tag)
        if is_changed:
            self._rewrite(there, body, tag)
        return Written(there.html_url, was_there=True, is_changed=is_changed)

    def remove(
        self, body: str, tag: str, *, earlier: str | None = None, rehearse: bool = False
    ) -> Compensation:
        """Remove the comment with a tag, or put its earlier text back, if it says what we wrote.

        Args:
            body: What we wrote.
            tag: The tag that it was written with.
            earlier: What it said before; None when it was not there.
            rehearse: Only say what would come of it.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        there = self.find(tag)
        shown = "" if there is None else plain(there.body)
        if there is None or (earlier is not None and shown == tagged(earlier, tag)):
            return GONE
        if shown != tagged(body, tag):
            return Compensation("kept", "Its text was changed since.", there.html_url)
        if not rehearse and earlier is None:
            path = f"{self._place.one}/{there.id}"
            self._api.remove(path, about=f"remove a comment on {self._place.name}")
        elif not rehearse and earlier is not None:
            self._rewrite(there, earlier, tag)
        return Compensation("undone", "Nobody had changed it.", there.html_url)

    def _rewrite(self, comment: IssueComment, body: str, tag: str) -> None:
        path, sent = f"{self._place.one}/{comment.id}", {"body": tagged(body, tag)}
        self._api.replace(Anything, path, sent, about=f"change a comment on {self._place.name}")


def tag_of(kind: str, about: object) -> str:
    """Return a tag that people do not see.

    Args:
        kind: What is tagged: `remark`.
        about: What it says, as a value of JSON.
    """
    told = json.dumps(about).replace(">", "\\u003e").replace("<", "\\u003c")
    return f"<!-- mergewright:{kind} {told} -->"


def plain(body: str) -> str:
    """Return a text with plain line ends, as two texts are compared."""
    return body.replace("\r\n", "\n").strip()


def tagged(body: str, tag: str) -> str:
    """Return a text with a tag below it that people do not see, cut to what GitHub takes."""
    text = plain(neutralise(body))
    room = MAX_BODY_CHARACTERS - len(tag) - 2
    if len(text) > room:
        text = text[: room - len(_CUT)] + _CUT
    return f"{text}\n\n{tag}"


def untagged(body: str, tag: str) -> str:
    """Return a text without the tag below it."""
    return plain(plain(body).removesuffix(tag))
