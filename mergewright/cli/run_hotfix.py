"""Running a hotfix in this process."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.delivery_options import DEFAULTS, DeliveryOptions
from mergewright.cli.run import deliver
from mergewright.domain.hotfix_request import HotfixRequest, Severity


def hotfix(
    ticket: str = "",
    /,
    *,
    repo: str = "",
    base: str = "",
    severity: Severity = Severity.HIGH,
    main: str = "",
    options: DeliveryOptions = DEFAULTS,
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
        options: What every run that delivers can be told.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    fields = {
        "ticket": ticket,
        "repository": repo,
        "base": base,
        "severity": severity,
        "main": main,
    }
    return deliver("hotfix", HotfixRequest, fields, options, as_json=json)
