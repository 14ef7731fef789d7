"""The digest of what model calls cost: what is asked for, and what it says."""

from decimal import Decimal

from pydantic import Field

from mergewright.domain.profile_name import PROFILE_NAME, ProfileName
from mergewright.domain.value import Value

ALARM_EVENT = "mergewright.costs.alarm"
"""Emitted when the calls of a day have cost as much as was said."""


class CostDigestRequest(Value):
    """Tell people what model calls cost."""

    days: int = Field(
        default=1,
        title="Days",
        ge=1,
        le=366,
        description="How many UTC days, the one that is not over yet among them.",
        json_schema_extra={"position": 0},
    )
    profile: ProfileName = Field(
        default="local",
        title="Delivery profile",
        pattern=PROFILE_NAME,
        description="Whose messengers tell it.",
        json_schema_extra={"position": 1},
    )
    tell: bool = Field(
        default=True,
        title="Tell people",
        description="Send the digest; without it there is only the artifact.",
        json_schema_extra={"position": 2},
    )
    alarm_usd: float | None = Field(
        default=None,
        title="Alarm at",
        gt=0,
        le=1_000_000,
        description="Emit the event of a cost alarm when today's calls cost as much.",
        json_schema_extra={"position": 3},
    )


class CostDigest(Value):
    """What model calls cost, and who was told."""

    since: str
    """First UTC day."""
    paid_usd: Decimal
    open_usd: Decimal
    """Worst case of calls that have no end yet."""
    calls: int
    today_usd: Decimal
    alarmed: bool = False
    told: str = ""
    """Reference of the message; empty when nobody was told."""
    text: str
    """Markdown."""
