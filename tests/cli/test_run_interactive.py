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
        ("tag", "--annotate", "--message", "So", "v1.4.2"),
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


def test_a_hotfix_asks_for_release_and_severity_and_says_who_approves(
    environment, engine, place, tmp_path
):
    variables = {**environment, "PREFECT_API_URL": engine}
    words = ("run", "hotfix", "TODO-1", "--interactive", "--repo", "shop", "--profile", "local")
    with Terminal(*words, environment=variables, folder=tmp_path, columns=100) as terminal:
        answered(
            terminal,
            ("Delivery profile [local]: ", "\n"),
            ("Release: ", "v1\t\n"),
            ("Severity [high]: ", "crit\t\n"),
            ("Main branch: ", "\n"),
            ("Budget in USD [3.0]: ", "\n"),
            ("Ask for approval [none]: ", "plan\n"),
            ("Begin? [Y/n]: ", "n\n"),
        )
        assert terminal.end() == 3
    text = terminal.text
    assert "Empty takes the latest: v1.4.2, whose fix goes to release/1.4." in text
    for told in (
        "what         Mend a fault in a release, and in the main branch as well.",
        "release      v1.4.2",
        "severity     critical",
        "main branch  the repository's own default branch",
        "stops for    somebody other than who asks for it, about: plan, change",
    ):
        assert told in text
    assert "Ticket: " not in text


def test_documentation_asks_for_a_repository_and_no_ticket(environment, engine, place, tmp_path):
    variables = {**environment, "PREFECT_API_URL": engine}
    with Terminal(
        *("run", "documentation", "--interactive", "--budget-usd", "1", "--dry-run"),
        environment=variables,
        folder=place,
        columns=100,
    ) as terminal:
        answered(
            terminal,
            ("Delivery profile [local]: ", "\n"),
            ("Repository [.]: ", "\n"),
            ("Base branch [main]: ", "\n"),
            ("Ask for approval [none]: ", "\n"),
            ("Begin? [Y/n]: ", "n\n"),
        )
        assert terminal.end() == 3
    assert "A dry run: nothing is published." in " ".join(terminal.text.split())
    assert "stops for   nobody" in terminal.text
    assert "Ticket: " not in terminal.text
    assert "\nticket " not in terminal.text


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
