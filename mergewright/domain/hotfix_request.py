"""What a person asks a hotfix for."""

from enum import StrEnum

from pydantic import Field

from mergewright.domain.requests import DeliveryRequest


class Severity(StrEnum):
    """How bad a fault is for those who use what is released."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class HotfixRequest(DeliveryRequest):
    """Mend a fault in what is released, and in the main branch as well."""

    base: str = Field(
        default="",
        title="Release",
        max_length=200,
        description=(
            "Tag or branch of the release that has the fault, as v1.4.2 or release/1.4; empty takes"
            " the latest release."
        ),
        json_schema_extra={"position": 20},
    )
    severity: Severity = Field(
        default=Severity.HIGH,
        title="Severity",
        description="How bad the fault is; people on call are told it first.",
        json_schema_extra={"position": 21},
    )
    main: str = Field(
        default="",
        title="Main branch",
        max_length=200,
        description=(
            "Branch that gets the same fix by a second pull request; empty takes the repository's"
            " own default branch."
        ),
        json_schema_extra={"position": 22},
    )

    def identity(self) -> dict[str, str]:
        """What tells two hotfixes apart: where the second pull request goes."""
        return {"main": self.main}

    def with_table_base(self, base: str) -> dict[str, str]:
        """The table names the main branch, and no release."""
        return {} if self.main else {"main": base}
