"""Going on with an open pull request: people's review comments are answered."""

from collections.abc import Callable
from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError

from mergewright.cli.options import explain, parse_approve
from mergewright.cli.output import human_console
from mergewright.cli.run import watch_flow
from mergewright.cli.selection import find_run, open_log
from mergewright.domain.delivery import Delivery
from mergewright.domain.requests import FollowUpRequest


def follow_up(
    run: str,
    /,
    *,
    profile: str = "",
    budget_usd: float = 3.0,
    approve: str = "none",
    model: str = "",
    max_repair_rounds: int = 2,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    fresh: Annotated[bool, Parameter(negative="")] = False,
    accept_drift: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Do what people ask for in review, push it to the same branch, and answer their comments.

    Comments that were answered before are left alone; where none is left, no model is asked. The
    work goes on top of whatever the branch holds, also commits of others; nothing is overwritten.

    Args:
        run: Id of the run that opened the pull request, the start of it, or `last`.
        profile: Delivery profile; empty takes that of the run.
        budget_usd: The follow-up never spends more on model calls than this.
        approve: Where to stop and ask: change or none.
        model: provider:name for every agent; else as in the run.
        max_repair_rounds: How often the implementation agent may work on it.
        dry_run: Do the work and run the gates, but push and answer nothing.
        fresh: Do not go on with an interrupted follow-up.
        accept_drift: Go on with an interrupted follow-up although prompts, models, policy or
            version changed since it began.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    store = open_log()
    try:
        request = FollowUpRequest(
            run_id=find_run(store, run),
            profile=profile,
            budget_usd=budget_usd,
            approve=parse_approve(approve),
            model=model,
            max_repair_rounds=max_repair_rounds,
            dry_run=dry_run,
            fresh=fresh,
            accept_drift=accept_drift,
        )
    except ValidationError as error:
        raise explain(error, FollowUpRequest) from error

    def load() -> Callable[[], Delivery]:
        from flows.follow_up import follow_up as flow  # noqa: PLC0415 - see engine

        return lambda: flow(request)

    return watch_flow(human_console(as_json=json), store, load, as_json=json)
