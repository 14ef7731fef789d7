"""Who asked for a run: kept in its log when it begins, whoever goes on with it."""

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.runtime import deployment, flow_run

from mergewright.clients.person import local_identity
from mergewright.domain.approval_identity import Identity, read_identity, whole_identity
from mergewright.domain.delivery import Run
from mergewright.domain.requests import ApprovalPoint, DeliveryRequest
from mergewright.errors import SettingInvalid
from tasks._facts import pinned, recall
from tasks._runs import journal_of, policy_of, profile_of

FACT = "requester"
PERSON = "USER"
"""What Prefect calls a person among those who create runs; its own server knows none."""


def keep_requester(run: Run, request: DeliveryRequest) -> Identity:
    """Return who asked for the run, as its log has it or as it is known now.

    Raises:
        SettingInvalid: Nobody knows, and the requester may not approve what will be asked.
        StoreFailed: The log cannot be read or written.
    """
    requester = requester_of(run)
    if not requester.is_known:
        requester = _find(run, request)
    if requester.is_known:
        requester = pinned(journal_of(run, ""), FACT, Identity, lambda: requester)
    policy = policy_of(run)
    # a rehearsal and a replay stop only where they are told to
    asks = (*run.approve, *(() if run.dry_run else policy.stops))
    if asks and policy.approval.never_requester and not requester.is_known:
        raise SettingInvalid(
            f"Nobody knows who asks for the run {run.id!r}, and whoever does may not approve its"
            f" {' and '.join(ApprovalPoint(point).value for point in dict.fromkeys(asks))}.",
            hint="Say who asks for it: `Requested by` in the form, or MERGEWRIGHT_USER.",
            run_id=run.id,
        )
    return requester


def requester_of(run: Run) -> Identity:
    """Return who asked for the run, as its log has it; nobody where an older log does not say.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return recall(journal_of(run, ""), FACT, Identity) or Identity()


def _find(run: Run, request: DeliveryRequest) -> Identity:
    if request.requested_by.strip():
        found = read_identity(request.requested_by)
    elif deployment.id:
        found = _creator()
    else:
        found = local_identity()
    return whole_identity(profile_of(run).directory, found)


def _creator() -> Identity:
    """Return who created Prefect's run: a person, a schedule or an automation; nobody if it is not said.

    What is no person gets a name that no person has, so that it is known who asked.
    """
    with get_client(sync_client=True) as client:
        began = client.read_flow_run(UUID(flow_run.id))
    created = began.created_by
    if began.auto_scheduled:
        return Identity(name="a schedule of Prefect")
    if created is None or not created.display_value:
        return Identity()
    if created.type == PERSON:
        return read_identity(created.display_value)
    return Identity(name=f"{(created.type or 'Prefect').lower()} {created.display_value}")
