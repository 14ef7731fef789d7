"""Services of other packages: the one of the how-to, made and used; broken ones are only told."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.loopback import Answer, LoopbackServer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/write-a-service.md").read_text()
CODE = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
PROFILE = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
PYPROJECT = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]
TOKEN = "post-token-4711"  # noqa: S105 - an example

BROKEN = {
    "absent": "no_such_module:Service",
    "fails": "broken_services:does_not_exist",
    "exits": "exiting_service:Service",
    "thing": "broken_services:THING",
    "plain": "broken_services:Plain",
    "halved": "broken_services:Halved",
    "blind": "broken_services:Blind",
    "claims": "broken_services:Claims",
    "zeroth": "broken_services:Copied",
}
BROKEN_CODE = """
from prefect.blocks.core import Block
from blocks.services import MessengerService, WikiService
THING = 7
class Plain(Block):
    _block_type_slug = "example-plain"
class Halved(WikiService):
    _block_type_slug = "example-halved"
class Blind(WikiService):
    _block_type_slug = "example-blind"
    def connect(self): return None
class Claims(Blind):
    _block_type_slug = "mergewright-page-folder"
    def check(self): return None
class Copied(MessengerService):
    _block_type_slug = "example-post-messenger"
    def connect(self): return None
    def check(self): return None
"""


SEND = """
from blocks.profile import load_profile
from mergewright.domain.notice import Notice
messenger = load_profile('posting').messenger
print(type(messenger).__name__)
print(messenger.connect().send(Notice(subject='Hi', body='B'), marker='m').value)
"""


class Receiver(LoopbackServer):
    """Takes messages of whoever has the token."""

    def answer(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(403, {})
        return Answer(200, b"team-bot" if request.method == "GET" else b"message-1")


def install(folder, name, points, **modules):
    """Put an installed package into a folder of the import path."""
    about = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "".join(f"{key} = {value}\n" for key, value in points.items())
    (about / "entry_points.txt").write_text(f"[mergewright.services]\n{lines}")
    for module, code in modules.items():
        (folder / f"{module}.py").write_text(code)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "site"
    (point,) = re.findall(r'^(\w+) = "(\w+:\w+)"$', PYPROJECT, re.MULTILINE)
    install(folder, "example-post", dict([point]), example_post=CODE)
    return folder


@pytest.fixture
def run(tmp_path, folder, engine):
    def run(*words, python=()):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "MERGEWRIGHT_HOME": str(tmp_path / "home"),
            "PYTHONPATH": f"{ROOT}:{folder}",
            "PREFECT_API_URL": engine,
            "POST_TOKEN": TOKEN,
            "COLUMNS": "200",
        }
        command = python or ("-m", "mergewright.cli.main", *words)
        return subprocess.run(
            [sys.executable, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
            cwd=tmp_path,
            env=environment,
        )

    return run


def test_the_code_is_short_and_says_how_short():
    lines = len(CODE.splitlines())
    assert lines <= 60
    assert f"{lines} lines" in PAGE


@pytest.mark.engine
@pytest.mark.journey
def test_the_how_tos_service_is_found_named_in_a_profile_and_asked(run, tmp_path):
    server = Receiver()
    file = tmp_path / "posting.yaml"
    file.write_text(PROFILE.replace("https://post.example.org", server.url))
    applied = run("profile", "apply", str(file))
    assert applied.returncode == 0, applied.stderr
    assert "created  mergewright-delivery-profile/posting" in applied.stdout
    assert "unchanged" in run("profile", "apply", str(file)).stdout
    checked = json.loads(run("profile", "check", "posting", "--json").stdout)
    (found,) = [one for one in checked["checks"] if one["part"] == "messenger"]
    assert (found["is_well"], found["account"]) == (True, "team-bot")
    told = run(python=("-c", SEND))
    assert told.stdout.split() == ["PostMessenger", "message-1"], told.stderr
    assert server.seen("POST")[0].body["subject"] == "Hi"
    server.close()


@pytest.mark.engine
@pytest.mark.journey
def test_broken_packages_are_rows_of_the_doctor(run, folder):
    install(
        folder, "broken", BROKEN, broken_services=BROKEN_CODE, exiting_service="raise SystemExit(3)"
    )
    done = run("doctor", "--json")
    (row,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "service packages"]
    assert row["status"] == "warn"
    assert row["detail"] == "10 services, 9 broken"
    said = dict(part.split(": ", 1) for part in row["parts"])
    assert said["post (example-post 1.0)"] == "ok, a messenger: example-post-messenger"
    for name, reason in {
        "absent": "ModuleNotFoundError",
        "fails": "AttributeError",
        "exits": "SystemExit: 3",
        "thing": "names no block class",
        "plain": "is no service",
        "halved": "lacks the method connect",
        "blind": "lacks the method check",
        "claims": "Mergewright's own",
        "zeroth": "already that of",
    }.items():
        assert reason in said[f"{name} (broken 1.0)"]
