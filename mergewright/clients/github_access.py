"""Who we are at GitHub, and which permissions are missing.

A classic token names its scopes in each answer. A fine-grained token does not tell its permissions:
what can be known of it is whether it may push to a repository. An App knows those of its
installation.

Source: docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps and
/rest/apps/apps, 2026-11-20.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import Field

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_answers import Account, App, Repository
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.github_connection import GitHubConnection
from mergewright.clients.github_repository import Repositories
from mergewright.domain.access import Access
from mergewright.errors import AccessDenied

_LEVELS = ("none", "read", "write", "admin")


class Need(NamedTuple):
    """A permission of an App's installation."""

    level: str
    without: str
    """What does not work without it; empty when nothing does."""


FOR_PULL_REQUESTS = {
    "pull_requests": Need("write", ""),
    "contents": Need("write", "branches cannot be pushed"),
    "issues": Need("write", "labels, milestones and comments cannot be written"),
    "checks": Need("write", "gates cannot be shown as check runs"),
    "statuses": Need("read", "statuses of other services cannot be read"),
    "actions": Need("write", "workflows cannot be started, and logs not be read"),
}
FOR_ISSUES = {"issues": Need("write", "")}


class Installation(Form):
    """An App's installation."""

    account: Account = Field(default_factory=Account)
    permissions: dict[str, str] = Field(default_factory=dict)


def access_of(
    connection: GitHubConnection,
    *,
    repository: str = "",
    needs: Mapping[str, Need] = FOR_PULL_REQUESTS,
) -> Access:
    """Return who we are and what is missing, as far as it can be known without writing.

    Args:
        connection: GitHub, as who we are there.
        repository: URL of a repository to look at; empty looks at none.
        needs: Permissions of an App's installation, by name.

    Raises:
        AccessDenied: The credential is not accepted, or nothing works with it.
        NotFound: The repository is not to be seen.
        SettingInvalid: The repository is none of this GitHub.
        ServiceError: GitHub did not answer, or refused.
    """
    place, missing = connection.api.host, list[str]()
    if repository:
        place, missing = _look_at(connection, repository, needs)
    if connection.app is None:
        account, scopes = _token_access(connection.api)
        return Access(account=account, place=place, missing=(*scopes, *missing))
    account, permissions = _app_access(connection.app, connection.installation_id, needs)
    return Access(account=account, place=place, missing=permissions)


def _token_access(api: GitHubApi) -> tuple[str, tuple[str, ...]]:
    answer = api.send("GET", "user", about="say who we are", safe_to_repeat=True)
    login = Account.model_validate_json(answer.content).login
    told = answer.headers.get("X-OAuth-Scopes")
    if told is None:
        return f"{login} (fine-grained token: GitHub alone shows its permissions)", ()
    scopes = {scope.strip() for scope in told.split(",")}
    if "repo" in scopes:
        return login, ()
    if "public_repo" in scopes:
        return login, ("repo: private repositories are closed to it",)
    raise AccessDenied(
        f"The token of {login!r} lacks the scope 'repo'.",
        hint="Give it that scope at GitHub, under Developer settings.",
    )


def _app_access(
    app: GitHubApi, installation_id: int, needs: Mapping[str, Need]
) -> tuple[str, tuple[str, ...]]:
    about = "say what the App may do"
    slug = app.read(App, "app", about=about).slug
    installation = app.read(Installation, f"app/installations/{installation_id}", about=about)
    lacking = {
        name: need
        for name, need in needs.items()
        if _rank(installation.permissions.get(name, "none")) < _rank(need.level)
    }
    for name, need in lacking.items():
        if not need.without:
            raise AccessDenied(
                f"The App {slug!r} lacks the permission {name!r} ({need.level}).",
                hint="Give it that permission at GitHub, and accept it where it is installed.",
            )
    missing = tuple(f"{name} ({one.level}): {one.without}" for name, one in lacking.items())
    return f"{slug}[bot] at {installation.account.login}", missing


def _look_at(
    connection: GitHubConnection, repository: str, needs: Mapping[str, Need]
) -> tuple[str, list[str]]:
    path = Repositories(connection).path(repository, "").rstrip("/")
    found = connection.api.read(Repository, path, about=f"look at {repository!r}")
    if found.permissions.push or "contents" not in needs:
        return found.full_name, []
    return found.full_name, ["push: branches cannot be pushed, nor pull requests opened"]


def _rank(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else 0
