"""Preparing Prefect for a command: said on the terminal, and done where notebooks have it done too."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from tasks import engine
from tasks.engine import api_url, check_api, has_profile

__all__ = ["api_url", "check_api", "has_profile", "prefect_engine"]


@contextmanager
def prefect_engine(console: Console) -> Iterator[None]:
    """Make Prefect ready for flows in this process, and send what it logs to a file.

    Raises:
        ServiceUnavailable: The configured API does not answer, or no server can be started.
    """
    console.print("Starting the Prefect engine …", style="dim")
    with engine.prefect_engine():
        yield
