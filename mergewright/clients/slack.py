"""A messenger that posts to one Slack channel, one thread per run.

Slack can only be asked whether a message is there by an app that may read the channel (scopes
`channels:history` or, of a private channel, `groups:history`). Every message carries its marker as
metadata, by which such an app finds it and posts it once. Without the scope the run's log decides: a
message whose outcome is recorded is not sent again. If the process dies between the post and its
record, the message may then be posted twice; that is rarer and less bad than telling nobody.

A post whose answer got lost is looked for; if it cannot be found, it is not repeated by itself
(`PostUncertain`). One that surely did not arrive (429, connection refused) is.

Source: docs.slack.dev/messaging/message-metadata, /reference/methods/chat.postMessage, /chat.update
(its `parse` is `client` unless told otherwise), /conversations.history, 2026-11-20.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mergewright.clients.ports import Effect
from mergewright.clients.slack_api import SLACK_URL, TIMEOUT_SECONDS, SlackApi
from mergewright.clients.slack_blocks import SLACK_GROUP, SLACK_PERSON, blocks_of, fallback_of
from mergewright.clients.slack_channels import CHANNEL_ID, channel_id, check_access
from mergewright.clients.slack_errors import Attempt, no_answer
from mergewright.domain.access import Access
from mergewright.domain.notice import Notice
from mergewright.errors import PostUncertain, Rejected, ServiceError, SettingInvalid

METADATA_TYPE = "mergewright_notice"
MAX_LOOKED_AT_PAGES = 3
PAGE_SIZE = 100
_TIMESTAMP = re.compile(r"[0-9]{1,16}\.[0-9]{1,10}")


class _Place(NamedTuple):
    """Where a message is."""

    channel: str
    timestamp: str


class SlackChannel:
    """Notices as messages in one channel.

    Args:
        token: Bot token of the Slack app.
        channel: Name or id of the channel.
        base_url: Where Slack's Web API is.
        timeout_seconds: Time limit of the connection, of each pause in an answer, and of all of it.
        mentions: Slack's id of a person or group, by mail address or name. Nobody else is ever
            mentioned, whatever a text says.
        with_buttons: Whether approvals are asked for with buttons; the app's interactivity address
            must lead to whoever takes the answer.

    Raises:
        SettingInvalid: An id in `mentions` is none.
    """

    def __init__(
        self,
        token: str,
        channel: str,
        *,
        base_url: str = SLACK_URL,
        timeout_seconds: int = TIMEOUT_SECONDS,
        mentions: Mapping[str, str] | None = None,
        with_buttons: bool = False,
    ) -> None:
        self._channel = channel
        self._mentions = _checked(mentions or {})
        self._with_buttons = with_buttons
        self._api = SlackApi(token, base_url=base_url, timeout_seconds=timeout_seconds)
        self._can_look = True
        self._id = ""

    def send(self, notice: Notice, *, marker: str, thread: str = "") -> Effect[str]:
        """Post the notice; return `CHANNEL_ID/TIMESTAMP`, by which Slack knows the message.

        Raises:
            NotFound: There is no such channel, or the app cannot see it.
            AccessDenied: The token is wrong, or may not write there.
            Rejected: Slack refused the message.
            RateLimited: Slack asks to wait.
            PostUncertain: There was no clear answer; the message may be there.
            ServiceUnavailable: Slack cannot be reached.
        """
        parent = _place(thread)
        if earlier := self.find(marker, thread=thread):
            return Effect(earlier, found=True)
        try:
            return Effect(self._post(notice, marker, parent), found=False)
        except PostUncertain:
            if arrived := self.find(marker, thread=thread):
                return Effect(arrived, found=False)
            raise

    def update(self, reference: str, notice: Notice) -> Effect[str]:
        """Replace a message of ours; calling it again does no harm.

        Raises:
            NotFound: The message is not there any more.
            AccessDenied: The token is wrong, or the message is somebody else's.
            Rejected: Slack refused the change, or this is no reference of ours.
            RateLimited: Slack asks to wait.
            ServiceUnavailable: Slack cannot be reached.
        """
        place = _place(reference)
        if place is None:
            raise Rejected(
                f"{reference!r} is no reference of a Slack message.",
                hint="Give what `send` returned, as C0123ABCD/1777887000.000100.",
            )
        attempt = Attempt(f"the change of the message {reference!r}")
        arguments = {"channel": place.channel, "ts": place.timestamp, "parse": "none"}
        self._api.call("chat.update", arguments | self._content(notice), attempt=attempt)
        return Effect(reference, found=False)

    def find(self, marker: str, *, thread: str = "") -> str:
        """Return the reference of a message with this marker; empty if it is not to be found.

        What may not be looked at is not looked at again by this object.
        """
        if not self._can_look:
            return ""
        try:
            for message, channel in self._recent(_place(thread)):
                if _marker(message) == marker:
                    return f"{channel}/{message.get('ts')}"
        except ServiceError as error:
            self._can_look = error.retryable
        return ""

    def check(self) -> Access:
        """Say who we are there, and what the app may not do.

        Raises:
            AccessDenied: The token is wrong, lacks a scope, or the app is not in the channel.
            NotFound: There is no such channel, or the app cannot see it.
            ServiceError: Slack refused or did not answer.
        """
        return check_access(self._api, self._channel)

    def _post(self, notice: Notice, marker: str, parent: _Place | None) -> str:
        attempt = Attempt(f"the message for {self._channel!r}", posts=True)
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"marker": marker}}
        arguments = {
            "channel": parent.channel if parent else self._channel,
            "thread_ts": parent.timestamp if parent else None,
            "metadata": metadata,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        made = self._api.call(
            "chat.postMessage", arguments | self._content(notice), attempt=attempt
        )
        if not made.get("ts"):
            raise no_answer(attempt)
        return f"{made.get('channel') or self._channel}/{made['ts']}"

    def _content(self, notice: Notice) -> dict[str, Any]:
        blocks = blocks_of(notice, mentions=self._mentions, with_buttons=self._with_buttons)
        return {"text": fallback_of(notice), "blocks": blocks}

    def _recent(self, parent: _Place | None) -> Iterator[tuple[Mapping[str, Any], str]]:
        """Yield the latest messages of the channel or thread, and the channel's id."""
        channel = parent.channel if parent else self._own_id()
        method = "conversations.replies" if parent else "conversations.history"
        attempt = Attempt(f"a look into {self._channel!r}", reads=True)
        arguments: dict[str, Any] = {
            "channel": channel,
            "ts": parent.timestamp if parent else None,
            "limit": PAGE_SIZE,
            "include_all_metadata": "true",
        }
        for _ in range(MAX_LOOKED_AT_PAGES):
            page = self._api.call(method, arguments, attempt=attempt, attempts=1)
            yield from ((message, channel) for message in page.listed("messages"))
            if not page.next_cursor:
                return
            arguments["cursor"] = page.next_cursor

    def _own_id(self) -> str:
        self._id = self._id or channel_id(self._api, self._channel)
        return self._id


def _marker(message: Mapping[str, Any]) -> str | None:
    match message:
        case {"metadata": {"event_type": kind, "event_payload": {"marker": str(marker)}}} if (
            kind == METADATA_TYPE
        ):
            return marker
    return None


def _place(reference: str) -> _Place | None:
    channel, _, timestamp = reference.partition("/")
    is_ours = CHANNEL_ID.fullmatch(channel) and _TIMESTAMP.fullmatch(timestamp)
    return _Place(channel, timestamp) if is_ours else None


def _checked(mentions: Mapping[str, str]) -> dict[str, str]:
    for name, slack_id in mentions.items():
        if not (SLACK_PERSON.fullmatch(slack_id) or SLACK_GROUP.fullmatch(slack_id)):
            raise SettingInvalid(
                f"{slack_id!r}, given for {name!r}, is no id of a person or group in Slack.",
                hint="Copy the member id from the person's profile; it begins with U or W.",
            )
    return {name.casefold(): slack_id for name, slack_id in mentions.items()}
