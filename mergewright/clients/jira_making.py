"""Tickets that we make in Jira: epics, stories and subtasks, each once.

What we make carries a label that follows from its marker, and is ours by its creator: a copy that
somebody makes of it keeps the label, but not the creator. Before one is made it is looked for by
its label among the subtasks of its parent, which are read from Jira's database, and in Jira's
search, whose index is behind by a second or so. A run that is killed just after the request, and
goes on within that second, could make it a second time; when an answer is lost, we look for a few
seconds before we say that it is uncertain, and make nothing again.

An entity property would not be seen by people, but Jira's search knows only properties that an
installed app has declared.

Source: REST description of Jira Cloud (`issue`, `createmeta`, `search/jql`), Server 9.12 (Epic Link
as a field of its own); 2026-11-20.
"""

import hashlib
from typing import Any

from pydantic import Field
from tenacity import RetryError, Retrying, retry_if_result, stop_after_attempt, wait_fixed

from mergewright.clients.jira_api import Client
from mergewright.clients.jira_fields import EPIC_LINK, EPIC_NAME, FieldMap
from mergewright.clients.jira_issue import Answer, Named
from mergewright.clients.jira_permissions import refusal
from mergewright.clients.jira_search import JiraSearch
from mergewright.clients.jira_site import checked
from mergewright.clients.outcomes import Effect
from mergewright.domain.ticket import TicketDraft, TicketKind, TicketLevel
from mergewright.errors import (
    AccessDenied,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)

LABEL_PREFIX = "mergewright-"
CREATE_ISSUES = "CREATE_ISSUES"
LOOKS = 4
SECONDS_BETWEEN_LOOKS = 1.5
_MAX_SAME = 10

_USUAL_NAMES = {
    TicketLevel.EPIC: ("epic",),
    TicketLevel.SUBTASK: ("sub-task", "subtask"),
}
_KIND_NAMES = {
    TicketKind.BUG: ("bug",),
    TicketKind.FEATURE: ("story", "feature", "new feature", "improvement"),
    TicketKind.DOCUMENTATION: ("documentation", "task"),
    TicketKind.TASK: ("task",),
}


class IssueType(Named):
    """A type of issues that a project has."""

    id: str = ""
    is_subtask: bool = Field(default=False, alias="subtask")

    def is_of(self, level: TicketLevel) -> bool:
        """Say whether it is a type of this level."""
        if level is TicketLevel.SUBTASK:
            return self.is_subtask or self.level < 0
        if self.is_subtask or self.level < 0:
            return False
        return self.is_epic is (level is TicketLevel.EPIC)


class IssueTypes(Answer):
    """The types of issues that we can make in a project; Cloud and Server name them differently."""

    types: tuple[IssueType, ...] = Field(default=(), alias="issueTypes")
    values: tuple[IssueType, ...] = ()


class Made(Answer):
    """An issue that was made."""

    key: str


class JiraMaking(JiraSearch):
    """What makes tickets in one Jira.

    Args:
        client: The library's client, as `open_jira` makes it.
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self._site_fields = FieldMap(self._api, {})

    def check_draft(self, draft: TicketDraft) -> None:
        """See that a ticket could be made: project, permission, type and parent.

        Raises:
            NotFound: There is no such project or parent, or the account may not see it.
            AccessDenied: The account may not make tickets there.
            Rejected: The project has no such type of ticket.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        denied = refusal(
            self._api,
            CREATE_ISSUES,
            account=self._own_person().shown_name,
            about=_about(draft),
            project=draft.project.upper(),
        )
        if denied is not None:
            raise denied
        self._fields_of(draft, "")
        if draft.parent is not None:
            self._issue(checked(draft.parent), "summary")

    def create(self, draft: TicketDraft, *, marker: str) -> Effect[str]:
        """Make a ticket, once per marker; return its key.

        Raises:
            NotFound: There is no such project, or the account may not see it.
            AccessDenied: The account may not make tickets there.
            Rejected: The project has no such type of ticket, or wants fields filled in.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        label = label_of(marker)
        there = self._made(draft, label)
        if there is not None:
            return Effect(there, found=True)
        about = _about(draft)
        body: dict[str, object] = {"fields": self._fields_of(draft, label)}
        try:
            return Effect(self._api.create(Made, "issue", body, about=about).key, found=False)
        except AccessDenied as error:
            project = draft.project.upper()
            raise self._explained(error, CREATE_ISSUES, about=about, project=project) from error
        except ServiceUnavailable:
            late = self._seen_late(draft, label)
            if late is None:
                raise
            return Effect(late, found=False)

    def find_made(self, draft: TicketDraft, *, marker: str) -> str | None:
        """Return the key of the ticket that was made with a marker, if one was.

        Raises:
            ServiceError: Jira did not answer, or refused.
        """
        return self._made(draft, label_of(marker))

    def _seen_late(self, draft: TicketDraft, label: str) -> str | None:
        """Look for what an answer that was lost may have made, until the search knows it."""
        looking = Retrying(
            stop=stop_after_attempt(LOOKS),
            wait=wait_fixed(SECONDS_BETWEEN_LOOKS),
            retry=retry_if_result(lambda found: found is None),
        )
        try:
            return looking(self._made, draft, label)
        except (RetryError, ServiceError):
            return None

    def _made(self, draft: TicketDraft, label: str) -> str | None:
        """Return the key of what carries our label; of several, that of the oldest."""
        if draft.parent is not None and draft.level is TicketLevel.SUBTASK:
            parent = self._issue(checked(draft.parent), "subtasks")
            for one in parent.fields.subtasks:
                if self._is_ours(one.key, label):
                    return one.key
        query = f'labels = "{label}" ORDER BY created ASC'
        for issue in self._found(query, "summary", size=_MAX_SAME):
            if self._is_ours(issue.key, label):
                return issue.key
        return None

    def _is_ours(self, key: str, label: str) -> bool:
        fields = self._issue(checked(key), "labels,creator").fields
        creator = fields.creator.account if fields.creator else ""
        return label in fields.labels and creator == self._own_account()

    def _fields_of(self, draft: TicketDraft, label: str) -> dict[str, object]:
        chosen = self._type_of(draft)
        fields: dict[str, Any] = {
            "project": {"key": draft.project.upper()},
            "issuetype": {"id": chosen.id},
            "summary": " ".join(draft.title.split()),
            "labels": [*("-".join(one.split()) for one in draft.labels), label],
        }
        if draft.description.strip():
            fields["description"] = self._content(draft.description)
        if draft.components:
            fields["components"] = [{"name": one} for one in draft.components]
        return fields | self._place_of(draft, chosen)

    def _place_of(self, draft: TicketDraft, chosen: IssueType) -> dict[str, object]:
        """Return the fields that put a ticket below another one, or make an epic one on Server."""
        parent = None if draft.parent is None else checked(draft.parent)
        if self._api.is_cloud or chosen.is_of(TicketLevel.SUBTASK):
            return {} if parent is None else {"parent": {"key": parent}}
        if chosen.is_of(TicketLevel.EPIC):
            name = self._site_fields.id_of_kind(EPIC_NAME)
            return {name: draft.title} if name else {}
        if parent is None:
            return {}
        link = self._site_fields.id_of_kind(EPIC_LINK)
        if not link:
            raise Rejected(
                f"Jira has no field that puts a ticket below the epic {parent!r}.",
                hint="Make it without a parent, or add Jira Software's field 'Epic Link'.",
            )
        return {link: parent}

    def _type_of(self, draft: TicketDraft) -> IssueType:
        project = draft.project.upper()
        page = self._api.read(
            IssueTypes,
            f"issue/createmeta/{project}/issuetypes",
            about=f"read which tickets can be made in the project {project!r}",
            params={"maxResults": "100"},
        )
        known = page.types or page.values
        if draft.issue_type:
            fitting = [one for one in known if _is_called(one, (draft.issue_type.casefold(),))]
        else:
            fitting = [one for one in known if one.is_of(draft.level)]
        if fitting:
            usual = _USUAL_NAMES.get(draft.level) or _KIND_NAMES[draft.kind]
            return next((one for one in fitting if _is_called(one, usual)), fitting[0])
        wanted = draft.issue_type or draft.level.value
        names = ", ".join(repr(one.name) for one in known) or "none that this account may make"
        raise Rejected(
            f"The project {project!r} has no type {wanted!r} of tickets.",
            hint=f"It has: {names}.",
        )


def label_of(marker: str) -> str:
    """Return the label of what is made with a marker."""
    return f"{LABEL_PREFIX}{hashlib.sha256(marker.encode()).hexdigest()[:16]}"


def _about(draft: TicketDraft) -> str:
    return f"make the ticket {draft.title!r} in the project {draft.project!r}"


def _is_called(one: Named, names: tuple[str, ...]) -> bool:
    return bool({one.name.casefold(), one.untranslated.casefold()} & set(names))
