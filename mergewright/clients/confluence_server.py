"""Pages of Confluence Server and Data Center: version 1 of the API.

Source: docs.atlassian.com/ConfluenceServer/rest/7.19 (content, history, properties, space), read
2026-11-20, and Cloud's description of REST v1, which has the same forms; not run on a real server.
What an account may do in a space cannot be asked there: a refusal comes with the first change.
"""

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from mergewright.clients.confluence_api import ConfluenceApi
from mergewright.clients.confluence_pages import (
    PROPERTY,
    Account,
    Memory,
    PageRecord,
    Space,
    StoredMemory,
)

_EXPAND = "body.storage,version"


class _Person(BaseModel):
    username: str = ""
    displayName: str = ""  # noqa: N815 - Confluence's name


class _Space(BaseModel):
    key: str


class _Version(BaseModel):
    number: int
    message: str | None = ""
    by: _Person | None = None


class _Storage(BaseModel):
    value: str = ""


class _Body(BaseModel):
    storage: _Storage = Field(default_factory=_Storage)


class _Page(BaseModel):
    id: str
    title: str
    version: _Version
    body: _Body = Field(default_factory=_Body)
    links: dict[str, Any] = Field(default_factory=dict, alias="_links")


class _PageList(BaseModel):
    results: list[_Page]


class _Found(BaseModel):
    id: str = ""


class _FoundList(BaseModel):
    results: list[_Found]


class _PropertyVersion(BaseModel):
    number: int


class _Property(BaseModel):
    value: Any = None
    version: _PropertyVersion


class ServerPages:
    """Pages of a Confluence of one's own.

    Args:
        api: Calls to it.
    """

    def __init__(self, api: ConfluenceApi) -> None:
        self._api = api
        self._own: Account | None = None

    def account(self) -> Account:
        """Return who we are.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        if self._own is None:
            found = self._api.read(_Person, f"{self._api.v1}/user/current", about="say who we are")
            self._own = Account(id=found.username, name=found.displayName)
        return self._own

    def name_of(self, record: PageRecord) -> str:
        """Return the name of who wrote a version."""
        return record.author_name or record.author or "somebody"

    def space(self, key: str) -> Space | None:
        """Return a space; None when there is none, or it may not be seen.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._api.v1}/space/{quote(key, safe='~')}"
        found = self._api.find(_Space, path, about=f"read the space {key!r}")
        return None if found is None else Space(id=found.key, key=found.key)

    def find(self, space: Space, title: str) -> PageRecord | None:
        """Return the page of this title.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        params = {"type": "page", "spaceKey": space.key, "title": title, "expand": _EXPAND}
        about = f"look for the page {title!r}"
        found = self._api.read(_PageList, f"{self._api.v1}/content", about=about, params=params)
        return next((self._record(one) for one in found.results), None)

    def get(self, page_id: str, version: int | None = None) -> PageRecord | None:
        """Return a page, now or at an earlier version.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        earlier = {"status": "historical", "version": str(version)} if version else {}
        about = f"read the page {page_id!r}"
        params = {"expand": _EXPAND}
        now = self._api.find(_Page, self._path(page_id), about=about, params=params)
        if now is None or version in {None, now.version.number}:
            return None if now is None else self._record(now)
        old = self._api.find(_Page, self._path(page_id), about=about, params=params | earlier)
        return None if old is None else self._record(old)

    def labelled(self, space: Space, label: str) -> tuple[str, ...]:
        """Return the ids of the pages with a label.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        cql = f'space = "{space.key}" and type = page and label = "{label}"'
        path = f"{self._api.v1}/content/search"
        params = {"cql": cql, "limit": "10"}
        found = self._api.read(_FoundList, path, about="look for our pages", params=params)
        return tuple(one.id for one in found.results if one.id)

    def create(
        self, space: Space, title: str, storage: str, *, parent: str, private: bool
    ) -> PageRecord:
        """Make a page; here, one that is private from the beginning cannot be asked for.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        del private
        body = _content(title, storage) | {"space": {"key": space.key}}
        body |= {"ancestors": [{"id": parent}]} if parent else {}
        about = f"make the page {title!r}"
        made = self._api.create(
            _Page, f"{self._api.v1}/content", body, about=about, params={"expand": _EXPAND}
        )
        return self._record(made).model_copy(update={"storage": storage})

    def update(self, page: PageRecord, *, title: str, storage: str, message: str) -> PageRecord:
        """Write the version after the one that was read.

        Raises:
            VersionConflict: Somebody was faster.
            ServiceError: Confluence did not answer, or refused.
        """
        version = {"number": page.version + 1, "message": message}
        body = _content(title, storage) | {"id": page.id, "version": version}
        path, about = self._path(page.id), f"change the page {page.title!r}"
        return self._record(self._api.replace(_Page, path, body, about=about))

    def trash(self, page: PageRecord) -> None:
        """Move a page to the trash.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        self._api.remove(self._path(page.id), about=f"remove the page {page.title!r}")

    def memory(self, page_id: str) -> StoredMemory | None:
        """Return the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page_id)}/property/{PROPERTY}"
        about = f"read the properties of the page {page_id!r}"
        found = self._api.find(_Property, path, about=about, params={"expand": "version"})
        if found is None:
            return None
        return StoredMemory(value=found.value, version=found.version.number)

    def remember(self, page_id: str, memory: Memory, earlier: StoredMemory | None) -> None:
        """Write the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page_id)}/property"
        about = f"write the properties of the page {page_id!r}"
        body: dict[str, object] = {"key": PROPERTY, "value": memory.model_dump(mode="json")}
        if earlier is None:
            self._api.create(_Property, path, body, about=about)
            return
        body["version"] = {"number": earlier.version + 1}
        self._api.replace(_Property, f"{path}/{PROPERTY}", body, about=about)

    def _record(self, page: _Page) -> PageRecord:
        by = page.version.by or _Person()
        return PageRecord(
            id=page.id,
            title=page.title,
            version=page.version.number,
            storage=page.body.storage.value,
            author=by.username,
            author_name=by.displayName,
            message=page.version.message or "",
            url=f"{self._api.url}{page.links.get('webui') or f'/pages/{page.id}'}",
        )

    def _path(self, page_id: str) -> str:
        return f"{self._api.v1}/content/{quote(page_id, safe='')}"


def _content(title: str, storage: str) -> dict[str, object]:
    body = {"storage": {"value": storage, "representation": "storage"}}
    return {"type": "page", "status": "current", "title": title, "body": body}
