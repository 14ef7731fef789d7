"""notices_send_due: send the messages that were kept for people and are due."""

from datetime import UTC, datetime

from prefect import flow

from mergewright.domain.open_effects import EffectsReport
from tasks import digests


@flow(flow_run_name="Messages that are due")
def notices_send_due() -> EffectsReport:
    """Send the messages that quiet hours and digests put off, as far as they are due.

    For a schedule: every quarter of an hour is enough. Nothing is sent twice, and nothing is paid.
    """
    return EffectsReport(effects=digests.send_all_due(datetime.now(UTC)))
