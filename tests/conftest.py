"""One Prefect server for the whole session; a home folder of its own for each test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mergewright.settings import settings


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Prefect server and return the address of its API."""
    from prefect.settings import (  # noqa: PLC0415 - plain tests start without Prefect
        get_current_settings,
        temporary_settings,
    )
    from prefect.testing.utilities import prefect_test_harness  # noqa: PLC0415 - as above

    storage = tmp_path_factory.mktemp("results")
    changes = {
        "results.local_storage_path": storage,
        # the heartbeat thread costs a second at the end of every flow
        "flows.heartbeat_frequency": None,
        "server.analytics_enabled": False,
    }
    with temporary_settings(changes), prefect_test_harness(server_startup_timeout=180):
        yield str(get_current_settings().api.url)


@pytest.fixture(autouse=True)
def engine_where_marked(request: pytest.FixtureRequest) -> None:
    """Give tests marked `engine` the server, and no others."""
    if request.node.get_closest_marker("engine"):
        request.getfixturevalue("engine")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep everything that Mergewright keeps below the test's own folder."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MERGEWRIGHT_HOME", str(folder))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    settings.cache_clear()
    yield folder
    settings.cache_clear()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing that a test starts may find the developer's own Prefect server or profile."""
    _ = config
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "MERGEWRIGHT_"))]:
        del os.environ[name]
