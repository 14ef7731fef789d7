"""What all that is done at a GitHub shares: its API, its repositories, who we are, pull requests."""

import re
from contextlib import suppress

from mergewright.clients.comment_section import neutralise
from mergewright.clients.github_address import RepositoryName, parse_repository
from mergewright.clients.github_answers import (
    Account,
    Anything,
    App,
    Form,
    IssueComment,
    Pull,
)
from mergewright.clients.github_connection import GitHubConnection
from mergewright.errors import AccessDenied, NotFound

MAX_BODY_CHARACTERS = 65_536
"""Source: GitHub refuses a longer body with `body is too long (maximum is 65536 characters)`."""

_CUT = "\n\n*The rest was cut: GitHub takes no longer text.*"
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

    def marked_comment(self, repository: str, number: int, tag: str) -> IssueComment | None:
        """Return our comment that carries a tag; anybody could write a tag, so it must be ours.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        found = [one for one in self.comments(repository, number) if tag in one.body]
        own = self.login().lower() if found else ""
        return next((one for one in found if one.user.login.lower() == own), None)

    def add_comment(self, repository: str, number: int, body: str, tag: str) -> IssueComment:
        """Write a comment that carries a tag.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        path = self.path(repository, f"issues/{number}/comments")
        about = f"comment on #{number} of {repository!r}"
        return self.api.create(IssueComment, path, {"body": tagged(body, tag)}, about=about)

    def change_comment(self, repository: str, comment: IssueComment, body: str, tag: str) -> None:
        """Write over a comment of ours.

        Raises:
            ServiceError: GitHub did not answer, or refused.
        """
        path = self.path(repository, f"issues/comments/{comment.id}")
        about = f"change a comment in {repository!r}"
        self.api.replace(Anything, path, {"body": tagged(body, tag)}, about=about)


def checked_commit(commit: str) -> str:
    """Return an id of a commit; it becomes part of a path, so nothing else may pass.

    Raises:
        NotFound: It is none.
    """
    if not re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
        raise NotFound(f"There is no commit {commit!r}.", hint="Name it by its whole id.")
    return commit


def plain(body: str) -> str:
    """Return a text with plain line ends, as two texts are compared."""
    return body.replace("\r\n", "\n").strip()


def tagged(body: str, tag: str) -> str:
    """Return a text with a tag below it that people do not see, cut to what GitHub takes."""
    text = plain(neutralise(body))
    room = MAX_BODY_CHARACTERS - len(tag) - 2
    if len(text) > room:
        text = text[: room - len(_CUT)] + _CUT
    return f"{text}\n\n{tag}"


def untagged(body: str, tag: str) -> str:
    """Return a text without the tag below it."""
    return plain(plain(body).removesuffix(tag))
