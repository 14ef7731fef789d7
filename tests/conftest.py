"""One Prefect server for the whole session; a home folder of its own for each test."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
        # half of what a run costs the server, and nothing that a test or a second start reads
        "server.services.task_run_recorder.enabled": False,
        "server.services.event_persister.enabled": False,
        "server.services.triggers.enabled": False,
    }
    with temporary_settings(changes), ExitStack() as started:
        with _unmeasured():
            started.enter_context(prefect_test_harness(server_startup_timeout=180))
        yield str(get_current_settings().api.url)


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Measure no coverage in what is started meanwhile: a server that runs none of our code."""
    names = [name for name in os.environ if name.startswith("COVERAGE_PROCESS_")]
    kept = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(kept)


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


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Trace nothing in this thread and those that it starts, so that no coverage is measured.

    An exception that arrives while the tracer works leaves the tracer's lock taken. And CPython 3.11
    spins at the start of a traced function for as long as another thread has an exception to take
    (`RESUME` handles what is pending and begins again).
    """
    before, for_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(for_threads)


def pytest_configure(config: pytest.Config) -> None:
    """Give all that tests start the same surroundings, whoever started the tests.

    Nothing may find the developer's own Prefect server or profile. A shell without job control
    starts what stands in the background with Ctrl-C ignored, and so would all of its children.
    """
    _ = config
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "MERGEWRIGHT_"))]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put quick modules first: plain ones, then those with the engine, then whole journeys.

    Of journeys the longest come first, so that the workers end at about the same time.
    """
    ranks: dict[Path, tuple[int, float]] = {}
    for item in items:
        rank = (
            2
            if item.get_closest_marker("journey")
            else 1
            if item.get_closest_marker("engine")
            else 0
        )
        limit = item.get_closest_marker("timeout")
        seconds = float(limit.args[0]) if limit and rank == 2 else 0.0
        known = ranks.get(item.path, (0, 0.0))
        ranks[item.path] = (max(known[0], rank), min(known[1], -seconds))
    items.sort(key=lambda item: ranks[item.path])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the tables of crash matrices, also when everything is green."""
    parts: dict[str, list[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    parts.setdefault(name, []).append(value)
    for name in sorted(parts):
        if name.startswith("crash matrix"):
            from mergewright.testing.crash_table import (  # noqa: PLC0415 - most sessions have no matrix
                CrashTable,
            )

            table = CrashTable.joined(
                [CrashTable.model_validate_json(part) for part in parts[name]]
            )
            terminalreporter.section(name)
            terminalreporter.write_line(str(table))
