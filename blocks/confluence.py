"""The Confluence block: a space where documentation pages are."""

from typing import TYPE_CHECKING

from pydantic import Field

from blocks.credentials import DOCUMENTATION_URL, AtlassianCredentials
from blocks.services import WikiService
from mergewright.domain.access import Access
from mergewright.domain.page import PageAccess

if TYPE_CHECKING:
    from mergewright.clients.confluence import ConfluenceWiki


class ConfluenceSpace(WikiService):
    """Documentation pages in a space of Confluence."""

    _block_type_name = "Mergewright Confluence Space"
    _block_type_slug = "mergewright-confluence-space"
    _documentation_url = DOCUMENTATION_URL
    _description = "Documentation pages in Confluence, on Cloud or on a server of one's own."

    credentials: AtlassianCredentials = Field(
        description="Where Confluence is and who we are there; on Cloud, the same as for Jira."
    )
    space: str = Field(
        min_length=1,
        pattern=r"^~?[A-Za-z0-9._-]{1,255}$",
        description="Key of the space, as ENG: it stands in the addresses of its pages.",
    )
    parent: list[str] = Field(
        default_factory=list,
        description="Titles of the pages above, from the top; made where they are missing.",
    )
    labels: list[str] = Field(default_factory=list, description="Labels that every page gets.")
    viewers: list[str] = Field(
        default_factory=list,
        description=(
            "Who may see the pages: account ids (user names on a server) and group:NAME. "
            "Empty leaves it to the space; our own account always may."
        ),
    )
    editors: list[str] = Field(
        default_factory=list,
        description="Who may edit the pages, in the same form; empty leaves it to the space.",
    )
    template: str = Field(
        default="",
        description="Markdown in which {{ body }} is where a page's text goes; empty is the text.",
    )

    def connect(self) -> "ConfluenceWiki":
        """Return a client of the space."""
        from mergewright.clients.confluence import ConfluenceWiki  # noqa: PLC0415 - only callers pay

        return ConfluenceWiki(
            self.credentials.get_confluence(),
            space=self.space,
            parent=tuple(self.parent),
            labels=tuple(self.labels),
            access=PageAccess(viewers=tuple(self.viewers), editors=tuple(self.editors)),
            template=self.template,
        )

    def check(self) -> Access:
        """Say who we are, and which permissions for the space are missing.

        Raises:
            AccessDenied: The credential is wrong.
            ServiceError: Confluence refused or did not answer.
        """
        return self.connect().check()
