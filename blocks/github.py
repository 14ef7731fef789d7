"""GitHub: an App's credentials, and the services that are at github.com or at an Enterprise."""

from typing import Any

from prefect.blocks.abstract import CredentialsBlock
from prefect_github import GitHubCredentials
from pydantic import Field, SecretStr

from blocks.credentials import DOCUMENTATION_URL, WEB_ADDRESS
from blocks.services import CodeHostService, TrackerService
from mergewright.clients.git import Credential
from mergewright.clients.github_access import FOR_ISSUES, access_of
from mergewright.clients.github_address import GITHUB_API, address_of
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.github_connection import GitHubConnection, open_github_app
from mergewright.clients.ports import CodeHost, Tracker
from mergewright.clients.secret_renewal import ReferencedToken
from mergewright.clients.secrets import reveal
from mergewright.domain.access import Access
from mergewright.errors import BlockMissing

_OPTIONAL_ADDRESS = rf"^$|{WEB_ADDRESS}"
_CREDENTIALS_DESCRIPTION = "Token, or GitHub App, that calls are made with."
_API_DESCRIPTION = (
    "Root of the REST API, as https://github.example.org/api/v3 of an Enterprise; "
    "empty means that of the App's credentials, or github.com's."
)
_WEB_DESCRIPTION = "Root of what people read; empty takes the one that belongs to the API."


class GitHubAppCredentials(CredentialsBlock):
    """A GitHub App that is installed where the repositories are.

    Each process makes itself tokens that last an hour, when it needs them.
    """

    _block_type_name = "GitHub App Credentials"
    _block_type_slug = "mergewright-github-app-credentials"
    _documentation_url = DOCUMENTATION_URL
    _description = "Private key of a GitHub App, which makes tokens that last an hour."
    _code_example = """```python
from blocks.github import GitHubAppCredentials

credentials = GitHubAppCredentials.load("BLOCK_NAME")
print(credentials.check())
```"""

    app_id: str = Field(min_length=1, description="Client id of the App, or its number.")
    installation_id: int = Field(
        ge=1, description="Number of the installation, at the end of its settings' address."
    )
    private_key: SecretStr = Field(
        description="The whole .pem file that GitHub gave; it is never shown again."
    )
    api_url: str = Field(
        default=GITHUB_API,
        pattern=WEB_ADDRESS,
        description="Root of the REST API, as https://github.example.org/api/v3 of an Enterprise.",
    )

    def get_client(self, **options: Any) -> GitHubConnection:  # noqa: ANN401 - the base class has this form
        """Return a connection as the App's installation; its token is made with the first call.

        Args:
            options: `api_url`, `web_url`, `limits`.

        Raises:
            SettingInvalid: The key is no RSA key, or an address is none.
        """
        named: dict[str, Any] = {"api_url": self.api_url} | options
        key = reveal(self.private_key)
        return open_github_app(self.app_id, key, self.installation_id, **named)

    def check(self) -> Access:
        """Say which App it is, and which permissions its installation lacks.

        Raises:
            AccessDenied: The key is not accepted, or the App may not open pull requests.
            SettingInvalid: The key is no RSA key.
            ServiceError: GitHub did not answer, or refused.
        """
        return access_of(self.get_client())


class GitHubCodeHost(CodeHostService):
    """Pull requests at github.com or at a GitHub Enterprise."""

    _block_type_name = "Mergewright GitHub Code Host"
    _block_type_slug = "mergewright-github-code-host"
    _documentation_url = DOCUMENTATION_URL
    _description = "Pull requests at github.com or at a GitHub Enterprise."

    # The App comes first: it needs all of its fields, and the token's block takes any data.
    credentials: GitHubAppCredentials | GitHubCredentials = Field(
        description=_CREDENTIALS_DESCRIPTION
    )
    api_url: str = Field(default="", pattern=_OPTIONAL_ADDRESS, description=_API_DESCRIPTION)
    web_url: str = Field(default="", pattern=_OPTIONAL_ADDRESS, description=_WEB_DESCRIPTION)

    def connect(self) -> CodeHost:
        """Return a client of GitHub."""
        from mergewright.clients.github import GitHubHost  # noqa: PLC0415 - only callers pay

        return GitHubHost(_connection(self.credentials, self.api_url, self.web_url))

    def check(self, repository: str = "") -> Access:
        """Say who we are and what is missing.

        Args:
            repository: URL of a repository that must be open to us; empty looks at none.

        Raises:
            AccessDenied: The credential is not accepted, or nothing works with it.
            BlockMissing: The credentials hold no token.
            NotFound: The repository is not to be seen.
            SettingInvalid: An address is none, or the App's key is no RSA key.
            ServiceError: GitHub did not answer, or refused.
        """
        connection = _connection(self.credentials, self.api_url, self.web_url)
        return access_of(connection, repository=repository)

    def git_credential(self, repository: str) -> Credential | None:
        """Return what git proves itself with at a repository of this GitHub; None at any other.

        Raises:
            MergewrightError: As `git_credential` of this module says.
        """
        return git_credential(
            self.credentials, repository, api_url=self.api_url, web_url=self.web_url
        )


class GitHubIssueTracker(TrackerService):
    """Tickets that are the issues of one repository at GitHub."""

    _block_type_name = "Mergewright GitHub Issues"
    _block_type_slug = "mergewright-github-issues"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tickets that are the issues of one repository at GitHub."

    credentials: GitHubAppCredentials | GitHubCredentials = Field(
        description=_CREDENTIALS_DESCRIPTION
    )
    repository: str = Field(
        min_length=1, description="Repository of the issues: OWNER/NAME, or its URL."
    )
    in_progress_label: str = Field(
        default="in progress", min_length=1, description="Label of an issue that is worked on."
    )
    in_review_label: str = Field(
        default="in review", min_length=1, description="Label of an issue whose change is reviewed."
    )
    api_url: str = Field(default="", pattern=_OPTIONAL_ADDRESS, description=_API_DESCRIPTION)
    web_url: str = Field(default="", pattern=_OPTIONAL_ADDRESS, description=_WEB_DESCRIPTION)

    def connect(self) -> Tracker:
        """Return a client of the repository's issues."""
        from mergewright.clients.github_issue import StatusLabels  # noqa: PLC0415 - only callers pay
        from mergewright.clients.github_issues import GitHubIssues  # noqa: PLC0415 - as above

        return GitHubIssues(
            _connection(self.credentials, self.api_url, self.web_url),
            self.repository,
            status_labels=StatusLabels(
                in_progress=self.in_progress_label, in_review=self.in_review_label
            ),
        )

    @property
    def open_tickets_query(self) -> str:
        """The query that finds what is not closed."""
        return "is:open"

    def check(self) -> Access:
        """Say who we are and what is missing to read and move the issues.

        Raises:
            AccessDenied: The credential is not accepted, or nothing works with it.
            BlockMissing: The credentials hold no token.
            NotFound: The repository is not to be seen.
            SettingInvalid: An address or the repository is none, or the App's key no RSA key.
            ServiceError: GitHub did not answer, or refused.
        """
        connection = _connection(self.credentials, self.api_url, self.web_url)
        return access_of(connection, repository=self.repository, needs=FOR_ISSUES)


def _connection(
    credentials: GitHubAppCredentials | GitHubCredentials, api_url: str, web_url: str
) -> GitHubConnection:
    if isinstance(credentials, GitHubAppCredentials):
        return credentials.get_client(api_url=api_url or credentials.api_url, web_url=web_url)
    return open_github_token(credentials.token, api_url=api_url, web_url=web_url)


def open_github_token(
    token: SecretStr | None, *, api_url: str = "", web_url: str = ""
) -> GitHubConnection:
    """Connect with a token or a reference to one, which is read anew once when it is refused.

    Raises:
        BlockMissing: There is no token.
        SettingInvalid: An address is none.
        MergewrightError: The token is a reference that leads to none.
    """
    if token is None or not token.get_secret_value().strip():
        raise BlockMissing(
            "The GitHub credentials hold no token.",
            hint="Write one into the block of type 'GitHub Credentials' in the Prefect UI.",
        )
    reveal(token)
    address = address_of(api_url or GITHUB_API, web_url)
    return GitHubConnection(GitHubApi(address, ReferencedToken(token)))


def git_credential(
    credentials: GitHubAppCredentials | GitHubCredentials,
    repository: str,
    *,
    api_url: str = "",
    web_url: str = "",
) -> Credential | None:
    """Return what git proves itself with at a repository of this GitHub; None at any other.

    An App's token is made now, and is good for this repository's installation for up to an hour.

    Raises:
        ServiceError: GitHub did not make a token.
        SettingInvalid: An address is none, or the App's key is no RSA key.
        MergewrightError: The secret is a reference that leads to none.
    """
    if isinstance(credentials, GitHubAppCredentials):
        api_url = api_url or credentials.api_url
    elif credentials.token is None:
        return None
    web = address_of(api_url or GITHUB_API, web_url).web
    prefix = f"{web.rstrip('/')}/"
    if not repository.startswith(prefix):
        return None
    connection = _connection(credentials, api_url, web_url)
    return Credential(url_prefix=prefix, token=SecretStr(connection.api.token()))
