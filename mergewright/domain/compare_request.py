"""What a person asks for who wants a workflow held against a team's own old script."""

from enum import StrEnum
from typing import Any

from pydantic import Field, field_validator, model_validator

from mergewright.domain.requests import DEFAULT_BASE, DeliveryRequest

OURS = ("MERGEWRIGHT_", "PREFECT_")
"""How variables begin that no script is given: they hold what is ours."""


class ComparedWorkflow(StrEnum):
    """A workflow that an old script can be compared with, by the name of its flow."""

    STANDARD_DEV = "standard_dev"
    HOTFIX = "hotfix"


class CompareRequest(DeliveryRequest):
    """Run a team's old script and a workflow on one ticket, and compare what came of both."""

    script: str = Field(
        title="Old script",
        min_length=1,
        max_length=1000,
        description="Path of the team's own executable file; it is called with the ticket's key.",
        json_schema_extra={"position": 5},
    )
    compared: ComparedWorkflow = Field(
        default=ComparedWorkflow.STANDARD_DEV,
        title="Workflow",
        description="The workflow that the script is compared with.",
        json_schema_extra={"position": 6},
    )
    base: str = Field(
        default="",
        title="Base",
        max_length=200,
        description=(
            "Branch or tag that both begin from; empty takes main, or for a hotfix the latest"
            " release."
        ),
        json_schema_extra={"position": 20},
    )
    time_limit_minutes: float = Field(
        default=30,
        title="Time limit of the script",
        gt=0,
        le=240,
        description="Minutes after which the script is ended; what it had done by then is compared.",
        json_schema_extra={"position": 32},
    )
    network: bool = Field(
        default=False,
        title="Network",
        description="Let the script reach the network: what it does there is neither held nor undone.",
        json_schema_extra={"position": 33},
    )
    variables: tuple[str, ...] = Field(
        default=(),
        title="Variables",
        description="Names of environment variables that the script is given; it is given no others.",
        json_schema_extra={"position": 34},
    )
    may_read: tuple[str, ...] = Field(
        default=(),
        title="May read",
        description="Absolute paths besides its own file that the script may read: modules, tools.",
        json_schema_extra={"position": 35},
    )
    dry_run: bool = Field(
        default=True,
        title="Dry run",
        description="A comparison publishes nothing: this cannot be switched off.",
        json_schema_extra={"position": 80},
    )

    @model_validator(mode="before")
    @classmethod
    def _with_usual_base(cls, fields: Any) -> Any:  # noqa: ANN401 - whatever is validated
        if not isinstance(fields, dict) or fields.get("base"):
            return fields
        is_hotfix = fields.get("compared") == ComparedWorkflow.HOTFIX
        return {**fields, "base": "" if is_hotfix else DEFAULT_BASE}

    @field_validator("variables")
    @classmethod
    def _are_not_ours(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not (name.isidentifier() and name.isascii()):
                raise ValueError(f"{name!r} is no name of a variable")
            if name.upper().startswith(OURS):
                raise ValueError(f"{name!r} is one of ours, and no script is given it")
        return names

    @field_validator("dry_run")
    @classmethod
    def _publishes_nothing(cls, dry_run: bool) -> bool:
        if not dry_run:
            raise ValueError("a comparison publishes nothing, so that it is always a dry run")
        return dry_run

    def identity(self) -> dict[str, str]:
        """What tells two comparisons apart: which script is held against which workflow."""
        return {"script": self.script, "compared": self.compared.value}

    def with_table_base(self, base: str) -> dict[str, str]:
        """The table names the main branch; a hotfix begins from a release."""
        is_hotfix = self.compared is ComparedWorkflow.HOTFIX
        return {} if is_hotfix else super().with_table_base(base)

    def policy_name(self) -> str:
        """Policy of the workflow that is compared."""
        return self.compared.value
