"""Record mergewright/demo/tally.cassette.json anew: the same answers to the prompts of today.

Run as `make cassette`, after a change of prompts, tools or analysis.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import DEMO, ROOT, git
from tests.journeys.tally_answers import reply

TITLE = "TALLY-7: Splitting a bill loses cents"


def main() -> None:
    with tempfile.TemporaryDirectory() as name, MessagesServer(reply) as server:
        folder = Path(name)
        git(folder, "clone", "--quiet", "--branch", "main", str(DEMO / "tally.bundle"), "tally")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "PYTHONPATH": str(ROOT),
            "DO_NOT_TRACK": "1",
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "sk-ant-test-0123456789",
        }
        target = DEMO / "tally.cassette.json"
        for words in (
            ("run", "standard-dev", str(DEMO / "TALLY-7.md"), "--repo", "tally"),
            ("record", "last", "--output", str(target), "--title", TITLE, "--force"),
        ):
            command = [sys.executable, "-m", "mergewright.cli.main", *words]
            subprocess.run(command, env=environment, cwd=folder, check=True)


if __name__ == "__main__":
    main()
