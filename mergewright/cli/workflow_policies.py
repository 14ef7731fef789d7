"""What a workflow does and may do, value by value, and where each came from."""

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.domain.team_policy import PolicyValue, policy_values
from mergewright.domain.workflow_policy import load_policy
from mergewright.domain.workflow_policy import workflows as with_a_policy


def policies_of(console: Console, profile: str) -> Mapping[str, tuple[PolicyValue, ...]]:
    """Return the policy of each workflow that has one, as a profile's team has it.

    Args:
        console: Is told that Prefect is started, where a profile has to be read.
        profile: Name of the delivery profile; empty is the workflows' own policies.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: It cannot be read.
    """
    own = [load_policy(name) for name in with_a_policy()]
    if not profile:
        return {one.workflow: policy_values(one) for one in own}
    with prefect_engine(console):
        from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

        held = load_profile(profile)
    limits = held.change_policy.model_dump(include={"max_files", "max_changed_lines"})
    return {
        one.workflow: policy_values(one, held.team_policy(one.workflow), profile, limits)
        for one in own
    }


def print_policy(console: Console, values: tuple[PolicyValue, ...], profile: str) -> None:
    """Show a policy; what is as by default only where a profile is asked about."""
    shown = [one for one in values if profile or one.source != "default"]
    console.print("What it does and may do" + (f" with the profile {profile}:" if profile else ":"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    for one in shown:
        source = f"{one.source}, laxer than the workflow's own" if one.is_laxer else one.source
        table.add_row(Text(one.name, style="bold"), Text(one.value), Text(source, style="dim"))
    console.print(Padding(table, (0, 0, 0, 2)))
    if not profile:
        told = "The rest is as by default; as a team has it: --profile NAME"
        console.print(Text(told, style="dim"))
    console.print()
