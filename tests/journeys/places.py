"""Where a journey takes place, and how to look at what it left behind."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mergewright.domain.requests import StandardDevRequest
from mergewright.events.sqlite import SqliteEventStore

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "mergewright" / "demo"
MODEL = "anthropic:claude-opus-5-5"
BRANCH = "fix/tally-7-splitting-a-bill-loses-cents"


def git(folder: Path, *words: str) -> str:
    """Run git as a user with a name would."""
    identity = ("-c", "user.name=Ada Moreau", "-c", "user.email=ada@example.com")
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *words], capture_output=True, text=True, check=True
    )
    return done.stdout


def commit_all(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@dataclass(frozen=True)
class Shop:
    """A repository, a ticket, a home folder and a Prefect server."""

    home: Path
    repository: Path
    ticket: Path
    api: str

    def request(self, **changes: Any) -> StandardDevRequest:
        fields = {"ticket": str(self.ticket), "repository": str(self.repository), "model": MODEL}
        return StandardDevRequest(**fields | changes)

    @property
    def environment(self) -> dict[str, str]:
        kept = ("PATH", "ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "COVERAGE_PROCESS_START")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "HOME": str(self.home.parent),
            "MERGEWRIGHT_HOME": str(self.home),
            "PREFECT_HOME": str(self.home.parent / "prefect"),
            "PREFECT_API_URL": self.api,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "mergewright.cli.main", *words]

    def run(self, *words: str) -> list[str]:
        """Return the command line of a run on the repository."""
        return self.command(
            "run", "standard-dev", str(self.ticket), "--repo", str(self.repository),
            "--model", MODEL, *words,
        )  # fmt: skip

    def call(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=170, check=False,
            stdin=subprocess.DEVNULL, cwd=self.home.parent,
        )  # fmt: skip

    def events(self, *types: str) -> list[Any]:
        store = SqliteEventStore(self.home / "events.db")
        try:
            return [stored.event for stored in store.read(types=types)]
        finally:
            store.close()

    def branches(self) -> list[str]:
        return git(
            self.repository, "for-each-ref", "--format=%(refname:short)", "refs/heads"
        ).split()

    def pull_requests(self) -> list[Path]:
        return sorted(self.repository.with_name("tally.pulls").glob("[0-9]*.md"))

    def is_untouched(self) -> bool:
        """Whether nothing of a run shows outside its home."""
        return (
            self.branches() == ["main"]
            and not self.pull_requests()
            and git(self.repository, "status", "--porcelain") == ""
            and self.ticket.read_bytes() == (DEMO / "TALLY-7.md").read_bytes()
        )


def json_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document
