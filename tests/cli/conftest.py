import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mergewright.cli.main import main
from mergewright.settings import settings

ROOT = Path(__file__).parents[2]


class Ended(NamedTuple):
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str


Mergewright = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """A bare environment whose every folder is below the test's own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "PATH" or name.startswith("COVERAGE_")
    }
    return {
        **kept,
        "HOME": str(home),
        "MERGEWRIGHT_HOME": str(home),
        "PREFECT_HOME": str(home / "prefect"),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm-256color",
        "TZ": "UTC",
        "COLUMNS": "100",
    }


@pytest.fixture
def mergewright(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Mergewright]:
    """Run the command line in this process: what a test of words and codes needs."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **variables: str) -> Ended:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        code = main(words)
        return Ended(code, *capsys.readouterr())

    yield run
    settings.cache_clear()


@pytest.fixture
def process(environment: dict[str, str], tmp_path: Path) -> Mergewright:
    """Run the command line in a process of its own, as a user does."""

    def run(*words: str, **variables: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "mergewright.cli.main", *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            env={**environment, **variables},
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def served(process: Mergewright, engine: str) -> Mergewright:
    """Run the command line in a process of its own, with the session's Prefect server."""

    def run(*words: str, **variables: str) -> Ended:
        return process(*words, PREFECT_API_URL=engine, **variables)

    return run
