"""Credential blocks of Mergewright's own; GitHub's and Slack's come from their Prefect packages."""

from typing import Any

from prefect.blocks.abstract import CredentialsBlock
from pydantic import Field, HttpUrl, SecretStr

DOCUMENTATION_URL = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")
WEB_ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#@]*)?$"
"""An address without a user, password, query or fragment."""


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

    api_key: SecretStr = Field(description="API key; it is never shown again.")
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

        return Anthropic(api_key=self.api_key.get_secret_value(), base_url=self.base_url, **options)


class AtlassianCredentials(CredentialsBlock):
    """Where a team's Jira is, and whose token opens it."""

    _block_type_name = "Atlassian Credentials"
    _block_type_slug = "mergewright-atlassian-credentials"
    _documentation_url = DOCUMENTATION_URL
    _description = "Address and token of Jira, on Cloud or on a server of one's own."
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
    token: SecretStr = Field(description="API token; it is never shown again.")
    cloud: bool = Field(
        default=True, description="Whether it is Jira Cloud, and not Server or Data Center."
    )

    def get_client(self, **options: Any) -> Any:  # noqa: ANN401 - the base class has this form
        """Return the library's client of Jira; its calls return the answer as it is.

        Args:
            options: `timeout_seconds`.
        """
        from mergewright.clients.jira_api import open_jira  # noqa: PLC0415 - only callers pay

        token = self.token.get_secret_value()
        return open_jira(self.url, token, username=self.username, cloud=self.cloud, **options)
