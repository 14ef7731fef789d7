"""What a code host does not take of a pull request is noted, and the rest is done; over real HTTP."""

from decimal import Decimal

import pytest

from flows._gates import external_gate
from mergewright.budget.limits import Caps
from mergewright.domain.gates import EXTERNAL_CHECKS, Gate, GateStatus
from mergewright.domain.pull_request import ExternalChecks
from mergewright.domain.triage import Suggestion, Triage
from mergewright.errors import ServiceUnavailable
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.undo_list import undo_plan
from tasks._traces import LabelsWanted, OfPullRequest
from tasks._triage_effects import mark_ready
from tasks.triage import _asked, _assigned, _labelled, why_it_stays_a_draft
from tests.clients.github_server import fault

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


GREEN = (
    Gate(name="Tests", status=GateStatus.PASSED, summary="3 green"),
    Gate(name="Proof", status=GateStatus.WARNED, summary="none"),
    Gate(name=EXTERNAL_CHECKS, status=GateStatus.PASSED, summary="None of 2 failed"),
)


@pytest.mark.parametrize(
    ("gates", "reason"),
    [
        (GREEN, ""),
        (GREEN[:2], "nobody waited for the checks of others (wait_for_checks_minutes)"),
        (
            (
                GREEN[2].model_copy(
                    update={"status": GateStatus.WARNED, "summary": "1 of 2 failed"}
                ),
            ),
            "External checks: 1 of 2 failed",
        ),
        ((GREEN[0].model_copy(update={"status": GateStatus.FAILED}), GREEN[2]), "Tests failed"),
    ],
)
def test_only_what_is_green_everywhere_is_made_ready_by_itself(gates, reason):
    assert why_it_stays_a_draft(gates) == reason


def test_the_gate_about_checks_of_others_has_the_name_that_is_looked_for():
    assert external_gate(ExternalChecks(commit="c" * 40), 5).name == EXTERNAL_CHECKS


def test_a_draft_is_made_ready_once_and_a_draft_again(run, journal, host, server):
    server.items[1]["draft"] = True
    wanted = OfPullRequest(**OF)
    assert not mark_ready(run, journal, host, wanted).draft
    assert not server.items[1]["draft"]
    sent = len(server.requests)
    assert not mark_ready(run, journal, host, wanted).draft
    assert len(server.requests) == sent
    (step,) = undo_plan(entry.event for entry in journal.store.read(run_id=run.id))
    assert (step.effect, step.before) == ("ready", {"draft": True})
    assert host.mark_draft(run.repository, 1).outcome == "undone"


def test_a_code_host_that_does_not_answer_is_tried_again_by_its_stage(run, journal, host, server):
    server.faults = [fault(503)] * 9
    with pytest.raises(ServiceUnavailable):
        _labelled(run, journal, host, LabelsWanted(**OF, labels=("bug",)))
    assert notes(journal) == []
