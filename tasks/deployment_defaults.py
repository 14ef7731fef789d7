"""What a deployment says of its runs' request, where whoever starts one says nothing of it.

Prefect merges parameters as wholes: a `request` that is given takes the place of the deployment's,
and a rehearsal that was started with a ticket alone would publish.

Source: `create_flow_run_from_deployment` of Prefect's API 3.8.8, read and run 2026-11-20.
"""

from typing import TypeVar
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound
from prefect.runtime import deployment

from mergewright.domain.requests import DeliveryRequest
from mergewright.errors import BlockMissing, ServiceUnavailable

Q = TypeVar("Q", bound=DeliveryRequest)


def with_deployment_defaults(request: Q) -> Q:
    """Return a request with the fields that its deployment fixes and that nobody gave.

    Raises:
        BlockMissing: It, or a profile that it fixes, is not there any more.
        ServiceUnavailable: The Prefect server does not answer.
    """
    if not deployment.id:
        return request
    form, given = type(request), request.model_dump(exclude_unset=True)
    try:
        with get_client(sync_client=True) as client:
            said = (client.read_deployment(UUID(deployment.id)).parameters or {}).get("request")
            fixed = {
                field: _named(client, value)
                for field, value in (said if isinstance(said, dict) else {}).items()
                if field in form.model_fields and field not in given
            }
    except ObjectNotFound as error:
        raise BlockMissing(
            f"The deployment {deployment.id!r}, or the delivery profile that it fixes, is not there"
            " any more.",
            hint="Make the profile anew or name another one, and apply: mergewright deploy",
        ) from error
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            f"The Prefect server did not tell what the deployment {deployment.id!r} fixes: {error}.",
            hint="See whether it runs; then run this again.",
        ) from error
    return form.model_validate({**fixed, **given})


def _named(client: SyncPrefectClient, value: object) -> object:
    """Return the name of a block in place of a reference to it; anything else as it is."""
    match value:
        case {"$ref": {"block_document_id": str(identifier)}}:
            return client.read_block_document(UUID(identifier), include_secrets=False).name
    return value
