"""What a code host does not take of a pull request is noted, and the rest is done; over real HTTP."""

from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps
from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.delivery import Run
from mergewright.domain.triage import Suggestion, Triage
from mergewright.errors import ServiceUnavailable
from mergewright.events.journal import Journal, utc_now
from mergewright.events.ledger import Ledger
from mergewright.events.sqlite import SqliteEventStore
from tasks._traces import LabelsWanted
from tasks.triage import _asked, _assigned, _labelled
from tests.clients.github_server import TOKEN, GitHubServer, fault

OF = {"number": 1, "head": "fix/gh-7", "head_commit": "c" * 40}
DECIDED = Triage(
    reviewers=(
        Suggestion(name="ada", reason="they own it"),
        Suggestion(name="nobody", reason="they own it"),
        Suggestion(name="core", reason="it owns it", team=True),
    ),
    assignees=("ada", "nobody"),
    milestone="none such",
)


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1)
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


@pytest.fixture
def run(server):
    return Run(
        id="gh-7-abcdef",
        workflow="standard_dev",
        profile="local",
        ticket="GH-7",
        repository=server.repository,
        base="main",
        model=None,
        budget_usd=Decimal(0),
        started_at=utc_now(),
    )


@pytest.fixture
def journal(tmp_path, run):
    store = SqliteEventStore(tmp_path / "events.db")
    yield Journal(store, run.id, "triage", ledger=Ledger(store, run.id, Caps(run_usd=Decimal(1))))
    store.close()


def notes(journal):
    return [entry.event.text for entry in journal.store.read(types=("noted",))]


def test_who_is_not_taken_is_noted_once_and_the_others_are_asked(run, journal, host, server):
    asked = _asked(run, journal, host, OF, DECIDED)
    whose = _assigned(run, journal, host, OF, DECIDED)
    assert (asked.reviewers, asked.team_reviewers) == (("ada",), ("core",))
    assert whose.assignees == ("ada",)
    told = notes(journal)
    assert [note.split(":")[0] for note in told] == [
        "'nobody' was not asked for a review",
        "'nobody' was not taken",
        "'none such' was not taken",
    ]
    sent = len(server.requests)
    assert _asked(run, journal, host, OF, DECIDED) == asked
    assert _assigned(run, journal, host, OF, DECIDED) == whose
    assert len(server.requests) == sent
    assert notes(journal) == told


def test_a_missing_permission_is_noted_with_what_would_help(run, journal, host, server):
    wanted = LabelsWanted(**OF, labels=("bug",))
    needed = {"X_Accepted_GitHub_Permissions": "issues=write"}
    server.faults = [None, None, fault(403, "Resource not accessible", **needed)]
    assert _labelled(run, journal, host, wanted) == ()
    (note,) = notes(journal)
    assert note.startswith("The pull request has not all of its labels: ")
    assert "'issues=write'" in note
    assert _labelled(run, journal, host, wanted) == ("bug",)
    assert server.labels_of(1) == ["bug"]


def test_a_code_host_that_does_not_answer_is_tried_again_by_its_stage(run, journal, host, server):
    server.faults = [fault(503)] * 9
    with pytest.raises(ServiceUnavailable):
        _labelled(run, journal, host, LabelsWanted(**OF, labels=("bug",)))
    assert notes(journal) == []
