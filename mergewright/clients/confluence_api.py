"""Calls to Confluence's REST APIs.

The library's own verbs for pages are not used: several ask for what version 2 of the API does not
have.

Source: atlassian-python-api 5.0.5, read and run against the vendor's descriptions, 2026-11-20.
"""

from collections.abc import Mapping
from typing import TypeVar

from atlassian.rest_client import AtlassianRestAPI
from pydantic import BaseModel

from mergewright.clients.atlassian_api import AtlassianApi
from mergewright.clients.atlassian_session import (
    ANSWER_SECONDS,
    TIMEOUT_SECONDS,
    session_options,
)
from mergewright.clients.confluence_errors import CONFLUENCE
from mergewright.errors import NotFound

Client = AtlassianRestAPI
M = TypeVar("M", bound=BaseModel)


def open_confluence(
    url: str,
    token: str,
    *,
    username: str = "",
    cloud: bool = True,
    timeout_seconds: int = TIMEOUT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Client:
    """Return the library's client of a Confluence, with nothing that waits or repeats by itself.

    Args:
        url: Where it is, as `https://example.atlassian.net`; a `/wiki` of Cloud may be left out.
        token: API token, password or personal access token.
        username: Whose token it is; without it, the token is sent as a bearer.
        cloud: Whether it is Confluence Cloud, or else Server or Data Center.
        timeout_seconds: Time limit of the connection, and of each pause in an answer.
        answer_seconds: Time limit of a whole answer.
    """
    options = session_options(
        token, username=username, timeout_seconds=timeout_seconds, answer_seconds=answer_seconds
    )
    url = url.rstrip("/")
    address = url.removesuffix("/wiki") if cloud else url
    return AtlassianRestAPI(address, cloud=cloud, **options)


class ConfluenceApi(AtlassianApi):
    """Guarded calls to one Confluence; paths are below its address.

    Args:
        client: The library's client, as `open_confluence` makes it.
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client, CONFLUENCE)
        self.is_cloud = bool(client.cloud)
        self.v1 = "wiki/rest/api" if self.is_cloud else "rest/api"
        """Where version 1 of the API is: all of it on a server, what is not in version 2 on Cloud."""

    def find(
        self, form: type[M], path: str, *, about: str, params: Mapping[str, str] | None = None
    ) -> M | None:
        """Return what a resource holds; None when it is not there, or may not be seen.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        try:
            return self.read(form, path, about=about, params=params)
        except NotFound:
            return None

    def ask(self, form: type[M], path: str, body: object, *, about: str) -> M:
        """Return the answer to a question that is sent as a POST and changes nothing.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        answer = self._call("POST", path, about=about, body=body, safe_to_repeat=True)
        return self._formed(form, answer, about)

    def replace(self, form: type[M], path: str, body: object, *, about: str) -> M:
        """Write over what is there; repeated after failures that may pass, since it does no harm.

        Raises:
            VersionConflict: Somebody was faster.
            ServiceError: Confluence did not answer, or refused.
        """
        answer = self._call("PUT", path, about=about, body=body, safe_to_repeat=True)
        return self._formed(form, answer, about)

    def upload(
        self, path: str, file: tuple[str, bytes, str], fields: Mapping[str, str], *, about: str
    ) -> None:
        """Send a file as a form, once.

        Args:
            path: Path below the address of Confluence.
            file: Name, bytes and media type.
            fields: The form's other fields.
            about: What is done, for errors.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        # Without a content type of ours, the library's session writes that of a form.
        headers = {"X-Atlassian-Token": "no-check", "Accept": "application/json"}
        self._call(
            "POST",
            path,
            about=about,
            body=dict(fields),
            extra={"files": {"file": file}, "headers": headers},
            safe_to_repeat=False,
        )
