"""Links from a ticket in Jira to where its work is: the pull request, the run.

A link's `globalId` is its natural key: written twice, it is one link.

Source: REST description of Jira Cloud (`issue/{key}/remotelink`), Server 9.12 the same, 2026-11-20.
"""

import hashlib

from pydantic import Field

from mergewright.clients.jira_issue import Answer
from mergewright.clients.jira_site import GONE, JiraSite, checked
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.errors import AccessDenied, NotFound

MAX_TITLE_CHARACTERS = 255
_APPLICATION = {"type": "mergewright", "name": "Mergewright"}


class LinkedObject(Answer):
    """Where a link leads."""

    url: str = ""
    title: str = ""


class RemoteLink(Answer):
    """A link from a ticket to somewhere else."""

    target: LinkedObject = Field(default_factory=LinkedObject, alias="object")


class JiraRemoteLinks(JiraSite):
    """The links of tickets in one Jira to elsewhere."""

    def link(self, key: str, url: str, title: str, *, marker: str) -> Effect[str]:
        """Link the ticket to an address, once per marker; return the address.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            AccessDenied: The account may not link.
            Rejected: Jira refused the link.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key = checked(key)
        about = f"link the ticket {key!r} to {url!r}"
        wanted = LinkedObject(url=url, title=title[:MAX_TITLE_CHARACTERS])
        there = self._remote_link(key, marker)
        if there is not None and there.target == wanted:
            return Effect(url, found=True)
        body: dict[str, object] = {
            "globalId": _global_id(marker),
            "application": _APPLICATION,
            "object": wanted.model_dump(),
        }
        try:
            self._api.act(f"issue/{key}/remotelink", body, about=about, safe_to_repeat=True)
        except AccessDenied as error:
            raise self._explained(error, "LINK_ISSUES", about=about, issue=key) from error
        return Effect(url, found=there is not None)

    def unlink(
        self, key: str, url: str, title: str, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Take a link off the ticket, if it leads where we let it lead.

        Raises:
            AccessDenied: The account may not take it off.
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key = checked(key)
            self._issue(key, "summary")
        except NotFound:
            return GONE
        there = self._remote_link(key, marker)
        if there is None:
            return Compensation("already", "The link is not there any more.")
        if there.target != LinkedObject(url=url, title=title[:MAX_TITLE_CHARACTERS]):
            return Compensation("kept", "It was changed since.", self._place(key))
        if not rehearse:
            self._api.remove(
                f"issue/{key}/remotelink",
                about=f"take a link off the ticket {key!r}",
                params={"globalId": _global_id(marker)},
            )
        return Compensation("undone", "Nobody had changed it.")

    def _remote_link(self, key: str, marker: str) -> RemoteLink | None:
        """Return our link with this marker.

        Jira answers 404 both for a missing link and for a missing ticket: writing tells them apart.
        """
        try:
            return self._api.read(
                RemoteLink,
                f"issue/{key}/remotelink",
                about=f"read the links of the ticket {key!r}",
                params={"globalId": _global_id(marker)},
            )
        except NotFound:
            return None


def _global_id(marker: str) -> str:
    """Return the key of a link: the marker itself could be too long for Jira."""
    return f"mergewright:{hashlib.sha256(marker.encode()).hexdigest()[:40]}"
