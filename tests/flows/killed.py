"""Where a flow runs in a process of its own that a test kills."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.settings import temporary_settings


@contextmanager
def settled(place: Path, api: str) -> Iterator[None]:
    """Keep all that Mergewright and Prefect keep below a folder, and have Prefect ask a server."""
    os.environ["MERGEWRIGHT_HOME"] = str(place / "home")
    changes = {
        "home": place / "prefect",
        "api.url": api,
        "results.local_storage_path": place / "results",
        "flows.heartbeat_frequency": None,
        "logging.to_api.enabled": False,
    }
    with temporary_settings(changes):
        yield
