"""What a run was not told is asked for, shown, and begun only after a yes."""

import subprocess

import pytest

from tests.cli.terminal import Terminal

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400)]

TICKET = "---\nkey: TODO-{number}\ntitle: Number {number}\n---\nWhat else.\n"


@pytest.fixture
def place(home, tmp_path):
    """A repository with two branches, and two tickets."""
    tickets = home / "tickets"
    tickets.mkdir()
    for number in (1, 12):
        (tickets / f"TODO-{number}.md").write_text(TICKET.format(number=number))
    shop = tmp_path / "shop"
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("commit", "--quiet", "--allow-empty", "--message", "first"),
        ("branch", "release/1.4"),
    ):
        folder = str(shop)
        shop.mkdir(exist_ok=True)
        subprocess.run(["git", *identity, "-C", folder, *words], check=True)
    return shop


def answered(terminal, *pairs):
    for question, answer in pairs:
        terminal.expect(question)
        terminal.type(answer)


def test_it_asks_with_completion_shows_and_obeys_a_no(environment, engine, place, tmp_path):
    variables = {**environment, "PREFECT_API_URL": engine}
    words = ("run", "standard-dev", "--interactive", "--repo", "shop", "--budget-usd", "1")
    with Terminal(*words, environment=variables, folder=tmp_path, columns=100) as terminal:
        answered(
            terminal,
            ("Delivery profile [local]: ", "\n"),
            ("Ticket: ", "todo-12\n"),
            ("Base branch [main]: ", "rel\t\n"),
            ("Ask for approval [none]: ", "plan\n"),
            ("Begin? [Y/n]: ", "n\n"),
        )
        assert terminal.end() == 3
    text = terminal.text
    assert "TODO-12 Number 12" in text
    assert "ticket      TODO-12" in text
    assert "Base branch [main]: release/1.4" in text
    assert "nothing is known yet" in text
    assert "You said no: nothing was begun." in text
    assert "Repository [" not in text
    assert "Budget" not in text


def test_what_is_wrong_is_told_and_asked_again(environment, engine, place, tmp_path):
    variables = {**environment, "PREFECT_API_URL": engine, "ANTHROPIC_API_KEY": "sk-ant-none"}
    words = ("run", "standard-dev", "TODO-99", "--interactive", "--repo", "shop")
    with Terminal(*words, environment=variables, folder=tmp_path, columns=100) as terminal:
        answered(
            terminal,
            ("Delivery profile [local]: ", "\n"),
            ("Base branch [main]: ", "\n"),
            ("Budget in USD [3.0]: ", "-1\n"),
            ("Ask for approval [none]: ", "\n"),
            ("--budget-usd '-1'", "\n\n2\n\n"),
            ("Begin? [Y/n]: ", "\n"),
        )
        ended = terminal.end()
    assert ended == 8, terminal.text
    assert "$2.00" in terminal.text
    assert "There is no ticket 'TODO-99'" in " ".join(terminal.text.split())


def test_nobody_can_be_asked_without_a_terminal(process, engine):
    done = process("run", "standard-dev", "--interactive", PREFECT_API_URL=engine)
    assert done.returncode == 2
    assert "there is no terminal to ask at" in done.stderr
