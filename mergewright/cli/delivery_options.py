"""What every workflow that delivers can be told on the command line."""

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter

from mergewright.cli.options import parse_approve
from mergewright.domain.requests import OnFailure


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WorkOptions:
    """Options of a run in which agents work.

    Attributes:
        profile: Delivery profile: tracker, code host, wiki, models, policy.
        budget_usd: The run never spends more on model calls than this.
        model: provider:name for every agent, or recorded:CASSETTE; else the profile's models.
        max_repair_rounds: How often failed checks or findings go back to be repaired.
        fresh: Do not go on with an interrupted run of the same request.
        accept_drift: Go on with an interrupted run although prompts, models, policy or version
            changed since it began.
    """

    profile: str = "local"
    budget_usd: float = 3.0
    model: str = ""
    max_repair_rounds: int = 2
    fresh: Annotated[bool, Parameter(negative="")] = False
    accept_drift: Annotated[bool, Parameter(negative="")] = False

    @property
    def fields(self) -> dict[str, Any]:
        """What of it belongs to a request.

        Raises:
            SettingInvalid: A value is of another form.
        """
        return dict(vars(self))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class DeliveryOptions(WorkOptions):
    """Options of a run that publishes.

    Attributes:
        approve: Where to stop and ask, besides where the workflow always does: plan, change,
            publish, several as plan,change, or none.
        dry_run: Do the work and run the gates, but publish nothing.
        on_failure: What becomes of what was published when the run fails: keep it, or undo it.
        interactive: Ask for what was not given, show what will be done, and ask before it is.
    """

    approve: str = "none"
    dry_run: Annotated[bool, Parameter(negative="")] = False
    on_failure: OnFailure = OnFailure.KEEP
    interactive: Annotated[bool, Parameter(negative="")] = False

    @property
    def fields(self) -> dict[str, Any]:
        """What of it belongs to a request.

        Raises:
            SettingInvalid: `approve` names something else.
        """
        told = {name: value for name, value in vars(self).items() if name != "interactive"}
        return {**told, "approve": parse_approve(self.approve)}


DEFAULTS = DeliveryOptions()
WORK_DEFAULTS = WorkOptions()
