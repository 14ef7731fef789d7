"""Taking back what a pull request was given, where it is not as the run left it."""

import pytest

from mergewright.clients.local_forge import LocalForge
from mergewright.domain.gates import Gate, GateStatus
from tests.tasks.test_compensations import BRANCH, git, open_one, repository, undo

__all__ = ["repository", "undo"]

GATE = Gate(name="Tests", status=GateStatus.PASSED, summary="3 green")


@pytest.fixture
def opened(home, repository):
    """Return a forge with a pull request that was given something, and what its run knows of it."""
    commit = git(repository, "rev-parse", "main")
    opened = open_one(home, repository, commit)
    forge = LocalForge()
    forge.label(str(repository), opened.number, ["bug", "python"])
    forge.request_reviews(str(repository), opened.number, ["ada", "zoe"], ["core"])
    forge.assign(str(repository), opened.number, ["ada"], "2.0")
    forge.report_gates(str(repository), commit, [GATE])
    of = {"number": opened.number, "head": BRANCH, "head_commit": commit}
    traces = {
        "labels": ({"labels": ["Bug"]}, {**of, "labels": ["bug", "python"]}),
        "reviewers": (
            {"reviewers": ["zoe"], "team_reviewers": []},
            {**of, "reviewers": ["ada", "zoe"], "team_reviewers": ["core"]},
        ),
        "assignment": (
            {"assignees": [], "milestone": "2.0"},
            {**of, "assignees": ["ada"], "milestone": "3.0"},
        ),
        "gates": ({}, {**of, "gates": [GATE.model_dump()]}),
    }
    return forge, traces


def take_back(undo, traces, effect, **fields):
    before, wanted = traces[effect]
    return undo(effect, "#1", before=before, wanted=wanted, **fields)


def test_what_was_there_before_stays(undo, opened, repository):
    forge, traces = opened
    for effect in traces:
        assert take_back(undo, traces, effect, rehearse=True).outcome == "undone"
    untouched = forge.pull_request(str(repository), 1)
    assert untouched.labels == ("bug", "python")
    for effect in traces:
        assert take_back(undo, traces, effect).outcome == "undone"
        assert take_back(undo, traces, effect, done=False).outcome in {"already", "kept"}
    left = forge.pull_request(str(repository), 1)
    assert (left.labels, left.reviewers, left.team_reviewers) == (("bug",), ("zoe",), ())
    assert (left.assignees, left.milestone) == ((), "2.0")


def test_what_was_there_all_before_is_nothing_to_take_back(undo, opened):
    _, traces = opened
    traces["labels"] = ({"labels": ["bug", "python"]}, traces["labels"][1])
    assert take_back(undo, traces, "labels").reason == "It was there before the run."


def test_all_of_it_stays_on_a_merged_pull_request(undo, opened, repository):
    forge, traces = opened
    path = next(forge.pulls_folder(str(repository)).glob("0001-*.md"))
    path.write_text(path.read_text().replace("state: open", "state: merged"))
    before = path.read_text()
    for effect in traces:
        assert take_back(undo, traces, effect)[:2] == ("kept", "It was merged.")
    assert path.read_text() == before


def test_all_of_it_stays_where_others_have_pushed(undo, opened, repository):
    _, traces = opened
    git(repository, "switch", "--quiet", BRANCH)
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "By a colleague")
    for effect in traces:
        came = take_back(undo, traces, effect)
        assert came.outcome == "kept"
        assert "commits of others" in came.reason


def test_a_pull_request_that_is_gone_has_nothing_any_more(undo, opened, repository):
    forge, traces = opened
    for path in forge.pulls_folder(str(repository)).glob("*.md"):
        path.unlink()
    for effect in traces:
        assert take_back(undo, traces, effect).outcome == "already"
