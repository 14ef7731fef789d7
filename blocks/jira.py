"""The Jira block: where tickets are."""

from typing import TYPE_CHECKING

from pydantic import Field

from blocks.credentials import DOCUMENTATION_URL, AtlassianCredentials
from blocks.services import TrackerService
from mergewright.domain.access import Access

if TYPE_CHECKING:
    from mergewright.clients.jira import JiraTracker


class JiraProject(TrackerService):
    """Tickets in Jira."""

    _block_type_name = "Mergewright Jira Project"
    _block_type_slug = "mergewright-jira-project"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tickets in Jira, on Cloud or on a server of one's own."

    credentials: AtlassianCredentials = Field(description="Where Jira is and who we are there.")
    project: str = Field(
        default="",
        pattern=r"^([A-Za-z][A-Za-z0-9_]{0,31})?$",
        description="Key of the project whose permissions are checked; empty checks for any.",
    )
    field_map: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "Name or id of the field in Jira that holds a ticket's acceptance_criteria, "
            "story_points, team or severity."
        ),
    )

    def connect(self) -> "JiraTracker":
        """Return a client of Jira.

        Raises:
            SettingInvalid: The field map names what no ticket has.
        """
        from mergewright.clients.jira import JiraTracker  # noqa: PLC0415 - only callers pay

        return JiraTracker(self.credentials.get_client(), field_map=self.field_map)

    @property
    def open_tickets_query(self) -> str:
        """The query in JQL that finds what is not done, what changed last first."""
        within = f'project = "{self.project.upper()}" AND ' if self.project else ""
        return f"{within}statusCategory != Done ORDER BY updated DESC"

    @property
    def default_project(self) -> str:
        """Key of the project, if one is named."""
        return self.project

    def check(self) -> Access:
        """Say who we are, and which permissions and mapped fields are missing.

        Raises:
            AccessDenied: The credential is wrong, or lacks what every run needs.
            NotFound: There is no such project, or the account may not see it.
            SettingInvalid: The field map names a field that Jira does not have.
            ServiceError: Jira refused or did not answer.
        """
        return self.connect().check(self.project)
