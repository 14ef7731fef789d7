"""Running a hotfix in this process."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.options import build_request, parse_approve
from mergewright.cli.run import run_delivery
from mergewright.domain.hotfix_request import HotfixRequest, Severity
from mergewright.domain.requests import OnFailure


def hotfix(
    ticket: str,
    /,
    *,
    repo: str = "",
    base: str = "",
    severity: Severity = Severity.HIGH,
    main: str = "",
    profile: str = "local",
    budget_usd: float = 3.0,
    approve: str = "none",
    model: str = "",
    max_repair_rounds: int = 2,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    fresh: Annotated[bool, Parameter(negative="")] = False,
    accept_drift: Annotated[bool, Parameter(negative="")] = False,
    on_failure: OnFailure = OnFailure.KEEP,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Mend a fault in a release, and in the main branch as well.

    A test that is red on the release comes first; without one nothing is changed, and the ticket is
    asked. The change is small, refactors nothing, and is approved by somebody who did not ask for it.
    While it goes, a second hotfix of the same ticket is refused.

    Args:
        ticket: Key in the profile's tracker, or a Markdown file with front matter.
        repo: Path or URL of the git repository; a working tree is never written to. Without it,
            the profile's table says which one the ticket is about.
        base: Tag or branch of the release, as v1.4.2 or release/1.4; without it, the latest release.
        severity: How bad the fault is; people on call are told it first.
        main: Branch that gets the same fix by a second pull request; without it, the repository's
            own default branch.
        profile: Delivery profile: tracker, code host, wiki, models, policy.
        budget_usd: The run never spends more on model calls than this.
        approve: Where to stop and ask besides where a hotfix always does: plan, change,
            plan,change or none.
        model: provider:name for every agent, or recorded:CASSETTE; else the profile's strong model.
        max_repair_rounds: How often failed checks or findings go back to be repaired.
        dry_run: Do the work and run the gates, but publish nothing.
        fresh: Do not go on with an interrupted run of the same request.
        accept_drift: Go on with an interrupted run although prompts, models, policy or version
            changed since it began.
        on_failure: What becomes of what was published when the run fails: keep it, or undo it.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    request = build_request(
        HotfixRequest,
        ticket=ticket,
        repository=repo,
        base=base,
        severity=severity,
        main=main,
        profile=profile,
        budget_usd=budget_usd,
        approve=parse_approve(approve),
        model=model,
        max_repair_rounds=max_repair_rounds,
        dry_run=dry_run,
        fresh=fresh,
        accept_drift=accept_drift,
        on_failure=on_failure,
    )
    return run_delivery("hotfix", request, as_json=json)
