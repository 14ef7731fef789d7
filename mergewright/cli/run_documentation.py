"""Correcting the documentation of a repository in this process."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.options import build_request, parse_approve
from mergewright.cli.run import run_delivery
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.requests import OnFailure


def documentation(
    *,
    repo: str,
    base: str = "main",
    since: str = "",
    docstrings: Annotated[bool, Parameter(negative="")] = False,
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
    """Find what the documentation of a repository says that is not true, and correct it.

    It needs no ticket, and writes nothing but documents. Where all is true, no model is asked.
    `mergewright docs check` only looks.

    Args:
        repo: Path or URL of the git repository; a working tree is never written to.
        base: Branch that the pull request is meant for.
        since: Commit at which the documentation was last true; without it, the last one at which a
            run found nothing to do, or that touched a document.
        docstrings: In place of documents, write docstrings and comments for public names that came or
            changed since; no code is changed.
        profile: Delivery profile: code host, wiki, models, policy.
        budget_usd: The run never spends more on model calls than this.
        approve: Where to stop and ask: plan, change, plan,change or none.
        model: provider:name for the agent, or recorded:CASSETTE; else the profile's models.
        max_repair_rounds: How often failed checks go back to be repaired.
        dry_run: Do the work and run the gates, but publish nothing.
        fresh: Do not go on with an interrupted run of the same request.
        accept_drift: Go on with an interrupted run although prompts, models, policy or version
            changed since it began.
        on_failure: What becomes of what was published when the run fails: keep it, or undo it.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    request = build_request(
        DocumentationRequest,
        repository=repo,
        base=base,
        since=since,
        docstrings=docstrings,
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
    return run_delivery("documentation", request, as_json=json)
