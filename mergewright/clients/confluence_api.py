"""Calls to Confluence's REST APIs: over atlassian-python-api, behind the breaker, errors as ours.

Of the library, its session, credentials and request are used. Its own verbs for pages are not:
several ask for what version 2 of the API does not have.

Source: atlassian-python-api 5.0.5, read and run against the vendor's descriptions, 2026-11-20.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from atlassian.rest_client import AtlassianRestAPI
from pydantic import BaseModel, ValidationError
from requests import Response  # noqa: TID251 - the library's own answers

from mergewright.clients.atlassian_errors import LIBRARY_ERRORS
from mergewright.clients.atlassian_session import (
    ANSWER_SECONDS,
    TIMEOUT_SECONDS,
    session_options,
)
from mergewright.clients.breaker import call_with_retries
from mergewright.clients.confluence_errors import (
    SERVICE,
    error_of_answer,
    error_of_exception,
    not_confluence,
)
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


class ConfluenceApi:
    """Guarded calls to one Confluence.

    Args:
        client: The library's client, as `open_confluence` makes it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.url = str(client.url).rstrip("/")
        self.host = urlsplit(self.url).netloc.rpartition("@")[2]
        self.is_cloud = bool(client.cloud)
        self.v1 = "wiki/rest/api" if self.is_cloud else "rest/api"
        """Where version 1 of the API is: all of it on a server, what is not in version 2 on Cloud."""

    def read(
        self, form: type[M], path: str, *, about: str, params: Mapping[str, str] | None = None
    ) -> M:
        """Return what a resource holds.

        Args:
            form: What is read from the answer.
            path: Path below the address of Confluence.
            about: What is done, for errors: `read the page 'Home'`.
            params: Query.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        answer = self._call("GET", path, about=about, params=params, safe_to_repeat=True)
        return self._formed(form, answer, about)

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

    def create(
        self,
        form: type[M],
        path: str,
        body: object,
        *,
        about: str,
        params: Mapping[str, str] | None = None,
    ) -> M:
        """Add something, once; return what Confluence says it made.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        answer = self._call(
            "POST", path, about=about, body=body, params=params, safe_to_repeat=False
        )
        return self._formed(form, answer, about)

    def replace(self, form: type[M], path: str, body: object, *, about: str) -> M:
        """Write over what is there; repeated after failures that may pass, since it does no harm.

        Raises:
            VersionConflict: Somebody was faster.
            ServiceError: Confluence did not answer, or refused.
        """
        answer = self._call("PUT", path, about=about, body=body, safe_to_repeat=True)
        return self._formed(form, answer, about)

    def remove(self, path: str, *, about: str) -> None:
        """Remove what is there; what is gone already is as good.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        with suppress(NotFound):
            self._call("DELETE", path, about=about, safe_to_repeat=True)

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

    def _call(
        self,
        verb: str,
        path: str,
        *,
        about: str,
        params: Mapping[str, str] | None = None,
        body: object = None,
        extra: Mapping[str, Any] | None = None,
        safe_to_repeat: bool,
    ) -> Response:
        query = None if params is None else dict(params)
        data: Any = body

        def attempt() -> Response:
            try:
                answer = self._client.request(verb, path, data=data, params=query, **(extra or {}))
            except LIBRARY_ERRORS as error:
                raise error_of_exception(error, about=about, host=self.host) from error
            if not answer.ok:
                raise error_of_answer(answer, about=about)
            return answer

        return call_with_retries(
            attempt, service=SERVICE, host=self.host, safe_to_repeat=safe_to_repeat
        )

    def _formed(self, form: type[M], answer: Response, about: str) -> M:
        try:
            return form.model_validate_json(answer.content)
        except ValidationError as error:
            raise not_confluence(about=about, host=self.host) from error
