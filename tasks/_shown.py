"""What a flow run has shown already: a run that goes on shows nothing twice."""

from typing import cast

from prefect.artifacts import Artifact
from prefect.client.schemas.objects import Artifact as ShownArtifact
from prefect.runtime import flow_run


def last_shown(key: str) -> ShownArtifact | None:
    """Return the last version of an artifact, if this flow run made it."""
    # called from a flow that is no coroutine, it returns the artifact itself
    found = cast("ShownArtifact | None", Artifact.get(key))
    return found if found and str(found.flow_run_id) == str(flow_run.id) else None
