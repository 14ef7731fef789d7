"""The delivery profile: one of each service, the models, the budget and the policy of a team."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache, partial
from typing import Any, ClassVar, Self

from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockDocument
from prefect.settings import PREFECT_API_URL
from prefect_github import GitHubCredentials
from pydantic import Field, PositiveFloat, ValidationError, field_validator

from blocks.credentials import DOCUMENTATION_URL, AnthropicCredentials
from blocks.github import git_credential
from blocks.loading import load_messenger, unusable
from blocks.profile_checks import (
    ServiceFinding,
    check_block,
    check_credentials,
    check_messengers,
    find,
)
from blocks.service_types import AnyCodeHost, AnyMessenger, AnyTracker, AnyWiki
from blocks.services import ConsoleMessenger, PageFolder, PullRequestFolder, TicketFolder
from mergewright.clients.git import Credential
from mergewright.clients.messengers import Messengers
from mergewright.clients.ports import Messenger
from mergewright.domain.notice import NoticePolicy
from mergewright.domain.recipients import Directory
from mergewright.domain.repository_table import RepositoryRow, check_rows
from mergewright.domain.team_policy import TeamPolicy
from mergewright.errors import BlockMissing, SettingInvalid
from mergewright.routing.tiers import DEFAULT_ROUTES, Tier
from mergewright.safety.policy import ChangePolicy
from mergewright.safety.repository_policy import MAX_WAIT_MINUTES, WORKFLOW_FILE

BLOCK_NAME = r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$"
"""A saved block: the slug of its type and its name."""


@cache
def _once(_block: type[Block], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return make()


class DeliveryProfile(Block):
    """One of each service, the models, the budget and the policy that a team's runs use."""

    _block_type_name = "Mergewright Delivery Profile"
    _block_type_slug = "mergewright-delivery-profile"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tracker, code host, wiki, messenger, models, budget and policy of a team."
    _known_at: ClassVar[str] = ""
    """Address of the server that knows it."""

    tracker: AnyTracker = Field(default_factory=TicketFolder, description="Where tickets are.")
    code_host: AnyCodeHost = Field(
        default_factory=PullRequestFolder, description="Where pull requests are."
    )
    wiki: AnyWiki = Field(default_factory=PageFolder, description="Where documentation pages are.")
    messenger: AnyMessenger = Field(
        default_factory=ConsoleMessenger, description="Where people are told."
    )
    # Names: Prefect keeps no references in lists, and shows the secrets of blocks in them.
    messengers: list[str] = Field(
        default_factory=list,
        description=(
            "Further messengers, each by the type and name of its block, as mergewright-mail/team."
        ),
    )
    repositories: tuple[RepositoryRow, ...] = Field(
        default=(),
        description="Which repository and base branch a ticket is about that names none.",
    )
    directory: Directory = Field(
        default_factory=Directory,
        description="People and groups that may be told, and how each wants to be.",
    )
    notices: NoticePolicy = Field(
        default_factory=NoticePolicy,
        description="Of which events people are told, and who besides the messengers.",
    )
    anthropic: AnthropicCredentials | None = Field(
        default=None,
        description="Key for model calls; empty takes ANTHROPIC_API_KEY from the environment.",
    )
    github: GitHubCredentials | None = Field(
        default=None,
        description="Token to fetch and push a private repository on github.com with.",
    )
    strong_model: str = Field(
        default=DEFAULT_ROUTES[Tier.STRONG], description="provider:model for the hardest work."
    )
    standard_model: str = Field(
        default=DEFAULT_ROUTES[Tier.STANDARD], description="provider:model for most work."
    )
    light_model: str = Field(
        default=DEFAULT_ROUTES[Tier.LIGHT], description="provider:model for simple work."
    )
    stage_cap_usd: PositiveFloat | None = Field(
        default=None, description="A single stage never spends more than this on model calls."
    )
    require_tests: bool = Field(
        default=True, description="Refuse a repository without tests: nothing would prove a change."
    )
    salvage: bool = Field(
        default=True,
        description=(
            "When a run fails after it has changed something, push the change so far as a branch"
            " wip/..., if the guard lets it pass, and tell the ticket why it failed."
        ),
    )
    dispatch_workflow: str = Field(
        default="",
        pattern=WORKFLOW_FILE,
        description="File of a workflow to start on a pushed change, as ci.yml; empty starts none.",
    )
    wait_for_checks_minutes: int = Field(
        default=0,
        ge=0,
        le=MAX_WAIT_MINUTES,
        description="How long to wait for checks that others run on the change; 0 does not wait.",
    )
    answer_anyone: bool = Field(
        default=False,
        description="Answer review comments of everybody, not only of members and collaborators.",
    )
    author: str = Field(
        default="Mergewright <mergewright@localhost>",
        pattern=r"^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$",
        description="Author of commits, as 'Name <mail>'.",
    )
    change_policy: ChangePolicy = Field(
        default_factory=ChangePolicy, description="What a change may touch and how large it may be."
    )
    workflow_policies: tuple[TeamPolicy, ...] = Field(
        default=(),
        description="What the team changes of a workflow's policy: approvals, bounds, on call.",
    )

    @field_validator("messengers")
    @classmethod
    def _names_of_blocks(cls, names: list[str]) -> list[str]:
        for name in names:
            if not re.fullmatch(BLOCK_NAME, name):
                raise ValueError(f"{name!r} is no name of a block, as mergewright-mail/team")
        if len(set(names)) < len(names):
            raise ValueError("a messenger is named twice")
        return names

    @field_validator("repositories")
    @classmethod
    def _clear_rows(cls, rows: tuple[RepositoryRow, ...]) -> tuple[RepositoryRow, ...]:
        try:
            check_rows(rows)
        except SettingInvalid as error:
            raise ValueError(error.message) from error
        return rows

    @field_validator("workflow_policies")
    @classmethod
    def _one_of_a_workflow(cls, rows: tuple[TeamPolicy, ...]) -> tuple[TeamPolicy, ...]:
        names = [row.workflow for row in rows]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"the policy of {twice!r} is changed twice")
        return rows

    @classmethod
    def register_type_and_schema(cls, *given: Any, **how: Any) -> Any:  # noqa: ANN401 - the base class has this form
        """Make the profile and its services known to the server, once per server and process.

        Prefect does so at each save: some fifty requests for a profile. Only in sync code, as
        whoever awaits it gets Prefect's own.
        """
        place = PREFECT_API_URL.value() or ""
        is_sync = bool(how.get("_sync"))
        if is_sync and place and place == DeliveryProfile._known_at:
            return None
        done = super().register_type_and_schema(*given, **how)
        if is_sync:
            DeliveryProfile._known_at = place
        return done

    @classmethod
    def model_json_schema(cls, *given: Any, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - the base class has this form
        """Return the schema of the form; made once, since Prefect asks for it for each field saved.

        Source: `prefect.blocks.core.Block._field_has_secrets` 3.8.8, read 2026-11-20.
        """
        made = super().model_json_schema
        return made(*given, **how) if given or how else deepcopy(_once(cls, made))

    @classmethod
    def _from_block_document(cls, block_document: BlockDocument) -> Self:
        """Load a profile; each service that it names becomes a block of its own type.

        The server gives the data of a named block without its type, and the first type of a field
        whose fields all have defaults takes any data. Source: prefect 3.8.8, run 2026-11-20.
        """
        _name_types(block_document.data, block_document.block_document_references)
        return super()._from_block_document(block_document)

    def connect_messenger(self) -> Messenger:
        """Return a client of the messenger, or of all of them together.

        Raises:
            BlockMissing: There is no messenger of a name.
            SettingInvalid: A messenger is set up wrongly.
            MergewrightError: A secret is a reference that leads to none.
        """
        further = {name: load_messenger(name).connect() for name in self.messengers}
        if not further:
            return self.messenger.connect()
        return Messengers({"messenger": self.messenger.connect(), **further})

    def git_credential(self, repository: str) -> Credential | None:
        """Return what git proves itself with at a repository; None where the profile has nothing.

        An App's token is made now: ask when it is about to be used.

        Raises:
            ServiceError: The code host did not make a token.
            MergewrightError: The secret is a reference that leads to none.
        """
        own = self.code_host.git_credential(repository)
        if own is not None or self.github is None:
            return own
        return git_credential(self.github, repository)

    def check(self) -> tuple[ServiceFinding, ...]:
        """Ask each service who we are there; what fails is told, and stops nothing."""
        named: dict[str, Block] = {
            "tracker": self.tracker,
            "code_host": self.code_host,
            "wiki": self.wiki,
            "messenger": self.messenger,
        }
        findings = [
            find(part, type(block).__name__, partial(check_block, block))
            for part, block in named.items()
        ]
        findings += check_messengers(self.messengers)
        return (*findings, *check_credentials(self.anthropic, self.github))

    def team_policy(self, workflow: str) -> TeamPolicy | None:
        """Return what the team changes of a workflow's policy; None where it changes nothing."""
        return next((row for row in self.workflow_policies if row.workflow == workflow), None)

    @property
    def routes(self) -> Mapping[Tier, str]:
        """Which model does which tier's work."""
        return {
            Tier.STRONG: self.strong_model,
            Tier.STANDARD: self.standard_model,
            Tier.LIGHT: self.light_model,
        }


def load_profile(name: str) -> DeliveryProfile:
    """Load a delivery profile by name; `local` needs no set-up.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: It cannot be read: it holds a bad value, or a service that is not installed.
    """
    try:
        profile = DeliveryProfile.load(name)
    except RuntimeError as error:
        if not isinstance(error.__cause__, ValidationError):
            raise
        raise unusable(f"delivery profile {name!r}", error.__cause__) from None
    except ValueError as error:
        if name == "local":
            # Saving it makes all its types known to the server first, which takes seconds.
            return DeliveryProfile()
        raise BlockMissing(
            f"There is no delivery profile {name!r}.",
            hint="Make one with `mergewright profile new`, or use the profile 'local'.",
        ) from error
    if not isinstance(profile, DeliveryProfile):  # pragma: no cover - load is sync in sync code
        raise BlockMissing(f"The block {name!r} is not a delivery profile.")
    return profile


def _name_types(data: dict[str, Any], references: Mapping[str, Mapping[str, Any]]) -> None:
    for field, reference in references.items():
        document = reference["block_document"]
        data[field]["block_type_slug"] = document["block_type"]["slug"]
        _name_types(data[field], document.get("block_document_references", {}))


def ensure_local_profile() -> None:
    """Save the profile `local` with embedded services, if it is not there."""
    try:
        DeliveryProfile.load("local")
    except ValueError:
        DeliveryProfile().save("local")
