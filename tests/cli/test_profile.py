"""Profiles on the command line, as a person and a script use them."""

import json
import signal
import subprocess
import sys
import time

import pytest
from ruamel.yaml import YAML

from tests.clients.github_server import TOKEN, GitHubServer

pytestmark = [pytest.mark.engine, pytest.mark.journey]

TEXT = """name: cli-team
tracker:
  type: mergewright-github-issues
  repository: team/shop
  api_url: {url}
  credentials: {{type: github-credentials, token: env://CLI_TOKEN}}
stage_cap_usd: 4
"""


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture
def file(tmp_path, server):
    path = tmp_path / "team.yaml"
    path.write_text(TEXT.format(url=server.url))
    return path


def test_planned_applied_listed_and_exported(process, engine, file):
    def run(*words, **variables):
        return process("profile", *words, PREFECT_API_URL=engine, **variables)

    file.write_text(file.read_text().replace("cli-team", "cli-planned"))
    planned = run("apply", str(file), "--plan", "--json")
    assert json.loads(planned.stdout)["blocks"][0]["outcome"] == "created"
    assert run("export", "cli-planned").returncode == 2
    applied = run("apply", str(file))
    assert "created  mergewright-delivery-profile/cli-planned" in applied.stdout
    assert "tracker.credentials.token: (default) → env://CLI_TOKEN" in applied.stdout
    listed = json.loads(run("list", "--json").stdout)["profiles"]
    (one,) = [one for one in listed if one["name"] == "cli-planned"]
    assert one["services"][0] == "mergewright-github-issues"
    exported = run("export", "cli-planned").stdout
    assert YAML(typ="safe").load(exported)["stage_cap_usd"] == 4


def test_each_service_is_asked(process, engine, file):
    def run(*words, **variables):
        return process("profile", *words, PREFECT_API_URL=engine, **variables)

    assert run("apply", str(file)).returncode == 0
    checked = run("check", "cli-team", "--json", CLI_TOKEN=TOKEN)
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["checks"][0]["account"] == "mw-bot"
    wrong = run("check", "cli-team", CLI_TOKEN="ghp_wrong_token_0000000000")
    assert wrong.returncode == 8
    assert "FAIL  tracker" in wrong.stdout
    assert "ghp_wrong" not in wrong.stdout + wrong.stderr


def test_a_fault_is_told_with_its_place(process, engine, file):
    file.write_text("tracker:\n  type: mergewright-ticket-folder\n  foldr: x\n")
    done = process("profile", "apply", str(file), PREFECT_API_URL=engine)
    assert done.returncode == 2
    assert "line 3, column 3: tracker.foldr: unknown field" in done.stderr


def test_a_file_is_applied_whenever_it_changes(environment, engine, file, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as output:
        watching = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "mergewright.cli.main",
                "profile",
                "apply",
                str(file),
                "--watch",
            ],
            stdout=output,
            stderr=output,
            cwd=tmp_path,
            env={**environment, "PREFECT_API_URL": engine, "PYTHONUNBUFFERED": "1"},
        )
        try:
            wait_for(log, "delivery-profile/cli-team")
            text = file.read_text()
            file.write_text(text.replace("stage_cap_usd", "stage_cup_usd"))
            wait_for(log, "unknown field 'stage_cup_usd'")
            wait_for(log, "Nothing was changed")
            other = tmp_path / "new"
            other.write_text(text.replace("stage_cap_usd: 4", "stage_cap_usd: 9"))
            other.replace(file)
            wait_for(log, "→ 9.0")
            watching.send_signal(signal.SIGINT)
            assert watching.wait(30) == 0
        finally:
            watching.kill()
            watching.wait()


def wait_for(log, text):
    end = time.monotonic() + 90
    while text not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)
