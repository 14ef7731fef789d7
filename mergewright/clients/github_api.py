"""GitHub's REST and GraphQL API: what is read and written, in forms, over guarded calls."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from mergewright.clients.github_address import GitHubAddress
from mergewright.clients.github_errors import error_of_answer, not_github
from mergewright.clients.github_tokens import TokenSource
from mergewright.clients.github_wire import Answer, Call, GitHubWire, Limits
from mergewright.errors import NotFound

PAGE_SIZE = 100
MAX_PAGES = 30

M = TypeVar("M", bound=BaseModel)


class GitHubApi:
    """Guarded calls to one GitHub, as one account.

    Args:
        address: Where it is.
        tokens: Gives the token to call with.
        limits: How long and how much is read of one answer.
    """

    def __init__(
        self, address: GitHubAddress, tokens: TokenSource, *, limits: Limits | None = None
    ) -> None:
        self.address = address
        self.host = urlsplit(address.api).netloc
        self._tokens = tokens
        self._wire = GitHubWire(self.host, tokens, limits or Limits())

    def token(self) -> str:
        """Return the token that calls are made with now; git proves itself with the same.

        Raises:
            ServiceError: GitHub did not make one.
        """
        return self._tokens.current()

    def read(
        self, form: type[M], path: str, *, about: str, params: Mapping[str, str] | None = None
    ) -> M:
        """Return what a resource holds.

        Args:
            form: What is read from the answer.
            path: Path below the API's root.
            about: What is done, for errors: `read the pull request #7`.
            params: Query.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        answer = self.send("GET", path, about=about, params=params, safe_to_repeat=True)
        return self._formed(form, answer, about)

    def pages(
        self,
        form: type[M],
        path: str,
        *,
        about: str,
        params: Mapping[str, str] | None = None,
        within: str = "",
        max_pages: int = MAX_PAGES,
    ) -> Iterator[M]:
        """Return the items of a list, page after page; stop by not asking for more.

        Args:
            form: What is read from each item.
            path: Path below the API's root.
            about: What is done, for errors.
            params: Query.
            within: Field of the answer that holds the list; empty when the answer is the list.
            max_pages: How many pages are read at most.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        items: TypeAdapter[Any] = TypeAdapter(dict[str, Any] if within else list[form])  # type: ignore[valid-type] # a form that is known at run time
        for page in range(1, max_pages + 1):
            place = {"per_page": str(PAGE_SIZE), "page": str(page)}
            answer = self.send(
                "GET", path, about=about, params={**(params or {}), **place}, safe_to_repeat=True
            )
            try:
                found = items.validate_json(answer.content)
                if within:
                    found = TypeAdapter(list[form]).validate_python(found[within])  # type: ignore[valid-type] # as above
            except (ValidationError, KeyError) as error:
                raise not_github(about=about, host=self.host) from error
            yield from found
            if 'rel="next"' not in answer.headers.get("Link", ""):
                return

    def create(self, form: type[M], path: str, body: Mapping[str, object], *, about: str) -> M:
        """Add something, once; return what GitHub says it made.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        answer = self.send("POST", path, about=about, body=body)
        return self._formed(form, answer, about)

    def replace(
        self,
        form: type[M],
        path: str,
        body: Mapping[str, object],
        *,
        about: str,
        method: str = "PATCH",
    ) -> M:
        """Write what is then the same however often it is sent; return what is there.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        answer = self.send(method, path, about=about, body=body, safe_to_repeat=True)
        return self._formed(form, answer, about)

    def remove(self, path: str, *, about: str, body: Mapping[str, object] | None = None) -> None:
        """Remove what is there; what is gone already is as good.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        with suppress(NotFound):
            self.send("DELETE", path, about=about, body=body, safe_to_repeat=True)

    def query(self, form: type[M], text: str, variables: Mapping[str, object], *, about: str) -> M:
        """Return what GraphQL answers; for reading, and for what is the same however often it is sent.

        Raises:
            NotFound: What it asks for does not exist.
            ServiceError: GitHub did not answer, or refused.
        """
        call = Call(
            "POST", self.address.graphql, about, body={"query": text, "variables": variables}
        )
        answer = self._wire.exchange(call, safe_to_repeat=True)
        told = json.loads(answer.content)
        if isinstance(told, dict) and told.get("errors"):
            kinds = {one.get("type") for one in told["errors"] if isinstance(one, dict)}
            status = 404 if "NOT_FOUND" in kinds else 403 if "FORBIDDEN" in kinds else 422
            status = 429 if "RATE_LIMITED" in kinds else status
            raise error_of_answer(status, answer.headers, told, about=about)
        try:
            return form.model_validate(told["data"])
        except (ValidationError, KeyError, TypeError) as error:
            raise not_github(about=about, host=self.host) from error

    def elsewhere(self, path: str, *, about: str) -> str:
        """Return the address that GitHub refers to for a file that others keep for it.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        call = Call("GET", f"{self.address.api}/{path}", about)
        answer = self._wire.exchange(call, safe_to_repeat=True, refer=True)
        return str(answer.headers.get("Location", ""))

    def send(
        self,
        method: str,
        path: str,
        *,
        about: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        safe_to_repeat: bool = False,
    ) -> Answer:
        """Make one call and return the answer, which is no failure.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        call = Call(method, f"{self.address.api}/{path}", about, params or {}, body)
        return self._wire.exchange(call, safe_to_repeat=safe_to_repeat)

    def _formed(self, form: type[M], answer: Answer, about: str) -> M:
        try:
            return form.model_validate_json(answer.content)
        except ValidationError as error:
            raise not_github(about=about, host=self.host) from error
