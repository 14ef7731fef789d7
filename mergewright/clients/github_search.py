"""Finding issues of one repository at GitHub, in the words of its own search.

GitHub looks into an index that lags behind by seconds: who acts on an issue reads it first.

Source: docs.github.com/en/rest/search (issues; at most 1000 results, 30 calls a minute) and
docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests, 2026-11-20.
"""

from collections.abc import Iterator

from mergewright.clients.github_api import GitHubApi
from mergewright.clients.github_issue import Issue
from mergewright.errors import Rejected


def search_issues(api: GitHubApi, repository: str, query: str) -> Iterator[Issue]:
    """Return the issues of a repository that a query finds, the oldest first.

    What the query finds in other repositories, by a `repo:` or `OR` of its own, is passed over.

    Args:
        api: Where.
        repository: As OWNER/NAME.
        query: Words and qualifiers, as `label:ready no:assignee`.

    Raises:
        Rejected: The query is empty or wrong, with what GitHub says about it.
        ServiceError: GitHub did not answer, or refused.
    """
    if not query.strip():
        raise Rejected(
            "The query for tickets is empty.", hint="Write words, or as in `is:open label:ready`."
        )
    params = {"q": f"repo:{repository} is:issue {query}", "sort": "created", "order": "asc"}
    about = f"search for {query!r}"
    for issue in api.pages(Issue, "search/issues", about=about, params=params, within="items"):
        home = "/".join(issue.repository_url.rstrip("/").split("/")[-2:])
        if home.casefold() == repository.casefold() and issue.pull_request is None:
            yield issue
