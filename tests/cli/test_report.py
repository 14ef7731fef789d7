from io import StringIO

import pytest
from rich.console import Console

from mergewright.cli.report import look_commands, print_report
from mergewright.domain.backport import Backport
from mergewright.domain.delivery import Costs, Outcome
from mergewright.domain.page import Page
from mergewright.domain.pull_request import PullRequest
from tests.cli.example_log import GATES, ExampleRun, changeset


def told(delivery, **options):
    console = Console(file=StringIO(), width=80)
    print_report(console, delivery, **options)
    return console.file.getvalue()


@pytest.fixture
def run():
    return ExampleRun("tally-7-aaaaaa")


def test_a_delivery_fits_one_screen(run):
    page = Page(url="file:///srv/pages/tally-7.md", title="TALLY-7", version=1)
    report = run.report(Outcome.DELIVERED, gates=GATES, changeset=changeset(), page=page)
    text = told(report, exit_code=0)
    assert len(text.splitlines()) <= 24
    for needed in ("/srv/pages/tally-7.md", "1 file, 2 lines", "exit code  ", "0", "warned"):
        assert needed in text


def test_what_became_of_a_fix_for_the_main_branch_is_told(run):
    opened = PullRequest(number=2, url="https://x.test/2", title="t", head="h", base="main")
    done = run.report(Outcome.DELIVERED, backport=Backport(base="main", pull_request=opened))
    assert "https://x.test/2" in told(done)
    refused = Backport(base="main", reason="main changed the same lines")
    assert "not done: main changed the same lines" in told(
        run.report(Outcome.DELIVERED, backport=refused)
    )


def test_the_questions_of_an_unready_ticket_are_told(run):
    text = told(run.report(Outcome.NOT_READY, questions=("Which currency?",)), exit_code=6)
    assert "not ready  TALLY-7" in text
    assert "? Which currency?" in text


def test_replayed_answers_are_told(run):
    report = run.report(Outcome.DELIVERED).model_copy(update={"costs": Costs(replayed=3)})
    assert "$0.00 for 0 model calls, 3 answers taken from the log" in told(report)


def test_how_to_look_depends_on_where_the_change_is(run, tmp_path):
    delivered = run.report(Outcome.DELIVERED, changeset=changeset())
    assert look_commands(delivered)[0].startswith("git fetch origin feature/tally-7")
    local = delivered.model_copy(update={"repository": str(tmp_path), "base": "it's main"})
    assert look_commands(local)[0].startswith(
        f"git -C {tmp_path} diff 'it'\"'\"'s main'...feature/"
    )
    rehearsed = delivered.model_copy(update={"outcome": Outcome.REHEARSED})
    assert look_commands(rehearsed) == ("mergewright show tally-7-aaaaaa --diff",)
    assert look_commands(run.report(Outcome.FAILED)) == ()


def test_markup_in_a_title_is_shown_and_not_obeyed(run):
    report = run.report(Outcome.FAILED, error="[bold]no[/bold] \x1b[2J", hint="[link=x]")
    text = told(report)
    assert "[bold]no[/bold]" in text
    assert "[link=x]" in text
    assert "\x1b" not in text


def test_only_a_pull_request_that_was_opened_is_said_to_be_open(run):
    opened = PullRequest(number=1, url="https://x/1", title="T", head="fix/t", base="main")
    assert "The pull request is open." in told(run.report(Outcome.DELIVERED, pull_request=opened))
    assert "The pull request is open." not in told(run.report(Outcome.DELIVERED))
