import json
import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from mergewright.cli.demo import TICKET, prepare_folder
from mergewright.cli.options import build_request
from mergewright.cli.run import tell_of_others
from mergewright.domain.requests import StandardDevRequest
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer, Reply
from tests.cli import example_log
from tests.cli.terminal import Terminal


@pytest.fixture
def demo_folder(tmp_path):
    folder = tmp_path / "demo"
    prepare_folder(folder, keep=False)
    return folder


@pytest.mark.journey
def test_an_interrupted_run_ends_at_once_and_says_how_to_go_on(environment, home, demo_folder):
    with MessagesServer(lambda body, number: Reply(text="late", wait_seconds=60)) as server:
        variables = {
            **environment,
            "ANTHROPIC_API_KEY": "sk-ant-api03-loopback",
            "ANTHROPIC_BASE_URL": server.url,
        }
        words = ("run", "standard-dev", TICKET.name, "--repo", "tally")
        with Terminal(*words, environment=variables, folder=demo_folder, columns=80) as terminal:
            terminal.expect("asking anthropic:")
            # as the terminal does: every process of the group gets it, Prefect's server too
            os.killpg(terminal.process.pid, signal.SIGINT)
            assert terminal.end(seconds=30) == 130
    assert "The same command goes on where it stopped." in terminal.text
    assert "Traceback" not in terminal.text
    store = SqliteEventStore(home / "events.db")
    (run_id,) = store.run_ids()
    store.close()
    assert f"Run {run_id} stopped." in terminal.text


@pytest.mark.engine
@pytest.mark.journey
def test_a_run_that_fails_reports_once_and_as_json(process, home, demo_folder, engine):
    example_log.write(
        home,
        example_log.working(process_id=os.getpid()),
        example_log.working("tally-8-aaaaaa", process_id=example_log.NO_PROCESS),
    )
    done = process(
        "run",
        "standard-dev",
        str(demo_folder / TICKET.name),
        "--repo",
        str(demo_folder / "no-such-repository"),
        "--json",
        ANTHROPIC_API_KEY="sk-ant-api03-loopback",
        PREFECT_API_URL=engine,
    )
    error = json.loads(done.stdout)["error"]
    assert done.returncode == error["exit_code"] == 8
    assert error["run_id"].startswith("tally-7-")
    assert "no-such-repository" in error["message"]
    assert done.stderr.count("error: ") == 1
    assert "Ask the services" in done.stderr
    assert "1 run was interrupted: mergewright runs\n" in done.stderr
    assert "\x1b" not in done.stderr


def test_only_runs_that_the_command_does_not_go_on_with_are_told(home):
    gone = {"process_id": example_log.NO_PROCESS}
    example_log.write(home, example_log.working(**gone))
    store = SqliteEventStore(home / "events.db")

    def told(ticket="T-1", run_id=None):
        request = build_request(StandardDevRequest, ticket=ticket, repository="/srv/git/tally")
        file = StringIO()
        tell_of_others(Console(file=file, width=100), store, request, run_id)
        return file.getvalue()

    assert told() == "1 run was interrupted: mergewright runs\n"
    assert told("TALLY-7") == ""
    assert told(run_id="tally-7-cccccc") == ""
    example_log.write(home, example_log.working("tally-8-aaaaaa", **gone))
    assert told() == "2 runs were interrupted: mergewright runs\n"
    store.close()
