"""What several modules of tests begin with: a folder of tickets, a repository, a pull request."""

import subprocess
from pathlib import Path

import pytest

from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.local_forge import LocalForge
from tests.clients.pull_request_samples import draft
from tests.clients.ticket_samples import AT


@pytest.fixture
def tracker(tmp_path: Path) -> FolderTracker:
    folder = tmp_path / "tracker"
    folder.mkdir()
    return FolderTracker(folder, clock=lambda: AT)


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """An empty repository on this machine."""
    path = tmp_path / "parcels"
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    return str(path)


@pytest.fixture
def forge(repository: str) -> LocalForge:
    """A forge that holds one pull request."""
    forge = LocalForge()
    forge.open_pull_request(draft(repository))
    return forge
