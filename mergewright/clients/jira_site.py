"""What all parts of the Jira tracker share: the API, who we are, and how a ticket is named."""

from mergewright.clients.adf import to_adf
from mergewright.clients.adf_panels import with_panels
from mergewright.clients.jira_api import Client, JiraApi
from mergewright.clients.jira_issue import Issue, Person, text_of
from mergewright.clients.jira_permissions import refusal
from mergewright.clients.outcomes import Compensation
from mergewright.clients.ticket_file import is_key
from mergewright.clients.wiki_writing import to_wiki
from mergewright.errors import AccessDenied, NotFound, ServiceError

GONE = Compensation("already", "The ticket is not there any more.")


class JiraSite:
    """One Jira, as one account sees it.

    Args:
        client: The library's client, as `open_jira` makes it.
    """

    def __init__(self, client: Client) -> None:
        self._api = JiraApi(client)
        self._own: Person | None = None

    def _issue(self, key: str, fields: str) -> Issue:
        about = f"read the ticket {key!r}"
        return self._api.read(Issue, f"issue/{key}", about=about, params={"fields": fields})

    def _own_person(self) -> Person:
        if self._own is None:
            self._own = self._api.read(Person, "myself", about="say who we are")
        return self._own

    def _own_account(self) -> str:
        return self._own_person().account

    def _explained(
        self,
        error: ServiceError,
        permission: str,
        *,
        about: str,
        issue: str = "",
        project: str = "",
    ) -> ServiceError:
        """Return the error that names a missing permission; this one when none is missing."""
        if not isinstance(error, AccessDenied):
            return error
        try:
            account = self._own_person().shown_name
            told = refusal(
                self._api, permission, account=account, about=about, issue=issue, project=project
            )
        except ServiceError:
            return error
        return told or error

    def _place(self, key: str) -> str:
        return f"{self._api.url}/browse/{key}"

    def _content(self, body: str) -> object:
        """Return a text as Jira wants it: a document on Cloud, wiki markup on Server."""
        return with_panels(to_adf(body)) if self._api.is_cloud else to_wiki(body)

    def _as_shown(self, body: str) -> str:
        """Return a text as it comes back from Jira."""
        return text_of(self._content(body))


def checked(key: str) -> str:
    """Return the key as Jira writes it; it becomes part of a path, so nothing else may pass.

    Raises:
        NotFound: It has not the form of a key.
    """
    if not is_key(key):
        raise NotFound(
            f"There is no ticket {key!r} in Jira.",
            hint="Name a ticket by its key, as in 'PROJ-7'.",
        )
    return key.upper()
