"""Holding a workflow against a team's own old script."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.delivery_options import WORK_DEFAULTS, WorkOptions
from mergewright.cli.options import OPTIONS, absolute, build_request
from mergewright.cli.run import run_delivery
from mergewright.domain.compare_request import ComparedWorkflow, CompareRequest

Several = Annotated[tuple[str, ...], Parameter(negative="")]
NAMES = {
    **OPTIONS,
    "ticket": "--ticket",
    "script": "--baseline",
    "compared": "--workflow",
    "variables": "--variable",
}
"""What a person types for a field of the request that is called otherwise."""


def compare(
    *,
    baseline: str,
    ticket: str,
    repo: str = "",
    base: str = "",
    workflow: ComparedWorkflow = ComparedWorkflow.STANDARD_DEV,
    time_limit_minutes: float = 30,
    network: Annotated[bool, Parameter(negative="")] = False,
    variable: Several = (),
    may_read: Several = (),
    options: WorkOptions = WORK_DEFAULTS,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Run a team's old script and a workflow on one ticket, and compare what came of both.

    Both begin from the same commit, each in a working copy of its own, and are held to the same
    gates: files and lines changed, the repository's own checks, time and cost. Nothing of either is
    published. The script is shut in: no network, no home, and no variable but those that are named
    here. What a side makes of the ticket is its result, also where it fails. Later:
    `mergewright show RUN`, and `mergewright show RUN --diff --script`.

    Args:
        baseline: The team's own script: an executable file, called with the ticket's key.
        ticket: Key in the profile's tracker, or a Markdown file with front matter.
        repo: Path or URL of the git repository; a working tree is never written to. Without it,
            the profile's table says which one the ticket is about.
        base: Branch or tag that both begin from; without it main, or for a hotfix the latest release.
        workflow: The workflow that the script is compared with.
        time_limit_minutes: The script is ended after so long; what it had done by then counts.
        network: Let the script reach the network: what it does there is neither held nor undone.
        variable: Name of an environment variable that the script is given; may be given several times.
        may_read: Path besides its own file that the script may read, as its modules; may be given
            several times.
        options: What every run in which agents work can be told.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    from mergewright.clients.scripts import find_script  # noqa: PLC0415 - imports the sandbox

    request = build_request(
        CompareRequest,
        names=NAMES,
        ticket=ticket,
        repository=repo,
        base=base,
        script=str(find_script(absolute(baseline))),
        compared=workflow,
        time_limit_minutes=time_limit_minutes,
        network=network,
        variables=variable,
        may_read=tuple(map(absolute, may_read)),
        **options.fields,
    )
    return run_delivery("compare", request, as_json=json)
