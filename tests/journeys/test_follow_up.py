"""People's review comments are answered on the same branch, and nothing of theirs is lost."""

import json

import pytest

from flows.follow_up import follow_up
from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.domain.delivery import Outcome
from mergewright.domain.requests import FollowUpRequest
from mergewright.domain.undo import UndoRequest
from mergewright.errors import ChangeRefused
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import greeting_answers, greeting_follow_ups
from tests.journeys.places import Shop, commit_all, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

COMMENT = "greeting.py:6: say: wants_grace\n\nPlease show that it greets Grace."


@pytest.fixture
def answers(monkeypatch):
    with MessagesServer(greeting_follow_ups.reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        yield server


@pytest.fixture
def small(home, tmp_path, engine, answers):
    repository, ticket = tmp_path / "tally", tmp_path / "GREET-1.md"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (repository / name).write_text(text)
    commit_all(repository, "Greet")
    ticket.write_text(greeting_answers.TICKET)
    return Shop(home=home, repository=repository, ticket=ticket, api=engine)


def pull_request(shop):
    folder = shop.repository.with_name("tally.pulls")
    (opened,) = (path for path in folder.glob("0001-*.md") if path.name.count(".") == 1)
    return opened


def comment(shop, text):
    path = pull_request(shop).with_suffix(".comments.md")
    path.write_text((path.read_text() + "\n---\n" if path.exists() else "") + text)


def subjects(shop, branch):
    return git(shop.repository, "log", "--format=%s", f"main..{branch}").splitlines()


def test_a_comment_is_answered_once_and_the_follow_up_can_be_undone(small, answers):
    first = standard_dev(small.request())
    assert first.outcome is Outcome.DELIVERED
    calls = len(answers.requests)
    nothing = follow_up(FollowUpRequest(run_id=first.run_id))
    assert nothing.outcome is Outcome.DELIVERED
    assert len(answers.requests) == calls
    assert "None is left" in nothing.gates[0].summary

    comment(small, COMMENT)
    second = follow_up(FollowUpRequest(run_id=first.run_id))
    assert second.outcome is Outcome.DELIVERED
    assert second.follows == first.run_id != second.run_id
    assert len(answers.requests) == calls + 3
    assert subjects(small, first.branch) == [
        "GREET-1: Test the greeting of Grace",
        "GREET-1: Put a comma into the greeting",
    ]
    assert git(small.repository, "rev-parse", first.branch).strip() == second.commit
    answered = next(small.repository.with_name("tally.pulls").glob("*.answers.md")).read_text()
    assert "somebody on greeting.py:6" in answered
    assert "There is a test for Grace." in answered
    assert "say: wants_grace" in json.dumps(answers.requests[calls]["messages"][0])
    look_at_the_pull_request(small, second)

    again = follow_up(FollowUpRequest(run_id=second.run_id))
    assert again.follows == second.run_id
    assert len(answers.requests) == calls + 3

    report = undo(UndoRequest(run_id=second.run_id))
    outcomes = {effect.effect: effect.outcome for effect in report.effects}
    assert {outcomes[name] for name in ("commit", "pull request text", "reply")} == {"undone"}
    assert git(small.repository, "rev-parse", first.branch).strip() == first.commit
    assert len(follow_up(FollowUpRequest(run_id=first.run_id, dry_run=True)).gates) > 1


def look_at_the_pull_request(shop, delivery):
    text = pull_request(shop).read_text()
    assert f"head_commit: {delivery.commit}" in text
    assert "There is a test for Grace." in text
    assert "GREET-1: Put a comma into the greeting" in text.split("\nstate:")[0]


def test_it_works_on_top_of_what_people_pushed(small, answers):
    first = standard_dev(small.request())
    git(small.repository, "checkout", "--quiet", first.branch)
    (small.repository / "readme.md").write_text("By Ada.\n")
    commit_all(small.repository, "Say by whom")
    git(small.repository, "checkout", "--quiet", "main")
    comment(small, COMMENT)
    second = follow_up(FollowUpRequest(run_id=first.run_id))
    assert subjects(small, first.branch)[1] == "Say by whom"
    see_a_question_answered(small, second)
    assert git(small.repository, "show", f"{second.commit}:readme.md") == "By Ada.\n"
    assert {file.path for file in second.changeset.files} == {
        "greeting.py", "test_greeting.py", "readme.md",
    }  # fmt: skip


def see_a_question_answered(shop, second):
    """Nothing is pushed for a question."""
    comment(shop, "say: only_asks\n\nWhom does it greet?")
    third = follow_up(FollowUpRequest(run_id=second.run_id))
    assert third.commit == second.commit
    assert git(shop.repository, "rev-parse", second.branch).strip() == second.commit
    (answers,) = shop.repository.with_name("tally.pulls").glob("*.answers.md")
    told = answers.read_text().split("<!-- /mergewright:comment -->")[1]
    assert "Nothing was changed" in told
    assert "It greets people by name." in told
    assert "wants_grace" not in told


def test_a_push_of_others_meanwhile_is_refused_by_name(small, answers, monkeypatch):
    first = standard_dev(small.request())
    comment(small, COMMENT)
    again = small.repository.with_name("again")
    git(small.repository.parent, "clone", "--quiet", str(small.repository), str(again))
    git(again, "checkout", "--quiet", first.branch)

    def push_first(body, number):
        if "verdict" in body["output_config"]["format"]["schema"]["properties"]:
            (again / "readme.md").write_text("By Ada.\n")
            commit_all(again, "Say by whom")
            git(again, "push", "--quiet", "origin", first.branch)
        return greeting_follow_ups.reply(body, number)

    with MessagesServer(push_first) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        settings.cache_clear()
        with pytest.raises(ChangeRefused, match="by Ada Moreau: Say by whom"):
            follow_up(FollowUpRequest(run_id=first.run_id))
    assert subjects(small, first.branch)[0] == "Say by whom"
