"""Caps on what may be spent, and the one question that is asked before each model call."""

from decimal import Decimal

from pydantic import Field

from mergewright.domain.value import Value
from mergewright.errors import BudgetExceeded

_CENTS = 2
"""Decimals that an amount is shown with at least."""


class Caps(Value):
    """How much may be spent; None means no cap."""

    run_usd: Decimal = Field(ge=0)
    stage_usd: Decimal | None = Field(default=None, ge=0)
    """For each stage of the run."""
    day_usd: Decimal | None = Field(default=None, ge=0)
    """For all runs that share the event log, per UTC day."""


class Spending(Value):
    """What counts against the caps: settled costs, and the worst case of calls under way."""

    run_usd: Decimal
    stage_usd: Decimal
    day_usd: Decimal
    """Calls answered from a recording are not in it: they cost nothing."""


def check(
    spending: Spending, worst_case_usd: Decimal, caps: Caps, *, recorded: bool = False
) -> None:
    """Refuse a call whose worst case does not fit under every cap.

    Args:
        spending: What counts already.
        worst_case_usd: What the call may cost.
        caps: What may be spent.
        recorded: The answer comes from a recording: the day's cap does not apply.

    Raises:
        BudgetExceeded: A cap would be passed.
    """
    asked = (
        ("run", spending.run_usd, caps.run_usd, "Raise the request's `budget_usd`"),
        ("stage", spending.stage_usd, caps.stage_usd, "Raise the profile's cap per stage"),
        (
            "day",
            spending.day_usd,
            None if recorded else caps.day_usd,
            "Wait for the next UTC day, or raise MERGEWRIGHT_DAILY_CAP_USD",
        ),
    )
    for name, spent, cap, remedy in asked:
        if cap is not None and spent + worst_case_usd > cap:
            raise BudgetExceeded(
                f"The next model call may cost up to {_shown(worst_case_usd)}; the {name} has spent"
                f" or set aside {_shown(spent)} of its cap of {_shown(cap)}.",
                hint=(
                    f"{remedy} to {_shown(spent + worst_case_usd)} or more and start the same"
                    " request again: it goes on from here."
                ),
            )


def _shown(amount: Decimal) -> str:
    whole, _, decimals = f"{amount:.6f}".partition(".")
    return f"${whole}.{decimals.rstrip('0').ljust(_CENTS, '0')}"
