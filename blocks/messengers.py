"""Messengers that are not embedded: mail, with the credentials of its server."""

from typing import Any, Literal

from prefect.blocks.abstract import CredentialsBlock
from pydantic import Field, SecretStr, field_validator

from blocks.credentials import DOCUMENTATION_URL
from blocks.services import MessengerService
from mergewright.clients.mail import Mailer, check_server
from mergewright.clients.mail_message import address_of
from mergewright.clients.mail_server import MailServer
from mergewright.clients.ports import Messenger
from mergewright.clients.secrets import reveal
from mergewright.domain.access import Access
from mergewright.errors import SettingInvalid


class EmailServerCredentials(CredentialsBlock):
    """Where mail is handed in, and as whom."""

    _block_type_name = "Mergewright Email Server Credentials"
    _block_type_slug = "mergewright-email-server-credentials"
    _documentation_url = DOCUMENTATION_URL
    _description = "Address, user name and password of a mail server (SMTP)."
    _code_example = """```python
from blocks.messengers import EmailServerCredentials

credentials = EmailServerCredentials.load("BLOCK_NAME")
print(credentials.check().account)
```"""

    host: str = Field(min_length=1, description="Name of the server, as smtp.example.org.")
    port: int = Field(default=587, ge=1, le=65535, description="587 for STARTTLS, 465 for TLS.")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description=(
            "starttls encrypts before the log-in, tls from the start. "
            "none leaves mail readable on its way, and takes no password to another machine."
        ),
    )
    username: str = Field(default="", description="Account; empty logs in as nobody.")
    password: SecretStr = Field(
        default=SecretStr(""), description="Password of the account; it is never shown again."
    )
    ca_file: str = Field(
        default="", description="File with the certificates to trust; empty trusts the system's."
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=600, description="Time limit of the connection and of each answer."
    )

    def get_client(self, **options: Any) -> MailServer:  # noqa: ANN401 - the base class has this form
        """Return the server; its `session()` is a conversation with it.

        Args:
            options: `delivery_seconds`.

        Raises:
            SettingInvalid: The host is no name, or a password would be sent in clear.
        """
        return MailServer(
            host=self.host,
            port=self.port,
            security=self.security,
            username=self.username,
            password=reveal(self.password),
            ca_file=self.ca_file,
            timeout_seconds=self.timeout_seconds,
            **options,
        )

    def check(self) -> Access:
        """Connect, encrypt and log in, and send nothing; say who we are.

        Raises:
            SettingInvalid: The host is no name, or a password would be sent in clear.
            AccessDenied: The server does not take user name and password.
            Rejected: It does not encrypt, its certificate is not trusted, or it is no mail server.
            ServiceUnavailable: It cannot be reached.
        """
        return check_server(self.get_client())


class MailMessenger(MessengerService):
    """Messages as mails."""

    _block_type_name = "Mergewright Mail"
    _block_type_slug = "mergewright-mail"
    _documentation_url = DOCUMENTATION_URL
    _description = "Messages as mails, with the run's report and change attached."

    credentials: EmailServerCredentials = Field(description="Where mail is handed in.")
    sender: str = Field(description="Address, as Mergewright <mergewright@example.org>.")
    recipients: tuple[str, ...] = Field(
        min_length=1, max_length=100, description="Addresses, as Ada <ada@example.org>."
    )
    max_files_bytes: int = Field(
        default=5_000_000,
        ge=0,
        le=50_000_000,
        description="Files beyond this size together are not attached, and the mail says so.",
    )

    @field_validator("sender", "recipients")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            try:
                address_of(one)
            except SettingInvalid as error:
                raise ValueError(error.message) from error
        return value

    def connect(self) -> Messenger:
        """Return a client that writes to the recipients.

        Raises:
            SettingInvalid: The host is no name, or a password would be sent in clear.
        """
        return Mailer(
            self.credentials.get_client(),
            self.sender,
            self.recipients,
            max_files_bytes=self.max_files_bytes,
        )

    def check(self) -> Access:
        """Say who we are at the server; sends nothing.

        Raises:
            ServiceError: As `EmailServerCredentials.check` says.
        """
        return self.credentials.check()
