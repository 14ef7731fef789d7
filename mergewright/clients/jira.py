"""Tickets in Jira, on Cloud and on Server or Data Center.

A ticket is read with one request for its fields and one for its comments. One more is made for
each of these, where there are any: the names of its watchers, its attachments that are text, and
on Server the epic that it belongs to.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import Field, ValidationError

from mergewright.clients.jira_api import Client
from mergewright.clients.jira_attachments import JiraAttachments
from mergewright.clients.jira_fields import EPIC_LINK, FieldMap, values_of
from mergewright.clients.jira_issue import (
    FIELDS,
    SUMMARY_FIELDS,
    Answer,
    Issue,
    LinkedIssue,
    Person,
)
from mergewright.clients.jira_permissions import NEEDED, WANTED, missing_permissions
from mergewright.clients.jira_relations import JiraRelations
from mergewright.clients.jira_remote_links import JiraRemoteLinks
from mergewright.clients.jira_site import checked
from mergewright.clients.jira_ticket import summary_of, ticket_of
from mergewright.clients.jira_unmaking import JiraUnmaking
from mergewright.domain.access import Access
from mergewright.domain.ticket import Ticket, TicketSummary
from mergewright.errors import AccessDenied, NotFound, Rejected


class Watchers(Answer):
    """Who watches an issue."""

    watchers: tuple[Person, ...] = Field(default=())


class JiraTracker(JiraUnmaking, JiraRelations, JiraRemoteLinks, JiraAttachments):
    """Tickets in one Jira.

    Args:
        client: The library's client, as `open_jira` makes it.
        field_map: Name or id of Jira's field, by our name: `acceptance_criteria`, `story_points`,
            `team`, `severity`.

    Raises:
        SettingInvalid: The field map names what no ticket has.
    """

    def __init__(
        self, client: Client, *, field_map: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(client)
        self._site_fields = FieldMap(self._api, field_map)

    def ticket(self, name: str) -> Ticket:
        """Return the ticket with this key.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The credential is wrong or too weak.
            Rejected: The ticket cannot be read as one.
            SettingInvalid: The field map names a field that Jira does not have.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = checked(name)
        ids = self._site_fields.ids()
        epic_link = "" if self._api.is_cloud else self._site_fields.id_of_kind(EPIC_LINK)
        issue = self._issue(key, ",".join(filter(None, (FIELDS, *ids.values(), epic_link))))
        comments = tuple(self._comments(key))
        values: dict[str, Any] = {
            **values_of(issue.fields, ids),
            "watchers": self._watchers(issue),
            "attachments": self._attachments(key, issue.fields.files),
        }
        epic = self._linked_epic(issue, epic_link)
        if epic is not None:
            values["epic"] = epic
        try:
            return ticket_of(issue, comments, site=self._api.url, values=values)
        except ValidationError as error:
            raise Rejected(
                f"The issue {key!r} cannot be read as a ticket: {_first_fault(error)}.",
                hint="Correct it in Jira.",
            ) from error

    def check(self, project: str = "") -> Access:
        """Say who we are, and which permissions are missing.

        Args:
            project: Key of the project that it is about; empty asks for any project at all.

        Raises:
            AccessDenied: The credential is wrong, or lacks what every run needs.
            NotFound: There is no such project, or the account may not see it.
            SettingInvalid: The field map names a field that Jira does not have.
            ServiceError: Jira refused or did not answer.
        """
        self._own = None
        account = self._own_person().shown_name
        self._site_fields.ids()
        both = {**NEEDED, **WANTED}
        missing = missing_permissions(self._api, both, project=project.upper())
        where = f"in the project {project!r}" if project else f"at {self._api.host}"
        lacking = [name for key, name in missing.items() if key in NEEDED]
        if lacking:
            raise AccessDenied(
                f"The account {account!r} has not the permission "
                f"{', '.join(repr(name) for name in lacking)} {where}.",
                hint="An administrator can grant it: project settings, permissions (on a server: "
                "the project's permission scheme).",
            )
        return Access(
            account=account,
            place=project or self._api.host,
            missing=tuple(f"{name}: {WANTED[key]}" for key, name in missing.items()),
        )

    def _watchers(self, issue: Issue) -> tuple[str, ...]:
        if not issue.fields.watching.count:
            return ()
        about = f"read the watchers of the ticket {issue.key!r}"
        try:
            found = self._api.read(Watchers, f"issue/{issue.key}/watchers", about=about)
        except (AccessDenied, NotFound):
            # Who watches may be seen by fewer people than the ticket.
            return ()
        return tuple(one.shown_name for one in found.watchers)

    def _linked_epic(self, issue: Issue, field: str) -> TicketSummary | None:
        """Return the epic that Server keeps in a field of its own; Cloud has it as the parent."""
        held = issue.fields.own(field) if field else None
        if not isinstance(held, str):
            return None
        try:
            epic = self._api.read(
                LinkedIssue,
                f"issue/{checked(held)}",
                about=f"read the epic {held!r}",
                params={"fields": SUMMARY_FIELDS},
            )
        except (AccessDenied, NotFound):
            return None
        return summary_of(epic, site=self._api.url)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
