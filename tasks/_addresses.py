"""Where a person watches a run."""

from urllib.parse import urlsplit

from prefect.utilities.urls import url_for

from mergewright.domain.delivery import Run
from mergewright.domain.events import RunStarted
from tasks._runs import event_store

_ONLY_HERE = frozenset({"localhost", "::1", "0.0.0.0"})  # noqa: S104 - nothing is bound to it


def run_address(run: Run) -> str:
    """Return where the run is shown, as others reach it; empty when they cannot.

    It is the run's first flow run, so that the address stays the same when the run goes on later.
    A server on this machine alone has no address that helps anybody else.

    Raises:
        StoreFailed: The log cannot be read.
    """
    stored = event_store().read(run_id=run.id, types=("run_started",))
    starts = [entry.event for entry in stored if isinstance(entry.event, RunStarted)]
    flow_run_id = next((start.flow_run_id for start in starts if start.flow_run_id), "")
    address = url_for("flow-run", obj_id=flow_run_id) if flow_run_id else None
    return address if address and is_reached_by_others(address) else ""


def is_reached_by_others(address: str) -> bool:
    """Say whether an address leads to more than the machine that it is followed on."""
    host = urlsplit(address).hostname or ""
    return bool(host) and host not in _ONLY_HERE and not host.startswith("127.")
