"""Pages of Confluence Cloud: version 2 of its API, and version 1 for searching.

Source: descriptions of Confluence Cloud's REST v2 and v1, 2026-11-20. An update without `status` is
refused, and `version` is the number that the page is to have.
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

_V2 = "wiki/api/v2"
_OPTIONAL = {
    ("create", "attachment"): "add attachments: pictures and files are refused",
    ("delete", "page"): "delete pages: an undone page stays",
}
"""Operations on a space that are not needed to publish, and what does not work without."""


class _Account(BaseModel):
    accountId: str = ""  # noqa: N815 - Confluence's name
    displayName: str = ""  # noqa: N815 - Confluence's name


class _Accounts(BaseModel):
    results: list[_Account] = Field(default_factory=list)


class _Space(BaseModel):
    id: str
    key: str


class _Spaces(BaseModel):
    results: list[_Space]


class _Operation(BaseModel):
    operation: str = ""
    targetType: str = ""  # noqa: N815 - Confluence's name


class _Operations(BaseModel):
    operations: list[_Operation] = Field(default_factory=list)


class _Version(BaseModel):
    number: int
    message: str | None = ""
    authorId: str | None = ""  # noqa: N815 - Confluence's name


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


class _Property(BaseModel):
    id: str
    value: Any = None
    version: _Version


class _Properties(BaseModel):
    results: list[_Property] = Field(default_factory=list)


class CloudPages:
    """Pages of Confluence Cloud.

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
            path = f"{self._api.v1}/user/current"
            found = self._api.read(_Account, path, about="say who we are")
            self._own = Account(id=found.accountId, name=found.displayName)
        return self._own

    def name_of(self, record: PageRecord) -> str:
        """Return the name of who wrote a version.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        if not record.author:
            return "somebody"
        body = {"accountIds": [record.author]}
        found = self._api.ask(_Accounts, f"{_V2}/users-bulk", body, about="name an account")
        return next((one.displayName for one in found.results if one.displayName), record.author)

    def space(self, key: str) -> Space | None:
        """Return a space; None when there is none, or it may not be seen.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        about = f"read the space {key!r}"
        found = self._api.read(_Spaces, f"{_V2}/spaces", about=about, params={"keys": key})
        space = next((one for one in found.results if one.key.lower() == key.lower()), None)
        if space is None:
            return None
        path = f"{_V2}/spaces/{quote(space.id, safe='')}/operations"
        allowed = self._api.read(_Operations, path, about=about).operations
        pairs = {(one.operation, one.targetType) for one in allowed}
        return Space(
            id=space.id,
            key=space.key,
            may_create=("create", "page") in pairs,
            lacks=tuple(told for pair, told in _OPTIONAL.items() if pair not in pairs),
        )

    def find(self, space: Space, title: str) -> PageRecord | None:
        """Return the page of this title.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        params = {
            "space-id": space.id,
            "title": title,
            "status": "current",
            "body-format": "storage",
        }
        about = f"look for the page {title!r}"
        found = self._api.read(_PageList, f"{_V2}/pages", about=about, params=params)
        return next((self._record(one) for one in found.results), None)

    def get(self, page_id: str, version: int | None = None) -> PageRecord | None:
        """Return a page, now or at an earlier version.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        params = {"body-format": "storage"} | ({"version": str(version)} if version else {})
        about = f"read the page {page_id!r}"
        found = self._api.find(_Page, self._path(page_id), about=about, params=params)
        return None if found is None else self._record(found)

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
        """Make a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        body: dict[str, object] = {
            "spaceId": space.id,
            "status": "current",
            "title": title,
            "body": {"representation": "storage", "value": storage},
        }
        body |= {"parentId": parent} if parent else {}
        params = {"private": "true"} if private else None
        about = f"make the page {title!r}"
        made = self._api.create(_Page, f"{_V2}/pages", body, about=about, params=params)
        return self._record(made).model_copy(update={"storage": storage})

    def update(self, page: PageRecord, *, title: str, storage: str, message: str) -> PageRecord:
        """Write the version after the one that was read.

        Raises:
            VersionConflict: Somebody was faster.
            ServiceError: Confluence did not answer, or refused.
        """
        body = {
            "id": page.id,
            "status": "current",
            "title": title,
            "body": {"representation": "storage", "value": storage},
            "version": {"number": page.version + 1, "message": message},
        }
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
        path = f"{self._path(page_id)}/properties"
        about = f"read the properties of the page {page_id!r}"
        found = self._api.read(_Properties, path, about=about, params={"key": PROPERTY}).results
        return next(
            (StoredMemory(id=one.id, value=one.value, version=one.version.number) for one in found),
            None,
        )

    def remember(self, page_id: str, memory: Memory, earlier: StoredMemory | None) -> None:
        """Write the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page_id)}/properties"
        about = f"write the properties of the page {page_id!r}"
        body: dict[str, object] = {"key": PROPERTY, "value": memory.model_dump(mode="json")}
        if earlier is None:
            self._api.create(_Property, path, body, about=about)
            return
        body["version"] = {"number": earlier.version + 1}
        self._api.replace(_Property, f"{path}/{quote(earlier.id, safe='')}", body, about=about)

    def _record(self, page: _Page) -> PageRecord:
        return PageRecord(
            id=page.id,
            title=page.title,
            version=page.version.number,
            storage=page.body.storage.value,
            author=page.version.authorId or "",
            message=page.version.message or "",
            url=f"{self._api.url}/wiki{page.links.get('webui') or f'/pages/{page.id}'}",
        )

    def _path(self, page_id: str) -> str:
        return f"{_V2}/pages/{quote(page_id, safe='')}"
