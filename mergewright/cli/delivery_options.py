"""What every workflow that delivers can be told on the command line."""

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from mergewright.cli.options import parse_approve
from mergewright.domain.requests import OnFailure


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DeliveryOptions:
    """Options of a run.

    Attributes:
        profile: Delivery profile: tracker, code host, wiki, models, policy.
        budget_usd: The run never spends more on model calls than this.
        approve: Where to stop and ask, besides where the workflow always does: plan, change,
            publish, several as plan,change, or none.
        model: provider:name for every agent, or recorded:CASSETTE; else the profile's models.
        max_repair_rounds: How often failed checks or findings go back to be repaired.
        dry_run: Do the work and run the gates, but publish nothing.
        fresh: Do not go on with an interrupted run of the same request.
        accept_drift: Go on with an interrupted run although prompts, models, policy or version
            changed since it began.
        on_failure: What becomes of what was published when the run fails: keep it, or undo it.
    """

    profile: str = "local"
    budget_usd: float = 3.0
    approve: str = "none"
    model: str = ""
    max_repair_rounds: int = 2
    dry_run: Annotated[bool, Parameter(negative="")] = False
    fresh: Annotated[bool, Parameter(negative="")] = False
    accept_drift: Annotated[bool, Parameter(negative="")] = False
    on_failure: OnFailure = OnFailure.KEEP

    @property
    def fields(self) -> dict[str, Any]:
        """The same as fields of a request.

        Raises:
            SettingInvalid: `approve` names something else.
        """
        return {**vars(self), "approve": parse_approve(self.approve)}


DEFAULTS = DeliveryOptions()
