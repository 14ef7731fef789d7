"""The base moves while a run works: the change moves with it, or is refused by name."""

import shutil

import pytest

from flows.replay import replay
from flows.standard_dev import standard_dev
from mergewright.domain.replay import ReplayRequest
from mergewright.errors import ChangeRefused, Rejected, ServiceError
from mergewright.events.connect import open_event_store
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer, Reply, ToolUse, refuse
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


NEWS = {
    "shout.py": (
        "from greeting import greet\n\n\ndef shout(name: str) -> str:\n"
        '    """Return a loud greeting."""\n    return greet(name).replace("Hello ", "HELLO ")\n'
    ),
    "test_shout.py": (
        "from shout import shout\n\n\ndef test_it_is_loud():\n"
        '    assert shout("Bo").startswith("HELLO")\n'
    ),
}
"""What others build meanwhile on the greeting as it was; the change breaks it."""
MEND = {"old": '"Hello ", "HELLO "', "new": '"Hello", "HELLO"'}
REPAIR = (
    Reply(tools=(ToolUse("edit_file", {"path": "shout.py", "replacements": [MEND]}),)),
    Reply(greeting_answers.DONE.model_dump_json()),
)


def test_what_was_repaired_on_the_new_base_is_made_anew_on_another_machine(
    small, tmp_path, monkeypatch
):
    """The log and the repository are all that is left; the merge and its repair were made elsewhere."""
    failures = [refuse(400, "Not now.")]

    def reply(body, number):
        stage, turn = greeting_answers.place_of(body)
        if stage == "review" and not (small.repository / "shout.py").exists():
            for name, text in NEWS.items():
                (small.repository / name).write_text(text)
            commit_all(small.repository, "Shout")
        if stage != "implement" or "is not good enough yet" not in str(body["messages"][0]):
            return greeting_answers.reply(body, number)
        return failures.pop() if turn and failures else REPAIR[turn]

    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        with pytest.raises(ServiceError):
            standard_dev(small.request())
        open_event_store(settings().event_store_url).close()
        (tmp_path / "elsewhere").mkdir()
        shutil.copy(small.home / "events.db", tmp_path / "elsewhere")
        shutil.rmtree(small.home)
        monkeypatch.setenv("MERGEWRIGHT_HOME", str(tmp_path / "elsewhere"))
        settings.cache_clear()
        delivery = standard_dev(small.request())
    assert delivery.repair_rounds == 1
    assert len(server.requests) == greeting_answers.CALLS + len(REPAIR) + 2, "reviewed again"
    assert delivery.base_commit == git(small.repository, "rev-parse", "main").strip()
    text = git(small.repository, "show", f"{delivery.branch}:shout.py")
    assert '"Hello", "HELLO"' in text


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
