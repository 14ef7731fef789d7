"""Checks that others run, at a GitHub on loopback: read, waited for, and their logs."""

import threading
import time

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.pull_request import ExternalCheckStatus
from mergewright.errors import AccessDenied, NotFound, ServiceUnavailable
from tests.clients.github_server import COMMIT, TOKEN, GitHubServer, fault
from tests.clients.loopback import Answer, LoopbackServer

PASSED, SKIPPED, FAILED, PENDING = (
    ExternalCheckStatus.PASSED,
    ExternalCheckStatus.SKIPPED,
    ExternalCheckStatus.FAILED,
    ExternalCheckStatus.PENDING,
)


class LogServer(LoopbackServer):
    """Keeps one log, elsewhere."""

    def __init__(self, text, status=200):
        super().__init__()
        self._given = Answer(status, text, {"Content-Type": "text/plain"})

    def answer(self, request):
        return self._given


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def logged(server, text, status=200):
    logs = LogServer(text, status)
    server.logs[server.check_runs[-1]["id"]] = f"{logs.url}/log?sig=1"
    return logs


def test_check_runs_and_statuses_are_read_in_pages_without_our_own(server, host):
    server.page_size = 2
    for conclusion in ("success", "neutral", "skipped", "failure", "cancelled", "", "timed_out"):
        server.add_check_run(f"run {conclusion}", conclusion)
    server.add_check_run("mergewright/tests", "failure")
    for state in ("success", "pending", "failure", "error"):
        server.statuses.append(
            {"context": f"ci/{state}", "state": state, "target_url": "https://x"}
        )
    host.report_gates(
        server.repository, COMMIT, [Gate(name="x", status=GateStatus.FAILED, summary="")]
    )
    found = {one.name: one.status for one in host.external_checks(server.repository, COMMIT)}
    assert found == {
        "run success": PASSED,
        "run neutral": SKIPPED,
        "run skipped": SKIPPED,
        "run failure": FAILED,
        "run cancelled": FAILED,
        "run ": PENDING,
        "run timed_out": FAILED,
        "ci/success": PASSED,
        "ci/pending": PENDING,
        "ci/failure": FAILED,
        "ci/error": FAILED,
    }


def test_the_end_of_a_failed_jobs_log_comes_without_credentials(server, host):
    server.add_check_run("build", "failure")
    text = "2026-01-01T00:00:00.1234567Z \x1b[31mAssertionError\x1b[0m: 3 != 4\r\n"
    logs = logged(server, ("2026-01-01T00:00:00Z first\n" + "x" * 200_000 + "\n" + text).encode())
    (check,) = host.external_checks(server.repository, COMMIT)
    assert check.log.endswith("\nAssertionError: 3 != 4")
    assert len(check.log) <= 8_000
    assert "authorization" not in logs.requests[0].headers
    assert logs.requests[0].query == {"sig": "1"}
    logs.close()


def test_a_secret_in_a_log_is_taken_out(server, host):
    server.add_check_run("build", "failure")
    logs = logged(server, f"using {TOKEN}".encode())
    assert host.external_checks(server.repository, COMMIT)[0].log == "using [redacted]"
    logs.close()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_log_that_is_not_to_be_had_is_no_failure(server, host, status):
    server.add_check_run("gone", "failure")
    server.add_check_run("build", "failure")
    logs = logged(server, b"x", status)
    assert [one.log for one in host.external_checks(server.repository, COMMIT)] == ["", ""]
    logs.close()


def test_only_failed_jobs_of_actions_have_logs(server, host):
    server.add_check_run("green")
    server.add_check_run("other", "failure", app="circleci")
    host.external_checks(server.repository, COMMIT)
    assert not [one for one in server.requests if one.path.endswith("/logs")]


def wait(host, server, **changes):
    told = {"timeout_seconds": 5, "pause_seconds": 0.02, "appear_seconds": 0.1} | changes
    return host.wait_for_checks(server.repository, COMMIT, **told)


def test_waiting_ends_when_all_have_ended_and_no_job_is_to_come(server, host):
    run = server.add_check_run("build", "")
    suite = {"status": "in_progress", "latest_check_runs_count": 1}
    server.suites = [suite, {"status": "queued", "latest_check_runs_count": 0}]

    def go_on():
        time.sleep(0.1)
        run.update(status="completed", conclusion="success")
        time.sleep(0.1)
        server.add_check_run("deploy", "failure")
        suite["status"] = "completed"

    worker = threading.Thread(target=go_on)
    worker.start()
    checks = wait(host, server)
    worker.join()
    assert checks.complete
    assert [one.name for one in checks.checks] == ["build", "deploy"]
    assert [one.name for one in checks.failed] == ["deploy"]


def test_when_the_time_is_over_it_is_told_how_they_stand(server, host):
    server.add_check_run("build", "")
    began = time.monotonic()
    checks = wait(host, server, timeout_seconds=0.2)
    assert time.monotonic() - began < 3
    assert not checks.complete
    assert [one.name for one in checks.pending] == ["build"]


def test_a_check_may_come_late_and_none_may_come_at_all(server, host):
    assert wait(host, server) == wait(host, server, appear_seconds=0)
    assert wait(host, server).complete
    threading.Timer(0.1, server.add_check_run, ("late", "failure")).start()
    assert [one.name for one in wait(host, server, appear_seconds=4).failed] == ["late"]


def test_waiting_goes_on_over_failures_that_pass_and_no_others(server, host):
    server.add_check_run("build")
    server.faults = [fault(429, Retry_After="0.1"), fault(429, Retry_After="0.1")]
    assert wait(host, server).complete
    server.faults = [fault(403)]
    with pytest.raises(AccessDenied):
        wait(host, server)
    server.faults = [fault(500)] * 9
    with pytest.raises(ServiceUnavailable):
        wait(host, server, timeout_seconds=0.1)


def test_a_commit_that_is_none(server, host):
    with pytest.raises(NotFound):
        host.external_checks(server.repository, "main/../../..")
    assert server.requests == []
