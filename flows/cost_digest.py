"""cost_digest: tell people what model calls cost."""

from prefect import flow

from mergewright.domain.cost_digest import CostDigest, CostDigestRequest
from tasks import cost_digest as costs

DAILY = CostDigestRequest()


@flow(flow_run_name="Cost digest", validate_parameters=True)
def cost_digest(request: CostDigestRequest = DAILY) -> CostDigest:
    """Tell people what model calls cost, from the event log.

    Writes an artifact, sends a message where it is asked to, and emits an event when today's calls
    have cost more than was said. It costs nothing.

    Args:
        request: Which days, who is told, and when it is alarming.
    """
    digest = costs.add_up(request.days)
    costs.publish(digest)
    alarmed = costs.alarm(digest, request.alarm_usd)
    told = costs.tell(request, digest) if request.tell else ""
    return digest.model_copy(update={"alarmed": alarmed, "told": told})
