"""Calls to one of Atlassian's services: over their library, behind the circuit, errors as ours.

Of the library, its session, credentials and request are used. An answer that does not call itself
JSON is none of the service, whatever it holds.

Source: atlassian-python-api 5.0.5, read and run against the vendor's descriptions, 2026-11-20.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from atlassian.rest_client import AtlassianRestAPI
from pydantic import BaseModel, ValidationError
from requests import Response  # noqa: TID251 - the library's own answers

from mergewright.clients.atlassian_errors import (
    LIBRARY_ERRORS,
    Service,
    error_of_answer,
    error_of_failure,
    not_of_service,
)
from mergewright.clients.breaker import call_with_retries
from mergewright.clients.media_types import is_json
from mergewright.errors import NotFound

M = TypeVar("M", bound=BaseModel)


class AtlassianApi:
    """Guarded calls to one service.

    Args:
        client: The library's client.
        service: Which service it is.
    """

    def __init__(self, client: AtlassianRestAPI, service: Service) -> None:
        self._client = client
        self._service = service
        self.url = str(client.url).rstrip("/")
        self.host = urlsplit(self.url).netloc.rpartition("@")[2]

    def read(
        self, form: type[M], path: str, *, about: str, params: Mapping[str, str] | None = None
    ) -> M:
        """Return what a resource holds.

        Args:
            form: What is read from the answer.
            path: Where it is, below what the service's own class says.
            about: What is done, for errors: `read the ticket 'ABC-1'`.
            params: Query.

        Raises:
            ServiceError: The service did not answer, or refused.
        """
        answer = self._call("GET", path, about=about, params=params, safe_to_repeat=True)
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
        """Add something, once; return what the service says it made.

        Raises:
            ServiceError: The service did not answer, or refused.
        """
        answer = self._call(
            "POST", path, about=about, body=body, params=params, safe_to_repeat=False
        )
        return self._formed(form, answer, about)

    def remove(self, path: str, *, about: str, params: Mapping[str, str] | None = None) -> None:
        """Remove what is there; what is gone already is as good.

        Raises:
            ServiceError: The service did not answer, or refused.
        """
        with suppress(NotFound):
            self._call("DELETE", path, about=about, params=params, safe_to_repeat=True)

    def _address(self, path: str) -> str:
        """Return where a resource is, below the address of the service."""
        return path

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
        address, query = self._address(path), None if params is None else dict(params)
        data: Any = body

        def ask() -> Response:
            options = {"data": data, "params": query, **(extra or {})}
            return self._client.request(verb, address, **options)

        return call_with_retries(
            lambda: self._attempted(ask, about=about),
            service=self._service.name,
            host=self.host,
            safe_to_repeat=safe_to_repeat,
        )

    def _attempted(self, ask: Callable[[], Response], *, about: str) -> Response:
        """Ask once, and return a good answer."""
        try:
            answer = ask()
        except LIBRARY_ERRORS as error:
            raise error_of_failure(self._service, error, about=about, host=self.host) from error
        if not answer.ok:
            raise error_of_answer(self._service, answer, about=about)
        return answer

    def _formed(self, form: type[M], answer: Response, about: str) -> M:
        strange = not_of_service(self._service, about=about, host=self.host)
        if not is_json(answer.headers.get("Content-Type")):
            raise strange
        try:
            return form.model_validate_json(answer.content)
        except ValidationError as error:
            raise strange from error
