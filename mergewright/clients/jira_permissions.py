"""What the account may do in Jira, and how a refusal is explained.

Source: REST description of Jira Cloud (`mypermissions`, which wants the permissions named); Server
9.12 has the same resource and names all; 2026-11-20.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pydantic import Field

from mergewright.clients.jira_api import JiraApi
from mergewright.clients.jira_issue import Answer
from mergewright.errors import AccessDenied

NEEDED = MappingProxyType(
    {
        "BROWSE_PROJECTS": "tickets cannot be read",
        "ADD_COMMENTS": "a ticket cannot be told what was done",
        "TRANSITION_ISSUES": "tickets cannot be moved",
    }
)
"""Without these no run is of use; each with what does not work."""
WANTED = MappingProxyType(
    {
        "EDIT_OWN_COMMENTS": "a comment cannot be brought up to date",
        "DELETE_OWN_COMMENTS": "a comment cannot be taken back",
        "LINK_ISSUES": "pull request and run are not linked, nor are tickets to each other",
        "CREATE_ISSUES": "no epics, stories or subtasks can be made",
        "VIEW_VOTERS_AND_WATCHERS": "watchers are not known",
    }
)


class Permission(Answer):
    """Whether we have one permission."""

    name: str = ""
    is_given: bool = Field(default=False, alias="havePermission")


class Permissions(Answer):
    """What we may do."""

    permissions: Mapping[str, Permission] = Field(default_factory=dict)


def missing_permissions(
    api: JiraApi, wanted: Iterable[str], *, issue: str = "", project: str = ""
) -> dict[str, str]:
    """Return which permissions the account lacks, by key, each with Jira's name for it.

    Args:
        api: Calls to Jira.
        wanted: Keys of permissions, as `ADD_COMMENTS`.
        issue: Key of the ticket it is about.
        project: Key of the project it is about, if it is no ticket.

    Raises:
        ServiceError: Jira did not answer, or refused.
    """
    keys = tuple(wanted)
    params = {"permissions": ",".join(keys)}
    if issue:
        params["issueKey"] = issue
    elif project:
        params["projectKey"] = project
    found = api.read(Permissions, "mypermissions", about="read what we may do", params=params)
    return {
        key: found.permissions[key].name or _in_words(key)
        for key in keys
        if key in found.permissions and not found.permissions[key].is_given
    }


def refusal(
    api: JiraApi, permission: str, *, account: str, about: str, issue: str = "", project: str = ""
) -> AccessDenied | None:
    """Return the error that explains a missing permission; None when it is not missing.

    Args:
        api: Calls to Jira.
        permission: Key of the permission, as `ADD_COMMENTS`.
        account: Who we are, for people.
        about: What could not be done: `comment on the ticket 'ABC-1'`.
        issue: Key of the ticket it is about.
        project: Key of the project it is about, if it is no ticket.

    Raises:
        ServiceError: Jira did not answer, or refused.
    """
    missing = missing_permissions(api, (permission,), issue=issue, project=project)
    if permission not in missing:
        return None
    where = project or issue.rpartition("-")[0]
    return AccessDenied(
        f"Jira could not {about}: the account {account!r} has not the permission "
        f"{missing[permission]!r} in the project {where!r}.",
        hint=f"An administrator of the project {where!r} can grant it: project settings, "
        "permissions (on a server: its permission scheme); a role that the account has is enough.",
    )


def _in_words(key: str) -> str:
    return key.replace("_", " ").capitalize()
