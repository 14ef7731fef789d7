"""Links between tickets in Jira: blocks, is blocked by, relates to, or what a site calls them.

Of a new link, `inwardIssue` is where it starts: it then reads, as a sentence, `inwardIssue blocks
outwardIssue`. Read from the first, the other is its `outwardIssue`.

Source: developer.atlassian.com/cloud/jira/platform/issue-linking-model (how links read) and REST
description of Jira Cloud (`issueLink`, `issueLinkType`), 2026-11-20.
"""

from typing import NamedTuple

from pydantic import Field

from mergewright.clients.jira_issue import Answer, IssueLink, LinkType
from mergewright.clients.jira_site import GONE, JiraSite, checked
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.errors import AccessDenied, NotFound, Rejected


class LinkTypes(Answer):
    """The kinds of links that a site has."""

    types: tuple[LinkType, ...] = Field(default=(), alias="issueLinkTypes")


class Kind(NamedTuple):
    """A kind of link, and which way it is meant."""

    name: str
    is_outward: bool


class JiraRelations(JiraSite):
    """Links between the tickets of one Jira."""

    def check_relation(self, other: str, kind: str) -> None:
        """See that a ticket could be linked to another one.

        Raises:
            NotFound: There is no such ticket, or the account may not see it.
            Rejected: The site has no such kind of link.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        self._issue(checked(other), "summary")
        self._kind(kind)

    def relate(self, key: str, other: str, kind: str) -> Effect[str]:
        """Link a ticket to another one, once; return what the link says.

        Args:
            key: Key of the ticket that the sentence begins with.
            other: Key of the other ticket.
            kind: What is said between them: `blocks`, `is blocked by`, `relates to`.

        Raises:
            NotFound: One of the tickets is not there, or the account may not see it.
            AccessDenied: The account may not link.
            Rejected: The site has no such kind of link, or a ticket would be linked to itself.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        key, other = checked(key), checked(other)
        if key == other:
            raise Rejected(
                f"The ticket {key!r} cannot be linked to itself.", hint="Name another ticket."
            )
        about = f"link the ticket {key!r} to {other!r}"
        found = self._relation(key, other, kind)
        says = f"{key} {kind} {other}"
        if found is not None:
            return Effect(says, found=True)
        known = self._kind(kind)
        ends = (key, other) if known.is_outward else (other, key)
        body: dict[str, object] = {
            "type": {"name": known.name},
            "inwardIssue": {"key": ends[0]},
            "outwardIssue": {"key": ends[1]},
        }
        try:
            self._api.act("issueLink", body, about=about)
        except AccessDenied as error:
            raise self._explained(error, "LINK_ISSUES", about=about, issue=key) from error
        return Effect(says, found=False)

    def unrelate(self, key: str, other: str, kind: str, *, rehearse: bool = False) -> Compensation:
        """Take the link between two tickets away.

        Raises:
            AccessDenied: The account may not take it away.
            ServiceError: Jira did not answer, or refused.
        """
        try:
            key, other = checked(key), checked(other)
            found = self._relation(key, other, kind)
        except NotFound:
            return GONE
        if found is None:
            return Compensation("already", "The link is not there any more.")
        if not rehearse:
            about = f"take the link from {key!r} to {other!r} away"
            self._api.remove(f"issueLink/{found.id}", about=about)
        return Compensation("undone", "A link cannot be changed, so nobody had changed it.")

    def _relation(self, key: str, other: str, kind: str) -> IssueLink | None:
        said = kind.casefold()
        for one in self._issue(key, "issuelinks").fields.links:
            outward, inward = one.outward, one.inward
            names = (one.type.name.casefold(), one.type.outward.casefold())
            if outward is not None and outward.key == other and said in names:
                return one
            if inward is not None and inward.key == other and said == one.type.inward.casefold():
                return one
        return None

    def _kind(self, kind: str) -> Kind:
        known = self._api.read(LinkTypes, "issueLinkType", about="read its kinds of links").types
        said = kind.casefold()
        for one in known:
            if said in (one.name.casefold(), one.outward.casefold()):
                return Kind(one.name, is_outward=True)
            if said == one.inward.casefold():
                return Kind(one.name, is_outward=False)
        names = ", ".join(f"{one.outward!r}, {one.inward!r}" for one in known) or "none"
        raise Rejected(
            f"Jira has no links that say {kind!r} between two tickets.",
            hint=f"It has: {names}.",
        )
