"""What is read of and written to pages, whichever kind of Confluence keeps them."""

from typing import Any, Protocol

from pydantic import BaseModel, Field

PROPERTY = "mergewright"
"""Key of the content property that a page of ours carries."""
MESSAGE_PREFIX = "Mergewright "
"""How the comment on each version of ours begins."""


class Account(BaseModel):
    """Who we are."""

    id: str = ""
    name: str = ""


class Space(BaseModel):
    """Where pages are, and what we may do there."""

    id: str
    key: str
    may_create: bool = True
    lacks: tuple[str, ...] = ()
    """What we may not do there and can do without, each with what does not work then."""
    tells_rights: bool = True
    """Whether Confluence says what we may do there, before we try."""


class Memory(BaseModel):
    """What we know of a page of ours, kept with it as a content property."""

    marker: str
    owned: bool = True
    """Whether the page is ours as a whole; of others' pages we write sections."""
    version: int = 0
    """The version that we wrote last."""
    digest: str = ""
    """Of the title and the text that we sent for it: Confluence keeps a text in other bytes."""
    parts: dict[str, str] = Field(default_factory=dict)
    """Digest of each part, as we sent it."""
    foreign: dict[str, str] = Field(default_factory=dict)
    """Parts that are as others left them, and who that was."""


class StoredMemory(BaseModel):
    """A content property as Confluence gives it."""

    id: str = ""
    value: Any = None
    version: int = 0


class PageRecord(BaseModel):
    """A page at one version."""

    id: str
    title: str
    version: int
    storage: str
    author: str = ""
    """Id of the account that wrote this version."""
    author_name: str = ""
    message: str = ""
    """The comment on this version."""
    url: str


class Pages(Protocol):
    """Pages of one Confluence."""

    def account(self) -> Account:
        """Return who we are."""
        ...

    def name_of(self, record: PageRecord) -> str:
        """Return the name of who wrote a version."""
        ...

    def space(self, key: str) -> Space | None:
        """Return a space; None when there is none, or it may not be seen."""
        ...

    def with_rights(self, space: Space) -> Space:
        """Return a space with what we may not do there, as far as that can be asked."""
        ...

    def find(self, space: Space, title: str) -> PageRecord | None:
        """Return the page of this title."""
        ...

    def get(self, page_id: str, version: int | None = None) -> PageRecord | None:
        """Return a page, now or at an earlier version."""
        ...

    def labelled(self, space: Space, label: str) -> tuple[str, ...]:
        """Return the ids of the pages with a label."""
        ...

    def create(
        self, space: Space, title: str, storage: str, *, parent: str, private: bool
    ) -> PageRecord:
        """Make a page."""
        ...

    def update(self, page: PageRecord, *, title: str, storage: str, message: str) -> PageRecord:
        """Write the version after the one that was read."""
        ...

    def trash(self, page: PageRecord) -> None:
        """Move a page to the trash."""
        ...

    def memory(self, page_id: str) -> StoredMemory | None:
        """Return the content property that we keep at a page."""
        ...

    def remember(self, page_id: str, memory: Memory, earlier: StoredMemory | None) -> None:
        """Write the content property that we keep at a page."""
        ...
