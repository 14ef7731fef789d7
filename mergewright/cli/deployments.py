"""`mergewright deploy`: bring a Prefect server to the state that the deployment files say."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from mergewright.cli.engine import api_url, prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import plain
from mergewright.cli.output import human_console, print_json
from mergewright.errors import SettingInvalid


def deploy(
    *,
    plan: Annotated[bool, Parameter(negative="")] = False,
    prune: Annotated[bool, Parameter(negative="")] = False,
    folder: Path | None = None,
    pool: str = "",
    directory: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Bring the Prefect server to the state that the files in `deployments` say.

    Work pools, deployments, limits, schedules, automations, variables and block types. All files
    are checked before anything is changed, and what is as it should be is not touched. What
    somebody else made on the server is left alone.

    Args:
        plan: Only show what would change.
        prune: Remove what was made from files that no longer say it.
        folder: Where the files are; Mergewright's own by default.
        pool: Work pool of the deployments that name none; otherwise the default one.
        directory: Folder on the worker's machine in which runs begin.
        json: Print the changes as JSON.

    Raises:
        SettingInvalid: No server is configured, or something in a file is wrong.
        BlockMissing: A deployment needs a block that is not there.
        Rejected: The server refused.
        ServiceUnavailable: It does not answer.
    """
    console = human_console(as_json=json)
    if not api_url():
        raise SettingInvalid(
            "There is no Prefect server to deploy to: PREFECT_API_URL is not set.",
            hint="Set it to your server's address, or run `mergewright serve`.",
        )
    with prefect_engine(console):
        from deployments import apply as applying  # noqa: PLC0415 - imports Prefect
        from deployments.reading import FOLDER  # noqa: PLC0415 - as above

        applied = applying.apply(
            folder=folder or FOLDER,
            plan=plan,
            prune=prune,
            pool=pool,
            directory=directory,
        )
    if json:
        print_json(applying.document_of(applied))
        return OK
    for line in applying.lines_of(applied):
        console.print(Text(plain(line)), soft_wrap=True)
    return OK
