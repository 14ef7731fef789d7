"""Making a ticket from the command line."""

import io
import json

import pytest
from rich.console import Console

from mergewright.cli.main import main
from mergewright.cli.ticket_new import print_made
from mergewright.domain.ticket import TicketDraft, TicketLevel
from mergewright.domain.ticket_new import TicketMade

OTHER = "---\nkey: TODO-{number}\ntitle: Number {number}\n---\nWhat else.\n"


@pytest.fixture
def folder(home):
    tickets = home / "tickets"
    tickets.mkdir()
    for number in range(1, 5):
        (tickets / f"TODO-{number}.md").write_text(OTHER.format(number=number))
    return tickets


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--title", "x", "--kind", "saga"), "saga"),
        (("--title", " "), "--title"),
        (("--title", "x", "--parent", "../SHOP-1"), "--parent '../SHOP-1'"),
        (("--title", "x", "--link", "SHOP 1"), "--link"),
        (("--title", "x", "--description", "nowhere.md"), "'nowhere.md' cannot be read"),
        (("--title", "x", "--project", "SHOP-7"), "--project 'SHOP-7'"),
    ],
)
def test_bad_input_is_named_before_anything_is_started(capsys, words, message):
    assert main(["tickets", "new", *words]) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert "hint: " in told.err
    assert told.out == ""


def printed(made):
    stream = io.StringIO()
    print_made(Console(file=stream, width=80, highlight=False), made)
    return stream.getvalue()


def test_what_came_of_it_is_told():
    draft = TicketDraft(project="TODO", title="Add\x1b[2J tax", level=TicketLevel.SUBTASK)
    rehearsed = TicketMade(draft=draft, relations=("blocks TODO-2",), dry_run=True)
    told = printed(rehearsed)
    assert "Could be made in TODO: subtask 'Add\\x1b[2J tax'" in told
    assert "  blocks TODO-2\n" in told
    assert "nothing was made" in told
    made = TicketMade(
        draft=draft, run_id="todo-1", key="TODO-5", url="https://x/TODO-5", is_new=True
    )
    told = printed(made)
    assert "made  TODO-5 Add [2J tax\n  https://x/TODO-5\n" in told
    assert "mergewright undo todo-1" in told
    assert "was there already  TODO-5" in printed(made.model_copy(update={"is_new": False}))


@pytest.mark.engine
@pytest.mark.journey
@pytest.mark.timeout(400)
def test_a_ticket_is_made_once(served, folder, tmp_path):
    (tmp_path / "text.md").write_text("What is wanted.")
    words = ("tickets", "new", "--kind", "story", "--title", "Add tax", "--description", "text.md")
    words += ("--parent", "TODO-1", "--link", "TODO-2", "--link", "TODO-3", "--as", "blocks")
    made = json.loads(served(*words, "--json").stdout)
    assert (made["key"], made["is_new"]) == ("TODO-5", True)
    assert made["relations"] == ["TODO-5 blocks TODO-2", "TODO-5 blocks TODO-3"]
    again = served("resume", made["run_id"])
    assert "was there already  TODO-5 Add tax" in again.stdout
    assert len(list(folder.glob("*.md"))) == 5
