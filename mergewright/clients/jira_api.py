"""Calls to Jira's REST API.

Only a file may be fetched from where Jira sends us on to, and that without credentials.

Source: atlassian-python-api 5.0.5, read and run against a server on loopback, 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from atlassian.jira import JiraCloud, JiraServer
from pydantic import BaseModel
from requests import Response, Session, TooManyRedirects  # noqa: TID251 - the library's own session

from mergewright.clients.atlassian_api import AtlassianApi
from mergewright.clients.atlassian_session import (
    ANSWER_SECONDS,
    MAX_ANSWER_BYTES,
    TIMEOUT_SECONDS,
    session_options,
)
from mergewright.clients.bounded_answers import read_within
from mergewright.clients.breaker import call_with_retries
from mergewright.clients.jira_errors import JIRA
from mergewright.errors import Rejected

PAGE_SIZE = 100
MAX_PAGES = 50
"""Source: an issue on Jira Cloud has at most 5 000 comments."""
MAX_REDIRECTS = 3

Client = JiraCloud | JiraServer
M = TypeVar("M", bound=BaseModel)


def open_jira(
    url: str,
    token: str,
    *,
    username: str = "",
    cloud: bool = True,
    timeout_seconds: int = TIMEOUT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Client:
    """Return the library's client of a Jira, with nothing that waits or repeats by itself.

    Args:
        url: Where Jira is, as `https://example.atlassian.net`.
        token: API token, password or personal access token.
        username: Whose token it is; without it, the token is sent as a bearer.
        cloud: Whether it is Jira Cloud (REST v3), or else Server or Data Center (v2).
        timeout_seconds: Time limit of the connection, and of each pause in an answer.
        answer_seconds: Time limit of a whole answer.
    """
    options = session_options(
        token, username=username, timeout_seconds=timeout_seconds, answer_seconds=answer_seconds
    )
    url = url.rstrip("/")
    return JiraCloud(url, **options) if cloud else JiraServer(url, **options)


class JiraApi(AtlassianApi):
    """Guarded calls to one Jira; paths are below `/rest/api/N/`.

    Args:
        client: The library's client, as `open_jira` makes it.
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client, JIRA)
        self._jira = client

    @property
    def is_cloud(self) -> bool:
        """Whether texts are documents (Cloud, v3) and not wiki markup."""
        return isinstance(self._jira, JiraCloud)

    def pages(
        self, form: type[M], path: str, *, about: str, params: Mapping[str, str]
    ) -> Iterator[M]:
        """Return the pages of a list, which count with `startAt`; stop by not asking for more.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        for page in range(MAX_PAGES):
            place = {"startAt": str(page * PAGE_SIZE), "maxResults": str(PAGE_SIZE)}
            yield self.read(form, path, about=about, params={**params, **place})

    def replace(self, path: str, body: Mapping[str, object], *, about: str) -> None:
        """Write over what is there; repeated after failures that may pass, since it does no harm.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        self._call("PUT", path, about=about, body=body, safe_to_repeat=True)

    def act(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        about: str,
        safe_to_repeat: bool = False,
    ) -> None:
        """Ask for something to be done, once, unless doing it again does no harm.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        self._call("POST", path, about=about, body=body, safe_to_repeat=safe_to_repeat)

    def file(self, path: str, *, about: str) -> bytes:
        """Return the bytes of a file.

        Args:
            path: Where it is, below the address of Jira.
            about: What is done, for errors.

        Raises:
            ServiceError: Jira or where it sends us on to did not answer, or refused.
        """
        answer = call_with_retries(
            lambda: self._attempted(
                lambda: self._followed(self._sent_for(path), about), about=about
            ),
            service=JIRA.name,
            host=self.host,
            safe_to_repeat=True,
        )
        return answer.content

    def _sent_for(self, path: str) -> Response:
        headers = {"Accept": "*/*"}
        try:
            return self._client.request("GET", path, headers=headers, allow_redirects=False)
        except TooManyRedirects as error:
            # The session allows none, and says so even when it is not to follow any.
            if isinstance(error.response, Response):
                return error.response
            raise

    def _followed(self, answer: Response, about: str) -> Response:
        """Go where a file is, as somebody without credentials: its address opens it."""
        for _ in range(MAX_REDIRECTS):
            if not answer.is_redirect:
                return answer
            target = urljoin(answer.url, answer.headers["Location"])
            allowed = {"https", urlsplit(self.url).scheme}
            if urlsplit(target).scheme not in allowed:
                break
            limits = read_within(seconds=ANSWER_SECONDS, max_bytes=MAX_ANSWER_BYTES)
            with Session() as stranger:
                # Otherwise it would look for credentials of the machine, in `.netrc`.
                stranger.auth = lambda request: request
                stranger.hooks["response"].append(limits)
                answer = stranger.get(target, allow_redirects=False, timeout=TIMEOUT_SECONDS)
        if answer.is_redirect:
            raise Rejected(
                f"Jira at {self.host} could not {about}: it sends us on too often, or to an "
                "address that is not safe.",
                hint="Look at the file in Jira.",
            )
        return answer

    def _address(self, path: str) -> str:
        return self._jira.resource_url(path)
