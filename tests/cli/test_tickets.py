"""Tickets on the command line: listed and read."""

import json

import pytest

from mergewright.cli.main import main
from tests.cli.terminal import Terminal
from tests.clients.jira_server import TOKEN, USER, JiraServer

OTHER = (
    "---\nkey: TODO-{number}\ntitle: Number {number}\nstatus: {status}\n---\nWhat \x1b[2J else.\n"
)


@pytest.fixture
def folder(home):
    tickets = home / "tickets"
    tickets.mkdir()
    for number, status in ((1, "to do"), (2, "done"), (3, "in review"), (4, "to do")):
        text = OTHER.format(number=number, status=status)
        (tickets / f"TODO-{number}.md").write_text(text)
    return tickets


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("list", "--limit", "0"), "--limit 0: it is not between 1 and 1000"),
        (("show", "TICKET.md"), "'TICKET.md' is a file"),
        (("poll", " "), "QUERY ' ':"),
        (("poll", "label:ready", "--limit", "51"), "--limit 51:"),
        (("poll", "label:ready", "--begins", "hotfix/default"), "--begins 'hotfix/default':"),
    ],
)
def test_bad_input_is_named_before_anything_is_started(capsys, words, message):
    assert main(["tickets", *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert "hint: " in told.err
    assert told.out == ""


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_what_is_not_done_is_listed_up_to_a_limit(served, folder):
    done = served("tickets", "list", "--limit", "2")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows if row and row[0].startswith("TODO")] == ["TODO-1", "TODO-3"]
    assert "There are more than 2 tickets" in done.stdout
    found = json.loads(served("tickets", "list", 'status:"to do"', "--json").stdout)
    assert [one["key"] for one in found["tickets"]] == ["TODO-1", "TODO-4"]
    assert (found["query"], found["more"]) == ('status:"to do"', False)


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_a_query_that_finds_nothing_or_is_wrong_is_told(served, folder):
    assert "No ticket is found by: nothing" in served("tickets", "list", "nothing").stdout
    wrong = served("tickets", "list", "colour:red")
    assert (wrong.returncode, wrong.stdout.count("TODO")) == (8, 0)
    assert "names 'colour', which no ticket has" in wrong.stderr


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_a_ticket_is_shown(served, folder):
    done = served("tickets", "show", "TODO-3")
    assert done.stdout.splitlines()[-1] == "What [2J else."
    assert "| Status | in review |" in done.stdout
    assert json.loads(served("tickets", "show", "TODO-3", "--json").stdout)["title"] == "Number 3"


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_a_ticket_that_is_missing_is_told_and_none_steers_the_terminal(
    served, folder, environment, engine, tmp_path
):
    missing = served("tickets", "show", "TODO-33")
    assert missing.returncode == 8
    assert "There is no ticket 'TODO-33'" in missing.stderr
    variables = {**environment, "PREFECT_API_URL": engine}
    words = ("tickets", "show", "TODO-3")
    with Terminal(*words, environment=variables, folder=tmp_path, columns=80) as terminal:
        assert terminal.end() == 0
    assert "\x1b[2J" not in terminal.raw


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_jira_is_searched_in_its_own_language(served):
    server = JiraServer()
    for number in range(5):
        server.add_issue(f"SHOP-{number}", summary=f"Number {number}")
    sets = {
        "type": "mergewright-jira-project",
        "project": "SHOP",
        "credentials.url": server.url,
        "credentials.username": USER,
        "credentials.token": "env://JIRA_TOKEN",
    }
    words = [word for name, value in sets.items() for word in ("--set", f"tracker.{name}={value}")]
    variables = {"JIRA_TOKEN": TOKEN}
    try:
        made = served("profile", "new", "cli-tickets", *words, "--unchecked", **variables)
        assert made.returncode == 0, made.stderr
        server.requests.clear()
        found = served(
            "tickets", "list", "--profile", "cli-tickets", "--limit", "4", "--json", **variables
        )
        document = json.loads(found.stdout)
        assert [one["key"] for one in document["tickets"]] == [f"SHOP-{n}" for n in range(4)]
        assert document["more"]
        assert document["query"].startswith('project = "SHOP" AND statusCategory != Done')
        asked = [one for one in server.requests if one.path.endswith("/search/jql")]
        assert len(asked) == 3
        wrong = served("tickets", "list", "nonsense = 1", "--profile", "cli-tickets", **variables)
        assert wrong.returncode == 8
        assert "Field 'nonsense' does not exist" in wrong.stderr
    finally:
        server.close()
