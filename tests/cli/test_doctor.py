import json
import os
import shutil
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from mergewright.cli import doctor
from mergewright.clients import sandbox
from mergewright.settings import settings


@pytest.fixture
def set_variables(monkeypatch, home):
    """Set variables of this process and read the settings anew."""

    def set_all(**variables):
        for name, value in {"MERGEWRIGHT_HOME": str(home), **variables}.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield set_all
    settings.cache_clear()


def by_name(done):
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.mark.journey
def test_everything_is_looked_at_and_no_key_is_shown(process, home):
    done = process("doctor", "--json", ANTHROPIC_API_KEY="sk-ant-api03-verysecret")
    found = by_name(done)
    assert list(found) == [
        "Python",
        "git",
        "home",
        "event log",
        "services",
        "sandbox",
        "Prefect",
        "blocks",
        "service packages",
        "Anthropic key",
    ]
    assert found["Anthropic key"]["status"] == "ok"
    assert found["Prefect"]["status"] == "ok"
    assert found["sandbox"]["parts"]
    assert "verysecret" not in done.stdout + done.stderr
    assert done.returncode == int(any(check["status"] == "fail" for check in found.values()))
    assert (home / "events.db").exists()


@pytest.mark.journey
def test_faults_come_with_a_remedy(process, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    old = folder / "git"
    old.write_text("#!/bin/sh\necho git version 2.17.1\n")
    old.chmod(0o755)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        api = f"http://127.0.0.1:{free.getsockname()[1]}/api"
    done = process(
        "doctor",
        PATH=f"{folder}:{os.environ['PATH']}",
        MERGEWRIGHT_HOME=str(blocked / "home"),
        PREFECT_API_URL=api,
    )
    assert done.returncode == 1
    for text in (
        "git version 2.17.1",
        "→ Install git 2.38 or later.",
        "set MERGEWRIGHT_HOME to a folder",
        "does not answer",
        "→ Start it with `prefect server start`",
        "not looked up: no API answers",
        "4 faults to mend",
    ):
        assert text in " ".join(done.stdout.split())


def test_without_git_and_key_it_says_so(set_variables, monkeypatch, tmp_path):
    set_variables(PATH=str(tmp_path))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    settings.cache_clear()
    assert doctor.check_git().detail == "not found"
    assert doctor.check_key().status == "warn"


def test_a_git_that_breaks_is_a_fault(set_variables, tmp_path):
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    set_variables(PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert doctor.check_git().status == "fail"


def test_a_missing_sandbox_is_a_fault_unless_allowed(set_variables, tmp_path):
    for name in ("sh", "git"):
        (tmp_path / name).symlink_to(shutil.which(name))
    set_variables(PATH=str(tmp_path))
    sandbox.probe.cache_clear()
    try:
        found = doctor.check_sandbox()
        assert found.status == "fail"
        assert found.remedy
        set_variables(MERGEWRIGHT_ALLOW_UNSANDBOXED="true")
        assert doctor.check_sandbox().status == "warn"
    finally:
        sandbox.probe.cache_clear()


class Api(BaseHTTPRequestHandler):
    """As much of a Prefect API as the doctor asks."""

    def do_GET(self):
        known = self.path.endswith("/health")
        body = b"true" if known else b'{"detail": "not found"}'
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.mark.journey
def test_a_reachable_api_without_the_profile_is_told(process):
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        api = f"http://127.0.0.1:{server.server_port}/api"
        found = by_name(process("doctor", "--json", PREFECT_API_URL=api))
        server.shutdown()
    assert found["Prefect"]["status"] == "ok"
    assert api in found["Prefect"]["detail"]
    assert found["blocks"]["status"] == "warn"
    assert "mergewright setup" in found["blocks"]["remedy"]
