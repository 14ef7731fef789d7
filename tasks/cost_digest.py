"""Stages that tell what model calls cost: the sums from the log, the message, the alarm."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from blocks.profile import load_profile
from mergewright.domain.cost_digest import ALARM_EVENT, CostDigest, CostDigestRequest
from mergewright.domain.notice import Notice
from mergewright.events.clock import utc_now
from mergewright.events.cost_report import CostKey, read_costs
from mergewright.texts.cost_digest import DigestPart, DigestRow, digest_text
from mergewright.texts.templates import usd
from tasks._policies import stage
from tasks._runs import event_store

_SHOWN = (CostKey.DAY, CostKey.REPOSITORY, CostKey.STAGE, CostKey.MODEL)


@stage("Add up what calls cost", kept=False)
def add_up(days: int) -> CostDigest:
    """Return what the calls of the last days cost, today among them.

    Raises:
        StoreFailed: The log cannot be read.
    """
    today = _midnight(utc_now())
    since = today - timedelta(days=days - 1)
    reports = {key: read_costs(event_store(), key, since=since) for key in _SHOWN}
    total = reports[CostKey.DAY].paid.total
    by_day = {row.key: row for row in reports[CostKey.DAY].paid.rows}
    now = by_day.get(f"{today:%Y-%m-%d}")
    parts = [
        DigestPart(
            str(key),
            tuple(DigestRow(row.key, row.settled_usd, row.calls) for row in report.paid.rows),
        )
        for key, report in reports.items()
    ]
    first = f"{since:%Y-%m-%d}"
    return CostDigest(
        since=first,
        paid_usd=total.settled_usd,
        open_usd=total.reserved_usd,
        calls=total.calls,
        today_usd=now.settled_usd if now else Decimal(0),
        text=digest_text(first, total.settled_usd, total.reserved_usd, parts),
    )


@stage("Tell what calls cost", kept=False)
def tell(request: CostDigestRequest, digest: CostDigest) -> str:
    """Send the digest by the profile's messengers, once a day and span; return its reference.

    Raises:
        BlockMissing: There is no profile of the name.
        ServiceError: The messenger refused or did not answer.
    """
    notice = Notice(subject=f"Model calls cost {usd(digest.paid_usd)}", body=digest.text)
    marker = f"cost-digest-{utc_now():%Y-%m-%d}-{request.days}"
    return str(load_profile(request.profile).connect_messenger().send(notice, marker=marker).value)


def publish(digest: CostDigest) -> None:
    """Keep the digest as a Prefect artifact."""
    create_markdown_artifact(key="cost-digest", markdown=digest.text, description="Cost digest")


def alarm(digest: CostDigest, alarm_usd: float | None) -> bool:
    """Emit the day's cost alarm if its calls have cost as much; say whether they have.

    The event has the same id all day, so that it is one event however often it is looked at.
    """
    if alarm_usd is None or digest.today_usd < Decimal(str(alarm_usd)):
        return False
    day = f"{utc_now():%Y-%m-%d}"
    emit_event(
        ALARM_EVENT,
        resource={"prefect.resource.id": f"mergewright.costs.{day}"},
        payload={"day": day, "paid_usd": str(digest.today_usd), "alarm_usd": alarm_usd},
        id=uuid5(NAMESPACE_URL, f"{ALARM_EVENT}/{day}/{alarm_usd}"),
    )
    return True


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
