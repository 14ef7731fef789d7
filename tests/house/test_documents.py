"""Documents tell the truth: what they link to, name and tell people to type is there."""

import io
import re
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console
from ruamel.yaml import YAML

from mergewright.cli import exit_codes
from mergewright.cli.main import app
from mergewright.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = {name for name in app if not name.startswith("-")}
DEPLOYMENTS = {
    f"{one['entrypoint'].rpartition('.')[2].replace('_', '-')}/{one['name']}"
    for one in YAML(typ="safe").load(ROOT / "prefect.yaml")["deployments"]
}
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
def test_deployments_that_are_named_exist(document):
    told = re.findall(r"deployment (?:run )?`?([\w-]+/[\w-]+)", document.read_text())
    assert set(told) - DEPLOYMENTS == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_files_that_are_named_exist(document):
    rooms = "flows|tasks|blocks|prompts|mergewright|tests|deployments"
    paths = re.findall(rf"`((?:{rooms})/[\w/.*-]+)`", document.read_text())
    missing = [path for path in paths if not list(ROOT.glob(path.rstrip("/")))]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_options_that_are_told_exist(document):
    unknown = [
        f"{' '.join(command)} {option}"
        for command, options in told_commands(document.read_text())
        for option in options
        if option not in help_of(command)
    ]
    assert unknown == []


def test_options_are_found_where_documents_tell_them():
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    told = [(command, options) for command, options in told_commands(text) if options]
    assert (("run", "standard-dev"), {"--repo", "--budget-usd"}) in told
    assert len(told) > 20


def test_the_reference_has_every_setting_and_exit_code():
    text = (ROOT / "docs" / "reference.md").read_text()
    names = [
        field.validation_alias or f"MERGEWRIGHT_{name.upper()}"
        for name, field in Settings.model_fields.items()
    ]
    assert sorted(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE)) == sorted(names)
    codes = [line for line in exit_codes.__doc__.splitlines() if re.match(r"\| \d", line)]
    assert re.findall(r"^\| \d.*", text, re.MULTILINE) == codes


def told_commands(text):
    """Yield each command that a text tells people to type, with its options."""
    for found in re.finditer(r"mergewright((?: [a-z][a-z-]*)+)([^`|#\n]*)", text):
        command = tuple(named_command(found[1].split()))
        rest = f"{found[1]} {found[2]}"
        if command:
            yield command, set(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest))


def named_command(words):
    """Yield the words that name a command; what follows is its input."""
    place = app
    for word in words:
        if word not in place:
            return
        yield word
        place = place[word]


@cache
def help_of(command):
    """Return the help of a command, as wide as it wants to be."""
    shown = io.StringIO()
    app.help_print(list(command), console=Console(file=shown, width=400))
    return shown.getvalue()
