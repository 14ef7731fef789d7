"""Finding tickets in Jira by a query in its own language.

Source: REST description of Jira Cloud (`search/jql`, which pages by token and has no total; the old
`search` is gone from Cloud) and Server 9.12 (`search`, which pages by `startAt`); 2026-11-20.
"""

from collections.abc import Iterator, Mapping

from pydantic import Field

from mergewright.clients.jira_api import MAX_PAGES, PAGE_SIZE
from mergewright.clients.jira_issue import SUMMARY_FIELDS, Answer, LinkedIssue
from mergewright.clients.jira_site import JiraSite
from mergewright.clients.jira_ticket import summary_of
from mergewright.domain.ticket import TicketSummary
from mergewright.errors import Rejected

DEFAULT_LIMIT = 50


class Found(Answer):
    """Some of what a query finds."""

    issues: tuple[LinkedIssue, ...] = ()
    total: int | None = None
    next_page: str = Field(default="", alias="nextPageToken")


class JiraSearch(JiraSite):
    """Queries to one Jira."""

    def search(self, query: str, *, limit: int = DEFAULT_LIMIT) -> tuple[TicketSummary, ...]:
        """Return the tickets that a query in JQL finds, at most `limit`, in the query's order.

        Raises:
            Rejected: The query is empty or wrong, with what Jira says about it.
            AccessDenied: The credential is wrong or too weak.
            RateLimited: Jira asks to wait.
            ServiceUnavailable: Jira does not answer.
        """
        if not query.strip():
            raise Rejected(
                "The query for tickets is empty.",
                hint="Bound it, as in `project = SHOP AND statusCategory != Done`.",
            )
        found: list[TicketSummary] = []
        for issue in self._found(query, SUMMARY_FIELDS, size=min(limit, PAGE_SIZE)):
            if len(found) >= limit:
                break
            summary = summary_of(issue, site=self._api.url)
            if summary is not None:
                found.append(summary)
        return tuple(found)

    def _found(self, query: str, fields: str, *, size: int) -> Iterator[LinkedIssue]:
        about = f"search for {query!r}"
        params = {"jql": query, "fields": fields, "maxResults": str(max(1, size))}
        at = 0
        for _ in range(MAX_PAGES):
            page = self._page(params, at, about)
            yield from page.issues
            at += len(page.issues)
            if not page.issues or not self._goes_on(page, at):
                return
            params["nextPageToken"] = page.next_page

    def _page(self, params: Mapping[str, str], at: int, about: str) -> Found:
        if self._api.is_cloud:
            return self._api.read(Found, "search/jql", about=about, params=params)
        place = {"startAt": str(at)}
        numbered = {name: value for name, value in params.items() if name != "nextPageToken"}
        return self._api.read(Found, "search", about=about, params={**numbered, **place})

    def _goes_on(self, page: Found, at: int) -> bool:
        if self._api.is_cloud:
            return bool(page.next_page)
        return page.total is None or at < page.total
