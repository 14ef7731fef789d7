"""Connecting to GitHub: with a token, or as an App that has short-lived tokens made."""

from typing import NamedTuple

from pydantic import AwareDatetime

from mergewright.clients.answer_forms import Form
from mergewright.clients.github_address import GITHUB_API, address_of
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.github_tokens import AppKey, FixedToken, InstallationToken, MintedToken
from mergewright.clients.github_wire import Limits


class GitHubConnection(NamedTuple):
    """GitHub's API as who we are there."""

    api: GitHubApi
    app: GitHubApi | None = None
    """The API as the App itself, which knows its name and rights; None when we are no App."""
    installation_id: int = 0


class Minted(Form):
    """A token that GitHub made for an installation."""

    token: str
    expires_at: AwareDatetime


def open_github(
    token: str, *, api_url: str = GITHUB_API, web_url: str = "", limits: Limits | None = None
) -> GitHubConnection:
    """Connect with a token that somebody made.

    Args:
        token: Classic or fine-grained personal access token.
        api_url: Root of the REST API, as `https://github.example.org/api/v3`.
        web_url: Root of what people read; empty takes the one that belongs to the API.
        limits: How long and how much is read of one answer.

    Raises:
        SettingInvalid: An address is none, or holds a password.
    """
    address = address_of(api_url, web_url)
    return GitHubConnection(GitHubApi(address, FixedToken(token), limits=limits))


def open_github_app(
    app_id: str,
    private_key: str,
    installation_id: int,
    *,
    api_url: str = GITHUB_API,
    web_url: str = "",
    limits: Limits | None = None,
) -> GitHubConnection:
    """Connect as an installation of an App; its token is made when the first call needs it.

    Args:
        app_id: Client id or id of the App.
        private_key: The App's private key, in PEM form.
        installation_id: Number of the App's installation.
        api_url: Root of the REST API.
        web_url: Root of what people read; empty takes the one that belongs to the API.
        limits: How long and how much is read of one answer.

    Raises:
        SettingInvalid: An address is none or holds a password, or the key is no RSA key.
    """
    address = address_of(api_url, web_url)
    app = GitHubApi(address, AppKey(app_id, private_key), limits=limits)

    def mint() -> MintedToken:
        path = f"app/installations/{installation_id}/access_tokens"
        made = app.create(Minted, path, {}, about="make a token for the App's installation")
        return MintedToken(made.token, made.expires_at.timestamp())

    api = GitHubApi(address, InstallationToken(mint), limits=limits)
    return GitHubConnection(api, app, installation_id)
