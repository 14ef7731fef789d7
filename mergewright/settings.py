"""Settings of this process: from the environment, with defaults that need nothing set."""

import os
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are kept and how far this process may go.

    Each field is read from `MERGEWRIGHT_<NAME>`; the Anthropic fields also from the variables that
    the vendor's own SDK reads.
    """

    model_config = SettingsConfigDict(
        env_prefix="MERGEWRIGHT_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    home: Path = Field(default_factory=lambda: Path.home() / ".mergewright")
    """Folder of the event log, mirrors, worktrees and the embedded services."""

    event_store: str = ""
    """URL of the event log; empty means `sqlite:///<home>/events.db`."""

    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """Key of the Anthropic API; a block named in the profile wins over it."""

    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    """Address of the Messages API, for a proxy or a test server."""

    allow_unsandboxed: bool = False
    """Run checks of a foreign repository without a sandbox; say yes only on a throw-away machine."""

    daily_cap_usd: float = Field(default=25.0, gt=0)
    """All runs that share the event log may spend this much per UTC day."""

    @property
    def event_store_url(self) -> str:
        """The event log's URL with the default filled in."""
        return self.event_store or f"sqlite:///{self.home / 'events.db'}"


@cache
def settings() -> Settings:
    """Return this process's settings, read once."""
    return Settings()


INSTALLER_PREFIXES = ("PIP_", "UV_")
INSTALLER_NAMES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)


def installer_environment() -> dict[str, str]:
    """Return the variables that a package installer needs to reach its index, and no others."""
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - settings is where it is read
        if name in INSTALLER_NAMES or name.startswith(INSTALLER_PREFIXES)
    }
