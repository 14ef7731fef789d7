import json
import os
import signal

import pytest

from mergewright.cli.demo import TICKET, prepare_folder
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer, Reply
from tests.cli import example_log
from tests.cli.terminal import Terminal

pytestmark = pytest.mark.journey


@pytest.fixture
def demo_folder(tmp_path):
    folder = tmp_path / "demo"
    prepare_folder(folder, keep=False)
    return folder


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
def test_a_run_that_fails_reports_once_and_as_json(process, home, demo_folder, engine):
    example_log.write(home, example_log.working(process_id=os.getpid()))
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
    assert "Fetch the ticket" in done.stderr
    assert "\x1b" not in done.stderr
