"""Pages of Confluence Cloud: version 2 of its API, and version 1 for searching.

Source: descriptions of Confluence Cloud's REST v2 and v1, 2026-11-20. An update without `status` is
refused, and `version` is the number that the page is to have.
"""

from urllib.parse import quote

from pydantic import BaseModel, Field

from mergewright.clients.confluence_pages import PROPERTY, PageRecord, Space, StoredMemory
from mergewright.clients.confluence_rest import (
    AnsweredPage,
    AnsweredPages,
    Operations,
    Person,
    Property,
    RestPages,
)

_V2 = "wiki/api/v2"
_OPTIONAL = {
    ("create", "attachment"): "add attachments: pictures and files are refused",
    ("delete", "page"): "delete pages: an undone page stays",
}
"""Operations on a space that are not needed to publish, and what does not work without."""


class _Accounts(BaseModel):
    results: list[Person] = Field(default_factory=list)


class _Space(BaseModel):
    id: str
    key: str


class _Spaces(BaseModel):
    results: list[_Space]


class _Properties(BaseModel):
    results: list[Property] = Field(default_factory=list)


class CloudPages(RestPages):
    """Pages of Confluence Cloud.

    Args:
        api: Calls to it.
    """

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
        pairs = self._api.read(Operations, path, about=about).pairs
        return Space(
            id=space.id,
            key=space.key,
            may_create=("create", "page") in pairs,
            lacks=tuple(told for pair, told in _OPTIONAL.items() if pair not in pairs),
        )

    def with_rights(self, space: Space) -> Space:
        """Return a space with what we may not do there: it has that already."""
        return space

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
        found = self._api.read(AnsweredPages, f"{_V2}/pages", about=about, params=params)
        return next((self._shown(one) for one in found.results), None)

    def get(self, page_id: str, version: int | None = None) -> PageRecord | None:
        """Return a page, now or at an earlier version.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        params = {"body-format": "storage"} | ({"version": str(version)} if version else {})
        about = f"read the page {page_id!r}"
        found = self._api.find(AnsweredPage, self._path(page_id), about=about, params=params)
        return None if found is None else self._shown(found)

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
        made = self._api.create(AnsweredPage, f"{_V2}/pages", body, about=about, params=params)
        return self._shown(made).model_copy(update={"storage": storage})

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
        return self._shown(self._api.replace(AnsweredPage, path, body, about=about))

    def memory(self, page_id: str) -> StoredMemory | None:
        """Return the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path = f"{self._path(page_id)}/properties"
        about = f"read the properties of the page {page_id!r}"
        found = self._api.read(_Properties, path, about=about, params={"key": PROPERTY}).results
        return next((one.memory for one in found), None)

    def _shown(self, page: AnsweredPage) -> PageRecord:
        return self._record(page, f"{self._api.url}/wiki")

    def _property_path(self, page_id: str, earlier: StoredMemory | None) -> str:
        path = f"{self._path(page_id)}/properties"
        return path if earlier is None else f"{path}/{quote(earlier.id, safe='')}"

    def _path(self, page_id: str) -> str:
        return f"{_V2}/pages/{quote(page_id, safe='')}"
