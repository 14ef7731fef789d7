"""What all that is done at a GitHub shares: its API, its repositories, who we are, pull requests."""

import re
from contextlib import suppress

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_address import RepositoryName, parse_repository
from mergewright.clients.github_answers import Account, App, IssueComment, Pull
from mergewright.clients.github_comments import CommentPlace, OwnComments
from mergewright.clients.github_connection import GitHubConnection
from mergewright.errors import AccessDenied, NotFound

_VIEWER = "query { viewer { login } }"


class Viewer(Form):
    """Who a query is made as."""

    viewer: Account


class Repositories:
    """Repositories at one GitHub.

    Args:
        connection: As `open_github` or `open_github_app` makes it.
    """

    def __init__(self, connection: GitHubConnection) -> None:
        self.api = connection.api
        self.app = connection.app
        self._login = ""

    def repository(self, name: str) -> RepositoryName:
        """Return which repository an address names.

        Raises:
            SettingInvalid: It names none of this GitHub, or holds a password.
        """
        return parse_repository(name, self.api.address.web)

    def path(self, repository: str, below: str) -> str:
        """Return the path of something in a repository.

        Raises:
            SettingInvalid: The repository is none of this GitHub.
        """
        return f"repos/{self.repository(repository)}/{below}"

    def commit_path(self, repository: str, commit: str, below: str) -> str:
        """Return the path of something about a commit.

        Raises:
            NotFound: It is no id of a commit.
            SettingInvalid: The repository is none of this GitHub.
        """
        return self.path(repository, f"commits/{checked_commit(commit)}/{below}")

    def login(self) -> str:
        """Return the name of our account, as it stands beside what we write.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        if not self._login:
            self._login = self._asked_login()
        return self._login

    def _asked_login(self) -> str:
        about = "say who we are"
        if self.app is not None:
            return f"{self.app.read(App, 'app', about=about).slug}[bot]"
        # The token that a workflow is given may not ask for its user, but for its viewer.
        with suppress(AccessDenied):
            return self.api.read(Account, "user", about=about).login
        return self.api.query(Viewer, _VIEWER, {}, about=about).viewer.login

    def pull(self, repository: str, number: int) -> Pull:
        """Return a pull request as GitHub shows it.

        Raises:
            NotFound: There is none with this number.
            ServiceError: GitHub did not answer, or refused.
        """
        if number < 1:
            raise NotFound(
                f"There is no pull request {number!r}.", hint="Numbers of pull requests count up."
            )
        about = f"read the pull request #{number} of {repository!r}"
        return self.api.read(Pull, self.path(repository, f"pulls/{number}"), about=about)

    def comments(self, repository: str, number: int) -> list[IssueComment]:
        """Return the comments below an issue or pull request, oldest first.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        path = self.path(repository, f"issues/{number}/comments")
        about = f"read the comments of #{number} of {repository!r}"
        return list(self.api.pages(IssueComment, path, about=about))

    def own_comments(self, repository: str, number: int) -> OwnComments:
        """Return our comments below an issue or pull request.

        Raises:
            SettingInvalid: The repository is none of this GitHub.
        """
        place = CommentPlace(
            new=self.path(repository, f"issues/{number}/comments"),
            one=self.path(repository, "issues/comments"),
            name=f"#{number} of {repository!r}",
        )
        return OwnComments(self.api, self.login, place, lambda: self.comments(repository, number))


def checked_commit(commit: str) -> str:
    """Return an id of a commit; it becomes part of a path, so nothing else may pass.

    Raises:
        NotFound: It is none.
    """
    if not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
        raise NotFound(f"There is no commit {commit!r}.", hint="Name it by its whole id.")
    return commit
