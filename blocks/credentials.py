"""Credential blocks of Mergewright's own; GitHub's and Slack's come from their Prefect packages."""

from typing import Any

from prefect.blocks.abstract import CredentialsBlock
from pydantic import Field, HttpUrl, SecretStr

DOCUMENTATION_URL = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")


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
