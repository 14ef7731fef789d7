"""The shipped repository, a server that answers for its ticket, and the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import DEMO, Shop, git
from tests.journeys.tally_answers import reply


@pytest.fixture
def tally(tmp_path: Path) -> Path:
    """Return a clone of the shipped repository, as a user would have it."""
    folder = tmp_path / "tally"
    git(tmp_path, "clone", "--quiet", "--branch", "main", str(DEMO / "tally.bundle"), str(folder))
    return folder


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    """Return the shipped ticket, as a file of the user's."""
    path = tmp_path / "TALLY-7.md"
    path.write_bytes((DEMO / "TALLY-7.md").read_bytes())
    return path


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    """Answer as the recorded agents did, over the real protocol."""
    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        yield server


@pytest.fixture
def shop(home: Path, tally: Path, ticket: Path, engine: str) -> Shop:
    """Return a place to run the command line in, with the session's Prefect server."""
    return Shop(home=home, repository=tally, ticket=ticket, api=engine)
