"""Pages of Confluence Server and Data Center: version 1 of the API.

Source: docs.atlassian.com/ConfluenceServer/rest/7.19 (content, history, properties, space), read
2026-11-20, and Cloud's description of REST v1, which has the same forms; not run on a real server.

What an account may do in a space cannot be asked there: `/space/KEY/permissions` (since 9.1) lists
for administrators what was granted to whom. But the space's home page tells whether we may change
it, and the permission for that is the one that lets pages be added.
Source: jira.atlassian.com/browse/CONFSERVER-100505, developer.atlassian.com/server/confluence/rest
(`operations` of content), Confluence's Space Permissions Overview, 2026-11-20; not run on a real one.
"""

from urllib.parse import quote

from pydantic import BaseModel

from mergewright.clients.confluence_pages import PROPERTY, PageRecord, Space, StoredMemory
from mergewright.clients.confluence_rest import (
    AnsweredPage,
    AnsweredPages,
    Operations,
    Property,
    RestPages,
)

_EXPAND = "body.storage,version"


class _HomePage(BaseModel):
    id: str
    title: str = ""


class _Space(BaseModel):
    key: str
    homepage: _HomePage | None = None


class ServerPages(RestPages):
    """Pages of a Confluence of one's own.

    Args:
        api: Calls to it.
    """

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

    def with_rights(self, space: Space) -> Space:
        """Return a space with what we may not do there, as far as its home page tells.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        path, about = f"{self._api.v1}/space/{quote(space.key, safe='~')}", "ask for our rights"
        found = self._api.find(_Space, path, about=about, params={"expand": "homepage"})
        home = None if found is None else found.homepage
        if home is None:
            return space.model_copy(update={"tells_rights": False})
        told = self._api.find(
            Operations, self._path(home.id), about=about, params={"expand": "operations"}
        )
        allowed = frozenset() if told is None else told.pairs
        if ("update", "page") in allowed:
            return space
        if ("read", "page") not in allowed:
            return space.model_copy(update={"tells_rights": False})
        lacks = f"add pages: we may not even change {home.title!r}, so a page may be refused"
        return space.model_copy(update={"lacks": (lacks,)})

    def find(self, space: Space, title: str) -> PageRecord | None:
        """Return the page of this title.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        params = {"type": "page", "spaceKey": space.key, "title": title, "expand": _EXPAND}
        about = f"look for the page {title!r}"
        found = self._api.read(AnsweredPages, f"{self._api.v1}/content", about=about, params=params)
        return next((self._shown(one) for one in found.results), None)

    def get(self, page_id: str, version: int | None = None) -> PageRecord | None:
        """Return a page, now or at an earlier version.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        earlier = {"status": "historical", "version": str(version)} if version else {}
        about = f"read the page {page_id!r}"
        params = {"expand": _EXPAND}
        now = self._api.find(AnsweredPage, self._path(page_id), about=about, params=params)
        if now is None or version in {None, now.version.number}:
            return None if now is None else self._shown(now)
        old = self._api.find(
            AnsweredPage, self._path(page_id), about=about, params=params | earlier
        )
        return None if old is None else self._shown(old)

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
            AnsweredPage, f"{self._api.v1}/content", body, about=about, params={"expand": _EXPAND}
        )
        return self._shown(made).model_copy(update={"storage": storage})

    def update(self, page: PageRecord, *, title: str, storage: str, message: str) -> PageRecord:
        """Write the version after the one that was read.

        Raises:
            VersionConflict: Somebody was faster.
            ServiceError: Confluence did not answer, or refused.
        """
        version = {"number": page.version + 1, "message": message}
        body = _content(title, storage) | {"id": page.id, "version": version}
        path, about = self._path(page.id), f"change the page {page.title!r}"
        return self._shown(self._api.replace(AnsweredPage, path, body, about=about))

    def memory(self, page_id: str) -> StoredMemory | None:
        """Return the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        about = f"read the properties of the page {page_id!r}"
        path = f"{self._path(page_id)}/property/{PROPERTY}"
        found = self._api.find(Property, path, about=about, params={"expand": "version"})
        return None if found is None else found.memory

    def _shown(self, page: AnsweredPage) -> PageRecord:
        return self._record(page, self._api.url)

    def _property_path(self, page_id: str, earlier: StoredMemory | None) -> str:
        path = f"{self._path(page_id)}/property"
        return path if earlier is None else f"{path}/{PROPERTY}"

    def _path(self, page_id: str) -> str:
        return f"{self._api.v1}/content/{quote(page_id, safe='')}"


def _content(title: str, storage: str) -> dict[str, object]:
    body = {"storage": {"value": storage, "representation": "storage"}}
    return {"type": "page", "status": "current", "title": title, "body": body}
