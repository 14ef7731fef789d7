"""Names of flow runs, from what they were asked for."""

from prefect.runtime import flow_run


def asked_run() -> str:
    """Return the id of the run that a flow's request names; empty when it names none."""
    request = flow_run.parameters.get("request", {})
    found = request.get("run_id") if isinstance(request, dict) else getattr(request, "run_id", "")
    return str(found or "")
