"""Documents that are not true any more are corrected by a flow that may write nothing else."""

import json

import pytest

from flows.documentation import documentation
from flows.replay import replay
from mergewright.cli.main import main
from mergewright.clients.local_forge import LocalForge
from mergewright.domain.delivery import Outcome
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.replay import ReplayRequest
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ChecksFailed, SettingInvalid
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer, Reply
from tests.journeys import documentation_answers as answers
from tests.journeys.places import MODEL, Shop, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

PAGES = "documentation: {pages: [docs/**]}\n"


@pytest.fixture
def place(home, tmp_path, engine):
    repository = answers.make_repository(tmp_path / "tally", policy=PAGES)
    return Shop(home=home, repository=repository, ticket=tmp_path / "none", api=engine)


@pytest.fixture
def play(monkeypatch):
    """Return what starts a Messages API server for a script."""
    servers: list[MessagesServer] = []

    def start(script) -> MessagesServer:
        server = MessagesServer(script).__enter__()
        servers.append(server)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        return server

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def asked(shop, **changes):
    return DocumentationRequest(repository=str(shop.repository), model=MODEL, **changes)


def opened(shop, delivery):
    return LocalForge().pull_requests(str(shop.repository), delivery.ticket.key)


def test_with_nothing_to_do_no_model_is_asked_and_no_key_is_needed(place):
    done = documentation(asked(place))
    assert done.outcome is Outcome.NOTHING_TO_DO
    assert (done.costs.calls, done.model, done.ticket) == (0, "", None)
    (gate,) = done.gates
    assert gate.summary == f"No findings in 2 documents; 0 commits since {done.base_commit[:12]}"
    assert place.branches() == ["main"]
    again = documentation(asked(place))
    assert (again.outcome, again.run_id == done.run_id) == (Outcome.NOTHING_TO_DO, False)
    assert again.documentation.documented_commit == done.base_commit


def test_what_is_not_true_is_corrected_and_offered_once(place, play):
    answers.rename(place.repository)
    server = play(answers.playing(Reply(tools=answers.MENDS), answers.CHECKED, answers.DONE))
    done = documentation(asked(place))
    assert done.outcome is Outcome.DELIVERED
    assert len(server.requests) == 3
    assert "found nothing wrong" in answers.results_of(server.requests[2])
    told = {(one.fault.value, one.path) for one in done.documentation.findings}
    assert told == {("stale name", "README.md"), ("broken code block", "docs/guide.md")}
    gates = {gate.name: gate.status.value for gate in done.gates}
    for name in ("Documents only", "Links", "Names", "Code blocks", "Bounds", "Change policy"):
        assert gates[name] == "passed", name
    (pull_request,) = opened(place, done)
    assert pull_request.url == done.pull_request.url
    changed = git(place.repository, "diff", "--name-only", f"main...{pull_request.head}").split()
    assert changed == ["README.md", "docs/guide.md"]
    assert "share_bill" in git(place.repository, "show", f"{pull_request.head}:docs/guide.md")
    (page,) = (place.home / "pages" / "documentation").glob("*.md")
    assert "print(share_bill(12, 3))" in page.read_text()
    assert not list((place.home / "tickets").glob("*"))
    later = documentation(asked(place))
    assert later.outcome is Outcome.NOTHING_TO_DO
    assert pull_request.url in later.gates[0].summary
    assert len(server.requests) == 3
    assert len(opened(place, done)) == 1


def test_a_model_that_edits_code_is_refused(place, play):
    answers.rename(place.repository)
    first = Reply(tools=(answers.CODE_EDIT, *answers.MENDS))
    server = play(answers.playing(first, answers.DONE))
    done = documentation(asked(place))
    assert "tally.py' is not among what a documentation may change" in json.dumps(
        server.requests[1]
    )
    assert done.outcome is Outcome.DELIVERED
    assert {file.path for file in done.changeset.files} == {"README.md", "docs/guide.md"}


def test_what_still_does_not_run_goes_back_and_is_not_published(place, play):
    answers.rename(place.repository)
    server = play(answers.playing(Reply(tools=answers.HALF), answers.DONE))
    with pytest.raises(ChecksFailed, match="changed nothing: Code blocks"):
        documentation(asked(place))
    assert "cannot import name" in str(server.requests[2]["messages"][0])
    assert [name for name in place.branches() if not name.startswith("wip/")] == ["main"]


def test_a_repaired_change_is_delivered(place, play):
    answers.rename(place.repository)

    def script(body, number):
        turns = (Reply(tools=answers.HALF), answers.DONE)
        if "Mind what is said here" in str(body["messages"][0]):
            turns = (Reply(tools=answers.MENDS[1:]), answers.DONE)
        return answers.playing(*turns)(body, number)

    play(script)
    done = documentation(asked(place))
    assert (done.outcome, done.repair_rounds) == (Outcome.DELIVERED, 1)


def test_code_is_explained_where_it_is_and_stays_as_it_is(place, play):
    answers.add_unexplained(place.repository)

    def script(body, number):
        turns = (Reply(tools=(answers.EXPLAINS_AND_CHANGES,)), answers.DONE)
        if "Mind what is said here" in str(body["messages"][0]):
            turns = (Reply(tools=(answers.RESTORES,)), answers.DONE)
        return answers.playing(*turns)(body, number)

    server = play(script)
    done = documentation(asked(place, docstrings=True))
    assert "and only what explains it may be" in str(server.requests[2]["messages"][0])
    assert (done.outcome, done.repair_rounds) == (Outcome.DELIVERED, 1)
    assert done.ticket.key.startswith("DOCSTRINGS-")
    text = git(place.repository, "show", f"{done.branch}:tally.py")
    assert text == answers.CODE + answers.UNEXPLAINED.replace(
        "    return", f"{answers.EXPLAINED}    return"
    )
    gates = {gate.name: gate.status.value for gate in done.gates}
    assert gates["Explanations only"] == gates["Names"] == gates["Change policy"] == "passed"


def test_a_person_sees_what_is_found_before_anything_is_written(place, play):
    answers.rename(place.repository)
    server = play(answers.playing(Reply(tools=answers.MENDS), answers.DONE))
    request = asked(place, approve=(ApprovalPoint.PLAN,))
    waiting = documentation(request)
    assert (waiting.outcome, len(server.requests)) == (Outcome.WAITING, 0)
    (question,) = place.events("approval_requested")
    assert "stale name" in question.subject
    assert "README.md:3" in question.subject
    assert main(["approve", waiting.run_id, "--stage", "plan", "--comment", "Mind the tone."]) == 0
    done = documentation(request)
    assert (done.outcome, done.run_id) == (Outcome.DELIVERED, waiting.run_id)
    assert "Mind the tone." in str(server.requests[0]["messages"][0])

    place.repository.rename(place.repository.with_name("moved-away"))
    again = replay(ReplayRequest(run_id=done.run_id))
    assert (again.same, again.digest) == (True, done.changeset.digest)
    # what the person said is played as well: it is in the request
    assert (again.answers, again.drifted, again.asked) == (2, 0, 0)
    assert len(server.requests) == 2


def test_a_rehearsal_publishes_nothing(place, play):
    answers.rename(place.repository)
    play(answers.playing(Reply(tools=answers.MENDS), answers.DONE))
    done = documentation(asked(place, dry_run=True))
    assert done.outcome is Outcome.REHEARSED
    assert place.branches() == ["main"]


def test_a_wrong_policy_file_is_told_before_a_model_is_asked(place, play):
    server = play(answers.playing(answers.DONE))
    (place.repository / ".mergewright.yml").write_text("documentation: {pathz: [docs]}\n")
    git(place.repository, "commit", "--quiet", "--all", "--message", "Policy")
    with pytest.raises(SettingInvalid, match=r"documentation\.pathz"):
        documentation(asked(place))
    assert not server.requests
