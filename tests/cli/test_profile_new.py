"""Making a profile: at a real terminal, and by a script."""

import pytest

from blocks.profile import load_profile
from tests.cli.terminal import Terminal
from tests.clients.github_server import TOKEN, GitHubServer

pytestmark = [pytest.mark.engine, pytest.mark.journey]


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


def test_at_a_terminal_each_question_is_asked_and_the_secret_is_unseen(
    environment, engine, tmp_path, server
):
    variables = {**environment, "PREFECT_API_URL": engine}
    with Terminal(
        "profile", "new", "typed", environment=variables, folder=tmp_path, columns=200
    ) as terminal:
        terminal.expect("Where are tickets?")
        terminal.expect("Number [1]: ")
        terminal.type("9\n")
        terminal.expect("Give a number from 1 to")
        terminal.type("3\n")
        terminal.expect("which credentials?")
        terminal.expect("GitHub Credentials")
        terminal.type("2\n")
        terminal.expect("access token")
        terminal.type(f"{TOKEN}\n")
        terminal.expect("taken as the secret itself")
        terminal.expect("OWNER/NAME")
        terminal.type("team/shop\n")
        terminal.expect("Api url")
        terminal.type("no address\n")
        terminal.expect("api_url: ")
        terminal.type(f"{server.url}\n")
        terminal.expect("Where are pull requests?")
        terminal.type("1\n")
        terminal.expect("Where are documentation pages?")
        terminal.type("\n")
        terminal.expect("Where are people told?")
        terminal.type("\n")
        terminal.expect("somewhere else, too?")
        terminal.type("\n")
        terminal.expect("Key of the Anthropic API")
        terminal.type("vault://no-field\n")
        terminal.expect("no reference to a secret")
        # what is typed before a secret is asked for is thrown away
        terminal.expect("Key of the Anthropic API", times=2)
        terminal.type("env://ANTHROPIC_API_KEY\n")
        terminal.expect("Save it all the same?")
        terminal.type("y\n")
        assert terminal.end() == 0
        assert "mw-bot" in terminal.text
        assert "Set ANTHROPIC_API_KEY" in terminal.text
        assert TOKEN not in terminal.raw
    saved = load_profile("typed")
    assert saved.tracker.repository == "team/shop"
    assert saved.tracker.credentials.token.get_secret_value() == TOKEN
    assert saved.anthropic.api_key.get_secret_value() == "env://ANTHROPIC_API_KEY"


def test_without_a_terminal_it_says_what_to_use(process, engine):
    done = process("profile", "new", PREFECT_API_URL=engine)
    assert done.returncode == 2
    assert "no terminal" in done.stderr
    assert "--from FILE" in done.stderr


def test_by_a_script_it_is_tried_before_it_is_saved(process, engine, server):
    words = ["profile", "new", "scripted"]
    for field in (
        "tracker.type=mergewright-github-issues",
        "tracker.repository=team/shop",
        f"tracker.api_url={server.url}",
        "tracker.credentials.type=github-credentials",
        "tracker.credentials.token=env://NEW_TOKEN",
        "stage_cap_usd=3",
    ):
        words += ["--set", field]
    refused = process(*words, PREFECT_API_URL=engine, NEW_TOKEN="ghp_wrong_0000000000000000")
    assert refused.returncode == 8
    assert "Nothing is saved." in refused.stdout
    done = process(*words, PREFECT_API_URL=engine, NEW_TOKEN=TOKEN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert load_profile("scripted").stage_cap_usd == 3
    again = process(*words, PREFECT_API_URL=engine, NEW_TOKEN=TOKEN)
    assert again.returncode == 2
    assert "--replace" in again.stderr
    secret = process(
        "profile", "new", "x", "--set", "anthropic.api_key=sk-4711", PREFECT_API_URL=engine
    )
    assert secret.returncode == 2
    assert "a secret is written here" in secret.stderr
    assert "4711" not in secret.stderr
