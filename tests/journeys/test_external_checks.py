"""A pull request at GitHub: a check of others fails, is repaired and goes green; then people comment."""

import json
import os
import subprocess

import pytest
from prefect_github import GitHubCredentials
from pydantic import SecretStr

from blocks.github import GitHubCodeHost
from blocks.profile import DeliveryProfile
from flows.follow_up import follow_up
from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.domain.delivery import Outcome
from mergewright.domain.requests import FollowUpRequest, StandardDevRequest
from mergewright.domain.undo import UndoRequest
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.clients.git_samples import GitServer, serving
from tests.clients.github_server import TOKEN, GitHubServer
from tests.clients.loopback import Answer
from tests.clients.test_github_reviews import said, talk, thread
from tests.journeys import greeting_answers, greeting_follow_ups
from tests.journeys.places import MODEL, commit_all, git

pytestmark = [pytest.mark.engine, pytest.mark.journey]

LOG = b"2026-11-20T08:00:00.000Z E assert greet() say: fails_elsewhere\n"


class ForgeServer(GitHubServer):
    """A GitHub whose branches are those of a real repository, and whose first check fails."""

    def __init__(self, git_server: GitServer, bare) -> None:
        self.bare = bare
        self.git_server = git_server
        self.is_hopeless = False
        self.looked_at = []
        super().__init__()
        self.repository = f"{git_server.url}/team/shop"
        self.workflow_inputs = {"ci.yml": {"mergewright_marker"}}

    @property
    def branches(self):
        heads = git(self.bare, "for-each-ref", "--format=%(objectname) %(refname:lstrip=2)")
        pairs = (line.split(" ", 1) for line in heads.splitlines())
        return {name: commit for commit, name in pairs}

    @branches.setter
    def branches(self, _):
        """The repository decides."""

    def answer(self, request):
        if request.path == "/log":
            return Answer(200, LOG)
        for pull in self.pulls():
            pull["head"]["sha"] = self.branches.get(pull["head"]["ref"], pull["head"]["sha"])
        return super().answer(request)

    def add_run(self, title="CI", **about):
        """Runs are older than they would be: a repair takes longer than it does here."""
        return super().add_run(title, **about | {"at": "2026-01-01T00:00:00Z"})

    def _commits(self, request, rest):
        commit, kind = rest
        if kind == "check-runs":
            if commit not in self.looked_at:
                self.looked_at.append(commit)
            fails = self.is_hopeless or self.looked_at[0] == commit
            self.check_runs = []
            run = self.add_check_run("integration", "failure" if fails else "success")
            self.logs[run["id"]] = f"{self.url}/log"
        return super()._commits(request, rest)


@pytest.fixture
def forge(tmp_path):
    work, root = tmp_path / "work", tmp_path / "root"
    work.mkdir()
    git(work, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (work / name).write_text(text)
    commit_all(work, "Greet")
    bare = root / "team" / "shop"
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", str(work), str(bare)],
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    with serving(root) as git_server:
        git_server.token = TOKEN
        server = ForgeServer(git_server, bare)
        try:
            yield server
        finally:
            server.close()


@pytest.fixture
def messages(home, engine, forge, tmp_path, monkeypatch):
    with MessagesServer(greeting_follow_ups.reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        host = GitHubCodeHost(
            credentials=GitHubCredentials(token=SecretStr(TOKEN)),
            api_url=forge.url,
            web_url=forge.git_server.url,
        )
        profile = DeliveryProfile(
            code_host=host, dispatch_workflow="ci.yml", wait_for_checks_minutes=1
        )
        profile.save("team-github", overwrite=True)
        yield server


@pytest.fixture
def request_(forge, tmp_path):
    ticket = tmp_path / "GREET-1.md"
    ticket.write_text(greeting_answers.TICKET)
    return StandardDevRequest(
        ticket=str(ticket), repository=forge.repository, profile="team-github", model=MODEL
    )


def gate_of(delivery, name="External checks"):
    return next(gate for gate in delivery.gates if gate.name == name)


def test_a_failing_check_is_repaired_and_a_comment_answered(forge, messages, request_):
    first = standard_dev(request_)
    assert first.outcome is Outcome.DELIVERED
    assert gate_of(first).status == "passed"
    assert first.repair_rounds == 1
    assert forge.looked_at == [
        git(forge.bare, "rev-parse", f"{first.commit}^").strip(),
        first.commit,
    ]
    assert forge.branches[first.branch] == first.commit
    openings = [json.dumps(body["messages"][0]) for body in messages.requests]
    told = next(opening for opening in openings if "say: fails_elsewhere" in opening)
    assert "integration" in told
    assert "what is wrong" in told
    (pull,) = forge.pulls()
    assert "There is a test for Bo." in pull["body"]
    assert "External checks" in pull["body"]
    assert {run["display_title"] for run in forge.runs} == {
        f"Deploy {first.run_id}-{commit[:12]}" for commit in forge.looked_at
    }
    see_people_answered(forge, messages, first)


def see_people_answered(forge, messages, first):
    """Members are heard, and strangers are not."""
    stranger = said(2, "say: wants_ada", "eve", authorAssociation="NONE")
    forge.talk = [talk(thread(said(1, "say: wants_grace")), thread(stranger))]
    second = follow_up(FollowUpRequest(run_id=first.run_id))
    assert forge.branches[first.branch] == second.commit != first.commit
    assert "wants_ada" not in json.dumps(messages.requests)
    (remark,) = (one for one in forge.comments if "There is a test for Grace" in one["body"])
    assert "Thank you" in remark["body"]
    count = len(messages.requests)
    follow_up(FollowUpRequest(run_id=first.run_id))
    assert len(messages.requests) == count
    undo(UndoRequest(run_id=second.run_id))
    assert forge.branches[first.branch] == first.commit
    assert remark not in forge.comments
    undo(UndoRequest(run_id=first.run_id))
    assert first.branch not in forge.branches
    assert forge.pulls()[0]["state"] == "closed"


def test_what_stays_red_is_a_warning_and_the_pull_request_stays_open(forge, messages, request_):
    forge.is_hopeless = True
    delivery = standard_dev(request_.model_copy(update={"max_repair_rounds": 1}))
    assert delivery.outcome is Outcome.DELIVERED
    gate = gate_of(delivery)
    assert (gate.status, gate.summary) == ("warned", "1 of 1 failed")
    assert len(forge.looked_at) == 2
    (pull,) = forge.pulls()
    assert pull["state"] == "open"
    assert "1 of 1 failed" in pull["body"]


POLICY = """pull_requests:
  draft: true
  ready_when_green: true
reviewers: [ada]
"""


def test_a_draft_is_made_ready_once_its_checks_are_green(forge, messages, request_, tmp_path):
    (tmp_path / "work" / ".mergewright.yml").write_text(POLICY)
    commit_all(tmp_path / "work", "Open drafts")
    git(tmp_path / "work", "push", "--quiet", str(forge.bare), "main")
    forge.is_hopeless = True
    red = standard_dev(request_.model_copy(update={"max_repair_rounds": 0}))
    (pull,) = forge.pulls()
    assert (pull["draft"], red.pull_request.draft, red.pull_request.reviewers) == (True, True, ())
    undo(UndoRequest(run_id=red.run_id))
    forge.items.clear()

    forge.is_hopeless = False
    forge.looked_at = ["already"]
    green = standard_dev(request_.model_copy(update={"fresh": True}))
    (pull,) = forge.pulls()
    assert (pull["draft"], green.pull_request.draft) == (False, False)
    assert green.pull_request.reviewers == ("ada",)
    assert undo(UndoRequest(run_id=green.run_id)).complete
    assert (pull["state"], pull["draft"], pull["requested_reviewers"]) == ("closed", True, [])
