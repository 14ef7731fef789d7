"""The whole journey on the engine, over the real Messages protocol."""

import subprocess
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

from flows.standard_dev import standard_dev
from mergewright.domain.delivery import Outcome
from mergewright.errors import (
    AnswerUnusable,
    BlockMissing,
    BudgetExceeded,
    ChecksFailed,
    LimitReached,
    MergewrightError,
    NotFound,
    Rejected,
    ServiceError,
    SettingInvalid,
)
from mergewright.testing.messages_server import Reply, use
from tests.journeys.places import BRANCH, commit_all, git
from tests.journeys.tally_answers import reply, stage_of
from tests.journeys.tally_reviews import REVIEW_0

pytestmark = [pytest.mark.engine, pytest.mark.journey]

CALLS = 25
"""Model calls of an undisturbed run."""


@pytest.fixture
def delivered(shop, messages):
    before = (
        git(shop.repository, "rev-parse", "HEAD"),
        (shop.repository / ".git/index").read_bytes(),
    )
    delivery = standard_dev(shop.request())
    after = git(shop.repository, "rev-parse", "HEAD"), (shop.repository / ".git/index").read_bytes()
    assert before == after
    return delivery


def test_a_ticket_becomes_a_reviewed_pull_request(shop, messages, delivered):
    assert delivered.outcome is Outcome.DELIVERED
    assert len(messages.requests) == CALLS == delivered.costs.calls
    assert {gate.name for gate in delivered.gates} >= {
        "Syntax", "Lint", "Tests", "Proof", "Review", "Secrets", "Change policy",
    }  # fmt: skip
    assert all(gate.status != "failed" for gate in delivered.gates)
    assert delivered.repair_rounds == 1
    look_at_the_branch(shop, delivered)
    look_at_what_people_read(shop, delivered)
    look_at_what_prefect_shows(delivered)
    assert git(shop.repository, "status", "--porcelain") == ""


def look_at_the_branch(shop, delivery):
    assert shop.branches() == [BRANCH, "main"]
    assert git(shop.repository, "rev-parse", BRANCH).strip() == delivery.commit
    changed = git(shop.repository, "diff", "--name-only", "main", BRANCH).split()
    assert changed == ["CHANGELOG.md", "src/tally/money.py", "tests/test_splitting.py"]
    message = git(shop.repository, "log", "-1", "--format=%B", BRANCH)
    assert message.startswith("TALLY-7: ")
    assert delivery.run_id in message


def look_at_what_people_read(shop, delivery):
    (pull_request,) = shop.pull_requests()
    text = pull_request.read_text()
    for part in ("TALLY-7", "Proof", "13 tests are red on the base", "4 of 4 criteria met"):
        assert part in text
    assert delivery.pull_request.url == pull_request.as_uri()
    ticket = (shop.home / "tickets" / "TALLY-7.md").read_text()
    assert "status: in review" in ticket
    assert str(pull_request) in ticket
    assert (shop.home / "pages" / "deliveries" / "tally-7.md").is_file()
    assert len(list((shop.home / "mailbox").glob("*.eml"))) == 2
    secret = b"sk-ant-test-0123456789"
    kept = [path for path in shop.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if secret in path.read_bytes()]


def look_at_what_prefect_shows(delivery):
    assert "TALLY-7" in Artifact.get("report-tally-7").data
    assert delivery.pull_request.url in Artifact.get("pull-request-tally-7").data
    assert Artifact.get("progress-tally-7").data == 100


def test_the_same_ticket_again_finds_the_open_pull_request(shop, messages, delivered):
    again = standard_dev(shop.request())
    assert again.outcome is Outcome.NOT_READY
    assert "is open" in again.error
    assert len(messages.requests) == CALLS
    assert len(shop.pull_requests()) == 1


def test_a_dry_run_publishes_nothing(shop, messages):
    delivery = standard_dev(shop.request(dry_run=True))
    assert delivery.outcome is Outcome.REHEARSED
    assert delivery.changeset.files
    assert shop.is_untouched()


def test_a_changed_bug_fails_honestly(shop, messages):
    """One other byte in the faulty line: the answers no longer fit, and nothing is offered."""
    source = shop.repository / "src" / "tally" / "money.py"
    text = source.read_text()
    line = "divide(self.cents, parts)"
    assert text.count(line) == 1
    source.write_text(text.replace(line, "divide(self.cents , parts)"))
    commit_all(shop.repository, "Change a byte of the bug")
    with pytest.raises(MergewrightError):
        standard_dev(shop.request())
    look_at_what_was_salvaged(shop)


def look_at_what_was_salvaged(shop):
    """The change is a branch, its reason is on the ticket, people are told, and no more was done."""
    assert shop.branches() == ["main", f"wip/{BRANCH}"]
    assert not shop.pull_requests()
    assert git(shop.repository, "status", "--porcelain") == ""
    ticket = (shop.home / "tickets" / "TALLY-7.md").read_text()
    assert ticket.count("**Not delivered.**") == 1
    assert "status: in review" not in ticket
    assert not list((shop.home / "pages").rglob("*.md"))
    (told,) = (shop.home / "mailbox").glob("*.eml")
    assert "failed" in told.read_text()


def test_a_budget_of_one_cent_sends_nothing_and_a_larger_one_goes_on(shop, messages):
    with pytest.raises(BudgetExceeded, match=r"0\.01"):
        standard_dev(shop.request(budget_usd=0.01))
    assert not messages.requests
    assert shop.is_untouched()
    delivery = standard_dev(shop.request(budget_usd=3))
    assert delivery.outcome is Outcome.DELIVERED
    assert len({event.run_id for event in shop.events("run_started")}) == 1


def test_tests_that_were_red_before_are_reported_and_not_blamed(shop, messages):
    broken = "def test_that_was_red_before():\n    assert 1 == 2\n"
    (shop.repository / "tests" / "test_red.py").write_text(broken)
    commit_all(shop.repository, "Add a red test")
    delivery = standard_dev(shop.request())
    assert delivery.outcome is Outcome.DELIVERED
    (tests,) = [gate for gate in delivery.gates if gate.name == "Tests"]
    assert "1 red before the change and still red" in tests.summary
    assert "test_that_was_red_before" in shop.pull_requests()[0].read_text()


def no_ticket(shop):
    return {"ticket": str(shop.ticket.with_name("NONE-1.md"))}


def malformed_ticket(shop):
    path = shop.ticket.with_name("BAD-1.md")
    path.write_text("---\nkey: [unclosed\n---\nText\n")
    return {"ticket": str(path)}


def empty_ticket(shop):
    path = shop.ticket.with_name("EMPTY-1.md")
    path.write_text("")
    return {"ticket": str(path)}


def no_repository(shop):
    return {"repository": str(shop.repository.with_name("nothing"))}


def no_base(shop):
    return {"base": "release"}


def dirty_base(shop):
    readme = shop.repository / "README.md"
    readme.write_text(readme.read_text() + "More\n")
    return {}


def no_profile(shop):
    return {"profile": "nobody"}


def no_price(shop):
    return {"model": "anthropic:claude-unheard-of"}


@pytest.mark.parametrize(
    ("prepare", "error", "says"),
    [
        (no_ticket, NotFound, "NONE-1"),
        (malformed_ticket, Rejected, "line"),
        (empty_ticket, Rejected, "EMPTY-1.md"),
        (no_repository, ServiceError, "nothing"),
        (no_base, NotFound, "main"),
        (dirty_base, SettingInvalid, "README.md"),
        (no_profile, BlockMissing, "nobody"),
        (no_price, BudgetExceeded, "claude-unheard-of"),
    ],
)
def test_bad_input_is_named_with_a_remedy_and_changes_nothing(shop, messages, prepare, error, says):
    changes = prepare(shop)
    status = git(shop.repository, "status", "--porcelain")
    with pytest.raises(error) as caught:
        standard_dev(shop.request(**changes))
    assert says in str(caught.value)
    assert caught.value.hint
    assert not messages.requests
    assert shop.branches() == ["main"]
    assert git(shop.repository, "status", "--porcelain") == status
    assert not shop.pull_requests()


def test_a_repository_without_tests_is_not_ready(shop, messages):
    git(shop.repository, "rm", "-r", "--quiet", "tests")
    commit_all(shop.repository, "Remove the tests")
    delivery = standard_dev(shop.request())
    assert delivery.outcome is Outcome.NOT_READY
    assert "No tests" in delivery.error
    assert ".mergewright.yml" in delivery.hint
    assert not messages.requests


def test_a_ticket_that_says_nothing_is_asked_about_and_costs_nothing(shop, messages):
    shop.ticket.write_text("---\nkey: TALLY-8\ntitle: It is wrong\n---\nPlease fix.\n")
    delivery = standard_dev(shop.request())
    assert delivery.outcome is Outcome.NOT_READY
    assert delivery.questions
    assert delivery.questions[0] in (shop.home / "tickets" / "TALLY-8.md").read_text()
    assert not messages.requests


@pytest.fixture
def strange(shop, messages, monkeypatch):
    """Let a model behave strangely in one stage, and as recorded in the others."""

    def arrange(stage: str, strange_reply: Reply) -> None:
        def script(body, number):
            return strange_reply if stage_of(body) == stage else reply(body, number)

        messages._script = script

    return arrange


def test_a_model_that_answers_nonsense_ends_the_run(shop, strange):
    strange("plan", Reply("I think we should talk about something else."))
    with pytest.raises(AnswerUnusable, match="Plan"):
        standard_dev(shop.request())
    assert shop.is_untouched()


def test_a_model_that_never_stops_is_stopped(shop, strange, messages):
    strange("research", use("list_files", folder=""))
    with pytest.raises(LimitReached):
        standard_dev(shop.request())
    assert len(messages.requests) <= 20
    assert shop.is_untouched()


def test_a_repair_that_does_not_help_is_not_tried_again(shop, strange, messages):
    """The reviewer says the same after the repair: another round would only cost."""
    verdict = REVIEW_0[-1].answer
    strange("review-1", Reply(verdict.model_dump_json()))
    with pytest.raises(ChecksFailed, match="made no progress"):
        standard_dev(shop.request(max_repair_rounds=5))
    assert len(messages.requests) == CALLS - 1
    look_at_what_was_salvaged(shop)


def test_a_disk_that_is_full_ends_the_run_with_a_remedy(shop, messages, tmp_path):
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(make(shop.home))],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    try:
        with pytest.raises(MergewrightError) as caught:
            standard_dev(shop.request())
        assert "space" in str(caught.value) or "full" in str(caught.value)
        assert caught.value.hint
        assert shop.is_untouched()
    finally:
        subprocess.run(["umount", "-l", str(shop.home)], check=True)


def make(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
