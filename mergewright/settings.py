"""Settings of this process: from the environment, with defaults that need nothing set."""

import os
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class EventSync(StrEnum):
    """What an event that was written to the log survives."""

    POWER_LOSS = "power-loss"
    """It is on the disk."""
    PROCESS_DEATH = "process-death"
    """The system has it; a power cut or a crash of the system may take the last seconds."""


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

    event_sync: EventSync = EventSync.POWER_LOSS
    """What a written event survives.

    `power-loss`: the death of the process, of Redis, and a power cut. SQLite syncs the disk before
    an append returns; Redis must have `appendfsync always`.

    `process-death`: the death of the process, and of Redis. SQLite leaves syncing to the system,
    and Redis may have `appendfsync everysec`. Faster; after a power cut the log is whole and may
    lack the last seconds: calls of that time are paid for again, and undo does not know what was
    done outside.
    """

    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    """Key of the Anthropic API; a block named in the profile wins over it."""

    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    """Address of the Messages API, for a proxy or a test server."""

    allow_unsandboxed: bool = False
    """Run checks of a foreign repository without a sandbox; say yes only on a throw-away machine."""

    stage_time_factor: float = Field(default=1.0, gt=0)
    """Factor on the time after which a stage that does not end is ended; more on a slow machine."""

    hold_seconds: float = Field(default=30.0, ge=1, le=3600)
    """How long a run whose event log is in Redis stays held after its process has died."""

    daily_cap_usd: float = Field(default=25.0, gt=0)
    """All runs that share the event log may spend this much per UTC day."""

    user: str = ""
    """Who you are when you ask for a run or answer what it asks, as `Ada Moreau <ada@example.org>`.

    Empty takes the name and mail of your git configuration, and then that of your account.
    """

    @property
    def event_store_url(self) -> str:
        """The event log's URL with the default filled in."""
        return self.event_store or f"sqlite:///{self.home / 'events.db'}"


@cache
def settings() -> Settings:
    """Return this process's settings, read once."""
    return Settings()


class VaultSettings(BaseSettings):
    """Where HashiCorp Vault is and who we are there, by the variables of its own command line."""

    model_config = SettingsConfigDict(
        env_prefix="VAULT_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    addr: str = ""
    """Address of Vault, as `https://vault.example.org:8200`."""
    token: SecretStr = SecretStr("")
    """Token; empty reads it from a file."""
    token_file: str = "~/.vault-token"  # noqa: S105 - where it is, not what it is
    """File that holds the token, as `vault login` and Vault's agent write it."""
    namespace: str = ""
    """Namespace of Vault Enterprise; empty for none."""
    cacert: str = ""
    """File with the certificates to trust; empty trusts the system's."""


class AwsSettings(BaseSettings):
    """Who we are at AWS, by the variables of its own tools."""

    model_config = SettingsConfigDict(
        env_prefix="AWS_", frozen=True, extra="ignore", use_attribute_docstrings=True
    )

    access_key_id: str = ""
    """Id of the access key; empty reads it from the credentials file."""
    secret_access_key: SecretStr = SecretStr("")
    """The access key."""
    session_token: SecretStr = SecretStr("")
    """What belongs to a temporary access key."""
    profile: str = "default"
    """Section of the credentials file."""
    shared_credentials_file: str = "~/.aws/credentials"
    """The credentials file."""
    region: str = ""
    """Region of what is named without one."""
    default_region: str = ""
    """The same, by its older name."""
    endpoint_url: str = ""
    """Address of every service of AWS, for a proxy or a test server."""
    endpoint_url_secrets_manager: str = ""
    """Address of Secrets Manager; wins over the address of every service."""
    ca_bundle: str = ""
    """File with the certificates to trust; empty trusts the system's."""


def environment_variable(name: str) -> str | None:
    """Return a variable that a secret reference names; None when it is not set."""
    return os.environ.get(name)  # noqa: TID251 - settings is where it is read


INSTALLER_PREFIXES = ("PIP_", "UV_", "NPM_CONFIG_", "npm_config_")
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
    "NODE_EXTRA_CA_CERTS",
    "GOPROXY",
    "GOSUMDB",
)


def installer_environment() -> dict[str, str]:
    """Return the variables that a package installer needs to reach its index, and no others."""
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - settings is where it is read
        if name in INSTALLER_NAMES or name.startswith(INSTALLER_PREFIXES)
    }
