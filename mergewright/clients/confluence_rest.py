"""What both kinds of Confluence do alike: their answers, who we are, labelled pages, the trash.

Source: descriptions of Confluence Cloud's REST v2 and v1 of 2026-11-20, and
docs.atlassian.com/ConfluenceServer/rest/7.19.
"""

from abc import ABC, abstractmethod
from typing import Any

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


class Person(BaseModel):
    """Somebody with an account: Cloud names them by an id, a server by a user name."""

    accountId: str = ""  # noqa: N815 - Confluence's name
    username: str = ""
    displayName: str = ""  # noqa: N815 - Confluence's name


class Version(BaseModel):
    """A version of a page or property; Cloud says whose it is by an id, a server by a person."""

    number: int
    message: str | None = ""
    authorId: str | None = ""  # noqa: N815 - Confluence's name
    by: Person | None = None


class Storage(BaseModel):
    """A text in storage format."""

    value: str = ""


class Body(BaseModel):
    """The forms of a text, of which we ask for one."""

    storage: Storage = Field(default_factory=Storage)


class AnsweredPage(BaseModel):
    """A page at one version."""

    id: str
    title: str
    version: Version
    body: Body = Field(default_factory=Body)
    links: dict[str, Any] = Field(default_factory=dict, alias="_links")


class AnsweredPages(BaseModel):
    """Some pages."""

    results: list[AnsweredPage]


class Property(BaseModel):
    """A content property."""

    id: str = ""
    value: Any = None
    version: Version

    @property
    def memory(self) -> StoredMemory:
        """It as a value of ours."""
        return StoredMemory(id=self.id, value=self.value, version=self.version.number)


class Operation(BaseModel):
    """Something that we may do."""

    operation: str = ""
    targetType: str = ""  # noqa: N815 - Confluence's name


class Operations(BaseModel):
    """What we may do with a space or page."""

    operations: list[Operation] = Field(default_factory=list)

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """What we may do, and with what."""
        return frozenset((one.operation, one.targetType) for one in self.operations)


class _Found(BaseModel):
    id: str = ""


class _FoundList(BaseModel):
    results: list[_Found]


class RestPages(ABC):
    """Pages of a Confluence.

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
            found = self._api.read(Person, f"{self._api.v1}/user/current", about="say who we are")
            self._own = Account(id=found.accountId or found.username, name=found.displayName)
        return self._own

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

    def trash(self, page: PageRecord) -> None:
        """Move a page to the trash.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        self._api.remove(self._path(page.id), about=f"remove the page {page.title!r}")

    def remember(self, page_id: str, memory: Memory, earlier: StoredMemory | None) -> None:
        """Write the content property that we keep at a page.

        Raises:
            ServiceError: Confluence did not answer, or refused.
        """
        about = f"write the properties of the page {page_id!r}"
        body: dict[str, object] = {"key": PROPERTY, "value": memory.model_dump(mode="json")}
        path = self._property_path(page_id, earlier)
        if earlier is None:
            self._api.create(Property, path, body, about=about)
            return
        body["version"] = {"number": earlier.version + 1}
        self._api.replace(Property, path, body, about=about)

    @abstractmethod
    def _path(self, page_id: str) -> str:
        """Return where a page is."""

    @abstractmethod
    def _property_path(self, page_id: str, earlier: StoredMemory | None) -> str:
        """Return where our property of a page is; without an earlier one, where it is added."""

    def _record(self, page: AnsweredPage, home: str) -> PageRecord:
        """Return a page as a value of ours.

        Args:
            page: As Confluence tells it.
            home: Address that the links in answers are below.
        """
        by = page.version.by or Person()
        return PageRecord(
            id=page.id,
            title=page.title,
            version=page.version.number,
            storage=page.body.storage.value,
            author=page.version.authorId or by.username,
            author_name=by.displayName,
            message=page.version.message or "",
            url=f"{home}{page.links.get('webui') or f'/pages/{page.id}'}",
        )
