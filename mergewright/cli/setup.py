"""Making Mergewright's blocks known to Prefect."""

from typing import Annotated

from cyclopts import Parameter

from mergewright.cli.engine import api_url, prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.output import human_console, print_json


def setup(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Register the blocks with Prefect and make the profile `local`.

    Not needed before a run: it makes the blocks appear in the Prefect UI, to be edited there.

    Args:
        json: Print what was registered as JSON.
    """
    console = human_console(as_json=json)
    with prefect_engine(console):
        from blocks.setup import register_blocks  # noqa: PLC0415 - imports Prefect

        names = register_blocks()
        where = api_url() or "Prefect's own database (no API is configured)"
    if json:
        print_json({"registered": names, "profile": "local", "api": where})
        return OK
    console.print(f"Registered at {where}:")
    for name in names:
        console.print(f"  {name}", soft_wrap=True)
    console.print("The delivery profile 'local' is there.")
    return OK
