"""Messages that are kept for people until they are due."""

from typing import Annotated

from cyclopts import App, Parameter

from mergewright.cli.effects import print_retried
from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.output import PersonConsole, human_console, print_json
from mergewright.errors import ServiceError

app = App(
    name="notices",
    help="Send messages that were kept for people.",
    console=PersonConsole(),
)


@app.command
def send_due(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Send the messages that quiet hours and digests put off, as far as they are due.

    For a schedule, as cron's: every quarter of an hour is enough. Nothing is sent twice; exits with
    8 if something could not be sent.

    Args:
        json: Print what came of it as JSON.
    """
    console = human_console(as_json=json)
    with prefect_engine(console):
        from flows.notices_send_due import notices_send_due as flow  # noqa: PLC0415 - see engine

        report = flow()
    if json:
        print_json({**report.model_dump(mode="json"), "complete": report.complete})
    else:
        print_retried(console, report)
    return OK if report.complete else ServiceError.exit_code
