"""The demo, as a newcomer starts it: no key, no server, recorded answers that fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.places import BRANCH, ROOT, git

pytestmark = pytest.mark.journey


def demo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "mergewright.cli.main", "demo", "--folder", ".demo", *words]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=170, check=False,
        cwd=folder, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_demo_delivers_says_what_it_is_and_can_be_repeated(tmp_path):
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "recorded answers" in said
    assert "nothing was paid" in said
    # a changed prompt needs a new recording: make cassette
    assert "Recorded answer to another request" not in said
    tally = tmp_path / ".demo" / "tally"
    assert BRANCH in git(tally, "for-each-ref", "--format=%(refname:short)")
    (pull_request,) = (tmp_path / ".demo" / "tally.pulls").glob("[0-9]*.md")
    assert "ecorded answers" in pull_request.read_text()
    assert {path.name for path in tmp_path.iterdir()} <= {".demo", ".cache", ".config"}

    again = demo(tmp_path, "--json")
    assert again.returncode == 0, again.stderr
    report = json.loads(again.stdout)
    assert (report["outcome"], report["recorded"]) == ("delivered", True)
    assert (report["costs"]["calls"], report["costs"]["recorded"]) == (25, True)
