"""The base moves while a run works: the change moves with it, or is refused by name."""

import pytest

from flows.replay import replay
from flows.standard_dev import standard_dev
from mergewright.domain.replay import ReplayRequest
from mergewright.errors import ChangeRefused, Rejected
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import greeting_answers
from tests.journeys.places import Shop, commit_all, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]


@pytest.fixture
def small(home, tmp_path, engine):
    repository, ticket = tmp_path / "tally", tmp_path / "GREET-1.md"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (repository / name).write_text(text)
    commit_all(repository, "Greet")
    ticket.write_text(greeting_answers.TICKET)
    return Shop(home=home, repository=repository, ticket=ticket, api=engine)


def move_main(shop, old, new):
    path = shop.repository / "greeting.py"
    path.write_text(path.read_text().replace(old, new))
    commit_all(shop.repository, "Work on it as well")
    return git(shop.repository, "rev-parse", "main").strip()


def deliver(shop, monkeypatch, old, new, *, obstacle=None):
    """Deliver, while somebody replaces a text in the greeting on main during the review."""

    def reply(body, number):
        if greeting_answers.place_of(body)[0] == "review":
            move_main(shop, old, new)
            if obstacle is not None:
                obstacle.write_text("in the way")
        return greeting_answers.reply(body, number)

    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        return standard_dev(shop.request())


def test_another_line_of_the_same_file_is_merged_and_checked_again(small, monkeypatch):
    began_at = git(small.repository, "rev-parse", "main").strip()
    delivery = deliver(small, monkeypatch, '"""Greets."""', '"""Greets people."""\n')
    moved_to = git(small.repository, "rev-parse", "main").strip()
    assert delivery.base_commit == moved_to != began_at
    assert delivery.origin.base_commit == began_at
    gate = next(gate for gate in delivery.gates if gate.name == "Base")
    assert f"from {began_at[:12]} to {moved_to[:12]}" in gate.summary
    assert git(small.repository, "rev-parse", f"{delivery.branch}^").strip() == moved_to
    text = git(small.repository, "show", f"{delivery.branch}:greeting.py")
    assert '"""Greets people."""' in text
    assert 'f"Hello, {name}!"' in text
    assert delivery.checks.tree == delivery.changeset.tree
    assert replay(ReplayRequest(run_id=delivery.run_id)).same


def test_the_same_line_is_refused_by_name(small, monkeypatch):
    with pytest.raises(ChangeRefused, match=r"'main' changed the same lines.*greeting\.py"):
        deliver(small, monkeypatch, "Hello", "Good day")
    assert small.branches() == ["main"]


def test_a_run_that_goes_on_rebases_to_the_same_commit(small, monkeypatch):
    """The base moves once more in between: what was pushed is found, and not moved again."""
    obstacle = small.repository.with_name("tally.pulls")
    with pytest.raises(Rejected):
        deliver(small, monkeypatch, "Greets.", "Greets people.", obstacle=obstacle)
    pushed = git(small.repository, "rev-parse", small.branches()[0]).strip()
    moved_to = git(small.repository, "rev-parse", "main").strip()
    assert git(small.repository, "rev-parse", f"{pushed}^").strip() == moved_to
    obstacle.unlink()
    move_main(small, "Greets people.", "Greets all people.")
    delivery = standard_dev(small.request())
    assert (delivery.commit, delivery.base_commit) == (pushed, moved_to)
    assert delivery.costs.calls == greeting_answers.CALLS
    assert git(small.repository, "rev-parse", delivery.branch).strip() == pushed
