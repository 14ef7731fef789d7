"""notices_send_due: send the messages that are due, and look after runs that wait for people."""

from datetime import UTC, datetime

from prefect import flow

from mergewright.domain.open_effects import EffectsReport
from tasks import digests, reminders


@flow(flow_run_name="Messages that are due")
def notices_send_due() -> EffectsReport:
    """Send the messages that quiet hours and digests put off, and look after what waits for people.

    People who have not answered a question are reminded of it, a run that nobody answered in time
    ends, a suspended run that was answered goes on, and one whose run has ended elsewhere ends. For a schedule: every quarter of an hour is
    enough. Nothing is sent twice, and nothing is paid.
    """
    now = datetime.now(UTC)
    return EffectsReport(effects=(*reminders.look_after_questions(now), *digests.send_all_due(now)))
