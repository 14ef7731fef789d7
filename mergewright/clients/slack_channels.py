"""Which channel a name means, and what our app may do there.

Source: docs.slack.dev/reference/methods/auth.test (`x-oauth-scopes` names the token's scopes),
/conversations.list, /conversations.info and their scopes, 2026-11-20.
"""

import re

from mergewright.clients.slack_api import Answer, SlackApi
from mergewright.clients.slack_errors import Attempt
from mergewright.domain.access import Access
from mergewright.errors import AccessDenied, NotFound

CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,30}")
PAGE_SIZE = 200
MAX_PAGES = 25

_NEEDED = ("chat:write",)
_WANTED = {
    "channels:read": "a channel's name cannot be checked before a run, nor a message looked for",
    "channels:history": "a message cannot be looked for, and may be posted twice after a crash",
}
_WANTED_IF_PRIVATE = {name.replace("channels:", "groups:"): why for name, why in _WANTED.items()}


def channel_id(api: SlackApi, channel: str) -> str:
    """Return the id of a channel that is given by name or id.

    Raises:
        NotFound: The app sees no channel of this name.
        AccessDenied: The app may not look.
        ServiceError: Slack refused or did not answer.
    """
    return str(_channel(api, channel)["id"])


def check_access(api: SlackApi, channel: str) -> Access:
    """Say who we are, and that messages can be posted to a channel.

    Raises:
        AccessDenied: The token is wrong, lacks a scope, or the app is not in the channel.
        NotFound: There is no such channel, or the app cannot see it.
        ServiceError: Slack refused or did not answer.
    """
    told = api.call("auth.test", {}, attempt=Attempt("our token", reads=True))
    lacking = [scope for scope in _NEEDED if told.scopes and scope not in told.scopes]
    if lacking:
        raise AccessDenied(
            f"The Slack app {_account(told)} lacks the scope {', '.join(lacking)}.",
            hint="Give the app the scope and install it again.",
        )
    try:
        found = _described(api, channel)
    except AccessDenied:
        return Access(account=_account(told), place=channel, missing=_missing(told, _WANTED))
    if found.get("is_archived"):
        raise NotFound(f"The channel {channel!r} is archived.", hint="Name another channel.")
    if not found.get("is_member") and "chat:write.public" not in told.scopes:
        raise AccessDenied(
            f"The Slack app {_account(told)} is not in the channel {channel!r}.",
            hint=f"Write `/invite @{told.get('user', 'the app')}` in it, or give the app the scope"
            " `chat:write.public`.",
        )
    wanted = _WANTED_IF_PRIVATE if found.get("is_private") else _WANTED
    return Access(account=_account(told), place=f"#{found['name']}", missing=_missing(told, wanted))


def _account(told: Answer) -> str:
    return f"{told.get('user', 'unknown')} in {told.get('team', 'an unknown workspace')}"


def _missing(told: Answer, wanted: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{scope}: {why}" for scope, why in wanted.items() if scope not in told.scopes)


def _described(api: SlackApi, channel: str) -> dict[str, object]:
    found = _channel(api, channel)
    if "name" in found:
        return found
    attempt = Attempt(f"a look at the channel {channel!r}", reads=True)
    told = api.call("conversations.info", {"channel": found["id"]}, attempt=attempt)
    channel_there = told.get("channel")
    return {"name": channel, **(channel_there if isinstance(channel_there, dict) else {})}


def _channel(api: SlackApi, channel: str) -> dict[str, object]:
    if CHANNEL_ID.fullmatch(channel):
        return {"id": channel}
    name = channel.removeprefix("#").casefold()
    try:
        found = _named(api, name, "public_channel,private_channel")
    except AccessDenied:
        # Without the scope for private channels Slack lists none at all, unless asked for less.
        found = _named(api, name, "public_channel")
    if found is None:
        raise NotFound(
            f"The Slack app sees no channel {channel!r}.",
            hint="Check the channel's name or id, and invite the app to a private one.",
        )
    return found


def _named(api: SlackApi, name: str, types: str) -> dict[str, object] | None:
    attempt = Attempt(f"the search for the channel {name!r}", reads=True)
    arguments = {"types": types, "exclude_archived": "true", "limit": PAGE_SIZE, "cursor": None}
    for _ in range(MAX_PAGES):
        page = api.call("conversations.list", arguments, attempt=attempt, attempts=1)
        for one in page.listed("channels"):
            if str(one.get("name", "")).casefold() == name and CHANNEL_ID.fullmatch(
                str(one.get("id"))
            ):
                return one
        if not page.next_cursor:
            break
        arguments["cursor"] = page.next_cursor
    return None
