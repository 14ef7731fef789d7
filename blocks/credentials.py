"""Credential blocks of Mergewright's own; GitHub's and Slack's come from their Prefect packages."""

from typing import Any

from prefect.blocks.abstract import CredentialsBlock
from pydantic import Field, HttpUrl, SecretStr

from mergewright.clients.secrets import reveal
from mergewright.domain.access import Access

DOCUMENTATION_URL = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")
WEB_ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$"
"""An address without a user, password, query or fragment."""
NEVER_SHOWN = (
    "it is never shown again. In its place may be where it is: env://NAME, file:///path, "
    "vault://mount/path#field or aws-sm://name#field."
)


class AnthropicCredentials(CredentialsBlock):
    """Key of the Anthropic API, and where the API is."""

    _block_type_name = "Anthropic Credentials"
    _block_type_slug = "mergewright-anthropic-credentials"
    _documentation_url = DOCUMENTATION_URL
    _description = "Key of the Anthropic API, used for model calls."
    _code_example = """```python
from blocks.credentials import AnthropicCredentials

credentials = AnthropicCredentials.load("BLOCK_NAME")
credentials.get_client().models.list()
```"""

    api_key: SecretStr = Field(description=f"API key; {NEVER_SHOWN}")
    base_url: str | None = Field(
        default=None,
        description="Address of the Messages API; empty means the vendor's own.",
    )

    def get_client(self, **options: Any) -> Any:  # noqa: ANN401 - the base class has this form
        """Return the vendor's SDK client.

        Args:
            options: Passed on to the client.
        """
        from anthropic import Anthropic  # noqa: PLC0415 - half a second that only callers pay

        key = self.get_key().get_secret_value()
        return Anthropic(api_key=key, base_url=self.base_url, **options)

    def get_key(self) -> SecretStr:
        """Return the key itself, also where the block holds a reference to it.

        Raises:
            MergewrightError: The reference leads to no secret.
        """
        return SecretStr(reveal(self.api_key))


class AtlassianCredentials(CredentialsBlock):
    """Where a team's Jira or Confluence is, and whose token opens it."""

    _block_type_name = "Atlassian Credentials"
    _block_type_slug = "mergewright-atlassian-credentials"
    _documentation_url = DOCUMENTATION_URL
    _description = "Address and token of Jira or Confluence, on Cloud or on a server of one's own."
    _code_example = """```python
from blocks.credentials import AtlassianCredentials

credentials = AtlassianCredentials.load("BLOCK_NAME")
credentials.get_client().get("rest/api/3/myself").json()
```"""

    url: str = Field(
        pattern=WEB_ADDRESS, description="Address, as https://example.atlassian.net; no password."
    )
    username: str = Field(
        default="",
        description=(
            "Account of the token: on Cloud its mail address. "
            "Empty sends the token as a bearer, as personal access tokens of a server want it."
        ),
    )
    token: SecretStr = Field(description=f"API token; {NEVER_SHOWN}")
    cloud: bool = Field(
        default=True, description="Whether it is on Cloud, and not Server or Data Center."
    )

    def get_client(self, **options: Any) -> Any:  # noqa: ANN401 - the base class has this form
        """Return the library's client of Jira; its calls return the answer as it is.

        Args:
            options: `timeout_seconds`.

        Raises:
            MergewrightError: The token is a reference that leads to none.
        """
        from mergewright.clients.jira_api import open_jira  # noqa: PLC0415 - only callers pay
        from mergewright.clients.secret_renewal import renewing  # noqa: PLC0415 - as above

        token = reveal(self.token)
        client = open_jira(self.url, token, username=self.username, cloud=self.cloud, **options)
        return renewing(client, self.token, self.username)

    def check(self) -> Access:
        """Say who we are in Jira, and which permissions no project there gives us.

        Raises:
            AccessDenied: The credential is wrong, or lacks what every run needs.
            ServiceError: Jira refused or did not answer.
        """
        from mergewright.clients.jira import JiraTracker  # noqa: PLC0415 - only callers pay

        return JiraTracker(self.get_client()).check()

    def get_confluence(self, **options: Any) -> Any:  # noqa: ANN401 - as `get_client`
        """Return the library's client of Confluence at the same address.

        Args:
            options: `timeout_seconds`, `answer_seconds`.

        Raises:
            MergewrightError: The token is a reference that leads to none.
        """
        from mergewright.clients.confluence_api import open_confluence  # noqa: PLC0415 - only callers pay
        from mergewright.clients.secret_renewal import renewing  # noqa: PLC0415 - as above

        token = reveal(self.token)
        client = open_confluence(
            self.url, token, username=self.username, cloud=self.cloud, **options
        )
        return renewing(client, self.token, self.username)
