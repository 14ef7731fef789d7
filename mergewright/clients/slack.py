"""A messenger that posts to one Slack channel.

Slack cannot be asked whether a message is there, so the run's log decides: a message whose outcome
is recorded is not sent again. If the process dies between the post and its record, the message may
be posted twice; that is rarer and less bad than telling nobody. A post whose answer got lost is
not repeated by itself (`PostUncertain`); one that surely did not arrive (429, connection refused) is.

Source: slack_sdk 3.47, read and run against a server on loopback, 2026-11-20: its default handler
sends a post again after a reset; it ignores NO_PROXY; it follows redirects and takes the token
along. So its handlers are left out, and requests go through an opener of our own.
"""

from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from slack_sdk import WebClient

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.ports import Effect
from mergewright.clients.slack_errors import LIBRARY_ERRORS, error_of_exception, no_answer
from mergewright.clients.slack_text import blocks_of, fallback_of
from mergewright.domain.notice import Notice
from mergewright.safety.redaction import register_secret

SLACK_URL = "https://slack.com/api/"
TIMEOUT_SECONDS = 30
MAX_ANSWER_BYTES = 1 << 20


class _NoRedirects(HTTPRedirectHandler):
    """Leaves a redirect as the refusal that it is."""

    def redirect_request(
        self, req: Request, fp: object, code: int, msg: str, headers: object, newurl: str
    ) -> None:
        """Ask nowhere else."""


class _Client(WebClient):
    """Slack's client, whose posts and token go to the one host they are for."""

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        _ = url
        with build_opener(_NoRedirects).open(req, timeout=self.timeout) as answer:
            charset = answer.headers.get_content_charset() or "utf-8"
            body = answer.read(MAX_ANSWER_BYTES).decode(charset)
            return {"status": answer.status, "headers": answer.headers, "body": body}


class SlackChannel:
    """Notices as messages in one channel.

    Args:
        token: Bot token of the Slack app.
        channel: Name or id of the channel.
        base_url: Where Slack's Web API is.
        timeout_seconds: Time limit of the connection, and of each pause in an answer.
    """

    def __init__(
        self,
        token: str,
        channel: str,
        *,
        base_url: str = SLACK_URL,
        timeout_seconds: int = TIMEOUT_SECONDS,
    ) -> None:
        register_secret(token)
        self._channel = channel
        self._host = urlsplit(base_url).netloc.rpartition("@")[2]
        self._client = _Client(token, base_url=base_url, timeout=timeout_seconds, retry_handlers=[])

    def send(self, notice: Notice, *, marker: str) -> Effect[str]:
        """Post the notice; return `CHANNEL_ID/TIMESTAMP`, by which Slack knows the message.

        Nothing is looked up: each call posts. Callers keep the outcome per marker.

        Raises:
            NotFound: There is no such channel, or the app cannot see it.
            AccessDenied: The token is wrong, or may not write there.
            Rejected: Slack refused the message.
            RateLimited: Slack asks to wait.
            PostUncertain: There was no clear answer; the message may be there.
            ServiceUnavailable: Slack cannot be reached.
        """
        _ = marker
        reference = call_with_retries(
            lambda: self._post(notice), service="Slack", host=self._host, safe_to_repeat=True
        )
        return Effect(reference, found=False)

    def _post(self, notice: Notice) -> str:
        try:
            answer = self._client.chat_postMessage(
                channel=self._channel,
                text=fallback_of(notice),
                blocks=blocks_of(notice),
                unfurl_links=False,
                unfurl_media=False,
            )
        except LIBRARY_ERRORS as error:
            raise error_of_exception(error, channel=self._channel, host=self._host) from error
        made = answer.data if isinstance(answer.data, dict) else {}
        if not made.get("ts"):
            raise no_answer(channel=self._channel)
        return f"{made.get('channel') or self._channel}/{made['ts']}"
