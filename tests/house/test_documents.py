"""Documents tell the truth: what they link to, name and tell people to type is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mergewright.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = {name for name in app if not name.startswith("-")}
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_commands_and_targets_that_are_told_exist(document):
    text = document.read_text()
    told = set(re.findall(r"(?:`|bin/|^)mergewright ([a-z]+(?:-[a-z]+)*)", text, re.MULTILINE))
    assert told - COMMANDS == set()
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) - TARGETS == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_files_that_are_named_exist(document):
    rooms = "flows|tasks|blocks|prompts|mergewright|tests|deployments"
    paths = re.findall(rf"`((?:{rooms})/[\w/.*-]+)`", document.read_text())
    missing = [path for path in paths if not list(ROOT.glob(path.rstrip("/")))]
    assert missing == []


def test_the_options_of_the_readme_exist():
    told = set(re.findall(r"mergewright run standard-dev.*", (ROOT / "README.md").read_text()))
    options = set(re.findall(r"--[a-z-]+", " ".join(told)))
    command = [sys.executable, "-m", "mergewright.cli.main", "run", "standard-dev", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert options
    assert [option for option in options if option not in shown] == []
