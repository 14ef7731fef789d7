import json

import pytest

from mergewright.cli.approvals import open_request, read_answer
from mergewright.domain.events import ApprovalDecided, RunStarted, StageStarted
from mergewright.events.sqlite import SqliteEventStore
from tests.cli import example_log

RUN = "tally-7-dddddd"


@pytest.mark.parametrize(
    ("text", "approved", "comment"),
    [
        ("y\n", True, ""),
        ("YES\n", True, ""),
        ("yes, but mind the tests\n", True, "but mind the tests"),
        ("\n", False, ""),
        ("n too risky\n", False, "too risky"),
        ("do not touch split.py\n", False, "do not touch split.py"),
        ("yesterday was better\n", False, "yesterday was better"),
    ],
)
def test_only_a_yes_approves(text, approved, comment):
    assert read_answer(text) == (approved, comment)


def test_a_question_is_open_until_it_is_decided():
    events = example_log.asking(subject="text")
    request = open_request(events)
    assert request is not None
    assert open_request(events, "change") is None
    decided = ApprovalDecided(
        run_id=RUN,
        at=request.at,
        point="plan",
        digest=request.digest,
        approved=True,
        by="ann",
        door="command",
    )
    other_text = decided.model_copy(update={"digest": "0" * 64})
    assert open_request([*events, other_text]) == request
    assert open_request([*events, decided]) is None


def test_a_resumed_run_asks_when_it_is_back_in_the_stage():
    events = example_log.asking(subject="text")
    started = next(event for event in events if isinstance(event, RunStarted))
    again = [*events, started]
    assert open_request(again) is None
    back = StageStarted(run_id=RUN, stage="approve-plan", at=started.at, title="Ask")
    assert open_request([*again, back]) is not None


def decisions(home):
    store = SqliteEventStore(home / "events.db")
    try:
        return [stored.event for stored in store.read(types=("approval_decided",))]
    finally:
        store.close()


def test_approving_writes_the_decision(home, mergewright):
    events = example_log.asking(subject="text")
    example_log.write(home, events)
    done = mergewright("approve", "tally", "--comment", "good")
    assert (done.returncode, done.stdout) == (0, f"The plan of {RUN} is approved.\n")
    (decision,) = decisions(home)
    assert (decision.approved, decision.door, decision.comment) == (True, "command", "good")
    assert decision.digest == events[-1].digest
    assert decision.key == events[-1].key
    assert decision.by

    again = mergewright("reject", RUN, "--json")
    assert again.returncode == 8
    assert "does not ask for an approval" in json.loads(again.stdout)["error"]["message"]
    assert len(decisions(home)) == 1


def test_rejecting_names_the_stage(home, mergewright):
    example_log.write(home, example_log.asking(subject="text"))
    other = mergewright("reject", "last", "--stage", "change")
    assert other.returncode == 8
    assert "It asks for the plan: --stage plan" in other.stderr
    done = mergewright("reject", "last", "--stage", "plan", "--comment", "no", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["approved"] is False
    assert decisions(home)[0].comment == "no"


def test_a_finished_run_takes_no_decision(home, mergewright):
    example_log.write(home, example_log.delivered())
    done = mergewright("approve", "last")
    assert done.returncode == 8
    assert "is finished (delivered)" in done.stderr
    assert decisions(home) == []
