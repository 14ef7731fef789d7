"""Whether a pull request at GitHub is a draft or ready for review; only GraphQL changes that.

Source: GitHub's public GraphQL schema (`markPullRequestReadyForReview`, `convertPullRequestToDraft`),
2026-11-20.
"""

from typing import Final

from mergewright.clients.github_answers import Anything, Pull
from mergewright.clients.github_repository import Repositories
from mergewright.clients.ports import Compensation, Effect
from mergewright.domain.pull_request import PullRequest
from mergewright.errors import NotFound, Rejected

_TO_READY: Final = """
mutation ($id: ID!) {
  markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } }
}
"""
_TO_DRAFT: Final = """
mutation ($id: ID!) {
  convertPullRequestToDraft(input: {pullRequestId: $id}) { pullRequest { isDraft } }
}
"""


class Readiness(Repositories):
    """Drafts, and what becomes of them."""

    def mark_ready(self, repository: str, number: int) -> Effect[PullRequest]:
        """Say that a draft is ready for review; return the pull request as it is then.

        Raises:
            NotFound: There is no such pull request.
            AccessDenied: The account may not do so.
            Rejected: The pull request is closed.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or asks to wait.
        """
        pull = self.pull(repository, number)
        if not pull.draft:
            return Effect(pull.value, found=True)
        if pull.state != "open":
            raise Rejected(
                f"The pull request #{number} of {repository!r} is closed: it cannot be made ready.",
                hint="Open it again at GitHub first.",
            )
        about = f"mark the pull request #{number} of {repository!r} as ready"
        ready = self._marked(repository, pull, _TO_READY, is_draft=False, about=about)
        return Effect(ready.value, found=False)

    def mark_draft(self, repository: str, number: int, *, rehearse: bool = False) -> Compensation:
        """Make a pull request a draft again.

        Raises:
            AccessDenied: The account may not do so.
            Rejected: The repository knows no drafts.
            SettingInvalid: The repository is none of this GitHub.
            ServiceError: GitHub did not answer, or refused.
        """
        try:
            pull = self.pull(repository, number)
        except NotFound:
            return Compensation("already", "The pull request is not there any more.")
        state = pull.value.state
        if state == "merged":
            return Compensation("kept", "It was merged.", pull.html_url)
        if state == "closed" or pull.draft:
            told = "The pull request is closed." if state == "closed" else "It is a draft."
            return Compensation("already", told, pull.html_url)
        if not rehearse:
            about = f"make the pull request #{number} of {repository!r} a draft"
            self._marked(repository, pull, _TO_DRAFT, is_draft=True, about=about)
        return Compensation("undone", "It was ready; it is a draft again.", pull.html_url)

    def _marked(
        self, repository: str, pull: Pull, mutation: str, *, is_draft: bool, about: str
    ) -> Pull:
        """Make it one or the other; a refusal counts only if it is not so by then."""
        refused: Rejected | None = None
        try:
            self.api.query(Anything, mutation, {"id": pull.node_id}, about=about)
        except Rejected as error:
            refused = error
        now = self.pull(repository, pull.number)
        if refused is not None and now.draft != is_draft:
            raise refused
        return now
