"""Reports of bases, kept by what decides them: the tree with its lock files, the commands, what they ran in.

A cache and no record: one that is lost or cannot be read is made again.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from mergewright.clients.check_environment import Environment
from mergewright.domain.checks import CheckReport, CheckStatus, SandboxLevel
from mergewright.domain.codebase import CheckCommand

MAX_REPORTS: Final = 200
SCHEME: Final = 1
"""To be raised when other things come out of the same commands."""


class KeptReports:
    """Reports in a folder, one file each.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> CheckReport | None:
        """Return the report that was kept under a key."""
        with suppress(OSError, ValidationError, UnicodeDecodeError):
            return CheckReport.model_validate_json(
                (self._folder / f"{key}.json").read_text("utf-8")
            )
        return None

    def keep(self, key: str, report: CheckReport) -> None:
        """Keep a report, unless a check in it could not run: that may be otherwise the next time.

        What cannot be written is not kept.
        """
        if any(result.status is CheckStatus.BROKEN for result in report.results):
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(report.model_dump_json())
            Path(name).rename(self._folder / f"{key}.json")
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        files = sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[MAX_REPORTS:]:
            file.unlink(missing_ok=True)


def report_key(
    tree: str, commands: Sequence[CheckCommand], environment: Environment, level: SandboxLevel
) -> str:
    """Return what decides the report of a tree, lock files and installed versions included."""
    facts = [
        SCHEME,
        version("mergewright"),
        tree,
        [(command.kind.value, command.argv) for command in commands],
        environment.model_dump(mode="json"),
        level.value,
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]
